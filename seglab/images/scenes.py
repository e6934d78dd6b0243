"""Drawn scenes: paper shapes on real ground, whose truth is exact: every pixel's class and object.

Each object is a signed distance field, evaluated only around its place, so a scene takes two or
three milliseconds. Colours are drawn without regard to the class: only the shape tells it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from seglab import device
from seglab.images import photos
from seglab.types import Image, Instances, Labels, Size

CLASSES = ("background", "disc", "ring", "square", "triangle", "star", "cross")
GROUNDS = ("brick", "grass", "gravel")
SPLITS = ("train", "validation", "test")

_SIDE = 128  # pixels: lengths below are for a picture of this side, and scale with it
_LARGEST = 28.0  # pixels, an object's radius
_ROOMY = 8  # objects; more of them are smaller, so that they find room
_TOGETHER = 32  # scenes whose objects are computed in common, the faster
_CHUNK = 20_000  # pixels at once: about what stays in a core's cache
_BITS = 3  # of a drawn pixel's code that tell its class; those above tell its object's number
_PLACES = 24  # tries for each object, before it gets smaller
_PRESS = 1.5  # pixels by which touching objects are pressed together, so that no pixel parts them
_STEPS = np.linspace(1, 0.2, 17, dtype=np.float32)[:, None]  # from beside an object to inside it
_GROUND_COLOURS = ((0.60, 0.43, 0.36), (0.40, 0.47, 0.27), (0.55, 0.53, 0.49))

Plane = npt.NDArray[Any]  # float32 numbers, [H, W] unless said otherwise
Codes = npt.NDArray[Any]  # whole numbers [H, W]
Box = tuple[slice, slice]  # rows and columns


@dataclass(frozen=True, eq=False)
class Scene:
    """Drawn scenes: image [B, 3, H, W]; labels [B, H, W] (index into classes, 0 = background).

    instances [B, H, W]: 0 = none, then 1 to n in drawing order, counted anew in each scene.
    ground [B, H, W]: index into GROUNDS of the texture that lies there, under the objects too.
    """

    image: Image
    labels: Labels
    instances: Instances
    ground: Labels
    classes: tuple[str, ...]


def make(
    seed: int = 0,
    size: Size = (_SIDE, _SIDE),
    objects: int = 8,
    difficulty: float = 0.5,
    overlap: float = 0.3,
    touching: float = 0.25,
    split: str = "test",
) -> Scene:
    """One scene (B = 1), equal for equal arguments.

    objects: how many are drawn; one that finds no room is left out, and one that is covered
    wholly has no pixel. More than eight are smaller. difficulty, 0 to 1: less contrast, more noise,
    more uneven light, smaller objects. overlap, 0 to 1: how deep objects may cover each other,
    as a share of their radii; 0 leaves a gap. touching, 0 to 1: the share of objects that are
    pushed against an earlier one until their contours meet, half of them of its class.
    split: 'train', 'validation' and 'test' have no random numbers in common, whatever the seed.
    Raises ValueError for a value out of range.
    """
    return batch([seed], size, objects, difficulty, overlap, touching, split)


def batch(
    seeds: Sequence[int],
    size: Size = (_SIDE, _SIDE),
    objects: int = 8,
    difficulty: float = 0.5,
    overlap: float = 0.3,
    touching: float = 0.25,
    split: str = "train",
) -> Scene:
    """A scene for each seed (B = len(seeds)); row i is make(seeds[i], ...) with these arguments."""
    _check(seeds, size, objects, split)
    for name, share in (("difficulty", difficulty), ("overlap", overlap), ("touching", touching)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name}={share!r} must be from 0 to 1, such as 0.5")
    image = np.empty((len(seeds), 3, *size), np.float32)
    labels, instances, ground = (np.empty((len(seeds), *size), np.int64) for _ in range(3))
    for start in range(0, len(seeds), _TOGETHER):
        plans = []
        for seed in seeds[start : start + _TOGETHER]:
            # One number for each pair of a seed and a split: two splits never meet.
            random = np.random.default_rng(len(SPLITS) * int(seed) + SPLITS.index(split))
            placed = _arrange(random, size, objects, difficulty, overlap, touching)
            plans.append((random, placed, _Light(random, size)))
        cutouts = _cut_out([(thing, light) for _, placed, light in plans for thing in placed])
        for row, (random, placed, light) in enumerate(plans, start):
            own, cutouts = cutouts[: len(placed)], cutouts[len(placed) :]
            codes = _draw(random, placed, own, light, difficulty, image[row], ground[row])
            labels[row] = codes & ((1 << _BITS) - 1)
            instances[row] = _close_up(codes >> _BITS, len(placed))
    place = device.default()
    planes = [torch.from_numpy(plane).to(place) for plane in (image, labels, instances, ground)]
    return Scene(planes[0], planes[1], planes[2], planes[3], CLASSES)


def _close_up(numbers: Codes, count: int) -> Codes:
    """Wholly covered objects have no pixel: the numbers of the others close up."""
    flat = numbers.ravel()
    if np.bincount(flat[::5], minlength=count + 1)[1:].all():  # mostly so, and sooner told
        return numbers
    seen = np.bincount(flat, minlength=count + 1) > 0
    return (np.cumsum(seen) - seen[0])[numbers]


def _check(seeds: Sequence[int], size: Size, objects: int, split: str) -> None:
    if not len(seeds):
        raise ValueError("seeds=[] is empty: give one seed for each scene, such as range(16)")
    for seed in seeds:
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
            raise ValueError(f"seed={seed!r} must be a whole number from 0, such as 7")
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"size={size} must be (height, width), at least (1, 1)")
    if isinstance(objects, bool) or not isinstance(objects, int | np.integer) or objects < 0:
        raise ValueError(f"objects={objects!r} must be a whole number from 0, such as 8")
    if split not in SPLITS:
        raise ValueError(f"split={split!r} must be one of {', '.join(map(repr, SPLITS))}")


# The shapes: signed distance, negative inside, of a shape that fits into the unit circle. `slim`,
# 0 to 1, narrows what has a width.


def _disc(x: Plane, y: Plane, slim: Any) -> Plane:
    return np.sqrt(x * x + y * y) - 0.85


def _ring(x: Plane, y: Plane, slim: Any) -> Plane:
    half = 0.25 - 0.05 * slim
    return np.abs(np.sqrt(x * x + y * y) - (0.95 - half)) - half


def _square(x: Plane, y: Plane, slim: Any) -> Plane:
    return _corner(np.abs(x) - 0.65, np.abs(y) - 0.65) - 0.05  # its corners a little round


def _triangle(x: Plane, y: Plane, slim: Any) -> Plane:
    return _star_polygon(x, y, 3, 0.5)


def _star(x: Plane, y: Plane, slim: Any) -> Plane:
    return _star_polygon(x, y, 5, 0.5)


def _cross(x: Plane, y: Plane, slim: Any) -> Plane:
    half = 0.30 - 0.07 * slim
    x, y = np.abs(x), np.abs(y)
    return _corner(np.maximum(x, y) - 0.93, np.minimum(x, y) - half)


def _corner(right: Plane, up: Plane) -> Plane:
    """The distance from a right-angled corner that fills right < 0, up < 0."""
    x, y, most = _positive(right), _positive(up), np.maximum(right, up)
    return np.sqrt(x * x + y * y) + np.minimum(most, _full(0, most))


def _star_polygon(x: Plane, y: Plane, points: int, inner: float) -> Plane:
    """A star: tips at radius 1, valleys at the inner radius. With inner = cos(pi / n), a polygon.

    Mirroring folds the plane into the sector from a tip to the next valley, where the contour is
    one straight line.
    """
    y, span = np.abs(y), points
    while span > 1:  # the sector reaches from 0 to span * pi / points
        span = (span + 1) // 2
        c, s = math.cos(span * math.pi / points), math.sin(span * math.pi / points)
        beyond = y * (2 * c)
        beyond -= x * (2 * s)
        _positive(beyond, out=beyond)
        x, y = x + beyond * s, y - np.multiply(beyond, c, out=beyond)
    angle = math.pi / points
    u, v = inner * math.cos(angle) - 1, inner * math.sin(angle)  # from the tip to the valley
    length = u * u + v * v
    x = x - 1
    along = x * (u / length)
    along += y * (v / length)
    along = _clip(along, 1)
    right, up = x - along * u, y - np.multiply(along, v, out=along)
    x *= v
    x -= np.multiply(y, u, out=y)
    return np.copysign(_length(right, up), x)


def _length(x: Plane, y: Plane) -> Plane:
    """The square root of x * x + y * y; x and y are used up."""
    x *= x
    y *= y
    x += y
    return np.sqrt(x, out=x)


def _clip(x: Plane, high: Any) -> Plane:
    """The plane between 0 and high; x is used up."""
    low = _positive(x, out=x)
    return np.minimum(low, _full(1, low) if isinstance(high, int) else high, out=low)


def _positive(x: Plane, out: Plane | None = None) -> Plane:
    return np.maximum(x, _full(0, x), out=out)


def _full(value: int, like: Plane) -> Plane:
    """A plane of 0 or 1: numpy compares two planes 4 times as fast as a plane and a number."""
    if like.size > _CONSTANT.shape[1]:
        return np.full_like(like, value)
    return _CONSTANT[value, : like.size].reshape(like.shape)


_CONSTANT = np.repeat(np.array([[0], [1]], np.float32), 60_000, axis=1)


_SHAPES: tuple[Callable[[Plane, Plane, Any], Plane], ...] = (
    _disc,
    _ring,
    _square,
    _triangle,
    _star,
    _cross,
)


def _distance(
    kind: int,
    y: Plane,
    x: Plane,
    c: Any,
    s: Any,
    radius: Any,
    slim: Any,
) -> Plane:
    return _SHAPES[kind - 1](x * c + y * s, y * c - x * s, slim) * radius


@dataclass
class _Object:
    """An object in place: kind is an index into CLASSES; y, x and radius are in pixels."""

    kind: int
    y: float
    x: float
    radius: float
    angle: float
    slim: float

    def distance(self, y: Plane, x: Plane) -> Plane:
        """The signed distance, in pixels, of points (y, x) relative to the object's place."""
        c, s = math.cos(self.angle) / self.radius, math.sin(self.angle) / self.radius
        return _distance(self.kind, y, x, c, s, self.radius, self.slim)

    def contour(self) -> tuple[Plane, Plane]:
        """Points (y, x) on the outer contour, relative to the object's place."""
        y, x = _contour(self.kind)
        c, s = math.cos(self.angle) * self.radius, math.sin(self.angle) * self.radius
        return x * s + y * c, x * c - y * s


