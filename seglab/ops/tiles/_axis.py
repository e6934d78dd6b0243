"""Cutting one axis of a picture into crops, each of which answers for a part of the output."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple


class Part(NamedTuple):
    """One crop along one axis: its pixels, and the units of the output that it answers for.

    start, stop: the crop's pixels in the picture. first, end: its units in the whole output, which
    are units first - skip to end - skip of its own output.
    """

    start: int
    stop: int
    first: int
    end: int
    skip: int


@dataclass(frozen=True)
class Axis:
    """Cuts of one axis: crops of `crop` pixels that start at multiples of `alignment`.

    stride: pixels from one unit of the output to the next. low, high: the units of a crop's output
    that are kept, where the crop does not end at the picture's border.
    """

    length: int
    crop: int
    alignment: int
    units: int
    stride: Fraction
    low: int
    high: int

    @property
    def step(self) -> int:
        """Pixels from one crop to the next; all of them where one crop is enough."""
        if self.crop >= self.length:
            return self.length
        kept = (self.high - self.low) * self.stride
        return math.floor(kept / self.alignment) * self.alignment

    @property
    def margin(self) -> int:
        """Pixels on each side that a crop sees beyond what it answers for."""
        if self.crop >= self.length:
            return 0
        return math.ceil((self.crop - (self.high - self.low) * self.stride) / 2)

    def parts(self) -> Iterator[Part]:
        """Crops in order. Together they answer for each unit of the output once."""
        done, start = 0, 0
        while start + self.crop < self.length:
            offset = int(start / self.stride)
            yield Part(start, start + self.crop, done, offset + self.high, offset)
            done = offset + self.high
            start = math.floor((done - self.low) * self.stride / self.alignment) * self.alignment
        start = max(0, self.length - self.crop)
        yield Part(start, self.length, done, self.units, int(start / self.stride))
