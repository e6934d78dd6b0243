"""Tiles give what the whole picture gives: random nets, real nets, every kind of picture."""

import re

import numpy as np
import pytest
import torch
from finer_nets import Coarser, finer_nets
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import cases
from torch import nn

from seglab.nets import segmenters, selfie
from seglab.ops import tiles

laws = settings(
    deadline=None,
    derandomize=True,
    max_examples=120,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def whole(net, image):
    with torch.no_grad():
        return net(image)


def least_tile(net, size, tile):
    """The tile itself, or the least that the refusal names, one axis after the other."""
    tile = [tile, tile]
    for _ in range(2):
        try:
            return tiles.plan(net, size, tuple(tile)), tuple(tile)
        except ValueError as refusal:
            named = re.fullmatch(
                r"tile=\d+ is too small in (\w+): .*; use at least (\d+)", str(refusal)
            )
            assume(named)
            axis = ("height", "width").index(named[1])
            smaller = list(tile)
            smaller[axis] = int(named[2]) - 1
            with pytest.raises(ValueError, match="too small"):
                tiles.plan(net, size, tuple(smaller))
            tile[axis] = int(named[2])
    return tiles.plan(net, size, tuple(tile)), tuple(tile)


def same_as_whole(net, image, tile):
    size = tuple(image.shape[-2:])
    try:
        expected = whole(net, image)
    except RuntimeError:  # no net for an image of this size
        assume(False)
    assume(min(expected.shape[-2:]) > 0)
    cuts, tile = least_tile(net, size, tile)
    assert torch.allclose(tiles.predict(net, image, tile), expected, rtol=1e-9, atol=1e-11)
    return cuts


@laws
@given(finer_nets(), st.integers(40, 97), st.integers(40, 97), st.integers(8, 40))
def test_tiles_of_nets_that_go_up_again_equal_the_whole(net, height, width, tile):
    same_as_whole(net, torch.randn(1, 2, height, width, dtype=torch.float64), tile)


@laws
@given(cases(padded=True, most=6), st.integers(20, 60), st.integers(6, 30))
def test_tiles_of_coarse_nets_equal_the_whole(case, more, tile):
    size = [side + more for side in case.image.shape[-2:]]
    same_as_whole(case.net, torch.randn(2, 2, *size, dtype=torch.float64), tile)


def convolutions(padding="zeros"):
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 1, 3, padding=1, padding_mode=padding) for _ in range(4)]
    return nn.Sequential(*layers).eval()


@pytest.mark.parametrize("padding", ["zeros", "reflect", "replicate"])
def test_the_margin_of_four_convolutions_is_4(padding):
    cuts = tiles.plan(convolutions(padding), (100, 90), 32)
    assert cuts.margin == (4, 4)
    assert (cuts.tile, cuts.step, cuts.alignment) == ((32, 32), (24, 24), (1, 1))
    assert cuts.output == (100, 90)
    assert len(cuts) == 16
    first, second = list(cuts)[:2]
    assert first.source == (slice(0, 32), slice(0, 32))
    assert first.target == first.kept == (slice(0, 28), slice(0, 28))
    assert second.source[1] == slice(24, 56)
    assert (second.kept[1], second.target[1]) == (slice(4, 28), slice(28, 52))


def test_one_pixel_further_than_is_kept_is_wrong():
    """The margin is as small as can be: its neighbour already differs from the whole."""
    net = convolutions()
    for parameter in net.parameters():
        parameter.data = parameter.data.abs() + 0.1
    image = torch.rand(1, 1, 60, 60)
    expected = whole(net, image)
    crop = next(c for c in tiles.plan(net, (60, 60), 30) if c.rows.start > 0 < c.columns.start)
    part = whole(net, image[(..., *crop.source)])
    row, column = crop.rows.first - crop.rows.skip, crop.columns.first - crop.columns.skip
    there = expected[..., crop.rows.first :, crop.columns.first :]
    assert torch.allclose(part[..., row, column], there[..., 0, 0])
    before = expected[..., crop.rows.first - 1, crop.columns.first]
    assert not torch.allclose(part[..., row - 1, column], before, rtol=1e-3)


@pytest.mark.parametrize("name", segmenters.SHIPPED)
@pytest.mark.parametrize("size", [(640, 600), (577, 512)])
def test_tiles_of_the_shipped_segmenters_equal_the_whole(name, size):
    net = segmenters.pretrained(name)
    image = torch.rand(1, 3, *size).to(next(net.parameters()).device)
    expected = whole(net, image)
    answer = tiles.predict(net, image, 512)
    assert len(tiles.plan(net, size, 512)) > 1
    assert torch.allclose(answer, expected, atol=1e-4 * float(expected.abs().max()))
    assert torch.equal(answer.argmax(1), expected.argmax(1))


