"""Pictures of objects: one colour for each, of their class's hue, and neighbours told apart.

The tone of a hue tells objects of one class apart. It differs in lightness, so a reader who sees
few hues can tell them too. What is no object (stuff, background) is dark and of little colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from seglab.draw import palettes
from seglab.draw.picture import Picture
from seglab.draw.relations import Group
from seglab.ops import instances as ops
from seglab.types import Instances, Labels

# A share of white (above 0) or of black (below 0) mixed into the hue.
_TONES = (0.0, 0.42, -0.38, 0.68, -0.2)
_STUFF = np.array([[92, 72, 66], [66, 84, 62], [70, 78, 96], [98, 90, 70], [60, 60, 60]], np.uint8)
# None of them is the colour of a class.
_AGREEMENT = np.array([[60, 60, 60], [148, 103, 189], [214, 39, 40], [250, 246, 232]], np.uint8)


@dataclass(frozen=True, eq=False)
class Objects(Picture):
    """A label picture of which only the first `listed` names stand in the legend.

    count: how many objects there are.
    """

    listed: int = 0
    count: int = 0

    def header(self) -> dict[str, Any]:
        """Everything but the plane, as plain JSON values, for a viewer."""
        return {**super().header(), "listed": self.listed}

    def _described(self) -> str:
        """The number of objects, and how much of the picture they cover."""
        rows, columns = self.size
        covered = float((self.array >= self.listed).mean())
        return f"{rows} by {columns}, {self.count} objects on {covered:.0%} of the picture"


def instance_shades(*maps: Instances, reach: int = 3) -> torch.Tensor:
    """A tone for each object number, int64 [highest number + 1], for objects_on() to paint with.

    maps: pictures [1, H, W] in which the same number means the same object, so that it has one
    colour in all of them. Objects within `reach` pixels of each other in any of the maps differ,
    unless one has five such neighbours or more. A tone depends on the number and the neighbours
    only, so an object keeps it while others come and go far away.
    """
    highest = max(int(numbers.max()) for numbers in maps)
    near: dict[int, set[int]] = {}
    for numbers in maps:
        for a, b in ops.neighbours(numbers, reach).tolist():
            near.setdefault(b, set()).add(a)
    tone = [number % len(_TONES) for number in range(highest + 1)]
    for number in sorted(near):  # its smaller neighbours have theirs already
        taken = [tone[other] for other in near[number]]
        wish = tone[number]
        tone[number] = min(
            range(len(_TONES)), key=lambda t: (taken.count(t), (t - wish) % len(_TONES))
        )
    return torch.tensor(tone)


def stuff_layer(labels: Labels, names: Sequence[str], things: Sequence[str]) -> Picture:
    """A semantic map [1, H, W] of stuff and things: labels 0, 1, ... of `names`, then of `things`.

    things[k] has the colour of label k + 1, which is what it has where 0 is the background.
    """
    every = (*names, *things)
    hues = np.concatenate([_desaturated(len(names)), palettes.labels(len(things) + 1)[1:]])
    plane = labels[0].to(torch.uint8).cpu().numpy()
    return Picture(plane, "labels", hues, None, every)


def objects(
    instances: Instances, object_classes: Sequence[int], things: Sequence[str], tone: torch.Tensor
) -> Objects:
    """Every object of a map [1, H, W] in its own colour, on a ground that is no object.

    object_classes, things, tone: as in objects_on().
    """
    ground = torch.zeros_like(instances)
    return objects_on(ground, ("no object",), instances, object_classes, things, tone)


def objects_on(
    ground: Labels,
    names: Sequence[str],
    instances: Instances,
    object_classes: Sequence[int],
    things: Sequence[str],
    tone: torch.Tensor,
) -> Objects:
    """Every object in its own colour, on a ground of stuff; all maps are one picture, [1, H, W].

    ground: index into `names`, the stuff. object_classes: for each object, by ids(), 0
    for things[0] and so on. tone: what instance_shades() gave. The legend lists stuff and classes.
    Objects are named by class and number, and light up where another picture shows that number; or,
    where 8 bits are too few for them all, they are named by class alone.
    """
    numbers = ops.ids(instances).tolist()
    codes: dict[tuple[str, tuple[int, ...]], int] = {}  # by name and colour
    listed = (*names, *things)
    single = len(numbers) + len(listed) < palettes.NO_VALUE
    hues = palettes.labels(len(things) + 1)[1:].astype(float)
    new = torch.zeros(max(numbers, default=0) + 1, dtype=torch.int64)
    for number, object_class in zip(numbers, object_classes, strict=True):
        share = _TONES[int(tone[number])]
        mixed = hues[object_class] + abs(share) * ((255 if share > 0 else 0) - hues[object_class])
        name = f"{things[object_class]} {number}" if single else things[object_class]
        new[number] = codes.setdefault(
            (name, tuple(mixed.round().astype(int))), len(listed) + len(codes)
        )
        if len(listed) + len(codes) > palettes.NO_VALUE:
            raise ValueError(
                f"things holds {len(things)} classes, whose colours need more than the "
                f"{palettes.NO_VALUE} codes of a picture; paint fewer classes at a time"
            )
    plane = torch.where(instances > 0, new.to(instances.device)[instances], ground)
    own = np.array([colour for _, colour in codes]).reshape(-1, 3)
    return Objects(
        plane[0].to(torch.uint8).cpu().numpy(),
        "labels",
        np.concatenate([_desaturated(len(names)), hues, own]).astype(np.uint8),
        None,
        (*listed, *(name for name, _ in codes)),
        # With names of their own, the codes stand in the order of the objects.
        group=Group("object", (*[None] * len(listed), *numbers)) if single else None,
        listed=len(listed),
        count=len(numbers),
    )


def segmentation(given: ops.Segmentation, view: str, tone: torch.Tensor) -> Picture:
    """Stuff and things in one of instances.VIEWS.

    semantic: labels alone; instance: each object in a colour of its own on nothing; panoptic: the
    objects on their ground. tone: as in objects_on(). Raises ValueError for another view.
    """
    classes = (given.object_classes - 1).tolist()
    if view == ops.SEMANTIC:
        return stuff_layer(given.semantic, given.stuff, given.things)
    if view == ops.INSTANCE:
        return objects(given.instances, classes, given.things, tone)
    if view == ops.PANOPTIC:
        return objects_on(given.ground, given.stuff, given.instances, classes, given.things, tone)
    raise ValueError(f"view={view!r} must be one of {', '.join(ops.VIEWS)}")


def agreement(predicted: torch.Tensor, true: torch.Tensor) -> Picture:
    """Agreement of two masks, bool [H, W], as labels: both, one of them only, or neither."""
    plane = (true + 2 * predicted.int()).to(torch.uint8).cpu().numpy()
    return Picture(
        plane, "labels", _AGREEMENT, None, ("outside", "true only", "found only", "both")
    )


def _desaturated(count: int) -> np.ndarray:
    return _STUFF[np.arange(count) % len(_STUFF)] if count > 1 else _STUFF[-1:]
