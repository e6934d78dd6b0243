"""A picture larger than memory, tile by tile: time and peak memory; and two workers against one.

    python benchmarks/tiles.py [--side N] [--tile N] [--workers-side N]

The picture is a file of side x side bytes, which is written first and removed at the end. Peak
memory is that of a process of its own: all that it holds, and what it holds beside the pages of
files, which the system takes back when it needs them.
"""

import argparse
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measuring import Parts, Target, machine, need, number, table, targets  # noqa: E402

from seglab.ops import tiles  # noqa: E402

MOST = 2.0  # gigabytes
NEAR_LINEAR = 1.7  # times as fast with two workers


def small_net(width: int = 4) -> nn.Sequential:
    """A net of one channel in and two classes out, which goes down to stride 4 and up again."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, width, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(width, width, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(width, 2, 3, padding=1),
        nn.Upsample(scale_factor=4, mode="nearest"),
    ).eval()


def labels(scores: torch.Tensor) -> torch.Tensor:
    """The label of each pixel, as one byte."""
    return scores.argmax(1).to(torch.uint8)


def write(path: Path, side: int) -> None:
    """A picture of noise, a row of blocks at a time."""
    draw = np.random.default_rng(0)
    rows = max(1, min(side, 2**24 // side))
    with path.open("wb") as file:
        for first in range(0, side, rows):
            file.write(draw.integers(0, 256, (min(rows, side - first), side), np.uint8).tobytes())


def held(word: str) -> float:
    """Gigabytes that this process holds now, by a word of /proc/self/status; NaN elsewhere."""
    try:
        found = re.search(rf"{word}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return float("nan")
    return int(found[1]) / 2**20 if found else float("nan")


def run(folder: str, side: int, tile: int, answers: Any) -> None:
    """Predict the whole picture in this process, and tell time and peak memory."""
    torch.set_num_threads(1)
    image = np.memmap(Path(folder) / "picture", np.uint8, "r", shape=(side, side))
    out = np.memmap(Path(folder) / "labels", np.uint8, "w+", shape=(side, side))
    own = [held("RssAnon")]
    start = time.perf_counter()
    tiles.predict(
        small_net(),
        image,
        tile,
        out=out,
        finish=labels,
        progress=lambda done, total: own.append(held("RssAnon")),
    )
    answers.put((time.perf_counter() - start, held("VmHWM"), max(own)))


def large_picture(side: int, tile: int) -> list[Target]:
    """Print time and memory of one large picture."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "picture", side)
        context = multiprocessing.get_context("spawn")
        answers = context.Queue()
        process = context.Process(target=run, args=(folder, side, tile, answers))
        process.start()
        process.join()
        if process.exitcode:
            raise RuntimeError(f"the process that predicts ended with {process.exitcode}")
        seconds, everything, own = answers.get()
    cuts = tiles.plan(small_net(), (side, side), tile)
    head = ("pixels, millions", "tiles", "margin", "seconds", "peak GB", "peak GB beside files")
    row = (side * side / 1e6, str(len(cuts)), str(cuts.margin[0]), seconds, everything, own)
    table(head, [row])
    return [
        Target("peak memory, GB", everything, "<=", MOST),
        Target("peak memory beside files, GB", own, "<=", MOST),
    ]


def workers(side: int, tile: int) -> list[Target]:
    """Print time with one worker of a dask cluster and with two."""
    need("dask", "distributed", "zarr")
    import dask.array as da
    import zarr
    from distributed import Client, LocalCluster

    took = {}
    for count in (1, 2):
        with (
            tempfile.TemporaryDirectory() as folder,
            LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            client.run(torch.set_num_threads, 1)
            chunks = (1024, 1024)
            shape = (side, side)
            image = zarr.open(f"{folder}/in.zarr", mode="w", shape=shape, chunks=chunks, dtype="u1")
            image[:] = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
            out = zarr.open(f"{folder}/out.zarr", mode="w", shape=shape, chunks=chunks, dtype="u1")
            net = small_net(32)
            start = time.perf_counter()
            tiles.predict(net, da.from_zarr(image), tile, out=out, finish=labels)
            took[count] = time.perf_counter() - start
    print()
    table(("workers", "seconds"), [(str(count), number(spent)) for count, spent in took.items()])
    return [Target("two workers, times as fast as one", took[1] / took[2], ">=", NEAR_LINEAR)]


def main(given: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--side", type=int, default=32768)
    parser.add_argument("--tile", type=int, default=2048)
    parser.add_argument("--workers-side", type=int, default=8192, help="0 leaves it out")
    options = parser.parse_args(given)
    print(f"{machine()}\nload {os.getloadavg()[0]:.1f}\n")
    parts, found = Parts(), []
    with parts.part("one large picture"):
        found += large_picture(options.side, options.tile)
    if options.workers_side:
        with parts.part("two workers"):
            found += workers(options.workers_side, options.tile)
    targets(found)
    parts.end()


if __name__ == "__main__":
    main()
