"""A linear operator taken apart: its matrix, its answer to one impulse, its overlaps.

Every upsampler is a matrix that stretches a short signal; a transposed convolution's matrix is the
transpose of a convolution's (Dumoulin and Visin, "A guide to convolution arithmetic", 2016, ch. 4).
"""

from collections.abc import Callable

import torch
from torch import Tensor

from seglab.ops._validate import pair, whole_number
from seglab.types import Size

Operator = Callable[[Tensor], Tensor]


def impulse_response(
    op: Operator,
    size: int | Size = 9,
    at: int | Size | None = None,
    *,
    channel: int = 0,
    channels: int = 1,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """Answer of op to a picture that is 1 at one place and 0 elsewhere, [1, C', h', w'].

    The picture is [1, channels, *size]; at is (row, column), by default the middle. One int stands
    for both axes. For a transposed convolution without padding the answer is the kernel itself,
    stride times `at` away from the corner. Raises ValueError where at or channel lies outside the
    picture.
    """
    height, width = pair("size", size)
    row, column = (height // 2, width // 2) if at is None else pair("at", at, least=0)
    if row >= height or column >= width:
        raise ValueError(
            f"at={(row, column)} is outside size={(height, width)}; "
            f"use at most {(height - 1, width - 1)}"
        )
    if whole_number("channel", channel, least=0) >= whole_number("channels", channels):
        raise ValueError(
            f"channel={channel} is outside channels={channels}; use at most {channels - 1}"
        )
    impulse = torch.zeros(1, channels, height, width, dtype=dtype, device=device)
    impulse[0, channel, row, column] = 1
    return _answer(op, impulse)


def as_matrix(
    op: Operator,
    length: int,
    *,
    channels: int = 1,
    row: int = 0,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """The matrix of op on a 1-D signal, [C' * w', channels * length].

    The signal lies along the width of a picture with one row, [1, channels, 1, length]; the answer
    [1, C', h', w'] is read along one of its rows, the first unless said otherwise, channel after
    channel. So column i is the response to an impulse at i, and for every signal

        as_matrix(op, length) @ signal == op(signal.view(1, 1, 1, length))[0, 0, 0]

    An operator that leaves the height alone, such as `lambda x: nearest(x, (1, 2))` or a
    convolution by a [1, 1, 1, k] kernel, has one row, and the matrix is all of it.
    Raises ValueError where op is not linear (a bias, a ReLU, a max pool), for then no matrix is it.

    >>> from seglab.ops import upsample
    >>> upsample.as_matrix(lambda x: upsample.nearest(x, (1, 2)), 2)
    tensor([[1., 0.],
            [1., 0.],
            [0., 1.],
            [0., 1.]])
    """
    whole_number("length", length)
    whole_number("channels", channels)
    whole_number("row", row, least=0)

    def read(answer: Tensor) -> Tensor:
        if row >= answer.shape[2]:
            raise ValueError(
                f"row={row} is outside the answer of op, which has {answer.shape[2]} rows; "
                f"use at most {answer.shape[2] - 1}"
            )
        return answer[0, :, row].flatten()

    # One impulse at a time, not a batch of them: max unpooling's indices belong to a batch of one.
    columns = [
        read(
            impulse_response(
                op, (1, length), (0, i), channel=c, channels=channels, dtype=dtype, device=device
            )
        )
        for c in range(channels)
        for i in range(length)
    ]
    # Small integers of both signs: exact in every dtype, TF32 included, and no random numbers.
    steps = torch.arange(len(columns), device=device)
    probe = (steps * 7 % 5 - 2).to(dtype or torch.get_default_dtype())
    with torch.no_grad():
        answer = read(_answer(op, probe.view(1, channels, 1, length)))
    if any(column.shape != answer.shape for column in columns):
        raise ValueError("op gives answers of several sizes; use one whose size is always the same")
    matrix = torch.stack(columns, dim=1)
    _refuse_unless_equal(matrix.detach(), probe, answer)
    return matrix


def overlap_count(kernel_size: int, stride: int, length: int) -> Tensor:
    """Number of inputs that write to each output of a 1-D transposed convolution, int64 [w'].

    length is the input's, w' = stride * (length - 1) + kernel_size. Away from the border the counts
    are equal iff stride divides kernel_size; else they are the checkerboard, there before training
    (Odena et al., "Deconvolution and checkerboard artifacts", 2016). In 2-D counts multiply:
    torch.outer(rows, columns), so kernel 3 with stride 2 gives 1 and 2, then 1, 2 and 4.

    >>> from seglab.ops import upsample
    >>> upsample.overlap_count(3, 2, length=4)
    tensor([1, 1, 2, 1, 2, 1, 2, 1, 1])
    >>> upsample.overlap_count(4, 2, length=4)
    tensor([1, 1, 2, 2, 2, 2, 2, 2, 1, 1])
    """
    whole_number("kernel_size", kernel_size)
    whole_number("stride", stride)
    whole_number("length", length)
    written = torch.arange(length)[:, None] * stride + torch.arange(kernel_size)
    return torch.bincount(written.flatten(), minlength=stride * (length - 1) + kernel_size)


def _answer(op: Operator, picture: Tensor) -> Tensor:
    answer = op(picture)
    if not isinstance(answer, Tensor) or answer.ndim != 4 or len(answer) != 1:
        kind = list(answer.shape) if isinstance(answer, Tensor) else type(answer).__name__
        raise ValueError(
            f"op made {kind} of a picture {list(picture.shape)}; use an op from [1, C, h, w] to "
            f"[1, C', h', w']"
        )
    return answer


def _refuse_unless_equal(matrix: Tensor, probe: Tensor, answer: Tensor) -> None:
    probe = probe.to(matrix.dtype)
    gap = float((matrix @ probe - answer).abs().max())
    eps = torch.finfo(matrix.dtype).eps if matrix.is_floating_point() else 0
    slack = 8 * len(probe) * eps
    if not gap <= slack * float((matrix.abs() @ probe.abs()).max()):  # so that nan is refused too
        raise ValueError(
            f"op is not linear: on a test signal it is off its own matrix by {gap:.3g}; "
            f"use an op without bias, activation or max"
        )
