"""Semantic, instance, panoptic: three answers to what a segment is, and what measures them."""

import torch

from seglab.draw import paint, plots
from seglab.images import coins, scenes
from seglab.lab import Choice, Lab, Pixel
from seglab.ops import instances, metrics, morphology

SIZE = (152, 192)  # the coins at half their size
SCENE, COINS = "drawn scene", "coins"
TABLE = ("table",)  # what the coins lie on
SEMANTIC, INSTANCE, PANOPTIC = "semantic", "instance", "panoptic"
NONE, SMALL, LARGE, MISNAMED = "none", "1 px too small", "1 px too large", "a class misnamed"
BLOBS, PER_CLASS, WATERSHED = "components", "components, per class", "watershed, per class"
TOUCHING = (0, 0.25, 0.5, 0.75, 1)
_WIDEST = 41  # pixels: wider than the largest coin, 33, at this size
_SCENES = 8  # in the chart


def scene(picture, seed, objects, overlap, touching):
    if picture == COINS:
        return coins.load(SIZE)
    return scenes.make(seed, SIZE, objects, overlap=overlap, touching=touching)


def stuff(picture):
    """The names of what has no number: the grounds."""
    return TABLE if picture == COINS else scenes.GROUNDS


def semantics(scene, picture, mistake):
    """What the grouping starts from: the class of every pixel, 0 = stuff."""
    labels = (
        morphology.bright_objects(scene.image, _WIDEST).long() if picture == COINS else scene.labels
    )
    if mistake == SMALL:
        return morphology.erode(labels, 1)
    if mistake == LARGE:
        return morphology.dilate(labels, 1)
    if mistake == MISNAMED and len(scene.classes) > 2:
        commonest = int(labels[labels > 0].bincount(minlength=2).argmax()) if labels.any() else 1
        return labels.where(labels != commonest, commonest % (len(scene.classes) - 1) + 1)
    return labels


def pieces(semantics, method, h, min_size):
    """Objects by first pixel, row by row."""
    if method == BLOBS:
        found = instances.components(semantics > 0)
    elif method == PER_CLASS:
        found = instances.components(semantics)
    else:
        found = instances.per_class(semantics, lambda mask: instances.distance_watershed(mask, h))
    return instances.remove_small(found, min_size)


def found(pieces, scene):
    """The same objects; one that matches a true object has its number, and so its colour."""
    return instances.number_like(pieces, scene.instances)


def tone(found, scene):
    return paint.instance_shades(scene.instances, found)


def with_stuff(objects, kinds, scene, stuff):
    """A label for every pixel: 0, 1, ... for stuff, then the things' classes."""
    return instances.spread(kinds + len(stuff) - 1, objects, scene.ground)


def truth(scene, stuff):
    """True labels of stuff and things."""
    return torch.where(scene.labels > 0, scene.labels + len(stuff) - 1, scene.ground)


def answer(semantics, scene, stuff):
    """The semantic answer, by the same numbers."""
    return torch.where(semantics > 0, semantics + len(stuff) - 1, scene.ground)


def mean_iou(answer, truth, scene, stuff):
    count = len(stuff) + len(scene.classes) - 1
    return float(metrics.mean_iou(metrics.confusion(answer, truth, count)))


def precision(pieces, semantics, scene):
    """Average precision at IoU 0.5, 0.55, ... 0.95; nothing here has a score, so all have 1."""
    overlaps = instances.overlaps(pieces, scene.instances)
    kinds = instances.majority_labels(pieces, semantics)
    return metrics.average_precision(
        [overlaps],
        [torch.ones(len(overlaps), device=overlaps.device)],
        [kinds],
        [instances.majority_labels(scene.instances, scene.labels)],
    )


def quality(pieces, semantics, scene, stuff, truth):
    kinds = instances.majority_labels(pieces, semantics)
    labels = with_stuff(pieces, kinds, scene, stuff)
    count = len(stuff) + len(scene.classes) - 1
    return metrics.panoptic_quality(labels, pieces, truth, scene.instances, count)


def draw(view, labels, objects, kinds, scene, stuff, tone):
    """A pane of what is true or found."""
    things = scene.classes[1:]
    if view == SEMANTIC:
        return paint.stuff_layer(labels, stuff, things)
    ground, names = (scene.ground, stuff) if view == PANOPTIC else (labels * 0, ("no object",))
    return paint.objects_on(ground, names, objects, (kinds - 1).tolist(), things, tone)


def segment(view, labels, objects, stuff, pixel):
    """The segment that holds the pixel, bool [H, W], and whether it is one."""
    number = {
        SEMANTIC: labels + 1,
        INSTANCE: objects,
        PANOPTIC: torch.where(objects > 0, objects + len(stuff), labels + 1),
    }[view][0]
    at = number[pixel]
    return (number == at) & (at > 0)


def true_segment(view, truth, scene, stuff, pixel):
    return segment(view, truth, scene.instances, stuff, pixel)


def found_segment(view, answer, found, scene, stuff, pixel):
    # In a panoptic map a pixel of no object is stuff, whatever the semantic map says.
    labels = scene.ground if view == PANOPTIC else answer
    return segment(view, labels, found, stuff, pixel)


