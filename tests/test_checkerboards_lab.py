"""Lab 11: bars and columns show the taps, and say exactly when a map of ones stays flat."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seglab.draw.shapes import Bar, Handle, Label, Line
from seglab.lessons import checkerboards as lesson
from seglab.lessons.checkerboards import KERNEL, LAB
from seglab.ops.upsample import RESIZE, TRANSPOSED

EDITOR, SUMS = "kernel: drag its taps", "sum at each place"
ROWS = st.lists(st.sampled_from([0.25, 0.5, 0.75, 1.0, 1.5, 2.0]), min_size=1, max_size=9)


def shapes(run, pane, kind):
    return [shape for shape in run.panes[pane].shapes if isinstance(shape, kind)]


def written(row, s):
    """A row of ones after the layer, far from its ends: what each input adds, one after another."""
    line = np.zeros(s * 30 + len(row))
    for i in range(30):
        line[i * s : i * s + len(row)] += row
    middle = 15 * s
    return line[middle : middle + s]


@settings(max_examples=25, deadline=None)
@given(ROWS, st.integers(1, 4))
def test_the_columns_are_what_the_layer_writes_at_the_places_of_a_block(row, s):
    run = LAB.at(kernel=[row], s=s)
    totals = run.values["sums"]
    assert totals == pytest.approx(written(row, s).tolist())
    said = [label.text for label in shapes(run, SUMS, Label) if label.bold]
    assert said == [f"{total:.3g}" for total in totals]
    tops = [bar.top for bar in shapes(run, SUMS, Bar) if bar.hollow]
    assert tops == pytest.approx(totals)
    pieces = [bar.top - bar.bottom for bar in shapes(run, SUMS, Bar) if not bar.hollow]
    assert sorted(pieces) == pytest.approx(sorted(row))
    (level,) = (line.points for line in shapes(run, SUMS, Line) if line.dashed)
    assert level == ((0, pytest.approx(np.mean(totals))), (s, pytest.approx(np.mean(totals))))
    colours = {(bar.colour, int(bar.left)) for bar in shapes(run, SUMS, Bar) if not bar.hollow}
    assert len(colours) == len({place for _, place in colours}) == min(s, len(row))


@settings(max_examples=25, deadline=None)
@given(ROWS, st.integers(1, 4), st.sampled_from([TRANSPOSED, RESIZE]))
def test_the_map_of_ones_is_flat_exactly_where_the_columns_are_level(row, s, method):
    assume(method == RESIZE or s > 1 or len(row) % 2)  # else no output lies over an input: refused
    run = LAB.at(kernel=[row], s=s, method=method)
    totals, constant = run.values["sums"], run.values["constant"]
    level = max(totals) - min(totals) < 1e-6
    assert (float(constant.max() - constant.min()) < 1e-4) is level
    assert run.panes[SUMS].says.endswith("not level") is not level
    assert method == TRANSPOSED or level


@pytest.mark.parametrize("value", [*KERNEL.sweep(), ((1.0, 0.3, 0.0, 2.0),), ((5.0, -1.0),)])
def test_a_tap_is_dragged_to_any_of_its_weights_and_nothing_else_moves(value):
    run, (row,) = LAB.at(kernel=value), value
    handles = shapes(run, EDITOR, Handle)
    assert len(handles) == len(row)
    for tap, handle in enumerate(handles):
        assert KERNEL.accept(handle.now) == value
        assert handle.at.y == row[tap]
        for _, weight, to in handle.stops:
            assert KERNEL.accept(to) == ((*row[:tap], weight, *row[tap + 1 :]),)
        assert {0, 1, 2} <= {weight for _, weight, _ in handle.stops}


def test_a_press_adds_a_tap_and_takes_the_last_away():
    words = {label.text: label for label in shapes(LAB.at(), EDITOR, Label) if label.sets}
    assert {name: KERNEL.accept(label.sets[1]) for name, label in words.items()} == {
        "− tap": ((1.0, 1.0),),
        "+ tap": ((1.0, 1.0, 1.0, 1.0),),
    }
    one, most = (shapes(LAB.at(kernel=[[1] * k]), EDITOR, Label) for k in (1, 9))
    assert [label.text for label in one if label.sets] == ["+ tap"]
    assert [label.text for label in most if label.sets] == ["− tap"]


def test_a_kernel_of_nothing_or_of_both_signs_draws_too():
    for row in ([0, 0], [1, -1], [-2, -1, 0.5]):
        run = LAB.at(kernel=[row])
        assert run.values["constant"].isfinite().all()
        assert all(run.panes[name].alt() for name in LAB.panes)


@pytest.mark.parametrize("s", LAB.controls["s"].options)
@pytest.mark.parametrize("depth", LAB.controls["depth"].options)
def test_a_map_is_as_large_as_its_layers_leave_room_for(s, depth):
    side = lesson.size(s, depth)
    assert 6 <= side <= 64
    assert side == 6 or side * s**depth <= lesson.LARGEST
    assert side == 64 or (side + 1) * s**depth > lesson.LARGEST
