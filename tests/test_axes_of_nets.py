"""Nets on pictures far from square: rows are rows, and columns are columns."""

import numpy as np
import pytest
import torch
from dense_ways import WAYS
from torch import nn

from seglab.draw.relations import Tiles
from seglab.ops import dense, heatmap, receptive_field

SIZES = [(20, 3), (3, 20)]
KERNELS = [(9, 1), (1, 9)]


@pytest.fixture(autouse=True)
def _no_gradients():
    with torch.no_grad():
        yield


def picture(*size, channels=3):
    """Draw a picture whose numbers are all different."""
    generator = torch.Generator().manual_seed(7)
    return torch.rand(1, channels, *size, dtype=torch.float64, generator=generator)


def one_way_net(kernel):
    """A net that looks along one axis only: a field of 14 pixels, a stride of 2."""
    torch.manual_seed(0)
    down = kernel[0] > 1
    return nn.Sequential(
        nn.Conv2d(3, 4, kernel),
        nn.ReLU(),
        nn.MaxPool2d((2, 1) if down else (1, 2)),
        nn.Conv2d(4, 2, (3, 1) if down else (1, 3)),
    ).double()


def field_of(kernel):
    """Height and width of the field of one_way_net by hand: 9 + 1 + 2 * 2."""
    return (14, 1) if kernel[0] > 1 else (1, 14)


def by_windows(net, plane, field, size):
    """A score for each of the first `size` windows, one by one."""
    scores = torch.stack(
        [
            net(plane[..., i : i + field[0], j : j + field[1]]).flatten(1)
            for i in range(size[0])
            for j in range(size[1])
        ],
        -1,
    )
    return scores.unflatten(-1, size)


# Dense maps


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("size", "kernel"), list(zip(SIZES, KERNELS, strict=True)))
def test_every_way_looks_along_the_axis_of_its_kernel(size, kernel, way):
    net, image, field = one_way_net(kernel), picture(*size), field_of(kernel)
    dense_size = tuple(n - r + 1 for n, r in zip(size, field, strict=True))
    expected = by_windows(net, image, field, dense_size)
    torch.testing.assert_close(WAYS[way](net, image), expected)
    assert dense.dense_size(net, size) == dense_size
    down, across = (2, 1) if kernel[0] > 1 else (1, 2)
    torch.testing.assert_close(dense.coarse(net, image), expected[..., ::down, ::across])


@pytest.mark.parametrize("way", ["auto", *WAYS])
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("size", SIZES)
def test_a_prediction_reflects_each_border_along_its_own_axis(size, kernel, way):
    net, image, field = one_way_net(kernel), picture(*size), field_of(kernel)
    around = [((r - 1) // 2, r - 1 - (r - 1) // 2) for r in field]
    padded = torch.from_numpy(np.pad(image.numpy(), [(0, 0), (0, 0), *around], mode="reflect"))
    expected = by_windows(net, padded, field, size)
    torch.testing.assert_close(dense.predict(net, image, way), expected)


# The passes of lab 08


def square_net():
    """A net of stride 3 in both directions, with a field of 3 x 3."""
    torch.manual_seed(0)
    return nn.Conv2d(3, 2, 3, 3).double()


@pytest.mark.parametrize("size", SIZES)
def test_the_passes_lie_side_by_side_as_their_shifts(size):
    net, image = square_net(), picture(*size)
    passes = dense.Passes(net, image)
    sheet, tiles = passes.side_by_side(), passes.interleaving()
    tall, wide = (-(-(n - 2) // 3) for n in size)
    assert tiles.tile == (tall, wide)
    assert sheet.shape[2:] == (3 * tall, 3 * wide)
    for y in range(3):
        for x in range(3):
            tile = sheet[..., y * tall : (y + 1) * tall, x * wide : (x + 1) * wide]
            answer = torch.full_like(tile, torch.nan)
            shifted = image[..., y:, x:]
            if min(shifted.shape[2:]) >= 3:  # else the pass has no room for one score
                few = net(shifted)
                answer[..., : few.shape[2], : few.shape[3]] = few
            torch.testing.assert_close(tile, answer, equal_nan=True)


@pytest.mark.parametrize("forwards", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_a_pixel_of_the_map_has_its_score_in_its_place_on_the_sheet(size, forwards):
    passes = dense.Passes(square_net(), picture(*size))
    sheet, tiles = passes.side_by_side(), passes.interleaving(forwards)
    stitched = passes.stitched(forwards=forwards)
    assert tiles.size == tuple(n - 2 for n in size) == tuple(stitched.shape[2:])
    for row in range(tiles.size[0]):
        for column in range(tiles.size[1]):
            answer = tiles.answer((row, column))
            there = stitched[0, :, row, column]
            if answer is None:
                assert there.isnan().all()
                continue
            at = tiles.on_sheet(answer)
            assert torch.equal(sheet[0, :, at[0], at[1]], there)
            assert tiles.pixel(answer) == (row, column)
    if forwards:
        assert torch.equal(stitched, dense.shift_and_stitch(square_net(), picture(*size)))


@pytest.mark.parametrize("size", SIZES)
def test_the_record_of_tiles_has_the_height_first(size):
    net = one_way_net((9, 1))
    passes = dense.Passes(square_net(), picture(*size))
    record = Tiles("map", passes.interleaving(), size, receptive_field.of(net)).record()
    assert record["frame"] == list(size)
    assert record["size"] == [n - 2 for n in size]
    assert record["field"] == {
        "size": [14, 1],
        "stride": [2, 1],
        "padding": [0, 0],
        "origin": [6.5, 0],
    }


# Receptive fields


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_field_is_as_high_as_what_a_gradient_reaches(kernel):
    net = one_way_net(kernel)
    size = (20, 3) if kernel[0] > 1 else (3, 20)
    field = receptive_field.of(net)
    assert field.size == field_of(kernel)
    unit = (2, 1) if kernel[0] > 1 else (1, 2)
    reached = receptive_field.measured(net, picture(*size), unit)
    assert reached.shape == size
    top, left, bottom, right = map(int, field.box(*unit))
    seen = reached.nonzero()
    assert seen.amin(0).tolist() == [top, left]
    assert seen.amax(0).tolist() == [bottom, right]
    middle = ((top + bottom) / 2, (left + right) / 2)
    assert field.center(*unit) == middle
    assert field.unit_at(middle) == unit


@pytest.mark.parametrize("size", SIZES)
def test_each_pixel_takes_the_label_of_the_nearest_unit_that_covers_it(size):
    field = receptive_field.ReceptiveField((4, 7), (2, 3), (1, 2), (0.5, 1.0))
    units = tuple(max(1, n // s) for n, s in zip(size, field.stride, strict=True))
    labels = torch.arange(units[0] * units[1]).reshape(1, *units) % 250
    found = heatmap.at_pixels(labels, field, size)
    expected = torch.full((1, *size), 255)
    for u in range(units[0]):
        for v in range(units[1]):
            top, left, bottom, right = field.cell(u, v)
            for i in range(size[0]):
                for j in range(size[1]):
                    if top <= i <= bottom and left <= j <= right:
                        expected[0, i, j] = labels[0, u, v]
    assert torch.equal(found, expected)
