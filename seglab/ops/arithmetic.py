"""Output sizes of convolution, pooling, transposed convolution and stacks, one axis at a time.

The formulas are those of Dumoulin and Visin, "A guide to convolution arithmetic for deep learning"
(2016), with torch's conventions: an ordinary kernel has dilation 1, padding is added on both sides.
"""

from collections.abc import Sequence

from seglab.layer import Layer


def conv_output_size(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Positions at which a kernel fits: floor((size + 2 padding - dilated kernel) / stride) + 1.

    All lengths are in pixels along one axis. Raises ValueError where the kernel fits nowhere.

    >>> from seglab.ops import arithmetic
    >>> arithmetic.conv_output_size(256, 3, stride=2, padding=1)
    128
    """
    _check(size=size, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation)
    room = size + 2 * padding - dilated_kernel_size(kernel_size, dilation)
    if room < 0:
        raise ValueError(_too_wide(size, kernel_size, padding, dilation))
    return room // stride + 1


def pool_output_size(
    size: int,
    kernel_size: int,
    stride: int | None = None,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    """Positions of a pooling window; stride None means kernel_size, as in torch.

    With ceil_mode a last window may hang over the right border, but it must start inside the input
    or the left padding. Raises ValueError for padding above half the kernel, or where nothing fits.
    """
    if stride is None:
        stride = kernel_size
    _check(size=size, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation)
    if 2 * padding > kernel_size:
        raise ValueError(
            f"padding={padding} is more than half of kernel_size={kernel_size}, so a window could "
            f"see nothing but padding; use padding <= {kernel_size // 2}"
        )
    room = size + 2 * padding - dilated_kernel_size(kernel_size, dilation)
    windows = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (windows - 1) * stride >= size + padding:
        windows -= 1
    if windows < 1:
        raise ValueError(_too_wide(size, kernel_size, padding, dilation))
    return windows


def transposed_output_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """The inverse sizes: stride (size - 1) + dilated kernel - 2 padding + output_padding.

    output_padding tells apart the input sizes that a strided convolution maps to one output size.
    Raises ValueError when padding eats the whole output, or output_padding is not below the stride
    or the dilation.

    >>> from seglab.ops import arithmetic
    >>> arithmetic.transposed_output_size(4, 3, stride=2)
    9
    """
    _check(size=size, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation)
    if not 0 <= output_padding < max(stride, dilation):
        raise ValueError(
            f"output_padding={output_padding} must be at least 0 and smaller than the stride "
            f"({stride}) or the dilation ({dilation})"
        )
    full = stride * (size - 1) + dilated_kernel_size(kernel_size, dilation) + output_padding
    if full - 2 * padding < 1:
        raise ValueError(
            f"padding={padding} cuts {2 * padding} pixels off an output of {full}, leaving none; "
            f"use padding <= {(full - 1) // 2}"
        )
    return full - 2 * padding


def unreached_rows(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Rows at the end of the padded input that no window reaches, since sizes are rounded down.

    Raises ValueError where the kernel fits nowhere.
    """
    windows = conv_output_size(size, kernel_size, stride, padding, dilation)
    spanned = (windows - 1) * stride + dilated_kernel_size(kernel_size, dilation)
    return size + 2 * padding - spanned


def conv_input_sizes(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> list[int]:
    """The input sizes that give an output of this size: as many as the stride, in order.

    >>> from seglab.ops import arithmetic
    >>> arithmetic.conv_input_sizes(4, 3, stride=2)
    [9, 10]
    """
    first = (size - 1) * stride + dilated_kernel_size(kernel_size, dilation) - 2 * padding
    return [n for n in range(first, first + stride) if n >= 1]


def transposed_input_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """The one input size from which a transposed convolution makes this size.

    Raises ValueError where there is none.
    """
    _check(size=size, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation)
    smallest = dilated_kernel_size(kernel_size, dilation) - 2 * padding + output_padding
    steps, rest = divmod(size - smallest, stride)
    if rest or steps < 0:
        near = max(steps, 0) * stride + smallest
        raise ValueError(
            f"size={size} is no output of a transposed convolution with kernel_size={kernel_size}, "
            f"stride={stride}, padding={padding}, output_padding={output_padding} and "
            f"dilation={dilation}; use {near if near >= 1 else (near - 1) % stride + 1}"
        )
    return steps + 1


def dilated_kernel_size(kernel_size: int, dilation: int = 1) -> int:
    """Pixels that a dilated kernel spans: dilation (kernel_size - 1) + 1."""
    _check(kernel_size=kernel_size, dilation=dilation)
    return dilation * (kernel_size - 1) + 1


def stack_sizes(layers: Sequence[Layer], side: int) -> list[int]:
    """Units along one axis: of the image, then after each layer.

    Raises ValueError, naming the layer, where a kernel fits nowhere.
    """
    sizes = [side]
    for number, layer in enumerate(layers, 1):
        rule = pool_output_size if layer.kind == "pool" else conv_output_size
        try:
            sizes.append(
                rule(
                    sizes[-1],
                    layer.kernel_size,
                    stride=layer.stride,
                    padding=layer.padding,
                    dilation=layer.dilation,
                )
            )
        except ValueError as error:
            raise ValueError(f"layer {number} ({layer.kind}): {error}") from None
    return sizes


def connected_units(layers: Sequence[Layer], side: int, unit: int) -> list[list[int]]:
    """The units along one axis from which a path leads to a unit of the last layer.

    Pixels first, then the units after each layer, the last of which is the unit alone. Padding is
    no unit, and passes nothing on. With equal dilations there are holes between them.
    """
    found = [[unit]]
    for layer, length in zip(
        reversed(layers), reversed(stack_sizes(layers, side)[:-1]), strict=True
    ):
        reached = {
            position for at in found[-1] for position in taps(layer, at) if 0 <= position < length
        }
        found.append(sorted(reached))
    return found[::-1]


def connected_pixels(layers: Sequence[Layer], side: int, unit: int) -> list[int]:
    """The pixels along one axis, in order, from which a path leads to a unit of the last layer."""
    return connected_units(layers, side, unit)[0]


def taps(layer: Layer, unit: int) -> range:
    """The positions along one axis that a unit of a layer reads; some may lie in the padding."""
    first = unit * layer.stride - layer.padding
    return range(first, first + layer.kernel_size * layer.dilation, layer.dilation)


def _check(**values: int) -> None:
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name}={value!r} must be a whole number of pixels")
        least = 0 if name == "padding" else 1
        if value < least:
            raise ValueError(f"{name}={value} must be at least {least}")


def _too_wide(size: int, kernel_size: int, padding: int, dilation: int) -> str:
    extent = dilated_kernel_size(kernel_size, dilation)
    return (
        f"size={size} is too small: with padding={padding} it is {size + 2 * padding} wide and the "
        f"kernel spans {extent} (kernel_size={kernel_size}, dilation={dilation}); use a larger "
        f"input, a smaller kernel or more padding"
    )
