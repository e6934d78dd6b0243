"""Collages of real textures, whose truth is exact: every pixel's class is known by construction.

Each class is one photograph, of which training and testing own different columns.
"""

from dataclasses import dataclass
from functools import cache
from typing import cast

import torch
from torch import Tensor

from seglab import device, scalars
from seglab.images import photos
from seglab.types import Image, Labels, Size
from seglab.user_photo import Visitor

PHOTOS = {
    "brick": "brick",
    "grass": "grass",
    "gravel": "gravel",
    "moon": "moon",
    "tissue": "ihc",
    "print": "page",
    "stars": "hubble_deep_field",
}
CLASSES = tuple(PHOTOS)
SPLITS = ("train", "test")

_TEST = (0.3, 0.7)  # of the width: training has what lies left and right of it, in other light
_GAP = 4  # columns that neither split sees: neighbouring pixels are alike
_TILE = 96  # pixels, a tile's usual side


@dataclass(frozen=True, eq=False)
class Mosaic:
    """A collage: image [1, 3, H, W], labels [1, H, W] (index into classes), tiles [1, H, W]."""

    image: Image
    labels: Labels
    classes: tuple[str, ...]
    tiles: Labels  # which tile each pixel belongs to, 0, 1, 2, ...


def make(
    seed: int = 0, size: Size = (256, 256), tiles: int | None = None, split: str = "test"
) -> Mosaic:
    """A mosaic of Voronoi tiles, each one unscaled cut-out of a texture; equal for equal arguments.

    Neighbouring tiles differ in class, and all seven classes occur when there are seven tiles
    or more. tiles defaults to one for every 96 × 96 pixels, at least 7. Raises ValueError for a
    size or a number of tiles below 1, and for a split other than 'train' and 'test'.
    """
    height, width = size
    if isinstance(seed, Visitor):
        truth = cast(Labels, scalars.Unknown("the true classes"))
        return Mosaic(seed.square(height), truth, CLASSES, truth)
    if height < 1 or width < 1:
        raise ValueError(f"size={size} must be at least (1, 1), such as (256, 256)")
    if tiles is None:
        tiles = max(len(CLASSES), round(height * width / _TILE**2))
    if tiles < 1:
        raise ValueError(f"tiles={tiles} must be at least 1, such as 8")
    generator = torch.Generator().manual_seed(seed)
    cells = _voronoi((height, width), tiles, generator)
    boxes = [_box(cells == tile) for tile in range(tiles)]
    parts = [_parts(name, split) for name in CLASSES]
    fitting = [[kind for kind in range(len(parts)) if _fits(parts[kind], box)] for box in boxes]
    around = _neighbours(cells, tiles)
    for _ in range(50):  # a first colouring may leave the last class only places beside itself
        kinds = _colour(around, fitting, generator)
        if len(set(kinds)) == min(tiles, len(CLASSES)):
            break
    image = torch.zeros(3, height, width)
    for tile, (kind, (rows, columns)) in enumerate(zip(kinds, boxes, strict=True)):
        extent = (rows.stop - rows.start, columns.stop - columns.start)
        inside = cells[rows, columns] == tile
        cut = _cut(parts[kind], extent, generator)
        image[:, rows, columns][:, inside] = _floats(cut[:, inside])
    place = device.default()
    labels = torch.tensor(kinds)[cells]
    return Mosaic(image[None].to(place), labels[None].to(place), CLASSES, cells[None].to(place))


def patches(split: str, n: int, size: int, seed: int = 0) -> tuple[Image, Tensor]:
    """n square patches [n, 3, size, size] of one texture each, and their classes int64 [n].

    Classes take turns, so they are balanced; places are drawn by seed. Raises ValueError for a
    size that does not fit into every texture's region.
    """
    generator = torch.Generator().manual_seed(seed)
    parts = [_parts(name, split) for name in CLASSES]
    room = min(min(pixels.shape[-2:]) for part in parts for pixels in part)
    if not 1 <= size <= room:
        raise ValueError(f"size={size} must be 1 to {room}: the smallest texture's region")
    if n < 1:
        raise ValueError(f"n={n} must be at least 1, such as 700")
    kinds = torch.arange(n) % len(CLASSES)
    cuts = [_cut(parts[kind], (size, size), generator) for kind in kinds.tolist()]
    return _floats(torch.stack(cuts)).to(device.default()), kinds.to(device.default())


def columns(name: str, split: str) -> tuple[tuple[int, int], ...]:
    """The stretches of columns of the photograph PHOTOS[name] that the split owns: first, end.

    Raises ValueError for another name or split.
    """
    if split not in SPLITS:
        raise ValueError(f"split={split!r} must be one of {', '.join(map(repr, SPLITS))}")
    width = _bytes_of(name).shape[-1]
    left, right = (round(width * share) for share in _TEST)
    return ((left + _GAP, right - _GAP),) if split == "test" else ((0, left), (right, width))


