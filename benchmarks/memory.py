"""Memory of a lab's own kernel: after its first picture, and after many moves.

    python benchmarks/memory.py [--moves N] [--labs NAME ...]

A real kernel process for each lab; each move is an event of the browser, as the kernel sees it,
and the next states are computed ahead. "Its own" is what no other process shares: what one more
student takes. So another kernel has the same lab, with whom the code of libraries is shared; "at
rest" is a while after the last move. Prints a Markdown report.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from course import run_cell, started, weighed  # noqa: E402
from measuring import Parts, Target, machine, table, targets  # noqa: E402

from seglab import lessons  # noqa: E402

SOME = ("08", "01", "15")  # a net in many ways, clusters, and objects
FIRST = "from seglab import lessons, show\nLAB = lessons.find({lab!r})\nlive = show(LAB)\nlive"
MOVES = """
import random
from seglab.live import kernel
kernel.is_ui_event = lambda: True
draw = random.Random({seed})
for _ in range({count}):
    name = draw.choice(list(LAB.controls))
    live.controls[name].value = draw.choice(list(LAB.controls[name].sweep()))
    live.settled()
"""
REST = "import time\ntime.sleep(15)"  # its thread gives freed memory back
EARLY = 60  # moves, as many as a student makes in some minutes
MOST = 500  # MB of its own


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moves", type=int, default=500)
    parser.add_argument("--labs", nargs="+", default=SOME)
    options = parser.parse_args(arguments)
    print("# What a kernel's memory grows to\n")
    print(machine() + "\n")
    early = min(EARLY, options.moves)
    counts = (early, options.moves - early)
    found, rows = [], []
    parts = Parts()
    for lab in map(lessons.stem, options.labs):
        with parts.part(lab):
            moves = [MOVES.format(seed=seed, count=n) for seed, n in enumerate(counts)]
            first = FIRST.format(lab=lab)
            with started() as (neighbour, _):
                for cell in (first, moves[0]):
                    run_cell(neighbour, cell)
                own = weighed(["import torch", first, *moves, REST])
            rows.append((lab, *own))
            found.append(
                Target(f"{lab}, at rest after {options.moves} moves, MB", own[-1], "<=", MOST)
            )
    heads = ["import torch", "first picture", f"{early} moves", f"{options.moves} moves", "at rest"]
    table(["its own, MB", *heads], rows)
    targets(found)
    parts.end()


if __name__ == "__main__":
    main()
