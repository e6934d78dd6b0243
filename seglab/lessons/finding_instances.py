"""Finding instances: watershed, centres and offsets, Mask R-CNN; each begins with a heatmap."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from seglab.draw import paint, plots
from seglab.images import scenes
from seglab.lab import Choice, Lab, Pixel
from seglab.nets import detections, mask_rcnn, panoptic_deeplab
from seglab.ops import instances, metrics

SIZE = (128, 128)
WATERSHED, CENTRES, MASK_RCNN = "watershed on classes", "centres and offsets", "Mask R-CNN"
NETS = (WATERSHED, CENTRES, MASK_RCNN)
TOUCHING = (0, 0.25, 0.5, 0.75, 1)
LONGEST = 16.0  # pixels: an offset of full colour
SIDE = mask_rcnn.MASK_SIDE
_SCENES = 8  # in the chart
_ROWS_FIRST = [1, 0, 3, 2]  # of torchvision's boxes


class Found(NamedTuple):
    """Objects, their boxes [N, 4], and each one's mask over its own box, float [N, 28, 28]."""

    objects: detections.Detections
    boxes: Tensor
    crops: Tensor


def scene(seed, objects, touching):
    return scenes.make(seed, SIZE, objects, touching=touching)


def answer(net, scene):
    """The only stage that runs a net: all the rest is thresholds and grouping."""
    if net == MASK_RCNN:
        return mask_rcnn.candidates(mask_rcnn.pretrained(nms=1.0), scene.image)
    return panoptic_deeplab.pretrained()(scene.image)


def class_masks(prediction):
    """Where each class but the background is the likeliest, bool [K - 1, H, W]."""
    labels = prediction.scores.argmax(1)
    return labels == torch.arange(1, len(scenes.CLASSES), device=labels.device)[:, None, None]


def pieces(answer, net):
    """The watershed's objects, class by class; None for the other nets."""
    if net != WATERSHED:
        return None
    return instances.per_class(answer.scores.max(1).indices, instances.distance_watershed)


def heatmap(answer, pieces, net):
    """Where objects are: [1, H, W]; how it comes about is what sets the nets apart."""
    if pieces is not None:
        return instances.distance(class_masks(answer)).amax(0, keepdim=True)
    return answer.objectness[:, 0] if net == MASK_RCNN else answer.heatmap[:, 0]


def offsets(answer, pieces):
    """From every pixel to its object's place, [1, 2, H, W] in pixels."""
    return answer.offsets if pieces is None else instances.center_targets(pieces)[1]


def found(answer, pieces, net, threshold, nms, min_size):
    if net == MASK_RCNN:
        kept = mask_rcnn.suppress(answer.pick(answer.scores >= threshold), nms)
        objects = mask_rcnn.paste(kept, SIZE)
        large = objects.masks.flatten(1).sum(1) >= min_size
        return Found(objects.pick(large), kept.boxes[large][:, _ROWS_FIRST], kept.masks[large])
    if net == CENTRES:
        objects = panoptic_deeplab.detect(answer, threshold, min_size=min_size)
    else:
        share = answer.scores.softmax(1)
        objects = detections.of_instances(pieces, share, min_size=min_size)
        objects = objects.pick(objects.scores >= threshold)
    around = instances.mask_boxes(objects.masks)
    return Found(
        objects, around, instances.roi_align(objects.masks[:, None].float(), around, SIDE)[:, 0]
    )


def numbered(found, scene):
    """The found objects in one map; one that matches a true object has its number."""
    return instances.number_like(detections.as_instances(found.objects), scene.instances)


def kinds(numbered, found):
    """The class of each object of the map, in the order of its numbers."""
    labels = F.pad(found.objects.labels, (1, 0))[detections.as_instances(found.objects)]
    return instances.majority_labels(numbered, labels)


def chosen(found, pixel):
    """The best object whose box holds the point, else the one with the nearest box; or None."""
    return instances.nearest_box(found.boxes, pixel)


def truth(scene):
    """The true masks, bool [M, H, W], and their classes."""
    return detections.true_objects(scene.labels, scene.instances)


def overlaps(found, truth):
    """IoU of every found with every true object."""
    return metrics.mask_overlaps(found.objects.masks, truth[0])


def counts(overlaps, found, truth):
    """Found and missed true objects, and found ones that are none."""
    return metrics.detection_counts(overlaps, found.objects.labels, truth[1])


def ap50(overlaps, found, truth):
    objects = found.objects
    return float(
        metrics.average_precision([overlaps], [objects.scores], [objects.labels], [truth[1]], [0.5])
    )


def boxed(scene, found, chosen):
    """The picture with boxes; the score stands at each."""
    kinds, scores = found.objects.labels.tolist(), found.objects.scores.tolist()
    texts = [f"{score:.2f}" for score in scores]
    return paint.boxes(scene.image, found.boxes, kinds, texts, chosen)


