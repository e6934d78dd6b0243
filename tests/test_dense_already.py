"""Nets that answer for every pixel by themselves, and advice in refusals that works."""

import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torchvision import models
from torchvision.models import segmentation

import seglab
from seglab.nets.fcn import FCN
from seglab.nets.unet import UNet
from seglab.ops import dense, receptive_field


@pytest.fixture(autouse=True)
def _no_gradients():
    torch.manual_seed(0)
    with torch.no_grad():
        yield


def picture(height=37, width=30):
    return torch.rand(1, 3, height, width)


class Small(nn.Module):
    """A U-Net of one skip that tests in its forward whether the two maps are equally large."""

    def __init__(self, meeting):
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.up, self.head = nn.ConvTranspose2d(4, 4, 2, 2), nn.Conv2d(8, 2, 1)
        self.meeting = meeting

    def forward(self, x):
        a = self.one(x)
        b = self.up(self.two(F.max_pool2d(a, 2)))
        if self.meeting != "never tested" and b.shape != a.shape:
            right, bottom = a.shape[-1] - b.shape[-1], a.shape[-2] - b.shape[-2]
            if self.meeting == "padded":
                b = F.pad(b, (0, right, 0, bottom))
            elif self.meeting == "enlarged":
                b = F.interpolate(b, size=a.shape[-2:])
            else:
                a = a[..., : b.shape[-2], : b.shape[-1]]
        return self.head(torch.cat([a, b], dim=1))


