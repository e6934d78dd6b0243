"""A picture's pixels where they lie on the input, enlarged without smoothing.

Where a pixel has no value, and where the picture does not reach, a hatch shows.
"""

import math

import numpy as np
from PIL import Image as Pillow

from seglab.draw.palettes import NO_VALUE
from seglab.draw.picture import Picture
from seglab.types import Size

_SHADE, _STROKE = 238, 203
_PERIOD = 6  # units from one stroke of the hatch to the next


def resample_to_frame(
    picture: Picture, size: Size, scale: float = 1, hatched: bool = True
) -> np.ndarray:
    """The input's frame with the picture on it, uint8 [height, width, 3] for size in pixels.

    scale: pixels of a unit, which the hatch is drawn in. hatched: if not, what has no value is
    white.
    """
    colours, there = picture.rgb(), np.ones(picture.size, bool)
    if picture.kind in ("scalar", "labels"):
        there = picture.array != NO_VALUE
    places = []
    for axis in (0, 1):
        start, step = _cells(picture, axis)
        shown = size[axis] / picture.frame[axis]  # pixels of the page for one of the input
        if step * shown < 1:  # a pixel of the page then shows the mean of those beneath it
            count = max(1, round(picture.size[axis] * step * shown))
            colours, there = _reduced(colours, there, axis, count)
            step = picture.size[axis] * step / count
        at = np.floor(((np.arange(size[axis]) + 0.5) / shown - start) / step).astype(int)
        places.append(at)
    rows, columns = (np.clip(p, 0, n - 1) for p, n in zip(places, there.shape, strict=True))
    inside = [(p >= 0) & (p < n) for p, n in zip(places, there.shape, strict=True)]
    seen = there[rows][:, columns] & inside[0][:, None] & inside[1]
    resampled = colours[rows][:, columns]
    if not seen.all():
        ground = _hatch(size, scale) if hatched else np.uint8(255)
        resampled = np.where(seen[..., None], resampled, ground)
    return resampled


def _cells(picture: Picture, axis: int) -> tuple[float, float]:
    """Start and step of the pixels along an axis, in pixels of the input from its edge."""
    field = picture.field
    if field is None:
        return 0.0, picture.frame[axis] / picture.size[axis]
    stride = field.stride[axis]
    if not math.isfinite(stride):
        return 0.0, picture.frame[axis] / picture.size[axis]
    return field.origin[axis] + (1 - stride) / 2, stride


def _reduced(
    colours: np.ndarray, there: np.ndarray, axis: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    size = (count, colours.shape[0]) if axis else (colours.shape[1], count)
    alpha = there.astype(np.uint8) * 255
    full_size = Pillow.fromarray(np.dstack([colours, alpha]))
    small = np.asarray(full_size.resize(size, Pillow.Resampling.BOX))
    return small[..., :3], small[..., 3] >= 128


def _hatch(size: Size, scale: float) -> np.ndarray:
    period = max(3, round(_PERIOD * scale))
    along = (np.arange(size[0])[:, None] + np.arange(size[1])) % period
    grey = np.where(along >= period - max(1, round(scale)), _STROKE, _SHADE).astype(np.uint8)
    return grey[..., None]
