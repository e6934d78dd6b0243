"""Grouping pixels: by colour, texture and place, without any truth to learn from."""

import torch

from seglab.draw import clouds, paint, palettes
from seglab.images import mosaics
from seglab.lab import Choice, Lab, Photo
from seglab.lessons import views
from seglab.ops import cluster, metrics

KMEANS, SHIFT, SLIC = "k-means", "mean shift", "SLIC"
FELZENSZWALB, WATERSHED, CUT = "Felzenszwalb", "watershed", "graph cut"
OWN_COLOURS = 12  # segments, up to which each has a colour to itself
OUTLINE = (1.0, 1.0, 0.0)

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


def once(work):
    """Labels that are worked out when they are first asked for, and then kept.

    A method that is not on the screen costs nothing, and one that comes back costs nothing again.
    """
    kept: list[torch.Tensor] = []

    def labels(progress):
        if not kept:
            kept.append(work(progress))
        return kept[0]

    return labels


def measured(image):
    return cluster.measure(image)


def look(measured, colour, texture):
    """What pixels look like, wherever they are."""
    return measured.weighted(colour, texture)


def look_and_place(measured, colour, texture, place):
    return measured.weighted(colour, texture, place)


def by_kmeans(look_and_place, k):
    return once(lambda progress: cluster.kmeans(look_and_place, k))


def by_mean_shift(look_and_place, bandwidth):
    return once(
        lambda progress: cluster.mean_shift(look_and_place, bandwidth, every=6, progress=progress)
    )


def by_slic(look, segments, compactness):
    return once(lambda progress: cluster.slic(look, segments, compactness))


def by_felzenszwalb(look, scale):
    return once(lambda progress: cluster.felzenszwalb(look, scale))


def by_watershed(look, segments):
    return once(lambda progress: cluster.gradient_watershed(look, segments))


def by_graph_cut(look_and_place, by_slic, k, bandwidth):
    return once(
        lambda progress: cluster.graph_cut(
            look_and_place, by_slic(progress), k, bandwidth, progress
        )
    )


def methods(by_kmeans, by_mean_shift, by_slic, by_felzenszwalb, by_watershed, by_graph_cut):
    ways = by_kmeans, by_mean_shift, by_slic, by_felzenszwalb, by_watershed, by_graph_cut
    return dict(zip(SET_BY, ways, strict=True))


def segments_of(first, methods, progress):
    return methods[first](progress)


def other_segments(second, methods, progress):
    return methods[second](progress)


def mean_colours(segments_of, image):
    """The picture with every segment in its mean colour."""
    return cluster.flattened(image, segments_of)


def other_mean_colours(other_segments, image):
    return cluster.flattened(image, other_segments)


def graph(segments_of):
    """The connected pieces of the segments, and which of them touch."""
    return cluster.region_graph(cluster.pieces(segments_of))


def other_graph(other_segments):
    return cluster.region_graph(cluster.pieces(other_segments))


def pixel_graph(image):
    """The graph that has every pixel for a node."""
    height, width = views.frame(image)
    return cluster.region_graph(torch.arange(height * width).view(1, height, width))


def _outlined(image, labels):
    edge = cluster.boundaries(labels)[:, None]
    return paint.rgb(torch.where(edge, image.new_tensor(OUTLINE).view(1, 3, 1, 1), image))


def _painted(labels):
    """Few segments have colours of their own; of many, only neighbours differ."""
    count = int(labels.max()) + 1
    if count <= OWN_COLOURS:
        return paint.labels(labels, [f"segment {label}" for label in range(count)])
    codes = cluster.colouring(cluster.region_graph(labels))
    table = torch.from_numpy(palettes.labels(int(codes.max()) + 1).copy()).to(labels.device)
    return paint.rgb(table[codes][labels[0]].permute(2, 0, 1) / 255)


def _curtain(left, right, first, second):
    return left if first == second else paint.curtain(left, right, (first, second))


