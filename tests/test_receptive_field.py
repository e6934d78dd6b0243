"""Fields by arithmetic, against the literature and against the gradient."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import cases
from torch import nn
from torchvision import models
from torchvision.models.feature_extraction import get_graph_node_names

from seglab.ops import receptive_field
from seglab.ops.receptive_field import ReceptiveField


def untrained(name):
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return getattr(models, name)(weights=None, **options).eval()


@pytest.mark.parametrize(
    ("name", "layer", "size", "stride"),
    [  # Araujo, Norris and Sim (2019); ResNets have their stride in the 3x3 here, and no last pool
        ("alexnet", "features.12", 195, 32),
        ("vgg16", "features.30", 212, 32),
        ("resnet18", "layer4", 435, 32),
        ("resnet50", "layer4.2.conv3", 427, 32),
        ("inception_v3", "Mixed_7c", 1311, 32),
        ("densenet121", "features", 2071, 32),
        ("googlenet", "inception5b", 379, 32),
        ("mobilenet_v2", "features", 491, 32),
    ],
)
def test_known_nets_have_their_published_fields(name, layer, size, stride):
    field = receptive_field.of(untrained(name), layer)
    assert (field.size, field.stride) == ((size, size), (stride, stride))


def test_vgg16_sees_404_pixels_after_fc6():
    with torch.device("meta"):  # no weights are needed
        features = models.vgg16(weights=None).features
        field = receptive_field.of(nn.Sequential(*features, nn.Conv2d(512, 4096, 7)))
    assert (field.size, field.stride, field.padding) == ((404, 404), (32, 32), (90, 90))
    assert field.center(0, 0) == (111.5, 111.5)
    assert field.center(1, 2) == (143.5, 175.5)
    assert field.box(0, 1) == (-90, -58, 313, 345)


@pytest.mark.parametrize(
    "name", ["alexnet", "resnet18", "densenet121", "googlenet", "inception_v3"]
)
def test_names_are_torchvisions_in_order(name):
    net = untrained(name)
    theirs = get_graph_node_names(net, suppress_diff_warning=True)[1]
    ours = list(receptive_field.trace(net))
    assert [n for n in theirs if n in ours] == ours
    assert not {"avgpool", "flatten", "fc", "classifier"}.intersection(ours)


def test_no_layer_means_the_last_that_has_a_grid():
    net = untrained("resnet18")
    assert receptive_field.of(net) == receptive_field.of(net, "layer4")
    assert receptive_field.of(nn.Conv2d(3, 4, (3, 5), (2, 1), (1, 0))) == ReceptiveField(
        size=(3, 5), stride=(2, 1), padding=(1, 0), origin=(0.0, 2.0)
    )


@pytest.mark.parametrize(
    ("schedule", "size"), [((1,), 3), ((1, 2), 7), ((1, 2, 4), 15), ((1, 2, 4, 8), 31)]
)
def test_doubled_dilations_double_the_field(schedule, size):
    net = nn.Sequential(*(nn.Conv2d(1, 1, 3, dilation=d) for d in schedule))
    assert receptive_field.of(net).size == (size, size)


def test_squeeze_and_excitation_sees_the_whole_image():
    fields = receptive_field.trace(untrained("mobilenet_v3_large"))
    assert fields["features.3.block.1.0"].size == (19, 19)
    squeezed = fields["features.4.block.2.mul"]
    assert squeezed.size == (math.inf, math.inf)
    assert squeezed.stride == (8, 8)
    assert squeezed.center(2, 3) == (16.0, 24.0)
    assert "features.4.block.2.avgpool" not in fields


class Branches(nn.Module):
    def __init__(self, one, other):
        super().__init__()
        self.one, self.other, self.head = one, other, nn.Conv2d(1, 1, 1)

    def forward(self, x):
        return self.head(self.one(x) + self.other(x))


def test_branches_see_the_union_of_their_fields():
    net = Branches(nn.Conv2d(1, 1, 3, 2, 1), nn.Conv2d(1, 1, (7, 1), 2, (3, 0)))
    field = receptive_field.of(net)
    assert (field.size, field.stride, field.padding) == ((7, 3), (2, 2), (3, 1))


@pytest.mark.parametrize(
    "other", [nn.Conv2d(1, 1, 3, 1, 1), nn.Conv2d(1, 1, 3, 2, 0)], ids=["stride", "center"]
)
def test_misaligned_branches_are_named(other):
    net = Branches(nn.Conv2d(1, 1, 3, 2, 1), other)
    with pytest.raises(ValueError, match="meet at layer 'add' are not aligned"):
        receptive_field.trace(net)
    assert receptive_field.of(net, "one").stride == (2, 2)  # before they meet all is well


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("fc", "layer='fc' has no grid of positions.*'avgpool' pools over the whole image"),
        ("layer4.1.conv9", "layer='layer4.1.conv9' is not in the net; near names are .*conv2'"),
        ("layer5", "layer='layer5'.*'layer4'"),
    ],
)
def test_layers_without_a_field_are_refused(layer, message):
    with pytest.raises(ValueError, match=message):
        receptive_field.of(untrained("resnet18"), layer)


def test_what_is_no_traceable_net_is_refused():
    class Branching(nn.Module):
        def forward(self, x):
            return x if x.sum() > 0 else -x

    with pytest.raises(ValueError, match=r"net=Branching cannot be traced by torch.fx"):
        receptive_field.of(Branching())
    with pytest.raises(TypeError, match="net is a str"):
        receptive_field.trace("vgg16")
    up = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ConvTranspose2d(1, 1, 2, 2))
    with pytest.raises(ValueError, match="layer '1' is a transposed convolution"):
        receptive_field.trace(up)
    assert receptive_field.of(up, "0").size == (3, 3)


def linearised(net):
    """All weights positive and no activation: every pixel of the field then counts."""
    for module in net.modules():
        for parameter in module.parameters(recurse=False):
            parameter.data = parameter.data.abs() + 0.1
    return net


def extent(gradient, axis):
    touched = (gradient > 0).any(dim=1 - axis).nonzero()
    return int(touched.min()), int(touched.max())


@settings(deadline=None, derandomize=True, max_examples=60)
@given(cases(padded=True, most=4))
def test_the_gradient_reaches_as_far_as_the_arithmetic_says(case):
    net = nn.Sequential(*(m for m in case.net if not isinstance(m, nn.MaxPool2d)))
    field = receptive_field.of(net) if len(net) else None
    if field is None or any(isinstance(m, nn.MaxPool2d) for m in net.modules()):
        return
    linearised(net)
    size = [3 * int(r) + 2 * s for r, s in zip(field.size, field.stride, strict=True)]
    image = torch.rand(1, 2, *size, dtype=torch.float64)
    at = tuple(n // 2 for n in net(image).shape[-2:])
    gradient = receptive_field.measured(net, image, at)
    top, left, bottom, right = field.box(*at)
    assert extent(gradient, 0) == (top, bottom)
    assert extent(gradient, 1) == (left, right)


def test_measured_stops_at_a_layer_and_leaves_no_trace():
    net, image = linearised(untrained("alexnet")), torch.rand(2, 3, 127, 150)
    field = receptive_field.of(net, "features.3")
    gradient = receptive_field.measured(net, image, (7, 8), "features.3")
    assert gradient.shape == (127, 150)
    top, left, bottom, right = field.box(7, 8)
    assert (extent(gradient, 0), extent(gradient, 1)) == ((top, bottom), (left, right))
    assert all(parameter.grad is None for parameter in net.parameters())
    assert not image.requires_grad


def test_measured_without_a_layer_takes_the_last_grid():
    net, image = untrained("alexnet"), torch.rand(1, 3, 80, 80)
    last = receptive_field.measured(net, image, (0, 0))
    assert torch.equal(last, receptive_field.measured(net, image, (0, 0), "features"))


@pytest.mark.parametrize("at", [(6, 0), (0, 6), (-1, 0)])
def test_measured_checks_the_position(at):
    with pytest.raises(ValueError, match=r"at=\(.*rows 0 to 5 and columns 0 to 5"):
        receptive_field.measured(nn.Conv2d(1, 1, 3), torch.rand(1, 1, 8, 8), at)


# cells

laws = settings(deadline=None, derandomize=True, max_examples=60)
fields = st.builds(
    ReceptiveField,
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    stride=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    padding=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    origin=st.tuples(*[st.integers(-6, 6).map(lambda n: n / 2)] * 2),
)
pixels = st.tuples(st.integers(0, 20), st.integers(0, 20))


def test_a_cell_by_hand():
    field = ReceptiveField((7, 7), (4, 2), (1, 1), (2, 2))
    assert field.cell(0, 0) == (0.5, 1.5, 3.5, 2.5)
    assert field.cell(1, 3) == (4.5, 7.5, 7.5, 8.5)
    assert field.unit_at((4, 2)) == (1, 0)  # row 4 lies on the edge of two cells: the later one


@laws
@given(fields, pixels)
def test_every_pixel_lies_in_the_cell_of_its_unit_and_of_no_earlier_one(field, pixel):
    top, left, bottom, right = field.cell(*field.unit_at(pixel))
    assert top - 0.5 <= pixel[0] < bottom + 0.5
    assert left - 0.5 <= pixel[1] < right + 0.5


@laws
@given(fields, pixels, st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_the_units_over_a_pixel_are_those_whose_box_holds_it(field, pixel, size):
    boxes = [field.box(u, v) for u in range(size[0]) for v in range(size[1])]
    row, column = pixel
    over = sum(t <= row <= b and left <= column <= r for t, left, b, r in boxes)
    assert field.units_over(pixel, size) == over


@pytest.mark.parametrize("layer", [None, "2"])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (4, 3)])
def test_an_image_below_a_field_is_refused_in_words(layer, size):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3)).eval()
    with pytest.raises(ValueError, match=rf"image is {size[0]} x {size[1]} pixels.*5 x 5"):
        receptive_field.measured(net, torch.rand(1, 3, *size), (0, 0), layer)


def test_an_image_of_one_pixel_has_a_gradient_of_one_pixel():
    net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 2, 1)).eval()
    one = receptive_field.measured(net, torch.rand(1, 3, 1, 1), (0, 0))
    with torch.no_grad():
        expected = (net[1].weight.sum(0).flatten() @ net[0].weight[:, :, 1, 1]).abs().sum()
    assert one.shape == (1, 1)
    assert float(one) == pytest.approx(float(expected), rel=1e-5)
