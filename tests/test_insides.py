"""Insides of nets: layers and fields as they are, and what excites them."""

import math
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch import nn

from seglab.images import photos
from seglab.nets import insides
from seglab.ops import activations, dense, receptive_field

EACH = pytest.mark.parametrize("name", insides.NETS)


def image_for(inside):
    return insides.picture(insides.pictures(inside.drawn)[0])


@EACH
def test_every_layer_is_a_map_and_every_gate_has_a_number_for_each_channel(name):
    inside = insides.shipped(name)
    assert len(inside.layers) == insides.LAYERS
    heard = inside.listen(image_for(inside))
    for layer in inside.layers:
        channels = heard.maps[layer.path].shape[1]
        assert 0 < channels <= 128
        if layer.gate:
            assert heard.maps[layer.gate].shape == (1, channels, 1, 1)
            assert 0 <= heard.maps[layer.gate].min() <= heard.maps[layer.gate].max() <= 1


def reached(inside, layer, image, unit, gates):
    """Rows and columns of the first and last pixel that move a unit; gates: as they are now."""
    frozen = []
    if gates:
        frozen = [
            part.register_forward_hook(lambda _part, _given, out: out.detach())
            for part in inside.net.modules()
            if isinstance(part, nn.AdaptiveAvgPool2d)
        ]
    given = image.clone().requires_grad_()
    found = []
    hook = inside.net.get_submodule(layer.path).register_forward_hook(
        lambda _part, _given, out: found.append(out)
    )
    with torch.enable_grad():
        inside.net(given)
        (gradient,) = torch.autograd.grad(found[0][0, :, unit[0], unit[1]].sum(), given)
    for handle in (*frozen, hook):
        handle.remove()
    rows, columns = (gradient[0].abs().sum(0) > 0).nonzero().T
    return [int(x) for x in (rows.min(), columns.min(), rows.max(), columns.max())]


@EACH
def test_no_pixel_outside_its_field_moves_a_unit_and_pixels_near_its_border_do(name):
    inside = insides.shipped(name)
    image = image_for(inside)
    heard = inside.listen(image)
    for layer in inside.layers:
        height, width = heard.maps[layer.path].shape[2:]
        unit = height // 2, width // 2
        seen = reached(inside, layer, image, unit, gates=True)
        field = layer.field
        if math.isinf(field.size[0]):
            assert seen[0] < 16, layer.name
            assert seen[2] > image.shape[2] - 17, layer.name
            continue
        box = field.box(*unit)
        clipped = [*(max(0, at) for at in box[:2])]
        clipped += [min(side - 1, at) for side, at in zip(image.shape[2:], box[2:], strict=True)]
        for at, edge, sign in zip(seen, clipped, (1, 1, -1, -1), strict=True):
            inside_by = sign * (at - edge)
            assert 0 <= inside_by <= max(3, 0.2 * field.size[0]), (layer.name, seen, clipped)


def test_through_its_gates_the_selfie_net_sees_the_whole_picture():
    inside = insides.shipped(insides.SELFIE)
    image, layer = image_for(inside), inside.layers[2]
    assert layer.field.size == (31, 31)
    rows = reached(inside, layer, image, (16, 16), gates=False)
    assert rows[0] < 8
    assert rows[2] > 247


@EACH
def test_the_last_step_is_the_sum_of_its_channels(name):
    inside = insides.shipped(name)
    heard = inside.listen(image_for(inside))
    total = inside.summed(heard)
    features = heard.maps[inside.features]
    bias = inside.head(torch.zeros_like(features))[0]
    assert torch.allclose(total.parts.sum(0) + bias, total.scores[0], atol=2e-3, rtol=1e-4)
    scores = inside.scores(heard.output)
    if name == insides.FCN:  # the scores of its coarsest map, then enlarged
        scores = heard.maps["scores.32"]
    assert torch.allclose(total.scores, scores, atol=2e-3, rtol=1e-4)


