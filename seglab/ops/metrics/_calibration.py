"""Calibration: whether of the pixels with a probability of 75%, 75 in 100 are right."""

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._floats import share, widest
from seglab.ops.metrics._confusion import alike_labels
from seglab.types import NO_LABEL, Labels, Scores


def reliability(probabilities: Scores, truth: Labels, bins: int = 10) -> Tensor:
    """Table of a reliability diagram, float [bins, 3], by the probability of the best class.

    A row for each of so many equal bins of probability, from 0 to 1, a bin with its upper end: the
    share of the pixels in it, their mean probability and the share of right ones, both NaN where
    there is no pixel. Pixels without a true label (255) or with NaN do not count.
    Raises ValueError for another shape. DeGroot and Fienberg, "The comparison and evaluation of
    forecasters", 1983.
    """
    _validate.maps(probabilities, name="probabilities")
    _validate.whole_number("bins", bins)
    best = probabilities.max(1)
    labels, truth = alike_labels("labels", best.indices, truth)
    there = (truth != NO_LABEL) & best.values.isfinite()
    sure = best.values[there].float()
    place = ((sure * bins).ceil().long() - 1).clamp(0, bins - 1)
    count = place.bincount(minlength=bins)
    hits = place[(labels == truth)[there]].bincount(minlength=bins)
    total = torch.zeros(bins, device=sure.device, dtype=widest(sure))
    total = total.index_add(0, place, sure.to(total.dtype))
    mean = (total / count).to(sure.dtype)
    return torch.stack((share(count, count.sum()), mean, share(hits, count)), 1)


def calibration_error(table: Tensor) -> float:
    """Expected calibration error of reliability(): how far probability and accuracy lie apart.

    The mean over the bins, each by its share of the pixels: M. P. Naeini et al., "Obtaining well
    calibrated probabilities using Bayesian binning", 2015. NaN where there is no pixel.
    """
    weight, sure, right = table.unbind(1)
    if not bool((weight > 0).any()):
        return float("nan")
    return float((weight * (sure - right).abs()).nansum())
