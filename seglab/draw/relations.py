"""Meaning of a picture's pixels to other pictures: where they lie, and which thing they show.

A viewer follows these relations in both directions: who points at the one sees the other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from seglab.draw.marks import Mark
from seglab.ops.dense import Interleaving
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import Size

By = Literal["code", "row", "column", "mark", "shape", "picture"]
_KINDS: tuple[By, ...] = ("code", "row", "column", "mark", "shape", "picture")


def field_record(field: ReceptiveField) -> dict[str, Any]:
    """A field as plain JSON values, for a viewer; a size without end is None."""
    return {
        name: [v if math.isfinite(v) else None for v in getattr(field, name)]
        for name in ("size", "stride", "padding", "origin")
    }


@dataclass(frozen=True)
class Tiles:
    """The passes of shift-and-stitch side by side: how the pixels of the sheet lie on an image.

    map: the pane that shows the passes interleaved. passes: how they make up that map.
    frame: (height, width) of the image. field: what a score of the first pass sees of it.
    """

    map: str
    passes: Interleaving
    frame: Size
    field: ReceptiveField

    def record(self) -> dict[str, Any]:
        """The tiles as plain JSON values, for a viewer."""
        return {
            "map": self.map,
            "size": list(self.passes.size),
            "forwards": self.passes.forwards,
            "frame": list(self.frame),
            "field": field_record(self.field),
        }


@dataclass(frozen=True)
class Group:
    """The things that a picture shows: what shows the same thing elsewhere lights up with it.

    name: what the things are, such as "object"; pictures that name the same hang together.
    by: what shows a thing: each code of a label picture, row or column of a table, mark, shape of
    a diagram, or the picture as a whole.
    ids: the number of the thing that the first, second, ... of these shows; None for no thing.
    marks: by="mark" only; one for each id, drawn while its thing is lit. Where there are none, the
    picture's own marks show the things.
    controls: names of controls that light up with any of the things.
    """

    name: str
    ids: tuple[int | None, ...]
    by: By = "code"
    marks: tuple[Mark, ...] = ()
    controls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.by not in _KINDS:
            raise ValueError(f"by={self.by!r} must be one of {', '.join(_KINDS)}")
        if self.marks and (self.by != "mark" or len(self.marks) != len(self.ids)):
            raise ValueError(
                f"marks has {len(self.marks)} entries for {len(self.ids)} ids by={self.by!r}; "
                f"give one for each id by 'mark', and none by anything else"
            )

    def record(self) -> dict[str, Any]:
        """The group as plain JSON values, for a viewer."""
        return {
            "name": self.name,
            "by": self.by,
            "ids": list(self.ids),
            "marks": [mark.record() for mark in self.marks],
            "controls": list(self.controls),
        }


def whole(name: str, number: int | None, controls: Sequence[str] = ()) -> Group:
    """The group of a picture that shows one thing as a whole, such as what came through a skip."""
    return Group(name, (number,), "picture", controls=tuple(controls))