def heat(heatmap, net):
    """A probability, or for the watershed a distance in pixels."""
    return paint.scalar(heatmap, low=0, high=None if net == WATERSHED else 1, palette="magma")


def ways(offsets, answer, net):
    """Offsets as colours; where the classes say that there is nothing, nothing goes anywhere."""
    if net == MASK_RCNN:
        return paint.flow(offsets, LONGEST, answer.objectness[:, 0] > 0.5)
    where = answer.scores.argmax(1) > 0
    return paint.flow(offsets, LONGEST, where)


def map_of(numbered, kinds, scene):
    tone = paint.instance_shades(scene.instances, numbered)
    return paint.objects_on(
        torch.zeros_like(numbered),
        ("no object",),
        numbered,
        (kinds - 1).tolist(),
        scenes.CLASSES[1:],
        tone,
    )


def region(scene, found, chosen):
    """What lies in the chosen box, brought to 28 x 28."""
    if chosen is None:
        return paint.rgb(torch.full((1, 3, SIDE, SIDE), 0.5))
    return paint.rgb(instances.roi_align(scene.image, found.boxes[chosen][None], SIDE))


def region_mask(found, chosen):
    """The chosen object's mask over its box."""
    if chosen is None:
        return paint.scalar(torch.full((SIDE, SIDE), torch.nan), low=0, high=1)
    return paint.scalar(found.crops[chosen], low=0, high=1)


def about(found, chosen):
    if chosen is None:
        return "nothing is found"
    top, left, bottom, right = found.boxes[chosen].tolist()
    name = scenes.CLASSES[int(found.objects.labels[chosen])]
    score = float(found.objects.scores[chosen])
    area = int(found.objects.masks[chosen].sum())
    return f"{name}, score {score:.2f}, {right - left:.0f} × {bottom - top:.0f} box, {area} px"


def counted(counts):
    hits, missed, false = counts
    return f"{hits} found, {missed} missed, {false} false"


def unused(net):
    """What is set here and has no say in this net's answer."""
    return "nothing" if net == MASK_RCNN else "non-maximum suppression"


def against_touching(objects, threshold, nms, min_size, progress):
    """AP50 of each net for each share of objects that touch, over several scenes."""
    series: dict[str, dict[float, float]] = {net: {} for net in NETS}
    total, done = len(NETS) * len(TOUCHING) * _SCENES, 0
    for touching in TOUCHING:
        for net in NETS:
            parts = []
            for seed in range(_SCENES):
                given = {"seed": seed, "objects": max(objects, 1), "touching": touching}
                given |= {"threshold": threshold, "nms": nms, "min_size": min_size}
                values = LAB.at(**given, net=net).values
                one = values["found"].objects
                parts.append((values["overlaps"], one.scores, one.labels, values["truth"][1]))
                done += 1
                progress(done, total)
            tables, scores, found, true = (list(part) for part in zip(*parts, strict=True))
            value = metrics.average_precision(tables, scores, found, true, [0.5])
            series[net][touching] = float(value[0])
    return plots.lines(
        series,
        title=f"{_SCENES} scenes of {max(objects, 1)} objects",
        x="share of objects that touch",
        y="AP50",
        ticks=TOUCHING,
    )


LAB = Lab(
    title="Finding instances",
    summary="Three ways from a picture to its objects, and each begins with a heatmap.",
    controls={
        "seed": Choice(*range(10), default=3, label="scene"),
        "objects": Choice(0, 1, 8, 20, 50, 500, default=8),
        "touching": Choice(*TOUCHING, default=0.5, label="share that touches"),
        "net": Choice(*NETS, default=CENTRES, label="found by"),
        "threshold": Choice(0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, default=0.3, play=True),
        "min_size": Choice(1, 10, 30, 100, 300, default=10, label="smallest object, px"),
        "nms": Choice(0.1, 0.3, 0.5, 0.7, 1, default=0.5, label="suppress above IoU"),
        "pixel": Pixel(SIZE),
    },
    stages=(
        *(scene, answer, pieces, heatmap, offsets, found, numbered, kinds, chosen, truth),
        *(overlaps, counts, ap50),
    ),
    panes={
        "boxes and scores": boxed,
        "heatmap: where objects are": heat,
        "offsets: the way to the object's place": ways,
        "objects": map_of,
        "one region, brought to 28 × 28": region,
        "its mask": region_mask,
    },
    numbers={
        "objects": lambda counts: counted(counts),
        "AP50 here": lambda ap50: "–" if ap50 != ap50 else f"{ap50:.3f}",
        "at your point": lambda found, chosen: about(found, chosen),
        "without effect here": unused,
    },
    charts={"Measure over more scenes": against_touching},
)
