"""Values of stages as trees whose tensors can be taken out and put in again."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import torch
from torch import Tensor, nn

from seglab.scalars import START, Open, Unknown

# A number that torch itself reads out of a tensor: the page would not know it.
_READ = torch.SymFloat | torch.SymInt | torch.SymBool


@dataclass(frozen=True)
class Slot:
    """The place of a tensor that a page computes: output `output` of call `call`.

    call: below 0, the picture number -1 - call. kind: "tensor" or "number".
    """

    call: int
    output: int
    shape: tuple[int, ...]
    dtype: torch.dtype
    kind: str = "tensor"

    def example(self) -> Tensor:
        """A tensor of its shape and dtype."""
        return torch.zeros(self.shape, dtype=self.dtype)


@dataclass(frozen=True)
class Text:
    """A text with numbers in it that a page computes: pieces of text, and slots with a format."""

    pieces: tuple[str | tuple[Slot, str], ...]

    def __add__(self, more: str) -> "Text":
        return Text((*self.pieces, more) if more else self.pieces)

    def __radd__(self, before: str) -> "Text":
        return Text((before, *self.pieces) if before else self.pieces)


@dataclass(frozen=True, eq=False)
class Deferred:
    """A value that cannot be handed on by a page: what needs it computes it anew."""

    function: Callable[..., Any]
    inputs: dict[str, Any]


def walked(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """Return a copy in which each tensor and each thing that is still open is leaf(it).

    Nets and arrays of numpy are not entered: they are constant, and stay the same objects.
    """
    if isinstance(value, Tensor | Slot | Open | Unknown | Text | Deferred | _READ):
        return leaf(value)
    if isinstance(value, str):
        return leaf(value) if START in value else value
    if isinstance(value, dict):
        return {key: walked(inner, leaf) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        inside = [walked(inner, leaf) for inner in value]
        return type(value)(*inside) if hasattr(value, "_fields") else type(value)(inside)
    if _is_record(value):
        made = copy.copy(value)
        made.__dict__.update({name: walked(inner, leaf) for name, inner in vars(value).items()})
        return made
    return value


def has_unknown(value: Any) -> bool:
    """Tell whether a tree holds something that a visitor's picture does not have."""
    found: list[Any] = []
    walked(value, found.append)
    return any(isinstance(leaf, Unknown) for leaf in found)


def slots(value: Any) -> list[Slot]:
    """The slots of a tree in order, each once."""
    found: dict[Slot, None] = {}

    def note(leaf: Any) -> Any:
        if isinstance(leaf, Slot):
            found[leaf] = None
        elif isinstance(leaf, Text):
            found.update({piece[0]: None for piece in leaf.pieces if not isinstance(piece, str)})
        elif isinstance(leaf, Deferred):
            walked(leaf.inputs, note)
        return leaf

    walked(value, note)
    return list(found)


def shape_of(value: Any, places: dict[Slot, int], keep: list[Any]) -> Any:
    """Key of a tree: two trees of one key lead to one graph, whatever fills their slots.

    places: the number of each slot. keep: receives the objects whose identity is part of the key,
    so that they live as long as it.
    """
    if isinstance(value, Slot):
        return "slot", places[value], value.shape, value.dtype, value.kind
    if value is None or isinstance(value, str | int | float | bool | bytes):
        return type(value).__name__, value
    if isinstance(value, Tensor):
        there = value.detach().cpu().contiguous()
        return tuple(there.shape), there.dtype, sha256(there.numpy().tobytes()).hexdigest()
    if isinstance(value, Text):
        pieces = (
            piece if isinstance(piece, str) else (places[piece[0]], piece[1])
            for piece in value.pieces
        )
        return "text", tuple(pieces)
    if isinstance(value, Deferred):
        keep.append(value.function)
        return "deferred", id(value.function), shape_of(value.inputs, places, keep)
    if isinstance(value, dict):
        return "dict", tuple((k, shape_of(inner, places, keep)) for k, inner in value.items())
    if isinstance(value, tuple | list):
        return type(value).__name__, tuple(shape_of(inner, places, keep) for inner in value)
    if _is_record(value):
        held = sorted(vars(value).items())
        return type(value), tuple((name, shape_of(one, places, keep)) for name, one in held)
    keep.append(value)
    return "object", id(value)


def _is_record(value: Any) -> bool:
    """Tell whether an object is one of seglab's own, whose attributes are all that it is."""
    own = getattr(type(value), "__module__", "").startswith("seglab.")
    return own and hasattr(value, "__dict__") and not isinstance(value, nn.Module | type)
