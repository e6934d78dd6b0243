"""One small net under many losses: the same first weights and pictures, only the loss differs.

All trainings that lab 19 chooses from are stored, for every share of the rare class; one of them
can be watched. A training takes 150 steps of 12 pictures with a single disc each.
"""

import copy
from collections.abc import Iterator
from functools import cache, partial
from itertools import product
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from seglab import device
from seglab.images import discs
from seglab.images.scenes import Scene
from seglab.nets import around, training, weights
from seglab.nets.around import Around
from seglab.nets.family import Family, Recipe
from seglab.nets.report import Figures, figure
from seglab.ops import class_weights, losses, metrics
from seglab.ops.pulls import Loss
from seglab.types import Labels, Scores

NAME = "losses"
CLASSES = discs.CLASSES
SHARES = (0.08, 0.04, 0.02, 0.01, 0.005)  # of the disc in the pixels
CROSS_ENTROPY, FOCAL, DICE, TVERSKY = "cross-entropy", "focal", "Dice", "Tversky"
LOVASZ, BOUNDARY = "Lovász-softmax", "Dice + boundary"
POWERS = {"none": 0.0, "square root": 0.5, "inverse frequency": 1.0}
# Each loss with the values of its one parameter; Lovász-softmax has none.
SETTINGS: dict[str, tuple[Any, ...]] = {
    CROSS_ENTROPY: tuple(POWERS),
    FOCAL: (0.5, 1, 2, 5),
    DICE: (0, 1, 100),
    TVERSKY: (0.1, 0.3, 0.5, 0.7, 0.9),
    LOVASZ: (None,),
    BOUNDARY: (0.01, 0.03, 0.1),
}
STEPS, BATCH, RATE = 150, 12, 0.03
SEEN, NEW = 48, 32  # pictures

_ALL = [
    (share, loss, value)
    for share, (loss, values) in product(SHARES, SETTINGS.items())
    for value in values
]


class Quality(NamedTuple):
    """Pixel accuracy, mean IoU and the disc's Dice over the pixels of all pictures."""

    accuracy: float
    mean_iou: float
    dice: float


class Snapshot(NamedTuple):
    """A training after `step` steps: a copy of the net, in eval mode, and its quality so far.

    qualities: step -> Quality on new pictures.
    """

    step: int
    net: Around
    qualities: dict[int, Quality]


def loss_of(loss: str, value: Any, share: float) -> Loss:
    """A loss of SETTINGS as a function of scores and labels.

    value: its parameter: the weighting of the cross-entropy, gamma of the focal loss, smooth of
    Dice, beta of Tversky (alpha is 1 - beta), what the boundary loss is multiplied by.
    share: of the disc, from which the weights of the classes follow.
    """
    if loss == CROSS_ENTROPY:
        return partial(_weighted, weights=class_weights_of(value, share))
    if loss == FOCAL:
        return partial(losses.focal, gamma=value)
    if loss == DICE:
        return partial(losses.dice, smooth=value)
    if loss == TVERSKY:
        return partial(losses.tversky, alpha=round(1 - value, 6), beta=value)
    return losses.lovasz_softmax if loss == LOVASZ else partial(_with_boundary, times=value)


def class_weights_of(weighting: str, share: float) -> Tensor:
    """Weights of background and disc, [2]; an average pixel weighs 1. weighting: of POWERS."""
    return class_weights.inverse(torch.tensor([1 - share, share]), POWERS[weighting])


