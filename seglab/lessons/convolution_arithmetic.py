"""Convolution arithmetic: where the kernel fits, how large the output gets, and what falls off."""

import torch
import torch.nn.functional as F
from torch import nn

from seglab import scalars
from seglab._text import plural
from seglab.draw import paint
from seglab.images import photos
from seglab.lab import Choice, Code, Lab, Matrix, Photo, of
from seglab.lessons.pictures.ruler import SIZES, ruler
from seglab.lessons.tours.convolution_arithmetic import TOUR
from seglab.ops import arithmetic, receptive_field

LARGEST = SIZES[-1]  # cells along a side of the input
SIDE = 128  # pixels of the photograph
INPUT, KERNEL, OUTPUT = "input", "kernel", "output"
KERNELS = {
    "1 to 9": [[1, 2, 3], [4, 5, 6], [7, 8, 9]],  # each weight can be told from the others
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "blur": [[1 / 9] * 3] * 3,
    "blur, 5 × 5": [[1 / 25] * 5] * 5,
    "Sobel": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "Laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "box, 2 × 2": [[1, 1], [1, 1]],
    "one weight": [[1]],
}


def numbers(i):
    """Digits that stay where they are when the input grows."""
    digits = torch.randint(10, (LARGEST, LARGEST), generator=torch.Generator().manual_seed(3))
    return digits[:i, :i].float()


def weight(kernel):
    rows, columns = len(kernel), len(kernel[0])
    if rows != columns:
        raise ValueError(f"kernel has {rows} rows and {columns} columns; make it square")
    return torch.tensor(kernel)


k = of(len, "weight")


def size(i, k, s, p, d, transposed, output_padding):
    if transposed:
        return arithmetic.transposed_output_size(i, k, s, p, output_padding, d)
    return arithmetic.conv_output_size(i, k, s, p, d)


def lost(i, k, s, p, d, transposed, size):
    return 0 if transposed else arithmetic.unreached_rows(i, k, s, p, d)


def convolve(plane, weight, s, p, d, transposed, output_padding):
    """[H, W] by the kernel, as torch does it."""
    plane, weight = plane[None], weight.to(plane)[None, None]
    if transposed:
        return F.conv_transpose2d(plane, weight, None, s, p, output_padding, dilation=d)[0]
    return F.conv2d(plane, weight, None, s, p, d)[0]


def shown_output(numbers, weight, size, s, p, d, transposed, output_padding):
    """The output; a transposed one with the rows that its padding then cuts off."""
    return convolve(numbers, weight, s, 0 if transposed else p, d, transposed, output_padding)


def image(photo):
    return photos.load(photo, SIDE).mean(1)[0]


def filtered(image, weight, size, s, p, d, transposed, output_padding):
    return convolve(image, weight, s, p, d, transposed, output_padding)


def field(k, s, p, d, transposed):
    """Window that a pixel of the filtered photograph saw; a transposed one saw none."""
    return None if transposed else receptive_field.of(nn.Conv2d(1, 1, k, s, p, d))


def formula(i, k, s, p, d, transposed, output_padding, size):
    if transposed:
        return f"{s}·({i} − 1) + {d}·({k} − 1) + 1 − 2·{p} + {output_padding} = {size}"
    return f"⌊({i} + 2·{p} − {d}·({k} − 1) − 1) / {s}⌋ + 1 = {size}"


def left_out(lost, p):
    """Rows and columns that no window reaches: of the padding first, which is outside."""
    if not lost:
        return "nothing"
    said = f"{plural(lost, 'row')}, {plural(lost, 'column')}"
    return f"{said} of padding" if lost <= p else f"{said}, {p} of each padding" if p else said


def same_output(size, k, s, p, d, transposed, output_padding):
    if transposed:
        return f"{arithmetic.transposed_input_size(size, k, s, p, output_padding, d)} alone"
    *sizes, last = arithmetic.conv_input_sizes(size, k, s, p, d)
    return f"{', '.join(map(str, sizes))} and {last}" if sizes else f"{last} alone"


def line(k, s, p, d, transposed, output_padding):
    """The layer in PyTorch, with whatever is not the default."""
    given = {"stride": (s, 1), "padding": (p, 0)}
    given |= {"output_padding": (output_padding, 0), "dilation": (d, 1)}
    more = "".join(f", {name}={n}" for name, (n, usual) in given.items() if n != usual)
    return Code(f"nn.Conv{'Transpose' if transposed else ''}2d(1, 1, {k}{more}, bias=False)")


def total(weight):
    """Sum of the weights; None where weights of both signs sum to nothing."""
    sum_ = float(weight.sum())
    return None if abs(sum_) < 1e-6 and bool((weight < 0).any()) else sum_


def response(filtered, total, field):
    """A map in grey as the photograph is, or in two colours where the weights sum to nothing."""
    place = {"frame": (SIDE, SIDE), "field": field} if field else {}
    if total is None:
        most = scalars.real(filtered.abs().max().clamp(min=1e-6))
        return paint.signed(filtered, most=most, **place)
    high = scalars.real(filtered.max()) if field is None else max(1.0, total)
    return paint.scalar(filtered, low=0, high=high, palette="gray", **place)


LAB = Lab(
    title="Convolution arithmetic",
    summary="A kernel moves over the input, multiplies and adds. It stands only where it fits.",
    controls={
        "i": Choice(*SIZES, default=8, label="input size i"),
        "s": Choice(1, 2, 3, 4, default=2, label="stride s"),
        "p": Choice(0, 1, 2, 3, 4, label="padding p"),
        "d": Choice(1, 2, 3, label="dilation d"),
        "transposed": Choice(False, True),
        "output_padding": Choice(0, 1, 2, 3, label="output padding a"),
        "photo": Photo("coffee", "astronaut", "chelsea", "coins", "brick"),
        "kernel": Matrix(KERNELS, label="kernel"),
    },
    matters={"output_padding": lambda transposed: transposed},
    stages=globals(),
    panes={
        INPUT: lambda numbers, p, lost, transposed: (
            paint.grid(numbers)
            if transposed
            else paint.grid(F.pad(numbers, [p] * 4), border=p, lost=lost)
        ),
        KERNEL: of(paint.grid, "weight"),
        OUTPUT: lambda shown_output, s, p, d, transposed: paint.grid(
            shown_output,
            border=p if transposed else 0,
            border_means="cut off",
            links=paint.Links(INPUT, KERNEL, s, p, d, transposed),
        ),
        "windows in a row": of(ruler, "i", "k", "s", "p", "d", "output_padding", "transposed"),
        "photograph, filtered": response,
    },
    numbers={
        "output size": "formula",
        "lost to flooring": left_out,
        "inputs that give this size": "same_output",
        "PyTorch": "line",
    },
    tour=TOUR,
)
