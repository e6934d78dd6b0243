"""Checkerboards: where kernels overlap unevenly, a pattern stands before anything is learned."""

import torch
import torch.nn.functional as F

from seglab.draw import paint, plots
from seglab.images import photos
from seglab.lab import Choice, Lab, Photo, of
from seglab.lessons.tours.checkerboards import TOUR
from seglab.ops import upsample
from seglab.ops.upsample import RESIZE, TRANSPOSED

NOISE = "noise"
LARGEST = 256  # pixels a side of the last map, or as many as six make
SEEN = 32  # pixels a side of what is looked at closely, about
FAINTEST = 1e-4  # of the spectrum: below lies what rounding leaves


def kernels(k, s, depth, weights, method):
    """One kernel for each layer."""
    if weights == "ones":
        return [upsample.box_kernel(method, s, k)] * depth
    if weights == "bilinear":
        return [upsample.interpolating_kernel(method, s, k)] * depth
    seed = int(weights.split()[-1])
    return [upsample.random_kernel(method, s, k, 10 * seed + layer) for layer in range(depth)]


def size(s, depth):
    """Rows and columns of the first map."""
    return min(64, max(6, LARGEST // s**depth))


def start(source, size):
    if source == NOISE:
        return torch.rand(1, 1, size, size, generator=torch.Generator().manual_seed(0))
    return photos.load(source, size).mean(1, keepdim=True).cpu()


def stacked(x, kernels, s, method):
    for kernel in kernels:
        x = upsample.Upsampler(method, s, kernel)(x)
    return x


picture = of(stacked, "start", "kernels", "s", "method")


def flat(size, kernels, s, depth, method):
    """Response to a map of ones, far from its border, over whole periods of the pattern."""
    x = stacked(torch.ones(1, 1, size, size), kernels, s, method)
    period = s**depth
    side = max(1, SEEN // period) * period
    first = (x.shape[3] - side) // 2 // period * period
    return x[..., first : first + side, first : first + side]


constant = of(flat, "size", "kernels", "s", "depth", "method")


def overlap(size, k, s, depth, method):
    """Number of ways from the first map to each output; for one layer, the number of inputs."""
    side = k | 1 if method == RESIZE else k
    return flat(size, [torch.ones(side, side)] * depth, s, depth, method).round()


def spectrum(constant):
    """The strength of each frequency, with 0 in the middle; 1 is a constant of 1."""
    strength = torch.fft.fft2(constant[0, 0]).abs() / constant[0, 0].numel()
    return torch.fft.fftshift(strength.clamp(min=FAINTEST).log10())


def spectrum_chart(k, s, depth, weights, size):
    series = {}
    for method in (TRANSPOSED, RESIZE):
        line = flat(size, kernels(k, s, depth, weights, method), s, depth, method)[0, 0].mean(0)
        strength = (torch.fft.rfft(line).abs() / len(line)).clamp(min=FAINTEST)
        series[method] = {i / len(line): float(v) for i, v in enumerate(strength)}
    return plots.lines(
        series,
        title=f"Ones after {depth} × (kernel {k}, stride {s}): along a row, mean of all rows",
        x="cycles per pixel",
        y="strength",
        ticks=(0, 0.1, 0.2, 0.3, 0.4, 0.5),
        y_scale="log",
    )


def evenness(k, s, method):
    if method == RESIZE:
        return "even: every output adds up equally many values"
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
    if high - low < FAINTEST:
        return "no pattern: the map is flat"
    return f"{s**depth} pixels"


def side(k, method):
    """Size of the kernel that is used: a resize-convolution needs one with a middle."""
    if method == RESIZE and k % 2 == 0:
        return f"{k + 1} × {k + 1}, the next one with a middle"
    return f"{k} × {k}"


def spectrum_pane(spectrum):
    """The spectrum with its border on all four sides: half a cycle to the left is one to the right.

    Of an odd number of pixels, no frequency lies at the border.
    """
    even = 1 - spectrum.shape[0] % 2
    both = F.pad(spectrum[None, None], (0, even, 0, even), mode="circular")
    pane = paint.scalar(both[0], low=-4, high=0, palette="magma")
    return pane.related(space="frequency")  # not a place of the other panes


LAB = Lab(
    title="Checkerboards",
    summary="What stacked upsampling layers make of a flat map, before any training.",
    controls={
        "k": Choice(*range(1, 10), default=3, label="kernel size k"),
        "s": Choice(1, 2, 3, 4, default=2, label="stride s"),
        "depth": Choice(1, 2, 3, label="layers"),
        "weights": Choice("ones", "bilinear", "random 1", "random 2", "random 3"),
        "method": Choice(TRANSPOSED, RESIZE),
        "source": Photo("astronaut", "coffee", "coins", NOISE, label="input"),
    },
    stages=globals(),
    panes={
        "overlap: ways per output": of(paint.scalar, "overlap", low=0, palette="cividis"),
        "a map of ones becomes": of(paint.scalar, "constant", low=0, high=2),
        "the input becomes": of(paint.scalar, "picture", low=0, high=1, palette="gray"),
        "spectrum: log10 strength": spectrum_pane,
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
