"""Byte planes, stored small: equal ones once, filtered as in PNG or as a change, deflated."""

import zlib
from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

NONE, SUB, UP, PAETH, CHANGED = range(5)  # what undoes them stands in stored.js


class Blob(NamedTuple):
    """A stored plane.

    length: bytes of the plane. row, step: bytes of a row and of a pixel. filter: how it was
    filtered. reference: the blob from which it differs little, for CHANGED, else -1.
    """

    data: bytes
    length: int
    row: int
    step: int
    filter: int
    reference: int


class Store:
    """Planes by number; a plane that is there already gets its old number."""

    def __init__(self) -> None:
        self.blobs: list[Blob] = []
        self._numbers: dict[tuple[tuple[int, ...], bytes], int] = {}
        self._firsts: dict[Hashable, tuple[int, np.ndarray]] = {}

    def add(self, plane: np.ndarray, family: Hashable = None) -> int:
        """The number of a plane, uint8 [H, W] or [H, W, C].

        family: planes that may differ little from the first of theirs, such as those of one pane.
        """
        key = plane.shape, plane.tobytes()
        if key not in self._numbers:
            first = self._firsts.get((family, plane.shape)) if family is not None else None
            self._numbers[key] = len(self.blobs)
            self.blobs.append(_store(plane, first))
            if first is None and family is not None:
                self._firsts[family, plane.shape] = self._numbers[key], plane
        return self._numbers[key]

    def size(self, number: int) -> int:
        """The bytes of a plane."""
        return len(self.blobs[number].data)


def _store(plane: np.ndarray, first: tuple[int, np.ndarray] | None) -> Blob:
    step = 1 if plane.ndim == 2 else plane.shape[2]
    row = plane.shape[1] * step
    choices = {NONE: plane}
    if plane.size > 4096:
        choices |= {kind: _filtered(plane, kind) for kind in (SUB, UP, PAETH)}
    if first is not None:
        choices[CHANGED] = plane ^ first[1]
    best = min(choices, key=lambda kind: len(zlib.compress(choices[kind].tobytes(), 1)))
    packer = zlib.compressobj(9 if plane.size < 20_000 else 7, zlib.DEFLATED, -15)
    data = packer.compress(choices[best].tobytes()) + packer.flush()
    reference = first[0] if first is not None and best == CHANGED else -1
    return Blob(data, plane.size, row, step, best, reference)


def _filtered(plane: np.ndarray, kind: int) -> np.ndarray:
    pixels = plane.reshape(plane.shape[0], plane.shape[1], -1).astype(np.int16)
    padded = np.pad(pixels, ((1, 0), (1, 0), (0, 0)))
    left, above, corner = padded[1:, :-1], padded[:-1, 1:], padded[:-1, :-1]
    if kind == SUB:
        guess = left
    elif kind == UP:
        guess = above
    else:  # the neighbour nearest to left + above - corner, as in PNG
        away = [np.abs(above - corner), np.abs(left - corner), np.abs(left + above - 2 * corner)]
        guess = np.where(
            (away[0] <= away[1]) & (away[0] <= away[2]),
            left,
            np.where(away[1] <= away[2], above, corner),
        )
    return (pixels - guess).astype(np.uint8)
