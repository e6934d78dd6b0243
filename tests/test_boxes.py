"""seglab.draw.boxes: boxes lie where they say, in their class's colour, and the best is on top."""

import numpy as np
import pytest
import torch

from seglab.draw import boxes as drawing
from seglab.draw import palettes

GREY = torch.full((1, 3, 20, 30), 0.5)
F = drawing.FACTOR


def drawn(corners, kinds=(1,), chosen=None):
    picture = drawing.boxes(GREY, torch.tensor(corners), kinds, [""] * len(kinds), chosen)
    return picture, picture.rgb().astype(int)


def test_a_box_around_a_pixel_is_drawn_around_it():
    picture, pixels = drawn([[4.5, 6.5, 14.5, 16.5]])
    assert (picture.size, picture.frame) == ((20 * F, 30 * F), (20, 30))
    coloured = (pixels == palettes.labels(2)[1]).all(-1)
    rows, columns = np.nonzero(coloured)
    assert (rows.min(), columns.min()) == (7 * F, 5 * F)
    assert (rows.max(), columns.max()) == (17 * F, 15 * F)
    assert not coloured[10 * F, 10 * F]  # the inside is left as it is


def test_the_first_box_is_on_top():
    same = [[4.5, 6.5, 14.5, 16.5]] * 2
    _, pixels = drawn(same, (2, 1))
    assert tuple(pixels[17 * F, 10 * F]) == tuple(palettes.labels(3)[2])


def test_the_chosen_box_is_thicker():
    box = [[4.5, 6.5, 14.5, 16.5]]
    thin, thick = (drawn(box, chosen=chosen)[1] for chosen in (None, 0))
    colour = palettes.labels(2)[1]
    assert (thick == colour).all(-1).sum() > (thin == colour).all(-1).sum()


def test_boxes_that_leave_the_picture_and_none_at_all_are_drawn():
    _, pixels = drawn([[-20.0, -9.0, 99.0, 99.0], [50.0, 50.0, 60.0, 60.0]], (1, 2))
    assert pixels.shape == (20 * F, 30 * F, 3)
    empty = drawing.boxes(GREY, torch.zeros(0, 4), [], [])
    assert (empty.rgb() == 128).all()


def test_a_text_is_written():
    with_text = drawing.boxes(GREY, torch.tensor([[4.5, 6.5, 14.5, 16.5]]), [1], ["0.93"])
    assert (with_text.rgb() != drawn([[4.5, 6.5, 14.5, 16.5]])[1]).any()


def test_each_box_needs_its_text():
    with pytest.raises(ValueError, match="1 boxes, 1 kinds and 2 texts"):
        drawing.boxes(GREY, torch.zeros(1, 4), [1], ["a", "b"])


def test_corners_go_around_a_mask():
    masks = torch.zeros(3, 8, 9, dtype=torch.bool)
    masks[0, 2:5, 3:4] = True
    masks[1, 7, 8] = True
    found = drawing.corners(masks)
    assert found.tolist() == [[2.5, 1.5, 3.5, 4.5], [7.5, 6.5, 8.5, 7.5], [-0.5] * 4]
    assert drawing.corners(masks[:0]).shape == (0, 4)
