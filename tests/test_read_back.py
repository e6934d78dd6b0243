"""Each kind of pane, read back from the still and from the board's frame."""

import re
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
import torch
from small_labs import LAB as WINDOWS

from seglab import lessons, show
from seglab.board import frames
from seglab.draw import paint
from seglab.lab import Run
from seglab.paper import said, sheet, still
from seglab.paper._legends import colours_of, names_of
from seglab.paper.canvas import Canvas

GRADIENT = torch.linspace(-2.5, 7.5, 60).reshape(3, 20)
LABS = lessons.catalogue() | lessons.further()


class Text(NamedTuple):
    """A text that was written, and where."""

    at: tuple
    words: str
    anchor: str


class Box(NamedTuple):
    """A box that was drawn: its top left corner, its sides and its fill."""

    at: tuple
    size: tuple
    fill: tuple


@pytest.fixture
def drawn(monkeypatch):
    """All that is written and filled on a page, in order."""
    seen = []
    write, fill = Canvas.text, Canvas.box

    def text(canvas, at, words, size, *rest, **style):
        seen.append(Text(at, words, style.get("anchor", "la")))
        write(canvas, at, words, size, *rest, **style)

    def box(canvas, x, y, width, height, colour=None, *rest, **style):
        seen.append(Box((x, y), (width, height), colour))
        fill(canvas, x, y, width, height, colour, *rest, **style)

    monkeypatch.setattr(Canvas, "text", text)
    monkeypatch.setattr(Canvas, "box", box)
    return seen


def words(drawn):
    """The texts on the page."""
    return [one.words for one in drawn if isinstance(one, Text)]


def swatches(drawn):
    """The name behind each small box, with the box."""
    return {
        text.words: box
        for box, text in pairwise(drawn)
        if isinstance(box, Box) and isinstance(text, Text) and box.size[0] == box.size[1]
    }


# Values


