"""Grouping pixels: by colour, texture and place, without any truth to learn from."""

from functools import cache, partial

import torch

from seglab.draw import clouds, paint
from seglab.images import mosaics, photos
from seglab.lab import Choice, Lab, Photo, idle, of
from seglab.lessons.tours.grouping_pixels import TOUR
from seglab.ops import cluster, metrics

KMEANS, SHIFT, SLIC = "k-means", "mean shift", "SLIC"
FELZENSZWALB, WATERSHED, CUT = "Felzenszwalb", "watershed", "graph cut"
# What each method is set by; colour and texture count for all of them.
SET_BY = {
    KMEANS: {"k", "place"},
    SHIFT: {"bandwidth", "place"},
    SLIC: {"segments", "compactness"},
    FELZENSZWALB: {"scale"},
    WATERSHED: {"segments"},
    CUT: {"k", "segments", "compactness", "bandwidth", "place"},
}
WEIGHTS = (0, 0.25, 0.5, 1, 2, 4)

image = of(photos.load, "photo")
measured = of(cluster.measure, "image")


look = of(cluster.Features.weighted, "measured", "colour", "texture")
look_and_place = of(cluster.Features.weighted, "measured", "colour", "texture", "place")


def later(*inputs, method, **settings):
    """A method's labels as a function: a method that is not on the screen costs nothing."""
    return cache(partial(method, *inputs, **settings))


by_kmeans = of(later, "look_and_place", "k", method=cluster.kmeans)
by_slic = of(later, "look", "segments", "compactness", method=cluster.slic)
by_felzenszwalb = of(later, "look", "scale", method=cluster.felzenszwalb)
by_watershed = of(later, "look", "segments", method=cluster.gradient_watershed)


def by_mean_shift(look_and_place, bandwidth, progress):
    return later(look_and_place, bandwidth, method=cluster.mean_shift, every=6, progress=progress)


def by_graph_cut(look_and_place, by_slic, k, bandwidth, progress):
    return cache(lambda: cluster.graph_cut(look_and_place, by_slic(), k, bandwidth, progress))


def labels(first, by_kmeans, by_mean_shift, by_slic, by_felzenszwalb, by_watershed, by_graph_cut):
    ways = by_kmeans, by_mean_shift, by_slic, by_felzenszwalb, by_watershed, by_graph_cut
    return dict(zip(SET_BY, ways, strict=True))[first]()


painted = of(paint.segments, "labels")


def averaged(image, labels):
    """The picture with every segment in its mean colour."""
    return paint.rgb(cluster.flattened(image, labels))


def graph(labels):
    """The connected pieces of the segments, and which of them touch."""
    return cluster.region_graph(cluster.pieces(labels))


def pixel_graph(image):
    """The graph that has every pixel for a node."""
    height, width = image.shape[-2:]
    return cluster.region_graph(torch.arange(height * width).view(1, height, width))


def counted(labels, graph):
    count, pieces = int(labels.max()) + 1, len(graph.sizes)
    return f"{count}" if count == pieces else f"{count} in {pieces:,} pieces"


def explained(measured, labels):
    """The share of the colours' variance that is between the segments, not inside them."""
    share = cluster.explained_variance(measured.colour, labels)
    return "no variance" if share != share else f"{share:.1%}"


def best(photo, labels):
    if photo != "mosaic":
        return "no truth is known"
    truth = mosaics.make().labels.to(labels.device)
    return f"{metrics.achievable_accuracy(labels, truth, len(mosaics.CLASSES)):.1%}"


def size(graph):
    return f"{len(graph.sizes):,} nodes, {graph.edges.shape[1]:,} edges"


def uses(control):
    """True if one of the two methods is set by a control."""
    return lambda first, second: control in SET_BY[first] | SET_BY[second]


LAB = Lab(
    title="Grouping pixels",
    summary="Pixels that are alike in colour, texture or place become segments; nobody says what "
    "is an object.",
    controls={
        "photo": Photo("astronaut", "mosaic", "coffee", "chelsea", "rocket", "coins"),
        "first": Choice(*SET_BY, label="method"),
        "second": Choice(*SET_BY, default=SLIC, label="compare with"),
        "k": Choice(2, 3, 4, 5, 6, 8, 10, 12, default=6, label="groups k"),
        "segments": Choice(25, 50, 100, 200, 400, 800, default=200, label="superpixels"),
        "compactness": Choice(1, 3, 10, 30, 100, default=10),
        "scale": Choice(3, 10, 30, 100, 300, 1000, default=100),
        "bandwidth": Choice(7, 10, 14, 20, 28, 40, default=20),
        "colour": Choice(*WEIGHTS, default=1, label="weight of colour"),
        "texture": Choice(*WEIGHTS, default=0, label="weight of texture"),
        "place": Choice(*WEIGHTS, default=0, label="weight of place"),
    },
    matters={control: uses(control) for control in sorted(set.union(*SET_BY.values()))},
    compare={"other": ("first", "second")},
    stages=globals(),
    panes={
        "picture with outlines": of(paint.outlined, "image", "labels"),
        "segments: method | compare with": of(
            paint.compared, "painted", "other_painted", "first", "second"
        ),
        "mean colours: method | compare with": of(
            paint.compared, "averaged", "other_averaged", "first", "second"
        ),
        "texture: how strongly brightness varies": lambda measured: paint.scalar(
            measured.texture.square().sum(1).sqrt(), low=0, palette="magma"
        ),
    },
    numbers={
        "segments": "counted",
        "compared with": "other_counted",
        "variance of colour between segments": of("{} | {}", "explained", "other_explained"),
        "if each segment took its best class": lambda best, other_best: " | ".join(
            dict.fromkeys((best, other_best))
        ),
        "graph of the pixels": of(size, "pixel_graph"),
        "graph of the pieces": of("{} | {}", "size", "other_size"),
        "without effect here": idle,
    },
    charts={"Show the colours in three dimensions": of(clouds.colours, "image", "labels", "first")},
    tour=TOUR,
)
