"""Random nets that go down and up again, for the laws of fields and tiles."""

import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch import nn


class Crop(nn.Module):
    """Cuts off rows and columns: a few before, a few behind."""

    def __init__(self, before, behind):
        super().__init__()
        self.before, self.behind = before, behind

    def forward(self, x):
        height, width = x.shape[-2:]
        rows = slice(self.before, height - self.behind)
        return x[..., rows, self.before : width - self.behind]


class Resize(nn.Module):
    """Interpolates by a factor, given as such or as a size."""

    def __init__(self, factor, mode, by_size):
        super().__init__()
        self.factor, self.mode, self.by_size = factor, mode, by_size

    def forward(self, x):
        if self.by_size:
            size = [side * self.factor for side in x.shape[-2:]]
            return F.interpolate(x, size=size, mode=self.mode)
        return F.interpolate(x, scale_factor=float(self.factor), mode=self.mode)


class Skip(nn.Module):
    """Down, something inside, and up; a skip joins at the top, cropped to what is there."""

    def __init__(self, channels, down, inside, up, add):
        super().__init__()
        self.down, self.inside, self.up, self.add = down, inside, up, add
        self.mix = nn.Conv2d(channels if add else 2 * channels, channels, 1)

    def forward(self, x):
        y = self.up(self.inside(self.down(x)))
        height, width = (min(a, b) for a, b in zip(x.shape[-2:], y.shape[-2:], strict=True))
        x, y = x[..., :height, :width], y[..., :height, :width]
        return self.mix(x + y if self.add else torch.cat([x, y], 1))


class Coarser(nn.Module):
    """Refuses an image that the strides do not divide, as many published nets do."""

    def __init__(self, net, by):
        super().__init__()
        self.net, self.by = net, by

    def forward(self, x):
        if any(side % self.by for side in x.shape[-2:]):
            raise ValueError(f"sides {tuple(x.shape[-2:])} are no multiples of {self.by}")
        return self.net(x)


@st.composite
def finer_nets(draw, linear=False, channels=2):
    """A net of random layers, float64, in eval mode; linear: without maxima and activations."""
    torch.manual_seed(draw(st.integers(0, 2**16)))
    layers = [
        layer
        for _ in range(draw(st.integers(1, 3)))
        for layer in draw(_part(channels, linear, deep=True))
    ]
    return nn.Sequential(*layers).double().eval()


@st.composite
def _part(draw, channels, linear, deep):
    kinds = ["conv", "conv", "pool", "transposed", "resize", "crop", "pad"]
    kind = draw(st.sampled_from([*kinds, "skip", "skip"] if deep else kinds))
    if kind == "conv":
        return [draw(_convolution(channels)), *([] if linear else [nn.ReLU(inplace=True)])]
    if kind == "pool":
        return [draw(_pool(linear))]
    if kind == "transposed":
        return [draw(_transposed(channels))]
    if kind == "resize":
        mode = draw(st.sampled_from(["nearest", "nearest-exact", "bilinear", "area"]))
        if not linear:
            mode = draw(st.sampled_from([mode, "bicubic"]))
        return [Resize(draw(st.integers(2, 3)), mode, draw(st.booleans()))]
    if kind == "crop":
        return [Crop(draw(st.integers(0, 2)), draw(st.integers(0, 2)))]
    if kind == "pad":
        sides = draw(st.tuples(*[st.integers(0, 2)] * 4))
        pads = [nn.ZeroPad2d, nn.ReplicationPad2d, nn.ReflectionPad2d]
        return [draw(st.sampled_from(pads))(sides)]
    by = draw(st.integers(2, 3))
    down = draw(st.sampled_from([nn.AvgPool2d(by), nn.Conv2d(channels, channels, by, by)]))
    if not linear:
        down = draw(st.sampled_from([down, nn.MaxPool2d(by, ceil_mode=True)]))
    up = [
        nn.ConvTranspose2d(channels, channels, by, by),
        Resize(by, draw(st.sampled_from(["nearest", "bilinear"])), draw(st.booleans())),
    ]
    inside = draw(_part(channels, linear, deep=False))
    return [
        Skip(
            channels,
            down,
            nn.Sequential(*inside) if keeps_stride(inside) else nn.Identity(),
            draw(st.sampled_from(up)),
            draw(st.booleans()),
        )
    ]


def keeps_stride(layers):
    """True if maps behind the layers have the stride of those before."""
    for layer in layers:
        if isinstance(layer, Resize) or getattr(layer, "stride", 1) not in (1, (1, 1)):
            return False
    return True


@st.composite
def _convolution(draw, channels):
    kernel = draw(st.integers(1, 4))
    return nn.Conv2d(
        channels,
        channels,
        (kernel, draw(st.integers(1, 3))),
        draw(st.integers(1, 2)),
        draw(st.integers(0, 2)),
        draw(st.integers(1, 2)),
        padding_mode=draw(st.sampled_from(["zeros", "reflect", "replicate"])),
    )


@st.composite
def _pool(draw, linear):
    kernel = draw(st.integers(1, 3))
    stride, padding = draw(st.integers(1, 3)), draw(st.integers(0, kernel // 2))
    ceil_mode = draw(st.booleans())
    if linear or draw(st.booleans()):
        return nn.AvgPool2d(kernel, stride, padding, ceil_mode, draw(st.booleans()))
    return nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil_mode)


@st.composite
def _transposed(draw, channels):
    stride, kernel = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    padding = draw(st.integers(0, min(1, kernel // 2)))
    extra = draw(st.integers(0, stride - 1))
    dilation = draw(st.integers(1, 2))
    return nn.ConvTranspose2d(channels, channels, kernel, stride, padding, extra, dilation=dilation)
