"""seglab.nets.five_convolutions: equal weights, three ways to reach, as good as their figures."""

import pytest
import torch

from seglab.images import mosaics
from seglab.nets import five_convolutions as nets
from seglab.nets import textures, weights
from seglab.ops import dense, receptive_field

EACH = pytest.mark.parametrize("name", nets.NETS)
TRAININGS = pytest.mark.parametrize("trained_on", [nets.PATCHES, nets.MOSAICS])
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


@TRAININGS
@EACH
def test_fields_grow_as_they_should(name, trained_on):
    found = [receptive_field.of(nets.pretrained(name, d, trained_on)).size[0] for d in range(1, 6)]
    assert found == FIELDS[name] == weights.figures(nets.full_name(name, trained_on))["field"]


@TRAININGS
@EACH
def test_held_out_mosaics(name, trained_on):
    recorded = weights.figures(nets.full_name(name, trained_on))["mosaic_accuracy"]
    for depth in (1, 3, 5):
        net = nets.pretrained(name, depth, trained_on)
        figures = textures.measure(net, patches=70, images=4)
        assert figures["mosaic_accuracy"] == pytest.approx(recorded[depth - 1], abs=0.2)
    assert recorded[4] >= 85
    assert recorded == sorted(recorded)


NEAR_BORDERS = {  # as docs/nets.md has them: trained on patches, on mosaics
    "f2": (74.6, 80.7),
    "f4": (72.5, 85.3),
    "f8": (67.4, 85.9),
    "f16": (66.7, 85.4),
    "plain": (76.2, 80.7),
    "d4": (58.2, 77.6),
}


@EACH
def test_nets_that_have_seen_borders_are_better_there(name):
    measured = [
        nets.near_borders(nets.pretrained(name, trained_on=way), images=4)
        for way in (nets.PATCHES, nets.MOSAICS)
    ]
    assert measured == pytest.approx(NEAR_BORDERS[name], abs=0.2)
    recorded = weights.figures(nets.full_name(name, nets.MOSAICS))["border_accuracy"]
    assert measured[1] == pytest.approx(recorded[-1], abs=0.2)
    assert measured[1] > measured[0]


def test_a_training_mosaic_has_labels_for_its_pixels_and_light_of_its_own_for_each_tile():
    images, labels = textures.augmented_mosaics(3, 96, 5, torch.Generator().manual_seed(0))
    assert images.shape == (3, 3, 96, 96)
    assert labels.shape == (3, 96, 96)
    assert 0 <= images.min() <= images.max() <= 1
    assert all(2 <= len(one.unique()) <= 5 for one in labels)
    again, _ = textures.augmented_mosaics(3, 96, 5, torch.Generator().manual_seed(0))
    assert images.equal(again)


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


def test_a_training_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="trained_on='photos' must be one of patches, mosaics"):
        nets.pretrained("f8", trained_on="photos")


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
