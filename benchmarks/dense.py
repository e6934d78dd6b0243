"""A score for every pixel, five ways: time and memory against f and the size of the image.

    python benchmarks/dense.py [--threads N] [--clock cpu] [--seconds S] [--f F ...] [--sizes N ...]

The shipped texture nets, float32 on the CPU; on a CUDA device also in half precision. All ways pad
the image and give the same map, predict(net, image, method). Beside them stands the limit: the same
layers at stride 1 without dilation on random maps that give outputs of the same sizes, which is the
same arithmetic without what density costs; and the same convolutions alone. Prints Markdown.

Each figure is a median of calls taken in turns. --clock cpu counts processor time on one thread,
which a busy machine disturbs less.
"""

import argparse
import copy
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measuring import (  # noqa: E402
    Call,
    Target,
    machine,
    number,
    padded,
    peak_memory,
    side_by_side,
    table,
    targets,
)

from seglab.nets import textures  # noqa: E402
from seglab.ops import dense  # noqa: E402

METHODS = ("sliding_window", "shift_and_stitch", "atrous", "fragments")
NAMES = ("sliding window", "shift-and-stitch", "à trous", "fragments", "auto")
SIZES = (64, 128, 256, 512, 1024)


class Point(NamedTuple):
    """One row of the table: seconds, multiply-adds and megabytes by the way's name."""

    f: int
    size: int
    seconds: dict[str, float]
    work: dict[str, int]
    memory: dict[str, float | None]


def limit(net: nn.Module, image: torch.Tensor, everything: bool) -> Call:
    """The rarefied net's layers (or convolutions alone), undilated, each on a map of its own.

    Each map is as much smaller than the dilated layer's as makes the outputs equally large.
    """
    calls: list[tuple[Callable[[torch.Tensor], torch.Tensor], torch.Tensor]] = []

    def note(layer: Any, given: tuple[torch.Tensor], made: torch.Tensor) -> None:
        if not (everything or isinstance(layer, nn.Conv2d)):
            return
        alone, room = copy.copy(layer), (0, 0)
        alone._forward_hooks = {}
        if hasattr(layer, "dilation"):
            alone.dilation, room = (1, 1), tuple(k - 1 for k in layer.kernel_size)
        shape = (*given[0].shape[:2], made.shape[2] + room[0], made.shape[3] + room[1])
        plane = torch.rand(shape, device=image.device).to(image.dtype)
        calls.append((alone, plane.contiguous(memory_format=torch.channels_last)))

    atrous = dense.rarefy(net)
    hooks = [part.register_forward_hook(note) for part in atrous.children()]
    atrous(image)
    for hook in hooks:
        hook.remove()

    def run() -> None:
        for layer, plane in calls:
            layer(plane)

    return run


def measure(
    net: nn.Module, f: int, size: int, most: float, clock: Callable[[], float], seconds: float
) -> Point:
    """All ways at one f and size; the two slow ones need at most so many multiply-adds."""
    weight = next(net.parameters())
    image = torch.rand(1, 3, size, size, device=weight.device).to(weight.dtype)
    side = padded(net, size)
    work = {m: dense.cost(net, (side, side), m) for m in METHODS}
    calls: dict[str, Call] = {}
    for method, name in zip((*METHODS, "auto"), NAMES, strict=True):
        if name not in NAMES[:2] or work[method] <= most:
            calls[name] = lambda m=method: dense.predict(net, image, m)  # type: ignore[misc]
    if image.is_cuda:  # a launch is not the work: wait for it
        calls = {
            name: lambda c=call: (c(), torch.cuda.synchronize()) for name, call in calls.items()
        }
    large = torch.rand(1, 3, side, side, device=image.device).to(image.dtype)
    quick = {name: call for name, call in calls.items() if name not in NAMES[:2]}
    slow = {name: call for name, call in calls.items() if name in NAMES[:2]}
    for name, everything in (("limit", True), ("convolutions", False)):
        run = limit(net, large, everything)
        quick[name] = (lambda r=run: (r(), torch.cuda.synchronize())) if image.is_cuda else run  # type: ignore[misc]
    took = side_by_side(quick, seconds, clock)
    took |= side_by_side(slow, seconds, clock) if slow else {}
    memory = {name: peak_memory(call, image.device) for name, call in calls.items()}
    by_name = dict(zip(NAMES, work.values(), strict=False)) | {"auto": work["atrous"]}
    return Point(f, size, took, by_name, memory)


def product_peak(device: torch.device, dtype: torch.dtype, clock: Callable[[], float]) -> float:
    """Multiply-adds a second of a product of matrices, the most that the machine gives."""
    n = 1024 if device.type == "cpu" else 8192
    a, b = (torch.rand(n, n, device=device).to(dtype) for _ in range(2))

    def product() -> None:
        a @ b
        if a.is_cuda:
            torch.cuda.synchronize()

    return n**3 / side_by_side({"product": product}, 1.0, clock)["product"]


