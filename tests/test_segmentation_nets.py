"""seglab.nets.fcn, unet, flat: any size, nothing half a pixel off, and skips that obey."""

from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from seglab.nets import blocks
from seglab.nets.blocks import Skip
from seglab.nets.fcn import FCN
from seglab.nets.flat import DILATED, Flat
from seglab.nets.unet import UNet
from seglab.ops import receptive_field, upsample

CLASSES = 4
SMALL = (3, 4, 5)
MAKERS = {
    "fcn-32s": lambda **k: FCN(32, CLASSES, **k),
    "fcn-16s": lambda **k: FCN(16, CLASSES, **k),
    "fcn-8s": lambda **k: FCN(8, CLASSES, **k),
    "unet": lambda **k: UNet(CLASSES, widths=SMALL, **k),
    "unet-sum": lambda **k: UNet(CLASSES, "sum", widths=SMALL, **k),
    "unet-valid": lambda **k: UNet(CLASSES, padding="valid", widths=SMALL, **k),
    "unet-valid-sum": lambda **k: UNet(CLASSES, "sum", "valid", SMALL, **k),
    "plain": lambda **k: Flat(CLASSES, width=4, **k),
    "dilated": lambda **k: Flat(CLASSES, DILATED, width=4, **k),
}
WITH_SKIPS = [name for name in MAKERS if name.startswith(("fcn-16", "fcn-8", "unet"))]


def made(name, **options):
    """A net in double precision with no weight left at 0, where a mistake could hide."""
    torch.manual_seed(1)
    net = MAKERS[name](**options).double().eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    for parameter in net.parameters():
        if not parameter.any():
            nn.init.normal_(parameter, std=0.1)
    return net.requires_grad_(False)


def picture(height, width, batch=1):
    torch.manual_seed(height * 1000 + width)
    return torch.rand(batch, 3, height, width, dtype=torch.float64)


@cache
def ready(name):
    return made(name).float()


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=12, deadline=None)  # a net takes its time on a busy machine
@given(height=st.integers(1, 70), width=st.integers(1, 70), batch=st.integers(1, 2))
def test_any_size_gives_a_score_for_every_pixel(name, height, width, batch):
    scores = ready(name)(picture(height, width, batch).float())
    assert scores.shape == (batch, CLASSES, height, width)
    assert scores.isfinite().all()


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("axis", [2, 3])
def test_a_net_turned_around_sees_the_world_turned_around(name, axis):
    """Half a pixel of misalignment anywhere would show here."""
    net, image = made(name), picture(*((68, 100) if "valid" in name else (64, 96)))
    straight = net(image)
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.weight.data = module.weight.flip(axis)
    assert torch.allclose(net(image.flip(axis)).flip(axis), straight, atol=1e-10)


@pytest.mark.parametrize("name", MAKERS)
def test_norms_folded_in_change_nothing(name):
    net, image = made(name, batch_norm=True), picture(40, 37)
    before = net(image)
    blocks.fold_norms(net)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in net.modules())
    assert net.state_dict().keys() == MAKERS[name]().state_dict().keys()
    assert torch.allclose(net(image), before, atol=1e-10)


@pytest.mark.parametrize("name", WITH_SKIPS)
def test_an_untouched_skip_is_the_skip(name):
    net, image = made(name), picture(40, 50)
    assert torch.equal(net(image, {stride: Skip() for stride in net.skips}), net(image))


@pytest.mark.parametrize("name", WITH_SKIPS)
def test_every_skip_has_a_say(name):
    net, image = made(name), picture(64, 64)
    for stride in net.skips:
        for touched in (Skip(gain=0), Skip(gain=2), Skip(shift=(1, 0)), Skip(shift=(0, -1))):
            assert not torch.allclose(net(image, {stride: touched}), net(image)), (stride, touched)


def test_fcn_adds_scores_and_nothing_else():
    net, image = made("fcn-8s"), picture(70, 90)
    coarse = net.score_maps(image)
    first, second = net.fusions(coarse)
    assert [f.stride for f in (first, second)] == [16, 8]
    assert torch.equal(first.below, upsample.bilinear(coarse[32], 2))
    assert torch.equal(second.below, upsample.bilinear(first.fused, 2))
    for fusion in (first, second):
        assert torch.equal(fusion.skip, coarse[fusion.stride])
        assert torch.equal(fusion.fused, fusion.below + fusion.skip)
    assert torch.equal(net(image), upsample.bilinear(second.fused, 8)[..., :70, :90])