def test_the_first_unet_has_its_margin_of_92():
    """572 pixels in, 388 out: Ronneberger et al. (2015), figure 1."""
    cuts = tiles.plan(Overlap(), (572 + 384 * 2, 572 + 384), 572)
    assert (cuts.margin, cuts.step, cuts.tile) == ((92, 92), (384, 384), (572, 572))
    assert cuts.alignment == (16, 16)


class Overlap(nn.Module):
    """The U-Net of 2015 with one channel: four pools, no padding, skips cropped in the middle."""

    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(self.block(1) for _ in range(5))
        self.up = nn.ModuleList(nn.ConvTranspose2d(1, 1, 2, 2) for _ in range(4))
        self.merge = nn.ModuleList(self.block(2) for _ in range(4))

    @staticmethod
    def block(channels):
        return nn.Sequential(nn.Conv2d(channels, 1, 3), nn.ReLU(), nn.Conv2d(1, 1, 3), nn.ReLU())

    def forward(self, x):
        maps = []
        for level, block in enumerate(self.down):
            x = block(nn.functional.max_pool2d(x, 2) if level else x)
            maps.append(x)
        for up, merge, skip in zip(self.up, self.merge, maps[-2::-1], strict=True):
            x = up(x)
            top, left = ((a - b) // 2 for a, b in zip(skip.shape[-2:], x.shape[-2:], strict=True))
            skip = skip[..., top : top + x.shape[-2], left : left + x.shape[-1]]
            x = merge(torch.cat([skip, x], 1))
        return x


def test_the_overlap_tile_strategy_equals_the_whole():
    torch.manual_seed(3)
    net, image = Overlap().eval(), torch.rand(1, 1, 572 + 160, 572 + 32)
    expected = whole(net, image)
    assert expected.shape[-2:] == (548, 420)
    assert torch.allclose(tiles.predict(net, image, 588), expected, atol=1e-6)


def test_a_net_that_refuses_odd_sizes_is_given_what_it_takes():
    inner = nn.Sequential(
        nn.MaxPool2d(8), nn.Conv2d(1, 1, 3, padding=1), nn.Upsample(scale_factor=8)
    )
    net, image = Coarser(inner, 8).eval(), torch.rand(1, 1, 160, 96)
    assert tiles.plan(net, (160, 96), 61).tile == (56, 56)
    assert torch.allclose(tiles.predict(net, image, 61), whole(net, image), atol=1e-6)


# What a picture may be


def net_of_3():
    torch.manual_seed(1)
    layers = (
        nn.Conv2d(3, 4, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 3, 3, padding=1),
    )
    return nn.Sequential(*layers, nn.Upsample(scale_factor=2, mode="bilinear")).eval()


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)


def expected_of(net, picture):
    image = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
    return whole(net, image)


def labels(scores):
    return scores.argmax(1).to(torch.uint8)


def test_a_memmap_fills_a_memmap(tmp_path, picture):
    net = net_of_3()
    picture.tofile(tmp_path / "picture")
    image = np.memmap(tmp_path / "picture", np.uint8, "r", shape=picture.shape)
    out = np.memmap(tmp_path / "labels", np.uint8, "w+", shape=(70, 90))
    heard = []
    given = tiles.predict(
        net, image, 32, out=out, finish=labels, progress=lambda *at: heard.append(at)
    )
    assert given is out
    assert np.array_equal(out, labels(expected_of(net, picture))[0].numpy())
    total = len(tiles.plan(net, (70, 90), 32))
    assert heard == [(n, total) for n in range(1, total + 1)]


@pytest.mark.parametrize("kind", ["[H, W, C]", "[B, C, H, W]", "uint16", "float64", "big-endian"])
def test_arrays_of_all_kinds_are_pictures(picture, kind):
    net = net_of_3()
    floats = picture.transpose(2, 0, 1)[None].astype(np.float32) / 255
    image = {
        "[H, W, C]": picture,
        "[B, C, H, W]": floats,
        "uint16": picture.astype(np.uint16) * 257,
        "float64": picture / 255,
        "big-endian": (picture.astype(np.uint16) * 257).astype(">u2"),
    }[kind]
    answer = tiles.predict(net, image, 40)
    assert answer.dtype == torch.float32
    assert torch.allclose(answer, expected_of(net, picture), atol=1e-5)


def test_a_grey_picture_has_one_channel(picture):
    net = convolutions()
    answer = tiles.predict(net, picture[..., 0], 40)
    grey = torch.from_numpy(picture[..., 0])[None, None].float() / 255
    assert torch.allclose(answer, whole(net, grey), atol=1e-6)


def test_float64_and_half_stay_what_they_are():
    net = convolutions().double()
    assert tiles.predict(net, torch.rand(2, 1, 40, 40).double(), 30).dtype == torch.float64
    assert tiles.predict(net.bfloat16(), torch.rand(1, 1, 40, 40).bfloat16(), 30).dtype == (
        torch.bfloat16
    )


