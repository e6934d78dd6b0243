"""Upsamplers: from a coarse map [B, C, h, w] to a fine one, each a linear operator.

They follow their input's dtype and device, and gradients flow. A factor, stride or padding is one
int for both axes or a pair (height, width): factor (1, f) works on rows alone, as in 1-D.
What a linear operator can be asked (its matrix, impulse response, overlaps) stands in `linear`.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.arithmetic import transposed_output_size
from seglab.types import Size


def nearest(x: Tensor, factor: int | Size) -> Tensor:
    """Repeat every value over a factor x factor block, [B, C, h * f, w * f]; any dtype.

    The same as bed_of_nails followed by an f x f box of ones.

    >>> import torch
    >>> from seglab.ops import upsample
    >>> upsample.nearest(torch.tensor([[[[1, 2]]]]), 2)
    tensor([[[[1, 1, 2, 2],
              [1, 1, 2, 2]]]])
    """
    rows, columns = _factor(x, factor, floating=False)
    return _weave(x[:, :, None, None].expand(-1, -1, rows, columns, -1, -1))


def bed_of_nails(x: Tensor, factor: int | Size) -> Tensor:
    """Put every value at the top left of a block of zeros, [B, C, h * f, w * f]; any dtype.

    Also called zero insertion. It is a transposed convolution with one weight, 1
    (Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, ch. 4).

    >>> import torch
    >>> from seglab.ops import upsample
    >>> upsample.bed_of_nails(torch.tensor([[[[1, 2]]]]), 2)
    tensor([[[[1, 0, 2, 0],
              [0, 0, 0, 0]]]])
    """
    rows, columns = _factor(x, factor, floating=False)
    return _weave(F.pad(x[:, :, None, None], (0, 0, 0, 0, 0, columns - 1, 0, rows - 1)))


def pixel_shuffle(x: Tensor, factor: int | Size) -> Tensor:
    """Lay out f * f channels as one f x f block, [B, C / f^2, h * f, w * f]; any dtype.

    Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network", 2016. Raises ValueError unless f * f divides the channels.
    """
    rows, columns = _factor(x, factor, floating=False)
    batch, channels, height, width = x.shape
    if channels % (rows * columns):
        raise ValueError(
            f"factor={factor} takes {rows * columns} channels to make one, which does not divide "
            f"the {channels} of x; use an x with a multiple of {rows * columns} channels"
        )
    return _weave(x.reshape(batch, -1, rows, columns, height, width))


def bilinear(x: Tensor, factor: int | Size, align_corners: bool = False) -> Tensor:
    """Interpolate linearly between the four nearest values, [B, C, h * f, w * f].

    Half-pixel: output o lies at (o + 1/2) / f - 1/2 of the input, and the border is repeated
    outwards. align_corners puts the outermost pixel centers on each other instead, at
    o * (h - 1) / (h * f - 1), so that the step between samples depends on the size of x.

    >>> import torch
    >>> from seglab.ops import upsample
    >>> upsample.bilinear(torch.tensor([[[[0.0, 4.0]]]]), (1, 2))
    tensor([[[[0., 1., 3., 4.]]]])
    """
    rows, columns = _factor(x, factor)
    size = (x.shape[2] * rows, x.shape[3] * columns)
    return F.interpolate(x, size=size, mode="bilinear", align_corners=align_corners)


def max_unpool(x: Tensor, indices: Tensor, output_size: Size) -> Tensor:
    """Put every value back where max pooling found it, zeros elsewhere, [B, C, *output_size].

    indices int64 [B, C, h, w] count along the rows of each plane, as max_pool2d gives them with
    return_indices=True; output_size is (height, width) of what was pooled, which x and indices do
    not tell. Where pooling windows overlapped, an index can stand twice: one of its values stays.
    Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014.
    Raises ValueError for indices of another shape than x, or outside output_size.
    """
    _validate.maps(x, floating=False)
    height, width = _validate.pair("output_size", output_size)
    _validate.positions(indices, x, (height, width))
    holes = x.new_zeros(*x.shape[:2], height * width)
    filled = holes.scatter(2, indices.flatten(2), x.flatten(2))
    return filled.reshape(*x.shape[:2], height, width)


def transposed_conv(
    x: Tensor,
    weight: Tensor,
    stride: int | Size,
    padding: int | Size = 0,
    output_padding: int | Size = 0,
    *,
    groups: int = 1,
) -> Tensor:
    """Add up one kernel per input value, stride apart, [B, C_out, h', w'].

    weight [C_in, C_out, kh, kw]; h' = stride * (h - 1) + kh - 2 * padding + output_padding.
    padding crops the output on all sides, output_padding gives back rows and columns at the bottom
    and right. With groups=C_in and a weight [C_in, 1, kh, kw] no channel mixes with another. Also
    called fractionally strided convolution. It is the transpose of the convolution with the same
    weight, not its inverse (Dumoulin and Visin, "A guide to convolution arithmetic for deep
    learning", 2016, ch. 4).
    Raises ValueError for output_padding >= stride, and for padding that leaves nothing.
    """
    _validate.maps(x)
    _validate.weights(weight, x, channel_axis=0, groups=groups)
    steps, crop = _validate.pair("stride", stride), _validate.pair("padding", padding, least=0)
    extra = _validate.pair("output_padding", output_padding, least=0)
    for axis in (0, 1):
        size, kernel_size = x.shape[2 + axis], weight.shape[2 + axis]
        transposed_output_size(size, kernel_size, steps[axis], crop[axis], extra[axis])
    return F.conv_transpose2d(
        x, weight, stride=steps, padding=crop, output_padding=extra, groups=groups
    )


def bilinear_kernel(
    factor: int | Size,
    channels: int,
    *,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """Weights that make transposed_conv interpolate, [channels, channels, k, k], k = 2f - f % 2.

    Each channel goes to itself. With stride=f and padding=f // 2 the answer is f times as large and
    equal to bilinear(x, f) except in the outer f // 2 pixels, where the neighbour outside counts as
    zero and the picture fades. The start of FCN's upsampling (Long et al., 2015).

    >>> from seglab.ops import upsample
    >>> upsample.bilinear_kernel(2, channels=1)[0, 0]
    tensor([[0.0625, 0.1875, 0.1875, 0.0625],
            [0.1875, 0.5625, 0.5625, 0.1875],
            [0.1875, 0.5625, 0.5625, 0.1875],
            [0.0625, 0.1875, 0.1875, 0.0625]])
    """
    rows, columns = (_triangle(f, dtype, device) for f in _validate.pair("factor", factor))
    own_channel = torch.eye(
        _validate.whole_number("channels", channels), dtype=dtype, device=device
    )
    return own_channel[:, :, None, None] * torch.outer(rows, columns)


def resize_conv(
    x: Tensor,
    weight: Tensor,
    factor: int | Size,
    mode: Literal["nearest", "bilinear"] = "nearest",
    *,
    groups: int = 1,
) -> Tensor:
    """Resize, then convolve with stride 1 and zeros around, [B, C_out, h * f, w * f].

    weight [C_out, C_in / groups, kh, kw] with odd kh and kw. Every output is a sum over equally
    many values, so no checkerboard stands there before training: Odena et al., "Deconvolution and
    checkerboard artifacts", 2016. Raises ValueError for an even kernel, which has no middle, or
    another mode.
    """
    _validate.maps(x)
    _validate.weights(weight, x, channel_axis=1, groups=groups)
    if mode not in ("nearest", "bilinear"):
        raise ValueError(f"mode={mode!r} is unknown; use 'nearest' or 'bilinear'")
    height, width = weight.shape[2:]
    if not (height % 2 and width % 2):
        raise ValueError(
            f"weight has a kernel of {height} x {width}, which has no middle; use odd sizes"
        )
    larger = nearest(x, factor) if mode == "nearest" else bilinear(x, factor)
    return F.conv2d(larger, weight, padding=(height // 2, width // 2), groups=groups)


def _factor(x: Tensor, factor: int | Size, floating: bool = True) -> Size:
    _validate.maps(x, floating)
    return _validate.pair("factor", factor)


def _weave(blocks: Tensor) -> Tensor:
    """[B, C, fh, fw, h, w], one fh x fw block per input pixel, to [B, C, h * fh, w * fw]."""
    # Always a copy: at factor 1 the answer would else be x itself, or one value seen many times.
    rows_first = blocks.permute(0, 1, 4, 2, 5, 3).clone(memory_format=torch.contiguous_format)
    return rows_first.flatten(4, 5).flatten(2, 3)


def _triangle(factor: int, dtype: torch.dtype | None, device: torch.device | str | None) -> Tensor:
    kernel_size = 2 * factor - factor % 2
    away = torch.arange(kernel_size, dtype=dtype, device=device) - (kernel_size - 1) / 2
    return 1 - away.abs() / factor
