"""Lab 00, start here: an image is numbers, a segmentation is a label for each pixel."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question


def _labels(random: np.random.Generator, i: int) -> Tensor:
    height, width = 2 + i // 2, 3 + i // 3
    labels = torch.from_numpy(random.integers(0, 4, (height, width)))
    labels[0, 0], labels[0, 1] = 1, 2  # the class asked for, 1 to 3, always has a larger neighbour
    labels[1, 0], labels[1, 1] = 3, 1
    return labels


def _labels_and_class(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    return {"labels": _labels(random, i), "k": 1 + i % 3}


def mask_of(labels: Tensor, k: int) -> Tensor:
    """True where the label is k."""
    return labels == k


def count_pixels(labels: Tensor, k: int) -> int:
    """Number of pixels with the label k."""
    return int((labels == k).sum())


def _picture_and_mask(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    height, width = 1 + i // 2, 2 + i // 3
    mask = torch.from_numpy(random.random((height, width)) < 0.5)
    mask[0, 0], mask[0, 1] = True, False
    return {
        "image": torch.from_numpy(random.integers(1, 10, (3, height, width)) / 10).float(),
        "mask": mask,
        "colour": torch.tensor([1.0, 0.5, 0.0]),
        "strength": (0.25, 0.4, 0.75)[i % 3],
    }


def overlay(image: Tensor, mask: Tensor, colour: Tensor, strength: float) -> Tensor:
    """The image, mixed with the colour where the mask is True."""
    mixed = (1 - strength) * image + strength * colour[:, None, None]
    return torch.where(mask, mixed, image)


def _flat(image: Tensor, colour: Tensor) -> Tensor:
    return colour[:, None, None].expand_as(image)


EXERCISES = (
    Exercise(
        "mask_of",
        _labels_and_class,
        mask_of,
        {
            "the mask is inside out: True belongs where the label is k": (
                lambda labels, k: labels != k
            ),
            "the classes above k are in it too: a mask is of one class": (
                lambda labels, k: labels >= k
            ),
            "these are labels, with 0 for the others: a mask is True or False": lambda labels, k: (
                labels * (labels == k)
            ),
            "the ones and zeros are right, but a mask is bool: True and False": (
                lambda labels, k: (labels == k).long()
            ),
            "the ones and zeros are right, but a mask is bool, not float: True and False": (
                lambda labels, k: (labels == k).float()
            ),
        },
    ),
    Exercise(
        "count_pixels",
        _labels_and_class,
        count_pixels,
        {
            "this adds the labels up: count the pixels that have label k, each as one": (
                lambda labels, k: int(labels[labels == k].sum())
            ),
            "this counts the pixels of all the other classes": (
                lambda labels, k: int((labels != k).sum())
            ),
            "this counts all the pixels of the picture: count those with label k": (
                lambda labels, k: labels.numel()
            ),
            "this is the share of the picture: return the number of pixels": (
                lambda labels, k: float((labels == k).double().mean())
            ),
        },
        reveal=False,
    ),
    Exercise(
        "overlay",
        _picture_and_mask,
        overlay,
        {
            "the colour lies on the whole picture: outside the mask nothing changes": (
                lambda image, mask, colour, strength: (
                    (1 - strength) * image + strength * _flat(image, colour)
                )
            ),
            "the colour lies outside the mask: put it where the mask is True": (
                lambda image, mask, colour, strength: overlay(image, ~mask, colour, strength)
            ),
            "image and colour have changed places: strength is the share of the colour": (
                lambda image, mask, colour, strength: overlay(image, mask, colour, 1 - strength)
            ),
            "the colour covers the picture: mix the two, with strength as the colour's share": (
                lambda image, mask, colour, strength: overlay(image, mask, colour, 1.0)
            ),
            "the colour is added to all of the image: the image counts 1 - strength there": (
                lambda image, mask, colour, strength: image + strength * mask * _flat(image, colour)
            ),
            "the picture is black outside the mask: leave it as it is there": (
                lambda image, mask, colour, strength: overlay(image, mask, colour, strength) * mask
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "00-how-many-labels",
        "A photograph has 100 rows and 200 columns, each pixel with 3 colour values. "
        "How many numbers does its segmentation have?",
        (
            Option("100 × 200 × 3", "The three colour values of a pixel get one label together."),
            Option(
                "100 × 200",
                "One number for each pixel, its label. The colours of a label map only make it "
                "visible.",
                right=True,
            ),
            Option(
                "one for each object",
                "That is a list of objects. A segmentation says of every pixel what it belongs to.",
            ),
        ),
    ),
    Question(
        "00-label-in-between",
        "Labels: 0 is sky, 1 is grass, 2 is stone. What is a pixel halfway between sky and stone?",
        (
            Option(
                "grass, since (0 + 2) / 2 is 1",
                "The numbers are only names: sky and stone have no average. So labels are never "
                "blurred or interpolated.",
            ),
            Option(
                "sky or stone, but never grass",
                "Labels are names, not amounts. A label is chosen, for example the nearest one. "
                "Scores can be averaged, labels cannot.",
                right=True,
            ),
            Option(
                "it has no label",
                "You can leave a pixel without a label. But that is a decision of your own. It "
                "does not follow from the numbers.",
            ),
        ),
        after=True,
    ),
)