def untrained(seed: int = 0) -> Around:
    """The net before its first step; all trainings begin with these weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Around(len(CLASSES))


def trained(loss: str, value: Any, share: float) -> Around:
    """The shipped net that learned with this loss, in eval mode, on device.default()."""
    nets: nn.ModuleList = FAMILY.pretrained(NAME)
    net = nets[_ALL.index((share, loss, value))]
    assert isinstance(net, Around)
    return net


def new(share: float) -> Scene:
    """The pictures that no net learns from."""
    return discs.draw(range(NEW), share, "test")


def quality(labels: Labels, truth: Labels) -> Quality:
    """Quality of label maps, from one confusion matrix over all pixels."""
    counts = metrics.confusion(labels, truth, len(CLASSES))
    found = metrics.pixel_accuracy(counts), metrics.mean_iou(counts), metrics.dice(counts)[1]
    return Quality(*map(float, found))


def snapshots(
    loss: str, value: Any, share: float, every: int = 5, steps: int = STEPS, seed: int = 0
) -> Iterator[Snapshot]:
    """The training of a net, step by step, the untrained net first; seed 0 is a shipped one."""
    net = untrained(seed).to(device.default())
    features, truth = (part.to(device.default()) for part in _compared(share))
    qualities: dict[int, Quality] = {}

    def snapshot(step: int) -> Snapshot:
        with torch.no_grad():
            labels = net.layers(features).argmax(1)
        qualities[step] = quality(labels, truth)
        return Snapshot(step, copy.deepcopy(net).eval().requires_grad_(False), dict(qualities))

    yield snapshot(0)
    run = training.train_steps(
        net.layers,
        torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3),
        lambda step: _batch(share, step, 0),
        range(steps),
        loss_of(loss, value, share),
        lambda step: RATE * training.cycle(step / steps),
    )
    for step, _ in enumerate(run, 1):
        if step % every == 0 or step == steps:
            yield snapshot(step)


def _weighted(scores: Scores, labels: Labels, weights: Tensor) -> Tensor:
    return losses.cross_entropy(scores, labels, weights=weights.to(scores.device))


def _with_boundary(scores: Scores, labels: Labels, times: float) -> Tensor:
    return losses.dice(scores, labels) + times * losses.boundary(scores, labels)


@cache
def _pool(share: float, seed: int) -> tuple[Tensor, Labels]:
    """Means around the pixels of all training pictures, and their labels, on the CPU."""
    first = SEEN * seed
    return _material(discs.draw(range(first, first + SEEN), share))


@cache
def _compared(share: float) -> tuple[Tensor, Labels]:
    """Means around the pixels of the new pictures, and their labels, on the CPU."""
    return _material(new(share))


def _material(scene: Scene) -> tuple[Tensor, Labels]:
    return around.means(scene.image).cpu(), scene.labels.cpu()


def _batch(share: float, step: int, seed: int) -> tuple[Tensor, Labels]:
    features, labels = (part.to(device.default()) for part in _pool(share, seed))
    first = step * BATCH % SEEN
    return features[first : first + BATCH], labels[first : first + BATCH]


class _Together(nn.Module):
    """All nets at once: each sees the batch of its share."""

    def __init__(self, nets: list[Around]) -> None:
        super().__init__()
        self.each, self.nets = nets, nn.ModuleList(nets)

    def forward(self, features: dict[float, Tensor]) -> list[Scores]:
        return [
            net.layers(features[share]) for net, (share, _, _) in zip(self.each, _ALL, strict=True)
        ]


def _recipe(_: str, seed: int, __: nn.Module | None) -> Recipe:
    nets = [untrained(seed) for _ in _ALL]
    together = _Together(nets)
    each = [loss_of(loss, value, share) for share, loss, value in _ALL]

    def batch(step: int) -> tuple[dict[float, Tensor], dict[float, Labels]]:
        made = {share: _batch(share, step, seed) for share in SHARES}
        return {s: pair[0] for s, pair in made.items()}, {s: pair[1] for s, pair in made.items()}

    def total(scores: list[Scores], labels: dict[float, Labels]) -> Tensor:
        # No net sees another's loss: the sum gives each its own gradient.
        parts = zip(each, scores, _ALL, strict=True)
        return torch.stack([loss(one, labels[share]) for loss, one, (share, _, _) in parts]).sum()

    stored = partial(weights.to_half, together.nets)
    return Recipe(together.nets, batch, STEPS, stored, together, total, RATE)


def _restored(_: str, state: weights.State) -> nn.ModuleList:
    return weights.from_half(nn.ModuleList(Around(len(CLASSES)) for _ in _ALL), state)


def _measured(_: str, state: weights.State, __: list[float]) -> Figures:
    nets = _restored(NAME, state)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for share in SHARES:
        scene = new(share)
        features = around.means(scene.image)
        for net, (own, loss, value) in zip(nets, _ALL, strict=True):
            if own != share:
                continue
            assert isinstance(net, Around)
            with torch.no_grad():
                measured = quality(net.layers(features).argmax(1), scene.labels)
            name = loss if value is None else f"{loss} {value}"
            found.setdefault(f"{share:g}", {})[name] = {
                key: round(part, 4) for key, part in measured._asdict().items()
            }
    return {"parameters": weights.count(nets), "quality": found}


FAMILY = Family(
    name=NAME,
    nets=(NAME,),
    recipe=_recipe,
    restore=_restored,
    measure=_measured,
    columns={
        "weights": figure("parameters"),
        **{
            f"{loss}, 2%": figure("quality", "0.02", loss, "dice", digits=2)
            for loss in ("cross-entropy none", "focal 2", "Dice 1", LOVASZ)
        },
    },
    channels_last=False,
)
