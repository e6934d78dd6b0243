"""Objects of an instance map: their numbers, areas, boxes, centres, and who is whom in two maps.

Instances are int64 [B, H, W], 0 = no object; numbers start anew in every picture of a batch.
"""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.ops import arguments
from seglab.types import Instances


class Matches(NamedTuple):
    """Who is whom in one picture: numbers of objects, int64, and IoU float64.

    predicted, true, iou [M]: the pairs. spurious: predicted without a partner; missed: true ones.
    """

    predicted: Tensor
    true: Tensor
    iou: Tensor
    spurious: Tensor
    missed: Tensor


def ids(instances: Instances) -> Tensor:
    """The numbers of the objects of one picture [1, H, W], ascending, int64 [N]."""
    numbers = _compact(one(instances)).numbers
    return numbers[numbers != 0]


def areas(instances: Instances) -> Tensor:
    """Pixels of each object of one picture [1, H, W], in the order of ids(), int64 [N]."""
    numbers, _, count = _compact(one(instances))
    return count[numbers != 0]


def boxes(instances: Instances) -> Tensor:
    """First row, first column, end row, end column of each object, in the order of ids().

    instances: one picture [1, H, W]. int64 [N, 4]; the ends are one past the last. torchvision
    wants columns first: boxes[:, [1, 0, 3, 2]].
    """
    numbers, picture = ids(instances), one(instances)
    place = picture.nonzero()
    which = torch.searchsorted(numbers, picture[picture > 0])
    edges = []
    for axis, length in enumerate(picture.shape):
        touched = torch.zeros(len(numbers), length, dtype=torch.uint8, device=picture.device)
        touched[which, place[:, axis]] = 1
        if len(numbers):
            edges.append((touched.argmax(1), length - touched.flip(1).argmax(1)))
        else:
            edges.append((numbers, numbers))
    (top, bottom), (left, right) = edges
    return torch.stack((top, left, bottom, right), 1)


def centroids(instances: Instances) -> Tensor:
    """Mean (row, column) of each object of one picture [1, H, W], in the order of ids().

    float [N, 2], float64 where the device has it.
    """
    numbers, picture = ids(instances), one(instances)
    exact = torch.float32 if picture.device.type == "mps" else torch.float64
    place = picture.nonzero().to(exact)
    which = torch.searchsorted(numbers, picture[picture > 0])
    total = torch.zeros(len(numbers), 2, dtype=exact, device=picture.device)
    return total.index_add(0, which, place) / areas(instances)[:, None]


