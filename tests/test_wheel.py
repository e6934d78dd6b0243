"""seglab.draw.wheel: hue is direction, strength is length; the oracle is Python's colorsys."""

import colorsys
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglab.draw.palettes import NONE_COLOUR
from seglab.draw.wheel import FACTOR, wheel


def colour(down, right, longest=10.0):
    offsets = torch.tensor([down, right]).float().view(1, 2, 1, 1)
    return wheel(offsets, longest).rgb()[0, 0].tolist()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.floats(-20, 20), st.floats(-20, 20))
def test_direction_is_hue_and_length_is_strength(down, right):
    hue = math.atan2(down, right) / math.tau % 1
    theirs = colorsys.hsv_to_rgb(hue, min(1, math.hypot(down, right) / 10), 1)
    assert colour(down, right) == pytest.approx([255 * part for part in theirs], abs=1)


def test_right_is_red_and_no_way_is_white():
    assert colour(0, 10) == [255, 0, 0]
    assert colour(0, 0) == [255, 255, 255]


def test_pixels_without_a_way_are_grey():
    offsets = torch.zeros(1, 2, 2, 2)
    offsets[0, :, 0, 0] = torch.nan
    where = torch.tensor([[[True, False], [True, True]]])
    found = wheel(offsets, 1.0, where).rgb()[::FACTOR, ::FACTOR]
    assert found[0].tolist() == [list(NONE_COLOUR)] * 2
    assert found[1].tolist() == [[255] * 3] * 2


def test_a_large_picture_has_its_key_in_the_corner():
    found = wheel(torch.zeros(1, 2, 128, 128), 1.0)
    assert found.frame == (128, 128)
    corner, rest = found.rgb()[:60, -60:], found.rgb()[60:]
    assert (corner != 255).any()
    assert (rest == 255).all()


@pytest.mark.parametrize(
    ("offsets", "longest", "said"),
    [(torch.zeros(2, 4, 4), 1.0, "offsets has shape"), (torch.zeros(1, 2, 4, 4), 0, "longest=0")],
)
def test_what_is_no_offset_is_refused(offsets, longest, said):
    with pytest.raises(ValueError, match=said):
        wheel(offsets, longest)
