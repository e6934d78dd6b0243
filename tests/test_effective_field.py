"""Effective fields, against the gradient of the whole picture and layers worked out by hand."""

import math

import pytest
import torch
from pretended_gpu import pretended_gpu
from torch import nn

from seglab.ops import effective_field, receptive_field

CPU = {"generator": torch.Generator().manual_seed(0)}


def mean_of(size, stride=1, padding=0, channels=3):
    """A convolution that is the mean of its window."""
    layer = nn.Conv2d(channels, 1, size, stride, padding, bias=False)
    nn.init.constant_(layer.weight, 1 / layer.weight[0].numel())
    return layer


def strided(seed):
    generator = torch.Generator().manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, 2, 1, bias=False), nn.ReLU(), nn.Conv2d(4, 2, 3, 2, 1, bias=False)
    )
    for weight in net.parameters():
        weight.data = torch.randn(weight.shape, generator=generator)
    return net.eval()


def test_one_mean_moves_its_unit_by_all_pixels_alike():
    effective = effective_field.of([mean_of(5)], torch.rand(1, 3, 9, 9), (2, 1))
    assert effective.box == (2, 1, 7, 6)
    assert effective.pixels == 25
    inner = effective.gradient[2:7, 1:6]
    torch.testing.assert_close(inner, torch.full((5, 5), 1 / 25))
    assert float(effective.gradient.sum()) == pytest.approx(1)
    assert effective.holding(0.5) == 13
    assert effective.holding(0.95) == 24
    assert effective.strength().unique().tolist() == [0, 1]


def test_two_means_weigh_the_middle_most():
    effective = effective_field.of(
        [nn.Sequential(mean_of(3), mean_of(3, channels=1))], torch.rand(1, 3, 5, 5), (0, 0)
    )
    tent = torch.tensor([1.0, 2, 3, 2, 1]) / 9
    torch.testing.assert_close(effective.gradient, torch.outer(tent, tent))
    torch.testing.assert_close(effective.ranked[0], torch.tensor(9 / 81).double())
    torch.testing.assert_close(effective.strength(0.04)[2, 2:], torch.tensor([1.0, 1.0, 0.5]))


@pytest.mark.parametrize("unit", [(0, 0), (3, 5), (7, 7)])
def test_the_part_that_is_computed_gives_the_gradient_of_the_whole(unit):
    nets, image = [strided(seed) for seed in range(3)], torch.rand(1, 3, 32, 32, **CPU)
    whole = torch.zeros(32, 32)
    for net in nets:
        found = receptive_field.measured(net, image, unit)
        whole += found / found.sum() / 3
    effective = effective_field.of(nets, image, unit)
    torch.testing.assert_close(effective.gradient, whole)
    top, left, bottom, right = effective.box
    outside = whole.clone()
    outside[top:bottom, left:right] = 0
    assert not outside.any()


def test_the_field_ends_where_the_picture_ends_and_may_be_all_of_it():
    class Squeezed(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = mean_of(3, padding=1)

        def forward(self, x):
            y = self.conv(x)
            return y * y.mean((2, 3), keepdim=True)

    image = torch.rand(1, 3, 6, 7)
    assert effective_field.of([mean_of(3, padding=1)], image, (0, 6)).box == (0, 5, 2, 7)
    squeezed = effective_field.of([Squeezed()], image, (2, 2))
    assert squeezed.box == (0, 0, 6, 7)
    assert math.isinf(receptive_field.of(Squeezed()).size[0])
    assert (squeezed.gradient > 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: effective_field.of([], torch.rand(1, 3, 5, 5), (0, 0)), "nets holds no net"),
        (lambda e: effective_field.of([mean_of(3)], torch.rand(1, 3, 5, 5), (3, 0)), "outside"),
        (lambda e: e.holding(1), "share=1 is not between 0 and 1"),
        (lambda e: e.strength(1.0), "strongest=1.0 is no share of pixels"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(effective_field.of([mean_of(3)], torch.rand(1, 3, 5, 5), (1, 1)))


def test_an_effective_field_on_a_device_without_64_bit_floats():
    gradient = torch.rand(9, 8, generator=torch.Generator().manual_seed(0))
    here = effective_field.EffectiveField(gradient, (1, 2, 8, 7))
    with pretended_gpu("mps") as gpu:
        there = effective_field.EffectiveField(gradient.to(gpu), (1, 2, 8, 7))
        assert torch.equal(there.ranked, here.ranked)
        assert there.holding() == here.holding()
        assert torch.equal(there.strength().cpu(), here.strength())
