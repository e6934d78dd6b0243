"""The laws of dense evaluation: five ways, the same numbers, on any net."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from dense_ways import WAYS
from hypothesis import given, settings
from strategies import cases
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models
from torchvision.models.feature_extraction import create_feature_extractor

from seglab.ops import dense, receptive_field

laws = settings(deadline=None, derandomize=True, max_examples=60)


@pytest.fixture(autouse=True)
def _no_gradients():
    with torch.no_grad():
        yield


def small_net(f=4, dtype=torch.float64, channels=3):
    """An unpadded net of stride f = 2, 4, 8, as the labs use."""
    torch.manual_seed(f)
    layers = [nn.Conv2d(channels, 6, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
    for _ in range(f.bit_length() - 2):
        layers += [nn.Conv2d(6, 6, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Conv2d(6, 4, 3)).to(dtype).eval()


def picture(*size, dtype=torch.float64, batch=1):
    torch.manual_seed(1)
    return torch.rand(batch, 3, *size, dtype=dtype)


# --- the laws -------------------------------------------------------------------------------------


@laws
@given(cases())
def test_all_ways_agree_everywhere_without_padding(case):
    before = case.image.clone()
    maps = {name: way(case.net, case.image) for name, way in WAYS.items()}
    for name, scores in maps.items():
        torch.testing.assert_close(
            scores,
            maps["sliding_window"],
            rtol=1e-10,
            atol=1e-10,
            msg=lambda m, n=name: f"{n}: {m}",
        )
        (fy, fx), few = case.stride, dense.coarse(case.net, case.image)
        torch.testing.assert_close(scores[..., ::fy, ::fx], few, rtol=1e-10, atol=1e-10)
    assert torch.equal(case.image, before)


@settings(laws, max_examples=40)
@given(cases(dtype=torch.float32))
def test_all_ways_agree_in_float32(case):
    reference = dense.sliding_window(case.net, case.image)
    for way in WAYS.values():
        scores = way(case.net, case.image)
        assert scores.dtype == torch.float32
        torch.testing.assert_close(scores, reference, rtol=1e-4, atol=1e-4)


@laws
@given(cases(padded=True))
def test_padded_nets_keep_their_coarse_map_everywhere(case):
    few, (fy, fx) = dense.coarse(case.net, case.image), case.stride
    atrous = dense.rarefy(case.net)(case.image)
    torch.testing.assert_close(atrous[..., ::fy, ::fx], few, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(
        dense.fragments(case.net, case.image), atrous, rtol=1e-10, atol=1e-10
    )


@laws
@given(cases(padded=True, most=4))
def test_padded_nets_stitch_alike_wherever_no_field_meets_the_border(case):
    field = receptive_field.of(case.net)
    atrous = dense.rarefy(case.net)(case.image)
    stitched = dense.shift_and_stitch(case.net, case.image)
    assert stitched.shape == atrous.shape
    rows, columns = (
        slice(int(p), max(int(p), n - int(r) + 1 + int(p)))
        for p, n, r in zip(field.padding, case.image.shape[2:], field.size, strict=True)
    )
    torch.testing.assert_close(
        stitched[..., rows, columns], atrous[..., rows, columns], rtol=1e-10, atol=1e-10
    )


@settings(laws, max_examples=40)
@given(cases())
def test_macs_by_layer_counts_what_the_ways_really_do(case):
    image = case.image[:1]
    ways = WAYS | {"coarse": dense.coarse}
    for name, way in ways.items():
        with FlopCounterMode(display=False) as counter:
            way(case.net, image)
        size = (image.shape[2], image.shape[3])
        assert 2 * dense.cost(case.net, size, name) == counter.get_total_flops(), name


@settings(laws, max_examples=40)
@given(cases(padded=True))
def test_macs_by_layer_counts_padded_nets_too(case):
    image = case.image[:1]
    for name in ("coarse", "atrous", "fragments"):
        way = (WAYS | {"coarse": dense.coarse})[name]
        with FlopCounterMode(display=False) as counter:
            way(case.net, image)
        size = (image.shape[2], image.shape[3])
        assert 2 * dense.cost(case.net, size, name) == counter.get_total_flops(), name


def test_macs_by_layer_counts_the_shifts_of_a_padded_net():
    net, image = random_weights("vgg11").features[:7], picture(23, 30)
    with FlopCounterMode(display=False) as counter:
        dense.shift_and_stitch(net, image)
    assert 2 * dense.cost(net, (23, 30), "shift_and_stitch") == counter.get_total_flops()


def test_vgg16_costs_318_coarse_passes_a_trous_and_1024_stitched():
    with torch.device("meta"):  # FCN's: 21 classes, and only the weights' sizes matter
        classifier = nn.Conv2d(512, 4096, 7), nn.Conv2d(4096, 4096, 1), nn.Conv2d(4096, 21, 1)
        net = nn.Sequential(*models.vgg16(weights=None).features, *classifier)
    size = (2**20, 2**20)  # so large that borders do not count
    coarse = dense.cost(net, size, "coarse")
    ratios = {name: dense.cost(net, size, name) / coarse for name in list(WAYS)[1:]}
    assert {name: round(ratio) for name, ratio in ratios.items()} == {
        "shift_and_stitch": 1024,
        "atrous": 318,
        "fragments": 318,
    }
    assert list(dense.macs_by_layer(net, size, "atrous"))[-3:] == ["31", "32", "33"]


# --- a broken rule breaks the laws ----------------------------------------------------------------


@pytest.mark.parametrize("left", ["3", "5", "6"])
def test_one_layer_left_undilated_breaks_equality(left):
    net, image = small_net(4), picture(33, 41)
    right = dense.rarefy(net)(image)
    wrong = dense.rarefy(net, leave=[left])(image)
    assert wrong.shape[-2] > right.shape[-2]
    rows, columns = right.shape[-2:]
    assert not torch.allclose(wrong[..., :rows, :columns], right, atol=1e-3)


def test_layers_before_the_first_stride_cannot_be_wrong():
    net, image = small_net(4), picture(33, 41)
    assert torch.equal(dense.rarefy(net, leave=["0", "2"])(image), dense.rarefy(net)(image))


def test_the_other_sign_of_the_shift_breaks_equality():
    net, image = small_net(4), picture(33, 33)
    parts, size = dense.shifted(net, image), dense.dense_size(net, (33, 33))
    right = dense.interleave(parts, 4, size)
    assert torch.equal(right, dense.shift_and_stitch(net, image))
    assert not torch.allclose(right, dense.interleave(parts[::-1], 4, size), atol=1e-3)


def test_an_unknown_layer_to_leave_is_named_with_its_neighbours():
    with pytest.raises(ValueError, match="leave='9' is not in the net; near names are '"):
        dense.rarefy(small_net(), leave=["9"])


# --- torchvision ----------------------------------------------------------------------------------


def random_weights(name):
    torch.manual_seed(0)
    options = {"init_weights": False} if name == "googlenet" else {}
    net = getattr(models, name)(weights=None, **options)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):  # fresh ones would be the identity
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 2)
    return net.double().eval()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "layer", "size"),
    [
        ("alexnet", "features", (97, 70)),
        ("vgg16", "features", (65, 33)),
        ("resnet18", "layer4", (33, 40)),
        ("resnet50", "layer4", (33, 20)),
        ("densenet121", "features", (33, 50)),
        ("googlenet", "inception5b", (35, 40)),
        ("mobilenet_v2", "features", (33, 20)),
        ("squeezenet1_0", "classifier.2", (65, 50)),
    ],
)
def test_torchvision_nets_keep_their_coarse_map(name, layer, size):
    net, image = random_weights(name), picture(*size)
    few = dense.cut(net, layer)(image)
    f = receptive_field.of(net, layer).stride[0]
    scale = few.abs().max()
    assert scale > 0
    atrous = dense.rarefy(net, layer)(image)
    assert (atrous[..., ::f, ::f] - few).abs().max() <= 1e-10 * scale


@pytest.mark.parametrize(("name", "layer"), [("googlenet", "inception4a"), ("resnet18", "layer3")])
def test_fragments_follow_torchvision_nets_too(name, layer):
    net, image = dense.cut(random_weights(name), layer), picture(35, 40)
    atrous = dense.rarefy(net)(image)
    torch.testing.assert_close(dense.fragments(net, image), atrous, rtol=1e-10, atol=1e-10)


def test_an_extractor_of_several_layers_keeps_its_dictionary():
    net = create_feature_extractor(random_weights("resnet18"), ["layer1", "layer2"])
    image = picture(33, 46)
    few, many = net(image), dense.rarefy(net)(image)
    assert list(many) == ["layer1", "layer2"]
    torch.testing.assert_close(many["layer1"][..., ::4, ::4], few["layer1"])
    torch.testing.assert_close(many["layer2"][..., ::8, ::8], few["layer2"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet18", "layer 'avgpool' pools over the whole image.*layer='layer4.1.relu_1'"),
        ("mobilenet_v3_small", "layer 'features.1.block.1.avgpool' pools over the whole image"),
        ("vgg11", "layer 'avgpool' pools over"),
    ],
)
def test_what_cannot_be_exact_is_refused_by_name(name, message):
    with pytest.raises(ValueError, match=message):
        dense.rarefy(getattr(models, name)(weights=None).eval())


def test_squeeze_and_excitation_still_shifts():
    torch.manual_seed(0)
    net = models.mobilenet_v3_small(weights=None).eval().features[:3]
    image = torch.rand(1, 3, 40, 56)
    stitched = dense.shift_and_stitch(net, image)
    torch.testing.assert_close(stitched[..., 3::8, 5::8], net(image[..., 3:, 5:]))


# --- single layers --------------------------------------------------------------------------------


class Mixed(nn.Module):
    """Functions in place of modules, a sliced input, and a step that only counts in place."""

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 4, 2, padding="same")
        self.two = nn.Conv2d(4, 4, 3, stride=2)
        self.gain = nn.Parameter(torch.rand(4, 1, 1))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        x = torch.cat([x[:, 2:], x[:, 0].unsqueeze(1) * 2, x[:, 1:2]], dim=1)
        x = F.max_pool2d(self.one(x), 3, 2, padding=1, ceil_mode=True)
        x = self.two(F.pad(x, (1, 2, -1, 0), value=0.5))
        self.relu(x)
        a, b = torch.chunk(x * torch.sigmoid(self.gain), 2, dim=1)
        x = F.avg_pool2d(a + b, 3, 2, 1, ceil_mode=True, count_include_pad=False)
        return F.softmax(x, dim=1)


@pytest.mark.parametrize(
    "net",
    [
        Mixed(),
        nn.Conv2d(3, 2, 4, padding="same"),
        nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.Conv2d(4, 2, 4, padding="same")),
        nn.Sequential(nn.MaxPool2d(2), nn.AvgPool2d(3, 2, 1, divisor_override=5), nn.Sigmoid()),
        nn.Sequential(nn.MaxPool2d(2), nn.AvgPool2d(4, 3, 2, True, True), nn.AvgPool2d(2, 2, 1)),
        nn.Sequential(nn.Conv2d(3, 2, 3, 2, 1, padding_mode="reflect"), nn.MaxPool2d(2)),
        nn.Sequential(nn.ReflectionPad2d(2), nn.AvgPool2d(2), nn.ConstantPad2d((1, 0, 2, 1), 3.0)),
        nn.Sequential(nn.MaxPool2d(3, 2, ceil_mode=True), nn.MaxPool2d(3, 3, 1, ceil_mode=True)),
    ],
    ids=lambda net: type(net).__name__ + str(len(list(net.modules()))),
)
@pytest.mark.parametrize("size", [(23, 30), (20, 25), (21, 21)])
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_layers_of_every_kind_keep_their_coarse_map(net, size):
    net, image = net.double().eval(), picture(*size, batch=2)
    lone = receptive_field.trace(net)
    f = list(lone.values())[-1].stride[0]
    atrous = dense.rarefy(net)(image)
    torch.testing.assert_close(atrous[..., ::f, ::f], net(image), rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(dense.fragments(net, image), atrous, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (nn.ConvTranspose2d(3, 3, 2, 2), "'1' is a transposed convolution"),
        (nn.Upsample(scale_factor=2), "'1' makes a finer grid"),
        (nn.PixelShuffle(1), "'1' makes a finer grid out of channels"),
        (nn.Flatten(), "'1' flattens the grid"),
        (nn.InstanceNorm2d(3), "'1' normalises over the whole image"),
        (nn.Softmax(dim=2), "'1' takes a softmax over dim=2"),
        (nn.Conv2d(3, 3, 3, padding=1, padding_mode="reflect"), "'1' pads with mode 'reflect'"),
        (nn.MaxPool2d(2, return_indices=True), "'1' returns the indices"),
        (nn.Fold((2, 2), 1), "'1' is a Fold, which this package has no rule for"),
        (nn.BatchNorm2d(3, track_running_stats=False), "'1' normalises over its batch"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_refusals_name_the_layer_and_the_remedy(layer, message):
    with pytest.raises(ValueError, match=message):
        dense.rarefy(nn.Sequential(nn.AvgPool2d(2), layer).eval())


class Fixed(nn.Module):
    """Adds what is as large as one image, or divides by how large the image is."""

    def __init__(self, divides):
        super().__init__()
        self.place, self.divides = nn.Parameter(torch.rand(1, 20, 20)), divides

    def forward(self, x):
        return x / x.shape[-1] if self.divides else x + self.place


@pytest.mark.parametrize(
    ("divides", "message"),
    [(False, "'add' uses place, whose size in space"), (True, "'truediv' depends on the size")],
)
def test_what_depends_on_the_image_size_is_refused(divides, message):
    with pytest.raises(ValueError, match=message):
        dense.rarefy(Fixed(divides))


def test_a_rarefied_net_can_be_copied_and_stored():
    net, image = small_net(4), picture(24, 30)
    atrous = dense.rarefy(net)
    for twin in (copy.deepcopy(atrous), pickle.loads(pickle.dumps(atrous))):
        torch.testing.assert_close(twin(image), atrous(image))


def test_training_mode_is_refused_with_its_remedy():
    net = nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3), nn.Dropout())
    with pytest.raises(ValueError, match=r"layer '1' is in training mode; call net.eval\(\) first"):
        dense.rarefy(net)


def test_rarefied_weights_are_the_very_same():
    net = small_net()
    mine = {id(p) for p in net.parameters()}
    assert {id(p) for p in dense.rarefy(net).parameters()} == mine
    net[0].weight.mul_(2)
    image = picture(20, 24)
    torch.testing.assert_close(dense.rarefy(net)(image)[..., ::4, ::4], net(image))
    assert all(module.training is False for module in net.modules())


@settings(laws, max_examples=30)
@given(cases(padded=True))
def test_dilations_are_those_that_rarefied_layers_have(case):
    dilations, atrous = dense.dilations(case.net), dict(dense.rarefy(case.net).named_modules())
    assert list(dilations) == list(receptive_field.trace(case.net))
    for name, layer in case.net.named_modules():
        if isinstance(layer, nn.MaxPool2d | nn.Conv2d):
            own = layer.dilation if isinstance(layer.dilation, int) else layer.dilation[0]
            spread = atrous[name][1] if isinstance(atrous[name], nn.Sequential) else atrous[name]
            assert spread.dilation[0] == own * dilations[name], name


def test_gradients_flow_through_every_way():
    net, image = small_net(2), picture(12, 13)
    with torch.enable_grad():
        gradients = []
        for way in WAYS.values():
            leaf = image.clone().requires_grad_()
            way(net, leaf).square().sum().backward()
            gradients.append(leaf.grad)
    for gradient in gradients[1:]:
        torch.testing.assert_close(gradient, gradients[0])


# --- the pieces of stitching ----------------------------------------------------------------------


def test_a_crop_of_y_rows_goes_to_row_y():
    net, image = small_net(4), picture(30, 37)
    stitched = dense.shift_and_stitch(net, image)
    for y in range(4):
        for x in range(4):
            part = net(image[..., y:, x:])
            torch.testing.assert_close(stitched[..., y::4, x::4], part)
            torch.testing.assert_close(dense.shifted(net, image)[4 * y + x], part)


def test_shifts_not_yet_done_stay_nan():
    net, image = small_net(4), picture(30, 37)
    whole, some = dense.shift_and_stitch(net, image), dense.shift_and_stitch(net, image, shifts=5)
    done = ~some.isnan()
    assert torch.equal(some[done], whole[done])
    assert done[0, 0, :4, :4].tolist() == [
        [True] * 4,
        [True, False, False, False],
        [False] * 4,
        [False] * 4,
    ]


def test_interleave_is_undone_by_slicing():
    whole = torch.rand(2, 3, 11, 8)
    parts = [whole[..., y::3, x::2] for y in range(3) for x in range(2)]
    assert torch.equal(dense.interleave(parts, (3, 2), (11, 8)), whole)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dense.interleave([], 2, (4, 4)), "parts has 0 entries"),
        (lambda: dense.interleave([torch.zeros(1, 1, 3, 3)], 2, (4, 4)), r"parts\[0\] is \(3, 3\)"),
        (lambda: dense.shifted(small_net(2), picture(20, 20), 5), "count=5 must be 0 to 4"),
        (lambda: dense.sliding_window(small_net(), picture(20, 20), batch=0), "batch=0"),
        (
            lambda: dense.sliding_window(models.vgg11().features.double().eval(), picture(9, 9)),
            "layer '0' looks past the border",
        ),
        (lambda: dense.cost(small_net(), (32, 32), "magic"), "method='magic' is unknown"),
        (lambda: dense.predict(small_net(), picture(20, 20), "magic"), "method='magic'"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- predict --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 3), (16, 9), (37, 30)])
@pytest.mark.parametrize("method", ["auto", *WAYS])
def test_predict_centers_a_score_on_every_pixel(size, method):
    net, image = small_net(4), picture(*size)
    scores = dense.predict(net, image, method)
    assert scores.shape[-2:] == size
    r = int(receptive_field.of(net).size[0])
    before, after = (r - 1) // 2, r - 1 - (r - 1) // 2
    plane = np.pad(image[0].numpy(), ((0, 0), (before, after), (before, after)), mode="reflect")
    for i, j in {(0, 0), (size[0] - 1, size[1] - 1), (size[0] // 2, size[1] // 3)}:
        crop = torch.from_numpy(plane[None, :, i : i + r, j : j + r].copy())
        torch.testing.assert_close(net(crop)[0, :, 0, 0], scores[0, :, i, j])


@pytest.mark.parametrize("method", ["auto", "atrous", "fragments", "shift_and_stitch"])
def test_predict_answers_one_pixel_of_a_padded_net(method):
    net, image = dense.cut(random_weights("resnet18"), "layer2"), picture(1, 2)
    assert dense.predict(net, image, method).shape[-2:] == (1, 2)


def test_predict_takes_off_the_padding_of_the_net():
    net, image = random_weights("resnet18"), picture(40, 33)
    features = dense.cut(net, "layer2")
    torch.testing.assert_close(dense.predict(features, image)[..., ::8, ::8], features(image))
    vgg = random_weights("vgg16").features[:10]
    scores = dense.predict(vgg, image)
    assert scores.shape[-2:] == (40, 33)
    top, left = receptive_field.of(vgg).center(3, 4)
    torch.testing.assert_close(
        scores[..., int(top) : int(top) + 1, int(left) : int(left) + 1], vgg(image)[..., 3:4, 4:5]
    )


def test_predict_follows_a_net_that_changes():
    net, image = small_net(4), picture(20, 24)
    seen = [dense.predict(net, image)]

    def replace(index, layer):
        net[index] = layer

    for change in (
        lambda: net[0].weight.mul_(2),
        lambda: replace(2, nn.AvgPool2d(2)),
        lambda: setattr(net[3], "dilation", (2, 2)),
        lambda: setattr(net[0], "weight", nn.Parameter(net[0].weight.flip(0))),
        lambda: net.append(nn.MaxPool2d(2)),
        lambda: replace(1, nn.Identity()),
        lambda: setattr(net[3], "forward", lambda x: x[..., :-4, :-4].repeat(1, 1, 1, 1) * 2),
    ):
        change()
        scores = dense.predict(net, image)
        torch.testing.assert_close(scores, dense.predict(copy.deepcopy(net), image))
        assert not any(s.shape == scores.shape and torch.equal(s, scores) for s in seen)
        seen.append(scores)
    net.insert(1, nn.BatchNorm2d(6).double().train())
    with pytest.raises(ValueError, match=r"layer '1' is in training mode"):
        dense.predict(net, image)


def test_predict_keeps_no_net_alive_and_writes_over_nothing_that_is_read_again():
    net = nn.Sequential(small_net(2), nn.ReLU(), nn.ReLU())
    for layer in (net[0][0], net[0]):
        twin = nn.Sequential(layer, nn.Identity(), nn.ReLU())
        before = twin(picture(20, 20)).clone()
        dense.predict(twin, picture(20, 20))
        assert torch.equal(twin(picture(20, 20)), before)
        assert not twin[2].inplace
    gone = weakref.ref(twin)
    del twin
    gc.collect()
    assert gone() is None


# --- what images there are ------------------------------------------------------------------------


@pytest.mark.parametrize("way", [dense.coarse, *WAYS.values()], ids=["coarse", *WAYS])
def test_an_image_smaller_than_the_field_is_refused_with_both_sizes(way):
    with pytest.raises(ValueError, match="image is 17 x 40 pixels, smaller than the field of 18 x"):
        way(small_net(4), picture(17, 40))


@pytest.mark.parametrize("way", [dense.coarse, dense.predict, *list(WAYS.values())[:2]])
@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        ("cat.png", TypeError, "image is a str"),
        (torch.zeros(3, 40, 40), ValueError, r"image has shape \[3, 40, 40\].*image\[None\]"),
        (torch.zeros(1, 3, 0, 4), ValueError, "holds no pixel"),
        (torch.zeros(1, 3, 40, 40).byte(), TypeError, r"image is torch.uint8.*image.float\(\)"),
        (torch.zeros(1, 3, 40, 40), ValueError, "net is torch.float64 and image torch.float32"),
        (torch.zeros(1, 3, 40, 40, device="meta"), ValueError, "net is on cpu and image on meta"),
    ],
)
def test_what_is_no_image_is_refused_in_one_sentence(way, image, error, message):
    with pytest.raises(error, match=message):
        way(small_net(), image)


@pytest.mark.parametrize("way", [*WAYS.values(), dense.predict], ids=[*WAYS, "predict"])
def test_nan_reaches_exactly_the_scores_that_see_it(way):
    net, image = small_net(4), picture(40, 40)
    clean = way(net, image)
    image[..., 20, 20] = torch.nan
    scores = way(net, image)
    seen = scores.isnan()
    assert seen.any()
    assert not seen.all()
    torch.testing.assert_close(scores[~seen], clean[~seen])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("way", [*WAYS.values(), dense.predict], ids=[*WAYS, "predict"])
def test_half_precision_stays_half(way, dtype):
    net, image = small_net(4, dtype), picture(30, 33, dtype=dtype)
    scores = way(net, image)
    assert scores.dtype == dtype
    right = way(small_net(4), image.double())
    torch.testing.assert_close(scores.double(), right, rtol=0.05, atol=0.05)


def test_a_channels_last_image_gives_the_same_numbers():
    net, image = small_net(8), picture(61, 58, batch=2)
    packed = image.contiguous(memory_format=torch.channels_last)
    for way in (*WAYS.values(), dense.predict):
        torch.testing.assert_close(way(net, packed), way(net, image))


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_all_ways_agree_on_the_gpu():
    net, image = small_net(8).cuda(), picture(70, 81).cuda()
    maps = [way(net, image) for way in (*WAYS.values(),)]
    for scores in maps:
        assert scores.is_cuda
        torch.testing.assert_close(scores, maps[0], rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(scores.cpu(), dense.rarefy(small_net(8))(image.cpu()))
    assert dense.predict(net, image).shape[-2:] == (70, 81)
    with pytest.raises(ValueError, match="net is on cuda:0 and image on cpu"):
        dense.coarse(net, image.cpu())


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ([[1.0]], TypeError, "image is a list; give a float tensor"),
        (None, TypeError, "image is a NoneType"),
        (torch.zeros(1, 3, 9, 9).long(), TypeError, r"image is torch\.int64; give floats"),
        (torch.zeros(3, 9, 9), ValueError, r"image has shape \[3, 9, 9\]; give \[B, C, H, W\]"),
        (torch.zeros(0, 3, 9, 9), ValueError, "which holds no pixel"),
        (torch.zeros(1, 1, 9, 9), ValueError, "image has 1 channels, and net reads 3; give"),
        (torch.zeros(1, 3, 9, 9).double(), ValueError, r"image torch\.float64; convert one"),
        (torch.zeros(1, 3, 2, 9), ValueError, "image is 2 x 9 pixels, smaller than the field"),
    ],
)
def test_a_rarefied_net_speaks_of_a_wrong_image_in_words(wrong, error, message):
    net = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(), nn.Conv2d(4, 2, 1)).eval()
    with pytest.raises(error, match=message):
        dense.rarefy(net)(wrong)
