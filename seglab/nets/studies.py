"""Trainings of a small net, snapshot by snapshot, and the scenes that it learns from.

The task is made for seconds: grounds are told apart by texture, which is learned soon, objects by
their shape, which is learned late, and objects are rare.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import count as counted
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seglab import device
from seglab.images import scenes
from seglab.images.scenes import Scene
from seglab.nets import blocks, training
from seglab.nets.fcn import FCN
from seglab.nets.flat import DILATED, Flat
from seglab.nets.unet import UNet
from seglab.ops import class_weights, heatmap, metrics
from seglab.types import Image, Labels

CLASSES = (*scenes.GROUNDS, "round", "angular")
SIDE = 64
BATCH = 4
ENDLESS = "endless"
BAND = 2  # pixels: how deep a boundary reaches into its mask
MEASURED = 4  # training scenes that are measured, at most
NEW = 12  # scenes that the net never learns from
COUNTED = 64  # scenes of an endless stream whose pixels are counted for the weights of the classes
SHOW_EVERY, MEASURE_EVERY = 2, 20  # steps

NETS: dict[str, Callable[[], nn.Module]] = {
    "U-Net": partial(UNet, len(CLASSES), widths=(8, 16, 32, 64)),
    "FCN-8s": partial(FCN, 8, len(CLASSES)),
    "dilated": partial(Flat, len(CLASSES), dilations=DILATED, width=12),
    "conv-only": partial(Flat, len(CLASSES), width=12),
}
POWERS = {"none": 0.0, "square root": 0.5, "inverse frequency": 1.0}


class Quality(NamedTuple):
    """Mean IoU and mean boundary IoU on scenes of the training and on new ones, and IoU by class.

    Mean IoU is from one confusion matrix over all of them.
    """

    seen: float
    new: float
    seen_boundary: float
    new_boundary: float
    new_classes: tuple[float, ...]


class Answers(NamedTuple):
    """Labels of the measured training scenes and of the new ones, uint8 [B, H, W]."""

    seen: Tensor
    new: Tensor


class Snapshot(NamedTuple):
    """State of a training after `step` steps: a copy of the net in eval mode, and how it got here.

    losses: of each step. qualities: step -> Quality. answers: step -> the labels that the net gave
    then, whenever it was measured. error: why it ended too early, or nothing.
    """

    step: int
    net: nn.Module
    losses: tuple[float, ...]
    qualities: dict[int, Quality]
    answers: dict[int, Answers]
    error: str = ""

    @property
    def quality(self) -> Quality:
        """Quality that was measured last."""
        return self.qualities[max(self.qualities)]

    def measured_at(self, share: float) -> int:
        """The measured step that is nearest to this share of the steps so far; 1: the last."""
        return min(self.qualities, key=lambda step: (abs(step - share * self.step), -step))


def draw(seeds: range, split: str) -> Scene:
    """Draw scenes whose labels are indices into CLASSES."""
    scene = scenes.batch(
        seeds, (SIDE, SIDE), objects=4, difficulty=0.1, overlap=0.1, touching=0.1, split=split
    )
    angular = scene.labels > scenes.CLASSES.index("ring")
    objects = torch.where(angular, CLASSES.index("angular"), CLASSES.index("round"))
    labels = torch.where(scene.labels == 0, scene.ground, objects)
    return replace(scene, labels=labels, classes=CLASSES)


def weights(weighting: str, count: int | str) -> Tensor:
    """Weight of each class in the loss, [K]; 1 for an average pixel.

    weighting: a name of POWERS. count: of the training scenes, whose pixels are counted; of an
    endless stream, those of the first 64.
    """
    if POWERS[weighting] == 0:
        return torch.ones(len(CLASSES), device=device.default())
    shares = _shares(COUNTED if count == ENDLESS else int(count))
    return class_weights.inverse(shares.to(device.default()), POWERS[weighting])


def snapshots(
    net: str, rate: float, weighting: str, count: int | str, steps: int, seen: Scene, new: Scene
) -> Iterator[Snapshot]:
    """Snapshots of a training, the untrained net first; equal for equal arguments.

    net: a name of NETS; weighting: of POWERS. count: how many scenes it learns from, again and
    again, the first of which are `seen`; or ENDLESS. new: scenes to compare with.
    """
    learner = _untrained(net)
    quality, answer = _measured(learner, seen, new)
    qualities, answers = {0: quality}, {0: answer}
    losses: tuple[float, ...] = ()
    yield Snapshot(0, copy.deepcopy(learner).eval(), losses, qualities, answers)
    weight = weights(weighting, count)
    run = training.train_steps(
        learner,
        torch.optim.AdamW(learner.parameters(), rate),
        _batches(count),
        range(steps),
        partial(training.labelled, weight=weight),
    )
    try:
        for step, loss in enumerate(run, 1):
            losses = (*losses, loss)
            if step % MEASURE_EVERY == 0 or step == steps:
                quality, answer = _measured(learner, seen, new)
                qualities, answers = {**qualities, step: quality}, {**answers, step: answer}
            if step % SHOW_EVERY == 0 or step == steps:
                yield Snapshot(step, copy.deepcopy(learner).eval(), losses, qualities, answers)
    except training.Diverged as error:
        # The last loss was that of the weights one step before it.
        step = max(0, len(losses) - 1)
        qualities = {at: quality for at, quality in qualities.items() if at < step}
        answers = {at: answers[at] for at in qualities}
        qualities[step], answers[step] = _measured(learner, seen, new)
        yield Snapshot(step, copy.deepcopy(learner).eval(), losses, qualities, answers, str(error))


def labels(net: nn.Module, image: Image) -> Labels:
    """Label of every pixel by the net, which goes to eval mode."""
    with torch.no_grad():
        answer: Tensor = net.eval()(blocks.channels_last(image))
    return heatmap.label_map(answer)


def shuffled(count: int) -> Iterator[int]:
    """Numbers below count without end: all of them in one order, then all of them in another."""
    for epoch in counted():
        yield from torch.randperm(count, generator=torch.Generator().manual_seed(epoch)).tolist()


@cache
def _shares(count: int) -> Tensor:
    """Share of each class in the pixels of the first training scenes, [K]."""
    labels = draw(range(count), "train").labels
    return class_weights.frequencies(labels, len(CLASSES)).cpu()  # kept, whatever device is chosen


def _untrained(net: str) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        learner = NETS[net]()
    return learner.to(device.default()).to(memory_format=torch.channels_last)


def _batches(count: int | str) -> Callable[[int], tuple[Image, Labels]]:
    if count == ENDLESS:
        return lambda step: _pair(draw(range(step * BATCH, (step + 1) * BATCH), "train"))
    assert isinstance(count, int)
    pool = draw(range(count), "train")
    order = shuffled(count)
    return lambda step: _pair(pool, [next(order) for _ in range(BATCH)])


def _pair(scene: Scene, rows: list[int] | slice = slice(None)) -> tuple[Image, Labels]:
    return blocks.channels_last(scene.image[rows]), scene.labels[rows]


def _measured(net: nn.Module, seen: Scene, new: Scene) -> tuple[Quality, Answers]:
    measured, said = {}, {}
    for name, scene in (("seen", seen), ("new", new)):
        said[name] = labels(net, scene.image)
        pair = said[name], scene.labels, len(CLASSES)
        counts = metrics.confusion(*pair)
        near = float(metrics.mean_boundary_iou(*pair, BAND))
        measured[name] = float(metrics.mean_iou(counts)), near, metrics.iou(counts).tolist()
    (seen_iou, seen_near, _), (new_iou, new_near, classes) = measured["seen"], measured["new"]
    kept = Answers(*(part.to(torch.uint8) for part in said.values()))
    return Quality(seen_iou, new_iou, seen_near, new_near, tuple(classes)), kept
