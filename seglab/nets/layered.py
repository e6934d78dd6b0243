"""A net layer by layer: what a unit after each layer sees of a square picture."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from seglab.controls import spread
from seglab.layer import Layer
from seglab.nets import own, stacks
from seglab.ops import arithmetic, dense, receptive_field
from seglab.ops.receptive_field import ReceptiveField

MOST = 24  # layers of a student's net that are told apart
_ENOUGH = 2**15  # pixels of fields to average: one large field, or some small ones
_MOST_NETS = 8


class Layered(ABC):
    """The layers of a net, numbered from 1, over a picture of `side` pixels a side.

    kinds: a word for each layer, such as conv. names: the layers in short, with their numbers.
    fields: the receptive field after each layer. sizes: units along one side, of the picture first,
    then after each layer.
    """

    side: int
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    fields: tuple[ReceptiveField, ...]
    sizes: tuple[int, ...]

    @abstractmethod
    def up_to(self, number: int, equal: bool = False) -> list[nn.Module]:
        """Nets up to a layer whose gradients are averaged; equal: one whose paths weigh alike."""

    @abstractmethod
    def connected(self, number: int, unit: tuple[int, int]) -> Tensor | None:
        """The pixels from which a path leads to a unit, bool [side, side]; None if not known."""

    @abstractmethod
    def units(self, number: int, unit: int) -> list[list[int]] | None:
        """The pixels along one axis, and the units after each layer, with a path to a unit.

        None if not known.
        """

    @abstractmethod
    def taps(self, number: int, unit: int) -> Sequence[int]:
        """Positions that a unit of a layer reads along one axis, padding too; none if not known."""

    def nearest_unit(self, number: int, pixel: tuple[int, int]) -> tuple[int, int]:
        """The unit after a layer whose center is nearest to a pixel (row, column)."""
        field, last = self.fields[number - 1], self.sizes[number] - 1
        row, column = (
            min(last, max(0, round((at - first) / step)))
            for at, first, step in zip(pixel, field.origin, field.stride, strict=True)
        )
        return row, column

    def centers(self, number: int) -> list[float]:
        """The rows, and columns, at which the units after a layer have their centers."""
        field = self.fields[number - 1]
        return [field.center(unit, unit)[0] for unit in range(self.sizes[number])]


class StackLayers(Layered):
    """A stack of layers without trained weights. ValueError names a layer that does not fit."""

    def __init__(self, layers: Sequence[Layer], side: int) -> None:
        self._layers = tuple(layers)
        self.side = side
        self.kinds = tuple(layer.kind for layer in layers)
        self.names = tuple(map(_short, layers))
        self.sizes = tuple(arithmetic.stack_sizes(layers, side))  # first: it says what cannot be
        traced = receptive_field.trace(stacks.untrained(layers, channels=1))
        self.fields = tuple(traced[f"{kind}{n}"] for n, kind in enumerate(self.kinds, 1))

    def up_to(self, number: int, equal: bool = False) -> list[nn.Module]:
        """Some nets of random weights: what one of them does is the accident of its weights."""
        chosen = self._layers[:number]
        if equal:
            return [stacks.uniform(chosen)]
        count = int(_ENOUGH / self.fields[number - 1].size[0] ** 2)
        seeds = range(max(1, min(_MOST_NETS, count)))
        return [stacks.untrained(chosen, seed=seed) for seed in seeds]

    def connected(self, number: int, unit: tuple[int, int]) -> Tensor:
        """The pixels from which a path leads to a unit, bool [side, side]."""
        chosen = self._layers[:number]
        reached = torch.zeros(2, self.side, dtype=torch.bool)
        for axis, at in enumerate(unit):
            reached[axis, arithmetic.connected_pixels(chosen, self.side, at)] = True
        return reached[0][:, None] & reached[1]

    def units(self, number: int, unit: int) -> list[list[int]]:
        """The pixels along one axis, and the units after each layer, with a path to a unit."""
        return arithmetic.connected_units(self._layers[:number], self.side, unit)

    def taps(self, number: int, unit: int) -> Sequence[int]:
        """Positions that a unit of a layer reads along one axis, padding too."""
        return arithmetic.taps(self._layers[number - 1], unit)


class OwnLayers(Layered):
    """A student's net with its own weights, as seglab.nets.own makes it ready.

    Only layers that change what a unit sees are told apart, at most 24 of them, evenly chosen.
    Raises ValueError, with the layer's name, where a unit sees the whole picture at once, and as
    own.usable.
    """

    def __init__(self, net: nn.Module, side: int) -> None:
        self._net = own.usable(net, dense=False).net
        self.side = side
        told: list[tuple[str, ReceptiveField]] = []
        for name, field in receptive_field.trace(self._net).items():
            if not all(map(math.isfinite, field.size)):
                raise ValueError(
                    f"layer {name!r} sees the whole picture, through a global pooling that joins "
                    f"the grid again; give the part of the net before it"
                )
            alone = field.size == (1, 1) and field.stride == (1, 1)
            if not alone and (not told or field != told[-1][1]):
                told.append((name, field))
        if not told:
            raise ValueError("net has no layer that sees more than its own pixel; give another")
        self._names, self.fields = zip(*spread(told, MOST), strict=True)
        modules = dict(self._net.named_modules())
        self.kinds = tuple(
            type(modules[name]).__name__ if name in modules else name for name in self._names
        )
        self.names = self.kinds
        units = [
            int((side + 2 * field.padding[0] - field.size[0]) // field.stride[0]) + 1
            for field in self.fields
        ]
        self.sizes = (side, *units)

    def up_to(self, number: int, equal: bool = False) -> list[nn.Module]:
        """The net up to the layer; its weights are its own."""
        return [dense.cut(self._net, self._names[number - 1])]

    def connected(self, number: int, unit: tuple[int, int]) -> None:
        """Nothing: which paths there are is not followed in a net of any kind."""

    def units(self, number: int, unit: int) -> None:
        """Nothing, as for connected."""

    def taps(self, number: int, unit: int) -> Sequence[int]:
        """Nothing, as for connected."""
        return ()


def _short(layer: Layer) -> str:
    """A layer in a word and its numbers: conv 3 d2 is a kernel of 3 with dilation 2."""
    stride = f" s{layer.stride}" if layer.stride > 1 and layer.kind == "conv" else ""
    dilation = f" d{layer.dilation}" if layer.dilation > 1 else ""
    return f"{layer.kind} {layer.kernel_size}{stride}{dilation}"
