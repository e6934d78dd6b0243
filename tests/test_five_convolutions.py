"""seglab.nets.five_convolutions: equal weights, three ways to reach, as good as their figures."""

import pytest
import torch

from seglab.images import mosaics
from seglab.nets import five_convolutions as nets
from seglab.nets import textures, weights
from seglab.ops import dense, receptive_field

EACH = pytest.mark.parametrize("name", nets.NETS)
FIELDS = {
    "f2": [3, 7, 11, 15, 19],
    "f4": [3, 7, 15, 23, 31],
    "f8": [3, 7, 15, 31, 47],
    "f16": [3, 7, 15, 31, 63],
    "plain": [3, 5, 7, 9, 11],
    "d4": [9, 17, 25, 33, 41],
}


def test_all_have_the_same_number_of_parameters():
    counts = {sum(p.numel() for p in nets.pretrained(name).parameters()) for name in nets.NETS}
    taps, width = nets.KERNEL_SIZE**2, nets.WIDTH
    layers = (taps * 3 + 1) * width + (nets.DEPTH - 1) * (taps * width + 1) * width
    assert counts == {layers + (width + 1) * len(nets.CLASSES)}


@EACH
def test_fields_grow_as_they_should(name):
    found = [receptive_field.of(nets.pretrained(name, d)).size[0] for d in range(1, 6)]
    assert found == FIELDS[name] == weights.figures(nets.full_name(name))["field"]


@EACH
def test_held_out_mosaics(name):
    recorded = weights.figures(nets.full_name(name))["mosaic_accuracy"]
    for depth in (1, 3, 5):
        figures = textures.measure(nets.pretrained(name, depth), patches=70, images=4)
        assert figures["mosaic_accuracy"] == pytest.approx(recorded[depth - 1], abs=0.2)
    assert recorded[4] >= 85
    assert recorded == sorted(recorded)


def test_more_context_is_worth_more():
    best = {n: weights.figures(nets.full_name(n))["mosaic_accuracy"][-1] for n in nets.NETS}
    assert best["plain"] < best["f2"] < best["f4"] < best["f8"] < best["f16"]


def test_a_stepping_net_made_dense_is_a_dilating_one():
    image = mosaics.make(seed=1, size=(80, 90)).image
    net = nets.pretrained("f16")
    everywhere = dense.rarefy(net)
    assert [m.dilation[0] for m in everywhere.modules() if hasattr(m, "dilation")][:5] == [
        *(1, 2, 4, 8, 16)
    ]
    assert torch.allclose(everywhere(image)[..., ::16, ::16], net(image), atol=1e-4)


def test_the_same_net_is_handed_out_again():
    assert nets.pretrained("f8", 3) is nets.pretrained("f8", 3)


@pytest.mark.parametrize(("name", "depth"), [("f3", 5), ("plain", 0), ("plain", 6)])
def test_what_there_is_not_is_refused(name, depth):
    with pytest.raises(ValueError, match=r"must be"):
        nets.pretrained(name, depth)


def test_a_damaged_file_is_mended_by_the_right_training():
    with pytest.raises(ValueError, match="seglab train only-convolutions"):
        weights.load("only-convolutions-f3")


REACHES = [*nets.NETS.values(), nets.dilating((1, 2, 4)), nets.plain(20, 5), nets.stepping(8, 4)]


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("kernel_size", [3, 5])
def test_field_and_work_are_those_of_the_net(reach, kernel_size):
    net = nets.untrained(reach, kernel_size)
    field = receptive_field.of(net)
    assert field.size == (reach.field(kernel_size),) * 2
    # Along a side of f · n + r - f pixels a net without padding has n scores; the more, the nearer.
    side = 10**6 * field.stride[0]
    cost = dense.cost(net, (side, side), "coarse") / side**2
    assert cost == pytest.approx(reach.work(kernel_size), rel=1e-3)


def test_without_strides_every_weight_works_once_for_each_pixel():
    reach = nets.plain(63)
    weights = sum(p.numel() for p in nets.untrained(reach).parameters() if p.ndim == 4)
    assert reach.work() == weights
    assert len(reach.strides) == 31


@pytest.mark.parametrize("kernel_size", [3, 5, 7])
def test_a_plain_reach_is_the_least_that_sees_so_far(kernel_size):
    for field in range(2, 70):
        reach = nets.plain(field, kernel_size)
        assert reach.field(kernel_size) >= field
        assert len(reach.strides) == 1 or reach.field(kernel_size) - kernel_size + 1 < field


@pytest.mark.parametrize("name", ["f8", "plain", "d4"])
def test_an_answer_is_what_the_net_says_at_every_pixel(name):
    net, image = nets.pretrained(name), mosaics.make(seed=2, size=(90, 100)).image
    answer = nets.answer(net, image)
    assert torch.equal(answer.scores, net(image))
    assert answer.labels.shape == (1, 90, 100)
    place = answer.field.unit_at((50, 60))
    assert answer.labels[0, 50, 60] == answer.scores.argmax(1)[(0, *place)]
    assert answer.work == round(dense.cost(net, (90, 100), "coarse") / 9000)
    assert answer.parameters == sum(p.numel() for p in net.parameters())
