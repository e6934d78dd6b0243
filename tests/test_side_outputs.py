"""seglab.nets.side_net, side_outputs, side_gradients: a head at every stride, and their losses."""

import pytest
import torch
from helpers import overheard
from torch.nn import functional as F

from seglab.images import scenes
from seglab.nets import registry, segmenters, side_gradients, side_net, side_outputs, weights
from seglab.nets.side_net import PATH, STRIDES, WIDTHS, SideNet

EACH = pytest.mark.parametrize("name", side_outputs.SHIPPED)
ONES = dict.fromkeys(STRIDES, 1.0)


@pytest.fixture(scope="module")
def net():
    return side_outputs.build(batch_norm=False, seed=3).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def scene():
    return scenes.make(4, (50, 77), difficulty=segmenters.DIFFICULTY)


def test_the_path_goes_down_to_the_coarsest_and_up_again():
    down, up = ("down", "down", "down", "down"), ("up", "up", "up", "up", "up")
    assert tuple(way for way, _ in PATH) == down + up
    assert [stride for _, stride in PATH] == [1, 2, 4, 8, 16, 8, 4, 2, 1]


def test_sides_are_heads_on_the_maps_of_an_ordinary_pass(net, scene):
    heard = overheard(net, scene.image)
    maps = [heard[f"down.{n}"] for n in range(5)] + [heard[f"merge.{n}"] for n in range(4)]
    heads = [net.early[n] for n in range(4)] + [net.sides[n] for n in range(4)] + [net.scores]
    sides = list(net.along(scene.image))
    assert [(side.way, side.stride) for side in sides] == list(PATH)
    for side, features, head in zip(sides, maps, heads, strict=True):
        assert torch.equal(side.features, features)
        weight, bias = head.weight[:, :, 0, 0], head.bias
        wanted = torch.einsum("kc,bchw->bkhw", weight, features) + bias[:, None, None]
        assert torch.allclose(side.scores, wanted, atol=1e-5)
        assert side.features.shape[2:] == (64 // side.stride, 80 // side.stride)
    assert torch.equal(sides[-1].scores[..., :50, :77], net(scene.image))


@pytest.mark.parametrize("depth", range(1, 10))
def test_what_is_cut_away_is_not_computed(net, scene, depth):
    ran = []
    hooks = [
        part.register_forward_hook(lambda _p, _g, _o, name=name: ran.append(name))
        for name, part in net.named_modules()
        if name.count(".") == 1
    ]
    for number, _ in enumerate(net.along(scene.image), 1):
        if number == depth:
            break
    for hook in hooks:
        hook.remove()
    ups = range(max(0, depth - 5))
    assert [name for name in ran if name.startswith("down")] == [
        f"down.{n}" for n in range(min(depth, 5))
    ]
    assert [name for name in ran if name[0] in "um"] == [
        f"{part}.{n}" for n in ups for part in ("up", "merge")
    ]


def by_hand(size, depth):
    """Multiply-adds by arithmetic: kernel x channels in x channels out x positions."""
    pixels = [size[0] // 2**n * (size[1] // 2**n) for n in range(5)]
    total, before = 0, 3
    for n, width in enumerate(WIDTHS[:depth]):
        total, before = total + 9 * (before + width) * width * pixels[n], width
    for n in range(3, 8 - depth, -1):
        width = WIDTHS[n]
        total += WIDTHS[n + 1] * width * pixels[n]  # 4 taps, each at a quarter of the places
        total += 9 * (2 * width + width) * width * pixels[n]
    level = depth - 1 if depth <= 5 else 9 - depth
    return total + WIDTHS[level] * 7 * pixels[level]


@pytest.mark.parametrize("depth", range(1, 10))
def test_multiply_adds_by_arithmetic(depth):
    assert side_net.multiply_adds((64, 96), depth) == by_hand((64, 96), depth)


def test_multiply_adds_of_copies_and_of_no_side():
    one, half = by_hand((64, 64), 9), by_hand((32, 32), 9)
    assert side_net.multiply_adds((64, 64), factors=(2,)) == half
    assert side_net.multiply_adds((64, 64), factors=(1, 2)) == one + half
    assert one == 4 * half
    for depth in (0, 10):
        with pytest.raises(ValueError, match=f"depth={depth} must be from 1 to 9"):
            side_net.multiply_adds((64, 64), depth)


def test_answers_lie_on_the_pixels(net, scene):
    found = side_net.answer(net, scene.image)
    for scores, (_, stride), side in zip(found, PATH, net.along(scene.image), strict=True):
        assert scores.shape == (1, 7, 50, 77)
        wanted = F.interpolate(side.scores, scale_factor=stride, mode="bilinear")
        assert torch.allclose(scores, wanted[..., :50, :77], atol=1e-5)


def test_a_copy_is_answered_by_the_same_net(net, scene):
    whole = F.pad(scene.image, (0, 1, 0, 0), mode="reflect")
    small = F.interpolate(whole, (25, 39), mode="bilinear", antialias=True)
    inner = (..., slice(0, 48), slice(0, 76))  # at its border a map is enlarged with its padding
    wanted = F.interpolate(net(small), scale_factor=2, mode="bilinear")[..., :50, :77]
    (*_, half) = side_net.answer(net, scene.image, (2,))
    assert torch.allclose(half[inner], wanted[inner], atol=1e-5)
    (*_, both) = side_net.answer(net, scene.image, (1, 2))
    mean = (net(scene.image).softmax(1) + wanted.softmax(1)) / 2
    assert torch.allclose(both.exp()[inner], mean[inner], atol=1e-6)
    with pytest.raises(ValueError, match="factor=0 must be 1 or more"):
        side_net.smaller(scene.image, 0)


def test_fused_is_the_mean_of_probabilities_and_stays_finite():
    scores = [torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(n)) for n in (0, 1)]
    mean = torch.stack([one.softmax(1) for one in scores]).mean(0)
    assert torch.allclose(side_net.fused(scores).exp(), mean, atol=1e-6)
    extreme = torch.tensor([1e4, -1e4])[None, :, None, None]
    assert side_net.fused([extreme, extreme]).isfinite().all()
    with pytest.raises(ValueError, match=r"scores=\[\] has no answer"):
        side_net.fused([])


def test_inside_by_a_walk_over_the_pixels():
    truth = scenes.make(2, (40, 40)).labels
    wanted = torch.zeros_like(truth, dtype=torch.bool)
    for row in range(40):
        for column in range(40):
            around = truth[0, max(0, row - 2) : row + 3, max(0, column - 2) : column + 3]
            wanted[0, row, column] = truth[0, row, column] > 0 and around.unique().numel() == 1
    found = side_outputs.inside(truth)
    # edge() counts steps of a king from either side of a border: never fewer pixels than these.
    assert (found | ~wanted).all()
    assert ((found & ~wanted).sum() / found.sum()) < 0.05


# Training


def learner(name):
    recipe = registry.family("side-outputs").recipe(name, 0, None)
    image, labels = recipe.batch(0)
    return recipe, recipe.learner, image[:1, :, :64, :64], labels[:1, :64, :64]


@pytest.mark.parametrize(
    ("name", "heard"), [(side_outputs.DEEP, STRIDES), (side_outputs.FINEST, (1,))]
)
def test_only_the_losses_that_a_net_hears_reach_it(name, heard):
    _, made, image, labels = learner(name)
    made.eval()
    for (way, stride), scores in zip(PATH, made(image), strict=True):
        made.zero_grad()
        F.cross_entropy(scores, labels).backward(retain_graph=True)
        body = [p for part in ("down", "up", "merge") for p in getattr(made.net, part).parameters()]
        reached = any(p.grad is not None and bool(p.grad.any()) for p in body)
        assert reached == (way == "up" and stride in heard)
        heads = [*made.net.early, *made.net.sides, made.net.scores]
        learns = [head.weight.grad is not None and bool(head.weight.grad.any()) for head in heads]
        assert sum(learns) == 1  # its own head, in both nets


def test_both_nets_begin_alike_and_ask_for_the_same_sum():
    losses = []
    for name in side_outputs.SHIPPED:
        recipe, made, image, labels = learner(name)
        scores = [one.detach() for one in made.eval()(image)]
        losses.append(float(recipe.loss(scores, labels)))
        each = [float(F.cross_entropy(one, labels)) for one in scores]
        assert losses[-1] == pytest.approx(sum(each), rel=1e-5)
    assert losses[0] == losses[1]


# The shipped nets


@EACH
def test_the_recorded_figures_are_those_of_the_shipped_weights(name):
    recorded = weights.figures(name)["answers"]
    few = side_outputs.measure(side_outputs.pretrained(name), count=40)
    assert few.keys() == recorded.keys()
    for answer, figures in few.items():
        for figure, value in figures.items():
            assert value == pytest.approx(recorded[answer][figure], abs=0.06), (answer, figure)


@EACH
def test_a_shipped_net_is_small(name):
    (path,) = weights.FOLDER.glob(f"{name}-*.safetensors")
    assert path.stat().st_size <= 450_000


@pytest.mark.parametrize("call", [side_outputs.pretrained])
def test_an_unknown_name_gets_the_list(call):
    with pytest.raises(ValueError, match="name='unet' must be one of side-outputs-deep, side-"):
        call("unet")


# Gradients


@pytest.fixture(scope="module", params=[True, False], ids=["norms", "no norms"])
def untrained(request):
    return side_outputs.build(batch_norm=request.param, seed=1)


@pytest.fixture(scope="module")
def square():
    return scenes.make(7, (64, 64), difficulty=segmenters.DIFFICULTY)


def test_gradients_are_those_of_one_backward_pass_of_the_sum(untrained, square):
    before = {name: value.clone() for name, value in untrained.state_dict().items()}
    given = {16: 0.5, 8: 2.0, 4: 0.0, 2: 1.0, 1: 0.25}
    found = side_gradients.of_sides(untrained, square.image, square.labels)
    assert {n: v.tolist() for n, v in untrained.state_dict().items()} == {
        n: v.tolist() for n, v in before.items()
    }
    twin = SideNet(batch_norm=any("norm" in name for name in before))
    twin.load_state_dict(before)
    total = sum(
        given[side.stride]
        * F.cross_entropy(
            F.interpolate(side.scores, scale_factor=side.stride, mode="bilinear"), square.labels
        )
        for side in twin.train().along(square.image)
        if side.way == "up"
    )
    total.backward()
    for name, vector in side_gradients.weighted(found, given).items():
        part, n = name.split(".")
        wanted = [p.grad.flatten() for p in getattr(twin, part)[int(n)].parameters()]
        assert torch.allclose(vector, torch.cat(wanted), atol=1e-5), name


def test_a_side_sends_nothing_into_what_comes_after_it(untrained, square):
    found = side_gradients.of_sides(untrained, square.image, square.labels)
    for number, (stride, parts) in enumerate(found.items()):
        for n in range(4):
            for part in ("up", "merge"):
                assert bool(parts[f"{part}.{n}"].any()) == (n < number), (stride, part, n)


def test_lengths_of_what_arrives(untrained, square):
    found = side_gradients.of_sides(untrained, square.image, square.labels)
    given = {**ONES, 8: 2.0, 4: 0.0}
    for stride, lengths in side_gradients.arriving(found, given).items():
        assert list(lengths) == [f"down.{n}" for n in range(5)]
        for name, length in lengths.items():
            wanted = given[stride] * found[stride][name].square().sum().sqrt()
            assert length == pytest.approx(float(wanted), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("given", [ONES, {**dict.fromkeys(STRIDES, 0.0), 1: 2.0}])
def test_the_rates_are_what_a_small_step_does(untrained, square, given):
    net = untrained.double()
    # So short that next to no unit crosses the kink of its ReLU.
    image, length = square.image.double(), 1e-7
    found = side_gradients.of_sides(net, image, square.labels)
    way = side_gradients.weighted(found, given)
    start = side_gradients.stepped(net, image, square.labels, way, 0.0)
    after = side_gradients.stepped(net, image, square.labels, way, length)
    net.float()
    for stride, rate in side_gradients.falling(found, given).items():
        assert (start[stride] - after[stride]) / length == pytest.approx(rate, rel=0.02, abs=1e-3)


def test_without_weights_nothing_falls_and_nothing_moves(untrained, square):
    found = side_gradients.of_sides(untrained, square.image, square.labels)
    nothing = dict.fromkeys(STRIDES, 0.0)
    assert set(side_gradients.falling(found, nothing).values()) == {0.0}
    way = side_gradients.weighted(found, nothing)
    rest = side_gradients.stepped(untrained, square.image, square.labels, way, 0.0)
    assert side_gradients.stepped(untrained, square.image, square.labels, way, 1.0) == rest
