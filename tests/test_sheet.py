"""Still pictures: what is on the page, found again by its pixels."""

import io
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from small_labs import FRAGILE, GRIDS, LAB

from seglab.controls import Choice, Matrix, Pixel
from seglab.draw import paint
from seglab.ops.receptive_field import ReceptiveField
from seglab.paper import Point, png, said, sheet, still, text_layout
from seglab.paper import _planes as planes
from seglab.paper import _scales as scales
from seglab.paper.canvas import Canvas

SIGNS = "×→àÀé−·²½≤≥√ΔΣλ…–▸⌊⌋"


def runs(line):
    """The lengths of the equal stretches along a row of pixels, and their colours."""
    changes = np.flatnonzero((line[1:] != line[:-1]).any(-1)) + 1
    edges = [0, *changes.tolist(), len(line)]
    pairs = pairwise(edges)
    return [(end - start, tuple(line[start].tolist())) for start, end in pairs]


# Letters


@pytest.mark.parametrize("bold", [False, True])
def test_every_sign_of_the_labs_can_be_written(bold):
    font = text_layout.font(30, bold)
    missing = bytes(font.getmask("\U0010ffff"))
    assert not [sign for sign in SIGNS if bytes(font.getmask(sign)) in (missing, b"")]


@settings(deadline=None)
@given(st.text(max_size=80), st.integers(20, 300))
def test_lines_hold_every_word_that_fits_and_are_never_too_long(text, room):
    font = text_layout.font(12)
    said = text_layout.clean(text)
    lines = text_layout.lines(said, font, room)
    assert all(font.getlength(line) <= room for line in lines if line != "…")
    if all(font.getlength(word) <= room for word in said.split()):
        assert " ".join(lines) == said
    assert not any(ord(c) < 32 or ord(c) == 127 for c in said)


@given(st.lists(st.floats(1, 200), max_size=12), st.floats(50, 400))
def test_what_flows_side_by_side_does_not_overlap(widths, room):
    places = text_layout.flow(widths, room, 10)
    for (row, left), width in zip(places, widths, strict=True):
        assert left == 0 or left + width <= room
        others = [
            (a, a + w)
            for (r, a), w in zip(places, widths, strict=True)
            if r == row and (a, w) != (left, width)
        ]
        assert all(end + 10 <= left + 1e-6 or left + width + 10 <= a + 1e-6 for a, end in others)
    assert [row for row, _ in places] == sorted(row for row, _ in places)


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [(1.0, 0.0, 1.0, "1"), (0.5, 0.0, 0.5, "0.5"), (-3.25, -3.25, 9.0, "−3.2"), (0.0, -1, 0, "0"),
     (2e7, 0.0, 2e7, "2.00e+07"), (1200.0, 0.0, 1200.0, "1200")],
)  # fmt: skip
def test_the_ends_of_a_colour_bar(value, low, high, text):
    assert scales.format_tick(value, low, high) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (-0.001, "0"), (0.125, "0.12"), (-2.5, "−2.5"), (100.0, "100"), (np.nan, "")],
)
def test_the_numbers_in_a_cell(value, text):
    assert scales.format_number(value) == text


# Planes


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 5))
def test_an_enlarged_picture_is_its_pixels_repeated(rows, columns, factor):
    values = torch.arange(float(rows * columns)).reshape(rows, columns)
    picture = paint.scalar(values)
    resampled = planes.resample_to_frame(picture, (rows * factor, columns * factor))
    assert (resampled == picture.rgb().repeat(factor, 0).repeat(factor, 1)).all()


@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 12), st.integers(0, 12))
def test_a_pixel_of_the_page_shows_the_pixel_beneath_its_middle(rows, columns, more, further):
    values = torch.arange(float(rows * columns)).reshape(rows, columns)
    size = (rows + more, columns + further)
    resampled = planes.resample_to_frame(paint.scalar(values), size)
    nearest = F.interpolate(values[None, None], size=size, mode="nearest-exact")[0, 0]
    wanted = paint.scalar(nearest, low=0, high=rows * columns - 1)
    assert (resampled == wanted.rgb()).all()


def test_a_shrunk_picture_is_the_mean():
    picture = paint.rgb(torch.rand(3, 12, 8))
    resampled = planes.resample_to_frame(picture, (4, 4))
    mean = picture.array.reshape(4, 3, 4, 2, 3).mean((1, 3))
    assert np.abs(resampled - mean).max() <= 1


