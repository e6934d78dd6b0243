"""Values as bytes between a submission's process and ours, both ways, without pickle.

Reading bytes runs no code of the sender: JSON for what a value is made of, and behind it the raw
numbers of tensors and arrays, whose sizes are checked before anything is made of them.
"""

import json
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

MOST = 64_000_000  # bytes of one message
_MOST_TEXT = 8_000_000  # bytes of it that are JSON
_LARGEST = 1 << 200  # whole number
_DEEPEST, _MOST_PARTS, _LONGEST_TEXT = 12, 200_000, 100_000
_GROUPS = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
_DTYPES = {
    name: getattr(torch, name)
    for name in (
        *("bool", "uint8", "int8", "int16", "int32", "int64"),
        *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
    )
}


class Foreign:
    """Something that cannot be sent; its type has the name that the sender's type has."""


def pack(message: Any) -> bytes:
    """A message as bytes."""
    numbers: list[bytes] = []
    text = json.dumps(_Writer(numbers).tree(message, 0)).encode()
    return len(text).to_bytes(8, "big") + text + b"".join(numbers)


def unpack(data: bytes) -> Any:
    """The message that the bytes stand for; ValueError where they stand for none."""
    try:
        end = 8 + int.from_bytes(data[:8], "big")
        if end > _MOST_TEXT:
            raise ValueError("too long a text")
        return _value(json.loads(data[8:end]), memoryview(data)[end:])
    except (KeyError, TypeError, IndexError, RecursionError, OverflowError) as error:
        raise ValueError(f"no message: {type(error).__name__}") from error


def foreign(name: str) -> Foreign:
    """Something of a type of this name."""
    return type(name[:60].replace("\0", "") or "object", (Foreign,), {})()


class _Writer:
    """A writer of one message, which counts what it has written."""

    def __init__(self, numbers: list[bytes]) -> None:
        self._numbers, self._parts, self._at = numbers, 0, 0

    def tree(self, value: Any, depth: int) -> Any:
        """The part of a value that JSON can say; the numbers of its arrays are kept for the end."""
        self._parts += 1
        if depth > _DEEPEST or self._parts > _MOST_PARTS:
            return _other(value)
        if value is None or value is ... or value is NotImplemented:
            return {"nothing": repr(value)}
        if isinstance(value, float) and not isinstance(value, np.generic):
            return {"float": repr(float(value))}
        if isinstance(value, int) and abs(value) < _LARGEST:
            return {"plain": bool(value) if isinstance(value, bool) else int(value)}
        if isinstance(value, str):
            return {"text": str(value)[:_LONGEST_TEXT]}
        if isinstance(value, complex):
            return {"complex": [value.real, value.imag]}
        if isinstance(value, Tensor):
            return self._tensor(value)
        if isinstance(value, np.ndarray | np.generic):
            return self._array(value)
        for kind, group in _GROUPS.items():
            if isinstance(value, group):
                return {kind: [self.tree(part, depth + 1) for part in value]}
        if isinstance(value, Mapping):
            pairs = value.items()
            return {"dict": [[self.tree(part, depth + 1) for part in pair] for pair in pairs]}
        return _other(value)

    def _tensor(self, value: Tensor) -> Any:
        value = value.detach()
        value = (value if value.layout == torch.strided else value.to_dense()).cpu()
        dtype = str(value.dtype).removeprefix("torch.")
        if dtype not in _DTYPES:
            return _other(value)
        flat = torch.empty(value.numel(), dtype=value.dtype).copy_(value.reshape(-1))
        raw = flat.view(torch.uint8).numpy().tobytes() if len(flat) else b""
        return {"tensor": [dtype, list(value.shape), *self._kept(raw)]}

    def _array(self, value: Any) -> Any:
        kind = "array" if isinstance(value, np.ndarray) else "scalar"
        value = np.asarray(value)
        if value.dtype.kind not in "biufc" or value.dtype.itemsize > 16:
            return _other(value)
        value = value.astype(value.dtype.newbyteorder("="), copy=False)
        return {kind: [value.dtype.name, list(value.shape), *self._kept(value.tobytes())]}

    def _kept(self, raw: bytes) -> tuple[int, int]:
        start = self._at
        if start + len(raw) > MOST:
            raise ValueError("an answer of more than 64 MB")
        self._numbers.append(raw)
        self._at += len(raw)
        return start, len(raw)


def _other(value: Any) -> Any:
    return {"other": type(value).__name__}


def _value(tree: Any, numbers: memoryview) -> Any:
    ((kind, said),) = _only(tree, dict).items()
    if kind == "nothing":
        return {"Ellipsis": ..., "NotImplemented": NotImplemented}.get(said)
    if kind == "plain":
        return _only(said, bool | int)
    if kind == "text":
        return _only(said, str)
    if kind == "float":
        return float(_only(said, str)[:400])
    if kind == "complex":
        return complex(*(float(part) for part in said[:2]))
    if kind == "other":
        return foreign(_only(said, str))
    if kind == "dict":
        return {_value(key, numbers): _value(value, numbers) for key, value in said}
    if kind in _GROUPS:
        return _GROUPS[kind](_value(part, numbers) for part in said)
    return _numbers(kind, said, numbers)


def _numbers(kind: str, said: Any, numbers: memoryview) -> Any:
    dtype, shape, start, size = said
    raw = bytearray(numbers[_only(start, int) : start + _only(size, int)])
    shape = [_only(length, int) for length in shape]
    if start < 0 or len(raw) != size or min(shape, default=0) < 0 or len(shape) > 32:
        raise ValueError("numbers that are not there")
    if _only(dtype, str) == "bool":
        raw = bytearray(map(bool, raw))  # a byte of 2 would be neither True nor False
    if kind == "tensor":
        wide = torch.empty(0, dtype=_DTYPES[dtype]).element_size()
        if prod(shape) * wide != size:
            raise ValueError("numbers of another size")
        if not size:
            return torch.empty(shape, dtype=_DTYPES[dtype])
        return torch.frombuffer(raw, dtype=torch.uint8).view(_DTYPES[dtype]).reshape(shape)
    if np.dtype(dtype).kind not in "biufc" or prod(shape) * np.dtype(dtype).itemsize != size:
        raise ValueError("numbers of another size")
    array = np.frombuffer(raw, dtype).reshape(shape)
    return array if kind == "array" else array[()]


def _only(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"a {type(value).__name__} where none is due")
    return value
