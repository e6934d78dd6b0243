"""A stack of layers as numbers: the sizes of its maps, and which pixels a unit is connected to."""

from collections.abc import Sequence

from seglab.controls import Layer
from seglab.ops.arithmetic import conv_output_size, pool_output_size


def sizes(layers: Sequence[Layer], side: int) -> list[int]:
    """Units along one axis: of the image, then after each layer.

    Raises ValueError, naming the layer, where a kernel fits nowhere.
    """
    found = [side]
    for number, layer in enumerate(layers, 1):
        rule = pool_output_size if layer.kind == "pool" else conv_output_size
        try:
            found.append(
                rule(
                    found[-1],
                    layer.kernel_size,
                    stride=layer.stride,
                    padding=layer.padding,
                    dilation=layer.dilation,
                )
            )
        except ValueError as error:
            raise ValueError(f"layer {number} ({layer.kind}): {error}") from None
    return found


def connected(layers: Sequence[Layer], side: int, unit: int) -> list[int]:
    """The pixels along one axis, in order, from which a path leads to a unit of the last layer.

    Padding is no pixel, and passes nothing on. With equal dilations there are holes between them.
    """
    reached = {unit}
    for layer, length in zip(reversed(layers), reversed(sizes(layers, side)[:-1]), strict=True):
        reached = {
            position
            for at in reached
            for tap in range(layer.kernel_size)
            if 0 <= (position := at * layer.stride - layer.padding + tap * layer.dilation) < length
        }
    return sorted(reached)
