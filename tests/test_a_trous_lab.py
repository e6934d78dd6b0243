"""Lab 09: a forgotten layer makes the field smaller, and scores are compared at one center."""

import pytest
import torch
from torch import nn

from seglab.images import mosaics
from seglab.lessons.a_trous import LAB
from seglab.lessons.pictures import holes
from seglab.ops import dense, heatmap, morphology

SEES = {"nothing": 43, "pool1": 42, "pool2": 40, "conv2": 37, "conv3": 29, "every filter": 16}


def forget(*names, f=8):
    """The lab with the right dilations but for these layers, which stay at 1."""
    run = LAB.at(f=f)
    row = zip(run.values["stack"], run.values["rule"], strict=True)
    return run.step(dilations=[[1 if one.name.startswith(names) else d for one, d in row]])


@pytest.mark.parametrize(("undilated", "side"), SEES.items())
def test_the_field_is_that_of_the_net_with_its_forgotten_layer(undilated, side):
    run = forget(*{"nothing": (), "every filter": ("conv",)}.get(undilated, (undilated,)))
    net, stack = run.values["model"].net, run.values["stack"]
    taps = {
        name: layer.kernel_size if isinstance(layer.kernel_size, int) else layer.kernel_size[0]
        for name, layer in net.named_children()
        if hasattr(layer, "kernel_size")
    }
    spread = dict(zip([one.name for one in stack], run.values["spread"], strict=True))
    assert 1 + sum((k - 1) * spread.get(name, 1) for name, k in taps.items()) == side
    assert run.values["own_field"].size == (side, side)
    picture = run.panes["à trous"]
    assert picture.size == (256 - side + 1,) * 2
    assert picture.field.origin == ((side - 1) / 2,) * 2


@pytest.mark.parametrize("f", [2, 4, 8, 16])
def test_the_rule_is_that_of_the_dense_net(f):
    run = LAB.at(f=f)
    needed = dense.dilations(run.values["model"].net)
    assert run.values["rule"] == [needed[one.name] for one in run.values["stack"]]
    right = forget(f=f)
    assert right.values["largest"] < 1e-3
    assert right.numbers["taps that miss"].startswith("0 of ")


@pytest.mark.parametrize("layer", range(1, 6))
@pytest.mark.parametrize("d", [1, 2, 16])
def test_a_wrong_dilation_misses_taps_and_changes_scores(layer, d):
    right = forget()
    row = list(right.values["rule"])
    row[layer] = d if d != row[layer] else 3
    wrong = right.step(dilations=[row])
    taps = right.values["stack"][layer].taps
    assert wrong.numbers["taps that miss"] == f"{taps - 1} of 17"
    assert wrong.values["largest"] > 1
    pane, field = wrong.panes["largest difference"], wrong.values["seen"]
    assert field.size[0] == max(
        43, 1 + sum((o.taps - 1) * n for o, n in zip(right.values["stack"], row, strict=True))
    )
    assert pane.size == (257 - field.size[0],) * 2


def test_a_row_that_cannot_be_is_said():
    for row, said in (
        ([1, 0.5], "dilations has 0.5 for pool1"),
        ([1, 0], "dilations has 0 for pool1"),
        ([40], "field of 441 pixels"),
    ):
        with pytest.raises(ValueError, match=said):
            _ = LAB.at(dilations=[row]).values["atrous"]
    assert LAB.at(f=16, dilations=[[1, 2]]).values["spread"] == [1, 2, 2, 2, 2, 2, 2]
    assert LAB.at(dilations=[[1, 2, 4, 4, 8, 8, 9]]).numbers["taps that miss"] == "0 of 17"


def read_by(stack, dilations=None):
    """Units of each map, pixels first, with a gradient from the first score: torch's own answer.

    Of the net with strides, where no dilations are given.
    """
    line = [torch.ones(1, 1, 400, requires_grad=True)]
    for n, one in enumerate(stack):
        settings = {"dilation": dilations[n]} if dilations else {"stride": one.stride}
        line.append(torch.conv1d(line[-1], torch.ones(1, 1, one.taps), **settings))
        line[-1].retain_grad()
    line[-1][0, 0, 0].backward()
    return [one.grad[0, 0].nonzero().flatten().tolist() for one in line]


