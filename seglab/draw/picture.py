"""Pictures for panes: an 8-bit plane with what it takes to read it, and marks over it."""

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

import numpy as np
from PIL import Image

from seglab.draw import marks as marking
from seglab.draw.palettes import NO_VALUE, NO_VALUE_COLOUR, Palette
from seglab.draw.relations import Group, Tiles, field_record
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import Size

Own = TypeVar("Own", bound="Picture")
Kind = Literal["scalar", "labels", "rgb", "grid", "table", "curtain", "diagram"]


@dataclass(frozen=True, eq=False)  # arrays have no one truth to compare by
class Picture:
    """A picture for a pane.

    array: uint8 [H, W] codes (scalar, labels) or [H, W, 3] (rgb).
    palette: uint8 [n, 3], the colour of each code; None for rgb.
    range: the values of codes 0 and 254 of a scalar plane.
    names: the name of each code of a label plane.
    frame: (height, width) of the input on which the picture lies; its own size if not given.
    field: which part of the input a pixel sees; None when a pixel sees itself.
    marks: boxes, dots and more over the picture, in pixels of the frame; the last lies on top.
    whole: the values of a scalar plane are whole numbers, which its codes tell apart.
    space: what rows and columns are where they are no pixels, such as "frequency"; pictures of
        different spaces have no place in common, however large they are.
    tiles: how a sheet of tiles lies on an image. group: which things the picture shows.
    """

    array: np.ndarray
    kind: Kind
    palette: Palette | None = None
    range: tuple[float, float] | None = None
    names: tuple[str, ...] = ()
    frame: Size = (0, 0)
    field: ReceptiveField | None = None
    marks: tuple[marking.Mark, ...] = ()
    whole: bool = False
    space: str = ""
    tiles: Tiles | None = None
    group: Group | None = None

    def __post_init__(self) -> None:
        if self.frame == (0, 0):
            object.__setattr__(self, "frame", self.size)
        for mark in self.marks:
            if not isinstance(mark, marking.Mark):
                raise TypeError(
                    f"{mark!r} is no mark; use Box, Outline, Dot, Arrow or Text (seglab.draw.marks)"
                )
        if self.marks and self.kind == "table":
            raise ValueError("a table has no pixels that marks could lie on; highlight a row of it")

    def with_marks(self: Own, *marks: marking.Mark) -> Own:
        """Return the picture with further marks over it; it shares its pixels with this one."""
        return replace(self, marks=(*self.marks, *marks))

    def related(
        self: Own, *, tiles: Tiles | None = None, group: Group | None = None, space: str = ""
    ) -> Own:
        """Return the picture with what its pixels mean to other pictures; it shares its pixels."""
        return replace(self, tiles=tiles, group=group, space=space)

    @property
    def size(self) -> Size:
        """(height, width) in pixels of its own."""
        return self.array.shape[0], self.array.shape[1]

    def rgb(self) -> np.ndarray:
        """The picture in colour, uint8 [H, W, 3]."""
        if self.palette is None:
            return self.array
        table = np.full((256, 3), NO_VALUE_COLOUR, np.uint8)
        table[: len(self.palette)] = self.palette
        colours: np.ndarray = table[self.array]
        return colours

    @property
    def parts(self) -> "tuple[tuple[str, Picture], ...]":
        """The named pictures that this one is made of; none unless it is a composition."""
        return ()

    def header(self) -> dict[str, Any]:
        """Everything but the plane, as plain JSON values, for a viewer."""
        (rows, columns), (height, width) = self.size, self.frame
        field = self.field
        return {
            "kind": self.kind,
            "size": [rows, columns],
            "frame": [height, width],
            "palette": self.palette.ravel().tolist()
            if isinstance(self.palette, np.ndarray)
            else [],
            "range": list(self.range) if self.range else None,
            "names": list(self.names),
            "field": field and field_record(field),
            "marks": [mark.record() for mark in self.marks],
            "alt": self.alt(),
            **({"whole": True} if self.whole else {}),
            **({"space": self.space} if self.space else {}),
            **({"tiles": self.tiles.record()} if self.tiles else {}),
            **({"group": self.group.record()} if self.group else {}),
        }

    def alt(self) -> str:
        """The picture in words, with its numbers and marks, for a reader who does not see it."""
        if not isinstance(self.array, np.ndarray):  # while a page is compiled
            return f"; marked: {marking.alt(self.marks)}" if self.marks else ""
        marked = f"; marked: {marking.alt(self.marks)}" if self.marks else ""
        return self._described() + marked

    def _described(self) -> str:
        """The picture without its marks in words."""
        rows, columns = self.size
        what = f"{rows} by {columns}"
        if self.kind == "rgb":
            return f"{what} colour picture"
        counts = np.array(Image.fromarray(self.array).histogram())  # bincount would widen a copy
        seen = int(counts[:NO_VALUE].sum())
        missing = f", {1 - seen / self.array.size:.0%} without a value" if counts[NO_VALUE] else ""
        if not seen:
            return f"{what}, nothing has a value yet"
        if self.kind == "labels":
            shares = sorted(
                ((n / self.array.size, name) for name, n in zip(self.names, counts, strict=False)),
                reverse=True,
            )
            listed = ", ".join(f"{name} {share:.0%}" for share, name in shares if share > 0)
            return f"{what} labels: {listed}{missing}"
        assert self.range is not None  # scalar() always gives one
        low, high = self.range
        codes = np.flatnonzero(counts[:NO_VALUE])
        at = [low + float(c) / (NO_VALUE - 1) * (high - low) for c in (codes[0], codes[-1])]
        mean = float(counts[:NO_VALUE] @ np.arange(NO_VALUE)) / seen
        mean = low + mean / (NO_VALUE - 1) * (high - low)
        return f"{what} values from {at[0]:.3g} to {at[1]:.3g}, mean {mean:.3g}{missing}"
