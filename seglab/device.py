"""The one place that chooses the device: CUDA, then MPS, then CPU; SEGLAB_DEVICE overrides."""

import os
import warnings
from collections.abc import Callable
from typing import TypeVar

import torch

from seglab import _cgroup

T = TypeVar("T")

_chosen: torch.device | None = None


def default() -> torch.device:
    """The device on which pictures and nets are placed.

    Raises ValueError when SEGLAB_DEVICE names a device that this machine does not have.
    """
    global _chosen
    if _chosen is None:
        _chosen = _from_environment() or _best()
    return _chosen


def use(name: str | torch.device) -> torch.device:
    """Choose the device for everything placed from now on; returns it."""
    global _chosen
    _chosen = _checked(str(name), argument="name")
    return _chosen


def describe() -> str:
    """The device in a few words for a status line, such as 'CPU' or 'NVIDIA H100'."""
    device = default()
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return {"mps": "Apple GPU", "cpu": "CPU"}.get(device.type, str(device))


def share_cores() -> int:
    """Let torch use half of the cores, at most 4, and say how many; OMP_NUM_THREADS overrides.

    The cores are those that this process may run on, and no more than a container's quota allows.
    With a thread on every core, one core that is busy elsewhere (the browser, another student on
    the same server) stalls them all, and a small net runs many times slower.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, min(4, _cores() // 2, torch.get_num_threads())))
    return torch.get_num_threads()


def or_cpu(call: Callable[[], T], retry: Callable[[], T], quiet: bool = False) -> T:
    """call(), or retry() with the CPU as the chosen device once the GPU is out of memory.

    quiet: without the warning that says so.
    """
    try:
        return call()
    except RuntimeError as error:  # torch.OutOfMemoryError on CUDA, a plain one on MPS
        if "out of memory" not in str(error):
            raise
        where = describe()
        reason = str(error).partition("\n")[0]
    torch.cuda.empty_cache()
    use("cpu")
    if not quiet:
        warnings.warn(f"{where} is out of memory ({reason}): going on with the CPU", stacklevel=2)
    return retry()


def _cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota = _cgroup.cores()
    return cores or 1 if quota is None else min(cores or 1, int(quota))


def _best() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _from_environment() -> torch.device | None:
    name = os.environ.get("SEGLAB_DEVICE")
    return _checked(name, argument="SEGLAB_DEVICE") if name else None


def _checked(name: str, argument: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"{argument}={name!r} is no device of this machine ({reason}); "
            f"use 'cpu', 'cuda' or 'mps', or leave it unset"
        ) from error
    return device
