"""Words of diagrams, for who does not see them: each number is that of the state."""

import math
import re

import numpy as np
import pytest

from seglab import lessons
from seglab.draw.shapes import Bar, Label


def shapes(picture, kind):
    return [shape for shape in picture.shapes if isinstance(shape, kind)]


def diagram(run, words):
    """The diagram of a state whose words begin so."""
    (found,) = (p for p in run.panes.values() if p.kind == "diagram" and p.says.startswith(words))
    return found


@pytest.mark.parametrize("tolerance", [10, 30])
def test_lab_00_tells_the_size_of_the_segment_and_of_the_leak(tolerance):
    run = lessons.find("00").at(tolerance=tolerance)
    size = run.numbers["pixels in your segment"]
    says = diagram(run, f"{size:,} pixels at tolerance {tolerance}").says
    joins, counts = np.unique(run.values["joining"].cpu().numpy(), return_counts=True)
    most = counts[1:].argmax() + 1
    assert says.endswith(f"; at {joins[most]:.1f} it leaks: {counts[most]:,} pixels join at once")


def test_lab_02_tells_the_pq_that_stands_beside_each_class():
    pane = diagram(lessons.find("02").at(seed=1), "PQ of each class")
    names = {one.y: one.text for one in shapes(pane, Label) if one.align == "end"}
    values = {one.y: one.text for one in shapes(pane, Label) if one.bold}
    told = ", ".join(f"{name} {values[y]}" for y, name in names.items())
    assert pane.says == f"PQ of each class: {told}"


@pytest.mark.parametrize("pixel", [(132, 39), (40, 200)])
def test_lab_06_tells_the_labels_of_the_cut_by_their_columns(pixel):
    pane = diagram(lessons.find("06").at(pixel=pixel), f"row {pixel[0]}")
    told = re.findall(r"([a-z][\w ]*?) from column (\d+) to (\d+)", pane.says)
    strip = [one for one in shapes(pane, Bar) if one.says.startswith("label: ")]
    assert [(name, int(first) - 0.5, int(last) + 0.5) for name, first, last in told] == [
        (one.says.split(", ")[0].removeprefix("label: "), one.left, one.right) for one in strip
    ]


@pytest.mark.parametrize("dilations", ["all 1", "all but pool2"])
def test_lab_09_tells_how_many_taps_miss(dilations):
    run = lessons.find("09").at(dilations=dilations)
    miss, every = run.numbers["taps that miss"].split(" of ")
    says = diagram(run, "dilations: ").says
    assert says.endswith(f"of {every} taps, one kernel of each layer, {miss} miss their value")
    assert int(miss) * 2 != int(every)


def test_lab_11_tells_the_taps_that_each_place_meets():
    row = [0.5, 1.5, 0.25, 2, 0.75]
    run = lessons.find("11").at(kernel=[row], s=2)
    pane = diagram(run, "sums of taps")
    said = [one.says for one in shapes(pane, Label) if one.says]
    assert said == ["place 0: 0.5 + 0.25 + 0.75", "place 1: 1.5 + 2"]
    assert pane.says == "sums of taps: place 0 meets 1.5, place 1 meets 3.5; not level"


def test_lab_14_tells_by_how_much_the_prediction_is_shifted():
    says = lessons.find("14").at(shift=6).panes["drag the mask"].says
    assert says == "outlines of the prediction on the picture, shifted to the right by 6 pixels"


def test_lab_19_tells_what_the_pixel_costs():
    run = lessons.find("19").at(loss="focal", at=(5, 40), net="untrained")
    p, cost = (float(run.numbers[name]) for name in ("p of its class", "its loss"))
    assert p != cost
    told = re.fullmatch(
        r"focal: with p = (.*) the pixel costs (.*); -log p is (.*)",
        run.panes["loss of your pixel"].says,
    )
    assert [float(one) for one in told.groups()[:2]] == [p, cost]
    assert float(told[3]) == pytest.approx(-math.log(p), abs=0.02)


def test_lab_21_names_its_axes_and_tells_every_iou():
    run = lessons.find("21").at(robot=2)
    pane = run.panes["IoU by click"]
    told = ", ".join(f"{iou:.2f}" for iou in run.values["course"].ious)
    assert pane.says == f"IoU with your labels and after each of the robot's clicks: {told}"
    assert {"robot's clicks", "IoU"} <= {one.text for one in shapes(pane, Label)}
