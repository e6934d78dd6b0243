"""Marks in a still picture: at the right pixels, in the right colours, cut off at the edge."""

import numpy as np
import pytest
import torch

from seglab.draw import paint
from seglab.draw.marks import Arrow, Box, Dot, Outline, Text
from seglab.paper import sheet
from seglab.paper._vectors import draw_marks
from seglab.paper.canvas import BLUE, Canvas

GROUND, RED, GREEN = (90, 90, 90), (230, 0, 0), (0, 160, 0)


def drawn(*marks, scale=1, columns=None, shape=(100, 120), frame=(10, 12)):
    """Marks on a grey picture of ten pixels for each of the frame, five units inside the page."""
    canvas = Canvas((shape[1] + 10) / scale, (shape[0] + 10) / scale, scale)
    canvas.pixels((5 / scale, 5 / scale), np.full((*shape, 3), GROUND, np.uint8))
    draw_marks(canvas, marks, (5 / scale, 5 / scale), shape, frame, columns)
    page = np.asarray(canvas.page)
    inner = page[5:-5, 5:-5]
    rim = page.copy()
    rim[5:-5, 5:-5] = 255
    assert (rim == 255).all()  # nothing leaves the picture
    return inner


def where(picture, colour):
    """First row, first column, end row and end column of a colour."""
    places = np.argwhere((picture == colour).all(-1))
    return (*places.min(0).tolist(), *(places.max(0) + 1).tolist())


def test_a_box_is_centered_on_the_edges_of_its_pixels():
    picture = drawn(Box(2.5, 3.5, 5.5, 9.5, RED))  # pixels 3 to 5 and 4 to 9
    assert where(picture, RED) == (29, 39, 61, 101)  # the edges at 30, 40, 60 and 100, and 1 around
    assert where(picture, (255, 255, 255)) == (28, 38, 63, 103)
    assert (picture[33:58, 43:98] == GROUND).all()
    assert (picture[29:31, 39:101] == RED).all()


def test_a_strong_box_is_thicker():
    thin, strong = (drawn(Box(2.5, 3.5, 5.5, 9.5, RED, strong=s)) for s in (False, True))
    assert where(strong, RED) == (28, 38, 62, 102)
    assert (strong == RED).all(-1).sum() > 1.9 * (thin == RED).all(-1).sum()


def test_a_dashed_box_has_gaps_on_its_casing():
    whole, dashed = (drawn(Box(2.5, 3.5, 5.5, 9.5, RED, dashed=d)) for d in (False, True))
    share = (dashed == RED).all(-1).sum() / (whole == RED).all(-1).sum()
    assert 0.5 < share < 0.75  # dashes of 6 units, gaps of 4
    assert where(dashed, (255, 255, 255))[:2] == (28, 38)


@pytest.mark.parametrize("scale", [1, 1.25, 2])
def test_lines_are_as_thick_as_the_page_is_scaled(scale):
    picture = drawn(Box(2.5, 3.5, 5.5, 9.5, RED), scale=scale)
    line = picture[45]
    assert (line[:60] == RED).all(-1).sum() == round(2 * scale)


def test_the_last_mark_lies_on_top():
    box = (2.5, 3.5, 5.5, 9.5)
    assert not (drawn(Box(*box, RED), Box(*box, GREEN)) == RED).all(-1).any()


def test_marks_are_cut_off_at_the_edge():
    picture = drawn(Box(-50, -50, 50, 50, RED), Box(-5, 3.5, 5.5, 50, GREEN), Dot(500, 500, RED))
    assert where(picture, GREEN) == (0, 39, 61, 120)
    assert not (picture == RED).all(-1).any()


def test_marks_keep_to_the_columns_that_they_may_be_drawn_on():
    picture = drawn(Box(2.5, 3.5, 5.5, 9.5, RED), columns=(60, 120))
    assert (picture[:, :60] == GROUND).all()
    assert where(picture, RED)[1] == 60


def test_a_dot_lies_on_the_middle_of_its_pixel():
    picture = drawn(Dot(4, 6, RED, radius=6))
    places = np.argwhere((picture == RED).all(-1))
    assert (places.mean(0) + 0.5).tolist() == [45, 65]
    assert abs(len(places) - np.pi * 36) < 20  # what is not mixed with the casing
    assert (picture[45 - 8 : 45 + 8, 65] != GROUND).all()  # with its casing


def test_the_casing_can_be_seen_on_a_ground_of_the_marks_colour():
    canvas = Canvas(100, 100, 1)
    canvas.pixels((0, 0), np.full((100, 100, 3), BLUE, np.uint8))
    draw_marks(canvas, [Dot(5, 5), Box(1, 1, 8, 8)], (0, 0), (100, 100), (10, 10))
    assert (np.asarray(canvas.page) == 255).all(-1).sum() > 100