def neighbours(instances: Instances, reach: int = 1) -> Tensor:
    """Pairs of objects of one picture [1, H, W] that come within `reach` pixels, int64 [E, 2].

    Pixels are counted in steps of a king on a chessboard; the smaller number stands first.
    """
    picture = one(instances)
    arguments.whole("reach", reach)
    numbers, index, _ = _compact(F.pad(picture, (reach, reach, reach, reach)))  # 0 is the first
    # In numpy: many small steps, for which torch's threads would wait on a busy machine.
    around, width = index.flatten().cpu().numpy(), index.shape[1]
    place = np.flatnonzero(around)
    own = around[place]
    codes = [place[:0]]
    for down in range(reach + 1):
        for right in range(-reach if down else 1, reach + 1):
            other = around[place + down * width + right]
            apart = (other != own) & (other > 0)
            low, high = np.minimum(own, other)[apart], np.maximum(own, other)[apart]
            codes.append(low * len(numbers) + high)
    found = torch.from_numpy(np.unique(np.concatenate(codes))).to(numbers.device)
    return torch.stack((numbers[found // len(numbers)], numbers[found % len(numbers)]), 1)


def renumber(instances: Instances) -> Instances:
    """The same objects with the numbers 1, 2, ... by their first pixel, row by row, [B, H, W]."""
    check(instances, "instances")
    out = torch.zeros_like(instances, dtype=torch.int64)
    for new, picture in zip(out, instances, strict=True):
        numbers, which, _ = _compact(picture.flatten().long())
        place = torch.arange(picture.numel(), device=picture.device)
        first = torch.full_like(numbers, picture.numel(), dtype=torch.int64)
        first = first.scatter_reduce(0, which, place, "amin")
        first[numbers == 0] = -1
        rank = first.argsort().argsort() + int(not bool((numbers == 0).any()))
        new.copy_(rank[which].view_as(picture))
    return out


def remove_small(instances: Instances, min_size: int) -> Instances:
    """The objects of at least min_size pixels, renumbered, [B, H, W]."""
    check(instances, "instances")
    arguments.whole("min_size", min_size, least=0)
    kept = []
    for picture in instances:
        _, which, count = _compact(picture.long())
        kept.append(picture.where(count[which] >= min_size, 0))
    return renumber(torch.stack(kept))


def number_like(instances: Instances, truth: Instances) -> Instances:
    """The same objects; one that matches a true object takes its number, others go on after them.

    One picture each, [1, H, W]; a match is an IoU above 0.5. So the same object can have the same
    colour in two panes.
    """
    found = match(instances, truth)
    last = int(truth.max())
    numbers = torch.cat((found.predicted, found.spurious))
    later = torch.arange(last + 1, last + 1 + len(found.spurious), device=instances.device)
    new = torch.cat((found.true, later))
    order = numbers.argsort()
    numbers, new = numbers[order], new[order]
    inside = instances > 0
    out = torch.zeros_like(instances, dtype=torch.int64)
    out[inside] = new[torch.searchsorted(numbers, instances[inside].long())]
    return out


def intersections(instances: Instances, truth: Instances) -> Tensor:
    """Pixels that every predicted shares with every true object, int64 [P, T].

    One picture each, [1, H, W]; rows in the order of ids(instances), columns of ids(truth). Counted
    by a single bincount. Raises ValueError when the shapes differ.
    """
    return _table(instances, truth)[1:, 1:]


def overlaps(instances: Instances, truth: Instances) -> Tensor:
    """Intersection over union of every predicted with every true object, float64 [P, T].

    Rows and columns as those of intersections().
    """
    table = _table(instances, truth)
    both = table[1:, 1:]
    either = table[1:].sum(1)[:, None] + table[:, 1:].sum(0) - both
    kind = torch.float32 if both.device.type == "mps" else torch.float64
    return both.to(kind) / either


def _table(instances: Instances, truth: Instances) -> Tensor:
    """Pixels by predicted (row) and true (column) object, "none" being the first of each."""
    predicted, true = one(instances), one(truth, "truth")
    if predicted.shape != true.shape:
        raise ValueError(
            f"instances has shape {list(instances.shape)} and truth {list(truth.shape)}; "
            f"use two maps of the same picture"
        )
    if predicted.device != true.device:
        raise ValueError(
            f"instances is on {predicted.device} and truth on {true.device}; "
            f"use truth.to(instances.device)"
        )
    # A pixel of none in front, so that none is always there and always the first.
    none = predicted.new_zeros(1)
    a, row, _ = _compact(torch.cat((none, predicted.flatten())))
    b, column, _ = _compact(torch.cat((none, true.flatten())))
    codes = row * len(b) + column
    return torch.bincount(codes, minlength=len(a) * len(b)).view(len(a), len(b))


def match(instances: Instances, truth: Instances, threshold: float = 0.5) -> Matches:
    """Pair predicted and true objects whose IoU is above threshold; one picture each, [1, H, W].

    Above one half no object can have two partners, because objects of one map do not overlap
    (Kirillov et al., "Panoptic segmentation", 2019). Raises ValueError for a lower threshold.
    """
    if not 0.5 <= threshold < 1:
        raise ValueError(
            f"threshold={threshold} leaves more than one partner or none; use 0.5 up to below 1"
        )
    table = overlaps(instances, truth)
    predicted, true = ids(instances), ids(truth)
    row, column = (table > threshold).nonzero(as_tuple=True)
    alone = torch.ones_like(predicted, dtype=torch.bool).index_fill(0, row, False)
    missing = torch.ones_like(true, dtype=torch.bool).index_fill(0, column, False)
    return Matches(
        predicted[row], true[column], table[row, column], predicted[alone], true[missing]
    )


class _Compact(NamedTuple):
    """Numbers that occur, ascending; where each pixel's stands among them; pixels of each."""

    numbers: Tensor
    place: Tensor
    pixels: Tensor


def _compact(picture: Tensor) -> _Compact:
    if int(picture.max()) > 4 * picture.numel() + 1000:  # no room to count them
        return _Compact(*picture.unique(return_inverse=True, return_counts=True))
    # Counting needs no sort, and no threads, which wait for each other on a busy machine.
    count = picture.flatten().bincount()
    numbers = count.nonzero()[:, 0]
    rank = torch.zeros_like(count)
    rank[numbers] = torch.arange(len(numbers), device=count.device)
    return _Compact(numbers, rank[picture], count[numbers])


def one(instances: Instances, name: str = "instances") -> Tensor:
    """The one picture of a batch of one, int64 [H, W]; refuses more, and what check() refuses."""
    check(instances, name)
    if len(instances) != 1:
        raise ValueError(
            f"{name} holds {len(instances)} pictures, whose numbers have nothing to do with each "
            f"other; give one, such as {name}[:1]"
        )
    return instances[0].long()


def check(labels: Tensor, name: str, negative: bool = False) -> None:
    """Refuse all but whole numbers [B, H, W], not below 0 unless negative is allowed."""
    if not isinstance(labels, Tensor):
        raise TypeError(f"{name} is a {type(labels).__name__}; use an int64 tensor [B, H, W]")
    if labels.is_floating_point() or labels.is_complex():
        raise TypeError(f"{name} is {labels.dtype}; use whole numbers, such as {name}.long()")
    if labels.ndim != 3 or 0 in labels.shape:
        raise ValueError(
            f"{name} has shape {list(labels.shape)}; use [B, H, W], such as {name}[None]"
        )
    if not negative and labels.dtype.is_signed and int(labels.min()) < 0:
        raise ValueError(
            f"{name} holds {int(labels.min())}; use 0 for no object and numbers above for objects"
        )
