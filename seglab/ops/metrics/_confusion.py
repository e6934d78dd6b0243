"""Metrics from one confusion matrix: accuracy, IoU and Dice of labels."""

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._floats import share, widest
from seglab.types import NO_LABEL, Labels


def confusion(labels: Labels, truth: Labels, classes: int, ignore: int = NO_LABEL) -> Tensor:
    """Number of pixels of each true class (row) that were given each label (column), int64 [K, K].

    labels, truth: whole numbers of one shape; classes: K. Pixels whose truth is `ignore` count
    nowhere. Raises ValueError for a label outside 0 to K - 1 on any other pixel. That includes
    `ignore`: no answer is not a right one; the message says how to judge answered pixels only.

    >>> import torch
    >>> from seglab.ops import metrics
    >>> truth = torch.tensor([[[0, 0, 1, 1]]])
    >>> labels = torch.tensor([[[0, 1, 1, 1]]])
    >>> counted = metrics.confusion(labels, truth, classes=2)
    >>> counted
    tensor([[1, 1],
            [0, 2]])
    >>> metrics.iou(counted)
    tensor([0.5000, 0.6667])
    >>> metrics.mean_iou(counted)
    tensor(0.5833)
    """
    labels, truth, judged = judged_pixels(labels, truth, classes, ignore)
    # One more bin takes the pixels that are not judged: cheaper than to pick out the others.
    codes = (truth * classes + labels).where(judged, classes**2)
    return counts_below(codes, classes**2).view(classes, classes)


def pixel_accuracy(confusion: Tensor) -> Tensor:
    """The share of all pixels that are right."""
    confusion = _counts(confusion)
    return share(confusion.trace(), confusion.sum())


def mean_accuracy(confusion: Tensor) -> Tensor:
    """The share of each true class that is right (its recall), averaged over the true classes."""
    confusion = _counts(confusion)
    return share(confusion.diagonal(), confusion.sum(1)).nanmean()


def iou(confusion: Tensor) -> Tensor:
    """Intersection over union (Jaccard index) of each class, [K]; NaN where it is nowhere.

    A class that was predicted but is not in the truth has 0.
    """
    confusion = _counts(confusion)
    right = confusion.diagonal()
    return share(right, confusion.sum(0) + confusion.sum(1) - right)


def mean_iou(confusion: Tensor) -> Tensor:
    """Mean of iou over the classes in the truth or in the prediction, a scalar tensor."""
    return iou(confusion).nanmean()


def frequency_weighted_iou(confusion: Tensor) -> Tensor:
    """The mean of iou, each class weighted by its share of the true pixels."""
    confusion = _counts(confusion)
    each = iou(confusion)
    total = (confusion.sum(1).to(widest(confusion)) * each.nan_to_num(0)).sum()
    return (total / confusion.sum()).to(each.dtype)


def dice(confusion: Tensor) -> Tensor:
    """Dice coefficient (F1 score) of each class, [K]: 2 iou / (1 + iou), NaN where iou is."""
    confusion = _counts(confusion)
    return share(2 * confusion.diagonal(), confusion.sum(0) + confusion.sum(1))


def _counts(confusion: Tensor) -> Tensor:
    """A confusion matrix [K, K], whole numbers as int64 so that no sum of them overflows."""
    if not isinstance(confusion, Tensor):
        raise TypeError(f"confusion is a {type(confusion).__name__}; use a tensor [K, K]")
    if confusion.is_complex() or confusion.dtype == torch.bool:
        raise TypeError(f"confusion is {confusion.dtype}; use counts, int64 [K, K]")
    if confusion.ndim != 2 or confusion.shape[0] != confusion.shape[1] or not confusion.numel():
        remedy = ", such as confusion.sum(0)" if confusion.ndim == 3 else ""
        raise ValueError(f"confusion has shape {list(confusion.shape)}; use [K, K]{remedy}")
    counts = confusion if confusion.is_floating_point() else _validate.whole(confusion, "confusion")
    if bool((counts < 0).any()):
        raise ValueError(f"confusion holds {counts.min():g}, which is no count; use numbers from 0")
    return counts


def judged_pixels(
    labels: Tensor, truth: Tensor, classes: int, ignore: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Both maps as int64, and the pixels that count; refuses labels of no class on them."""
    labels, truth = alike_labels("labels", labels, truth)
    _validate.ignored(_validate.whole_number("classes", classes), ignore)
    judged = truth != ignore
    for name, given in (("truth", truth), ("labels", labels)):
        for stray in given.where(judged, 0).aminmax():
            if 0 <= stray < classes:
                continue
            if stray == ignore:
                raise ValueError(
                    f"{name} holds {ignore}, no label, where the truth has one: an error, but of "
                    f"no class; to judge answered pixels only, use "
                    f"truth.masked_fill(labels == {ignore}, {ignore})"
                )
            raise ValueError(
                f"{name} holds {int(stray)}, which is none of the {classes} classes; use 0 to "
                f"{classes - 1}, or {ignore} in truth for a pixel that is not judged"
            )
    return labels, truth, judged


def alike_labels(
    name: str, given: Tensor, truth: Tensor, other: str = "truth"
) -> tuple[Tensor, Tensor]:
    """Two maps of whole numbers as int64; refuses others, and two that check_alike refuses."""
    check_alike(name, given, truth, other)
    return _validate.whole(given, name), _validate.whole(truth, other)


def check_alike(name: str, given: Tensor, truth: Tensor, other: str = "truth") -> None:
    """Refuse two tensors unless they have one shape, at least one value, and one device."""
    for argument, value in ((name, given), (other, truth)):
        if not isinstance(value, Tensor):
            raise TypeError(f"{argument} is {type(value).__name__}; use a tensor [B, H, W]")
    if given.shape != truth.shape or not given.numel():
        raise ValueError(
            f"{name} has shape {list(given.shape)} and {other} {list(truth.shape)}; "
            f"use one shape for both, with at least one pixel"
        )
    if given.device != truth.device:
        raise ValueError(
            f"{name} is on {given.device} and {other} on {truth.device}; "
            f"use {name}.to({other}.device)"
        )


def counts_below(codes: Tensor, below: int) -> Tensor:
    """Count each code from 0 to below - 1; `below` itself is not counted."""
    return codes.flatten().bincount(minlength=below + 1)[:-1]
