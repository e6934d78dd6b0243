"""A net that answers clicks: the encoder reads the picture once, the decoder reads each click.

Clicks as maps beside the picture: Xu et al., "Deep interactive object selection", 2016. Learned
from clicks on the net's own errors: Sofiiuk et al., "Reviving iterative training with mask guidance
for interactive segmentation", 2021. There the clicks enter before the encoder, and the mask before
is read too. Here they join at the decoder, as a prompt does in Kirillov et al., "Segment anything",
2023, so that a click costs no pass of the encoder, and equal clicks have equal answers.
"""

from functools import partial
from statistics import fmean

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seglab.images import scenes
from seglab.nets import blocks, report, training, weights
from seglab.nets.family import Family, Recipe
from seglab.nets.report import Figures, figure
from seglab.ops import clicks
from seglab.types import NO_LABEL, Image, Instances, Labels

NAME = "clicks"
RADIUS = 3  # pixels: of the disc that stands for a click, at most
MOST = 20  # clicks a scene, when they are counted
GOALS = (0.85, 0.9)  # IoU that is asked for when they are counted
SHOWN = (1, 2, 3, 5, 10, 20)  # numbers of clicks after which the IoU is recorded

_WIDTHS = (16, 32, 48, 56)  # channels at strides 2, 4, 8, 16
_STRIDE = 16
_SIGNS = 2  # maps of clicks: on the object, and on the background
_STEPS = 1300
_BATCH = 6  # scenes
_TARGETS = 2  # objects of each scene
_ROUNDS = 3  # answers to one object, each after more clicks
_FIRST = 2  # clicks on the object before the first answer, at most
_MORE = 3  # clicks before each further answer, at most
_SMALLEST = 40  # pixels of an object that is asked for
_LEARNING_RATE = 4e-3
_SCENES = 100  # test scenes of the figures

Features = list[Tensor]


