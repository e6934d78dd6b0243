"""Lab 00: the curve of sizes, the leak, and the segment drawn on the photograph."""

import numpy as np
import pytest
from scipy import ndimage

from seglab.draw.shapes import Dot, Handle, Label
from seglab.lessons.start_here import LAB, TOLERANCES

STATES = (
    {},
    {"photo": "astronaut", "pixel": (172, 65)},
    {"photo": "coins", "tolerance": 60},
    {"photo": "rocket", "pixel": (0, 255)},
)


def flooded(run, tolerance, blocked=()):
    """The segment at a tolerance by a flood fill of another library."""
    similar = run.values["distance"][0].double().numpy() <= tolerance
    for pixel in blocked:
        similar[pixel] = False
    pieces, _ = ndimage.label(similar, np.ones((3, 3)))
    return pieces == pieces[run.state["pixel"]]


def shapes(run, kind):
    return [s for s in run.panes["size by tolerance"].shapes if isinstance(s, kind)]


@pytest.mark.parametrize("state", STATES)
def test_the_curve_and_its_knob_stand_at_the_sizes_of_a_flood_fill(state):
    run = LAB.at(**state)
    sizes = {t: int(flooded(run, t).sum()) for t in TOLERANCES}
    (knob,) = shapes(run, Handle)
    assert {value: y for _, y, value in knob.stops} == sizes
    assert all(x == value for x, _, value in knob.stops)
    assert knob.now == run.state["tolerance"]
    assert knob.says == f"{knob.now}: {sizes[knob.now]:,} pixels"
    assert {dot.x: dot.y for dot in shapes(run, Dot)} == sizes
    assert {dot.sets.value for dot in shapes(run, Dot)} == set(TOLERANCES)
    curve = max((s for s in run.panes["size by tolerance"].shapes if hasattr(s, "points")),
                key=lambda s: len(s.points)).points  # fmt: skip
    for tolerance, size in curve[::40]:
        assert size == flooded(run, tolerance).sum()


@pytest.mark.parametrize("state", [{}, {"photo": "coins"}])
def test_at_the_leak_so_many_pixels_join_and_the_red_dot_is_one_of_the_first(state):
    run = LAB.at(**state)
    leak = run.values["growth"].leak
    before, after = (flooded(run, leak.tolerance - e) for e in (1e-6, -1e-6))
    assert after.sum() - before.sum() == leak.pixels > before.sum()
    assert after[leak.at]
    assert not before[leak.at]
    assert ndimage.binary_dilation(before, np.ones((3, 3)))[leak.at]
    (label,) = [s for s in shapes(run, Label) if s.bold]
    assert label.text == f"leak: +{leak.pixels:,}"


def test_without_the_pixel_of_the_red_dot_the_coffee_does_not_leak():
    run = LAB.at(tolerance=80)
    leak = run.values["growth"].leak
    assert flooded(run, leak.tolerance + 1e-6).sum() > 49_000
    assert flooded(run, leak.tolerance + 1e-6, [leak.at]).sum() < 12_000
    dot = run.panes["photograph"].marks[-1]
    assert (dot.row, dot.column) == leak.at
    assert not any(mark.text for mark in LAB.at(tolerance=60).panes["photograph"].marks)


def test_a_segment_that_only_grows_has_no_leak():
    run = LAB.at(photo="astronaut", pixel=(172, 65), tolerance=80)
    assert run.values["growth"].leak is None
    sizes = np.array([flooded(run, t).sum() for t in np.arange(2, 80, 0.5)])
    large = sizes[:-1] > 0.01 * 256**2  # a few pixels double soon
    assert (sizes[1:] < 2 * sizes[:-1])[large].all()
    assert not any(s.bold for s in shapes(run, Label))


def test_the_photograph_stays_the_same_bytes_while_the_tolerance_moves():
    run = LAB.at()
    before = run.panes["photograph"]
    after = run.fork(tolerance=40).panes["photograph"]
    assert after.array is before.array
    assert after.marks != before.marks
