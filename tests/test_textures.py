"""seglab.nets.textures: the shipped nets keep what their figures promise, and can be made again."""

import pytest
import torch
from torch import nn

from seglab import device
from seglab.images import mosaics
from seglab.nets import blocks, textures, weights
from seglab.ops import dense, receptive_field

EACH = pytest.mark.parametrize("f", textures.OUTPUT_STRIDES)
LARGEST = 250_000


@EACH
def test_a_net_gives_seven_scores_per_f_pixels(f):
    net = textures.pretrained(f)
    field = receptive_field.of(net)
    assert field.stride == (f, f)
    assert field.padding == (0, 0)
    assert field.size[0] == field.size[1]
    assert 30 <= field.size[0] <= 51
    side = field.size[0] + 3 * f
    scores = net(torch.rand(2, 3, side, side + f, device=device.default()))
    assert scores.shape == (2, 7, 4, 5)
    assert not scores.requires_grad
    assert not net.training
    assert sum(p.numel() for p in net.parameters()) <= LARGEST


@EACH
def test_its_layers_can_be_read_and_serve_the_labs(f):
    layers = dict(textures.pretrained(f).named_children())
    assert next(iter(layers)) == "normalize"
    assert list(layers)[-1] == "scores"
    pools = [name for name, layer in layers.items() if isinstance(layer, nn.MaxPool2d)]
    assert len(pools) >= (2 if f >= 8 else 1)
    after = [layers[name] for name in list(layers)[list(layers).index(pools[-1]) :]]
    assert any(isinstance(layer, nn.Conv2d) and layer.kernel_size > (1, 1) for layer in after)
    assert not any(name.startswith("norm") and name != "normalize" for name in layers)


@EACH
def test_held_out_patches(f):
    figures = textures.measure(textures.pretrained(f))
    assert figures["patch_accuracy"] >= 93
    assert figures["mosaic_accuracy"] >= 90
    assert min(figures["per_class"].values()) >= 80
    recorded = weights.figures(textures.name(f))
    assert figures["patch_accuracy"] == pytest.approx(recorded["patch_accuracy"], abs=0.2)
    assert figures["mosaic_accuracy"] == pytest.approx(recorded["mosaic_accuracy"], abs=0.2)


@EACH
def test_the_two_dense_ways_agree(f):
    net, image = textures.pretrained(f), mosaics.make(seed=2, size=(70, 83)).image
    assert torch.allclose(dense.rarefy(net)(image), dense.shift_and_stitch(net, image), atol=1e-4)


def test_the_same_net_is_handed_out_again():
    assert textures.pretrained(8) is textures.pretrained(8)


@pytest.mark.parametrize("f", [0, 3, 32, "8", None])
def test_another_stride_is_refused(f):
    with pytest.raises(ValueError, match=r"output_stride=.* must be one of 2, 4, 8, 16"):
        textures.pretrained(f)


@EACH
def test_folding_changes_nothing(f):
    torch.manual_seed(0)
    net = textures.build(f, batch_norm=True)
    for layer in net[1:]:
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
    net = net.double().eval()
    image = torch.rand(1, 3, 80, 80, dtype=torch.float64)
    expected = net(image)
    blocks.fold_norms(net)
    assert torch.allclose(net(image), expected, atol=1e-10)
    assert net.state_dict().keys() == textures.build(f).state_dict().keys()


def test_the_inner_part_of_a_mosaic_is_the_definition():
    mosaic = mosaics.make(seed=0, size=(60, 70), tiles=3)
    inside, truth = textures.inner(mosaic, field=9)
    assert inside.shape == truth.shape == (1, 52, 62)
    for y, x in [(0, 0), (10, 30), (26, 31), (51, 61), (30, 5)]:
        window = mosaic.tiles[0, y : y + 9, x : x + 9]
        assert bool(inside[0, y, x]) == (len(window.unique()) == 1)
        assert truth[0, y, x] == mosaic.labels[0, y, x]


@pytest.mark.parametrize("batch", ["patches", "make"])
def test_half_of_what_is_learned_from_is_rescaled_by_up_to_a_fifth(batch, monkeypatch):
    cuts, made = [], getattr(mosaics, batch)

    def recorded(*given, **named):
        cuts.append(named["size"][0] if "size" in named else given[2])
        return made(*given, **named)

    monkeypatch.setattr(mosaics, batch, recorded)
    draws = torch.Generator().manual_seed(0)
    for _ in range(150):
        if batch == "patches":
            image, _ = textures.augmented(1, 48, draws)
        else:
            image, _ = textures.augmented_mosaics(1, 48, 2, draws)
        assert image.shape[-2:] == (48, 48)
    kept = [cut for cut in cuts if cut == 48]
    assert 0.4 < len(kept) / len(cuts) < 0.7
    assert 40 <= min(cuts) < 42  # 48 / 1.2
    assert 57 < max(cuts) <= 60  # 48 / 0.8
