"""One picture's stuff and things, and its segments in three views.

A. Kirillov et al., "Panoptic segmentation", 2019.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.instances._classes import majority_labels, spread
from seglab.types import Instances, Labels

SEMANTIC, INSTANCE, PANOPTIC = "semantic", "instance", "panoptic"
VIEWS = (SEMANTIC, INSTANCE, PANOPTIC)


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Stuff, which has no number, and things: objects that can be counted. One picture.

    ground: int64 [1, H, W], an index into `stuff`, the names of what lies there, under the things
    too. labels: int64 [1, H, W], 0 where there is stuff, else 1 for things[0] and so on.
    instances: int64 [1, H, W], 0 = no object. labels and instances may contradict each other.
    """

    ground: Labels
    labels: Labels
    instances: Instances
    stuff: tuple[str, ...]
    things: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("ground", "labels", "instances"):
            numbers = _validate.whole_numbers(getattr(self, name), name, negative=name == "labels")
            object.__setattr__(self, name, numbers)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the labels of `semantic` and `panoptic`: the stuff, then the things."""
        return (*self.stuff, *self.things)

    @cached_property
    def object_classes(self) -> Tensor:
        """The label of each object that most of its pixels have, in the order of ids(), [N]."""
        return majority_labels(self.instances, self.labels)

    @cached_property
    def semantic(self) -> Labels:
        """An index into `names` for each pixel, from the labels alone, [1, H, W]."""
        return torch.where(self.labels > 0, self.labels + len(self.stuff) - 1, self.ground)

    @cached_property
    def panoptic(self) -> Labels:
        """An index into `names` for each pixel, [1, H, W]: its object's, else the ground's."""
        return spread(self.object_classes + len(self.stuff) - 1, self.instances, self.ground)

    def segments(self, view: str) -> Tensor:
        """The number of each pixel's segment in one of VIEWS, int64 [1, H, W]; 0 is in none.

        semantic: one segment for each name. instance: one for each object, and no stuff. panoptic:
        both, every pixel in one. Raises ValueError for another view.
        """
        if view == SEMANTIC:
            return self.semantic + 1
        if view == INSTANCE:
            return self.instances
        self._check(view)
        return torch.where(self.instances > 0, self.instances + len(self.stuff), self.ground + 1)

    def segment(self, view: str, at: tuple[int, int]) -> Tensor:
        """The segment that holds a pixel (row, column), bool [H, W]; empty where there is none."""
        (segments,) = self.segments(view)
        return (segments == segments[at]) & (segments[at] > 0)

    def name(self, view: str, at: tuple[int, int]) -> str:
        """The class at a pixel (row, column), and its object's number in a view that has one."""
        self._check(view)
        maps = self.semantic, self.instances, self.ground
        label, number, ground = (int(plane[0][at]) for plane in maps)
        if view == SEMANTIC:
            return self.names[label]
        if number:
            return f"{self.names[label]} {number}"
        return self.stuff[ground] if view == PANOPTIC else "no object"

    def _check(self, view: str) -> None:
        if view not in VIEWS:
            raise ValueError(f"view={view!r} must be one of {', '.join(VIEWS)}")