@cache
def _contour(kind: int, points: int = 40) -> tuple[Plane, Plane]:
    """The unit shape's outermost points in evenly spaced directions: where its distance is 0."""
    angle = np.arange(points, dtype=np.float32) * (2 * math.pi / points)
    y, x = np.sin(angle), np.cos(angle)
    # From within the hole of a ring, the first zero would be the inner contour.
    near = np.full(points, 0.7 if CLASSES[kind] == "ring" else 0, np.float32)
    far = np.full(points, 1.5, np.float32)
    for _ in range(20):
        middle = (near + far) / 2
        outside = _SHAPES[kind - 1](middle * x, middle * y, 0) > 0
        near, far = np.where(outside, near, middle), np.where(outside, middle, far)
    return far * y, far * x


# Where the objects lie


class _Layout:
    """The objects in place so far, and the rule that the next one must keep."""

    def __init__(self, size: Size, overlap: float) -> None:
        self.size, self.objects = size, list[_Object]()
        self._share = 1 - overlap

    def room(self, new: _Object, beside: _Object | None = None) -> bool:
        """Whether the object keeps its distance from all others (from `beside` it need not)."""
        for other in self.objects:
            down, right = other.y - new.y, other.x - new.x
            apart = (other.radius + (new.radius + 3)) * self._share
            if down * down + right * right < apart * apart and other is not beside:
                return False
        return True


