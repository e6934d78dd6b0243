"""Grouping pixels: by colour, texture and place, without any truth to learn from."""

from functools import cache, partial

from seglab._text import plural
from seglab.draw import clouds, paint
from seglab.images import mosaics, photos
from seglab.lab import Choice, Lab, Photo, of
from seglab.lessons.pictures import centers
from seglab.lessons.tours.grouping_pixels import TOUR
from seglab.ops import cluster, metrics

KMEANS, SHIFT, SLIC = "k-means", "mean shift", "SLIC"
FELZENSZWALB, WATERSHED, CUT = "Felzenszwalb", "watershed", "normalised cut"
# What each method is set by; colour and texture count for all of them.
SET_BY = {
    KMEANS: {"k", "moves", "place"},
    SLIC: {"segments", "compactness"},
    CUT: {"k", "segments", "compactness", "bandwidth", "place"},
    SHIFT: {"bandwidth", "place"},
    FELZENSZWALB: {"scale"},
    WATERSHED: {"segments"},
}
WEIGHTS = (0, 0.25, 0.5, 1, 2, 4)
END = 100  # more steps than k-means ever takes here
MOVES = (0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, END)
UNKNOWN = "needs the mosaic"
STARTS = 5  # one alone often ends at a J that is 20% too high

image = of(photos.load, "photo")
measured = of(cluster.measure, "image")
look = of(cluster.Features.weighted, "measured", "colour", "texture")
look_and_place = of(cluster.Features.weighted, "measured", "colour", "texture", "place")


def later(*inputs, method, **settings):
    """A method's labels as a function: a method that is not on the screen costs nothing."""
    return cache(partial(method, *inputs, **settings))


path = of(later, "look_and_place", "k", method=cluster.kmeans_path, starts=STARTS)


def by_kmeans(look_and_place, k, path, moves):
    """The groups after so many steps; at the end, around centers that all pixels have moved."""

    def grouped():
        if moves < len(path().costs) - 1:
            return cluster.kmeans_after(look_and_place, path(), moves)
        return cluster.kmeans(look_and_place, k, path=path())

    return cache(grouped)


by_slic = of(later, "look", "segments", "compactness", method=cluster.slic)
by_felzenszwalb = of(later, "look", "scale", method=cluster.felzenszwalb)
by_watershed = of(later, "look", "segments", method=cluster.gradient_watershed)


def by_mean_shift(look_and_place, bandwidth, progress):
    return later(look_and_place, bandwidth, method=cluster.mean_shift, every=6, progress=progress)


def by_cut(look_and_place, by_slic, k, bandwidth, progress):
    return cache(lambda: cluster.cut_superpixels(look_and_place, by_slic(), k, bandwidth, progress))


def labels(first, by_kmeans, by_slic, by_cut, by_mean_shift, by_felzenszwalb, by_watershed):
    ways = by_kmeans, by_slic, by_cut, by_mean_shift, by_felzenszwalb, by_watershed
    return dict(zip(SET_BY, ways, strict=True))[first]()


def by_hand(image, measured, labels, other_labels, first, second, path, colour, moves):
    """The colours of the pixels; of k-means also its centers, and how its cost falls."""
    walked = centers.walk(path(), colour, moves, MOVES) if KMEANS in (first, second) else None
    shown = other_labels if second == KMEANS != first else labels
    return centers.cloud_and_cost(measured.colour, image, shown, walked)


painted = of(paint.segments, "labels")


def averaged(image, labels):
    """The picture with every segment in its mean colour."""
    return paint.rgb(cluster.flattened(image, labels))


def graph(labels, first):
    """The connected pieces of the segments, and which of them touch.

    Felzenszwalb's method joins pixels at their corners too; the others that join, do not.
    """
    return cluster.region_graph(cluster.pieces(labels, corners=first == FELZENSZWALB))


def counted(labels, graph):
    count, pieces = int(labels.max()) + 1, len(graph.sizes)
    return f"{count}" if count == pieces else f"{count} in {pieces:,} pieces"


def explained(measured, labels):
    """The share of the colours' variance that is between the segments, not inside them."""
    share = cluster.explained_variance(measured.colour, labels)
    return "no variance" if share != share else f"{share:.1%}"


def achievable(photo, labels):
    """The share of right pixels if each segment took the class that it has most of."""
    if photo != "mosaic":
        return UNKNOWN
    truth = mosaics.make().labels.to(labels.device)
    return f"{metrics.achievable_accuracy(labels, truth, len(mosaics.CLASSES)):.1%}"


def size(graph):
    nodes, edges = len(graph.sizes), graph.edges.shape[1]
    return f"{plural(nodes, 'node')}, {plural(edges, 'edge')}"


def beside(one, other, first, second):
    """The numbers of two methods; one alone where the two are one, or where there is none."""
    return one if first == second or one == other == UNKNOWN else f"{one} | {other}"


def uses(control):
    """True if one of the two methods is set by a control."""
    return lambda first, second: control in SET_BY[first] | SET_BY[second]


LAB = Lab(
    title="Grouping pixels",
    summary="Pixels alike in colour, texture or place become segments; nobody names an object.",
    controls={
        "photo": Photo("astronaut", "mosaic", "coffee", "chelsea", "rocket", "coins"),
        "first": Choice(*SET_BY, label="method"),
        "second": Choice(*SET_BY, default=SLIC, label="compare with"),
        "k": Choice(2, 3, 4, 5, 6, 8, 10, 12, default=6, label="groups k"),
        "moves": Choice(
            *MOVES,
            default=END,
            label="k-means steps",
            play=True,
            show=lambda moves: "end" if moves == END else str(moves),
        ),
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
        "segments": of(paint.compared, "painted", "other_painted", "first", "second"),
        "mean colours": of(paint.compared, "averaged", "other_averaged", "first", "second"),
        "colours and centers": "by_hand",
        "outlines of the method": of(paint.outlined, "image", "labels"),
    },
    numbers={
        "number of segments": of(beside, "counted", "other_counted", "first", "second"),
        "variance between them": of(beside, "explained", "other_explained", "first", "second"),
        "graph": of(beside, "size", "other_size", "first", "second"),
        "achievable accuracy (ASA)": of(
            beside, "achievable", "other_achievable", "first", "second"
        ),
    },
    charts={"Show the colours in three dimensions": of(clouds.colours, "image", "labels", "first")},
    tour=TOUR,
)
