"""Shipped weights: safetensors files, checked by SHA-256 before they are parsed, never unpickled.

index.json names each net's file, its SHA-256 and its figures. A file's name carries its hash, so
that new weights stand beside the old until index.json, replaced in one step, points to them.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
from torch import Tensor, nn

from seglab._files import atomic
from seglab.nets import registry

FOLDER = Path(__file__).parent / "weights"
INDEX = "index.json"
_REINSTALL = "reinstall seglab"

State = dict[str, Tensor]
Net = TypeVar("Net", bound=nn.Module)


def load(name: str, folder: str | os.PathLike[str] = FOLDER) -> State:
    """Tensors of the net by name, on the CPU.

    Raises ValueError for a name that index.json does not have, and for a file that is missing
    or whose SHA-256 is not the recorded one.
    """
    entry = _entry(name, Path(folder))
    path = Path(folder) / str(entry["file"])
    data = contents(path, str(path), _remedy(name))
    digest = sha256(data).hexdigest()
    if digest != entry["sha256"]:
        raise ValueError(
            f"{path} is damaged (its SHA-256 is {digest}, recorded is {entry['sha256']}): "
            f"{_remedy(name)}"
        )
    tensors: State = safetensors.torch.load(data)
    return tensors


def figures(name: str, folder: str | os.PathLike[str] = FOLDER) -> dict[str, Any]:
    """Figures measured when these weights were trained, as recorded in index.json."""
    return dict(_entry(name, Path(folder))["figures"])


def origin(name: str, folder: str | os.PathLike[str] = FOLDER) -> dict[str, str]:
    """Source, version, file, its SHA-256 and licence of weights of others; else empty."""
    return dict(_entry(name, Path(folder)).get("origin", {}))


def names(folder: str | os.PathLike[str] = FOLDER) -> tuple[str, ...]:
    """Names of the nets that index.json has; none where there is no index.json."""
    return tuple(_index(Path(folder))) if (Path(folder) / INDEX).is_file() else ()


def save(
    states: Mapping[str, Mapping[str, Tensor]],
    figures: Mapping[str, Mapping[str, Any]],
    folder: str | os.PathLike[str] = FOLDER,
    origins: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Write all these nets or, when interrupted at any moment, none of them.

    origins: of nets that were trained by others, what `origin` tells.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    old = _index(folder) if (folder / INDEX).is_file() else {}
    new = dict(old)
    for name, tensors in states.items():
        data = safetensors.torch.save({key: value.contiguous() for key, value in tensors.items()})
        digest = sha256(data).hexdigest()
        file = f"{name}-{digest[:8]}.safetensors"
        _write(folder / file, data)
        new[name] = {"file": file, "sha256": digest, "figures": dict(figures[name])}
        if origins and name in origins:
            new[name]["origin"] = dict(origins[name])
    _write(folder / INDEX, (json.dumps(new, indent=2) + "\n").encode())
    for file in {entry["file"] for entry in old.values()} - {e["file"] for e in new.values()}:
        (folder / file).unlink(missing_ok=True)


def count(net: nn.Module) -> int:
    """Number of weights that a net has learned: its parameters, without what it keeps beside."""
    return sum(weight.numel() for weight in net.parameters())


def to_half(net: nn.Module) -> State:
    """Weights of a net as 16-bit numbers, which take half the room."""
    return {key: value.detach().half() for key, value in net.state_dict().items()}


def from_half(net: Net, state: Mapping[str, Tensor]) -> Net:
    """Net with these weights, halved or not: in place, in eval mode, not to be trained."""
    net.load_state_dict({key: value.float() for key, value in state.items()})
    return net.eval().requires_grad_(False)


def contents(path: Path, named: str, remedy: str) -> bytes:
    """Bytes of a file; ValueError, with its name and the remedy, where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{named} cannot be read ({error.strerror}): {remedy}") from error


def check_writable(folder: str | os.PathLike[str]) -> None:
    """Raise ValueError when save could not write there: better now than after the training."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ValueError(
            f"out={str(folder)!r} cannot be written ({error.strerror}): "
            f"name a folder of your own, such as out='weights'"
        ) from error


def _write(path: Path, data: bytes) -> None:
    with atomic(path) as unfinished:
        unfinished.write_bytes(data)


def _index(folder: Path) -> dict[str, Any]:
    path = folder / INDEX
    data = contents(path, str(path), _REINSTALL)
    try:
        index = json.loads(data)
    except ValueError as error:
        raise ValueError(f"{path} is damaged ({error}): {_REINSTALL}") from error
    fields = {"file", "sha256", "figures"}
    if not isinstance(index, dict) or not all(
        isinstance(entry, dict) and fields <= entry.keys() for entry in index.values()
    ):
        raise ValueError(f"{path} is damaged (a net lacks file, sha256 or figures): {_REINSTALL}")
    return index


def _entry(name: str, folder: Path) -> dict[str, Any]:
    index = _index(folder)
    if name not in index:
        raise ValueError(
            f"name={name!r} is none of the nets in {folder / INDEX} ({', '.join(index)}): "
            f"{_remedy(name)}"
        )
    return dict(index[name])


def _remedy(name: str) -> str:
    if name in registry.CONVERTED:
        return _REINSTALL
    return f"run 'seglab train {registry.command(name)}' or reinstall seglab"
