"""Tools of all benchmarks: times side by side, peak memory, tables and targets."""

import ctypes
import os
import platform
import re
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from seglab.ops import receptive_field

Call = Callable[[], object]


class Target(NamedTuple):
    """A measurement, and the value that it should keep."""

    what: str
    value: float | None
    sign: str
    bound: float

    @property
    def met(self) -> bool:
        """True if the value keeps to its bound; one that could not be measured does not."""
        if self.value is None:
            return False
        return self.value <= self.bound if self.sign == "<=" else self.value >= self.bound


def need(*modules: str) -> None:
    """End at once, with the command that installs them, where modules are missing."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise SystemExit(
            f"this benchmark needs {', '.join(missing)}; what to do: "
            f"{sys.executable} -m pip install -e '.[bench]'"
        )


class Parts:
    """The parts of a benchmark: where one fails, the report says so and the others go on."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Run a part; an error of it is printed, and kept for end()."""
        try:
            yield
        except Exception as error:
            traceback.print_exc()
            self.failed.append(name)
            print(f"\n**{name} failed**: {type(error).__name__}: {error}\n", flush=True)

    def end(self) -> None:
        """End with exit code 1, naming the parts that failed, if any did."""
        if self.failed:
            raise SystemExit(f"failed: {', '.join(self.failed)}")


def ratio(above: float | None, below: float | None) -> float | None:
    """The quotient; None where one of the two could not be measured."""
    return None if above is None or below is None else above / below


def side_by_side(
    calls: Mapping[str, Call], seconds: float = 2.0, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """The median seconds of each call, taken in turns: A B C A B C, so that a busy machine is fair.

    After a round that warms up 3 to 15 rounds, of about so many seconds in all; but one where a
    round takes twice as long as that.
    """
    took: dict[str, list[float]] = {name: [] for name in calls}
    began = time.perf_counter()
    for call in calls.values():
        call()
    once = max(time.perf_counter() - began, 1e-6)
    least = 1 if once > 2 * seconds else 3
    for _ in range(min(15, max(least, int(seconds / once)))):
        for name, call in calls.items():
            start = clock()
            call()
            took[name].append(clock() - start)
    return {name: statistics.median(values) for name, values in took.items()}


def peak_memory(call: Call, device: torch.device) -> float | None:
    """Megabytes that a call takes beyond what was held before; None where it cannot be told."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        call()
        return (torch.cuda.max_memory_allocated(device) - before) / 1e6
    if platform.system() != "Linux":
        return None
    call()
    ctypes.CDLL(None).malloc_trim(0)  # or the call would find freed memory that still counts
    try:
        Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets the peak
    except OSError:
        return None
    before = _status("VmRSS")
    call()
    return (_status("VmHWM") - before) / 1e3


def _status(name: str) -> float:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return float(found[1]) if found else 0.0


def padded(net: nn.Module, size: int) -> int:
    """The side of the image once predict has padded it."""
    return size + int(receptive_field.of(net).size[0]) - 1


def exponent(x: Sequence[float], y: Sequence[float]) -> float:
    """The power p of the least-squares fit y = a x ** p."""
    a, b = (torch.tensor(values, dtype=torch.float64).log() for values in (x, y))
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / (a * a).sum())


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile."""
    return sorted(values)[min(len(values) - 1, round(share / 100 * (len(values) - 1)))]


def machine(device: torch.device | None = None) -> str:
    """The processor, its cores and threads, how busy it is, and what of torch runs on it."""
    try:
        text = Path("/proc/cpuinfo").read_text()
        found = re.search(r"model name\s*:\s*(.+)", text)
        name = found[1] if found else platform.processor()
    except OSError:
        name = platform.processor() or platform.machine()
    if device is not None and device.type == "cuda":
        name = torch.cuda.get_device_name(device)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    return (
        f"{name}; {cores} cores, {torch.get_num_threads()} threads, {load} at the start; "
        f"torch {torch.__version__}."
    )


def number(value: float | None, digits: int = 3) -> str:
    """A number with so many significant digits and no exponent; a dash for None."""
    if value is None:
        return "–"
    if abs(value) < 1e-6:
        return "0"
    return f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:.0f}"


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a Markdown table."""
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        cells = (cell if isinstance(cell, str) else number(cell) for cell in row)
        print("| " + " | ".join(cells) + " |", flush=True)


def targets(found: Sequence[Target]) -> None:
    """Print which bounds are met and which are not."""
    print("\n## Targets\n")
    table(
        ["what", "measured", "target", ""],
        (
            (one.what, one.value, f"{one.sign} {one.bound:g}", "met" if one.met else "MISSED")
            for one in found
        ),
    )