@EACH
def test_labels_are_the_best_class_of_the_unit_in_whose_cell_a_pixel_lies(name):
    inside = insides.shipped(name)
    image = image_for(inside)
    heard = inside.listen(image)
    labels = inside.labels(heard.output, image.shape[2:])
    assert labels.shape == (1, *image.shape[2:])
    best = inside.scores(heard.output).argmax(1)
    if inside.coarse is None:
        assert torch.equal(labels, best)
        return
    for row, column in ((60, 60), (100, 171), (127, 128)):
        u, v = inside.coarse.unit_at((row, column))
        assert labels[0, row, column] == best[0, u, v]
    assert labels[0, 0, 0] == 255


@pytest.mark.parametrize("name", ["texture net, f = 8", insides.FCN])
def test_the_strongest_places_are_the_highest_of_all_pictures(name):
    inside = replace(insides.shipped(name))  # of which nothing is remembered yet
    calls = []
    found = insides.strongest(inside, lambda done, total: calls.append((done, total)))
    names = insides.pictures(inside.drawn)
    assert calls == [(n, len(names)) for n in range(1, len(names) + 1)]
    layer = inside.layers[-2]
    maps = [inside.listen(insides.picture(n)).maps[layer.path] for n in names]
    for channel in (0, 3):
        highest = max(float(one[0, channel].max()) for one in maps)
        ranked = found[layer.path]
        assert float(ranked.values[channel, 0]) == pytest.approx(highest, rel=1e-5)
        for value, number, (u, v) in zip(*(part[channel].tolist() for part in ranked), strict=True):
            if value > -math.inf:
                assert maps[number][0, channel, u, v].item() == pytest.approx(value, rel=1e-5)
        assert all(ranked.pictures[channel].tolist().count(n) <= 3 for n in range(len(names)))
    assert insides.strongest(inside, lambda done, total: calls.append(())) is found
    assert () not in calls


def test_all_shipped_photographs_are_looked_through():
    assert insides.pictures(drawn=False) == photos.names()


def test_an_unknown_net_is_refused():
    with pytest.raises(ValueError, match="must be one of selfie net"):
        insides.shipped("selfi net")


def own(last):
    torch.manual_seed(0)
    body = (nn.Conv2d(3, 6, 5, 2), nn.ReLU(), nn.Dropout(), nn.Conv2d(6, 9, 3), nn.ReLU())
    return nn.Sequential(*body, last).eval()


def test_an_own_net_has_its_own_layers_and_a_sum_where_its_last_layer_is_one():
    net = own(nn.Conv2d(9, 4, 1))
    inside = insides.of_own(net)
    assert [layer.path for layer in inside.layers] == ["0", "1", "3", "4", "5"]
    assert inside.layers[-1].field == receptive_field.of(net)
    assert inside.classes == tuple(f"class {k}" for k in range(4))
    image = photos.load("coins")
    total = inside.summed(inside.listen(image))
    assert total.parts.shape[:2] == (9, 4)
    assert torch.allclose(total.scores, dense.coarse(net, image), atol=1e-5)
    by_hand = activations.class_activation(
        inside.listen(image).maps["4"], net[-1].weight[:, :, 0, 0], net[-1].bias
    )
    assert torch.allclose(by_hand, total.scores, atol=1e-5)


def test_an_own_net_whose_last_layer_sees_neighbours_has_no_sum():
    inside = insides.of_own(own(nn.Conv2d(9, 4, 3)))
    assert inside.head is None
    assert inside.summed(inside.listen(photos.load("coins"))).parts is None


# In a process of its own, which has no net yet.
FIRST_IN_INFERENCE_MODE = """
import torch
from seglab.nets import insides
with torch.inference_mode():
    nets = [insides.shipped(name).net for name in insides.NETS]
    insides.picture("scene 0")
kept = [insides.picture("scene 0")]
for net in nets:
    kept += [*net.parameters(), *net.buffers()]
assert not any(tensor.is_inference() for tensor in kept)
"""


def test_what_is_kept_can_be_differentiated_wherever_it_was_first_asked_for():
    subprocess.run([sys.executable, "-c", FIRST_IN_INFERENCE_MODE], check=True)
