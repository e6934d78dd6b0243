"""The Brush: what is drawn on a pane, as a control, on the board and in its box of text."""

import pytest
from live_view import messages
from traitlets import TraitError

from seglab import show
from seglab.lab import Brush, Lab, Stroke, of

CLICK = Stroke("point", "object", ((40, 50),))
LINE = Stroke("line", "background", ((1, 2), (3, 4), (9, 9)))
BOX = Stroke("box", "object", ((10, 10), (60, 70)))
BRUSH = Brush((64, 96), {"a click": [CLICK], "all": (CLICK, LINE, BOX)})


def lab():
    return Lab("drawn", {"drawn": BRUSH}, {}, {}, {"strokes": of(len, "drawn")})


@pytest.mark.parametrize("strokes", [(), (CLICK,), (BOX, LINE), (LINE,) * 200])
def test_what_is_typed_is_read_as_the_same_strokes(strokes):
    assert BRUSH.parse(BRUSH.typed(strokes)) == strokes
    assert BRUSH.parse(BRUSH.spelling(strokes)) == strokes
    assert BRUSH.accept(eval(BRUSH.text(strokes))) == strokes
    assert hash(BRUSH.accept(list(map(list, strokes)))) == hash(strokes)


def test_a_brush_knows_its_presets_by_name():
    assert BRUSH.default == ()
    assert BRUSH.accept("a click") == (CLICK,)
    assert BRUSH.words((CLICK,)) == BRUSH.spelling((CLICK,)) == "a click"
    assert BRUSH.words((CLICK, CLICK, BOX)) == "2 points, 1 box"
    assert BRUSH.stored() == ((), (CLICK,), (CLICK, LINE, BOX))
    assert BRUSH.widget().kind == "brush"
    assert BRUSH.widget(BRUSH.stored()).kind == "buttons"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("object point", "is no stroke; write strokes as label, tool and points"),
        ("object point 4,5", "is no stroke"),
        ("object star 4:5", "a 'star'; use point or line or box"),
        ("thing point 4:5", "the label 'thing'; use object or background"),
        ("object point 4:5 6:7", "has 2 points; give it 1"),
        ("object line 4:5", "has 1 points; give it 2 to 500"),
        ("object point 64:5", "rows go from 0 to 63"),
        ("object point 4:96", "columns from 0 to 95"),
        (7, "is no list of strokes"),
        ([("point", "object", ((1.5, 2),))], "is no list of strokes"),
        ([CLICK] * 201, "201 strokes are too many"),
    ],
)
def test_a_brush_refuses_in_one_sentence(given, says):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        BRUSH.accept(given)
    assert says in str(caught.value)


def test_typing_draws_and_what_is_no_stroke_is_said():
    live = show(lab())
    box = live.controls["drawn"]
    box.text.value = "object point 40:50"
    assert live.run.numbers["strokes"] == 1
    assert box.presets.value == "a click"
    box.text.value = "object point 40:500"
    assert live.board.notice["text"].startswith("stroke 1 has a point at (40, 500), outside")
    assert box.text.value == "object point 40:50"
    box.text.value = "background point 1:1"
    assert box.presets.value == "your own"
    box.presets.value = "nothing"
    assert live.run.numbers["strokes"] == 0
    with pytest.raises(TraitError, match="is no stroke"):
        box.value = "object"


def test_the_board_is_told_what_is_drawn_in_one_message(monkeypatch):
    live = show(lab(), drawn=(CLICK,))
    told = live.board.frame["brush"]
    assert told == {
        "control": "drawn",
        "size": [64, 96],
        "labels": ["object", "background"],
        "text": "object point 40:50",
    }
    number, keys = live.board.places["drawn"]
    assert keys is None  # the browser puts the text itself into the box
    assert live.board.sources[number] == [live.controls["drawn"].text.model_id, "value"]
    sent = messages(live, monkeypatch)
    live.controls["drawn"].value = "all"
    assert len(sent) == 1
    assert live.board.frame["brush"]["text"] == BRUSH.typed((CLICK, LINE, BOX))
    assert live.board.frame["key"] == [BRUSH.typed((CLICK, LINE, BOX))]


def test_a_brush_without_effect_is_greyed():
    box = show(lab()).controls["drawn"]
    box.disabled = True
    assert box.text.disabled
    assert box.presets.disabled
