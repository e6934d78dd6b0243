"""Diagrams: shapes in coordinates of their own, in words, as records, and as a still picture."""

import json
import math

import numpy as np
import pytest
import torch

from seglab.board import frames
from seglab.draw import paint, shapes
from seglab.draw.diagram import bars, diagram, plot
from seglab.lab import Choice, Lab, Pixel
from seglab.paper import sheet
from seglab.paper.canvas import BLUE, PAPER

STOPS = ((0, 0.0, 10), (50, 0.25, 20), (100, 1.0, 40))


def test_a_diagram_is_told_in_words():
    made = diagram([shapes.Dot(0.5, 0.5)], says="one dot in the middle")
    assert made.alt() == "one dot in the middle"


def test_a_record_is_plain_json_and_leaves_defaults_out():
    made = diagram(
        [
            shapes.Line(((0.0, 1.0), (0.123456789, 2)), dashed=True, says="a line"),
            shapes.Bar(0, 0, 1, 1, (1, 2, 3), sets=("f", 8), thing=4),
            shapes.Handle("f", STOPS, 20),
        ],
        says="three shapes",
        group="layer",
    )
    header = json.loads(json.dumps(made.header()))
    line, bar, handle = header["shapes"]
    assert line == {
        "kind": "line",
        "points": [[0, 1], [0.123457, 2]],
        "dashed": True,
        "says": "a line",
    }
    assert bar["colour"] == [1, 2, 3]
    assert bar["sets"] == ["f", "8"]
    assert handle["stops"][1] == [50, 0.25, "20"]
    assert handle["now"] == 1
    assert header["group"]["ids"] == [None, 4, None]