def test_a_score_lies_in_the_middle_of_its_field_and_hatch_around_it():
    field = ReceptiveField((5, 5), (4, 4), (0, 0), (2.0, 2.0))  # of 4 × 3 units on 20 × 16 pixels
    picture = paint.labels(
        torch.zeros(4, 3, dtype=torch.long), ["one"], frame=(20, 16), field=field
    )
    resampled = planes.resample_to_frame(picture, (40, 32))  # two pixels for each of the input
    own = (resampled == picture.palette[0]).all(-1)
    assert np.argwhere(own).min(0).tolist() == [1, 1]  # the first cell begins at 2 - 4/2 + 1/2
    assert own.sum() == (4 * 4 * 2) * (3 * 4 * 2)
    assert len(np.unique(resampled[~own], axis=0)) == 2  # shade and stroke


def test_pixels_without_a_value_are_hatched():
    picture = paint.labels(torch.tensor([[0, 255]]), ["one"])
    resampled = planes.resample_to_frame(picture, (40, 80))
    assert (resampled[:, :40] == picture.palette[0]).all()
    assert {tuple(c) for c in resampled[:, 40:].reshape(-1, 3).tolist()} == {(238,) * 3, (203,) * 3}


# Sheets


def picture(k):
    """Two by two labels that no other pane has."""
    return paint.labels(torch.tensor([[k, k], [k, k]]), [f"c{i}" for i in range(7)])


@settings(max_examples=8, deadline=None)  # a page takes longer than most examples
@given(st.integers(1, 6), st.sampled_from([500, 900, 1280]), st.sampled_from([1, 1.25]))
def test_panes_stand_in_order_equally_large_and_apart(count, width, scale):
    page = sheet({str(k): picture(k) for k in range(count)}, width=width, scale=scale)
    assert page.dtype == np.uint8
    assert page.shape[1] == round(width * scale)
    found = []
    for k in range(count):
        places = np.argwhere((page == picture(k).palette[k]).all(-1))
        high, wide = places.max(0)[0], np.ptp(places[:, 1])
        # The legend's swatches are below; the pane is what is large.
        rows = [row for row in np.unique(places[:, 0]) if (places[:, 0] == row).sum() > 100]
        columns = places[np.isin(places[:, 0], rows), 1]
        found.append((rows[0], columns.min(), len(rows), np.ptp(columns) + 1))
        assert high >= rows[-1]
        assert wide >= 100
    assert len({(tall, wide) for *_, tall, wide in found}) == 1
    tops = [(top, left) for top, left, *_ in found]
    assert tops == sorted(tops)
    assert len(set(tops)) == count


def test_a_colour_bar_runs_through_the_whole_palette():
    pane = paint.scalar(torch.rand(8, 8), low=0, high=1, palette="viridis")
    page = sheet({"score": pane})
    lines = [
        [colour for _, colour in runs(line)]
        for line in page
        if tuple(pane.palette[127].tolist()) in {colour for _, colour in runs(line)}
    ]
    table = [tuple(colour) for colour in pane.palette.tolist()]
    assert any([c for c in line if c in table] == list(dict.fromkeys(table)) for line in lines)


def test_a_number_stands_in_each_cell_unless_there_are_too_many():
    few, many = torch.ones(3, 3), torch.ones(60, 60)
    dark = [
        (sheet({"grid": paint.grid(values, low=-10, high=10)})[60:] < 90).all(-1).sum()
        for values in (torch.full((3, 3), torch.nan), few, many)
    ]
    assert dark[1] > dark[0] + 100
    assert dark[2] < dark[0] + 100  # of the line that says how many cells there are


def test_a_border_and_what_is_lost_are_marked():
    plain, marked = (
        sheet({"grid": paint.grid(torch.ones(5, 5), low=-3, high=3, border=b, lost=b)})
        for b in (0, 1)
    )
    orange = np.array((194, 65, 12))
    assert not (plain == orange).all(-1).any()
    assert (marked == orange).all(-1).any()
    shade = tuple(paint.grid(torch.ones(1, 1), low=-3, high=3).rgb()[0, 0])
    inner, all_of_them = ((page == shade).all(-1).sum() for page in (marked, plain))
    assert 0.2 < inner / all_of_them < 0.4  # 9 cells of 25


