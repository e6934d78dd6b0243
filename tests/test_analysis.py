"""One analysis of a net: made once, true after every change, and gone with its net."""

import copy
import gc
import math
import weakref

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from strategies import cases
from torch import nn

from seglab.ops import dense, receptive_field
from seglab.ops.dense import analyze


@pytest.fixture(autouse=True)
def _no_gradients():
    with torch.no_grad():
        yield


def small_net():
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 2, 3)
    return nn.Sequential(*layers).eval()


class Own(nn.Module):
    """A net with a forward of its own, which reads a setting."""

    def __init__(self):
        super().__init__()
        self.net, self.stride = small_net(), 2

    def forward(self, x):
        return F.max_pool2d(self.net(x), self.stride)


def test_a_net_is_analyzed_once():
    net = small_net()
    analysis = analyze(net)
    assert analyze(net) is analysis
    assert analysis.up_to() is analysis.up_to()
    assert analysis.up_to("2") is analysis.up_to("2")
    image = torch.rand(1, 3, 20, 20)
    for call in (
        lambda: dense.predict(net, image),
        lambda: dense.rarefy(net),
        lambda: dense.fragments(net, image),
        lambda: dense.shift_and_stitch(net, image),
        lambda: dense.cost(net, (20, 20), "atrous"),
        lambda: receptive_field.of(net),
    ):
        call()
        assert analyze(net) is analysis


def test_what_asks_about_a_net_does_not_trace_it_again(monkeypatch):
    net, image = small_net(), torch.rand(1, 3, 20, 20)
    analyze(net)
    monkeypatch.setattr(torch.fx.Tracer, "trace", lambda *_: pytest.fail("traced again"))
    for method in ("auto", "atrous", "fragments", "shift_and_stitch", "sliding_window"):
        dense.predict(net, image, method)
    dense.rarefy(net, layer="2")
    receptive_field.trace(net)
    dense.macs_by_layer(net, (20, 20), "coarse", layer="0")
    dense.dense_size(net, (20, 20))


def test_predict_traces_a_net_with_a_forward_of_its_own_once(monkeypatch):
    traces, trace = [], torch.fx.Tracer.trace

    def counted(self, root, *rest):
        traces.append(root)
        return trace(self, root, *rest)

    monkeypatch.setattr(torch.fx.Tracer, "trace", counted)
    dense.predict(Own().eval(), torch.rand(1, 3, 20, 20))
    assert len(traces) == 1


def test_weights_that_change_in_place_keep_the_analysis_and_count():
    net, image = small_net(), torch.rand(1, 3, 20, 20)
    analysis = analyze(net)
    dense.predict(net, image)
    for change in (
        lambda: net[0].weight.mul_(2),
        lambda: net.load_state_dict({k: v + 1 for k, v in net.state_dict().items()}),
        lambda: setattr(net[3], "bias", nn.Parameter(torch.tensor([5.0, 6.0]))),
    ):
        change()
        assert analyze(net) is analysis
        torch.testing.assert_close(
            dense.predict(net, image), dense.predict(copy.deepcopy(net), image)
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda net: net.__setitem__(2, nn.AvgPool2d(3)),
        lambda net: net.append(nn.ReLU()),
        lambda net: setattr(net[0], "dilation", (2, 2)),
        lambda net: setattr(net[2], "stride", 1),
        lambda net: net.__setitem__(0, nn.Conv2d(3, 4, 3)),
        lambda net: net[1].train(),
    ],
)
def test_a_layer_that_is_replaced_or_set_asks_for_a_new_analysis(change):
    net = small_net()
    analysis = analyze(net)
    receptive_field.of(net)
    change(net)
    assert analyze(net) is not analysis
    assert receptive_field.trace(net) == receptive_field.trace(copy.deepcopy(net))


def test_a_forward_of_ones_own_is_read_anew():
    net, image = Own().eval(), torch.rand(1, 3, 24, 24)
    assert receptive_field.of(net).stride == (4, 4)
    net.stride = 3
    assert receptive_field.of(net).stride == (6, 6)
    torch.testing.assert_close(dense.rarefy(net)(image)[..., ::6, ::6], net(image))


def test_an_analysis_goes_with_its_net():
    net = small_net()
    dense.predict(net, torch.rand(1, 3, 20, 20))
    receptive_field.of(net)
    seen, analysis = weakref.ref(net), weakref.ref(analyze(net))
    del net
    gc.collect()
    assert seen() is None
    assert analysis() is None


@settings(deadline=None, derandomize=True, max_examples=40)
@given(cases(padded=True))
def test_one_walk_gives_sizes_and_fields_that_fit_together(case):
    """Size and stride give the net's own size; the center is the middle of the field."""
    analysis = analyze(case.net).up_to()
    point, size = analysis.output(), case.image.shape[-2:]
    few = case.net(case.image).shape[-2:]
    for axis in (0, 1):
        many = size[axis] + point.growth[axis]
        assert few[axis] == math.ceil(many / point.stride[axis])
        middle = (point.first[axis] + point.last[axis]) / 2
        assert middle == point.center[axis] or "Both" in repr(case.net)
    if not analysis.grid.padded_layer:
        field = receptive_field.of(case.net)
        assert field.size == analysis.grid.smallest