def regions(name: str, split: str) -> tuple[Tensor, ...]:
    """The parts of a texture's photograph that the split owns: float [3, h, w] each, on the CPU."""
    return tuple(map(_floats, _parts(name, split)))


def photo_of(name: str) -> Tensor:
    """The photograph of a class, float [3, H, W] on the CPU; ValueError for no class."""
    return _floats(_bytes_of(name))


def _parts(name: str, split: str) -> tuple[Tensor, ...]:
    return tuple(_bytes_of(name)[..., first:end] for first, end in columns(name, split))


@cache
def _bytes_of(name: str) -> Tensor:
    """The photograph of a class as it is in its file: uint8, a quarter of the memory."""
    if name not in PHOTOS:
        raise ValueError(f"name={name!r} must be one of {', '.join(CLASSES)}")
    return (photos.original(PHOTOS[name])[0].cpu() * 255).round().to(torch.uint8)


def _voronoi(size: Size, tiles: int, generator: torch.Generator) -> Tensor:
    """[H, W] index of the nearest of `tiles` points, which are spread out by Lloyd's steps."""
    height, width = size
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    places = torch.stack((y, x), -1).reshape(-1, 2).double() + 0.5
    points = torch.rand(tiles, 2, generator=generator, dtype=torch.float64)
    points = points * torch.tensor([height, width], dtype=torch.float64)
    cells = _nearest(places, points)
    for _ in range(2):
        count = torch.bincount(cells, minlength=tiles).clamp_min(1)[:, None]
        mean = torch.zeros_like(points).index_add_(0, cells, places) / count
        points = torch.where(mean > 0, mean, points)
        cells = _nearest(places, points)
    return cells.reshape(height, width)


def _nearest(places: Tensor, points: Tensor) -> Tensor:
    """The index of each place's nearest point; of equally near ones the first."""
    down, right = places.T[:, None] - points.T[..., None]
    # By numpy, for which the first of equal ones is the least; scipy takes longer to import.
    return torch.from_numpy((down.square() + right.square()).numpy().argmin(0))


def _neighbours(cells: Tensor, tiles: int) -> list[set[int]]:
    around: list[set[int]] = [set() for _ in range(tiles)]
    for a, b in (
        (cells[1:], cells[:-1]),
        (cells[:, 1:], cells[:, :-1]),
        (cells[1:, 1:], cells[:-1, :-1]),
        (cells[1:, :-1], cells[:-1, 1:]),
    ):
        for first, second in set(zip(a[a != b].tolist(), b[a != b].tolist(), strict=True)):
            around[first].add(second)
            around[second].add(first)
    return around


def _box(inside: Tensor) -> tuple[slice, slice]:
    """The rows and columns that the mask touches; empty for an empty mask."""
    rows, columns = inside.any(1).nonzero(), inside.any(0).nonzero()
    if not len(rows):  # more tiles than pixels
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _fits(parts: tuple[Tensor, ...], box: tuple[slice, slice]) -> bool:
    rows, columns = box
    _, height, width = parts[0].shape
    return bool(rows.stop - rows.start <= height and columns.stop - columns.start <= width)


def _colour(
    around: list[set[int]], fitting: list[list[int]], generator: torch.Generator
) -> list[int]:
    """A class for each tile: the rarest so far that no neighbour has, ties broken at random.

    A texture too small for the tile is taken only where no other is left.
    """
    kinds = [-1] * len(around)
    used = [0] * len(CLASSES)
    for tile in range(len(around)):
        near = {kinds[neighbour] for neighbour in around[tile]}
        free = [kind for kind in range(len(CLASSES)) if kind not in near]
        free = free or list(range(len(CLASSES)))
        free = [kind for kind in free if kind in fitting[tile]] or free
        rare = min(used[kind] for kind in free)
        free = [kind for kind in free if used[kind] == rare]
        kind = free[int(torch.randint(len(free), (), generator=generator))]
        kinds[tile] = kind
        used[kind] += 1
    return kinds


def _cut(parts: tuple[Tensor, ...], extent: Size, generator: torch.Generator) -> Tensor:
    """A random cut-out [3, *extent] of one of the parts, mirrored where it is too small."""
    pixels = parts[int(torch.randint(len(parts), (), generator=generator))]
    for axis, need in ((-2, extent[0]), (-1, extent[1])):
        while pixels.shape[axis] < need:
            pixels = torch.cat((pixels, pixels.flip(axis)), axis)
    y, x = (
        int(torch.randint(have - need + 1, (), generator=generator))
        for have, need in zip(pixels.shape[-2:], extent, strict=True)
    )
    return pixels[:, y : y + extent[0], x : x + extent[1]]


def _floats(pixels: Tensor) -> Tensor:
    return pixels.float().div_(255)
