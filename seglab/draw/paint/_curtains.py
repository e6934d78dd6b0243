"""Two pictures of one frame over each other: left of a divider the one, right of it the other.

Exports and tests see it with the divider in the middle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seglab import scalars
from seglab.draw.picture import Picture


@dataclass(frozen=True, eq=False)
class Curtain(Picture):
    """The composition; its own plane has the divider in the middle."""

    sides: tuple[Picture, ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, Picture], ...]:
        """The left and the right picture by name."""
        return tuple(zip(self.names, self.sides, strict=True))

    def header(self) -> dict[str, Any]:
        """Everything but the planes, as plain JSON values, for a viewer."""
        return {**super().header(), "kind": "curtain"}

    def _described(self) -> str:
        """Both pictures in words."""
        (left, first), (right, second) = self.parts
        return f"left of the divider {left}: {first.alt()}; right of it {right}: {second.alt()}"


def curtain(left: Picture, right: Picture, names: Sequence[str]) -> Curtain:
    """Two pictures with a divider that the reader drags; names: what stands left and right.

    Raises ValueError unless both lie on one frame, and for pictures that have no pixels.
    """
    if len(names) != 2 or names[0] == names[1]:
        raise ValueError(f"names={names!r}; give two different ones, left and right")
    for name, side in zip(names, (left, right), strict=True):
        if side.kind not in ("rgb", "scalar", "labels"):
            raise ValueError(
                f"{name!r} is a {side.kind}; a curtain hangs between rgb, scalar or label pictures"
            )
    if left.frame != right.frame:
        raise ValueError(
            f"{names[0]!r} lies on {left.frame} pixels and {names[1]!r} on {right.frame}; "
            f"give both the same frame"
        )
    # While a page is compiled there are no pixels yet; the page draws the two sides.
    array = left.array if scalars.is_open() else _halved(left, right)
    return Curtain(
        array=array, kind="curtain", names=tuple(names), frame=left.frame, sides=(left, right)
    )


def compared(left: Picture, right: Picture, first: str, second: str) -> Picture:
    """A curtain between two pictures, or the left one alone where both have one name."""
    return left if first == second else curtain(left, right, (first, second))


def _halved(left: Picture, right: Picture) -> np.ndarray:
    """Both pictures in colour, with the divider in the middle."""
    size = (max(left.size[0], right.size[0]), max(left.size[1], right.size[1]))
    both = _enlarged(left, size).copy()
    both[:, size[1] // 2 :] = _enlarged(right, size)[:, size[1] // 2 :]
    return both


def _enlarged(picture: Picture, size: tuple[int, int]) -> np.ndarray:
    rows, columns = (
        np.arange(new) * old // new for new, old in zip(size, picture.size, strict=True)
    )
    return picture.rgb()[rows][:, columns]
