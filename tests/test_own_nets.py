"""seglab.nets.own: what a lab can use is made ready, all else is refused with layer and reason."""

import copy

import pytest
import torch
from torch import nn

from seglab import device
from seglab.nets import own, textures
from seglab.nets.unet import UNet
from seglab.ops import dense, receptive_field

IMAGE = torch.rand(1, 3, 40, 44, generator=torch.Generator().manual_seed(0))


def hooks_of(net):
    """Number of hooks that torch runs before each layer."""
    return [len(layer._forward_pre_hooks) for layer in net.modules()]


class Residual(nn.Module):
    """Five classes at stride 2, with a skip around two convolutions."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU())
        self.body = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.Dropout(), nn.ReLU())
        self.scores = nn.Conv2d(8, 5, 1)

    def forward(self, x):
        x = self.stem(x)
        return self.scores(x + self.body(x))


class Small(nn.Module):
    """A U-Net of one step down and one up."""

    def __init__(self):
        super().__init__()
        self.down, self.pool = nn.Conv2d(3, 4, 3, padding=1), nn.MaxPool2d(2)
        self.mid, self.up = nn.Conv2d(4, 4, 3, padding=1), nn.ConvTranspose2d(4, 4, 2, 2)
        self.out = nn.Conv2d(8, 2, 1)

    def forward(self, x):
        skip = self.down(x)
        return self.out(torch.cat([skip, self.up(self.mid(self.pool(skip)))], 1))


class Named(nn.Module):
    """Scores by name, as torchvision's nets give them."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)

    def forward(self, x):
        return {"out": self.conv(x)}


class Moody(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)

    def forward(self, x):
        return self.conv(x) if x.sum() > 0 else self.conv(-x)


def with_head():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 62 * 62, 6))


def test_a_residual_net_is_made_ready():
    net = Residual().train()
    found = own.usable(net)
    assert not any(layer.training for layer in found.net.modules())
    assert not any(weight.requires_grad for weight in found.net.parameters())
    assert next(found.net.parameters()).device.type == device.default().type
    assert found.classes == ("class 0", "class 1", "class 2", "class 3", "class 4")
    assert found.field == receptive_field.of(net)
    assert found.output_stride == (2, 2)
    assert found.layer == "scores"
    image = IMAGE.to(device.default())
    assert dense.predict(found.net, image).shape == (1, len(found.classes), 40, 44)


def test_the_students_net_stays_as_it_is():
    net = Residual().train()
    before = copy.deepcopy(net.state_dict())
    found = own.usable(net)
    assert all(layer.training for layer in net.modules())
    assert all(weight.requires_grad for weight in net.parameters())
    assert not any(hooks_of(net))
    with torch.no_grad():
        next(found.net.parameters()).zero_()
    assert all(torch.equal(before[key], value) for key, value in net.state_dict().items())


def test_a_net_of_the_course_is_usable_and_keeps_its_numbers():
    net = textures.pretrained(8)
    found = own.usable(net)
    image = torch.rand(1, 3, 64, 64)
    assert torch.equal(found.net(image), net(image))
    assert found.output_stride == (8, 8)
    assert len(found.classes) == len(textures.CLASSES)


def test_of_a_compiled_net_the_net_inside_is_taken():
    net = Residual()
    found = own.usable(torch.compile(net, backend="eager"))
    assert isinstance(found.net, Residual)
    assert len(found.classes) == 5


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (Small, "layer 'up' is a transposed convolution"),
        (with_head, "layer '2' flattens the grid, which has no exact dense form"),
        (lambda: nn.Sequential(nn.Conv2d(1, 4, 3)), "layer '0' has in_channels=1 and is given 3"),
        (
            lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(5, 2, 1)),
            "layer '1' has in_channels=5 and",
        ),
        (lambda: UNet(3, widths=(4, 8)), "net=UNet cannot be traced by torch.fx"),
        (Moody, "net=Moody cannot be traced by torch.fx"),
        (Named, r"the net returns a dict; one map of scores is wanted: cut the net at the layer"),
        (lambda: nn.Sequential(nn.Conv2d(3, 2, 3, (2, 1))), "layer '0' steps 2 pixels down and 1"),
        (lambda: nn.Sequential(nn.LazyConv2d(4, 3)), "layer '0' has no weights yet; run the net"),
        (lambda: Residual().double(), r"layer 'stem\.0' has weights of torch\.float64"),
        (
            lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(5)),
            "does not go through the net: layer '1' stops",
        ),
    ],
)
def test_what_a_lab_cannot_use_is_refused_with_layer_and_reason_and_left_alone(make, told):
    net = make().train()
    list(net.modules())[-1].eval()
    modes = [layer.training for layer in net.modules()]
    hooks = hooks_of(net)
    with pytest.raises(ValueError, match=told) as error:
        own.usable(net)
    assert "\n" not in str(error.value)
    assert [layer.training for layer in net.modules()] == modes
    assert hooks_of(net) == hooks


def test_for_receptive_fields_alone_a_head_of_any_kind_will_do():
    found = own.usable(with_head(), dense=False)
    assert (found.layer, found.field.size) == ("1", (3, 3))
    assert found.classes == ("class 0", "class 1", "class 2", "class 3")
    with pytest.raises(ValueError, match="layer 'up' is a transposed convolution"):
        own.usable(Small(), dense=False)
    with pytest.raises(ValueError, match="layer '0' has in_channels=1"):
        own.usable(nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten()), dense=False)


@pytest.mark.parametrize("padding", [0, 10])
def test_a_wide_field_gets_a_picture_that_is_large_enough(padding):
    layers = [nn.Conv2d(3 if k == 0 else 2, 2, 21, 1, padding) for k in range(5)]
    net = nn.Sequential(*layers, nn.MaxPool2d(3))
    found = own.usable(net)
    assert found.field.size == (103, 103)
    assert found.output_stride == (3, 3)


@pytest.mark.parametrize(
    ("thing", "told"),
    [(Residual, r"net=Residual is a class of nets; give a net, Residual\(\)"), ("unet", "a str")],
)
def test_what_is_no_net_is_refused(thing, told):
    with pytest.raises(TypeError, match=told):
        own.usable(thing)