def test_an_outline_runs_through_its_points_and_closes():
    points = ((1, 1), (1, 9), (8, 9))
    closed, opened = (drawn(Outline(points, RED, closed=c)) for c in (True, False))
    for picture in (closed, opened):
        assert tuple(picture[15, 50]) == RED
        assert tuple(picture[50, 95]) == RED
    assert tuple(closed[50, 55]) == RED  # half way from (8, 9) back to (1, 1)
    assert tuple(opened[50, 55]) == GROUND


def test_an_arrow_points_to_its_end():
    picture = drawn(Arrow(5, 2, 5, 9, RED))  # from x 25 to x 95 on the line y 55
    rows, columns = np.nonzero((picture == RED).all(-1))
    assert (columns.min() >= 24, columns.max() <= 95) == (True, True)
    assert columns.max() >= 92
    assert abs(rows.mean() + 0.5 - 55) < 0.6
    thick = [(rows[columns == x].max() - rows[columns == x].min() + 1) for x in (40, 87)]
    assert thick[0] <= 3 < 6 <= thick[1]  # the head is wider than the shaft


def test_an_arrow_of_no_length_is_no_error():
    assert (drawn(Arrow(5, 2, 5, 2, RED)) == GROUND).all()


@pytest.mark.parametrize(("colour", "ink"), [((240, 228, 66), (33, 33, 33)), (BLUE, (255,) * 3)])
def test_a_text_stands_on_its_colour_in_an_ink_that_can_be_read(colour, ink):
    picture = drawn(Text(5, 6, "0.93", colour))
    top, left, bottom, right = where(picture, colour)
    assert abs((top + bottom) / 2 - 55) <= 1
    assert abs((left + right) / 2 - 65) <= 1
    assert (picture[top:bottom, left:right] == ink).all(-1).sum() > 12


def test_a_text_that_would_leave_the_picture_is_moved_into_it():
    picture = drawn(Box(-3, 11, 4, 40, RED, text="score"))
    assert (picture[2, -3:] == RED).all()
    assert not (picture[:4] == GROUND).all(-1).all()


def test_marks_without_a_colour_have_the_boards_accent():
    assert (drawn(Dot(5, 5)) == BLUE).all(-1).any()


# On a page


def found(page, colour):
    return where(page, colour)


def test_a_mark_lies_on_the_page_where_it_lies_on_the_frame():
    values = torch.zeros(3, 16, 16)
    values[:, 4:8, 6:13] = torch.tensor((0.0, 160 / 255, 0.0))[:, None, None]
    plain = paint.rgb(values)
    box = Box(3.5, 5.5, 7.5, 12.5, RED)
    coarse = paint.scalar(torch.zeros(4, 4), on=plain, marks=[box])
    for scale in (1, 1.5):
        top, left, bottom, right = found(sheet({"p": plain}, scale=scale), GREEN)
        for picture in (plain.with_marks(box), coarse):
            edges = found(sheet({"p": picture}, scale=scale), RED)
            wanted = (top - scale, left - scale, bottom + scale, right + scale)
            assert np.abs(np.subtract(edges, wanted)).max() <= scale


def test_each_side_of_a_curtain_has_its_own_marks():
    side = paint.rgb(torch.zeros(3, 16, 16))
    page = sheet(
        {
            "both": paint.curtain(
                side.with_marks(Box(3, 2, 12, 13, RED)),
                side.with_marks(Box(3, 2, 12, 13, GREEN)),
                ("a", "b"),
            ).with_marks(Dot(1, 8))
        }
    )
    red, green, blue = (found(page, colour) for colour in (RED, GREEN, BLUE))
    assert red[3] <= green[1]
    assert (red[0], red[2]) == (green[0], green[2])
    assert red[0] - blue[2] > 10  # the dot over both lies above the boxes


def test_a_number_grid_is_marked_cell_by_cell():
    grid = paint.grid(torch.zeros(3, 3)).with_marks(Box(0.5, 0.5, 1.5, 1.5, RED))
    top, left, bottom, right = found(sheet({"g": grid}), RED)
    assert bottom - top == right - left == 44 + 2  # a cell's side, and a unit on each side


def test_the_same_marks_give_the_same_page():
    marks = (Box(1, 1, 5, 5, text="a"), Dot(3, 3), Arrow(1, 1, 7, 9), Outline(((1, 1), (7, 5))))
    pages = [
        sheet({"p": paint.rgb(torch.zeros(3, 10, 12), marks=marks)}, title="t") for _ in range(2)
    ]
    assert (pages[0] == pages[1]).all()