class Entry(nn.Module):
    """One entry of a net that returns several."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)["out"]


class Cropping(nn.Module):
    """A coarse net that torch.fx cannot trace, since it tests a size."""

    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(3, 4, 3, stride=2)

    def forward(self, x):
        return self.features(x[..., :-1] if x.shape[-1] % 2 else x)


def of_torchvision(name):
    net = getattr(segmentation, name)(weights=None, weights_backbone=None, num_classes=3)
    return net.eval()


DENSE = {
    "U-Net": lambda: UNet(3, widths=(4, 6, 8)),
    "U-Net without padding": lambda: UNet(3, padding="valid", join="sum", widths=(4, 6, 8)),
    "FCN-8s": lambda: FCN(8, 3),
    "padded skip": lambda: Small("padded"),
    "enlarged": lambda: Small("enlarged"),
    "LR-ASPP": lambda: Entry(of_torchvision("lraspp_mobilenet_v3_large")),
    "DeepLab": lambda: Entry(of_torchvision("deeplabv3_mobilenet_v3_large")),
    "norm over the image": lambda: nn.Sequential(nn.Conv2d(3, 4, 1), nn.InstanceNorm2d(4)),
    "in place": lambda: nn.Sequential(nn.ReLU(inplace=True), nn.GroupNorm(1, 3)),
    "compiled": lambda: torch.compile(Small("padded"), backend="eager"),
}


@pytest.mark.parametrize("name", DENSE)
def test_a_net_that_is_dense_already_answers_by_itself(name):
    net, image = DENSE[name]().eval(), picture() - 0.5
    before = image.clone()
    scores = dense.predict(net, image)
    assert scores.shape[-2:] == image.shape[-2:]
    assert torch.equal(image, before)
    assert torch.equal(scores, net(image))


@pytest.mark.parametrize("meeting", ["cropped", "never tested"])
def test_a_net_that_is_dense_on_even_sides_only_is_taken_there_only(meeting):
    net = Small(meeting).eval()
    image = picture(36, 30)
    assert torch.equal(dense.predict(net, image), net(image))
    what = r"returns a tensor of shape \[1, 2, 36, 30\]" if meeting == "cropped" else "fails on"
    with pytest.raises(ValueError, match=f"as it is the net {what}"):
        dense.predict(net, picture(37, 30))


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (
            Cropping(),
            r"net=Cropping cannot be traced.*\[1, 4, 18, 14\], not a score for",
        ),
        (nn.Sequential(nn.Conv2d(3, 2, 3, 2), nn.ConvTranspose2d(2, 2, 3)), r"'1' is a transposed"),
        (of_torchvision("fcn_resnet50"), "the entries 'out'.*module around it that returns one of"),
    ],
    ids=["cropping", "transposed", "entries"],
)
def test_what_is_not_dense_is_refused_with_what_it_returns(net, message):
    with pytest.raises(ValueError, match=message):
        dense.predict(net.eval(), picture())


@pytest.mark.parametrize("method", ["atrous", "fragments", "shift_and_stitch", "sliding_window"])
def test_a_way_that_is_asked_for_by_name_is_not_replaced(method):
    with pytest.raises(ValueError, match="net=UNet cannot be traced"):
        dense.predict(UNet(3, widths=(4, 6)), picture(), method)


def test_a_net_in_training_mode_does_not_run():
    net = UNet(3, widths=(4, 6), batch_norm=True)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with pytest.raises(
        ValueError, match=r"layer 'down\..*' is in training mode; call net.eval\(\)"
    ):
        dense.predict(net, picture())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    net.eval()
    assert dense.predict(net, picture()).shape[-2:] == (37, 30)


@pytest.mark.parametrize(
    "wrapped",
    [lambda net: torch.compile(net, backend="eager"), nn.DataParallel],
    ids=["compiled", "shared"],
)
def test_a_wrapped_net_is_the_net_inside(wrapped):
    layers = nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.Conv2d(4, 2, 3)
    net, image = nn.Sequential(*layers).eval(), picture()
    twin = wrapped(net)
    assert receptive_field.trace(twin) == receptive_field.trace(net)
    for method in ("auto", "atrous", "fragments", "shift_and_stitch", "sliding_window"):
        torch.testing.assert_close(
            dense.predict(twin, image, method), dense.predict(net, image, method)
        )
    assert {id(p) for p in dense.rarefy(twin).parameters()} == {id(p) for p in net.parameters()}


# --- advice that is followed ----------------------------------------------------------------------


def advice(call):
    """The remedy of a refusal: what stands behind its last semicolon."""
    with pytest.raises(ValueError, match="; ") as refusal:
        call()
    return str(refusal.value).rpartition("; ")[2]


def followed(remedy, net):
    """The value of the expression that a remedy ends with."""
    names = {"net": net, "seglab": seglab, "rarefy": dense.rarefy}
    return eval(re.search(r"(?:as in|alone,) (.*)$", remedy).group(1), names)


CLASSIFIER = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
NO_DENSE_FORM = {
    "transposed": lambda: nn.Sequential(nn.Conv2d(3, 2, 3, 2), nn.ConvTranspose2d(2, 2, 3)),
    "pooled": lambda: nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.ReLU(), *CLASSIFIER),
    "reshaped": lambda: nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.MaxPool2d(2), *CLASSIFIER[1:]),
    "squeezed": lambda: models.mobilenet_v3_small(weights=None).features[:2],
    "U-Net": lambda: Small("never tested"),
    "permuted": lambda: models.convnext_tiny(weights=None).features[:2],
}


@pytest.mark.parametrize("name", NO_DENSE_FORM)
def test_the_layer_to_end_at_is_one_where_the_net_can_end(name):
    net, image = NO_DENSE_FORM[name]().eval(), picture()
    for way in (
        lambda: dense.predict(net, image),
        lambda: dense.fragments(net, image),
        lambda: dense.sliding_window(net, image),
        lambda: dense.cost(net, (37, 30), "atrous"),
    ):
        shorter = followed(advice(way), net)
        few, (fy, fx) = shorter(image), receptive_field.of(shorter).stride
        torch.testing.assert_close(dense.fragments(shorter, image)[..., ::fy, ::fx], few)
        assert dense.predict(shorter, image).shape[-2:] == (37, 30)
    atrous = followed(advice(lambda: dense.rarefy(net)), net)
    torch.testing.assert_close(atrous(image)[..., ::fy, ::fx], few)


def test_the_pieces_of_a_map_are_no_place_to_end():
    class Gated(nn.Module):
        def forward(self, x):
            a, b = torch.chunk(x * 2, 2, dim=1)
            return F.interpolate(a * torch.sigmoid(b), scale_factor=0.5)

    class Split(nn.Module):
        def forward(self, x):
            return torch.chunk(x * 2, 2, dim=1)[0].cumsum(3)

    image = torch.rand(1, 4, 12, 12)
    for net in (Gated(), Split()):
        shorter = followed(advice(lambda n=net: dense.fragments(n, image)), net)
        assert dense.predict(shorter, image).ndim == 4


def test_stitching_names_where_a_classifier_can_end():
    net = NO_DENSE_FORM["pooled"]().eval()
    for call in (
        lambda: dense.shift_and_stitch(net, picture()),
        lambda: dense.dense_size(net, (37, 30)),
    ):
        shorter = followed(advice(call), net)
        assert dense.shift_and_stitch(shorter, picture()).shape == (1, 4, 35, 28)


def test_several_maps_are_cut_down_to_one():
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Conv2d(3, 4, 3, 2), nn.Conv2d(4, 5, 3)

        def forward(self, x):
            x = self.one(x)
            return {"one": x, "two": self.two(x)}

    net = Both()
    with pytest.raises(ValueError, match="the net returns a dict; one map") as refusal:
        dense.predict(net, picture())
    shorter = followed(str(refusal.value), net)
    assert dense.predict(shorter, picture()).shape == (1, 5, 37, 30)


def test_the_part_that_is_named_exists_and_can_be_read():
    net = Cropping()
    part = followed(advice(lambda: receptive_field.trace(net)), net)
    assert part is net.features
    assert "net." not in advice(lambda: receptive_field.trace(UNet(3, widths=(4, 6))))


def test_scripted_and_half_compiled_nets_are_told_what_they_were():
    with pytest.warns(FutureWarning, match="deprecated"):
        scripted = torch.jit.trace(nn.Conv2d(3, 2, 3, 2), picture(), check_trace=False)
    assert advice(lambda: receptive_field.of(scripted)) == "give the net that it was scripted from"
    half = nn.Sequential(torch.compile(nn.Conv2d(3, 2, 3), backend="eager"))
    assert advice(lambda: receptive_field.of(half)) == "give the net as it was before torch.compile"


def test_padding_by_predict_is_advised_where_predict_takes_the_net():
    net = nn.Sequential(nn.Conv2d(3, 2, 5, 2), nn.Conv2d(2, 2, 3)).eval()
    assert "predict" in advice(lambda: dense.coarse(net, picture(4, 4)))
    assert dense.predict(net, picture(4, 4)).shape[-2:] == (4, 4)
    net.insert(1, nn.InstanceNorm2d(2))
    assert advice(lambda: dense.coarse(net, picture(4, 4))) == "give a larger image"
