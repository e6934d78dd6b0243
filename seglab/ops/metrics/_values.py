"""Errors of values and probabilities, pixel by pixel and over a picture."""

import math
from collections.abc import Sequence

from torch import Tensor

from seglab import scalars
from seglab.ops import _validate, heatmap
from seglab.ops._floats import widest
from seglab.ops.metrics._confusion import alike_labels, check_alike
from seglab.types import Labels, Scores


def largest_difference(values: Tensor, others: Tensor) -> float:
    """The largest absolute difference of two tensors of one shape."""
    return scalars.real(_differences(values, others, "others").abs().max())


def root_mean_square(values: Tensor, truth: Tensor, where: Tensor | None = None) -> float:
    """The root of the mean squared difference; NaN where nothing is judged.

    where: bool of the same shape, True for what is judged; all when None.
    """
    squared = _differences(values, truth, "truth").square()
    if where is not None and _validate.masks(where, "where", "[...]").shape != squared.shape:
        raise ValueError(
            f"where has shape {list(where.shape)} and values {list(squared.shape)}; use one shape"
        )
    if where is not None:
        return scalars.real((squared.where(where, 0).sum() / where.sum()).sqrt())
    return scalars.real(squared.mean().sqrt())


def missing_probability(probabilities: Scores, truth: Labels) -> Tensor:
    """Probability that the true class lacks to 1 at each pixel, [B, H, W].

    probabilities: [B, K, H, W]; truth: int64 [B, H, W], 0 to K - 1. Raises ValueError for another
    label or another size.
    """
    _validate.maps(probabilities, name="probabilities")
    if not isinstance(truth, Tensor):
        raise TypeError(f"truth is a {type(truth).__name__}; use a tensor [B, H, W]")
    if truth.shape != (len(probabilities), *probabilities.shape[2:]):
        raise ValueError(
            f"truth has shape {list(truth.shape)} and probabilities {list(probabilities.shape)}; "
            f"use [B, H, W] and [B, K, H, W] of one size"
        )
    for stray in truth.long().aminmax():
        if not 0 <= stray < probabilities.shape[1]:
            raise ValueError(
                f"truth holds {int(stray)}, which is none of the {probabilities.shape[1]} classes"
            )
    truth = _validate.whole(truth, "truth")
    return 1 - probabilities.gather(1, truth[:, None])[:, 0]


def coverage(labels: Labels, classes: int) -> float:
    """The share of the pixels that have one of the labels 0 to classes - 1."""
    return scalars.whole(_answered(labels, classes).sum()) / labels.numel()


def selective_accuracy(labels: Labels, truth: Labels, classes: int) -> float:
    """The share of right labels among the pixels that have one of 0 to classes - 1; NaN for none.

    Any other label, such as 255, is no answer. With coverage() it says what rejecting buys:
    R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective classification", 2010.
    """
    labels, truth = alike_labels("labels", labels, truth)
    answered = _answered(labels, classes)
    right = (labels == truth) & answered
    judged = int(answered.sum())
    return int(right.sum()) / judged if judged else math.nan


def accuracy_by_coverage(
    probabilities: Scores, truth: Labels, levels: Sequence[float]
) -> dict[float, float]:
    """Coverage -> accuracy when what has no class of at least a level is rejected, for each level.

    Coverage: the share of the pixels that keep a label; accuracy: the share of right ones among
    these. A level that leaves no label has no point. It is the risk-coverage curve (1 - accuracy is
    the risk) of Y. Geifman and R. El-Yaniv, "Selective classification for deep neural networks",
    2017. Raises ValueError as heatmap.reject does.
    """
    classes = probabilities.shape[1]
    maps = (heatmap.reject(probabilities, level) for level in levels)
    points = {coverage(m, classes): selective_accuracy(m, truth, classes) for m in maps}
    return {covered: right for covered, right in points.items() if covered}


def achievable_accuracy(segments: Labels, truth: Labels, classes: int) -> float:
    """The share of right pixels if every segment took the class that it has most of.

    segments, truth: whole numbers from 0 of one shape. It is an upper bound for what labels of
    whole segments can reach: M.-Y. Liu et al., "Entropy rate superpixel segmentation", 2011.
    Raises ValueError for a true label outside 0 to classes - 1.
    """
    segments, truth = alike_labels("segments", segments, truth)
    if int(segments.min()) < 0:
        raise ValueError(f"segments holds {int(segments.min())}; number the segments from 0")
    segments = segments.unique(return_inverse=True)[1]
    for stray in truth.aminmax():
        if not 0 <= stray < classes:
            raise ValueError(
                f"truth holds {int(stray)}, which is none of the {classes} classes; "
                f"use 0 to {classes - 1}"
            )
    count = (int(segments.max()) + 1) * classes
    table = (segments.flatten() * classes + truth.flatten()).bincount(minlength=count)
    return float(table.view(-1, classes).amax(1).sum()) / truth.numel()


def _differences(values: Tensor, others: Tensor, name: str) -> Tensor:
    """values - others in the most exact floats; as uint8, 0 - 1 is 255."""
    check_alike("values", values, others, name)
    first, second = (x.to(widest(x)) for x in (values, others))
    return first - second


def _answered(labels: Labels, classes: int) -> Tensor:
    labels = _validate.whole(labels, "labels")
    return (labels >= 0) & (labels < classes)
