"""Nets that label every pixel of a drawn scene: FCN-32s, FCN-16s, FCN-8s, U-Net, and flat stacks.

Each takes an image [B, 3, H, W] in 0..1 of any size and gives scores [B, K, H, W].
"""

from collections.abc import Callable
from copy import deepcopy
from functools import partial

import torch
from torch import Tensor, nn

from seglab.images import scenes
from seglab.nets import blocks, report, training, weights
from seglab.nets.family import Family, Recipe
from seglab.nets.fcn import FCN
from seglab.nets.flat import DILATED, Flat
from seglab.nets.report import Figures, figure
from seglab.nets.unet import UNet
from seglab.ops import heatmap, metrics, upsample
from seglab.types import Image, Labels, Scores

CLASSES = scenes.CLASSES
SIZE = (128, 128)
BAND = 2  # pixels: how deep a boundary reaches into its mask
DIFFICULTY = 0.25  # of the scenes for training and for the figures

NETS: dict[str, Callable[..., nn.Module]] = {
    "fcn-32s": partial(FCN, 32),
    "fcn-16s": partial(FCN, 16),
    "fcn-8s": partial(FCN, 8),
    "unet": UNet,
    "unet-sum": partial(UNet, join="sum"),
    "plain": Flat,
    "dilated": partial(Flat, dilations=DILATED),
}
SHIPPED = ("fcn-32s", "fcn-16s", "fcn-8s", "unet", "unet-sum")

# A net goes on from the one before it, as in the FCN paper; seglab train makes the whole line.
_LINES = {
    "fcn-16s": ("fcn-32s", "fcn-16s"),
    "fcn-8s": ("fcn-32s", "fcn-16s", "fcn-8s"),
    "unet-sum": ("unet", "unet-sum"),
}
_STEPS = {"fcn-32s": 1400, "fcn-16s": 400, "fcn-8s": 2000, "unet": 5000, "unet-sum": 1500}
_BATCH = 4
_LEARNING_RATE = 0.004
_GOING_ON = 0.6  # the share of it for a net that goes on from another
_AT_ONCE = 20  # scenes measured together


# The strides of each net's skips, the coarsest first.
SKIPS: dict[str, tuple[int, ...]] = {
    "fcn-32s": (),
    "fcn-16s": (16,),
    "fcn-8s": (16, 8),
    "unet": (16, 8, 4, 2, 1),
    "unet-sum": (16, 8, 4, 2, 1),
}


def pretrained(name: str) -> nn.Module:
    """Shipped net of this name, in eval mode, on device.default().

    The same object each time: do not change it (copy.deepcopy first). Raises ValueError for a
    name not in SHIPPED.
    """
    if name not in SHIPPED:
        raise ValueError(f"name={name!r} must be one of {', '.join(SHIPPED)}")
    return _FAMILIES[name].pretrained(name)


