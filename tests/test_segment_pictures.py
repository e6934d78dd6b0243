"""Pictures of segments: colours that tell neighbours apart, borders, and clouds of colours."""

import numpy as np
import pytest
import torch
from skimage.measure import points_in_poly

from seglab.draw import clouds, paint, palettes
from seglab.ops import cluster


def squares(rows, columns, side=2):
    """A label of its own for each square of a board, [1, rows * side, columns * side]."""
    numbers = torch.arange(rows * columns).view(rows, columns)
    return numbers.repeat_interleave(side, 0).repeat_interleave(side, 1)[None]


def test_few_segments_have_a_colour_and_a_name_each():
    picture = paint.segments(squares(3, 4))
    assert picture.kind == "labels"
    assert picture.names == tuple(f"segment {label}" for label in range(12))
    assert np.array_equal(picture.palette, palettes.labels(12))


def test_of_many_segments_those_that_touch_differ_and_all_else_is_a_colour_of_few():
    labels = squares(3, 5)
    colours = paint.segments(labels).rgb()
    assert colours.shape == (6, 10, 3)
    codes = colours.astype(int) @ [65536, 256, 1]
    inside = codes[::2, ::2]
    assert (np.kron(inside, np.ones((2, 2), int)) == codes).all()
    assert (inside[1:] != inside[:-1]).all()
    assert (inside[:, 1:] != inside[:, :-1]).all()
    known = {tuple(colour) for colour in palettes.labels(6).tolist()}
    assert {tuple(colour) for colour in colours.reshape(-1, 3).tolist()} <= known


def test_segments_are_outlined_in_yellow_and_all_else_is_the_image():
    image = torch.rand(1, 3, 6, 10, generator=torch.Generator().manual_seed(0))
    labels = squares(3, 5)
    border = cluster.boundaries(labels)[0].numpy()
    drawn, plain = paint.outlined(image, labels).rgb(), paint.rgb(image).rgb()
    assert (drawn[border] == (255, 255, 0)).all()
    assert np.array_equal(drawn[~border], plain[~border])


@pytest.mark.parametrize("seed", range(4))
def test_contours_go_around_all_pixels_of_a_mask_and_no_others(seed):
    mask = torch.rand(1, 9, 13, generator=torch.Generator().manual_seed(seed)) < 0.6
    middles = np.array([(row, column) for row in range(9) for column in range(13)], float)
    inside = np.zeros(len(middles), int)
    for line in paint.contours(mask, (1, 2, 3)):
        assert line.closed
        assert line.colour == (1, 2, 3)
        inside += points_in_poly(middles, line.points)
    assert (inside.reshape(9, 13) % 2 == mask[0].numpy()).all()
    square = torch.zeros(1, 8, 8, dtype=torch.bool)
    square[0, 2:6, 3:7] = True
    (line,) = paint.contours(square)
    assert len(line.points) == 8  # its corners are cut; a straight side needs no points
    assert paint.contours(square ^ square) == ()


def test_two_pictures_of_one_name_are_one():
    left, right = paint.segments(squares(1, 2)), paint.segments(squares(2, 1, side=2))
    assert paint.compared(left, right, "k-means", "k-means") is left
    other = paint.segments(squares(1, 2).flip(2))
    curtain = paint.compared(left, other, "k-means", "SLIC")
    assert curtain.names == ("k-means", "SLIC")
    assert [part for _, part in curtain.parts] == [left, other]


@pytest.mark.parametrize(("rows", "points"), [(3, 12 * 4), (4, 16)])
def test_a_cloud_of_colours_has_every_16th_pixel_or_a_point_for_each_segment(rows, points):
    labels = squares(rows, 4, side=8)
    image = torch.rand(1, 3, *labels.shape[1:], generator=torch.Generator().manual_seed(0))
    figure = clouds.colours(image, labels, "squares")
    assert sum(len(trace.x) for trace in figure.data) == points
    assert figure.layout.title.text.startswith("squares: ")
    light = cluster.cielab(image)[0, 0]
    if rows == 3:
        assert figure.data[0].z == pytest.approx(light[:8:4, :8:4].flatten().tolist())
    else:
        assert figure.data[0].z[0] == pytest.approx(float(light[:8, :8].mean()), abs=1e-3)
        assert set(figure.data[0].marker.size) == {8.0}
