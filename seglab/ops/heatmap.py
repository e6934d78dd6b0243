"""From scores to decisions: probabilities, labels, masks, and no label where nothing is sure.

Scores are [B, K, h, w], one number per class and place. They are no probabilities before a softmax
over the classes. Of equal scores the class with the smallest number wins, on every device; where a
score is NaN there is no label.
"""

import math

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import NO_LABEL, Labels, Scores, Size

RULES = ("argmax", "threshold", "reject")  # of decide()


def softmax(scores: Scores, temperature: float = 1.0) -> Tensor:
    """Probabilities: the softmax over the classes of scores / temperature, [B, K, h, w].

    A temperature above 1 makes them more alike, one below 1 sharper; the order never changes. With
    a single channel there is nothing to compare: use scores.sigmoid() instead.
    Guo et al., "On calibration of modern neural networks", 2017, fit the temperature to data.
    Raises ValueError unless temperature is above 0 and finite.

    >>> import torch
    >>> from seglab.ops import heatmap
    >>> scores = torch.tensor([2.0, 0.0, 0.0]).reshape(1, 3, 1, 1)
    >>> heatmap.softmax(scores).flatten()
    tensor([0.7870, 0.1065, 0.1065])
    >>> heatmap.softmax(scores, temperature=4.0).flatten()
    tensor([0.4519, 0.2741, 0.2741])
    """
    _validate.maps(scores, name="scores")
    if not 0 < temperature < math.inf:
        raise ValueError(f"temperature={temperature} must be above 0 and finite; use 1 for none")
    # Less the best score first, so that no small temperature divides beyond the largest float.
    return ((scores - scores.amax(1, keepdim=True)) / temperature).softmax(1)


def normalized(values: Scores) -> Tensor:
    """Shares that add up to 1 at each place, [B, K, h, w]; what is below 0 counts as 0.

    For probabilities that an upsampling with negative weights, or with weights of another sum, has
    spoiled. Where nothing is above 0 all shares are 0.
    """
    _validate.maps(values, name="values")
    share = values.clamp(min=0)
    return share / share.sum(1, keepdim=True).clamp(min=1e-6)


def label_map(scores: Scores, ignore: int = NO_LABEL, holes: bool = False) -> Labels:
    """The class with the highest score, int64 [B, h, w]; `ignore` where a score is NaN.

    Scores or probabilities: softmax keeps their order, so the labels are the same. holes: no label
    either where all classes have the same score, as where max unpooling wrote nothing.

    >>> import torch
    >>> from seglab.ops import heatmap
    >>> scores = torch.tensor([[[[0.0, 3.0]], [[1.0, 2.0]]]])
    >>> heatmap.label_map(scores)
    tensor([[[1, 0]]])
    """
    _validate.maps(scores, name="scores")
    best = scores.max(1)  # argmax across channels takes ten times as long; max gives NaN priority
    none = ~(best.values > scores.amin(1)) if holes else best.values.isnan()
    return _labelled(scores, best.indices, none, ignore)


def at_pixels(labels: Labels, field: ReceptiveField, size: Size, ignore: int = NO_LABEL) -> Labels:
    """A label map [B, h, w] on the pixels of the image that it was made from, int64 [B, H, W].

    Every pixel takes the label of the unit in whose cell it lies, the `field.stride` pixels around
    the center of the unit's field, and `ignore` outside all cells: direct heatmap prediction, which
    is upsampling by the nearest value. field: that of the map's units; size: (H, W).
    Raises ValueError for labels of another shape.
    """
    labels = _validate.whole(labels, "labels", "[B, h, w]")
    if labels.ndim != 3:
        raise ValueError(f"labels has shape {list(labels.shape)}; use [B, h, w]")
    return _cells(labels, field, size, ignore)


def values_at_pixels(values: Tensor, field: ReceptiveField, size: Size) -> Tensor:
    """Maps [B, C, h, w] on the pixels of the image that they were made from, [B, C, H, W].

    Every pixel takes the value of the unit in whose cell it lies, as in at_pixels(), and NaN
    outside all cells. field: that of the maps' units; size: (H, W).
    """
    _validate.maps(values, name="values")
    return _cells(values, field, size, math.nan)