def test_the_ends_of_a_colour_bar_stand_under_its_ends(drawn):
    picture = paint.scalar(GRADIENT, low=-2.5, high=7.5, palette="magma")
    page = sheet({"heat": picture})
    low = next(one for one in drawn if getattr(one, "words", "") == "−2.5")
    high = next(one for one in drawn if getattr(one, "words", "") == "7.5")
    assert (low.anchor, high.anchor) == ("la", "ra")
    bar = page[round(low.at[1]) - 6, round(low.at[0]) : round(high.at[0])]
    assert tuple(bar[0]) == tuple(picture.palette[0])
    assert tuple(bar[-1]) == tuple(picture.palette[-1])
    middle = bar[len(bar) // 2].astype(int)
    assert np.abs(middle - picture.palette[127]).max() <= 4


def test_the_frame_and_the_words_of_values_have_the_same_ends():
    picture = paint.scalar(GRADIENT, low=-5, high=20)
    frame = frames.pane("heat", picture)
    assert frame["range"] == [-5, 20]
    codes = np.frombuffer(frame["plane"], np.uint8).reshape(frame["size"])
    low, high = frame["range"]
    values = low + codes / 254 * (high - low)
    assert np.abs(values - GRADIENT.numpy()).max() <= 25 / 254 / 2 + 1e-6
    ends = re.search(r"values from (\S+) to (\S+), mean (\S+)$", frame["alt"]).groups()
    assert [float(end) for end in ends] == pytest.approx([-2.5, 7.5, 2.5], abs=0.06)


# Labels


def test_the_swatch_of_a_name_has_the_colour_of_its_pixels(drawn):
    labels = torch.arange(3).repeat_interleave(4).reshape(1, 3, 4)
    picture = paint.labels(labels, ("sky", "sea", "sand"))
    page = sheet({"scene": picture})
    found = swatches(drawn)
    for row, name in enumerate(picture.names):
        box = found[name]
        middle = tuple(round(at + side / 2) for at, side in zip(box.at, box.size, strict=True))
        assert tuple(page[middle[1], middle[0]]) == box.fill == tuple(picture.rgb()[row, 2])
    frame = frames.pane("scene", picture)
    palette = np.frombuffer(frame["palette"], np.uint8).reshape(-1, 3)
    plane = np.frombuffer(frame["plane"], np.uint8).reshape(3, 4)
    assert [frame["names"][plane[row, 0]] for row in range(3)] == ["sky", "sea", "sand"]
    assert [tuple(palette[plane[row, 0]]) for row in range(3)] == [
        found[name].fill for name in picture.names
    ]
    assert sorted(re.findall(r"(\w+) 33%", frame["alt"])) == ["sand", "sea", "sky"]


@pytest.mark.parametrize("stem", LABS)
def test_every_name_that_a_lab_shows_has_a_swatch_of_its_colour(stem, drawn):
    lab = LABS[stem]
    run = Run(lab, lab.state(), finish_streams=False)
    still(run)
    pairs = {
        (text.words, box.fill)
        for box, text in pairwise(drawn)
        if isinstance(box, Box) and isinstance(text, Text)
    }
    for pane in lab.panes:
        picture = run.panes[pane]
        if picture.kind == "diagram":  # its small pictures have no legend
            continue
        for part in [part for _, part in picture.parts] or [picture]:
            for name in names_of(part):
                colour = colours_of(part)[names_of(part).index(name)]
                assert any(text and name.startswith(text) for text, fill in pairs if fill == colour)
                pixels = np.argwhere(part.array == part.names.index(name))
                for row, column in pixels[:1]:
                    assert tuple(part.rgb()[row, column]) == colour, (pane, name)


# Grids, tables, photographs, curtains


def test_each_cell_of_a_grid_has_its_number(drawn):
    values = torch.tensor([[1.0, -2.25], [30.0, float("nan")], [0.5, 4.0]])
    picture = paint.grid(values)
    sheet({"numbers": picture})
    cells = {one.words: one.at for one in drawn if isinstance(one, Text)}
    assert {"1", "−2.25", "30", "0.5", "4"} <= set(cells)
    assert cells["1"][0] == cells["30"][0] == cells["0.5"][0] < cells["−2.25"][0] == cells["4"][0]
    assert cells["1"][1] == cells["−2.25"][1] < cells["30"][1] < cells["0.5"][1] == cells["4"][1]
    frame = frames.pane("numbers", picture)
    assert (frame["size"], frame["values"]) == ([3, 2], [1, -2.25, 30, None, 0.5, 4])
    assert frame["alt"] == "3 by 2 numbers: 1 -2.25; 30 nan; 0.5 4"


def test_a_border_of_zeros_is_dashed_outside_and_inside(monkeypatch):
    outlines, dashes = [], []
    frame, dash = Canvas.frame, Canvas.dashes

    def framed(canvas, x, y, width, height, *rest):
        outlines.append((x, y, width, height))
        frame(canvas, x, y, width, height, *rest)

    def dashed(canvas, start, end, *rest):
        dashes.append((start, end))
        dash(canvas, start, end, *rest)

    monkeypatch.setattr(Canvas, "frame", framed)
    monkeypatch.setattr(Canvas, "dashes", dashed)
    sheet({"numbers": paint.grid(torch.zeros(5, 8), border=1)})
    ((x, y, width, height),) = outlines
    cell = width / 8
    assert height == pytest.approx(5 * cell)
    for lines, b in ((dashes[:4], 0), (dashes[4:], 1)):
        across = sorted(place[0] for line in lines for place in line)
        down = sorted(place[1] for line in lines for place in line)
        ends = (b * cell, width - b * cell), (b * cell, height - b * cell)
        assert (across[0] - x, across[-1] - x) == pytest.approx(ends[0])
        assert (down[0] - y, down[-1] - y) == pytest.approx(ends[1])


def test_each_cell_of_a_table_stands_in_its_row_under_its_column(drawn):
    rows = [("sky", 0.25, "7.0"), ("sea", 12, "0.1")]
    picture = paint.table(("class", "share", "score"), rows, highlight=1)
    sheet({"classes": picture})
    height = {one.words: round(one.at[1]) for one in drawn if isinstance(one, Text)}
    assert height["class"] == height["share"] == height["score"]
    assert height["sky"] == height["0.25"] == height["7.0"] < height["sea"]
    assert height["sea"] == height["12"] == height["0.1"]
    right = {one.words: one.at[0] for one in drawn if isinstance(one, Text)}
    assert right["sky"] < right["0.25"] < right["7.0"]
    frame = frames.pane("classes", picture)
    assert frame["rows"] == [["sky", "0.25", "7.0"], ["sea", "12", "0.1"]]
    assert frame["alt"] == "table of 2 rows; highlighted: class sea, share 12, score 0.1"


def test_a_photograph_keeps_its_colours_and_its_corners():
    image = torch.zeros(1, 3, 4, 6)
    image[0, 0, 0, 0], image[0, 2, 3, 5] = 1, 1  # red at the top left, blue at the bottom right
    picture = paint.rgb(image)
    frame = frames.pane("photo", picture)
    plane = np.frombuffer(frame["plane"], np.uint8).reshape(*frame["size"], 3)
    assert plane[0, 0].tolist() == [255, 0, 0]
    assert plane[3, 5].tolist() == [0, 0, 255]
    page = sheet({"photo": picture})
    places = {
        name: np.argwhere((page == colour).all(-1))
        for name, colour in {"red": (255, 0, 0), "blue": (0, 0, 255)}.items()
    }
    assert (places["red"].max(0) < places["blue"].min(0)).all()
    assert frame["alt"] == "4 by 6 colour picture"


def test_a_curtain_says_which_side_is_which(drawn):
    sides = [paint.labels(torch.full((1, 4, 4), k), ("no", "yes")) for k in (0, 1)]
    picture = paint.curtain(*sides, ("before", "after"))
    sheet({"both": picture})
    frame = frames.pane("both", picture)
    assert [part["name"] for part in frame["parts"]] == ["before", "after"]
    assert [bytes(part["plane"])[0] for part in frame["parts"]] == [0, 1]
    assert frame["alt"].startswith("left of the divider before: 4 by 4 labels: no 100%; right of")
    place = {one.words: one.at[0] for one in drawn if isinstance(one, Text)}
    left, right = (
        next(at for text, at in place.items() if name in text) for name in ("before", "after")
    )
    assert left <= right


# The state


def test_a_still_says_every_control_and_every_number(drawn):
    run = WINDOWS.at(f=4, photo="coffee", threshold=0.7, softmax=True)
    still(run)
    written = words(drawn)
    for name, value in said(run):
        assert written[written.index(name) + 1] == value
    assert dict(said(run))["window step f"] == "4"
    for name, value in run.numbers.items():
        assert written[written.index(name) + 1] == str(value)


def test_a_live_lab_says_its_state_in_words_where_no_kernel_runs():
    live = show(WINDOWS, f=4, threshold=0.9)
    data, metadata = live._repr_mimebundle_()
    for text in (data["text/plain"], metadata["image/png"]["alt"]):
        assert "f=4" in text
        assert "threshold=0.9" in text
        assert f"windows {live.run.numbers['windows']}" in text
