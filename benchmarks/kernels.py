"""Many kernels at once on one machine, each stepping through a lab: failures, and growth of memory.

    python benchmarks/kernels.py [--kernels 20] [--minutes 10] [--labs NAME ...]

Each kernel is a process of its own, as a student's is; each move is an event of the browser, as
the kernel sees it. Memory is "its own", which no other process shares. Prints a Markdown report.
"""

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from course import run_cell, started  # noqa: E402
from measuring import Target, machine, percentile, table, targets  # noqa: E402
from memory import FIRST, MOVES  # noqa: E402

from seglab import lessons  # noqa: E402

SOME = ("08", "03", "15", "10")
AT_ONCE = 5  # moves between two looks at the memory
MOST_GROWTH = 1.3  # of the last quarter's memory over that of the second quarter


class Stepping:
    """A kernel that steps through a lab: moves, megabytes after each look, and what failed."""

    def __init__(self, lab: str, seed: int) -> None:
        self.lab, self.seed = lab, seed
        self.moves = 0
        self.own: list[float] = []
        self.failures: list[str] = []

    def go(self, seconds: float) -> None:
        """Step until the time is over, which begins with the first picture."""
        try:
            with started() as (client, process):
                run_cell(client, FIRST.format(lab=self.lab))
                until = time.monotonic() + seconds
                while time.monotonic() < until:
                    self._look(client, process)
        except Exception as error:
            self.failures.append(f"{self.lab}: {type(error).__name__}: {error}")

    def _look(self, client: Any, process: Any) -> None:
        run_cell(client, MOVES.format(seed=self.seed + self.moves, count=AT_ONCE))
        self.moves += AT_ONCE
        self.own.append(process.memory_full_info().uss / 1e6)

    @property
    def growth(self) -> float | None:
        """The last quarter's memory over that of the second quarter; None for too few looks."""
        quarter = len(self.own) // 4
        if not quarter:
            return None
        early, late = self.own[quarter : 2 * quarter], self.own[-quarter:]
        return percentile(late, 50) / percentile(early, 50)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kernels", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--labs", nargs="+", default=SOME)
    options = parser.parse_args(arguments)
    print("# Kernels side by side\n")
    print(machine() + "\n")
    labs = [lessons.stem(lab) for lab in options.labs]
    all_ = [Stepping(labs[i % len(labs)], 1000 * i) for i in range(options.kernels)]
    threads = [threading.Thread(target=one.go, args=(60 * options.minutes,)) for one in all_]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = [
        (one.lab, float(one.moves), max(one.own, default=None), one.own[-1] if one.own else None)
        for one in all_
    ]
    table(["kernel", "moves", "most of its own, MB", "at the end, MB"], rows)
    failures = [failure for one in all_ for failure in one.failures]
    for failure in failures:
        print(f"\nfailed: {failure}")
    growth = [one.growth for one in all_ if one.growth is not None]
    targets(
        [
            Target("kernels that failed", float(len(failures)), "<=", 0),
            Target(
                "kernels that moved too little to tell", float(len(all_) - len(growth)), "<=", 0
            ),
            Target("memory, late : early", max(growth, default=None), "<=", MOST_GROWTH),
        ]
    )


if __name__ == "__main__":
    main()
