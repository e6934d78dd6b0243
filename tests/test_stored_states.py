"""Stored states by value: each record is its state's picture; and the title of a deck."""

import re
from itertools import product

import numpy as np
import pytest
from nbformat import v4
from small_labs import LAB
from stored_pages import blobs_of, stored, undone

from seglab import deck, page
from seglab.board import frames
from seglab.files import Plan
from seglab.lab import Choice, Lab

# Another number of values for each, so that no two can be exchanged.
VARIED = {"photo": ["astronaut", "coffee"], "f": [4, 8, 16], "softmax": [False, True]}
SMALL = 24  # pixels: planes are decoded one by one


def shown_at(table, sizes, places):
    """The entry of a table for a state, as the page looks it up: the last control is fastest."""
    place = 0
    for control in table["reach"]:
        place = place * sizes[control] + places[control]
    return table["shown"][place]


@pytest.fixture(scope="module")
def text():
    return page.document(Plan(LAB, VARIED), px=SMALL)


def test_the_record_of_every_state_is_that_states_picture(text):
    lab, blobs = stored(text), blobs_of(text)
    decoded = {}
    sizes = [len(values) for values in VARIED.values()]
    assert [control["name"] for control in lab["controls"]] == list(VARIED)
    for places in product(*map(range, sizes)):
        state = {n: VARIED[n][at] for n, at in zip(VARIED, places, strict=True)}
        run = LAB.at(**state)
        for table in lab["panes"]:
            picture = run.panes[table["name"]]
            record = lab["pictures"][shown_at(table, sizes, places)]
            for number in (record["plane"], record["palette"]):
                if number >= 0 and number not in decoded:
                    decoded[number] = undone(blobs, number)
            skip = -(-max(picture.size) // SMALL)
            plane = picture.array[::skip, ::skip]
            assert np.array_equal(decoded[record["plane"]], plane.ravel()), (state, table["name"])
            if picture.palette is not None:
                assert np.array_equal(decoded[record["palette"]], picture.palette.ravel())
            header = frames.pane(table["name"], picture)
            for entry in ("range", "names", "alt", "frame", "kind"):
                assert record[entry] == header[entry], (state, table["name"], entry)
        for table in lab["numbers"]:
            words = shown_at(table, sizes, places)
            assert words == [str(run.numbers[table["name"]])], (state, table["name"])


def test_the_texts_of_a_control_are_those_of_its_values(text):
    for control in stored(text)["controls"]:
        declared = LAB.controls[control["name"]]
        values = VARIED[control["name"]]
        assert control["spelled"] == [declared.spelling(value) for value in values]
        assert values[control["start"]] == Plan(LAB, VARIED).start[control["name"]]


def test_a_number_of_several_controls_is_found_in_its_state():
    controls = {"a": Choice(1, 2), "b": Choice(10, 20, 30), "c": Choice(100, 200, 300, 400)}
    sums = {"a and c": lambda c, a: a + c, "all": lambda b, a, c: a + b + c, "b": lambda b: b}
    lab = Lab(title="Sums", controls=controls, stages=(), panes={}, numbers=sums)
    kept = stored(page.document(Plan(lab, list(controls))))
    sizes = [2, 3, 4]
    for places in product(*map(range, sizes)):
        state = [
            list(control.sweep())[at] for control, at in zip(controls.values(), places, strict=True)
        ]
        a, b, c = state
        found = {table["name"]: shown_at(table, sizes, places) for table in kept["numbers"]}
        assert found == {"a and c": [str(a + c)], "all": [str(a + b + c)], "b": [str(b)]}


# The title of a deck


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("Bold <b>words</b> & more", "Bold words &amp; more"),
        ("The tag `<b>`", "The tag &lt;b&gt;"),
        ("Fewer than 3 < 8 <small>aside</small>", "Fewer than 3 &lt; 8"),
        ("One &lt;b&gt; written out", "One &lt;b&gt; written out"),
        ("<!-- said by nobody -->Plain", "Plain"),
    ],
)
def test_the_title_in_footer_and_tab_is_raw_text(heading, title, tmp_path):
    cells = [
        v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": "slide"}})
        for text in (f"# {heading}", "## The end")
    ]
    path = deck.deck(v4.new_notebook(cells=cells), tmp_path / "deck.html", lambda book: book)
    written = path.read_text(encoding="utf-8")
    assert re.findall(r"<title>(.*?)</title>", written) == [title]
    assert re.findall(r"<footer>\s*<span>(.*?)</span>", written) == [title] * 2
