"""Classes of objects: from labels to objects class by class, and from objects back to labels.

Instances are int64 [B, H, W], 0 = no object.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.instances._objects import ids, renumber, single_picture
from seglab.types import NO_LABEL, Instances, Labels


def per_class(
    labels: Labels, find: Callable[[Tensor], Instances], ignore: int | None = NO_LABEL
) -> Instances:
    """Objects that are looked for in each class alone, in one map and renumbered, [B, H, W].

    labels: whole numbers [B, H, W], of which 0 (background) and `ignore` (no label) are no class.
    find makes instances of a mask, bool [B, H, W], such as components or distance_watershed.
    Raises ValueError where labels holds 255 and larger numbers, so that 255 may be a class.
    """
    labels = _validate.whole_numbers(labels, "labels", negative=True)
    kinds = labels.unique().tolist()
    _validate.told_apart(kinds, ignore)
    objects = torch.zeros_like(labels)
    for kind in kinds:
        if kind not in (0, ignore):
            own = find(labels == kind)
            objects = torch.where(own > 0, own + objects.max(), objects)
    return renumber(objects)


def majority_labels(instances: Instances, labels: Labels) -> Tensor:
    """The commonest label of each object of one picture, in the order of ids(), int64 [N].

    instances, labels: whole numbers [1, H, W] of one size. Of equally common ones the smallest.
    Raises ValueError for another size.
    """
    _same_size(instances, labels, "labels")
    picture, own = single_picture(instances), single_picture(labels, "labels")
    inside = picture > 0
    numbers, own = ids(instances), own[inside]
    if not len(numbers):
        return numbers
    which = torch.searchsorted(numbers, picture[inside])
    most = int(own.max()) + 1
    counts = torch.bincount(which * most + own, minlength=len(numbers) * most)
    return counts.view(len(numbers), most).argmax(1)


def spread(values: Tensor, instances: Instances, elsewhere: Tensor) -> Tensor:
    """Each object's value at all of its pixels, [1, H, W], and `elsewhere` where no object is.

    values: [N], in the order of ids(instances), such as a class or a score. elsewhere: [1, H, W],
    such as the classes of stuff, whose dtype the answer has: so objects are put over the ground of
    a panoptic map. Raises ValueError unless there is a value for each object.
    """
    _same_size(instances, elsewhere, "elsewhere")
    picture, numbers = single_picture(instances), ids(instances)
    if values.shape != numbers.shape:
        raise ValueError(
            f"values has shape {list(values.shape)} for {len(numbers)} objects; give one for each"
        )
    out = elsewhere.clone()
    inside = picture > 0
    out[0, inside] = values[torch.searchsorted(numbers, picture[inside])].to(out)
    return out


def _same_size(instances: Instances, other: Tensor, name: str) -> None:
    if other.shape != instances.shape:
        raise ValueError(
            f"{name} has shape {list(other.shape)} and instances {list(instances.shape)}; "
            f"use two maps of the same picture"
        )
