"""What a net that finds objects answers: a mask, a class and a score for each. How good it is."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from seglab.images import scenes
from seglab.nets import training, weights
from seglab.ops import instances as ops
from seglab.ops import metrics
from seglab.types import Image, Instances, Labels

MOST = 100  # objects of a picture that count, as in COCO
SCENES = 300  # of the test split, for the figures; all with the default objects and difficulty


class Detections(NamedTuple):
    """The objects found in one picture, best first.

    masks: bool [N, H, W]; they may overlap. labels: int64 [N]. scores: float [N], 0 to 1.
    """

    masks: Tensor
    labels: Tensor
    scores: Tensor

    def pick(self, which: Tensor | slice) -> "Detections":
        """Those at these indices, or where this mask is true."""
        return Detections(self.masks[which], self.labels[which], self.scores[which])


def of_instances(
    instances: Instances, share: Tensor, peaks: Tensor | None = None, min_size: int = 1
) -> Detections:
    """The objects of an instance map [1, H, W], each with the class that most of it belongs to.

    share: probabilities [1, K, H, W], class 0 being background. An object's score is the mean
    probability of its class, times peaks[number - 1] where peaks [N] are given. Objects of fewer
    than min_size pixels are left out.
    """
    numbers, picture = ops.ids(instances), instances[0]
    inside = picture > 0
    which = torch.searchsorted(numbers, picture[inside])
    total = share.new_zeros(len(numbers), share.shape[1])
    total.index_add_(0, which, share[0][:, inside].T)
    area = ops.areas(instances)
    best = (total[:, 1:] / area[:, None]).max(1)
    scores = best.values if peaks is None else best.values * peaks[numbers - 1]
    order = scores.argsort(descending=True, stable=True)
    order = order[area[order] >= min_size]
    masks = picture == numbers[order][:, None, None]
    return Detections(masks, best.indices[order] + 1, scores[order])


def as_instances(found: Detections) -> Instances:
    """One map [1, H, W] of them: 1 is the best, and where two overlap, the better one is seen."""
    count = len(found.masks)
    if not count:
        return found.masks.new_zeros(1, *found.masks.shape[1:], dtype=torch.int64)
    rank = torch.arange(count, 0, -1, device=found.masks.device)[:, None, None]
    top = (found.masks * rank).amax(0, keepdim=True)
    return torch.where(top > 0, count + 1 - top, 0)


def train(
    name: str,
    learn: Callable[[Path], tuple[nn.Module, list[float]]],
    restored: Callable[[weights.State], weights.Net],
    find: Callable[[weights.Net, Image], Detections],
    out: str | Path | None,
    seed: int,
) -> dict[str, training.Figures]:
    """Train a net that finds objects, and ship it with the figures of its weights as stored.

    learn: trains, with the state in the file that it is given; the net and each step's loss.
    restored: the net from its stored weights. find: its objects in an image [1, 3, H, W].
    out, seed, and what it returns: as in training.ship.
    """

    def make(checkpoint: Path) -> tuple[weights.State, training.Figures]:
        trained, losses = learn(checkpoint)
        state = weights.halved(trained)
        net = restored(state)
        return state, {
            "parameters": sum(p.numel() for p in net.parameters()),
            **measure(partial(find, net)),
            "loss": training.curve(losses),
        }

    with training.resumable((name,), out) as checkpoints:
        return training.ship({name: partial(make, checkpoints[name])}, table, out, seed)


def measure(
    find: Callable[[Image], Detections], split: str = "test", count: int = SCENES
) -> dict[str, Any]:
    """Average precision of masks on the first `count` scenes of a split, as COCO works it out.

    ap50: at an IoU of 0.5; ap: the mean over 0.5, 0.55, ... 0.95; both are means over the classes.
    per_class: ap50 of each. At most 100 objects of a picture count.
    """
    overlaps, scores, classes, truths = [], [], [], []
    for seed in range(count):
        scene = scenes.make(seed, split=split)
        with torch.no_grad():
            found = find(scene.image).pick(slice(MOST))
        masks, labels = true_objects(scene.labels, scene.instances)
        overlaps.append(metrics.mask_overlaps(found.masks, masks).cpu())
        scores.append(found.scores.cpu())
        classes.append(found.labels.cpu())
        truths.append(labels.cpu())
    kinds = range(1, len(scenes.CLASSES))
    each = metrics.average_precision_by_class(overlaps, scores, classes, truths, kinds)
    every = each.nanmean(0)
    return {
        "scenes": count,
        "ap50": round(float(every[0]), 3),
        "ap": round(float(every.mean()), 3),
        "per_class": {
            name: round(float(one[0]), 3)
            for name, one in zip(scenes.CLASSES[1:], each, strict=True)
        },
    }


def true_objects(labels: Labels, instances: Instances) -> tuple[Tensor, Tensor]:
    """A scene's masks, bool [M, H, W], and classes, int64 [M], in the order of their numbers."""
    masks = instances == ops.ids(instances)[:, None, None]
    return masks, (masks * labels).flatten(1).amax(1)


def table(report: dict[str, dict[str, Any]]) -> str:
    """The figures of a training as lines of text."""
    names = list(scenes.CLASSES[1:])
    head = ["net", "weights", "scenes", "AP50", "AP", *(f"AP50 {name}" for name in names)]
    rows = [
        [
            net,
            *(str(row[key]) for key in ("parameters", "scenes")),
            *(f"{row[key]:.3f}" for key in ("ap50", "ap")),
            *(f"{row['per_class'][name]:.3f}" for name in names),
        ]
        for net, row in report.items()
    ]
    curves = [f"{net}: loss {training.sparkline(row['loss'])}" for net, row in report.items()]
    return "\n".join([*training.columns(head, rows), *curves])
