"""A stack of layers that the student builds."""

from collections.abc import Mapping
from typing import Any

from seglab.controls._preset import Preset
from seglab.layer import Layer


class Layers(Preset):
    """A stack of layers that the student builds; presets: name -> Layers in order.

    most: the largest number of layers.
    """

    kind = "layers"
    kinds = ("conv", "pool")

    def __init__(
        self,
        presets: Mapping[str, Any],
        default: str | None = None,
        label: str | None = None,
        most: int = 24,
    ) -> None:
        self.most = most
        self._start(presets, default, label)

    def _checked(self, value: Any) -> tuple[Layer, ...]:
        try:
            layers = tuple(Layer(*layer) for layer in value)
        except TypeError:
            raise ValueError(
                f"{value!r} is no list of layers (kind, kernel_size, stride, padding, dilation)"
            ) from None
        if not 1 <= len(layers) <= self.most:
            raise ValueError(f"a stack of {len(layers)} layers; build 1 to {self.most}")
        for number, layer in enumerate(layers, 1):
            least = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1}
            if layer.kind not in self.kinds:
                raise ValueError(f"layer {number} is a {layer.kind!r}; use 'conv' or 'pool'")
            for name, low in least.items():
                given = getattr(layer, name)
                if not isinstance(given, int) or isinstance(given, bool) or given < low:
                    raise ValueError(
                        f"layer {number} has {name}={given!r}; use a whole number from {low}"
                    )
        return layers

    def _spell(self, value: Any) -> str:
        """The layers in short: conv 3 s2 p1 is a kernel of 3, stride 2, padding 1."""
        return ", ".join(map(_short, value))


def _short(layer: Layer) -> str:
    usual = {"s": 1, "p": 0, "d": 1}
    numbers = zip("spd", layer[2:], strict=True)
    rest = "".join(f" {letter}{n}" for letter, n in numbers if n != usual[letter])
    return f"{layer.kind} {layer.kernel_size}{rest}"
