"""Random nets and images for the laws: small, but with every kind of layer there is a rule for."""

from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from torch import nn

from seglab.ops.dense import analyze


class Both(nn.Module):
    """Two branches that meet: added, or joined over the channels."""

    def __init__(self, one, other, add):
        super().__init__()
        self.one, self.other, self.add = one, other, add

    def forward(self, x):
        a, b = self.one(x), self.other(x)
        return a + b if self.add else torch.cat([a, b], dim=1)


@dataclass
class Case:
    net: nn.Module
    image: torch.Tensor

    @property
    def stride(self):
        return analyze(self.net).up_to().output().stride

    def __repr__(self):
        return f"{self.net}\nimage {tuple(self.image.shape)}, stride {self.stride}"


@st.composite
def cases(draw, padded=False, dtype=torch.float64, most=9):
    """A net of random layers and an image that holds its field; strides up to `most`."""
    torch.manual_seed(draw(st.integers(0, 2**16)))
    layers, channels, room = [], 2, {"stride": [most, most], "reach": 24, "most": most}
    for _ in range(draw(st.integers(1, 5))):
        layer, channels = draw(_layers(channels, padded, room))
        layers.append(layer)
    net = nn.Sequential(*layers).to(dtype).eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    smallest = analyze(net).grid.checked().smallest
    extra = draw(st.tuples(st.integers(0, 9), st.integers(0, 9)))
    size = [max(1, least) + more for least, more in zip(smallest, extra, strict=True)]
    image = torch.randn(draw(st.integers(1, 2)), 2, *size, dtype=dtype)
    return Case(net, image)


@st.composite
def _layers(draw, channels, padded, room):
    kind = draw(st.sampled_from(["conv", "conv", "max", "max", "avg", "norm", "branch", "pools"]))
    window = draw(_windows(padded, room))
    out = draw(st.sampled_from([channels, 2, 4]))
    if kind == "conv":
        groups = 2 if draw(st.booleans()) and channels % 2 == out % 2 == 0 else 1
        return _convolution(channels, out, window, groups), out
    if kind == "max":
        return _max_pool(window, draw(st.booleans()) and padded), channels
    if kind == "avg":
        ceil_mode = draw(st.booleans()) and padded
        return _avg_pool(window, ceil_mode, draw(st.booleans())), channels
    if kind == "branch":
        one = nn.Sequential(_convolution(channels, out, window), nn.ReLU(inplace=True))
        other = _convolution(channels, out, window)
        add = draw(st.booleans())
        return Both(one, other, add), out if add else 2 * out
    if kind == "pools":
        window["dilation"] = (1, 1)
        pools = _max_pool(window, False), _avg_pool(window, False, True)
        add = draw(st.booleans())
        return Both(*pools, add), channels if add else 2 * channels
    norm = nn.BatchNorm2d(channels)
    activation = draw(st.sampled_from([nn.ReLU(), nn.Sigmoid(), nn.LocalResponseNorm(2)]))
    return nn.Sequential(norm, activation, nn.Dropout()), channels


@st.composite
def _windows(draw, padded, room):
    kernel = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    dilation = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    half = [k // 2 for k in kernel]
    padding = draw(st.tuples(*(st.integers(0, h) for h in half))) if padded else (0, 0)
    stride = tuple(s if s <= left else 1 for s, left in zip(stride, room["stride"], strict=True))
    room["stride"] = [left // s for left, s in zip(room["stride"], stride, strict=True)]
    spread = [room["most"] // left for left in room["stride"]]
    cost = max(d * (k - 1) * f for d, k, f in zip(dilation, kernel, spread, strict=True))
    if cost > room["reach"]:
        kernel, dilation, padding = (1, 1), (1, 1), (0, 0)
    else:
        room["reach"] -= cost
    return {"kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding}


def _convolution(channels, out, window, groups=1):
    w = window
    return nn.Conv2d(
        channels, out, w["kernel"], w["stride"], w["padding"], w["dilation"], groups=groups
    )


def _max_pool(window, ceil_mode):
    w = window
    return nn.MaxPool2d(w["kernel"], w["stride"], w["padding"], w["dilation"], ceil_mode=ceil_mode)


def _avg_pool(window, ceil_mode, include):
    w = window
    return nn.AvgPool2d(
        w["kernel"], w["stride"], w["padding"], ceil_mode, count_include_pad=include
    )
