"""paint.boxes: boxes lie where they say, in their class's colour, and the best is on top."""

import pytest
import torch

from seglab.draw import paint, palettes
from seglab.draw.marks import Box, Dot

GREY = torch.full((1, 3, 20, 30), 0.5)


def drawn(corners, classes=(1,), texts=None, chosen=None):
    return paint.boxes(GREY, torch.tensor(corners), classes, texts or [""] * len(classes), chosen)


def colour(label):
    return tuple(palettes.labels(label + 1)[label].tolist())


def test_the_picture_stays_as_it_is_and_a_box_lies_around_its_pixels():
    picture = drawn([[6.5, 4.5, 16.5, 14.5]], texts=["0.93"])
    assert (picture.array == 128).all()
    assert picture.size == picture.frame == (20, 30)
    assert picture.marks == (Box(6.5, 4.5, 16.5, 14.5, colour(1), "0.93"),)


def test_the_first_box_is_on_top():
    corners = [[6.5, 4.5, 16.5, 14.5], [2.0, 1.0, 4.0, 3.0]]
    assert [mark.colour for mark in drawn(corners, (2, 9)).marks] == [colour(9), colour(2)]


def test_the_chosen_box_is_strong():
    corners = [[6.5, 4.5, 16.5, 14.5], [2.0, 1.0, 4.0, 3.0]]
    strong = [mark.strong for mark in drawn(corners, (1, 2), chosen=0).marks]
    assert strong == [False, True]  # the first of them lies on top
    assert not any(mark.strong for mark in drawn(corners, (1, 2)).marks)


def test_a_box_ends_at_the_edge_of_the_picture_and_there_may_be_none():
    picture = drawn([[-9.0, -20.0, 99.0, 99.0], [50.0, 50.0, 60.0, 60.0]], (1, 2))
    edges = [(mark.top, mark.left, mark.bottom, mark.right) for mark in picture.marks]
    assert edges == [(19.5, 29.5, 19.5, 29.5), (-0.5, -0.5, 19.5, 29.5)]
    assert paint.boxes(GREY, torch.zeros(0, 4), [], []).marks == ()


def test_boxes_go_over_a_picture_too_and_share_its_pixels():
    picture = paint.rgb(GREY, marks=[Dot(1, 1)])
    boxed = paint.boxes(picture, torch.tensor([[2.0, 1.0, 4.0, 3.0]]), [1], [""])
    assert boxed.array is picture.array
    assert [mark.kind for mark in boxed.marks] == ["dot", "box"]


def test_each_box_needs_its_text():
    with pytest.raises(ValueError, match="1 boxes, 1 classes and 2 texts"):
        paint.boxes(GREY, torch.zeros(1, 4), [1], ["a", "b"])
