"""seglab.nets.classifiers: a fully connected head is a convolution; the shipped net."""

import copy
from collections import OrderedDict

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from seglab import device
from seglab.images import mosaics
from seglab.nets import classifiers, textures, weights
from seglab.ops import dense, receptive_field


@st.composite
def nets(draw):
    """A random classifier in float64, the patch it takes, and its total stride."""
    torch.manual_seed(draw(st.integers(0, 2**16)))
    layers, channels, stride = [], 2, [1, 1]
    for _ in range(draw(st.integers(1, 3))):
        kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
        step = draw(st.tuples(st.integers(1, 2), st.integers(1, 2)))
        if draw(st.booleans()):
            out = draw(st.integers(1, 3))
            layers += [nn.Conv2d(channels, out, kernel, step), nn.BatchNorm2d(out), nn.ReLU()]
            layers[-2].running_mean.normal_()
            channels = out
        else:
            layers.append(nn.MaxPool2d(kernel, step))
        stride = [a * b for a, b in zip(stride, step, strict=True)]
    if not any(isinstance(layer, nn.Conv2d) for layer in layers):
        layers.insert(0, nn.Conv2d(2, 2, 1))
    features = nn.Sequential(*layers).eval()
    smallest = [int(n) for n in receptive_field.of(features).size]
    patch = tuple(n + draw(st.integers(0, 4)) for n in smallest)
    head, width = [], features(torch.zeros(1, 2, *patch)).numel()
    for _ in range(draw(st.integers(0, 2))):
        out = draw(st.integers(1, 5))
        head += [nn.Linear(width, out, bias=draw(st.booleans())), nn.ReLU(), nn.Dropout()]
        width = out
    head.append(nn.Linear(width, 3))
    return nn.Sequential(*layers, nn.Flatten(), *head).double().eval(), patch, stride


@settings(deadline=None, max_examples=25)
@given(nets(), st.tuples(st.integers(0, 5), st.integers(0, 5)))
def test_every_score_is_that_of_its_patch(case, extra):
    net, (height, width), (down, across) = case
    everywhere = classifiers.convolutional(net, (height, width))
    image = torch.randn(2, 2, height + extra[0], width + extra[1], dtype=torch.float64)
    scores = everywhere(image)
    # A stride may skip a patch's last pixels: then one more score fits than whole patches do.
    assert all(
        a >= b // f + 1 for a, b, f in zip(scores.shape[2:], extra, (down, across), strict=True)
    )
    for u in range(extra[0] // down + 1):
        for v in range(extra[1] // across + 1):
            y, x = u * down, v * across
            alone = net(image[..., y : y + height, x : x + width])
            assert torch.allclose(scores[..., u, v], alone, rtol=1e-10, atol=1e-12)


@settings(deadline=None, max_examples=10)
@given(nets())
def test_the_weights_are_the_same_and_the_old_net_stays_as_it_was(case):
    net, patch, _ = case
    before = copy.deepcopy(net.state_dict())
    everywhere = classifiers.convolutional(net, patch)
    after = everywhere.state_dict()
    assert sum(t.numel() for t in before.values()) == sum(t.numel() for t in after.values())
    for old, new, same in zip(net.parameters(), everywhere.parameters(), before, strict=False):
        assert old.data_ptr() == new.data_ptr(), same
    assert all(torch.equal(net.state_dict()[name], t) for name, t in before.items())


def test_modes_are_kept():
    net = classifiers.build(batch_norm=True).train()
    net.normalize.eval()
    everywhere = classifiers.convolutional(net)
    assert everywhere.training
    assert everywhere.norm1.training
    assert not everywhere.normalize.training


@pytest.mark.parametrize(
    ("net", "patch", "message"),
    [
        (nn.Sequential(nn.Conv2d(3, 2, 3)), (8, 8), "net has 0 Flatten layers"),
        (nn.Sequential(nn.Flatten(), nn.Linear(3, 2)), (1, 1), "no convolution before"),
        (classifiers.build(), (40, 40), r"patch=\(40, 40\) makes a map of 16 × 8 × 8 .* 'hidden'"),
        (classifiers.build(), (4, 4), r"patch=\(4, 4\) does not go through"),
        (
            nn.Sequential(
                OrderedDict(conv=nn.Conv2d(3, 2, 3), flat=nn.Flatten(), soft=nn.Softmax(1))
            ),
            (8, 8),
            "layer 'soft' is a Softmax",
        ),
    ],
)
def test_what_cannot_be_a_convolution_is_refused(net, patch, message):
    with pytest.raises(ValueError, match=message):
        classifiers.convolutional(net, patch)


# The shipped net


def test_it_takes_patches_and_nothing_larger():
    net = classifiers.pretrained()
    assert net is classifiers.pretrained()
    assert not net.training
    side = classifiers.SIDE
    scores = net(torch.rand(5, 3, side, side, device=device.default()))
    assert scores.shape == (5, 7)
    assert not scores.requires_grad
    with pytest.raises(RuntimeError):
        net(torch.rand(1, 3, side + 4, side, device=device.default()))


def test_its_field_is_the_patch():
    field = receptive_field.of(classifiers.convolutional(classifiers.pretrained()))
    assert field.size == (classifiers.SIDE, classifiers.SIDE)
    assert field.stride == (classifiers.OUTPUT_STRIDE, classifiers.OUTPUT_STRIDE)
    assert field.padding == (0, 0)


def test_made_dense_it_is_the_sliding_window():
    net = classifiers.convolutional(classifiers.pretrained())
    image = mosaics.make(seed=2, size=(38, 41)).image
    every = dense.rarefy(net)(image)
    assert torch.allclose(every, dense.sliding_window(net, image), atol=1e-4)


def test_held_out_patches():
    figures = textures.measure(classifiers.convolutional(classifiers.pretrained()), images=2)
    recorded = weights.figures(classifiers.NAME)
    assert figures["patch_accuracy"] >= 93
    assert figures["mosaic_accuracy"] >= 90
    assert min(figures["per_class"].values()) >= 80
    assert figures["patch_accuracy"] == pytest.approx(recorded["patch_accuracy"], abs=0.2)


def test_sliding_the_classifier_gives_each_windows_answer():
    net = classifiers.pretrained()
    image = torch.rand(1, 3, 50, 61, generator=torch.Generator().manual_seed(0))
    scores = classifiers.slide(net, image, stride=8, batch=5)
    assert scores.shape == (1, len(classifiers.CLASSES), 3, 4)
    alone = net(image[..., 16:48, 24:56])[0]
    assert torch.allclose(scores[0, :, 2, 3], alone, atol=1e-5)


def test_a_padded_classifier_has_the_same_weights_and_keeps_the_size_of_its_maps():
    net = classifiers.pretrained()
    padded = classifiers.padded(net)
    assert all(map(torch.equal, net.parameters(), padded.parameters()))
    assert net.conv1.padding == (0, 0)
    side = classifiers.PADDED_SIDE
    patch = torch.rand(1, 3, side, side, device=device.default())
    assert padded[:3](patch).shape[2:] == (side, side)
    assert padded(patch).shape == (1, 7)
    everywhere = classifiers.convolutional(padded, (side, side))
    assert torch.allclose(everywhere(patch)[..., 0, 0], padded(patch), atol=1e-4)
