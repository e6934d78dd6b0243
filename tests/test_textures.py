"""seglab.nets.textures: the shipped nets keep what their figures promise, and can be made again."""

import contextlib
import io
from functools import partial

import pytest
import torch
from torch import nn

from seglab import device
from seglab.images import mosaics
from seglab.nets import textures, training, weights
from seglab.ops import dense, receptive_field
from seglab.types import NO_LABEL

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
    assert torch.allclose(textures.fold(net)(image), expected, atol=1e-10)


def test_the_inner_part_of_a_mosaic_is_the_definition():
    mosaic = mosaics.make(seed=0, size=(60, 70), tiles=3)
    inside, truth = textures.inner(mosaic, field=9)
    assert inside.shape == truth.shape == (1, 52, 62)
    for y, x in [(0, 0), (10, 30), (26, 31), (51, 61), (30, 5)]:
        window = mosaic.tiles[0, y : y + 9, x : x + 9]
        assert bool(inside[0, y, x]) == (len(window.unique()) == 1)
        assert truth[0, y, x] == mosaic.labels[0, y, x]


def trained(folder, seed=0):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        report = training.trainer("textures")(seed=seed, out=folder, progress=False, steps=2)
    return report, said.getvalue()


def test_training_end_to_end_twice_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(textures, "measure", partial(textures.measure, patches=70, images=1))
    shipped = (weights.FOLDER / "index.json").read_bytes()
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    report, said = trained(tmp_path / "one")
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)
    assert trained(tmp_path / "two")[0] == report
    assert (tmp_path / "one/index.json").read_bytes() == (tmp_path / "two/index.json").read_bytes()
    assert report.keys() == {"textures-f2", "textures-f4", "textures-f8", "textures-f16"}
    assert all(f"{row['patch_accuracy']:.1f}" in said for row in report.values())
    assert (weights.FOLDER / "index.json").read_bytes() == shipped


def test_an_interrupted_training_writes_nothing(tmp_path, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before = device.default()
    monkeypatch.setattr(textures, "measure", interrupted)
    with pytest.raises(KeyboardInterrupt):
        textures.train(out=tmp_path, progress=False, steps=1)
    assert not list(tmp_path.iterdir())
    assert device.default() == before


def test_an_unknown_training_is_refused():
    with pytest.raises(ValueError, match=r"name='texture' has no training: there is textures"):
        training.trainer("texture")


def test_fit_needs_a_step():
    with pytest.raises(ValueError, match="steps=0"):
        training.fit(nn.Conv2d(3, 2, 1), lambda _: pytest.fail("no step"), steps=0)


def test_fit_learns_and_ignores_what_has_no_label():
    torch.manual_seed(0)
    image = torch.rand(2, 3, 6, 6)
    labels = (image[:, 0] > 0.5).long()
    net = nn.Sequential(nn.Conv2d(3, 8, 1), nn.ReLU(), nn.Conv2d(8, 2, 1))
    labels[:, 0] = NO_LABEL
    losses = training.fit(net, lambda _: (image, labels), 150, 0.05, progress=False)
    assert losses[-1] < losses[0] / 4
    right = net(image).argmax(1) == labels
    assert float(right[labels != NO_LABEL].float().mean()) > 0.9
    assert not net.training