def test_a_curtain_shows_both_sides_with_both_keys():
    page = sheet({"both": paint.curtain(picture(0), picture(1), ("left", "right"))})
    table = picture(0).palette
    places = [np.argwhere((page == table[k]).all(-1)) for k in (0, 1)]
    large = [p[p[:, 0] < page.shape[0] // 2] for p in places]
    assert large[0][:, 1].max() < large[1][:, 1].min()
    assert abs(len(large[0]) - len(large[1])) < 0.05 * len(large[0])


@pytest.mark.parametrize("columns", [2, 4])
def test_a_narrow_table_gives_up_its_margins_before_its_words(columns, monkeypatch):
    cut, write = [], Canvas.text

    def text(canvas, at, words, size, *rest, room=None, **style):
        if room is not None and canvas.length(words, size, style.get("bold", False)) > room:
            cut.append(words)
        write(canvas, at, words, size, *rest, room=room, **style)

    monkeypatch.setattr(Canvas, "text", text)
    page, margin, least = 240, 24, 4
    ruler = Canvas(1, 1, 2)
    room = page - 2 * margin - 2 * least * columns
    word = "l" * int(room / columns / ruler.length("l", 13) - 1)
    assert ruler.length(word, 13) > 0.85 * room / columns
    sheet({"table": paint.table("abcd"[:columns], [[word] * columns])}, width=page, scale=2)
    assert cut == []


def test_a_highlighted_row_stands_out_and_a_wide_table_stays_on_the_page():
    table = paint.table(("a", *map(str, range(30))), [["row " * 9, *range(30)]] * 3, highlight=1)
    page = sheet({"table": table}, width=400)
    assert page.shape[1] == 400
    assert (page[:, -20:] == 255).all()
    assert (page == (238, 238, 238)).all(-1).sum() > 22 * 100


def test_a_point_is_marked_where_the_input_has_its_size():
    panes = {"a": picture(0), "b": paint.rgb(torch.zeros(3, 5, 5))}
    blue = np.array((11, 102, 195))
    plain, other, marked = (
        (sheet(panes, point=point) == blue).all(-1).sum()
        for point in (None, Point((0, 0), (9, 9)), Point((2, 2), (5, 5)))
    )
    assert plain == other == 0
    assert marked > 20


def test_a_page_that_is_too_narrow_is_refused():
    with pytest.raises(ValueError, match=r"width=100.* 240"):
        sheet({}, width=100)


def test_hostile_words_stay_words():
    words = "<script>\x00\u202e\n" + "x" * 500
    page = sheet(
        {words: picture(0)}, title=words, summary=words, controls=[(words, words)],
        numbers=[(words, words)], codes=[(words, words)], notice=words, foot=words,
    )  # fmt: skip
    assert page.shape[1] == 900
    assert (page[:, -10:] == 255).all()


# Runs


def test_the_same_run_gives_the_same_bytes_and_another_does_not():
    first, again, other = (png(still(LAB.at(f=f))) for f in (8, 8, 4))
    assert first == again != other


def test_a_small_png_keeps_the_paper_white_and_the_colours_near():
    page = still(GRIDS.at())
    small = Pillow.open(io.BytesIO(png(page)))
    assert small.mode == "P"
    back = np.asarray(small.convert("RGB")).astype(int)
    assert (back[0] == 255).all()
    assert np.abs(back - page).mean() < 3


def test_what_fails_is_said_and_the_rest_is_drawn():
    page = still(FRAGILE.at(k=3))
    assert (page == (194, 65, 12)).all(-1).any()  # the notice's edge
    assert not (still(FRAGILE.at(k=2)) == (194, 65, 12)).all(-1).any()
    assert page.shape[1] == 900


def test_without_a_heading_the_page_is_shorter():
    assert still(LAB.at(), heading=False).shape[0] < still(LAB.at()).shape[0]


def test_controls_read_as_words():
    assert said(LAB.at(f=2, softmax=True)) == [
        ("photo", "astronaut"),
        ("window step f", "2"),
        ("threshold", "0.0"),
        ("softmax", "on"),
        ("at", "row 40, column 60"),
    ]
    assert Choice(0.25, show="{:.1%}".format).words(0.25) == "25.0%"
    assert Pixel((9, 9)).words((1, 2)) == "row 1, column 2"
    kernel = Matrix({"edge": [[1, -1]]})
    assert kernel.words(kernel.default) == "edge"
    assert kernel.words(kernel.accept([[2, 0.5], [1, 1]])) == "2 0.5 / 1 1"