def decide(
    values: Scores,
    rule: str,
    level: float = 0.5,
    several: int | None = None,
    ignore: int = NO_LABEL,
) -> Labels:
    """One label for each place by a rule, int64 [B, h, w], from scores or from probabilities.

    "argmax": the best class, whatever its value. "threshold": the only class that reaches the
    level; `several` (K when None) where two or more do. "reject": the best class where it reaches
    the level, as reject() does. Both give `ignore` where no class reaches it.
    Raises ValueError for another rule, and when level is NaN.

    >>> import torch
    >>> from seglab.ops import heatmap
    >>> probabilities = torch.tensor([[[[0.9, 0.4]], [[0.1, 0.6]]]])
    >>> heatmap.decide(probabilities, "reject", level=0.7)
    tensor([[[  0, 255]]])
    """
    if rule not in RULES:
        raise ValueError(f"rule={rule!r} is unknown; use one of {', '.join(map(repr, RULES))}")
    best = label_map(values, ignore)
    if rule == "argmax":
        return best
    reached = threshold(values, level).sum(1)
    if rule == "threshold":
        best = torch.where(reached > 1, values.shape[1] if several is None else several, best)
    return torch.where(reached == 0, ignore, best)


def threshold(scores: Scores, level: float) -> Tensor:
    """Places where each class reaches the level, bool [B, K, h, w]: no, one or many a pixel.

    For binary and multi-label tasks, where every channel is a yes-no question of its own. For one
    label per pixel use label_map: whatever the level, some pixels reach it for no class or for two.
    Raises ValueError when level is NaN.
    """
    _validate.maps(scores, name="scores")
    if math.isnan(level):
        raise ValueError("level=nan compares with nothing; use a number, such as 0.5")
    return scores >= level


def reject(probabilities: Scores, level: float, ignore: int = NO_LABEL) -> Labels:
    """The most probable class where it has at least `level`, and `ignore` elsewhere, [B, h, w].

    Chow, "On optimum character recognition system using decision functions", 1957: when wrong
    answers cost more than none, answer only above a level. Up to level 1 / K nothing is rejected.
    Raises ValueError for a level outside 0 to 1, and for values that are no probabilities.
    """
    _validate.maps(probabilities, name="probabilities")
    if not 0 <= level <= 1:
        raise ValueError(f"level={level} is no probability; use a number from 0 to 1")
    low, high = map(float, probabilities.aminmax())
    if low < 0 or high > 1.001:  # half precision may round a little above 1
        raise ValueError(
            f"probabilities go from {low:.3g} to {high:.3g}, outside 0 to 1; use softmax(scores)"
        )
    best = probabilities.max(1)
    return _labelled(probabilities, best.indices, ~(best.values >= level), ignore)


def _labelled(scores: Tensor, best: Tensor, none: Tensor, ignore: int) -> Labels:
    """The best class, and `ignore` where there is none; refuses a class that would be lost."""
    if scores.shape[1] > ignore == NO_LABEL and bool(((best == ignore) & ~none).any()):
        raise ValueError(
            f"class {ignore} of {scores.shape[1]} is the best somewhere, but ignore={ignore} means "
            f"no label; use another number for it, such as ignore=-1"
        )
    return torch.where(none, ignore, best)


def _cells(maps: Tensor, field: ReceptiveField, size: Size, outside: float) -> Tensor:
    """Maps [..., h, w] on the pixels of an image [..., H, W], each unit over its whole cell."""
    (rows, row_there), (columns, column_there) = (
        _units(length, first, step, count, maps.device)
        for length, first, step, count in zip(
            size, field.origin, field.stride, maps.shape[-2:], strict=True
        )
    )
    there = row_there[:, None] & column_there
    return torch.where(there, maps[..., rows, :][..., columns], outside)


def _units(
    length: int, first: float, step: int, count: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """The unit of each of `length` pixels of an axis, and whether the map has it."""
    units = torch.floor((torch.arange(length, device=device) - first + step / 2) / step).long()
    return units.clamp(0, count - 1), (units >= 0) & (units < count)
