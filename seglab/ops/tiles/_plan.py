"""The margin and the alignment that make tiling exact, worked out from the net alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from torch import nn

from seglab.ops import _validate
from seglab.ops.dense import SizedNet, UnsuitableNet, at_size
from seglab.ops.tiles._axis import Axis, Part
from seglab.types import Size

_SIDES = ("height", "width")


class Crop(NamedTuple):
    """One tile: where it lies in the picture, and which part of the whole output it gives."""

    rows: Part
    columns: Part

    @property
    def source(self) -> tuple[slice, slice]:
        """Rows and columns of the picture that the net sees."""
        return slice(self.rows.start, self.rows.stop), slice(self.columns.start, self.columns.stop)

    @property
    def kept(self) -> tuple[slice, slice]:
        """Rows and columns of the net's answer that are kept."""
        rows, columns = (
            slice(part.first - part.skip, part.end - part.skip)
            for part in (self.rows, self.columns)
        )
        return rows, columns

    @property
    def target(self) -> tuple[slice, slice]:
        """Rows and columns of the whole output where they go."""
        return slice(self.rows.first, self.rows.end), slice(self.columns.first, self.columns.end)

    def holds(self, unit: Size) -> bool:
        """True if it answers for a unit (row, column) of the whole output."""
        ends = zip((self.rows, self.columns), unit, strict=True)
        return all(part.first <= at < part.end for part, at in ends)


@dataclass(frozen=True)
class Plan:
    """Cuts of a picture; every pair is (height, width), in pixels unless said otherwise."""

    rows: Axis
    columns: Axis
    channels: int  # of the output

    @property
    def size(self) -> Size:
        """The picture."""
        return self.rows.length, self.columns.length

    @property
    def tile(self) -> Size:
        """Pixels that the net sees at once, the margins included."""
        return self.rows.crop, self.columns.crop

    @property
    def margin(self) -> Size:
        """Pixels that a tile sees on each side beyond the part that it answers for."""
        return self.rows.margin, self.columns.margin

    @property
    def step(self) -> Size:
        """From the start of one tile to that of the next."""
        return self.rows.step, self.columns.step

    @property
    def alignment(self) -> Size:
        """Every tile starts at a multiple of it, so that strides meet the same pixels."""
        return self.rows.alignment, self.columns.alignment

    @property
    def output(self) -> Size:
        """The whole output, in units: pixels where the net has a score for each."""
        return self.rows.units, self.columns.units

    @property
    def overhead(self) -> float:
        """Pixels that the net sees for each pixel of the picture, at least 1."""
        seen = [
            sum(part.stop - part.start for part in axis.parts())
            for axis in (self.rows, self.columns)
        ]
        return seen[0] * seen[1] / (self.size[0] * self.size[1])

    def __len__(self) -> int:
        return sum(1 for _ in self.rows.parts()) * sum(1 for _ in self.columns.parts())

    def __iter__(self) -> Iterator[Crop]:
        for row in self.rows.parts():
            for column in self.columns.parts():
                yield Crop(row, column)


def plan(net: nn.Module, size: Size, tile: int | Size) -> Plan:
    """The margin and the alignment with which tiles give what the whole picture gives.

    size: the picture, (height, width). tile: the most that the net is to see at once, margins
    included; it bounds the memory. The net's sizes, strides and paddings are read, not its weights,
    and no picture is needed.
    Raises ValueError, naming the layer, where a part of a picture does not tell what the net gives
    there (a pooling or a norm over the whole picture, squeeze-and-excitation), where a layer cannot
    be followed, and, naming the least tile, where the tile is too small.
    """
    height, width = _validate.pair("size", size)
    whole = _checked(at_size(net, (height, width)))
    most = _validate.pair("tile", tile)
    alignment = tuple(_alignment(whole, axis) for axis in (0, 1))
    crop = tuple(
        length if length <= limit else limit - (limit - length) % align
        for length, limit, align in zip((height, width), most, alignment, strict=True)
    )
    for axis in (0, 1):
        if crop[axis] <= 0:
            raise _too_small(axis, most, crop[axis] + alignment[axis], alignment[axis])
    part = _part_of(net, whole, (crop[0], crop[1]))
    rows, columns = (_axis(whole, part, axis, alignment[axis], most) for axis in (0, 1))
    return Plan(rows, columns, whole.channels)


def _checked(net: SizedNet) -> SizedNet:
    node = net.output
    if node in net.reasons:
        raise UnsuitableNet(
            net.reasons[node], "end the net before it, or predict the whole picture"
        )
    if node in net.untileable:
        reason = net.untileable[node]
        if "training mode" in reason:
            raise ValueError(reason)
        raise UnsuitableNet(
            f"{reason}, so a tile does not tell what the whole picture gives there",
            "predict the whole picture, brought to a size that the net and the memory take",
        )
    return net


def _alignment(net: SizedNet, axis: int) -> int:
    """Pixels after which every map of the net repeats its units."""
    return math.lcm(*(sights[axis].step for sights in net.sights.values()))


def _part_of(net: nn.Module, whole: SizedNet, crop: Size) -> SizedNet:
    """The net for a crop, checked to be the same net as for the whole picture."""
    if crop == whole.size:
        return whole
    part = _checked(at_size(net, crop))
    ours, theirs = list(part.taps()), list(whole.taps())
    for (name, taps), other in zip(ours, theirs, strict=False):
        if (name, taps) != other:
            raise _changes(name, crop, whole.size)
    if len(ours) != len(theirs):
        raise _changes("output", crop, whole.size)
    for step, of_whole in zip(part.program.steps, whole.program.steps, strict=True):
        if step.node in part.sights:
            for axis, sight in enumerate(part.sights[step.node]):
                lost = whole.sizes[of_whole.node][axis] - part.sizes[step.node][axis]
                if lost * sight.stride != whole.size[axis] - crop[axis]:
                    raise _changes(step.name, crop, whole.size)
    return part


def _axis(whole: SizedNet, part: SizedNet, axis: int, alignment: int, most: Size) -> Axis:
    length, crop = whole.size[axis], part.size[axis]
    sight = whole.sights[whole.output][axis]
    units = whole.sizes[whole.output][axis]
    low, high = (0, units) if crop >= length else part.exact(axis, (0, crop))
    cut = Axis(length, crop, alignment, units, sight.stride, int(low), int(high))
    if cut.step <= 0:
        lost = crop - (high - low) * sight.stride
        raise _too_small(axis, most, math.ceil(lost) + alignment, alignment, length)
    return cut


def _too_small(
    axis: int, tile: Size, least: int, alignment: int, length: int | None = None
) -> ValueError:
    if length is not None:
        least += (length - least) % alignment
    return ValueError(
        f"tile={tile[axis]} is too small in {_SIDES[axis]}: the net's field leaves nothing of it "
        f"that the whole picture would not change; use at least {least}"
    )


def _changes(name: str, crop: Size, size: Size) -> UnsuitableNet:
    return UnsuitableNet(
        f"layer {name!r} does not work on a tile of {crop[0]} x {crop[1]} as on the whole picture "
        f"of {size[0]} x {size[1]}",
        "give another tile, or predict the whole picture",
    )
