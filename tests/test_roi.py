"""Boxes cropped by roi_align and put back; the oracle is torchvision's RoIAlign.

A picture that is pasted back lies where it was.
"""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglab.ops import instances

laws = settings(deadline=None, derandomize=True, max_examples=25)
seeds = st.integers(0, 999)


def values(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def inner_boxes(count, height, width, seed):
    """Boxes of any size that stay half a pixel inside, where the oracle reads no border."""
    ends = values(count, 2, 2, seed=seed).sort(1).values * torch.tensor([height - 1, width - 1])
    return torch.cat([ends[:, 0], ends[:, 1] + 1e-3], 1)


def test_a_box_around_whole_pixels_gives_them():
    x = torch.arange(20.0).view(1, 1, 4, 5)
    boxes = torch.tensor([[0.5, 0.5, 3.5, 3.5]])
    assert instances.roi_align(x, boxes, 3)[0, 0].tolist() == x[0, 0, 1:4, 1:4].tolist()


def test_rows_and_columns_are_not_mistaken():
    x = torch.zeros(1, 1, 4, 8)
    x[..., 3, 6] = 1
    found = instances.roi_align(x, torch.tensor([[1.5, 5.5, 3.5, 7.5]]), 2)
    assert found[0, 0].tolist() == [[0, 0], [1, 0]]


@laws
@given(st.integers(4, 12), st.integers(4, 12), st.integers(1, 7), seeds)
def test_it_is_roi_align(height, width, side, seed):
    from torchvision.ops import roi_align

    x, boxes = values(1, 2, height, width, seed=seed), inner_boxes(3, height, width, seed + 1)
    # torchvision widens boxes below one pixel.
    boxes[:, 2:] = torch.maximum(boxes[:, 2:], boxes[:, :2] + 1).clamp(max=min(height, width) - 1)
    boxes[:, :2] = torch.minimum(boxes[:, :2], boxes[:, 2:] - 1)
    theirs = roi_align(x, [boxes[:, [1, 0, 3, 2]]], side, sampling_ratio=1)
    torch.testing.assert_close(instances.roi_align(x, boxes, side), theirs)


@laws
@given(st.integers(3, 12), st.integers(3, 12), st.integers(1, 5), seeds)
def test_what_is_cropped_is_pasted_back(height, width, side, seed):
    x = values(1, 1, height, width, seed=seed)
    side = min(side, height, width)
    top, left = seed % (height - side + 1), seed % (width - side + 1)
    box = torch.tensor([[top, left, top + side, left + side]]).double() - 0.5
    back = instances.roi_paste(instances.roi_align(x, box, side)[:, 0], box, (height, width))
    there = torch.zeros(height, width, dtype=torch.bool)
    there[top : top + side, left : left + side] = True
    torch.testing.assert_close(back[0][there], x[0, 0][there])
    torch.testing.assert_close(back[0][~there], torch.zeros_like(back[0][~there]))


def test_a_mask_keeps_its_place_when_it_is_enlarged():
    masks = torch.zeros(1, 28, 28)
    masks[:, :14] = 1  # the upper half of the box
    pasted = instances.roi_paste(masks, torch.tensor([[3.5, 9.5, 43.5, 49.5]]), (60, 70))[0] >= 0.5
    expected = torch.zeros(60, 70, dtype=torch.bool)
    expected[4:24, 10:50] = True
    assert torch.equal(pasted, expected)


@pytest.mark.parametrize("count", [0, 1, 500])
def test_any_number_of_boxes_also_of_no_size(count):
    boxes = torch.full((count, 4), 2.0)
    crops = instances.roi_align(torch.ones(1, 3, 8, 9), boxes, 4)
    assert crops.shape == (count, 3, 4, 4)
    pasted = instances.roi_paste(crops[:, 0], boxes, (8, 9))
    assert pasted.shape == (count, 8, 9)
    assert pasted.isfinite().all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: instances.roi_align(torch.ones(1, 3, 8, 9), torch.ones(4), 2),
            r"boxes is .*\[4\].*\[N, 4\]",
        ),
        (
            lambda: instances.roi_align(torch.ones(3, 8, 9), torch.ones(1, 4), 2),
            r"x is .*\[B, C, H, W\]",
        ),
        (
            lambda: instances.roi_align(torch.ones(2, 1, 8, 9), torch.ones(3, 4), 2),
            "x holds 2 maps",
        ),
        (lambda: instances.roi_align(torch.ones(1, 1, 8, 9), torch.ones(3, 4), 0), "side=0"),
        (lambda: instances.roi_paste(torch.ones(2, 4, 4), torch.ones(3, 4), (8, 9)), "for 3 boxes"),
    ],
)
def test_what_does_not_fit_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()