class ClickNet(nn.Module):
    """Untrained net: an image [B, 3, H, W] of any size and labelled pixels to scores [B, 1, H, W].

    A score is the logit of the object that the clicks mean.
    """

    def __init__(self, batch_norm: bool = False) -> None:
        super().__init__()
        first = _WIDTHS[0]
        self.stem = blocks.stem(first, batch_norm=batch_norm)
        self.down = blocks.levels(_WIDTHS, batch_norm)
        last = _WIDTHS[-1]
        self.bottom = blocks.block(last + _SIGNS, last, last, batch_norm=batch_norm)
        pairs = list(zip(_WIDTHS[:0:-1], _WIDTHS[-2::-1], strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(below, width, 2, 2) for below, width in pairs)
        self.merge = nn.ModuleList(
            blocks.block(2 * width + _SIGNS, width, batch_norm=batch_norm) for _, width in pairs
        )
        self.scores = nn.ConvTranspose2d(first + _SIGNS, 1, 2, 2)

    def forward(self, image: Image, seeds: Labels) -> Tensor:
        """Scores of a picture with these labelled pixels, as `decode` takes them."""
        return self.decode(self.encode(image), seeds)

    def encode(self, image: Image) -> Features:
        """Features at strides 2, 4, 8 and 16, [B, C, h, w]: all that the net reads of a picture."""
        blocks.check_image(image)
        padded = blocks.mirrored_to_multiple(image, _STRIDE)
        return blocks.descend(blocks.normalized(padded), self.stem, self.down)

    def decode(self, features: Features, seeds: Labels) -> Tensor:
        """Scores [B, 1, H, W] of a picture's features and its labelled pixels.

        seeds: int64 [B, H, W], 1 on the object, 0 on the background, 255 where nothing is said.
        """
        height, width = seeds.shape[-2:]
        signs = _sign_maps(seeds, features[0])
        at = [F.max_pool2d(signs, 2 ** (level + 1)) for level in range(len(features))]
        x = self.bottom(torch.cat([features[-1], at[-1]], 1))
        stages = zip(self.up, self.merge, features[-2::-1], at[-2::-1], strict=True)
        for up, merge, skip, told in stages:
            x = merge(torch.cat([skip, up(x), told], 1))
        scores: Tensor = self.scores(torch.cat([x, at[0]], 1))
        return scores[..., :height, :width]


def _sign_maps(seeds: Labels, like: Tensor) -> Tensor:
    """One map of 0 and 1 for each sign, [B, 2, h, w], as large as the image behind the features."""
    signs = torch.stack([seeds == 1, seeds == 0], 1).to(like.dtype)
    tall, wide = (2 * side for side in like.shape[-2:])
    return F.pad(signs, (0, wide - signs.shape[-1], 0, tall - signs.shape[-2]))


def pretrained() -> ClickNet:
    """Shipped net in eval mode, on device.default().

    The same object each time: do not change it (copy.deepcopy first).
    """
    return FAMILY.pretrained(NAME)


def mask_of(net: ClickNet, features: Features, labelled: Labels) -> Tensor:
    """Mask of where the object is likelier than not, bool [B, H, W]; none without a click on it."""
    with torch.no_grad():
        share = net.decode(features, labelled)[:, 0] > 0
    clicked = (labelled == clicks.OBJECT).flatten(1).any(1)[:, None, None]
    return share & clicked


# Training


class _Clicked(nn.Module):
    """The net in training: answers to objects [B, H, W], each after more clicks on its errors."""

    def __init__(self, net: ClickNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, given: tuple[Image, Tensor, torch.Generator]) -> Tensor:
        image, truth, random = given
        targets = len(truth) // len(image)
        features = [x.repeat_interleave(targets, 0) for x in self.net.encode(image)]
        seeds = torch.full(truth.shape, NO_LABEL)
        seeds = clicked_at(seeds, truth, truth, int(_draw(1, _FIRST, random)), random)
        answers = []
        for _ in range(_ROUNDS):
            answers.append(self.net.decode(features, seeds))
            wrong = (answers[-1][:, 0].detach() > 0) != truth
            seeds = clicked_at(seeds, truth, wrong, int(_draw(1, _MORE, random)), random)
        return torch.cat(answers)


def _draw(least: int, most: int, random: torch.Generator) -> Tensor:
    return torch.randint(least, most + 1, (), generator=random)


def clicked_at(
    seeds: Labels, truth: Tensor, where: Tensor, count: int, random: torch.Generator
) -> Labels:
    """Seeds with `count` clicks more on each picture, at chance in `where` but not at its edge.

    A disc labels no pixel wrongly: what of it lies across the object's edge is left out.
    """
    inner = -F.max_pool2d(-where[:, None].float(), 3, 1, 1)[:, 0]
    has_inner = inner.flatten(1).any(1)[:, None, None]
    weights = torch.where(has_inner, inner, where.float()).flatten(1)
    there = weights.any(1)
    weights = torch.where(there[:, None], weights, torch.ones_like(weights))
    places = torch.multinomial(weights, count, replacement=True, generator=random)
    rows, columns = (torch.arange(side) for side in seeds.shape[-2:])
    for place in places.T:
        row, column = place // len(columns), place % len(columns)
        apart = (rows - row[:, None])[:, :, None] ** 2 + (columns - column[:, None])[:, None] ** 2
        label = truth.flatten(1).gather(1, place[:, None])[:, :, None]
        told = (apart <= int(_draw(1, RADIUS, random)) ** 2) & (truth == label)
        seeds = torch.where(told & there[:, None, None], label.long(), seeds)
    return seeds


def loss(scores: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy of every pixel plus one minus the soft Dice coefficient of every object.

    scores [R B, 1, H, W]: R answers to each of the objects of truth, bool [B, H, W].
    """
    target = truth.float().repeat(len(scores) // len(truth), 1, 1)
    logits = scores[:, 0]
    share = logits.sigmoid()
    common, sizes = (share * target).sum((1, 2)), (share + target).sum((1, 2))
    dice = 1 - (2 * common + 1) / (sizes + 1)
    return F.binary_cross_entropy_with_logits(logits, target) + dice.mean()


def objects(instances: Instances, count: int, random: torch.Generator) -> Tensor:
    """Masks of `count` objects of each scene, drawn by chance, bool [B count, H, W].

    Small pieces are not drawn where a scene has larger ones.
    """
    chosen = []
    for plane in instances:
        sizes = plane.flatten().bincount()
        sizes[0] = 0
        large = (sizes >= _SMALLEST).nonzero()[:, 0]
        numbers = large if len(large) else sizes.argmax()[None]
        drawn = numbers[torch.randint(len(numbers), (count,), generator=random)]
        chosen.append(plane == drawn[:, None, None])
    return torch.cat(chosen)


def _recipe(_: str, seed: int, before: nn.Module | None) -> Recipe:
    net = ClickNet(batch_norm=True).to(memory_format=torch.channels_last)

    def batch(step: int) -> tuple[tuple[Image, Tensor, torch.Generator], Tensor]:
        random = training.generator(seed, step)
        scene = scenes.batch(training.fresh_seeds(seed, step, _BATCH), split="train")
        truth = objects(scene.instances, _TARGETS, random)
        return (blocks.channels_last(scene.image), truth, random), truth

    return Recipe(
        net,
        batch,
        _STEPS,
        lambda: _stored(net),
        learner=_Clicked(net),
        loss=loss,
        rate=_LEARNING_RATE,
        settings={"batch": _BATCH, "targets": _TARGETS, "rounds": _ROUNDS},
    )


def _stored(net: ClickNet) -> weights.State:
    blocks.fold_norms(net)
    return weights.to_half(net)


def _restored(_: str, state: weights.State) -> ClickNet:
    return weights.from_half(ClickNet(), state)


# Figures


def measure(net: ClickNet, split: str = "test", count: int = _SCENES) -> Figures:
    """Figures on one object of each of `count` scenes, clicked at by the simulated clicker.

    mean_iou: after 1, 2, 3, 5, 10 and 20 clicks. clicks: the mean number until a goal is reached,
    20 where it never is.
    """
    random = torch.Generator().manual_seed(0)
    courses = []
    for seed in range(count):
        scene = scenes.make(seed, split=split)
        truth = objects(scene.instances.cpu(), 1, random).to(scene.image.device)
        with torch.no_grad():
            features = net.encode(blocks.channels_last(scene.image))
        course = clicks.course(partial(mask_of, net, features), truth, MOST, radius=RADIUS)
        courses.append(course.ious)
    full = [(*ious, *[ious[-1]] * (MOST + 1 - len(ious))) for ious in courses]
    return {
        "parameters": weights.count(net),
        "mean_iou": {str(n): round(fmean(ious[n] for ious in full), 4) for n in SHOWN},
        "clicks": {
            str(goal): round(fmean(clicks.number_of_clicks(i, goal, MOST) for i in full), 2)
            for goal in GOALS
        },
    }


def _measured(_: str, state: weights.State, losses: list[float]) -> Figures:
    net = _restored(NAME, state)
    return {**measure(net), "loss": report.curve(losses)}


FAMILY = Family(
    name="clicks",
    nets=(NAME,),
    recipe=_recipe,
    restore=_restored,
    measure=_measured,
    columns={
        "weights": figure("parameters"),
        **{f"IoU after {n}": figure("mean_iou", str(n), digits=3) for n in (1, 2, 3, 5, 10)},
        **{f"NoC@{goal:.0%}": figure("clicks", str(goal), digits=1) for goal in GOALS},
    },
)