def _arrange(
    random: np.random.Generator,
    size: Size,
    objects: int,
    difficulty: float,
    overlap: float,
    touching: float,
) -> list[_Object]:
    """Objects in drawing order, the largest first, so that the small are not covered."""
    layout = _Layout(size, overlap)
    crowd = min(1.0, math.sqrt(_ROOMY / max(objects, 1))) * min(size) / _SIDE
    smallest = 14.5 - 5 * difficulty
    drawn = random.random((objects, 5))
    order = np.argsort(-drawn[:, 0])
    radii = crowd * smallest * (_LARGEST / smallest) ** (drawn[order, 0] ** 1.2)
    # Drawn whether they are used or not: what one object does changes no other's numbers.
    places, pairs = random.random((objects, _PLACES, 2)), random.random((objects, 4, 3))
    for (_, kind, angle, slim, attach), radius, places_, pairs_ in zip(
        drawn[order].tolist(), radii.tolist(), places.tolist(), pairs.tolist(), strict=True
    ):
        kind = 1 + int(kind * len(_SHAPES))
        new = _Object(kind, 0, 0, max(radius, 2.0), 2 * math.pi * angle, slim)
        pushed = attach < touching and layout.objects and _push(new, layout, pairs_)
        if pushed or _settle(new, layout, places_):
            layout.objects.append(new)
    return layout.objects