@pytest.mark.parametrize(
    ("f", "row"),
    [(8, None), (4, None), (2, None), (16, None), (8, [1]), (8, [1, 2, 4, 1, 8, 8]), (4, [1, 3])],
)
def test_the_dots_are_what_torch_reads_and_black_ones_what_the_strides_keep(f, row):
    run = LAB.at(f=f)
    stack = run.values["stack"]
    run = run.step(dilations=[row or run.values["rule"]])
    spread, picture = run.values["spread"], run.panes["taps of one score"]
    kept, steps = read_by(stack), [1]
    for one in stack:
        steps.append(steps[-1] * one.stride)
    dots = [s for s in picture.shapes if s.kind == "dot" and s.radius == 3]
    whole = 1 + sum((one.taps - 1) * d for one, d in zip(stack, spread, strict=True))
    for y, units in enumerate(read_by(stack, spread)):
        size = 1 + sum((one.taps - 1) * d for one, d in zip(stack[:y], spread, strict=False))
        mine = {d.x - (size - whole) / 2: d for d in dots if d.y == y}
        assert sorted(unit for unit, dot in mine.items() if not dot.hollow) == units
        for unit, dot in mine.items():
            assert (dot.colour == "ink") == (unit % steps[y] == 0)
        if row is None:
            assert units == [unit * steps[y] for unit in kept[y]]
    orange = {
        int(line.points[1][1])
        for line in picture.shapes
        if line.kind == "line" and line.dashed and line.colour == holes.WRONG
    }
    assert orange == {n for n, d in enumerate(spread) if d != run.values["rule"][n]}


def test_a_knob_stands_at_each_dilation_and_sets_it_alone():
    run = LAB.at(dilations="up to pool2")
    knobs = [s for s in run.panes["taps of one score"].shapes if s.kind == "handle"]
    control = LAB.controls["dilations"]
    now = run.state["dilations"]
    assert len(knobs) == 6
    for n, knob in enumerate(knobs):
        assert control.accept(knob.now) == now
        rows = [control.accept(value)[0] for value in knob.values]
        assert [row[n] for row in rows] == [1, 2, 4, 8, 16]
        assert all(row[:n] + row[n + 1 :] == now[0][:n] + now[0][n + 1 :] for row in rows)
        assert [x for x, _, _ in knob.stops] == sorted(x for x, _, _ in knob.stops)


def test_an_own_net_is_drawn_if_it_is_a_plain_stack():
    plain = nn.Sequential(nn.Conv2d(3, 4, 5, stride=2), nn.ReLU(), nn.Conv2d(4, 2, 3))
    run = LAB.at(net=plain)
    assert run.values["spread"] == [1, 2]
    picture = run.panes["taps of one score"]
    assert not any(s.kind == "handle" or getattr(s, "dashed", False) for s in picture.shapes)
    nested = LAB.at(net=nn.Sequential(plain, nn.ReLU())).panes["taps of one score"]
    assert nested.says.startswith("only a plain stack")


def test_both_maps_are_compared_at_the_same_centers():
    run = forget("conv2")  # which makes the map 6 rows larger: no half pixels
    ours, theirs = run.values["both"]
    assert theirs.shape == ours.shape
    assert theirs.equal(run.values["atrous"][..., 3:-3, 3:-3])
    assert forget("conv3").numbers["labels that differ"] == "17.6%"
    wide = LAB.at(dilations=[[1, 2, 4, 4, 8, 16]])  # which sees 8 pixels more
    ours, theirs = wide.values["both"]
    assert theirs.equal(wide.values["atrous"])
    assert ours.equal(wide.values["stitched"][..., 4:-4, 4:-4])


def test_a_smaller_field_helps_near_borders_a_net_that_was_trained_on_patches():
    mosaic = mosaics.make()
    near = morphology.edge(mosaic.tiles, 8, border=False)[:, 21:235, 21:235]
    truth, right = mosaic.labels[:, 21:235, 21:235], {}
    for names in ((), ("conv3",)):
        labels = heatmap.label_map(forget(*names).values["both"][1])
        hits = (labels == truth).double()
        right[names] = [float(hits[part].mean()) for part in (near, ~near, near | ~near)]
    intact, forgotten = right[()], right["conv3",]
    assert forgotten[0] > intact[0] + 0.05
    assert forgotten[1] < intact[1]
    assert forgotten[2] > intact[2]


def test_a_padded_net_needs_larger_passes_when_shifted():
    net = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Conv2d(4, 2, 3, padding=1))
    cost = {way: dense.cost(net, (64, 64), way) for way in ("coarse", "shift_and_stitch")}
    assert cost["shift_and_stitch"] > 4 * cost["coarse"]
    cut = [dense.cost(net, (64 - y, 64 - x), "coarse") for y in range(2) for x in range(2)]
    assert sum(cut) <= 4 * cost["coarse"]
