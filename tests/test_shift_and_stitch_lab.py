"""Lab 08: what a shifted pass costs when the picture is only cut at its start, and its centers."""

import pytest

from seglab.lessons.shift_and_stitch import LAB
from seglab.nets import textures
from seglab.ops import dense


@pytest.mark.parametrize(("f", "trimmed", "whole"), [(8, 61.7, 62.5), (16, 230.2, 242.0)])
def test_a_pass_over_all_that_is_left_costs_a_little_more(f, trimmed, whole):
    net = textures.pretrained(f)
    coarse = dense.cost(net, (256, 256), "coarse")
    one_side = [dense.macs_by_layer(net, (256 - y, 256 - y), "coarse") for y in range(f)]
    layers = {name: dense.macs_by_layer(net, (256, 256), "coarse")[name] for name in one_side[0]}
    # Along each axis alone: the positions of a layer are rows times columns.
    share = {name: sum((cut[name] / layers[name]) ** 0.5 for cut in one_side) for name in layers}
    total = sum(layers[name] * share[name] ** 2 for name in layers) / coarse
    assert round(total, 1) == whole
    stitching = dense.cost(net, (256, 256), "shift_and_stitch") / coarse
    assert round(stitching, 1) == trimmed


def test_the_first_center_is_at_row_and_column_21():
    field = LAB.at(f=8).values["model"].field
    assert field.center(0, 0) == (21, 21)
    assert field.every_pixel().center(3, 5) == (24, 26)


def test_more_shifts_than_there_are_change_nothing():
    run = LAB.at(f=2, shifts=4)
    assert run.values["answered"].all()
    assert repr(run).replace("shifts=4", "shifts=256") == repr(run.step(shifts=256))


@pytest.mark.parametrize("sign", ["right", "wrong"])
@pytest.mark.parametrize("shifts", [2, 12, 16])
def test_the_close_up_marks_the_places_that_the_last_pass_has_added(shifts, sign):
    before, run = (LAB.at(shifts=n, sign=sign, pixel=(100, 180)) for n in (shifts - 1, shifts))
    (around,) = run.panes["the passes, interleaved"].marks
    top, left, bottom, right = (
        int(edge - 20.5) for edge in (around.top, around.left, around.bottom, around.right)
    )
    assert top <= 100 - 21 < bottom
    assert left <= 180 - 21 < right
    added = run.values["answered"] & ~before.values["answered"]
    places = added[0, top:bottom, left:right].nonzero().tolist()
    dots = [[mark.row, mark.column] for mark in run.panes["3 × 3 blocks of it"].marks]
    assert dots == places
    assert len(dots) == 9


@pytest.mark.parametrize("pixel", [(0, 0), (255, 255), (21, 234)])
def test_the_close_up_stays_inside_the_map(pixel):
    run = LAB.at(pixel=pixel)
    assert run.panes["3 × 3 blocks of it"].size == (24, 24)


def test_the_photograph_shows_what_the_pass_gets_and_its_first_window():
    run = LAB.at(f=16, shifts=20)  # pass (1, 3)
    picture = run.panes["photograph"]
    window, crop, center, name = picture.marks
    assert (crop.top, crop.left, crop.bottom, crop.right) == (0.5, 2.5, 255.5, 255.5)
    assert (window.top, window.left, window.bottom, window.right) == (0.5, 2.5, 51.5, 53.5)
    assert (center.row, center.column) == (26, 28)
    assert name.text == "pass (1, 3)"
    net, image = run.values["model"].net, run.values["image"]
    alone = net(image[..., 1:52, 3:54])
    last = run.values["passes"].first(20)[-1]
    assert alone[0, :, 0, 0].allclose(last[0, :, 0, 0], atol=1e-4)
    moved = run.step(shifts=24).panes["photograph"]
    assert moved.array is picture.array


def test_a_click_sends_the_map_no_second_time():
    run = LAB.at()
    woven = "the passes, interleaved"
    assert run.step(pixel=(60, 60)).panes[woven].array is run.panes[woven].array
