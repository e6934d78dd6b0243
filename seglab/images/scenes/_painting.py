"""A scene's picture and its truth, painted object by object."""

from collections.abc import Sequence

import numpy as np

from seglab.images.scenes._cutouts import CutOut
from seglab.images.scenes._ground import COLOURS, lay
from seglab.images.scenes._layouts import Layout
from seglab.images.scenes._light import expose
from seglab.images.scenes._planes import Box, Codes, Plane

_BITS = 3  # of a drawn pixel's code that tell its class; those above tell its object's number
_ALL = (slice(None), slice(None))
_GROUND_COLOURS = np.array(COLOURS, np.float32)


def draw(
    layout: Layout, cutouts: Sequence[CutOut], difficulty: float, image: Plane, ground: Codes
) -> Codes:
    """Fill in the picture [3, H, W] and the ground; the code of the object at each pixel."""
    codes = np.zeros(ground.shape, np.int32)
    lit = np.ones(ground.shape, np.float32)  # the share of the light that shadows leave
    lay(layout.layers, difficulty, image, ground)
    light, places = layout.light, [(int(item.y), int(item.x)) for item in layout.objects]
    colours = layout.material.on(_below(places, ground))[:, :, None, None]
    everything = zip(layout.objects, places, cutouts, colours, strict=True)
    for number, (item, (y, x), cutout, colour) in enumerate(everything, 1):
        here, part = _meet(y + light.down, x + light.right, cutout.shadow, ground.shape)
        dimmed = lit[here]
        dimmed *= cutout.shadow[part]
        here, part = _meet(y, x, cutout.cover, ground.shape)
        cover = cutout.cover[part]
        np.copyto(codes[here], number << _BITS | item.kind, where=cutout.solid[part])
        shown = lit[here]
        np.maximum(shown, cover, out=shown)
        below = image[:, here[0], here[1]]
        paint = colour * cutout.surface[part]
        paint -= below
        paint *= cover
        below += paint
    expose(layout.random, difficulty, lit, light, image)
    return codes


def _below(places: Sequence[tuple[int, int]], ground: Codes) -> Plane:
    """The colours [n, 3] of the ground at these places."""
    height, width = ground.shape
    kinds = [ground[min(y, height - 1), min(x, width - 1)] for y, x in places]
    return _GROUND_COLOURS[kinds]


def _meet(y: int, x: int, around: Plane, size: tuple[int, ...]) -> tuple[Box, Box]:
    """The rows and columns of pixels around (y, x) that lie in the picture: there, and in them."""
    (tall, wide), (height, width) = around.shape, size
    top, left = y - tall // 2, x - wide // 2
    if top >= 0 and left >= 0 and top + tall <= height and left + wide <= width:
        return (slice(top, top + tall), slice(left, left + wide)), _ALL
    down, rows = _span(top, tall, height)
    right, columns = _span(left, wide, width)
    return (down, right), (rows, columns)


def _span(start: int, length: int, end: int) -> tuple[slice, slice]:
    first = max(start, 0)
    last = max(first, min(start + length, end))
    return slice(first, last), slice(first - start, last - start)


def truth(codes: Codes, count: int) -> tuple[Codes, Codes]:
    """The class and the number of the object at each pixel, of `count` objects drawn."""
    return codes & ((1 << _BITS) - 1), _close_up(codes >> _BITS, count)


def _close_up(numbers: Codes, count: int) -> Codes:
    """Wholly covered objects have no pixel: the numbers of the others close up."""
    flat = numbers.ravel()
    if np.bincount(flat[::5], minlength=count + 1)[1:].all():  # mostly so, and sooner told
        return numbers
    seen = np.bincount(flat, minlength=count + 1) > 0
    return (np.cumsum(seen) - seen[0])[numbers]