@pytest.mark.parametrize(
    ("control", "value"), [(Choice(0.5, 8, "all", True), 0.5), (Pixel((9, 9)), (3, 4))]
)
def test_a_value_is_spelled_as_its_control_reads_it(control, value):
    assert control.parse(shapes.spelled(value)) == value
    assert shapes.spelled(value) == control.spelling(value)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: shapes.Dot(math.nan, 0.0), "x=nan of a dot"),
        (lambda: shapes.Line(((0.0, math.inf), (1.0, 1.0))), "points=.* of a line"),
        (lambda: shapes.Dot(0, 0, "red"), "colour='red' of a dot must be .*ink, faint"),
        (lambda: shapes.Dot(0, 0, (0, 0, 300)), r"\(0, 0, 300\) is no colour"),
        (lambda: shapes.Handle("f", STOPS, 11), "now=11 must be the value of a stop"),
        (lambda: shapes.Handle("f", (), 11), "no value at all"),
        (lambda: diagram([], says=""), "says='' must tell the diagram in words"),
        (lambda: diagram([], says="x", x=(2, 2)), r"x=\(2, 2\) must be two different"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_what_is_no_shape_is_refused():
    with pytest.raises(TypeError, match=r"'dot' is no shape; use those of seglab\.draw\.shapes"):
        diagram(["dot"], says="x")


def test_two_diagrams_share_their_empty_plane_so_that_a_step_sends_shapes_only():
    one, two = (diagram([shapes.Dot(x, 0.5)], says="a dot") for x in (0.1, 0.2))
    short = frames.short(frames.pane("a", two), frames.pane("a", one))
    assert set(short) == {"name", "shapes"}


def test_a_thumbnail_travels_as_a_part():
    picture = paint.rgb(torch.zeros(1, 3, 4, 4))
    made = diagram([shapes.Thumbnail(0, 0, 1, 1, picture, "black")], says="one picture")
    record = frames.pane("net", made)
    assert [part["name"] for part in record["parts"]] == ["black"]
    assert record["shapes"][0]["picture"] == 0
    assert bytes(record["parts"][0]["plane"]) == bytes(4 * 4 * 3)


def drawn(made, width=400):
    """The diagram's own pixels on a page without a margin, [height, width, 3]."""
    page = sheet({"d": made}, width=width + 56)
    inside = (page[:, 28 : 28 + width] != 255).any(-1)
    rows = np.flatnonzero(inside.sum(1) > width * 0.9)  # its frame
    return page[rows[0] + 1 : rows[-1], 28 : 28 + width]


def test_a_still_puts_a_bar_where_its_coordinates_say():
    made = diagram([shapes.Bar(2, 1, 6, 3)], says="a bar", x=(0, 8), y=(0, 4), margin=(0, 0, 0, 0))
    page = drawn(made)
    height, width = page.shape[:2]
    for x, y, colour in [(4, 2, BLUE), (2.2, 1.2, BLUE), (1.8, 2, PAPER), (4, 3.2, PAPER)]:
        assert tuple(page[int(height * y / 4), int(width * x / 8)]) == colour, (x, y)


@pytest.mark.parametrize("tall", [True, False])
def test_a_tall_diagram_stands_beside_two_rows_of_the_others(tall):
    area = [shapes.Area(((0, 0), (1, 0), (1, 1), (0, 1)), opacity=1)]
    lead = diagram(area, says="all of it", margin=(0, 0, 0, 0), wide=True, tall=tall)
    others = {f"pane {n}": paint.rgb(torch.zeros(1, 3, 64, 64)) for n in range(4)}
    page = sheet({"lead": lead, **others})
    rows, columns = ((page == BLUE).all(-1).any(axis) for axis in (1, 0))
    beside = (page == 0).all(-1)[rows][:, np.flatnonzero(columns)[-1] + 1 :]
    begins = np.flatnonzero(np.diff(np.pad(beside.any(1).astype(int), 1)) > 0)
    assert len(begins) == (2 if tall else 1)  # rows of black pictures


def test_an_even_diagram_keeps_a_square_square():
    square = [shapes.Bar(0, 0, 4, 4)]
    page = drawn(diagram(square, says="a square", x=(0, 8), y=(4, 0), margin=(0,) * 4, even=True))
    down, across = ((page == BLUE).all(-1).any(axis).sum() for axis in (1, 0))
    assert abs(int(down) - int(across)) <= 1
    assert 0.45 < across / page.shape[1] < 0.55
    free = (page != BLUE).any(-1).all(1)  # rows
    assert abs(int(free[: len(free) // 2].sum()) - int(free[len(free) // 2 :].sum())) <= 2


def test_a_y_axis_may_go_up():
    made = diagram([shapes.Bar(0, 0, 1, 0.25)], says="low", y=(1, 0), margin=(0, 0, 0, 0))
    page = drawn(made)
    assert tuple(page[int(0.9 * len(page)), 200]) == BLUE
    assert tuple(page[int(0.5 * len(page)), 200]) == PAPER


def test_bars_are_as_long_as_their_values():
    made = bars({"IoU": 0.25, "none of it": None, "loss": 7.0}, range=(0, 1), says="metrics")
    solid = [shape for shape in made.shapes if isinstance(shape, shapes.Bar) and shape.ghost]
    assert [(bar.left, bar.right) for bar in solid] == [(0, 0.25), (0, 0), (0, 1)]
    assert [bar.says for bar in solid] == ["IoU: 0.25", "none of it: none", "loss: 7.00"]


@pytest.mark.parametrize("value", [0.0, 1e-9, 1e-4, 1e-3, 0.002, 0.003])
def test_a_bar_thinner_than_a_pixel_is_drawn_too(value):
    picture = bars({"thin": value, "wide": 1.0}, says="two bars")
    assert sheet({"bars": picture}).size


def test_bars_of_both_signs_meet_at_zero():
    made = bars({"up": 1.0, "down": -2.0}, range=(-2, 2), says="signs")
    solid = [shape for shape in made.shapes if isinstance(shape, shapes.Bar) and shape.ghost]
    assert [(bar.left, bar.right) for bar in solid] == [(0, 1), (-2, 0)]


def test_a_plot_has_round_ticks_a_dot_for_each_point_and_its_value():
    made = plot({"size": [(0, 0.0), (50, 0.25)]}, x=(0, 100), y=(0, 1), now=50, says="a curve")
    dots = [shape for shape in made.shapes if isinstance(shape, shapes.Dot)]
    assert [(dot.x, dot.y, dot.says) for dot in dots] == [
        (0, 0, "size: 0"),
        (50, 0.25, "size: 0.25"),
    ]
    assert dots[1].radius > dots[0].radius  # where the control stands
    texts = [shape.text for shape in made.shapes if isinstance(shape, shapes.Label)]
    assert texts == ["0", "0.5", "1", "0", "50", "100"]
    assert made.y == (1, 0)


def test_a_lab_may_begin_with_a_diagram():
    panes = {"d": lambda f: bars({"f": f / 2}, says=f"f {f}")}
    lab = Lab("Two", {"f": Choice(1, 2)}, stages=(), panes=panes)
    assert lab.at(f=2).panes["d"].alt() == "f 2"


def test_two_thumbnails_that_say_the_same_keep_their_own_pictures():
    pictures = [paint.scalar(torch.full((2, 2), float(n)), low=0, high=1) for n in range(2)]
    shown = diagram(
        [shapes.Thumbnail(n, 0, n + 1, 1, picture, "one") for n, picture in enumerate(pictures)],
        says="two pictures",
    )
    assert [shape["picture"] for shape in shown.header()["shapes"]] == [0, 1]
