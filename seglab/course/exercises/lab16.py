"""Lab 16, your photo: classes merged, colours laid over, labels brought to another size."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from seglab.course.declarations import Exercise, Option, Question


def _scores_and_group(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    classes = 4 + i // 5
    scores = torch.from_numpy(random.normal(size=(classes, 1 + i // 4, 2 + i // 3)) * 2)
    chosen = random.permutation(classes)[: 2 + i // 8]
    return {"scores": scores.float(), "group": tuple(sorted(chosen.tolist()))}


def probability_of(scores: Tensor, group: tuple[int, ...]) -> Tensor:
    """For each pixel, the probability that its class is one of the group."""
    return scores.softmax(0)[list(group)].sum(0)


def _two_scores(scores: Tensor, group: tuple[int, ...]) -> Tensor:
    rest = [k for k in range(len(scores)) if k not in group]
    return (scores[list(group)].sum(0) - scores[rest].sum(0)).sigmoid()


def _labels_and_colours(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    classes, height, width = 2 + i // 4, 2 + i // 4, 3 + i // 3
    labels = random.integers(0, classes, (height, width))
    labels.flat[0], labels.flat[1] = 0, 1
    return {
        "image": torch.from_numpy(random.random((3, height, width))).float(),
        "labels": torch.from_numpy(labels),
        "colours": torch.from_numpy(random.random((classes, 3))).float(),
        "opacity": (0.25, 0.75, 0.6)[i % 3],
    }


def labels_over(image: Tensor, labels: Tensor, colours: Tensor, opacity: float) -> Tensor:
    """The picture mixed with each label's colour; where the label is 0, the picture alone."""
    return _mixed(image, labels, colours, opacity, labels > 0)


def _mixed(image: Tensor, labels: Tensor, colours: Tensor, opacity: float, where: Tensor) -> Tensor:
    painted = colours[labels].permute(2, 0, 1)
    return torch.where(where, (1 - opacity) * image + opacity * painted, image)


def _everywhere(image: Tensor, labels: Tensor, colours: Tensor, opacity: float) -> Tensor:
    return _mixed(image, labels, colours, opacity, torch.ones_like(labels, dtype=torch.bool))


def _added(image: Tensor, labels: Tensor, colours: Tensor, opacity: float) -> Tensor:
    painted = colours[labels].permute(2, 0, 1)
    return torch.where(labels > 0, image + opacity * painted, image)


