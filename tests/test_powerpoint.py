"""Slides for PowerPoint, opened again: where every button leads, and what is hidden."""

import io

import numpy as np
import pptx
import pytest
import torch
from helpers import silent
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from small_labs import FRAGILE, LAB

from seglab import save
from seglab.draw import paint
from seglab.files import Plan
from seglab.files import _powerpoint as powerpoint
from seglab.lab import Choice, Lab, Try
from seglab.paper import still

VARY = {"f": [2, 8, 16], "softmax": [False, True], "threshold": [0.0, 0.9]}


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    path = tmp_path_factory.mktemp("deck") / "a.pptx"
    return pptx.Presentation(str(save(LAB, path, vary=VARY, px=600, progress=silent)))


def buttons(slide):
    """Control and value of each button -> the slide it leads to, and whether it is lit."""
    found = {}
    for shape in slide.shapes:
        target = shape.click_action.target_slide if hasattr(shape, "click_action") else None
        if target is not None:
            control, _, value = shape.name.partition(" = ")
            assert shape.text_frame.text == value
            lit = shape.text_frame.paragraphs[0].font.bold
            found[control, value] = (target.slide_id, lit)
    return found


def state(slide):
    """Texts of the lit buttons."""
    return {control: value for (control, value), (_, lit) in buttons(slide).items() if lit}


def xml(part):
    """Attributes that python-pptx has no names for."""
    return part._element


def pictures(slide):
    return [shape for shape in slide.shapes if hasattr(shape, "image")]


def test_there_is_a_slide_for_each_state_and_only_the_start_is_shown(deck):
    states = [tuple(state(slide).items()) for slide in deck.slides]
    assert len(states) == len(set(states)) == 3 * 2 * 2
    hidden = [xml(slide).get("show") == "0" for slide in deck.slides]
    assert hidden == [False] + [True] * 11
    assert state(deck.slides[0]) == {"f": "8", "softmax": "off", "threshold": "0.0"}


def test_every_button_leads_to_the_state_that_it_names(deck):
    by_id = {slide.slide_id: state(slide) for slide in deck.slides}
    for slide in deck.slides:
        here = state(slide)
        assert len(here) == 3
        assert len(buttons(slide)) == 3 + 2 + 2
        for (control, value), (target, _) in buttons(slide).items():
            assert by_id[target] == {**here, control: value}


def test_each_slide_shows_the_picture_of_its_state(deck):
    plan = Plan(LAB, VARY)
    words = {tuple(LAB.controls[n].words(s[n]) for n in plan.varied): s for s in plan.states()}
    _, below = powerpoint.layout(plan)
    seen = set()
    for slide in deck.slides:
        (picture,) = pictures(slide)
        said = state(slide)
        own = words[tuple(said[name] for name in plan.varied)]
        page = np.asarray(Pillow.open(io.BytesIO(picture.image.blob)))
        height = round(1000 * (7.5 - below - 0.3) / (13.333 - 1))
        exact = still(
            LAB.at(**own), heading=False, grow=False, width=1000, height=height, scale=0.6
        )
        assert (page == exact).all()
        seen.add(page.tobytes())
        alt = xml(picture).nvPicPr.cNvPr.get("descr")
        assert alt.startswith(repr(LAB.at(**own)))
        assert LAB.at(**own).panes["labels"].alt() in alt
    assert len(seen) == 12


def test_everything_lies_on_the_page(deck):
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height


def test_titles_and_notes(deck):
    for slide in deck.slides:
        assert slide.shapes.title.text == LAB.title  # its <b> is text
        assert "click a button" in slide.notes_slide.notes_text_frame.text
    assert deck.core_properties.title == LAB.title


@settings(max_examples=30)
@given(st.lists(st.lists(st.text(max_size=60), min_size=1, max_size=8, unique=True), max_size=4))
def test_buttons_never_overlap_or_leave_the_page(values):
    lab = Lab(
        title="Buttons",
        controls={f"c{i}": Choice(*texts) for i, texts in enumerate(values)},
        stages=(),
        panes={},
    )
    placed, below = powerpoint.layout(Plan(lab, list(lab.controls)))
    boxes = [(b.x, b.y, b.x + b.width, b.y + 0.36) for b in placed]
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert 0 <= left < right <= 13.333 - 0.5 + 1e-9
        assert bottom <= below
        for other_left, other_top, other_right, other_bottom in boxes[:i]:
            beside = right <= other_left + 1e-9 or other_right <= left + 1e-9
            assert beside or bottom <= other_top + 1e-9 or other_bottom <= top + 1e-9


