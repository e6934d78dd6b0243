"""seglab.draw.marks: vectors over a picture, in pixels of its frame."""

import json
import math

import pytest
import torch

from seglab.draw import paint
from seglab.draw.marks import Arrow, Box, Dot, Outline, Text, alt

RED = (255, 0, 0)
ONE_OF_EACH = (
    Box(2.5, 3.5, 5.5, 9.5, text="cat 0.93", strong=True),
    Outline(((0, 0), (4, 2.5)), RED, closed=False),
    Dot(1, 2, radius=5),
    Arrow(1, 2, 3, 4, text="offset"),
    Text(7, 8, "here"),
)
RECORDS = [
    {"kind": "box", "at": [2.5, 3.5, 5.5, 9.5], "strong": True, "dashed": False, "colour": None,
     "text": "cat 0.93"},
    {"kind": "outline", "points": [[0, 0], [4, 2.5]], "closed": False, "colour": [255, 0, 0],
     "text": ""},
    {"kind": "dot", "at": [1, 2], "radius": 5, "colour": None, "text": ""},
    {"kind": "arrow", "at": [1, 2], "to": [3, 4], "colour": None, "text": "offset"},
    {"kind": "text", "at": [7, 8], "colour": None, "text": "here"},
]  # fmt: skip


@pytest.fixture
def picture():
    return paint.rgb(torch.zeros(3, 10, 12))


def test_the_header_carries_marks_as_plain_json(picture):
    assert picture.header()["marks"] == []
    header = json.loads(json.dumps(picture.with_marks(*ONE_OF_EACH).header(), allow_nan=False))
    assert header["marks"] == RECORDS


def test_whole_numbers_travel_as_whole_numbers():
    assert json.dumps(Dot(3.0, 4.0).record()["at"]) == "[3, 4]"


def test_a_marked_picture_shares_its_pixels(picture):
    marked = picture.with_marks(Dot(1, 1))
    assert marked.array is picture.array
    assert picture.marks == ()
    assert marked.with_marks(Dot(2, 2)).marks == (Dot(1, 1), Dot(2, 2))
    assert marked.frame == picture.frame


def test_alt_tells_the_marks(picture):
    box, outline, dot, arrow, text = ONE_OF_EACH
    assert picture.with_marks(box).alt() == (
        "10 by 12 colour picture; marked: box over rows 3 to 5, columns 4 to 9 (cat 0.93)"
    )
    assert alt((dot, text)) == "dot at row 1, column 2, “here” at row 7, column 8"
    assert alt((outline,)) == "outline from row 0 to 4, column 0 to 2.5"
    assert alt((arrow,)) == "arrow from row 1, column 2 to row 3, column 4 (offset)"
    assert alt((dot,) * 9 + (box,)) == "9 dots, 1 box"
    assert alt((box,) * 7) == "7 boxes"


def test_a_box_that_holds_no_middle_says_its_edges():
    assert alt((Box(1.2, 0, 1.4, 3),)) == "box over rows 1.2 to 1.4, columns 0 to 3"


def test_every_kind_of_picture_tells_its_marks():
    pictures = (
        paint.scalar(torch.rand(4, 4)),
        paint.labels(torch.zeros(4, 4, dtype=torch.long), ["a"]),
        paint.grid(torch.ones(3, 3)),
        paint.curtain(*(paint.rgb(torch.zeros(3, 4, 4)) for _ in range(2)), names=("a", "b")),
    )
    for one in pictures:
        assert one.with_marks(Dot(1, 1)).alt() == f"{one.alt()}; marked: dot at row 1, column 1"


def test_a_table_has_no_place_for_marks():
    with pytest.raises(ValueError, match="a table has no pixels"):
        paint.table(("a",), [(1,)]).with_marks(Dot(0, 0))


def test_what_is_no_mark_is_refused(picture):
    with pytest.raises(TypeError, match="'dot' is no mark; use Box, Outline"):
        picture.with_marks("dot")
    with pytest.raises(ValueError, match="row=nan of a dot is no number of pixels"):
        Dot(math.nan, 0)
    with pytest.raises(ValueError, match="bottom=inf of a box"):
        Box(0, 0, math.inf, 1)
    with pytest.raises(ValueError, match=r"colour=\(300, 0, 0\) is no colour"):
        Dot(0, 0, (300, 0, 0))
    with pytest.raises(ValueError, match="is no outline; give two points"):
        Outline(((0, 0),))


def test_a_colour_may_be_any_sequence_of_three():
    assert Dot(0, 0, torch.tensor([1, 2, 3]).tolist()).colour == (1, 2, 3)


def test_a_box_around_pixels_holds_their_whole_squares():
    box = Box.around((3, 5, 3, 7), dashed=True)
    assert (box.top, box.left, box.bottom, box.right) == (2.5, 4.5, 3.5, 7.5)
    assert box.dashed
    assert not box.strong
    assert box.alt() == Box(2.5, 4.5, 3.5, 7.5).alt()
