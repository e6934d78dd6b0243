"""Side outputs: a U-Net with a loss at every resolution, and one with a loss at the finest alone.

Lee et al., "Deeply-supervised nets", 2015: a loss of its own for hidden layers. Xie and Tu (HED),
2015: every side output is compared with the same truth. Zhou et al., "UNet++", 2018: outputs that
are trained so can be read alone, and the rest of the net cut away.

Both nets have the same heads, and every head learns from its own loss. The one difference: whether
that loss's gradient goes on from the head into the net.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn

from seglab.images import scenes
from seglab.nets import blocks, report, training, weights
from seglab.nets.family import Family, Recipe
from seglab.nets.report import Figures, figure
from seglab.nets.segmenters import BAND, DIFFICULTY, SIZE, Tally
from seglab.nets.side_net import PATH, STRIDES, SideNet, Way, answer, enlarged, fused
from seglab.ops import heatmap, morphology
from seglab.types import Image, Labels, Scores

DEEP, FINEST = "side-outputs-deep", "side-outputs-finest"
SHIPPED = (DEEP, FINEST)
# Of each copy of the picture that a net is given: by which factors it is smaller.
COPIES = {"picture": (1,), "picture / 2": (2,), "picture / 4": (4,), "pyramid": (1, 2)}

_STEPS = 2200
_BATCH = 4
_LEARNING_RATE = 0.004
_AT_ONCE = 20  # scenes measured together


def pretrained(name: str) -> SideNet:
    """Shipped net of this name, in eval mode, on device.default().

    The same object each time: do not change it (copy.deepcopy first). Raises ValueError for a
    name not in SHIPPED.
    """
    if name not in SHIPPED:
        raise ValueError(f"name={name!r} must be one of {', '.join(SHIPPED)}")
    return FAMILY.pretrained(name)


def build(batch_norm: bool = True, seed: int = 0) -> SideNet:
    """Untrained net on the CPU, its weights drawn by the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SideNet(batch_norm=batch_norm)


def inside(truth: Labels) -> Tensor:
    """Pixels of things more than BAND pixels from every other label, bool [B, H, W]."""
    return (truth > 0) & ~morphology.edge(truth, BAND, border=False)


def named(way: Way, stride: int) -> str:
    """Name of a side in the recorded figures, such as "up 4"."""
    return f"{way} {stride}"


def measure(net: SideNet, split: str = "test", count: int = 500) -> Figures:
    """Figures of every answer on `count` scenes of 128 x 128 pixels, by name.

    Names: those of the sides; "fused", the mean of those on the way up; and what `scores` says to
    each of COPIES. mean_iou, mean_boundary_iou: as segmenters.measure. inside: the share of the
    pixels of inside() that have the right class.
    """
    tallies: dict[str, Tally] = {}
    hits: dict[str, int] = {}
    deep = 0
    with torch.no_grad():
        for first in range(0, count, _AT_ONCE):
            seeds = range(first, min(first + _AT_ONCE, count))
            scene = scenes.batch(seeds, SIZE, difficulty=DIFFICULTY, split=split)
            where = inside(scene.labels)
            deep += int(where.sum())
            for name, scores in _every(net, blocks.channels_last(scene.image)).items():
                labels = heatmap.label_map(scores)
                tallies.setdefault(name, Tally()).add(labels, scene.labels)
                right = int((labels == scene.labels)[where].sum())
                hits[name] = hits.get(name, 0) + right
    return {
        name: {
            "mean_iou": tally.mean_iou,
            "mean_boundary_iou": tally.mean_boundary_iou,
            "inside": round(hits[name] / deep, 4) if deep else float("nan"),
        }
        for name, tally in tallies.items()
    }


def _every(net: SideNet, image: Image) -> dict[str, Scores]:
    sides = answer(net, image)
    others = {name: by for name, by in COPIES.items() if by != (1,)}
    return {
        **{named(*side): scores for side, scores in zip(PATH, sides, strict=True)},
        "fused": fused(sides[-len(STRIDES) :]),
        **{name: answer(net, image, by)[-1] for name, by in others.items()},
    }


class _Learner(nn.Module):
    """Net in training: the scores of all its heads at the image's pixels.

    supervised: strides on the way up whose loss reaches the net. Behind the others, and on the way
    down, the gradient ends at the head.
    """

    def __init__(self, net: SideNet, supervised: tuple[int, ...]) -> None:
        super().__init__()
        self.net, self.supervised = net, supervised

    def forward(self, image: Image) -> list[Scores]:
        size = (image.shape[-2], image.shape[-1])
        found = []
        for side in self.net.along(image):
            heard = side.way == "up" and side.stride in self.supervised
            features = side.features if heard else side.features.detach()
            found.append(enlarged(side.head(features), side.stride, size))
        return found


def _loss(outputs: list[Scores], labels: Labels) -> Tensor:
    return torch.stack([training.labelled(scores, labels) for scores in outputs]).sum()


def _recipe(name: str, seed: int, _before: nn.Module | None) -> Recipe:
    net = build(seed=seed)
    learner = _Learner(net, STRIDES if name == DEEP else STRIDES[-1:])

    def batch(step: int) -> tuple[Image, Labels]:
        seeds = training.fresh_seeds(seed, step, _BATCH)
        scene = scenes.batch(seeds, SIZE, difficulty=DIFFICULTY, split="train")
        return blocks.channels_last(scene.image), scene.labels

    return Recipe(
        net,
        batch,
        _STEPS,
        lambda: _stored(net),
        learner=learner.to(memory_format=torch.channels_last),
        loss=_loss,
        rate=_LEARNING_RATE,
        settings={"batch": _BATCH, "size": SIZE, "difficulty": DIFFICULTY},
    )


def _stored(net: SideNet) -> weights.State:
    """Weights as they are shipped: norms folded in, 16 bits."""
    net = deepcopy(net)
    blocks.fold_norms(net)
    return weights.to_half(net)


def _restored(name: str, state: weights.State) -> SideNet:
    return weights.from_half(build(batch_norm=False), state)


def _measured(name: str, state: weights.State, losses: list[float]) -> Figures:
    net = _restored(name, state)
    return {
        "parameters": weights.count(net),
        "answers": measure(net),
        "loss": report.curve(losses),
    }


FAMILY = Family(
    name="side-outputs",
    nets=SHIPPED,
    recipe=_recipe,
    restore=_restored,
    measure=_measured,
    columns={
        "weights": figure("parameters"),
        **{
            f"IoU {stride}": figure("answers", f"up {stride}", "mean_iou", digits=3)
            for stride in STRIDES
        },
        **{
            f"boundary {stride}": figure("answers", f"up {stride}", "mean_boundary_iou", digits=3)
            for stride in STRIDES
        },
    },
)
