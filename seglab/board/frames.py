"""A state of a lab as the board draws it: JSON values, and planes as bytes."""

from collections.abc import Mapping
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from seglab.draw.picture import Picture
from seglab.lab import Code

Pane = dict[str, Any]

_BYTES = ("plane", "palette", "parts")  # the entries of a pane that hold bytes
_steps = count(1)
_made: "WeakKeyDictionary[Picture, dict[str, Pane]]" = WeakKeyDictionary()


def frame(
    pictures: Mapping[str, Picture],
    numbers: Mapping[str, Any],
    status: str = "",
    pixel: dict[str, Any] | None = None,
    takes_file: bool = False,
    brush: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One state of a lab as the board draws it: JSON values, and the planes as buffers.

    pixel: {"at": (row, column), "size": (height, width)} of the lab's Pixel control.
    brush: {"control", "size", "labels", "text"} of the lab's Brush control.
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
        **({"brush": brush} if brush else {}),
    }


def pane(name: str, picture: Picture) -> Pane:
    """One pane: its header, and its plane and palette as bytes; of one picture, one object."""
    made = _made.setdefault(picture, {})
    if name not in made:
        made[name] = {
            **{"name": name, **picture.header()},
            # As buffers: ipywidgets would walk a list, number by number, on each step.
            "plane": b"" if picture.parts else _buffer(picture.array),
            "palette": b"" if picture.palette is None else _buffer(picture.palette),
            "parts": [pane(*part) for part in picture.parts],
        }
    return made[name]


def short(pane: Pane, before: Pane | None) -> Pane:
    """The pane as what sets it apart from one of the same name that the browser has.

    The name alone where nothing does; the name and the entries that differ, such as the marks,
    where plane and palette are the very same objects; else the whole pane. The browser puts the
    entries over those that it has.
    """
    if pane is before:
        return {"name": pane["name"]}
    if before is None or before.keys() != pane.keys() or not _share_bytes(pane, before):
        return pane
    changed = {name: entry for name, entry in pane.items() if name not in _BYTES}
    changed = {name: entry for name, entry in changed.items() if entry != before[name]}
    return pane if "kind" in changed else {"name": pane["name"], **changed}


def _share_bytes(pane: Pane, other: Pane) -> bool:
    """Tell whether two panes show the same arrays; nothing is compared byte by byte."""
    parts = len(pane["parts"]) == len(other["parts"]) and all(
        one is two for one, two in zip(pane["parts"], other["parts"], strict=True)
    )
    return parts and all(
        getattr(pane[name], "obj", pane[name]) is getattr(other[name], "obj", other[name])
        for name in ("plane", "palette")
    )


def _buffer(array: np.ndarray) -> memoryview:
    """The bytes of an array, without a copy where they lie in one piece."""
    return np.ascontiguousarray(array).data.cast("B")
