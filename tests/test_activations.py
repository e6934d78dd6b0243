"""Hidden layers: what is heard there, what is lost without them, and what they add up to."""

import copy
from itertools import product

import pytest
import torch
from torch import nn

from seglab.ops import activations
from seglab.ops.activations import Strongest


class Gated(nn.Module):
    """Two paths, a layer that works in place, one that never runs and one that is no map."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Sequential(nn.Conv2d(3, 5, 3, 2), nn.ReLU(inplace=True))
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(5, 5, 1), nn.Sigmoid())
        self.flat = nn.Flatten()
        self.unused = nn.Conv2d(3, 3, 1)
        self.score = nn.ConvTranspose2d(5, 2, 2, 2)

    def forward(self, image):
        x = self.body(image)
        self.flat(x)
        return self.score(x * self.gate(x))


@pytest.fixture
def net():
    return Gated().eval().requires_grad_(False)


@pytest.fixture
def image():
    return torch.rand(1, 3, 17, 21, generator=torch.Generator().manual_seed(1))


def by_hand(net, image, gone=()):
    before = nn.functional.conv2d(image, net.body[0].weight, net.body[0].bias, 2)
    after = before.relu()
    after[:, list(gone)] = 0
    gate = (net.gate[1](after.mean((2, 3), keepdim=True))).sigmoid()
    return before, after, gate, net.score(after * gate)


def test_what_is_heard_is_what_the_layers_give_also_before_one_that_works_in_place(net, image):
    heard = activations.listen(net, image, ("body.0", "body.1", "body", "gate"))
    before, after, gate, output = by_hand(net, image)
    assert list(heard.maps) == ["body.0", "body.1", "body", "gate"]
    for path, right in zip(heard.maps, (before, after, after, gate), strict=True):
        assert torch.allclose(heard.maps[path], right, atol=1e-6), path
    assert torch.allclose(heard.output, output, atol=1e-5)


@pytest.mark.parametrize("gone", [[], [2], [0, 4], range(5)])
def test_a_net_without_channels_goes_on_as_if_they_were_0(net, image, gone):
    ablated = activations.without(net, "body", gone)
    assert torch.allclose(ablated(image), by_hand(net, image, gone)[-1], atol=1e-5)
    heard = activations.listen(ablated, image, ("body",))
    assert torch.allclose(heard.maps["body"], by_hand(net, image, gone)[1], atol=1e-6)


def test_nothing_is_left_on_the_net_and_the_weights_are_its_own(net, image):
    whole, state = net(image), copy.deepcopy(net.state_dict())
    activations.listen(net, image, ("body",))
    ablated = activations.without(net, "body", [1])
    assert not any(vars(layer)["_forward_hooks"] for layer in net.modules())
    assert torch.equal(net(image), whole)
    assert net.state_dict().keys() == state.keys()
    assert ablated.body[0].weight is net.body[0].weight
    net.score.bias += 1  # a net that trains on
    assert torch.allclose(ablated(image) - 1, by_hand(net, image, [1])[-1] - 1, atol=1e-5)


def test_one_channel_after_the_other_can_be_taken_away(net, image):
    twice = activations.without(activations.without(net, "body", [1]), "body", [3])
    assert torch.allclose(twice(image), by_hand(net, image, [1, 3])[-1], atol=1e-5)


def test_a_layer_that_is_used_twice_is_changed_in_both_places():
    layer = nn.Conv2d(2, 2, 1)
    net = nn.Sequential(layer, nn.ReLU(), layer).requires_grad_(False)
    x = torch.rand(1, 2, 3, 3)
    ablated = activations.without(net, "0", [1])
    assert torch.equal(ablated(x)[:, 1], torch.zeros(1, 3, 3))
    first = layer(x)
    first[:, 1] = 0
    assert torch.allclose(ablated(x)[:, 0], layer(first.relu())[:, 0])


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("bodi", "did you mean 'body'"),
        ("", "is not in the net"),
        ("unused", "'unused' does not run"),
        ("flat", r"'flat' gives \[1, 400\]"),
    ],
)
def test_a_layer_that_gives_no_map_is_refused_by_name(net, image, path, words):
    with pytest.raises(ValueError, match=words):
        activations.listen(net, image, (path,))


def test_a_channel_that_is_not_there_is_refused(net, image):
    with pytest.raises(ValueError, match=r"channels=\[5\].* has 5; use 0 to 4"):
        activations.without(net, "body", [5])(image)
    with pytest.raises(ValueError, match="did you mean 'body'"):
        activations.without(net, "bodi", [0])


def peaks_by_hand(plane, count, apart):
    found = []
    for row in range(plane.shape[0]):
        for column in range(plane.shape[1]):
            near = plane[
                max(0, row - apart + 1) : row + apart, max(0, column - apart + 1) : column + apart
            ]
            if plane[row, column] >= near.max():
                found.append((-float(plane[row, column]), (row, column)))
    return sorted(found)[:count]


@pytest.mark.parametrize("apart", [1, 2, 4, 30])
@pytest.mark.parametrize("count", [1, 4, 200])
def test_the_strongest_places_are_peaks_in_order(count, apart):
    maps = torch.randn(2, 3, 9, 12, generator=torch.Generator().manual_seed(2))
    found = activations.strongest(maps, count, apart)
    assert found.values.shape == (2, 3, min(count, 108))
    for b in range(2):
        for c in range(3):
            right = peaks_by_hand(maps[b, c], count, apart)
            values = found.values[b, c]
            pairs = zip(values.tolist(), found.places[b, c].tolist(), strict=True)
            told = [(-value, tuple(at)) for value, at in pairs if value > -torch.inf]
            assert told == right


def test_ranks_go_over_all_pictures():
    draw = torch.Generator().manual_seed(3)
    batches = [torch.randn(n, 2, 4, 5, generator=draw) for n in (1, 3)]
    ranked = activations.ranked([activations.strongest(maps, 20) for maps in batches], 7)
    every = torch.cat(batches)
    for c in range(2):
        right = sorted(
            (
                (float(every[n, c, u, v]), n, [u, v])
                for n, u, v in product(range(4), range(4), range(5))
            ),
            reverse=True,
        )[:7]
        assert ranked.values[c].tolist() == [value for value, _, _ in right]
        assert ranked.pictures[c].tolist() == [number for _, number, _ in right]
        assert ranked.places[c].tolist() == [place for _, _, place in right]


def test_ranks_of_nothing_are_refused():
    with pytest.raises(ValueError, match="found is empty"):
        activations.ranked([], 3)
    empty = Strongest(torch.zeros(1, 1, 1), torch.zeros(1, 1, 1, 2, dtype=torch.int64))
    with pytest.raises(ValueError, match="count=0"):
        activations.ranked([empty], 0)


@pytest.mark.parametrize("wrong", [{"count": 0}, {"count": 1, "apart": 0}])
def test_no_place_and_no_distance_are_refused(wrong):
    with pytest.raises(ValueError, match="=0 is too small"):
        activations.strongest(torch.zeros(1, 1, 3, 3), **wrong)


HEADS = {
    "1 x 1": nn.Conv2d(6, 4, 1),
    "3 x 3": nn.Conv2d(6, 4, 3, padding=1, bias=False),
    "transposed": nn.ConvTranspose2d(6, 4, 2, 2),
    "enlarged": nn.Sequential(nn.Conv2d(6, 4, 1), nn.Upsample(scale_factor=3, mode="bilinear")),
}


@pytest.mark.parametrize("kind", HEADS)
def test_contributions_and_the_bias_are_the_scores(kind):
    head, features = HEADS[kind].requires_grad_(False), torch.randn(1, 6, 5, 7)
    parts = activations.contributions(head, features)
    nothing = head(torch.zeros_like(features))[0]
    assert torch.allclose(parts.sum(0) + nothing, head(features)[0], atol=1e-5)
    for channel in range(6):
        alone = torch.zeros_like(features)
        alone[:, channel] = features[:, channel]
        assert torch.allclose(parts[channel], (head(alone) - nothing)[0], atol=1e-5)


def test_a_class_activation_map_is_the_1_x_1_convolution_and_its_mean_the_score_of_the_mean():
    head, features = HEADS["1 x 1"].requires_grad_(False), torch.randn(2, 6, 5, 7)
    weight, bias = head.weight[:, :, 0, 0], head.bias
    maps = activations.class_activation(features, weight, bias)
    assert torch.allclose(maps, head(features), atol=1e-5)
    # Zhou et al., 2016, equation 2: the score behind a global average pooling.
    pooled = nn.functional.linear(features.mean((2, 3)), weight, bias)
    assert torch.allclose(maps.mean((2, 3)), pooled, atol=1e-5)
    alone = activations.class_activation(features, weight)
    by_hand = sum(weight[1, c] * features[0, c] for c in range(6))
    assert torch.allclose(alone[0, 1], by_hand, atol=1e-5)


def test_features_and_weights_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"give \[K, 6\]"):
        activations.class_activation(torch.zeros(1, 6, 2, 2), torch.zeros(4, 5))
    with pytest.raises(ValueError, match="2 pictures"):
        activations.contributions(HEADS["1 x 1"], torch.zeros(2, 6, 2, 2))
