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