def build(
    name: str, classes: int = len(CLASSES), batch_norm: bool = True, seed: int = 0
) -> nn.Module:
    """Untrained net of this name on the CPU, its weights drawn by the seed.

    batch_norm: with norms, which train faster and better; blocks.fold_norms takes them out.
    Raises ValueError for a name not in NETS.
    """
    if name not in NETS:
        raise ValueError(f"name={name!r} must be one of {', '.join(NETS)}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return NETS[name](classes=classes, batch_norm=batch_norm)


class Tally:
    """Counts over label maps, added up batch by batch, and the figures of them all together."""

    def __init__(self) -> None:
        self.confusion = torch.zeros(len(CLASSES), len(CLASSES), dtype=torch.int64)
        self._boundaries = torch.zeros(len(CLASSES), 2, dtype=torch.int64)

    def add(self, labels: Labels, truth: Labels) -> None:
        """Count label maps [B, H, W] against their truth."""
        pair = labels, truth, len(CLASSES)
        self.confusion += metrics.confusion(*pair).cpu()
        self._boundaries += metrics.boundary_counts(*pair, BAND).cpu()

    @property
    def boundary_iou(self) -> Tensor:
        """Boundary IoU of each class, [K]."""
        return self._boundaries[:, 0] / self._boundaries[:, 1]

    @property
    def mean_iou(self) -> float:
        """Mean IoU over the classes, the background included, to 4 digits."""
        return rounded(metrics.mean_iou(self.confusion))

    @property
    def mean_boundary_iou(self) -> float:
        """Mean boundary IoU over the classes, to 4 digits."""
        return rounded(self.boundary_iou.nanmean())


def measure(net: nn.Module, split: str = "test", count: int = 500) -> Figures:
    """Figures on `count` scenes of 128 x 128 pixels: one confusion matrix over all of them.

    mean_iou and mean_boundary_iou are means over the classes, the background included.
    """
    tally = Tally()
    with torch.no_grad():
        for first in range(0, count, _AT_ONCE):
            seeds = range(first, min(first + _AT_ONCE, count))
            scene = scenes.batch(seeds, SIZE, difficulty=DIFFICULTY, split=split)
            labels = heatmap.label_map(net(blocks.channels_last(scene.image)))
            tally.add(labels, scene.labels)
    return {
        "parameters": weights.count(net),
        "mean_iou": tally.mean_iou,
        "mean_boundary_iou": tally.mean_boundary_iou,
        "pixel_accuracy": rounded(metrics.pixel_accuracy(tally.confusion)),
        "iou": dict(zip(CLASSES, map(rounded, metrics.iou(tally.confusion)), strict=True)),
        "boundary_iou": dict(zip(CLASSES, map(rounded, tally.boundary_iou), strict=True)),
    }


def judge(labels: Labels, truth: Labels) -> tuple[float, float]:
    """Mean IoU and mean boundary IoU of label maps [B, H, W], over all their pixels together."""
    classes = len(CLASSES)
    mean_iou = metrics.mean_iou(metrics.confusion(labels, truth, classes))
    return float(mean_iou), float(metrics.mean_boundary_iou(labels, truth, classes, BAND))


def _recipe(name: str, seed: int, before: nn.Module | None) -> Recipe:
    net = build(name, seed=seed)
    if before is not None:
        _take_over(net, before)
    learner = _Supervised(net, seed) if isinstance(net, UNet) else net
    truths = 2 if isinstance(net, UNet) else 1

    def batch(step: int) -> tuple[Image, Labels]:
        seeds = training.fresh_seeds(seed, step, _BATCH)
        scene = scenes.batch(seeds, SIZE, difficulty=DIFFICULTY, split="train")
        return blocks.channels_last(scene.image), scene.labels.repeat(truths, 1, 1)

    return Recipe(
        net,
        batch,
        _STEPS[name],
        lambda: _stored(net),
        learner=learner.to(memory_format=torch.channels_last),
        rate=_LEARNING_RATE if before is None else _LEARNING_RATE * _GOING_ON,
        settings={"batch": _BATCH, "size": SIZE, "difficulty": DIFFICULTY},
    )


def _take_over(net: nn.Module, before: nn.Module) -> None:
    """Give the net all weights of another whose name and shape fit."""
    own, known = net.state_dict(), before.state_dict()
    fits = {key: known[key] for key in own if key in known and known[key].shape == own[key].shape}
    net.load_state_dict({**own, **fits})


def _stored(net: nn.Module) -> weights.State:
    """Weights as they are shipped: norms folded in, 16 bits. The net stays as it is."""
    net = deepcopy(net)  # the next net goes on from it, norms and all
    blocks.fold_norms(net)
    return weights.to_half(net)


def _restored(name: str, state: weights.State) -> nn.Module:
    return weights.from_half(build(name, batch_norm=False), state)


def _measured(name: str, state: weights.State, losses: list[float]) -> Figures:
    net = _restored(name, state)
    return {
        **measure(net),
        "validation_mean_iou": measure(net, "validation", 200)["mean_iou"],
        "loss": report.curve(losses),
    }


class _Supervised(nn.Module):
    """U-Net in training: behind its scores, in the batch, those of its coarsest features alone.

    Else its depth learns late, for the way through the finest skip is the shortest (Lee et al.,
    "Deeply-supervised nets", 2015).
    """

    def __init__(self, net: UNet, seed: int) -> None:
        super().__init__()
        self.net = net
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.coarse = nn.Conv2d(net.widths[-1], net.scores.out_channels, 1)

    def forward(self, image: Image) -> Scores:
        features = self.net.encode(image)
        coarse = upsample.bilinear(self.coarse(features[-1]), 2 * self.net.skips[0])
        height, width = image.shape[-2:]
        return torch.cat([self.net.decode(features, image), coarse[..., :height, :width]])


def rounded(value: Tensor) -> float:
    """Round a figure to 4 digits, as it is recorded."""
    return round(float(value), 4)


_FAMILIES = {
    name: Family(
        name=name,
        nets=_LINES.get(name, (name,)),
        recipe=_recipe,
        restore=_restored,
        measure=_measured,
        columns={
            "weights": figure("parameters"),
            "mean IoU": figure("mean_iou", digits=3),
            "boundary IoU": figure("mean_boundary_iou", digits=3),
            **{kind: figure("iou", kind, digits=3) for kind in CLASSES},
        },
    )
    for name in SHIPPED
}
FCN_32S, FCN_16S, FCN_8S, UNET, UNET_SUM = _FAMILIES.values()
