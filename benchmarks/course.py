"""Costs to student and instructor: imports, first picture, memory, checks, size.

    python benchmarks/course.py [--rounds N] [--labs] [--short]

Each figure stands beside what is used instead, measured in turns in the same run; processes and
kernels are fresh each time. --labs also runs every lab's strict check on two cores, which takes
minutes. --short leaves out kernels and labs. Prints a Markdown report.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measuring import Parts, Target, machine, need, number, table, targets  # noqa: E402

need("hatchling", "psutil")

import psutil  # noqa: E402

from seglab.course import kernel  # noqa: E402

IMPORT = """
import sys, time
start = time.perf_counter()
import seglab
took = time.perf_counter() - start
print(took, "torch" in sys.modules)
"""
# The first cells of lab 08, as they stand in its notebook.
PICTURE = [
    "from seglab import check, quiz, show\nfrom seglab.lessons.shift_and_stitch import LAB",
    'quiz("08-how-many-passes")',
    "lab = show(LAB)\nlab",
]
STEPS = ["for f in (2, 4, 8, 16):\n    lab.set(f=f)"]
BARE = ["import torch"]
USUAL = ["import torch, torchvision"]
PATIENCE = 600  # seconds for a cell
CORES = 2


class Life(NamedTuple):
    """A kernel from its start to the end of its cells: seconds, megabytes, widgets opened."""

    seconds: float
    resident: float
    own: float  # of this process alone: what one more student takes
    comms: list[str]


def imported(rounds: int) -> tuple[float, bool]:
    """Median seconds of `import seglab` in a fresh Python, and whether it brings torch along."""
    took, brought = [], False
    for _ in range(rounds):
        made = subprocess.run(
            [sys.executable, "-c", IMPORT],
            env=kernel.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        seconds, torch = made.stdout.split()
        took.append(float(seconds))
        brought = brought or torch == "True"
    return statistics.median(took), brought


@contextmanager
def started() -> Iterator[tuple[Any, psutil.Process]]:
    """A fresh kernel that is ready: its client and its process."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_spec_manager=kernel.ThisPython().kernel_spec_manager)
    environment = {**kernel.environment(), "OMP_NUM_THREADS": str(CORES)}
    manager.start_kernel(env=environment, stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        yield client, psutil.Process(manager.provisioner.pid)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def live(cells: Sequence[str], more: Sequence[str] = ()) -> Life:
    """Start a kernel, run cells in it and weigh it; `more` runs before the weighing, untimed."""
    comms: list[str] = []
    start = time.perf_counter()
    with started() as (client, process):
        for cell in cells:
            comms += run_cell(client, cell)
        seconds = time.perf_counter() - start
        for cell in more:
            run_cell(client, cell)
        memory = process.memory_full_info()
        return Life(seconds, memory.rss / 1e6, memory.uss / 1e6, comms)


def weighed(cells: Sequence[str]) -> list[float]:
    """Run cells in a fresh kernel; the megabytes of its own after each."""
    own = []
    with started() as (client, process):
        for cell in cells:
            run_cell(client, cell)
            own.append(process.memory_full_info().uss / 1e6)
    return own


def run_cell(client: Any, cell: str) -> list[str]:
    """Run a cell to its end; the names of the widgets' modules that it opened."""
    opened = []

    def note(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "comm_open":
            state = content["data"].get("state", {})
            opened.append(str(state.get("_anywidget_id", state.get("_model_name"))))
        elif message["msg_type"] == "error":
            raise RuntimeError(f"a cell failed: {content['ename']}: {content['evalue']}")

    client.execute_interactive(cell, timeout=PATIENCE, output_hook=note, store_history=True)
    return opened


def kernels(rounds: int) -> dict[str, Life]:
    """Medians of kernels of three kinds, started in turns."""
    kinds = {
        "import torch": (BARE, ()),
        "import torch, torchvision": (USUAL, ()),
        "lab 08, first picture": (PICTURE, STEPS),
    }
    lives: dict[str, list[Life]] = {name: [] for name in kinds}
    for round_ in range(rounds + 1):  # the first round fills the disk's cache
        for name, (cells, more) in kinds.items():
            life = live(cells, more)
            if round_:
                lives[name].append(life)
            print(f"{name}: {life.seconds:.1f} s", file=sys.stderr)
    opened = lives["lab 08, first picture"][0].comms
    if not any("board" in name.lower() for name in opened):
        raise RuntimeError(f"no board was opened, only {', '.join(opened) or 'nothing'}")
    return {
        name: Life(*(statistics.median(column) for column in list(zip(*rows, strict=True))[:3]), [])
        for name, rows in lives.items()
    }


def checked() -> tuple[float, int, str]:
    """Seconds that the strict check of all labs takes on two cores; its exit code and last line."""
    command = [sys.executable, "-m", "seglab", "check"]
    cores = sorted(os.sched_getaffinity(0))[:CORES] if hasattr(os, "sched_getaffinity") else []
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env=kernel.environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    if cores:
        os.sched_setaffinity(process.pid, cores)
    said, _ = process.communicate()
    return time.perf_counter() - start, process.returncode, (said.strip().splitlines() or [""])[-1]


def wheel() -> float:
    """Megabytes of the wheel."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        (made,) = Path(folder).glob("*.whl")
        return made.stat().st_size / 1e6


def fresh(rounds: int) -> list[Target]:
    """Start kernels and print what they cost; the targets."""
    lives = kernels(rounds)
    print("## Fresh kernels\n")
    table(
        ["kernel", "ready, s", "resident, MB", "its own, MB"],
        ((name, life.seconds, life.resident, life.own) for name, life in lives.items()),
    )
    bare, usual, lab = lives.values()
    return [
        Target("first picture : import torch", lab.seconds / bare.seconds, "<=", 1.5),
        Target("memory : import torch, torchvision", lab.resident / usual.resident, "<=", 1.2),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--labs", action="store_true", help="also check every lab: minutes")
    parser.add_argument("--short", action="store_true", help="no kernels")
    options = parser.parse_args(arguments)
    print("# What the course costs\n")
    print(machine() + "\n")
    found: list[Target] = []
    parts = Parts()
    with parts.part("import seglab"):
        seconds, brought = imported(options.rounds)
        found.append(Target("import seglab, s", seconds, "<=", 0.2))
        found.append(Target("import seglab brings torch along (1 = yes)", float(brought), "<=", 0))
    with parts.part("the wheel"):
        found.append(Target("wheel, MB", wheel(), "<=", 15))
    if not options.short:
        with parts.part("fresh kernels"):
            found += fresh(options.rounds)
    if options.labs:
        with parts.part("the check of all labs"):
            took, code, last = checked()
            print(f"\nStrict check of all labs on {CORES} cores: {number(took)} s; {last}")
            found.append(Target("strict check of all labs, minutes", took / 60, "<=", 4))
            found.append(Target("its exit code", float(code), "<=", 0))
    targets(found)
    parts.end()


if __name__ == "__main__":
    main()
