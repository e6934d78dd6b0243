"""Growth of time and memory with the pixels, with f and with the classes, beside the arithmetic.

    python benchmarks/scaling.py [--clock cpu] [--seconds S] [--short]

Fits y = a x ** p to medians of calls taken in turns. Nothing should grow faster than its
multiply-adds, or than its numbers where it does not multiply. Also how many scenes a second are
drawn. Prints Markdown.
"""

import argparse
import copy
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measuring import (  # noqa: E402
    Parts,
    Target,
    exponent,
    machine,
    number,
    padded,
    peak_memory,
    side_by_side,
    table,
    targets,
)

from seglab.images import scenes  # noqa: E402
from seglab.nets import textures  # noqa: E402
from seglab.ops import dense, heatmap, metrics  # noqa: E402

SLACK = 0.15  # of an exponent: what a busy machine adds to a fit over a few points
BATCH = 32


class Growth(NamedTuple):
    """Measurements along one axis: seconds, megabytes and arithmetic at each x."""

    what: str
    axis: str
    x: Sequence[int]
    seconds: Sequence[float]
    memory: Sequence[float | None]
    work: Sequence[int]

    def exponents(self) -> tuple[float, float | None, float]:
        """Exponents of the time, the memory and the arithmetic."""
        known = [(x, mb) for x, mb in zip(self.x, self.memory, strict=True) if mb]
        room = exponent(*zip(*known, strict=True)) if len(known) == len(self.x) else None
        return exponent(self.x, self.seconds), room, exponent(self.x, self.work)


def grown(
    what: str,
    axis: str,
    calls: dict[int, Callable[[], object]],
    work: Sequence[int],
    clock: Callable[[], float],
    seconds: float,
) -> Growth:
    """Measure calls by their x."""
    took = side_by_side({str(x): call for x, call in calls.items()}, seconds, clock)
    memory = [peak_memory(call, torch.device("cpu")) for call in calls.values()]
    return Growth(what, axis, list(calls), list(took.values()), memory, work)


def with_classes(net: nn.Sequential, classes: int) -> nn.Sequential:
    """The net with so many scores."""
    twin = copy.deepcopy(net)
    last = twin[-1]
    assert isinstance(last, nn.Conv2d)
    twin[-1] = nn.Conv2d(last.in_channels, classes, last.kernel_size)
    return twin.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def growths(
    sizes: Sequence[int], classes: Sequence[int], clock: Callable[[], float], seconds: float
) -> Iterator[Growth]:
    """Measure everything along every axis."""
    for f in textures.OUTPUT_STRIDES:
        net = textures.pretrained(f)
        calls = {
            size**2: lambda n=net, s=size: dense.predict(n, torch.rand(1, 3, s, s))
            for size in sizes
        }
        work = [dense.cost(net, (padded(net, s),) * 2, "atrous") for s in sizes]
        yield grown(f"predict, f = {f}", "pixels", calls, work, clock, seconds)
    edge = sizes[-2]
    image = torch.rand(1, 3, edge, edge)
    nets = {k: with_classes(textures.pretrained(8), k) for k in classes}
    calls = {k: lambda n=net: dense.predict(n, image) for k, net in nets.items()}
    work = [dense.cost(n, (padded(n, edge),) * 2, "atrous") for n in nets.values()]
    yield grown("predict, f = 8", "classes", calls, work, clock, seconds)
    scores = {k: torch.rand(1, k, edge, edge) for k in classes}
    calls = {k: lambda s=s: heatmap.label_map(s) for k, s in scores.items()}
    numbers = [k * edge**2 for k in classes]
    yield grown("label_map", "classes", calls, numbers, clock, seconds)
    for name, axis, pairs in (
        ("confusion of 8 classes", "pixels", {s * s: (8, s) for s in sizes}),
        ("confusion", "classes", {k: (k, edge) for k in classes}),
    ):
        maps = {x: (torch.randint(k, (2, 1, s, s)), k) for x, (k, s) in pairs.items()}
        calls = {x: lambda m=m, k=k: metrics.confusion(m[0], m[1], k) for x, (m, k) in maps.items()}
        numbers = [s * s + k * k for k, s in pairs.values()]
        yield grown(name, axis, calls, numbers, clock, seconds)


def scenes_a_second(seconds: float, clock: Callable[[], float]) -> float:
    """Scenes of 128 x 128 drawn a second, 32 at a time."""
    seeds = iter(range(0, 10**9, BATCH))

    def draw() -> None:
        first = next(seeds)
        scenes.batch(range(first, first + BATCH))

    return BATCH / side_by_side({"batch": draw}, seconds, clock)["batch"]


def report(found: Sequence[Growth], drawn: float | None) -> None:
    """The exponents, the figures that they come from, and the targets."""
    table(
        ["what", "against", "from", "to", "ms", "MB", "p of time", "p of memory", "p of work"],
        (
            (
                *(g.what, g.axis, str(g.x[0]), str(g.x[-1])),
                " … ".join(number(1000 * s) for s in (g.seconds[0], g.seconds[-1])),
                " … ".join(number(m) for m in (g.memory[0], g.memory[-1])),
                *(number(p, 2) for p in g.exponents()),
            )
            for g in found
        ),
    )
    if drawn is not None:
        print(f"\nscenes.batch draws {drawn:.0f} scenes of 128 × 128 a second, {BATCH} at a time.")
    exponents = [g.exponents() for g in found]
    faster = max((time - work for time, _, work in exponents), default=None)
    targets(
        [
            Target("exponent of time less that of work, at most", faster, "<=", SLACK),
            Target("scenes a second on one core", drawn, ">=", 500.0),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--seconds", type=float, default=3.0, help="for the calls of one row")
    parser.add_argument("--short", action="store_true", help="small sizes, few classes")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    clock = time.thread_time if options.clock == "cpu" else time.perf_counter
    sizes = (16, 32, 64) if options.short else (128, 256, 512, 1024)
    classes = (2, 8) if options.short else (2, 8, 32, 128, 512)
    print("# Scale of cost\n")
    print(machine() + "\n")
    found, drawn, parts = [], None, Parts()
    with parts.part("growth"), torch.inference_mode():
        for growth in growths(sizes, classes, clock, options.seconds):
            found.append(growth)  # one by one: what was measured before a failure is kept
    with parts.part("scenes"):
        drawn = scenes_a_second(options.seconds, clock)
    report(found, drawn)
    parts.end()


if __name__ == "__main__":
    main()