def named(view, labels, objects, scene, stuff, pixel):
    """The pixel's class, and its object's number where the view has numbers."""
    names = (*stuff, *scene.classes[1:])
    row, column = pixel
    number = int(objects[0, row, column])
    if view == SEMANTIC:
        return names[int(labels[0, row, column])]
    if number:
        return f"{names[int(labels[0, row, column])]} {number}"
    return names[int(scene.ground[0, row, column])] if view == PANOPTIC else "no object"


def at_point(view, truth, answer, found, scene, stuff, pixel, true_segment, found_segment):
    """What lies under the point in both maps, and how well the two segments agree."""
    true = named(view, truth, scene.instances, scene, stuff, pixel)
    ours = named(view, answer, found, scene, stuff, pixel)
    union = int((true_segment | found_segment).sum())
    share = f", IoU {int((true_segment & found_segment).sum()) / union:.3f}" if union else ""
    return f"true: {true}, found: {ours}{share}"


def mistakes(pieces, scene):
    """Merged: holds most of two true objects or more. Split: holds most of two found ones."""
    made = metrics.object_mistakes(pieces, scene.instances)
    return (
        f"{made.merged} merged, {made.split} split; without a match: {made.missed} of "
        f"{len(instances.ids(scene.instances))} true, {made.spurious} of "
        f"{len(instances.ids(pieces))} found"
    )


def written(value):
    """Three digits, or a dash where there is nothing to judge."""
    return "–" if value != value else f"{value:.3f}"


def against_touching(objects, overlap, mistake, method, h, min_size, progress):
    """The three metrics, averaged over scenes, for each share of objects that touch."""
    series: dict[str, dict[float, float]] = {"mean IoU": {}, "AP": {}, "PQ": {}}
    for done, touching in enumerate(TOUCHING):
        rows = []
        for seed in range(_SCENES):
            progress(done * _SCENES + seed, len(TOUCHING) * _SCENES)
            given = {"picture": SCENE, "seed": seed, "objects": max(objects, 1)}
            given |= {"overlap": overlap, "touching": touching, "mistake": mistake}
            values = LAB.at(**given, method=method, h=h, min_size=min_size).values
            rows.append((values["mean_iou"], values["precision"].mean(), values["quality"].pq))
        for name, column in zip(series, zip(*rows, strict=True), strict=True):
            series[name][touching] = float(torch.tensor(column).nanmean())
    return plots.lines(
        series,
        title=f"Mean of {_SCENES} scenes: {method}",
        x="share of objects that touch",
        y="metric",
        ticks=TOUCHING,
    )


LAB = Lab(
    title="Semantic, instance, panoptic",
    summary="One picture, three answers to what a segment is, and what each metric sees of them.",
    controls={
        "view": Choice(SEMANTIC, INSTANCE, PANOPTIC, default=PANOPTIC),
        "picture": Choice(SCENE, COINS),
        "seed": Choice(*range(10), default=4, label="scene"),
        "objects": Choice(0, 1, 4, 8, 12, 20, 50, 500, default=12),
        "overlap": Choice(0, 0.2, 0.4, 0.6, 0.8, default=0.2),
        "touching": Choice(*TOUCHING, default=0.5, play=True),
        "mistake": Choice(NONE, SMALL, LARGE, MISNAMED, label="mistake in the semantic map"),
        "method": Choice(BLOBS, PER_CLASS, WATERSHED, default=PER_CLASS, label="objects are"),
        "h": Choice(0, 0.25, 0.5, 1, 2, 4, default=1, label="cut necks deeper than, px"),
        "min_size": Choice(1, 10, 30, 100, label="smallest object, px"),
        "pixel": Pixel(SIZE),
    },
    stages=(
        *(scene, stuff, semantics, pieces, found, tone, truth, answer, mean_iou, precision),
        *(quality, true_segment, found_segment),
    ),
    panes={
        "picture": lambda scene: paint.rgb(scene.image),
        "true segments": lambda view, truth, scene, stuff, tone: draw(
            *(
                view,
                truth,
                scene.instances,
                instances.majority_labels(scene.instances, scene.labels),
            ),
            *(scene, stuff, tone),
        ),
        "found segments": lambda view, answer, found, semantics, scene, stuff, tone: draw(
            view, answer, found, instances.majority_labels(found, semantics), scene, stuff, tone
        ),
        "the segment at your point": lambda true_segment, found_segment: paint.agreement(
            found_segment, true_segment
        ),
    },
    numbers={
        "at your point": at_point,
        "objects": lambda scene, pieces: (
            f"{int(scene.instances.unique().gt(0).sum())} true, {int(pieces.max())} found"
        ),
        "mistakes": mistakes,
        "mean IoU": lambda mean_iou: written(mean_iou),
        "AP": lambda precision: f"{written(precision.mean())} (AP50 {written(precision[0])})",
        "PQ": lambda quality: (
            f"{written(quality.pq)} (SQ {written(quality.sq)}, RQ {written(quality.rq)})"
        ),
    },
    charts={"Measure over more scenes": against_touching},
)
