"""The links are checked against torch: what a rule says must be what a convolution computes."""

import json
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from seglab.draw import paint
from seglab.draw.palettes import NO_VALUE


@pytest.mark.parametrize("shape", [(4, 6), (1, 4, 6), (1, 1, 4, 6)])
def test_a_grid_is_a_picture_with_its_numbers(shape):
    values = torch.arange(24.0).reshape(shape) - 7
    grid = paint.grid(values)
    assert (grid.array.shape, grid.array.dtype, grid.size) == ((4, 6), np.uint8, (4, 6))
    assert grid.rgb().shape == (4, 6, 3)
    assert np.array_equal(grid.values, values.reshape(4, 6).numpy())
    header = json.loads(json.dumps(grid.header()))
    assert (header["kind"], header["size"], header["frame"]) == ("grid", [4, 6], [4, 6])
    assert header["values"] == values.ravel().tolist()
    assert (header["border"], header["lost"], header["links"]) == (0, [0, 0], None)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64, torch.int64, torch.bool])
def test_any_numbers_do(dtype):
    assert paint.grid(torch.tensor([[0, 1]]).to(dtype)).values.tolist() == [[0, 1]]


def test_zero_is_the_palettes_middle_and_a_missing_number_has_no_colour():
    grid = paint.grid(torch.tensor([[0.0, 3.0], [-3.0, math.nan]]))
    middle, above, below, none = grid.array.ravel().tolist()
    assert (middle, none) == ((NO_VALUE - 1) // 2, NO_VALUE)
    assert above - middle == middle - below > 0
    assert grid.header()["values"][3] is None
    assert np.unique(paint.grid(torch.zeros(2, 2)).array).tolist() == [(NO_VALUE - 1) // 2]


def test_the_ends_of_the_palette_can_be_given():
    grid = paint.grid(torch.tensor([[0.0, 1.0, 5.0]]), low=0, high=1)
    assert grid.array.tolist() == [[0, NO_VALUE - 1, NO_VALUE - 1]]
    with pytest.raises(ValueError, match=r"low=2 is not below high=1"):
        paint.grid(torch.zeros(1, 1), low=2, high=1)


def test_a_grid_in_words():
    grid = paint.grid(F.pad(torch.tensor([[1.0, -2.5]]), (1, 1, 1, 1)), border=1, lost=(0, 1))
    assert grid.alt() == (
        "3 by 4 numbers, the outer 1 on each side padding, the last column lost: "
        "0 0 0 0; 0 1 -2.5 0; 0 0 0 0"
    )
    assert "the last 2 rows lost" in paint.grid(torch.zeros(4, 4), lost=(2, 0)).alt()
    assert paint.grid(torch.arange(400.0).reshape(20, 20)).alt().endswith("from 0 to 399")


@pytest.mark.parametrize("shape", [(2, 3, 4), (3,), (0, 3), (129, 2)])
def test_what_is_no_small_matrix_is_refused(shape):
    with pytest.raises(ValueError, match=r"values has shape \[.*a number grid is \[H, W\]"):
        paint.grid(torch.zeros(shape))


def test_a_border_leaves_something():
    with pytest.raises(ValueError, match="border=2 leaves nothing"):
        paint.grid(torch.zeros(4, 5), border=2)


def by_the_rule(rule, inputs, weights, size):
    """The output that the rule in a grid's header gives, cell by cell."""
    out = torch.zeros(size)
    for row in range(inputs.shape[0] if rule["transposed"] else size[0]):
        for column in range(inputs.shape[1] if rule["transposed"] else size[1]):
            for tap in np.ndindex(*weights.shape):
                there = tuple(
                    s * n - p + d * t
                    for s, n, p, d, t in zip(
                        *(rule["stride"], (row, column), rule["padding"], rule["dilation"], tap),
                        strict=True,
                    )
                )
                source, target = (
                    ((row, column), there) if rule["transposed"] else (there, (row, column))
                )
                fits = all(0 <= n < side for n, side in zip(source, inputs.shape, strict=True))
                lands = all(0 <= n < side for n, side in zip(target, size, strict=True))
                if fits and lands:
                    out[target] += weights[tap] * inputs[source]
    return out


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize(("s", "p", "d"), [(1, 0, 1), (2, 1, 1), (1, 2, 2), (3, 1, 2), (2, 0, 3)])
def test_the_links_are_torchs_own(s, p, d, transposed):
    random = torch.Generator().manual_seed(s + 10 * p + 100 * d)
    inputs = torch.randint(-4, 5, (8, 9), generator=random).float()
    weights = torch.randint(-3, 4, (3, 2), generator=random).float()
    call = F.conv_transpose2d if transposed else F.conv2d
    out = call(inputs[None, None], weights[None, None], stride=s, padding=p, dilation=d)[0, 0]
    links = paint.Links("x", "w", s, p, d, transposed)
    rule = paint.grid(out, links=links).header()["links"]
    assert (rule["input"], rule["kernel"]) == ("x", "w")
    assert torch.equal(by_the_rule(rule, inputs, weights, tuple(out.shape)), out)


def test_a_pair_is_rows_and_columns():
    links = paint.Links("x", "w", stride=(1, 4), padding=(0, 2))
    assert paint.grid(torch.zeros(1, 5), links=links).header()["links"] == {
        "input": "x",
        "kernel": "w",
        "stride": [1, 4],
        "padding": [0, 2],
        "dilation": [1, 1],
        "transposed": False,
    }
