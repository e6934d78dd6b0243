"""A scene's picture and its truth, painted object by object."""

import numpy as np

from seglab.images.scenes.colours import of_objects
from seglab.images.scenes.cutouts import CutOut
from seglab.images.scenes.ground import lay
from seglab.images.scenes.light import Light, expose
from seglab.images.scenes.planes import Box, Codes, Plane
from seglab.images.scenes.things import Thing

_BITS = 3  # of a drawn pixel's code that tell its class; those above tell its object's number


def draw(
    random: np.random.Generator,
    placed: list[Thing],
    cutouts: list[CutOut],
    light: Light,
    difficulty: float,
    image: Plane,
    ground: Codes,
) -> Codes:
    """Fill in the picture [3, H, W] and the ground; the code of the object at each pixel."""
    codes = np.zeros(ground.shape, np.int32)
    lit = np.ones(ground.shape, np.float32)  # the share of the light that shadows leave
    lay(random, difficulty, image, ground)
    colours = of_objects(random, placed, difficulty, ground)
    for number, (thing, cutout, colour) in enumerate(zip(placed, cutouts, colours, strict=True), 1):
        y, x = int(thing.y), int(thing.x)
        here, part = _meet(y + light.down, x + light.right, cutout.shadow, ground.shape)
        dimmed = lit[here]
        dimmed *= cutout.shadow[part]
        here, part = _meet(y, x, cutout.cover, ground.shape)
        cover = cutout.cover[part]
        np.copyto(codes[here], number << _BITS | thing.kind, where=cutout.solid[part])
        shown = lit[here]
        np.maximum(shown, cover, out=shown)
        below = image[:, here[0], here[1]]
        paint = colour * cutout.surface[part]
        paint -= below
        paint *= cover
        below += paint
    expose(random, difficulty, lit, light, image)
    return codes


def _meet(y: int, x: int, around: Plane, size: tuple[int, ...]) -> tuple[Box, Box]:
    """Where pixels around (y, x) lie in the picture, and which part of them does."""
    tall, wide = around.shape
    down, rows = _span(y - tall // 2, tall, size[0])
    right, columns = _span(x - wide // 2, wide, size[1])
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