@pytest.mark.parametrize("size", [(1, 1), (31, 33), (64, 65), (128, 128)])
@pytest.mark.parametrize("stride", [8, 16, 32])
def test_a_map_of_any_stride_is_enlarged_to_the_image(size, stride):
    net, image = made("fcn-8s"), picture(*size)
    height, width = (-(-side // 32) * 32 // stride for side in size)
    ramp = (torch.arange(width, dtype=torch.float64) + 0.5) * stride  # cell middles, in pixels
    scores = net.enlarged(ramp.expand(1, CLASSES, height, width), image)
    assert scores.shape[-2:] == size
    middles = torch.arange(size[1], dtype=torch.float64) + 0.5
    inside = (middles >= stride / 2) & (middles <= width * stride - stride / 2)
    assert torch.allclose(scores[..., inside], middles[inside].expand(size[0], -1))


def test_fcn_without_its_skips_is_the_coarser_fcn():
    fine, coarse, image = made("fcn-8s"), made("fcn-32s"), picture(64, 64)
    coarse.load_state_dict({key: fine.state_dict()[key] for key in coarse.state_dict()})
    cut = fine(image, {16: Skip(gain=0), 8: Skip(gain=0)})
    twice = upsample.bilinear(upsample.bilinear(coarse.score_maps(image)[32], 2), 2)
    assert torch.allclose(cut, upsample.bilinear(twice, 8))


def test_a_new_skip_starts_with_no_say():
    net = FCN(8, CLASSES)
    maps = net.score_maps(picture(32, 32).float())
    assert not maps[16].any()
    assert not maps[8].any()
    assert maps[32].any()


def test_concatenation_reads_the_skip_through_weights_of_its_own():
    """A cut skip of a concatenating U-Net is one whose half of the weights is 0."""
    net, image = made("unet"), picture(32, 40)
    cut = net(image, {1: Skip(gain=0)})
    net.merge[-1].conv1.weight.data[:, : SMALL[0]] = 0
    assert torch.allclose(net(image), cut)


def test_a_sum_is_a_concatenation_with_equal_halves():
    summed, image = made("unet-sum"), picture(32, 40)
    joined = made("unet")
    state = dict(summed.state_dict())
    for key, value in joined.state_dict().items():
        if value.shape != state[key].shape:
            state[key] = torch.cat([state[key]] * 2, 1)
    joined.load_state_dict(state)
    assert torch.allclose(joined(image), summed(image))


def test_valid_maps_have_the_sizes_of_the_paper():
    net = UNet(2, padding="valid", widths=(1, 1, 1, 1, 1))
    sizes = [tuple(x.shape[-2:]) for x in net.encode(torch.rand(1, 3, 388, 388))]
    assert sizes == [(568, 568), (280, 280), (136, 136), (64, 64), (28, 28)]


def test_valid_and_same_agree_far_from_the_border():
    same, valid = made("unet"), made("unet-valid")
    valid.load_state_dict(same.state_dict())
    image = picture(128, 128)
    # Two convolutions before the first pool: the cells begin 2 pixels later.
    apart = (valid(image)[..., 2:, 2:] - same(image[..., 2:, 2:])).abs().amax((0, 1))
    assert apart[48:-48, 48:-48].max() < 1e-10
    assert apart.max() > 1e-6


@pytest.mark.parametrize("dilations", [(1, 1, 1, 1, 1, 1), DILATED])
def test_flat_nets_reach_as_far_as_their_dilations(dilations):
    net = Flat(CLASSES, dilations, width=4).double()
    reach = sum(dilations)
    image = picture(1, 2 * reach + 9).requires_grad_(True)
    net(image)[..., reach + 4].sum().backward()
    seen = image.grad.abs().sum((0, 1, 2)).nonzero()[:, 0]
    assert seen.min() >= 4
    assert seen.max() <= 2 * reach + 4


@given(
    height=st.integers(1, 6),
    width=st.integers(1, 6),
    down=st.integers(-7, 7),
    right=st.integers(-7, 7),
)
def test_a_shift_moves_and_repeats_the_border(height, width, down, right):
    x = torch.arange(height * width).view(1, 1, height, width)
    moved = blocks.shifted(x, (down, right))
    for row in range(height):
        for column in range(width):
            source = min(max(row - down, 0), height - 1), min(max(column - right, 0), width - 1)
            assert moved[0, 0, row, column] == x[0, 0, source[0], source[1]]


@pytest.mark.parametrize("name", MAKERS)
def test_all_parameters_learn(name):
    net = made(name).requires_grad_(True)
    truth = torch.randint(CLASSES, (1, 64, 64))
    F.cross_entropy(net(picture(64, 64)), truth).backward()
    assert all(p.grad is not None and p.grad.any() for p in net.parameters())


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: FCN(4, 2), "output_stride=4 must be one of 32, 16, 8"),
        (lambda: UNet(2, "add"), "join='add' must be 'concat' or 'sum'"),
        (lambda: UNet(2, padding="full"), "padding='full' must be 'same' or 'valid'"),
        (lambda: UNet(2, widths=(8,)), r"widths=\(8,\) must have two entries"),
        (lambda: Flat(2, ()), r"dilations=\(\) has no layer"),
    ],
)
def test_what_cannot_be_built_is_refused(make, told):
    with pytest.raises(ValueError, match=told):
        make()


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(
    ("image", "error"),
    [
        (torch.zeros(3, 8, 8), ValueError),
        (torch.zeros(1, 1, 8, 8), ValueError),
        (torch.zeros(1, 3, 0, 8), ValueError),
        (torch.zeros(1, 3, 8, 8, dtype=torch.uint8), TypeError),
        ("photo.png", TypeError),
    ],
)
def test_what_is_no_image_is_refused(name, image, error):
    with pytest.raises(error, match=r"image .*; give"):
        made(name)(image)


@pytest.mark.parametrize("name", WITH_SKIPS)
def test_a_skip_that_is_not_there_is_named(name):
    with pytest.raises(ValueError, match="skips has stride 64, where this net has no skip; it has"):
        made(name)(picture(32, 32), {64: Skip()})
    with pytest.raises(ValueError, match="it has none"):
        made("fcn-32s")(picture(32, 32), {16: Skip()})


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", MAKERS)
def test_nets_follow_their_image(name):
    net, image = made(name), picture(40, 50)
    skips = {stride: Skip(0.5, (1, 1)) for stride in getattr(net, "skips", ())}
    arguments = (skips,) if skips else ()
    expected = net(image, *arguments)
    found = net.cuda()(image.cuda(), *arguments)
    assert torch.allclose(found.cpu(), expected, atol=1e-8)


@pytest.mark.parametrize(("kernel", "off"), [(4, 0.0), (3, -0.5), (6, 0.0), (5, -0.5)])
def test_a_stem_with_an_even_kernel_keeps_the_middles_of_the_cells(kernel, off):
    field = receptive_field.of(blocks.stem(2, kernel))
    assert field.stride == (2, 2)
    assert field.center(3, 3) == (6.5 + off, 6.5 + off)
