"""A point and a plane of a picture far from square, in the notebook, on a still and on a page."""

import numpy as np
import pytest
import torch

from seglab import show
from seglab.draw import paint
from seglab.lab import Lab, Pixel
from seglab.ops.receptive_field import ReceptiveField
from seglab.page import _pane_records
from seglab.page._planes import Store
from seglab.paper import Point, sheet

SIZES = [(20, 3), (3, 20)]
BLUE = (11, 102, 195)  # of the ring


def ends(where):
    """First and last row, first and last column of a mask."""
    rows, columns = np.nonzero(where)
    return rows.min(), rows.max(), columns.min(), columns.max()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("share", [(0.3, 0.9), (0.9, 0.3)])
def test_the_ring_of_a_still_lies_around_its_pixel(size, share):
    at = tuple(int(part * side) for part, side in zip(share, size, strict=True))
    page = sheet({"dark": paint.rgb(torch.zeros(3, *size))}, point=Point(at, size))
    top, bottom, left, right = ends((page == 0).all(-1))
    high, low, first, last = ends((page == BLUE).all(-1))
    tall, wide = (bottom + 1 - top) / size[0], (right + 1 - left) / size[1]
    assert tall == pytest.approx(wide, rel=0.1)
    assert (high + low + 1) / 2 == pytest.approx(top + (at[0] + 0.5) * tall, abs=2.5)
    assert (first + last + 1) / 2 == pytest.approx(left + (at[1] + 0.5) * wide, abs=2.5)


@pytest.mark.parametrize("size", SIZES)
def test_the_boxes_of_a_point_end_where_the_picture_does(size):
    last = tuple(side - 1 for side in size)
    lab = Lab(
        title="t",
        controls={"at": Pixel(size, default=(1, 2), label="your point")},
        stages=(),
        panes={},
        numbers={"at": lambda at: f"{at[0]} down, {at[1]} across"},
    )
    live = show(lab)
    row, column = live.controls["at"].boxes
    assert [box.description for box in (row, column)] == ["your point: row", "column"]
    assert ((row.min, row.max), (column.min, column.max)) == ((0, last[0]), (0, last[1]))
    row.value, column.value = last
    assert live.run.numbers["at"] == f"{last[0]} down, {last[1]} across"


def test_a_thinned_out_plane_lies_where_the_whole_one_does():
    field = ReceptiveField((5, 9), (2, 3), (1, 3), (1.0, 1.0))
    picture = paint.scalar(torch.rand(50, 21), frame=(100, 63), field=field)
    record = _pane_records.pane("p", picture, Store(), px=20)
    skip = 3
    assert record["size"] == [17, 7]
    kept = record["field"]
    for cell in ((0, 0), (1, 0), (0, 1), (16, 6)):
        there = field.box(cell[0] * skip, cell[1] * skip)
        corner = [u * s - p for u, s, p in zip(cell, kept["stride"], kept["padding"], strict=True)]
        assert corner == list(there[:2])
        assert [corner[i] + kept["size"][i] - 1 for i in (0, 1)] == list(there[2:])
        middle = [o + u * s for u, s, o in zip(cell, kept["stride"], kept["origin"], strict=True)]
        assert middle == list(field.center(cell[0] * skip, cell[1] * skip))
