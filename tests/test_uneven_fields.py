"""Fields of nets that make a finer grid again: a box per phase, checked against the gradient."""

import math

import pytest
import torch
import torch.nn.functional as F
from finer_nets import finer_nets
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn

from seglab.nets import segmenters, selfie
from seglab.nets.unet import UNet
from seglab.ops import receptive_field
from seglab.ops.receptive_field import PhasedField, ReceptiveField

laws = settings(
    deadline=None,
    derandomize=True,
    max_examples=80,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def positive(net):
    for parameter in net.parameters():
        parameter.data = parameter.data.abs() + 0.1
    return net


def extents(gradient):
    """First row, first column, last row and last column that a gradient reaches."""
    if not (gradient > 0).any():
        return math.inf, math.inf, -math.inf, -math.inf
    rows, columns = ((gradient > 0).any(dim=1 - axis).nonzero() for axis in (0, 1))
    return int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max())


def within(box, side):
    return all(not math.isfinite(at) or 6 <= at < side - 6 for at in box)


@laws
@given(finer_nets(linear=True), st.integers(0, 11), st.integers(0, 11))
def test_the_gradient_reaches_the_box_of_the_units_phase(net, down, right):
    positive(net)
    side = 96
    image = torch.rand(1, 2, side, side, dtype=torch.float64)
    try:
        size = net(image).shape[-2:]
        field = receptive_field.of(net)
    except (RuntimeError, ValueError):
        assume(False)
    at = size[0] // 2 + down % 6, size[1] // 2 + right % 6
    assume(at[0] < size[0] and at[1] < size[1] and within(field.box(*at), side))
    box = field.box(*at)
    found = extents(receptive_field.measured(net, image, at))
    if math.inf in box:  # a hole in one axis is a hole
        assert found == (math.inf, math.inf, -math.inf, -math.inf)
    else:
        assert found == box


def test_a_transposed_convolution_by_hand():
    net = nn.ConvTranspose2d(1, 1, (3, 1), (2, 1))
    field = receptive_field.of(net)
    assert isinstance(field, PhasedField)
    assert field.phases == (2, 1)
    # Row o reads i where o = 2 i + t, t = 0, 1, 2: even rows two of them, odd rows one.
    assert [field.box(o, 0)[::2] for o in (4, 5, 6)] == [(1, 2), (2, 2), (2, 3)]
    assert field.phase(0, 0) == ReceptiveField((2, 1), (1, 1), (1, 0), (-0.5, 0.0))
    assert field.phase(1, 0) == ReceptiveField((1, 1), (1, 1), (0, 0), (0.0, 0.0))
    assert field.stride == (0.5, 1)


def test_a_kernel_smaller_than_its_stride_leaves_holes():
    field = receptive_field.of(nn.ConvTranspose2d(1, 1, 1, 2))
    assert field.box(4, 4) == (2, 2, 2, 2)
    assert field.box(5, 4)[::2] == (math.inf, -math.inf)


def test_a_pool_behind_an_interpolation_ends_the_turns():
    net = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(1, 1, 3), nn.AvgPool2d(2))
    field = receptive_field.of(net)
    assert type(field) is ReceptiveField
    assert (field.size, field.stride) == ((2, 2), (1, 1))


@pytest.mark.parametrize(
    ("name", "size", "phases"),
    [("fcn-32s", 249, 32), ("fcn-16s", 265, 32), ("fcn-8s", 273, 32), ("unet", 439, 32)],
)
def test_shipped_nets_have_a_field_for_each_phase(name, size, phases):
    field = receptive_field.of(segmenters.pretrained(name))
    assert (field.size, field.stride, field.phases) == ((size,) * 2, (1, 1), (phases,) * 2)


def test_the_gradient_of_a_small_unet_reaches_each_phases_box():
    net = positive(UNet(2, widths=(2, 2, 2))).double().eval()
    for block in [*net.down, *net.merge]:
        for name, layer in list(block.named_children()):
            if isinstance(layer, nn.ReLU):
                setattr(block, name, nn.Identity())
    field = receptive_field.of(net)
    image = torch.rand(1, 3, 96, 96, dtype=torch.float64)
    assert field.phases == (4, 4)
    boxes = {field.box(48 + i, 48)[::2] for i in range(4)}
    assert len(boxes) == 2  # the halves of a cell of stride 4 see different pixels
    for i in range(4):
        # A maximum passes the gradient to one pixel of four; the mean to all.
        gradient = 0
        for seed in range(40):
            torch.manual_seed(seed)
            gradient = gradient + receptive_field.measured(
                net, torch.rand_like(image), (48 + i, 48)
            )
        assert extents(gradient) == field.box(48 + i, 48)


def test_where_upsampling_cannot_be_followed_the_layer_is_named():
    class Corners(nn.Module):
        def forward(self, x):
            return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=True)

    with pytest.raises(ValueError, match=r"'1\.interpolate' aligns the corners"):
        receptive_field.of(nn.Sequential(nn.Conv2d(1, 1, 3), Corners()))


def test_squeeze_and_excitation_before_upsampling_sees_everything():
    field = receptive_field.of(selfie.pretrained())
    assert field.size == (math.inf, math.inf)
    assert (field.stride, field.origin) == ((1, 1), (0.0, 0.0))


def test_layers_before_and_behind_can_be_asked():
    net = segmenters.pretrained("unet")
    assert receptive_field.of(net, "down.1").size == (14, 14)
    assert receptive_field.of(net, "down.1").stride == (2, 2)
    with pytest.raises(ValueError, match="layer='dwon' is not in the net"):
        receptive_field.of(net, "dwon")
