"""Pictures as a page stores them, told while their tensors have no values yet."""

from typing import Any

import numpy as np

from seglab.draw.picture import Picture


def record(picture: Picture) -> dict[str, Any]:
    """Everything of a picture: its header, its plane, its palette and those of its parts.

    open: whether the page computes the plane, of which it then tells the words itself.
    """
    return {
        **picture.header(),
        "parts": [{**record(part), "name": name} for name, part in picture.parts],
        "plane": None if picture.parts else picture.array,
        "palette": picture.palette,
        "open": not isinstance(picture.array, np.ndarray),
    }
