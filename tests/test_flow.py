"""paint.flow: hue is direction, strength is length; the oracle is Python's colorsys."""

import colorsys
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglab.draw import paint
from seglab.draw.palettes import NO_VALUE_COLOUR


def colour(down, right, longest=10.0):
    offsets = torch.tensor([down, right]).float().view(1, 2, 1, 1)
    return paint.flow(offsets, longest).rgb()[0, 0].tolist()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.floats(-20, 20), st.floats(-20, 20))
def test_direction_is_hue_and_length_is_strength(down, right):
    hue = math.atan2(down, right) / math.tau % 1
    theirs = colorsys.hsv_to_rgb(hue, min(1, math.hypot(down, right) / 10), 1)
    assert colour(down, right) == pytest.approx([255 * part for part in theirs], abs=1)


def test_right_is_red_and_no_way_is_white():
    assert colour(0, 10) == [255, 0, 0]
    assert colour(0, 0) == [255, 255, 255]


def test_pixels_without_an_offset_are_grey():
    offsets = torch.zeros(1, 2, 2, 2)
    offsets[0, :, 0, 0] = torch.nan
    where = torch.tensor([[[True, False], [True, True]]])
    found = paint.flow(offsets, 1.0, where).rgb()
    assert found[0].tolist() == [list(NO_VALUE_COLOUR)] * 2
    assert found[1].tolist() == [[255] * 3] * 2


def test_the_legend_says_the_colour_of_each_direction():
    picture = paint.flow(torch.zeros(1, 2, 128, 128), 1.0)
    assert (picture.array == 255).all()  # nothing is painted over the offsets
    assert picture.marks == ()
    ways = {"→": (0, 1), "↓": (1, 0), "←": (0, -1), "↑": (-1, 0)}
    assert [name for name, _ in picture.legend] == list(ways)
    for name, shown in picture.legend:
        assert list(shown) == colour(*map(float, ways[name]), 1.0)
    assert len({shown for _, shown in picture.legend}) == 4
    assert picture.header()["legend"][0] == ["→", [255, 0, 0]]


def test_a_picture_that_is_asked_to_has_no_legend():
    assert paint.flow(torch.zeros(1, 2, 128, 128), 1.0, key=False).legend == ()


@pytest.mark.parametrize(
    ("offsets", "longest", "said"),
    [(torch.zeros(2, 4, 4), 1.0, "offsets has shape"), (torch.zeros(1, 2, 4, 4), 0, "longest=0")],
)
def test_what_is_no_offset_is_refused(offsets, longest, said):
    with pytest.raises(ValueError, match=said):
        paint.flow(offsets, longest)
