"""How long the ways to a dense map take on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import torch

from seglab import device
from seglab.draw import plots
from seglab.nets import textures
from seglab.ops import dense
from seglab.types import Image

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

METHODS: dict[str, Callable[..., object]] = {
    "sliding window": dense.sliding_window,
    "shift and stitch": dense.shift_and_stitch,
    "à trous": lambda net, image: dense.rarefy(net)(image),
    "fragments": dense.fragments,
}


def milliseconds(function: Callable[..., object], *arguments: object) -> float:
    """The median time of function(*arguments), repeated for a tenth of a second."""
    from torch.utils.benchmark import Timer  # late: it looks for compilers and CUDA when imported

    timer = Timer(
        "function(*arguments)",
        globals={"function": function, "arguments": arguments},
        num_threads=torch.get_num_threads(),
    )
    return 1000 * timer.blocked_autorange(min_run_time=0.1).median


def measure(image: Image) -> Iterator[tuple[str, int, float]]:
    """(method, f, milliseconds) for every method and every texture net, one after the other."""
    for f in textures.OUTPUT_STRIDES:
        net = textures.pretrained(output_stride=f)
        for name, method in METHODS.items():
            yield name, f, milliseconds(method, net, image)


def chart(
    series: Mapping[str, Mapping[float, float]], *, title: str, x: str, ticks: Sequence[float]
) -> Figure:
    """Milliseconds against x for each named series, both as ratios; says on which device."""
    return plots.lines(
        series,
        title=f"{title}, on {device.describe()}",
        x=x,
        y="milliseconds",
        ticks=ticks,
        x_scale="log",
        y_scale="log",
        unit="ms",
    )
