"""State of a training on the disk, so that a killed training goes on where it was.

One safetensors file, replaced in one step: the tensors of the net and of the optimizer, and in its
header, as JSON, the settings and the losses so far. Nothing is pickled.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from seglab._files import atomic

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # what AdamW keeps for each parameter


@contextmanager
def resumable(names: Iterable[str], folder: str | os.PathLike[str]) -> Iterator[dict[str, Path]]:
    """Files for the checkpoints of these trainings, while inside; after their end they are gone.

    They lie in a folder `unfinished` in the folder, and stay there when a training breaks off.
    """
    unfinished = Path(folder) / "unfinished"
    files = {name: unfinished / f"{name}.safetensors" for name in names}
    yield files
    for path in files.values():
        path.unlink(missing_ok=True)
    with suppress(OSError):  # another training's may be there
        unfinished.rmdir()


def save(
    path: str | os.PathLike[str],
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    losses: list[float],
    settings: dict[str, Any],
) -> None:
    """Write the state after len(losses) steps; a crash meanwhile leaves the file that was there."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {f"net.{name}": value for name, value in net.state_dict().items()}
    for name, parameter in net.named_parameters():
        kept = optimizer.state.get(parameter, {})
        tensors |= {f"{moment}.{name}": kept[moment] for moment in _MOMENTS if moment in kept}
    # Two parameters may share memory, and so may a view and its base: a file holds copies.
    copies = {name: value.detach().clone().contiguous() for name, value in tensors.items()}
    header = {"settings": json.dumps(settings, sort_keys=True), "losses": json.dumps(losses)}
    with atomic(path) as unfinished:
        safetensors.torch.save_file(copies, unfinished, header)


def resume(
    path: str | os.PathLike[str],
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    settings: dict[str, Any],
) -> list[float]:
    """Bring the net and the optimizer to the saved state, in place; returns the losses so far.

    An empty list where there is no file, or one of other settings, of another net or one that is
    damaged: then nothing is changed, and the training starts anew.
    """
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 # no mapping
        losses: list[float] = json.loads(header.get("losses", "[]"))
        same = json.loads(header.get("settings", "null")) == json.loads(json.dumps(settings))
    except (OSError, ValueError, safetensors.SafetensorError):
        return []
    here = {f"net.{name}": value for name, value in net.state_dict().items()}
    shapes = {name: tensors[name].shape for name in here if name in tensors}
    if not same or shapes != {name: value.shape for name, value in here.items()}:
        return []
    with torch.no_grad():
        for name, value in here.items():
            value.copy_(tensors[name])
    for name, parameter in net.named_parameters():
        if f"step.{name}" in tensors:
            optimizer.state[parameter] = {
                "step": tensors[f"step.{name}"],
                **{
                    moment: _laid_out(tensors[f"{moment}.{name}"], parameter)
                    for moment in _MOMENTS[1:]
                },
            }
    return losses


def _laid_out(value: Tensor, like: Tensor) -> Tensor:
    """Value with the memory layout of another: sums then run in the same order."""
    return torch.empty_like(like, requires_grad=False).copy_(value)