def test_a_tour_is_slides_with_captions_in_order(tmp_path):
    lab = Lab(
        title="Toured",
        controls={"k": Choice(2, 3, 4)},
        stages=(),
        panes={"grey": lambda k: paint.scalar(torch.full((4, 4), k / 4.0), low=0, high=1)},
        tour=(
            Try("Set **k** to 3. Is it *lighter*?", {"k": 3}, "grey", then="It is."),
            Try("And with 4? " * 12, {"k": 4}, "grey", then="Lighter still."),
        ),
    )
    deck = pptx.Presentation(str(save(lab, tmp_path / "a.pptx", tour=True, progress=silent)))
    texts = [
        [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        for slide in deck.slides
    ]
    assert texts[0] == ["Toured · 1 of 2", "Set k to 3. Is it lighter?", "k 2"]
    assert texts[1] == ["Toured · 1 of 2", "Set k to 3. Is it lighter?", "", "It is.", "k 3"]
    assert [words[-1] for words in texts] == ["k 2", "k 3", "k 3", "k 4"]
    assert texts[3][3] == "Lighter still."
    assert not any(xml(slide).get("show") == "0" for slide in deck.slides)
    assert "It is." in deck.slides[0].notes_slide.notes_text_frame.text
    for slide in deck.slides:
        (picture,) = pictures(slide)
        for shape in slide.shapes:
            if shape.has_text_frame and shape.text_frame.text not in ("k 2", "k 3", "k 4"):
                size = shape.text_frame.paragraphs[0].font.size
                assert size is None or size.pt >= 18
                assert shape.top + shape.height <= picture.top
        assert picture.top + picture.height <= deck.slide_height


def test_a_value_that_shows_nothing_else_has_no_button(tmp_path):
    lab = Lab(
        title="Half",
        controls={"k": Choice(*range(6))},
        stages=(),
        panes={"half": lambda k: paint.scalar(torch.full((2, 2), k // 2 / 2.0), low=0, high=1)},
    )
    deck = pptx.Presentation(str(save(lab, tmp_path / "a.pptx", vary=["k"], progress=silent)))
    assert {value for _, value in buttons(deck.slides[0])} == {"0", "2", "4"}


def test_hostile_words_stay_words(tmp_path):
    words = '</a:t><script>"&\x00\x1f\ud800' + "\u202e"
    lab = Lab(
        title=words,
        controls={"k": Choice(words, "b", label=words)},
        stages=(),
        panes={words: lambda k: FRAGILE.at().panes["square"]},
        numbers={words: lambda k: k},
    )
    deck = pptx.Presentation(str(save(lab, tmp_path / "a.pptx", vary=["k"], progress=silent)))
    kept = '</a:t><script>"&'
    assert deck.slides[0].shapes.title.text == kept
    assert ("k", kept) in buttons(deck.slides[0])


def test_a_state_without_a_picture_has_its_slide(tmp_path):
    path = save(FRAGILE, tmp_path / "a.pptx", vary=["k"], progress=silent)
    deck = pptx.Presentation(str(path))
    assert len(deck.slides) == 4
    (alt,) = [
        xml(pictures(slide)[0]).nvPicPr.cNvPr.get("descr")
        for slide in deck.slides
        if state(slide) == {"k": "3"}
    ]
    assert "square: no picture" in alt


def test_a_lab_that_stands_still_is_one_slide(tmp_path):
    deck = pptx.Presentation(str(save(FRAGILE, tmp_path / "a.pptx", fix={"k": 2}, progress=silent)))
    assert len(deck.slides) == 1
    assert not buttons(deck.slides[0])


def test_a_control_without_a_say_leads_nowhere_else(tmp_path):
    lab = Lab(
        title="Idle",
        controls={"a": Choice(0, 1), "b": Choice(2, 3)},
        stages=(),
        panes={"p": lambda a, b: paint.scalar(torch.full((2, 2), 1.0 * b), low=0, high=9)},
        matters={"b": lambda a: a == 1},
    )
    deck = pptx.Presentation(str(save(lab, tmp_path / "a.pptx", vary=["a", "b"], progress=silent)))
    assert [state(slide) for slide in deck.slides] == [
        {"a": "0", "b": "2"}, {"a": "1", "b": "2"}, {"a": "1", "b": "3"},
    ]  # fmt: skip
    first, _, last = deck.slides
    assert buttons(first)["b", "3"][0] == first.slide_id
    assert buttons(last)["a", "0"][0] == first.slide_id