def _settle(new: _Object, layout: _Layout, places: list[list[float]]) -> bool:
    """Put the object at the first of the places with room, smaller and smaller; False if none."""
    height, width = layout.size
    for _ in range(3):
        top, left = min(0.8 * new.radius, height / 2), min(0.8 * new.radius, width / 2)
        for y, x in places:
            new.y, new.x = top + y * (height - 2 * top), left + x * (width - 2 * left)
            if layout.room(new):
                return True
        new.radius *= 0.75
    return False


def _push(new: _Object, layout: _Layout, pairs: list[list[float]]) -> bool:
    """Slide the object towards an earlier one until they touch; False where there is no room."""
    kind = new.kind
    for which, direction, alike in pairs:
        anchor = layout.objects[int(which * len(layout.objects))]
        new.kind = anchor.kind if alike < 0.5 else kind
        dy, dx = math.sin(2 * math.pi * direction), math.cos(2 * math.pi * direction)
        reach = _contact(new, anchor, dy, dx) - _PRESS
        new.y, new.x = anchor.y + dy * reach, anchor.x + dx * reach
        inside = 0 <= new.y < layout.size[0] and 0 <= new.x < layout.size[1]
        if inside and layout.room(new, beside=anchor):
            return True
    new.kind = kind
    return False


