"""Weights of the classes in a loss, so that what is rare in the pixels still counts."""

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._floats import share
from seglab.types import NO_LABEL, Labels


def frequencies(labels: Labels, classes: int, ignore: int = NO_LABEL) -> Tensor:
    """The share of each class in the labelled pixels, float [K].

    labels: whole numbers of any shape; pixels labelled `ignore` count nowhere.
    Raises ValueError for a label outside 0 to K - 1, and where no pixel is labelled.
    """
    labels = _validate.whole(labels, "labels")
    _validate.ignored(_validate.whole_number("classes", classes), ignore)
    known = labels[labels != ignore]
    if not known.numel():
        raise ValueError(f"labels has no pixel with a class (not {ignore}); give at least one")
    _validate.known_classes(known, classes, ignore)
    counts = known.flatten().bincount(minlength=classes)
    return share(counts, counts.sum())


def inverse(frequencies: Tensor, power: float = 1.0) -> Tensor:
    """A weight for each class, [K]: its frequency to the power of -power; 0 where that is 0.

    Scaled so that an average pixel weighs 1. power 1 makes all classes count alike, however large;
    1/2 goes half the way; 0 leaves every pixel as it is.
    Raises ValueError unless frequencies are from 0 and one is above.
    """
    if frequencies.ndim != 1 or not bool((frequencies >= 0).all() and frequencies.sum() > 0):
        raise ValueError(
            f"frequencies={frequencies.tolist()} must be a share from 0 for each class, one of "
            f"them above 0"
        )
    weights = torch.where(frequencies > 0, frequencies.clamp_min(1e-30) ** -power, 0)
    return weights * (frequencies.sum() / (frequencies * weights).sum())
