"""Convolution arithmetic: where the kernel fits, how large the output gets, and what falls off."""

import torch
import torch.nn.functional as F

from seglab.draw import paint
from seglab.images import photos
from seglab.lab import Choice, Code, Lab, Matrix, Photo
from seglab.ops import arithmetic, receptive_field

LARGEST = 12  # cells along a side of the input
SIDE = 128  # pixels of the photograph

INPUT, KERNEL, OUTPUT = "input", "kernel", "output"

KERNELS = {
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


def k(weight):
    return len(weight)


def size(i, k, s, p, d, transposed, output_padding):
    """The output's side, or why there is none."""
    if transposed:
        return arithmetic.transposed_output_size(i, k, s, p, output_padding, d)
    return arithmetic.conv_output_size(i, k, s, p, d)


def lost(i, k, s, p, d, transposed):
    """Rows at the end of the padded input that no window reaches."""
    room = i + 2 * p - arithmetic.dilated_kernel_size(k, d)
    return 0 if transposed else room % s


def convolve(plane, weight, s, p, d, transposed, output_padding):
    """[H, W] by the kernel, as torch does it."""
    plane, weight = plane[None, None], weight.to(plane)[None, None]
    if transposed:
        whole = F.conv_transpose2d(plane, weight, None, s, p, output_padding, dilation=d)
    else:
        whole = F.conv2d(plane, weight, None, s, p, d)
    return whole[0, 0]


def shown_input(numbers, p, transposed):
    """The input with the zeros that padding puts around it."""
    return numbers if transposed else F.pad(numbers, (p, p, p, p))


def shown_output(numbers, weight, size, s, p, d, transposed, output_padding):
    """The output; a transposed one with the rows that its padding then cuts off."""
    around = 0 if transposed else p
    return convolve(numbers, weight, s, around, d, transposed, output_padding)


def image(photo):
    return photos.load(photo, SIDE).mean(1)[0]


def filtered(image, weight, size, s, p, d, transposed, output_padding):
    return convolve(image, weight, s, p, d, transposed, output_padding)


def field(weight, s, p, d, transposed):
    """What a pixel of the filtered photograph saw; a transposed one saw no window."""
    if transposed:
        return None
    span = arithmetic.dilated_kernel_size(len(weight), d)
    return receptive_field.ReceptiveField(
        (span, span), (s, s), (p, p), ((span - 1) / 2 - p, (span - 1) / 2 - p)
    )


def formula(i, k, s, p, d, transposed, output_padding, size):
    if transposed:
        spanned = f"{d}·({k} − 1) + 1"
        return f"{s}·({i} − 1) + {spanned} − 2·{p} + {output_padding} = {size}"
    return f"⌊({i} + 2·{p} − {d}·({k} − 1) − 1) / {s}⌋ + 1 = {size}"


def same_output(size, k, s, p, d, transposed, output_padding):
    """The input sizes that give this output size."""
    if transposed:
        taken = (size - output_padding + 2 * p - arithmetic.dilated_kernel_size(k, d)) // s + 1
        return f"{taken} alone"
    first = (size - 1) * s + arithmetic.dilated_kernel_size(k, d) - 2 * p
    sizes = [n for n in range(first, first + s) if n >= 1]
    if len(sizes) == 1:
        return f"{sizes[0]} alone"
    return ", ".join(map(str, sizes[:-1])) + f" and {sizes[-1]}"


def line(k, s, p, d, transposed, output_padding):
    """The layer in PyTorch, with whatever is not the default."""
    given = {"stride": s, "padding": p, "output_padding": output_padding, "dilation": d}
    usual = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
    if not transposed:
        del given["output_padding"]
    more = "".join(f", {name}={value}" for name, value in given.items() if value != usual[name])
    return Code(f"nn.Conv{'Transpose' if transposed else ''}2d(1, 1, {k}{more}, bias=False)")


def response(filtered, weight, field):
    """A map in grey as the photograph is, or in two colours where the weights sum to nothing."""
    place = {"frame": (SIDE, SIDE), "field": field} if field else {}
    if abs(float(weight.sum())) < 1e-6 and bool((weight < 0).any()):
        most = max(float(filtered.abs().max()), 1e-6)
        return paint.scalar(filtered, low=-most, high=most, palette="vik", **place)
    high = float(filtered.max()) if field is None else max(1.0, float(weight.sum()))
    return paint.scalar(filtered, low=0, high=high, palette="gray", **place)


LAB = Lab(
    title="Convolution arithmetic",
    summary="A kernel slides, multiplies and adds; where it does not fit whole, it does not step.",
    controls={
        "i": Choice(*range(3, LARGEST + 1), default=8, label="input size i"),
        "s": Choice(1, 2, 3, 4, default=2, label="stride s"),
        "p": Choice(0, 1, 2, 3, 4, label="padding p"),
        "d": Choice(1, 2, 3, label="dilation d"),
        "transposed": Choice(False, True),
        "output_padding": Choice(0, 1, 2, 3, label="output padding a"),
        "photo": Photo("coffee", "astronaut", "chelsea", "coins", "brick"),
        "kernel": Matrix(KERNELS, label="kernel"),
    },
    stages=(
        *(numbers, weight, k, size, lost, shown_input, shown_output),
        *(image, filtered, field, formula, same_output, line),
    ),
    panes={
        INPUT: lambda shown_input, p, lost, transposed: paint.grid(
            shown_input, border=0 if transposed else p, lost=lost
        ),
        KERNEL: lambda weight: paint.grid(weight),
        OUTPUT: lambda shown_output, s, p, d, transposed: paint.grid(
            shown_output,
            border=p if transposed else 0,
            border_means="cut off",
            links=paint.Links(INPUT, KERNEL, s, p, d, transposed),
        ),
        "photograph": lambda image: paint.scalar(image, low=0, high=1, palette="gray"),
        "photograph, filtered": response,
    },
    numbers={
        "output size": lambda formula: formula,
        "lost to flooring": lambda lost: (
            "nothing" if not lost else "1 row, 1 column" if lost == 1 else f"{lost} rows, columns"
        ),
        "inputs that give this size": lambda same_output: same_output,
        "PyTorch": lambda line: line,
    },
)