def _pieces(labels, graph):
    count, pieces = int(labels.max()) + 1, len(graph.sizes)
    return f"{count}" if count == pieces else f"{count} in {pieces:,} pieces"


def _explained(measured, labels):
    """The share of the colours' variance that is between the segments, not inside them."""
    share = cluster.explained_variance(measured.colour, labels)
    return "no variance" if share != share else f"{share:.1%}"


def _best(photo, labels):
    """How many pixels would be right if every segment took the class that it has most of."""
    if photo != "mosaic":
        return "no truth is known"
    truth = mosaics.make().labels.to(labels.device)
    return f"{metrics.achievable_accuracy(labels, truth, len(mosaics.CLASSES)):.1%}"


def _size(graph):
    return f"{len(graph.sizes):,} nodes, {graph.edges.shape[1]:,} edges"


def _unused(first, second):
    """The controls that have no part in what is shown."""
    used = SET_BY[first] | SET_BY[second]
    idle = [name for name in LAB.controls if name in set.union(*SET_BY.values()) - used]
    return ", ".join(idle) or "none"


def cloud(image, measured, segments_of, first):
    """Every pixel's colour, or with many segments their mean colours alone."""
    axes = ("a* (green to red)", "b* (blue to yellow)", "L* (black to white)")
    turned = measured.colour[:, [1, 2, 0]]
    count = int(segments_of.max()) + 1
    if count <= OWN_COLOURS:
        points = turned[..., ::4, ::4].flatten(2)[0].T
        own = segments_of[:, ::4, ::4].flatten()
        groups = {
            f"segment {label}": (points[own == label], palettes.colour(label))
            for label in range(count)
        }
        return clouds.cloud(groups, title=f"{first}: every 16th pixel by its colour", axes=axes)
    colours = [
        "#{:02x}{:02x}{:02x}".format(*rgb)
        for rgb in (cluster.means(image, segments_of).clamp(0, 1) * 255).round().int().tolist()
    ]
    sizes = segments_of.flatten().bincount().sqrt().clamp(2, 40).tolist()
    return clouds.cloud(
        {"mean colour of a segment": (cluster.means(turned, segments_of), colours)},
        title=f"{first}: {count:,} segments by their mean colours",
        axes=axes,
        sizes=sizes,
    )


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
    stages=(
        views.image,
        measured,
        look,
        look_and_place,
        by_kmeans,
        by_mean_shift,
        by_slic,
        by_felzenszwalb,
        by_watershed,
        by_graph_cut,
        methods,
        segments_of,
        other_segments,
        mean_colours,
        other_mean_colours,
        graph,
        other_graph,
        pixel_graph,
    ),
    panes={
        "picture with outlines": lambda image, segments_of: _outlined(image, segments_of),
        "segments: method | compare with": lambda segments_of, other_segments, first, second: (
            _curtain(_painted(segments_of), _painted(other_segments), first, second)
        ),
        "mean colours: method | compare with": (
            lambda mean_colours, other_mean_colours, first, second: _curtain(
                paint.rgb(mean_colours), paint.rgb(other_mean_colours), first, second
            )
        ),
        "texture: how strongly brightness varies": lambda measured: paint.scalar(
            measured.texture.square().sum(1).sqrt(), low=0, palette="magma"
        ),
    },
    numbers={
        "segments": lambda segments_of, graph: _pieces(segments_of, graph),
        "compared with": lambda other_segments, other_graph: _pieces(other_segments, other_graph),
        "variance of colour between segments": lambda measured, segments_of, other_segments: (
            f"{_explained(measured, segments_of)} | {_explained(measured, other_segments)}"
        ),
        "if each segment took its best class": lambda photo, segments_of, other_segments: (
            " | ".join(dict.fromkeys(_best(photo, s) for s in (segments_of, other_segments)))
        ),
        "graph of the pixels": lambda pixel_graph: _size(pixel_graph),
        "graph of the pieces": lambda graph, other_graph: f"{_size(graph)} | {_size(other_graph)}",
        "without effect here": _unused,
    },
    charts={"Show the colours in three dimensions": cloud},
)
