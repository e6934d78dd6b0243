"""Lab 09: a forgotten layer makes the field smaller, and scores are compared at one center."""

import pytest
from torch import nn

from seglab.images import mosaics
from seglab.lessons.a_trous import LAB
from seglab.ops import dense, heatmap, morphology

SEES = {"nothing": 43, "pool1": 42, "pool2": 40, "conv2": 37, "conv3": 29, "every filter": 16}


@pytest.mark.parametrize(("undilated", "side"), SEES.items())
def test_the_field_is_that_of_the_net_with_its_forgotten_layer(undilated, side):
    run = LAB.at(undilated=undilated)
    net, forgotten = run.values["model"].net, run.values["forgotten"]
    taps = {
        name: layer.kernel_size if isinstance(layer.kernel_size, int) else layer.kernel_size[0]
        for name, layer in net.named_children()
        if hasattr(layer, "kernel_size")
    }
    needed = run.values["dilations"]
    spread = {name: 1 if name in forgotten else needed[name] for name in taps}
    assert 1 + sum((taps[name] - 1) * spread[name] for name in taps) == side
    assert run.values["own_field"].size == (side, side)
    picture = run.panes["à trous"]
    assert picture.size == (256 - side + 1,) * 2
    assert picture.field.origin == ((side - 1) / 2,) * 2


def test_both_maps_are_compared_at_the_same_centers():
    run = LAB.at(undilated="conv2")  # which makes the map 6 rows larger: no half pixels
    ours, theirs = run.values["both"]
    assert theirs.shape == ours.shape
    assert theirs.equal(run.values["atrous"][..., 3:-3, 3:-3])
    assert LAB.at(undilated="conv3").numbers["labels that differ"] == "17.6%"


def test_a_smaller_field_helps_near_borders_a_net_that_was_trained_on_patches():
    mosaic = mosaics.make()
    near = morphology.edge(mosaic.tiles, 8, border=False)[:, 21:235, 21:235]
    truth, right = mosaic.labels[:, 21:235, 21:235], {}
    for undilated in ("nothing", "conv3"):
        labels = heatmap.label_map(LAB.at(undilated=undilated).values["both"][1])
        hits = (labels == truth).double()
        right[undilated] = [float(hits[part].mean()) for part in (near, ~near, near | ~near)]
    intact, forgotten = right["nothing"], right["conv3"]
    assert forgotten[0] > intact[0] + 0.05
    assert forgotten[1] < intact[1]
    assert forgotten[2] > intact[2]


def test_a_padded_net_needs_larger_passes_when_shifted():
    net = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Conv2d(4, 2, 3, padding=1))
    cost = {way: dense.cost(net, (64, 64), way) for way in ("coarse", "shift_and_stitch")}
    assert cost["shift_and_stitch"] > 4 * cost["coarse"]
    cut = [dense.cost(net, (64 - y, 64 - x), "coarse") for y in range(2) for x in range(2)]
    assert sum(cut) <= 4 * cost["coarse"]
