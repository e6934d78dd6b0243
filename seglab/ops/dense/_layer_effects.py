"""Effects of single layers on the grid of positions: windows, padding, or none."""

from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from seglab.ops.dense._taps import Taps
from seglab.types import Size

CHANNELS = (1, -3)  # the ways to name the axis of channels of [B, C, H, W]


@dataclass(frozen=True)
class Window:
    """Looks at one window of its input for every output: a convolution or a pool."""

    kind: Literal["convolution", "max_pool", "avg_pool"]
    module: Any  # the torch.nn layer itself: its weights, groups, divisor
    kernel_size: Size
    stride: Size
    dilation: Size
    before: Size  # padding (top, left)
    after: Size  # padding (bottom, right); ceil_mode is nothing but more of it
    mode: str = "zeros"

    @property
    def reach(self) -> Size:
        """Pixels from a window's first tap to its last."""
        return tuple(  # type: ignore[return-value]
            d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)
        )


@dataclass(frozen=True)
class Pad:
    """Pads explicitly; negative amounts crop."""

    before: Size
    after: Size
    mode: str
    value: float


@dataclass(frozen=True)
class Pointwise:
    """Works at every position alone, unless `unsteady` says why one answer is not the next."""

    unsteady: str = ""


@dataclass(frozen=True)
class GlobalContext:
    """Keeps the grid, and lets every position see the whole image."""

    reason: str


@dataclass(frozen=True)
class Flattened:
    """Ends the grid of positions, at the layer `where`."""

    reason: str
    where: str


@dataclass(frozen=True)
class Unknown:
    """Has no rule here, or no one window for every position."""

    reason: str


@dataclass(frozen=True)
class Resampled(Unknown):
    """Makes a finer grid, or another one, by known taps; `reason` says why not one window fits."""

    rows: Taps
    columns: Taps
    mirrored: bool = False  # continues its input by mirror images


@dataclass(frozen=True)
class Unresampled(Unknown):
    """Makes another grid in a way that no taps describe."""


@dataclass(frozen=True)
class NonSpatial:
    """Gives no map of positions: a size, a constant."""


Op = Window | Pad | Pointwise | GlobalContext | Flattened | Unknown | NonSpatial


def convolution(module: nn.Conv2d) -> Window:
    """The window of a convolution, its padding spelled out as pixels on each side."""
    kernel, stride = pair(module.kernel_size), pair(module.stride)
    dilation = pair(module.dilation)
    if module.padding == "same":
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        before = (total[0] // 2, total[1] // 2)  # torch puts the odd pixel right and bottom
        after = (total[0] - before[0], total[1] - before[1])
    else:
        before = after = (0, 0) if module.padding == "valid" else pair(module.padding)
    mode = module.padding_mode
    return Window("convolution", module, kernel, stride, dilation, before, after, mode)


def pool(module: Any) -> Op:
    """The window of a pool. In ceil mode it may start anywhere inside input or left padding: that
    is floor mode with min(stride - 1, reach - padding) more pixels on the right.
    """
    kernel = pair(module.kernel_size)
    stride = kernel if module.stride is None or module.stride == [] else pair(module.stride)
    before = pair(module.padding)
    largest = isinstance(module, nn.MaxPool2d)
    dilation = pair(module.dilation) if largest else (1, 1)
    if largest and module.return_indices:
        return Unknown("returns the indices of its maxima, which are places in the input")
    extra = [
        min(s - 1, d * (k - 1) - p) if module.ceil_mode else 0
        for k, s, p, d in zip(kernel, stride, before, dilation, strict=True)
    ]
    after = (before[0] + extra[0], before[1] + extra[1])
    kind: Literal["max_pool", "avg_pool"] = "max_pool" if largest else "avg_pool"
    return Window(kind, module, kernel, stride, dilation, before, after)


def pair(value: Any) -> Size:
    """(height, width) of torch's 'one number or two'."""
    if isinstance(value, int):
        return value, value
    first, *rest = value
    return int(first), int(rest[0] if rest else first)


def pad_layer(module: nn.Module) -> Op:
    """The padding of a padding layer."""
    padding: Any = module.padding
    left, right, top, bottom = (padding,) * 4 if isinstance(padding, int) else padding
    kinds = {"Reflection": "reflect", "Replication": "replicate", "Circular": "circular"}
    mode = next((m for word, m in kinds.items() if word in type(module).__name__), "constant")
    value = float(getattr(module, "value", 0.0))
    return Pad((top, left), (bottom, right), mode, value)


def pad_call(pad: Any, mode: str = "constant", value: float | None = None) -> Op:
    """The padding of a call of torch.nn.functional.pad."""
    sides = (*pad, 0, 0, 0, 0)[: max(4, len(pad))]
    if not all(isinstance(side, int) for side in sides):
        return Unknown("pads by an amount that depends on the size of its input")
    if any(sides[4:]):
        return Unknown("pads the channels")
    left, right, top, bottom = sides[:4]
    return Pad((top, left), (bottom, right), mode, float(value or 0.0))


def softmax(dim: Any) -> Op:
    """The effect of a softmax: over the classes it keeps positions apart, any other does not."""
    if dim in CHANNELS:
        return Pointwise()
    return GlobalContext(f"takes a softmax over dim={dim}, not over the classes (dim=1)")


TRAINING = "is in training mode; call net.eval() first"
BATCH = "normalises over its batch; train it with track_running_stats=True first"
_RANDOM = (nn.Dropout, nn.Dropout2d, nn.AlphaDropout, nn.FeatureAlphaDropout, nn.RReLU)
# torchvision's own, by name: importing it takes two seconds, which the first picture would wait.
FROZEN_NORM, STOCHASTIC_DEPTH = "FrozenBatchNorm2d", "StochasticDepth"


def of_torchvision(module: nn.Module, *names: str) -> bool:
    """True if the module is one of torchvision's layers of these names."""
    return type(module).__name__ in names and type(module).__module__.startswith("torchvision.")


def is_random(module: nn.Module) -> bool:
    """True if the layer draws random numbers while it is in training mode."""
    return isinstance(module, _RANDOM) or of_torchvision(module, STOCHASTIC_DEPTH)


def unsteady(module: nn.Module) -> str:
    """The reason why a layer gives another answer each time, with the remedy; "" if it does not."""
    if isinstance(module, nn.BatchNorm2d):
        if module.training:
            return TRAINING
        return "" if module.running_mean is not None else BATCH
    return TRAINING if module.training and is_random(module) else ""
