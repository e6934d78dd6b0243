"""Duration of a call on this machine."""

from collections.abc import Callable

import torch


def milliseconds(function: Callable[..., object], *arguments: object) -> float:
    """The median time of function(*arguments), repeated for a tenth of a second."""
    from torch.utils.benchmark import Timer  # late: it looks for compilers and CUDA when imported

    timer = Timer(
        "function(*arguments)",
        globals={"function": function, "arguments": arguments},
        num_threads=torch.get_num_threads(),
    )
    return 1000 * timer.blocked_autorange(min_run_time=0.1).median
