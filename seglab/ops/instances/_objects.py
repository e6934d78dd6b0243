"""Objects of an instance map: their numbers, areas, boxes, mean places and neighbours.

Instances are int64 [B, H, W], 0 = no object; numbers start anew in every picture of a batch.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._compact import compact
from seglab.ops._floats import widest
from seglab.types import Instances


def ids(instances: Instances) -> Tensor:
    """The numbers of the objects of one picture [1, H, W], ascending, int64 [N]."""
    numbers = compact(single_picture(instances)).numbers
    return numbers[numbers != 0]


def areas(instances: Instances) -> Tensor:
    """Number of pixels of each object of one picture [1, H, W], in the order of ids(), [N]."""
    numbers, _, count = compact(single_picture(instances))
    return count[numbers != 0]


def centroids(instances: Instances) -> Tensor:
    """Mean (row, column) of each object of one picture [1, H, W], in the order of ids().

    float [N, 2], float64 where the device has it.
    """
    numbers, picture = ids(instances), single_picture(instances)
    which = torch.searchsorted(numbers, picture[picture > 0])
    # Sums of whole numbers are exact, on a device without float64 too.
    total = torch.zeros(len(numbers), 2, dtype=torch.int64, device=picture.device)
    total = total.index_add(0, which, picture.nonzero())
    return total.to(widest(total)) / areas(instances)[:, None]


def neighbours(instances: Instances, reach: int = 1) -> Tensor:
    """Pairs of objects of one picture [1, H, W] that come within `reach` pixels, int64 [E, 2].

    Pixels are counted in steps of a king on a chessboard; the smaller number stands first.
    """
    picture = single_picture(instances)
    _validate.whole_number("reach", reach)
    numbers, index, _ = compact(F.pad(picture, (reach, reach, reach, reach)))  # 0 is the first
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
    pairs = torch.from_numpy(np.unique(np.concatenate(codes))).to(numbers.device)
    return torch.stack((numbers[pairs // len(numbers)], numbers[pairs % len(numbers)]), 1)


def renumber(instances: Instances) -> Instances:
    """Objects renumbered 1, 2, ... by their first pixel, row by row, [B, H, W]."""
    instances = _validate.whole_numbers(instances, "instances")
    out = torch.zeros_like(instances, dtype=torch.int64)
    for new, picture in zip(out, instances, strict=True):
        numbers, which, _ = compact(picture.flatten())
        place = torch.arange(picture.numel(), device=picture.device)
        first = torch.full_like(numbers, picture.numel(), dtype=torch.int64)
        first = first.scatter_reduce(0, which, place, "amin")
        first[numbers == 0] = -1
        rank = first.argsort().argsort() + int(not bool((numbers == 0).any()))
        new.copy_(rank[which].view_as(picture))
    return out


def remove_small(instances: Instances, min_size: int) -> Instances:
    """The objects of at least min_size pixels, renumbered, [B, H, W]."""
    instances = _validate.whole_numbers(instances, "instances")
    _validate.whole_number("min_size", min_size, least=0)
    kept = []
    for picture in instances:
        _, which, count = compact(picture)
        kept.append(picture.where(count[which] >= min_size, 0))
    return renumber(torch.stack(kept))


def single_picture(instances: Instances, name: str = "instances") -> Tensor:
    """The one picture of a batch of one, int64 [H, W]; refuses more than one."""
    numbers = _validate.whole_numbers(instances, name)
    if len(instances) != 1:
        raise ValueError(
            f"{name} holds {len(instances)} pictures, whose numbers have nothing to do with each "
            f"other; give one, such as {name}[:1]"
        )
    return numbers[0]