def points(
    device: torch.device,
    dtype: torch.dtype,
    fs: Sequence[int],
    sizes: Sequence[int],
    clock: Callable[[], float],
    seconds: float,
    patience: float,
) -> Iterator[Point]:
    """The table's rows as they are measured."""
    # Multiply-adds a second of a pass of many small crops, guessed.
    rate = 1e10 if device.type == "cpu" else 1e12
    for f in fs:
        net = copy.deepcopy(textures.pretrained(f)).to(device, dtype)
        for size in sizes:
            yield measure(net, f, size, rate * patience, clock, seconds)
            print(f"measured: f = {f}, {size} pixels", file=sys.stderr)


def report(rows: Sequence[Point], peak: float) -> None:
    """Times, memory, and how far each follows its multiply-adds."""
    print("### Milliseconds a map; – would take too long\n")
    head = ["f", "pixels", *NAMES, "limit", "convolutions alone", "auto : best", "auto : limit"]
    table(
        [*head, "of the peak"],
        (
            (
                *(str(row.f), str(row.size)),
                *(
                    _times(row.seconds.get(name), 1000)
                    for name in (*NAMES, "limit", "convolutions")
                ),
                f"{to_best(row):.2f}",
                f"{row.seconds['auto'] / row.seconds['limit']:.2f}",
                f"{100 * row.work['auto'] / row.seconds['auto'] / peak:.0f} %",
            )
            for row in rows
        ),
    )
    print("\n### Peak memory, MB beyond what was held before\n")
    table(
        ["f", "pixels", *NAMES],
        ((str(r.f), str(r.size), *(r.memory.get(name) for name in NAMES)) for r in rows),
    )
    print("\n### Measured : predicted by the multiply-adds, each as a multiple of à trous\n")
    table(
        ["f", "pixels", *(n for n in NAMES[:4] if n != "à trous")],
        ((str(r.f), str(r.size), *(off(r, n) for n in NAMES[:4] if n != "à trous")) for r in rows),
    )


def to_best(row: Point) -> float:
    """auto's time over the best exact method's."""
    return row.seconds["auto"] / min(row.seconds[n] for n in NAMES[:4] if n in row.seconds)


def off(row: Point, name: str) -> float | None:
    """By what factor a way's time differs from what its multiply-adds predict from à trous."""
    if name not in row.seconds:
        return None
    return (row.seconds[name] / row.seconds["à trous"]) / (row.work[name] / row.work["à trous"])


def aims(rows: Sequence[Point]) -> list[Target]:
    """Bounds that the figures should keep."""
    factors = [off(row, name) for row in rows for name in NAMES[:4]]
    known = [factor for factor in factors if factor is not None]
    found = [
        Target("auto : best exact method, at worst", max(map(to_best, rows)), "<=", 1.1),
        Target(
            "auto : limit of equal arithmetic, at worst",
            max(row.seconds["auto"] / row.seconds["limit"] for row in rows),
            "<=",
            1.5,
        ),
        Target("measured : predicted, at most", max(known), "<=", 2.0),
        Target("measured : predicted, at least", min(known), ">=", 0.5),
    ]
    for row in rows:
        if (row.f, row.size) == (16, 256):
            for name, bound in (("shift-and-stitch", 20.0), ("sliding window", 500.0)):
                times = row.seconds[name] / row.seconds["auto"] if name in row.seconds else None
                least = number(row.work[name] / row.work["auto"])
                what = f"{name} : auto, f = 16, 256 pixels (their multiply-adds: {least})"
                found.append(Target(what, times, ">=", bound))
    return found


def _times(value: float | None, factor: float) -> str:
    return number(None if value is None else value * factor)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=2, help="threads of torch")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--seconds", type=float, default=2.0, help="for the calls of one row")
    parser.add_argument(
        "--patience", type=float, default=10.0, help="leave out what may take so many seconds"
    )
    parser.add_argument("--f", type=int, nargs="+", default=textures.OUTPUT_STRIDES)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1 if options.clock == "cpu" else options.threads)
    clock = time.thread_time if options.clock == "cpu" else time.perf_counter
    print("# A score for every pixel\n")
    print(machine())
    places = [(torch.device("cpu"), torch.float32)]
    if torch.cuda.is_available():
        places += [(torch.device("cuda"), kind) for kind in (torch.float32, torch.float16)]
    with torch.inference_mode():
        for device, dtype in places:
            print(f"\n## {str(device).upper()}, {str(dtype).removeprefix('torch.')}\n")
            if device.type == "cuda":
                print(machine(device) + "\n")
            used = time.perf_counter if device.type == "cuda" else clock
            peak = product_peak(device, dtype, used)
            print(f"Products of matrices reach {peak / 1e9:.0f} G multiply-adds a second.\n")
            limits = options.seconds, options.patience
            rows = list(points(device, dtype, options.f, options.sizes, used, *limits))
            report(rows, peak)
            if device.type == "cpu":
                targets(aims(rows))
    if len(places) == 1:
        print("\nNo CUDA device on this machine: its tables were not measured.")


if __name__ == "__main__":
    main()