def test_no_gradient_is_kept_and_the_net_stays_as_it_is():
    net = net_of_3()
    before = sorted(vars(net)), dict(net.named_children()), [p.clone() for p in net.parameters()]
    answer = tiles.predict(net, torch.rand(1, 3, 60, 60), 40)
    assert not answer.requires_grad
    assert (sorted(vars(net)), dict(net.named_children())) == before[:2]
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), before[2], strict=True))


def test_zarr_and_dask_give_the_same(tmp_path, picture):
    zarr, da = pytest.importorskip("zarr"), pytest.importorskip("dask.array")
    net = net_of_3()
    stored = zarr.open(tmp_path / "in.zarr", mode="w", shape=picture.shape, dtype="uint8")
    stored[:] = picture
    out = zarr.open(tmp_path / "out.zarr", mode="w", shape=(70, 90), chunks=(16, 50), dtype="uint8")
    expected = expected_of(net, picture)
    assert torch.allclose(tiles.predict(net, stored, 32), expected, atol=1e-5)
    lazy = tiles.predict(net, da.from_array(picture, chunks=(20, 33, 3)), 32)
    assert lazy.shape == (1, 3, 70, 90)
    assert lazy.dtype == np.float32
    assert np.allclose(lazy.compute(scheduler="threads"), expected.numpy(), atol=1e-5)
    assert tiles.predict(net, da.from_zarr(stored), 32, out=out, finish=labels) is out
    assert np.array_equal(out[:], labels(expected)[0].numpy())
    with pytest.raises(TypeError, match="out is a ndarray, which the workers of dask cannot fill"):
        tiles.predict(net, da.from_array(picture), 32, out=np.empty((1, 3, 70, 90)))
    with pytest.raises(ValueError, match=r"out has shape \[70, 90\], and the answer \[1, 3, 70"):
        tiles.predict(net, da.from_array(picture), 32, out=out)


def test_two_workers_of_a_cluster_give_the_same(picture):
    da, distributed = pytest.importorskip("dask.array"), pytest.importorskip("distributed")
    net = net_of_3()
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
    ):
        answer = tiles.predict(net, da.from_array(picture, chunks=(35, 45, 3)), 32).compute()
    assert np.allclose(answer, expected_of(net, picture).numpy(), atol=1e-5)


# What is refused


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (selfie.SelfieNet().eval(), "layer 'stride4.gate.0' pools over the whole image, so a tile"),
        (nn.GroupNorm(1, 3), "normalises over the whole image, so a tile does not tell"),
        (nn.InstanceNorm2d(3), "normalises over the whole image"),
        (nn.Conv2d(3, 3, 3, padding=1, padding_mode="circular"), "by its opposite border"),
        (nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3)), "layer '1' is in training mode"),
        (
            nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
            "aligns the corners of two grids",
        ),
        (nn.Sequential(nn.Conv2d(3, 3, 3), nn.Flatten()), "net returns no map of scores"),
        (nn.Fold((4, 4), 2), "net=Fold cannot be read for an image of 64 x 64"),
    ],
)
def test_nets_that_tiles_do_not_tell_are_refused_by_layer(net, message):
    with pytest.raises(ValueError, match=message):
        tiles.plan(net, (64, 64), 32)


def test_a_size_that_a_layer_does_not_divide_is_refused():
    class Odd(nn.Module):
        def forward(self, x):
            return nn.functional.interpolate(nn.functional.max_pool2d(x, 2), x.shape[-2:])

    assert tiles.plan(Odd(), (64, 64), 32).margin == (0, 0)
    with pytest.raises(ValueError, match="makes 65 positions of 32, which is no whole factor"):
        tiles.plan(Odd(), (65, 65), 32)


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        ("photo.png", TypeError, "image is a str; give a float tensor"),
        (torch.zeros(3, 8, 8), ValueError, r"image has shape \[3, 8, 8\]; give \[B, C, H, W\]"),
        (torch.zeros(1, 3, 8, 8).byte(), TypeError, "image is torch.uint8; give floats"),
        (np.zeros(5), ValueError, r"image has shape \[5\]"),
        (np.zeros((8, 8, 3), bool), TypeError, "image is an array of bool"),
    ],
)
def test_what_is_no_picture_is_refused(image, error, message):
    with pytest.raises(error, match=message):
        tiles.predict(net_of_3(), image, 32)


@pytest.mark.parametrize("tile", [0, -3, (4, 0)])
def test_tiles_of_nothing_are_refused(tile):
    with pytest.raises(ValueError, match=r"tile.*too small; use at least 1"):
        tiles.plan(convolutions(), (64, 64), tile)


def test_an_out_of_another_shape_is_refused(picture):
    with pytest.raises(ValueError, match=r"out has shape \[70, 91\], and the answer \[1, 70, 90\]"):
        tiles.predict(net_of_3(), picture, 32, out=np.empty((70, 91)), finish=labels)
    with pytest.raises(TypeError, match="out is a list; give a tensor or an array"):
        tiles.predict(net_of_3(), picture, 32, out=[])
