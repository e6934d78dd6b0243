"""Checkerboards: where kernels overlap unevenly, a pattern stands before anything is learned."""

import torch

from seglab.draw import paint, plots
from seglab.images import photos
from seglab.lab import Choice, Lab, Matrix, Photo, of
from seglab.lessons.pictures import kernel_bars
from seglab.lessons.pictures import spectrum as spectra
from seglab.lessons.tours.checkerboards import TOUR
from seglab.ops import upsample
from seglab.ops.upsample import RESIZE, TRANSPOSED

NOISE = "noise"
LARGEST = 256  # pixels a side of the last map, or as many as six make
SEEN = 32  # pixels a side of what is looked at closely, about

# One row each: the kernel of a layer is the row times itself, in both directions.
KERNELS = {f"{k} ones": [[1] * k] for k in (3, 1, 2, 4, 5, 6, 9)} | {
    "½ 1 ½": [[0.5, 1, 0.5]],
    "¼ ¾ ¾ ¼": [[0.25, 0.75, 0.75, 0.25]],
    "random, 3": [[1.25, 0.5, 0.25]],
    "random, 5": [[1.5, 0.75, 1.75, 0.5, 1]],
}
KERNEL = Matrix(KERNELS, label="kernel, along a row", largest=kernel_bars.MOST, rows=1)
NAMES = {rows: name for name, rows in KERNEL.presets.items()}


def row(kernel):
    """The taps along a row."""
    return kernel[0]


def middled(row, method):
    """The taps in use: a resize-convolution needs a kernel with a middle, so a 0 is added."""
    return (*row, 0.0) if method == RESIZE and len(row) % 2 == 0 else row


def square(middled, row, s, method):
    """The kernel in both directions, scaled so that a flat map keeps its level on average."""
    taps = torch.tensor(middled) / kernel_bars.level(row, s, method)
    return torch.outer(taps, taps)


def size(s, depth):
    """Rows and columns of the first map."""
    return min(64, max(6, LARGEST // s**depth))


def start(source, size):
    if source == NOISE:
        return torch.rand(1, 1, size, size, generator=torch.Generator().manual_seed(0))
    return photos.load(source, size).mean(1, keepdim=True).cpu()


def stacked(x, kernel, s, depth, method):
    """The map that as many equal layers make."""
    for _ in range(depth):
        x = upsample.Upsampler(method, s, kernel)(x)
    return x


picture = of(stacked, "start", "square", "s", "depth", "method")


def flat(size, kernel, s, depth, method):
    """Response to a map of ones, far from its border, over whole periods of the pattern."""
    x = stacked(torch.ones(1, 1, size, size), kernel, s, depth, method)
    period = s**depth
    side = max(1, SEEN // period) * period
    first = (x.shape[3] - side) // 2 // period * period
    return x[..., first : first + side, first : first + side]


constant = of(flat, "size", "square", "s", "depth", "method")
spectrum = of(spectra.strengths, "constant")
sums = of(kernel_bars.sums, "row", "s", "method")


def overlap(size, middled, s, depth, method):
    """Number of ways from the first map to each output; for one layer, the number of inputs."""
    return flat(size, torch.ones(len(middled), len(middled)), s, depth, method).round()


def spectrum_chart(row, s, depth, size):
    series = {}
    for method in (TRANSPOSED, RESIZE):
        kernel = square(middled(row, method), row, s, method)
        series[method] = spectra.along(flat(size, kernel, s, depth, method)[0, 0].mean(0))
    return plots.lines(
        series,
        title=f"Ones after {depth} × (kernel {len(row)}, stride {s}): mean of all rows",
        x="cycles per pixel",
        y="strength",
        ticks=(0, 0.1, 0.2, 0.3, 0.4, 0.5),
        y_scale="log",
    )


def evenness(row, s, method):
    if method == RESIZE:
        return "even: every output adds up equally many values"
    k = len(row)
    return f"uneven: {s} does not divide {k}" if k % s else f"even: {s} divides {k}"


def counts(overlap):
    """All counts there are, or the first and the last of many."""
    there = [str(int(n)) for n in overlap.unique()]
    return ", ".join(there if len(there) < 5 else [*there[:2], "...", there[-1]])


def ends(constant):
    low, high = (f"{float(v):.2f}" for v in constant.aminmax())
    return low if low == high else f"{low} to {high}"


def repeats(constant, s, depth):
    """The period of the pattern, in words; none where the map is flat."""
    low, high = constant.aminmax()
    if high - low < spectra.FAINTEST:
        return "no pattern: the map is flat"
    return f"{s**depth} pixels"


def side(row, middled):
    """Size of the kernel that is used."""
    k = len(middled)
    return f"{k} × {k}" + ", the next one with a middle" * (k > len(row))


LAB = Lab(
    title="Checkerboards",
    summary="What stacked upsampling layers make of a flat map, before any training.",
    controls={
        "kernel": KERNEL,
        "s": Choice(1, 2, 3, 4, default=2, label="stride s"),
        "depth": Choice(1, 2, 3, label="layers"),
        "method": Choice(TRANSPOSED, RESIZE),
        "source": Photo("astronaut", "coffee", "coins", NOISE, label="input"),
    },
    matters={"depth": lambda kernel, s: len(row(kernel)) > 1 or s > 1},  # one tap counts as 1
    stages=globals(),
    panes={
        "kernel: drag its taps": lambda row, s: kernel_bars.editor(row, s, "kernel", NAMES),
        "sum at each place": of(kernel_bars.stacks, "row", "s", "method", "sums"),
        "a map of ones becomes": of(paint.scalar, "constant", low=0, high=2),
        "the input becomes": of(paint.scalar, "picture", low=0, high=1, palette="gray"),
        "spectrum (log10)": of(spectra.pane, "spectrum"),
    },
    numbers={
        "kernel": side,
        "overlap": "counts",
        "that is": "evenness",
        "ones become": "ends",
        "pattern repeats after": repeats,
        "size": lambda start, picture: (
            f"{start.shape[2]} × {start.shape[3]} → {picture.shape[2]} × {picture.shape[3]}"
        ),
    },
    charts={"Compare the spectra of both methods": spectrum_chart},
    tour=TOUR,
)
