"""Duration of a call on this machine."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

import torch

ENOUGH = 0.1  # seconds


def milliseconds(function: Callable[..., object], *arguments: object) -> float:
    """The median time of function(*arguments), repeated for a tenth of a second.

    A first call, which finds nothing prepared, is not counted. torch.utils.benchmark would call a
    slow function six times or more, where two calls tell as much.
    """
    _wait(function, *arguments)
    taken: list[float] = []
    end = perf_counter() + ENOUGH
    while not taken or perf_counter() < end:
        start = perf_counter()
        _wait(function, *arguments)
        taken.append(perf_counter() - start)
    return 1000 * median(taken)


def _wait(function: Callable[..., object], *arguments: object) -> None:
    """Call the function; on a GPU, wait until it has done what it was told."""
    function(*arguments)
    if torch.accelerator.is_available():
        torch.accelerator.synchronize()