def _labels_and_size(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    height, width = 2 + i // 4, 3 + i // 3
    labels = torch.from_numpy(random.integers(0, 21, (height, width)))
    labels[0, 0], labels[-1, -1] = 0, 15
    size = (height * (2 + i % 2) + i % 3, width * (2 + i % 3) + 1 + i % 2)
    return {
        "labels": labels,
        "size": (_without_ties(height, size[0]), _without_ties(width, size[1])),
    }


def _without_ties(old: int, new: int) -> int:
    """Return the next size, from `new` on, at which no middle lies between two old pixels."""
    while any((2 * place + 1) * old % (2 * new) == 0 for place in range(new)):
        new += 1
    return new


def to_size(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """The label map at another size: each new pixel has the label of the old one it lies in."""
    return _resized(labels, size, "nearest-exact")


def _enlarged(labels: Tensor, size: tuple[int, int], mode: str) -> Tensor:
    return F.interpolate(labels[None, None].double(), size, mode=mode)[0, 0]


def _resized(labels: Tensor, size: tuple[int, int], mode: str) -> Tensor:
    return _enlarged(labels, size, mode).round().long()


def _first_pixel(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(labels[None, None].double(), size, mode="nearest")[0, 0].long()


def _corners(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """The first pixel of the one on the first of the other, and the last on the last."""
    rows, columns = (
        (torch.arange(new) * (old - 1) / max(new - 1, 1)).round().long()
        for new, old in zip(size, labels.shape, strict=True)
    )
    return labels[rows][:, columns]


EXERCISES = (
    Exercise(
        "probability_of",
        _scores_and_group,
        probability_of,
        {
            "the scores are added up as they are: a score is no probability before a softmax": (
                lambda scores, group: scores[list(group)].sum(0)
            ),
            "only the likeliest class of the group counts: a pixel may be any of them": (
                lambda scores, group: scores.softmax(0)[list(group)].amax(0)
            ),
            "the softmax is over the group only, so the answer is always 1: take all classes": (
                lambda scores, group: scores[list(group)].softmax(0).sum(0)
            ),
            "each score goes through a sigmoid of its own: the classes of a pixel compete": (
                lambda scores, group: scores[list(group)].sigmoid().sum(0)
            ),
            "the scores of the group and of the rest are added up before they are compared: the "
            "exponentials add up, not the scores": _two_scores,
            "this is the mean over the group: a pixel has only one class, so add them up": (
                lambda scores, group: scores.softmax(0)[list(group)].mean(0)
            ),
        },
    ),
    Exercise(
        "labels_over",
        _labels_and_colours,
        labels_over,
        {
            "the background is tinted too: where the label is 0 the picture stays as it is": (
                _everywhere
            ),
            "opacity works the wrong way round: at 1 only the colour is seen": (
                lambda image, labels, colours, opacity: labels_over(
                    image, labels, colours, 1 - opacity
                )
            ),
            "the colour is added to the picture: in a mixture the two shares add up to 1": _added,
            "the labels hide the picture: opacity is not used": (
                lambda image, labels, colours, opacity: labels_over(image, labels, colours, 1.0)
            ),
            "red and blue are exchanged: colours are red, green, blue, like the picture": (
                lambda image, labels, colours, opacity: labels_over(
                    image, labels, colours.flip(1), opacity
                )
            ),
        },
    ),
    Exercise(
        "to_size",
        _labels_and_size,
        to_size,
        {
            "labels are mixed: class 5 is not the mean of class 2 and class 8": (
                lambda labels, size: _resized(labels, size, "bilinear")
            ),
            "labels are mixed and then cut to whole numbers: class 5 is not the mean of class 2 "
            "and class 8": lambda labels, size: _enlarged(labels, size, "bilinear").long(),
            "the map lies a little too far right and down: a new pixel takes the old one in which "
            "its middle lies, not its corner": _first_pixel,
            "the corner pixels are laid on each other: then pixels near the border are smaller "
            "than the rest": _corners,
            "the map is repeated side by side: show it once, at the new size": (
                lambda labels, size: labels.repeat(
                    *(-(-n // o) for n, o in zip(size, labels.shape, strict=True))
                )[: size[0], : size[1]]
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "16-a-cup-of-coffee",
        "A net was trained to find the person in photographs from phones. You show it a cup of "
        "coffee on a table, and nobody. What will it answer?",
        (
            Option(
                "0 at every pixel: there is no person",
                "It would, if it knew what a person is. It knows what told persons from what was "
                "behind them in its training pictures. Something large and near, in the middle, "
                "looks like that.",
            ),
            Option(
                "about one half at every pixel: it does not know",
                "It has no answer for “I do not know”. One half means: between a person and what "
                "is behind. It is that unsure of the cat, and not of the cup.",
            ),
            Option(
                "nearly 1 at many pixels: a person",
                "The cup is large, near and in the middle. The net is sure, and wrong: certainty "
                "is not correctness.",
                right=True,
            ),
        ),
    ),
    Question(
        "16-a-thing-unknown",
        "A net was trained on the twenty classes of Pascal VOC. You show it a photograph of a "
        "coffee cup on a table; “cup” is not among the twenty. What will it label the cup?",
        (
            Option(
                "nothing: the pixels get no label",
                "The softmax gives all of the certainty to the classes that there are. "
                "“I do not know” is not one of them.",
            ),
            Option(
                "background, or a class that looks a little like it",
                "In training, everything outside the twenty classes was called background. So "
                "“background” means “none of my twenty”, and what looks like a bottle or a potted "
                "plant may well be called that.",
                right=True,
            ),
            Option(
                "cup: it has seen many pictures with cups",
                "It has seen them, as background. A net can only give the classes of its training.",
            ),
        ),
    ),
    Question(
        "16-stride-by-dilation",
        "DeepLabV3 can run at output stride 16 or 8: the last strides are replaced by dilation. "
        "What does the change from 16 to 8 need?",
        (
            Option(
                "other weights: the kernels get larger",
                "A dilated kernel is wider and has the same number of taps. No weight changes its "
                "shape.",
            ),
            Option(
                "the same weights, and somewhat more than twice the multiply-adds",
                "Every weight stays. The layers behind the removed stride now answer on four "
                "times as many places; the layers before it cost what they did.",
                right=True,
            ),
            Option(
                "nothing: the answer is only enlarged further",
                "Enlarging makes more pixels, not more answers. Output stride 8 has four times as "
                "many real answers.",
            ),
        ),
        after=True,
    ),
)