def _contact(new: _Object, anchor: _Object, dy: float, dx: float) -> float:
    """How far from the anchor's centre, in this direction, the new object first meets it."""
    y, x = new.contour()
    reach = _STEPS * (anchor.radius + new.radius)
    gap = anchor.distance(y + dy * reach, x + dx * reach).min(1)
    met = int((gap <= 0).argmax())
    if met == 0:  # at once, or never (a thin anchor, missed): at half the way they do overlap
        return float(reach[0 if gap[0] <= 0 else len(reach) // 2, 0])
    share = gap[met - 1] / (gap[met - 1] - gap[met])
    return float(reach[met - 1, 0] + share * (reach[met, 0] - reach[met - 1, 0]))


# How they look


class _Light:
    """Where the light comes from, and how the shadows fall."""

    def __init__(self, random: np.random.Generator, size: Size) -> None:
        unit = min(size) / _SIDE
        angle, length, soft, dark = random.random(4).tolist()
        angle = math.pi * (1.15 + 0.7 * angle)  # from the upper half of the picture
        self.up, self.aside = math.sin(angle), math.cos(angle)
        length = (2.5 + 2.5 * length) * unit
        self.down, self.right = round(-self.up * length), round(-self.aside * length)
        self.soft = (2 + 2 * soft) * unit
        self.dark = math.sqrt(0.35 + 0.2 * dark)


@dataclass
class _CutOut:
    """Pixels around an object: how far it covers them, its brightness, its shadow's share.

    As wide as those computed with it: rows that lie side by side in memory are drawn faster.
    """

    cover: Plane
    solid: Plane  # bool: where it covers half of the pixel or more
    surface: Plane
    shadow: Plane  # taller


def _cut_out(things: list[tuple[_Object, _Light]]) -> list[_CutOut]:
    """All objects' pixels: those of one kind and about one size in one go."""
    cut: dict[int, _CutOut] = {}
    for kind in range(1, len(CLASSES)):
        left = [i for i, (thing, _) in enumerate(things) if thing.kind == kind]
        left.sort(key=lambda i: _reach(*things[i]))
        while left:
            side = 2 * _reach(*things[left[-1]]) + 1
            count = max(1, _CHUNK // side**2)
            chunk, left = left[-count:], left[:-count]
            planes = _planes(kind, [things[i] for i in chunk])
            cut.update(zip(chunk, planes, strict=True))
    return [cut[i] for i in range(len(things))]


def _reach(thing: _Object, light: _Light) -> int:
    """Pixels from the one that holds the object's place to the end of its shadow."""
    return math.ceil(thing.radius + light.soft) + 1


def _planes(kind: int, things: list[tuple[_Object, _Light]]) -> Iterator[_CutOut]:
    half = max(_reach(*thing) for thing in things)
    table = [
        (
            thing.y % 1,
            thing.x % 1,
            math.cos(thing.angle) / thing.radius,
            math.sin(thing.angle) / thing.radius,
            thing.radius,
            thing.slim,
            0.2 * light.up / thing.radius,
            0.2 * light.aside / thing.radius,
            -light.dark / (2 * light.soft),
            light.dark,
        )
        for thing, light in things
    ]
    columns = np.array(table, np.float32).T[:, :, None, None]
    y, x, c, s, radius, slim, up, aside, slope, dark = columns
    grid = np.arange(-half, half + 1, dtype=np.float32) + 0.5
    y, x = grid[:, None] - y, grid - x
    distance = _distance(kind, y, x, c, s, radius, slim)
    cover = _clip(0.5 - distance, 1)
    solid = cover >= 0.5
    # Lighter where it faces the light, as if it were bent a little.
    surface = (1 + y * up) + x * aside
    distance *= slope
    distance += dark / 2
    shadow = _clip(distance, dark)
    shadow *= shadow
    np.subtract(1, shadow, out=shadow)
    for i, (thing, light) in enumerate(things):
        inner, outer = half - math.ceil(thing.radius) - 1, half - _reach(thing, light)
        core = slice(inner, 2 * half + 1 - inner)
        whole = slice(outer, 2 * half + 1 - outer)
        yield _CutOut(cover[i, core], solid[i, core], surface[i, core], shadow[i, whole])


def _draw(
    random: np.random.Generator,
    placed: list[_Object],
    cutouts: list[_CutOut],
    light: _Light,
    difficulty: float,
    image: Plane,
    ground: Codes,
) -> Codes:
    """Fill in the picture [3, H, W] and the ground; the code of the object at each pixel."""
    codes = np.zeros(ground.shape, np.int32)
    lit = np.ones(ground.shape, np.float32)  # the share of the light that shadows leave
    _lay_ground(random, difficulty, image, ground)
    colours = _object_colours(random, placed, difficulty, ground)
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
    _expose(random, difficulty, lit, light, image)
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


def _expose(
    random: np.random.Generator,
    difficulty: float,
    lit: Plane,
    light: _Light,
    image: Plane,
) -> None:
    """To what is drawn, add shadows, light that falls off across it, and the camera's noise."""
    _, height, width = image.shape
    fall, grain = (random.random(2) * (0.2 + 0.5 * difficulty, 0.05 * difficulty)).tolist()
    y, x = (np.arange(length, dtype=np.float32) / length - 0.5 for length in (height, width))
    bright = (1 + y[:, None] * (fall * light.up)) + x * (fall * light.aside)
    bright *= lit
    image *= bright
    # The sum of two random half bytes, 0 to 30: triangular, of deviation 6.5; quickly drawn.
    noise = random.bit_generator.random_raw(image.size // 8 + 1).view(np.uint8)[: image.size]
    high = noise >> 4
    noise &= 15
    noise += high
    scale = (grain + 0.005) / 6.5
    for plane, grains in zip(image, noise.reshape(image.shape), strict=True):
        plane += np.multiply(grains, scale, dtype=np.float32)
        plane -= 15 * scale
        _positive(plane, out=plane)
        np.minimum(plane, _full(1, plane), out=plane)


def _lay_ground(
    random: np.random.Generator, difficulty: float, image: Plane, ground: Codes
) -> None:
    """One to three textures, each in its own light and colour, that meet along wavy lines."""
    height, width = ground.shape
    drawn = random.random((3, 10)).tolist()
    kinds = sorted(range(3), key=lambda kind: drawn[kind][0])
    layers = 1 + (drawn[0][1] < 0.75) + (drawn[1][1] < 0.25)
    y = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2
    x = np.arange(width, dtype=np.float32) - (width - 1) / 2
    for layer, kind in enumerate(kinds[:layers]):
        tints, (shift, angle, wave, phase) = drawn[layer][2:5], drawn[layer][5:9]
        bright = 0.8 + 0.35 * drawn[layer][9]
        colour = [
            (part + 0.06 * tint - 0.03) * bright
            for part, tint in zip(_GROUND_COLOURS[kind], tints, strict=True)
        ]
        texture = _texture(random, GROUNDS[kind], ground.shape) * (0.14 + 0.1 * difficulty)
        texture += 1
        shade = np.array(colour, np.float32)[:, None, None]
        if layer == 0:
            kept = np.full(ground.shape, kind, np.uint8)
            np.multiply(shade, texture, out=image)
            continue
        c, s = math.cos(2 * math.pi * angle), math.sin(2 * math.pi * angle)
        side = min(height, width)
        bend = x * s - y * c
        bend *= (4 + 6 * wave) / side
        bend += 6 * phase
        np.sin(bend, out=bend)
        bend *= 0.05 * side
        beyond = x * c + (y * s - 0.3 * shift * side)
        beyond += bend
        kept += (beyond >= 0) * (np.uint8(kind) - kept)  # modulo 256; faster than a masked copy
        beyond += 0.5
        beyond = _clip(beyond, 1)
        surface = shade * texture
        surface -= image
        surface *= beyond
        image += surface
    ground[:] = kept


def _texture(random: np.random.Generator, name: str, size: tuple[int, ...]) -> Plane:
    """A cut-out of the texture, mirrored where it ends, of mean 0 and about unit deviation."""
    plane = _photo(name)
    for axis, (need, start) in enumerate(zip(size, random.random(2).tolist(), strict=True)):
        have = plane.shape[axis]
        if need > have:
            steps = np.arange(need) % (2 * have)
            plane = plane.take(np.minimum(steps, 2 * have - 1 - steps), axis)
            have = need
        first = int(start * (have - need + 1))
        plane = plane[first : first + need] if axis == 0 else plane[:, first : first + need]
    return plane[:, ::-1] if random.random() < 0.5 else plane


@lru_cache(maxsize=len(GROUNDS))
def _photo(name: str) -> Plane:
    plane = photos.original(name)[0].mean(0).cpu().numpy()
    # Half size: at the scenes' usual 128 pixels, a brick is a brick and no wall.
    plane = plane.reshape(plane.shape[0] // 2, 2, plane.shape[1] // 2, 2).mean((1, 3))
    return ((plane - plane.mean()) / plane.std()).astype(np.float32)


def _object_colours(
    random: np.random.Generator, placed: list[_Object], difficulty: float, ground: Codes
) -> Plane:
    """A colour [n, 3, 1, 1] for each object, the harder, the nearer to that of the ground below.

    They go together: a few hues, spaced evenly around the circle.
    """
    height, width = ground.shape
    rows = [min(int(thing.y), height - 1) for thing in placed]
    columns = [min(int(thing.x), width - 1) for thing in placed]
    below = np.array(_GROUND_COLOURS, np.float32)[ground[rows, columns]]
    hues = random.random() + np.array([0, 1 / 12, 1 / 2, 2 / 3])
    pick, turn, lightness, chroma, hide = random.random((5, len(placed)))
    hue = hues[(pick * len(hues)).astype(int)] + 0.05 * (turn - 0.5)
    table = _colours()
    places = [
        (share * n).astype(int)
        for share, n in zip((lightness, chroma), table.shape[1:3], strict=True)
    ]
    bright = table[(hue * len(table)).astype(int) % len(table), places[0], places[1]]
    mixed = bright + (below - bright) * (0.6 * difficulty * hide[:, None]).astype(np.float32)
    return mixed[:, :, None, None]


@cache
def _colours(hues: int = 72, lightnesses: int = 8, chromas: int = 4) -> Plane:
    """Colours [hue, lightness, chroma, 3] in 0..1, none of them dark or glaring.

    From OKLCH, where equal lightness looks equally light (Ottosson 2020, "A perceptual color
    space for image processing").
    """
    hue, lightness, chroma = np.meshgrid(
        np.arange(hues) * (2 * math.pi / hues),
        np.linspace(0.58, 0.92, lightnesses),
        np.linspace(0.05, 0.15, chromas),
        indexing="ij",
    )
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        ),
        -1,
    ).clip(0, 1)
    display = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
    return display.astype(np.float32)
