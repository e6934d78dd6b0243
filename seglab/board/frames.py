"""A state of a lab as the board draws it: JSON values, and planes as bytes."""

from collections.abc import Mapping
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from seglab.draw.picture import Picture
from seglab.lab import Code

_steps = count(1)
_made: "WeakKeyDictionary[Picture, dict[str, Any]]" = WeakKeyDictionary()


def frame(
    pictures: Mapping[str, Picture],
    numbers: Mapping[str, Any],
    status: str = "",
    pixel: dict[str, Any] | None = None,
    takes_file: bool = False,
) -> dict[str, Any]:
    """One state of a lab as the board draws it: JSON values, and the planes as buffers.

    pixel: {"at": (row, column), "size": (height, width)} of the lab's Pixel control.
    """
    return {
        "step": next(_steps),  # first: two frames then compare unequal without a look at planes
        "panes": [pane(name, picture) for name, picture in pictures.items()],
        "numbers": [
            [name, str(value), *(["code"] if isinstance(value, Code) else [])]
            for name, value in numbers.items()
        ],
        "status": status,
        "pixel": pixel,
        "takesFile": takes_file,
    }


def pane(name: str, picture: Picture) -> dict[str, Any]:
    """One pane: its header, and its plane and palette as bytes; of one picture, one object."""
    made = _made.get(picture)
    if made is None or made["name"] != name:
        made = _made[picture] = _pane(name, picture)
    return made


def _pane(name: str, picture: Picture) -> dict[str, Any]:
    return {
        **{"name": name, **picture.header()},
        # As buffers: ipywidgets would walk a list, number by number, on each step.
        "plane": b"" if picture.parts else _buffer(picture.array),
        "palette": b"" if picture.palette is None else picture.palette.tobytes(),
        "parts": [pane(*part) for part in picture.parts],
    }


def _buffer(array: np.ndarray) -> memoryview:
    return np.ascontiguousarray(array).data.cast("B")


def problem(error: BaseException) -> str:
    """An error as the sentence above the panes: a lab's own words, else what kind it is too."""
    text = str(error).partition("\n")[0]
    return text if isinstance(error, ValueError) and text else f"{type(error).__name__}: {text}"
