"""Panes as a page stores them: the board's header, and numbers of planes in a store."""

from typing import Any

import numpy as np

from seglab.board import frames
from seglab.draw.picture import Picture
from seglab.page._planes import Store

_PICTURES = ("rgb", "scalar", "labels")


def pane(name: str, picture: Picture, store: Store, px: int | None = None) -> dict[str, Any]:
    """A pane with its planes in the store; px: the longest side that a picture keeps.

    A larger one keeps every n-th row and column, so that each stored value is an exact one.
    """
    record = {**frames.pane(name, picture), "plane": -1, "palette": -1}
    record["parts"] = [pane(*part, store, px) for part in picture.parts]
    if not picture.parts and picture.kind != "table":
        plane = picture.array
        skip = -(-max(picture.size) // px) if px and picture.kind in _PICTURES else 1
        if skip > 1:
            plane = plane[::skip, ::skip]
            record["size"] = list(plane.shape[:2])
            if record["field"]:
                stride = [step * skip for step in record["field"]["stride"]]
                record["field"] = {**record["field"], "stride": stride}
        record["plane"] = store.add(np.ascontiguousarray(plane), name)
        if picture.palette is not None:
            record["palette"] = store.add(np.ascontiguousarray(picture.palette))
    return record


def planes(record: dict[str, Any]) -> set[int]:
    """The numbers of the planes that a pane is made of."""
    inside = {number for part in record["parts"] for number in planes(part)}
    return inside | ({record["plane"], record["palette"]} - {-1})
