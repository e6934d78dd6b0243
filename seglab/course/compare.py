"""Differences, in words, between a student's value and the right one."""

from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np
import torch
from torch import Tensor

TOLERANCE = 1e-5


def difference(got: Any, want: Any, reveal: bool = True) -> str | None:
    """Say what is wrong with got; None when it is as good as want.

    reveal: whether one of the wanted values may be shown.
    """
    if isinstance(want, Tensor | np.ndarray):
        return _of_arrays(got, want, reveal)
    if isinstance(want, list | tuple):
        return _of_sequences(got, want, reveal)
    if isinstance(got, Tensor | np.ndarray) and got.ndim == 0:
        got = got.item()
    if isinstance(want, Number) and isinstance(got, Number | np.generic):
        return _of_numbers(got, want, reveal)
    if type(got) is not type(want):
        return f"it returns {a_kind(got)}; {a_kind(want)} is asked for"
    return None if got == want else f"it returns {got!r}" + _expected(want, reveal)


def a_kind(value: Any) -> str:
    """The type of a value as a student would call it."""
    if isinstance(value, Tensor):
        return "a torch tensor"
    if isinstance(value, np.ndarray):
        return "a numpy array"
    name = type(value).__name__
    return {"bool": "True or False", "int": "a whole number", "str": "a text"}.get(
        name, f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
    )


def _of_arrays(got: Any, want: Tensor | np.ndarray, reveal: bool) -> str | None:
    if isinstance(got, Tensor) is not isinstance(want, Tensor) or not hasattr(got, "shape"):
        return f"it returns {a_kind(got)}; {a_kind(want)} is asked for"
    if tuple(got.shape) != tuple(want.shape):
        return f"the shape is {list(got.shape)}; it should be {list(want.shape)}"
    if got.dtype != want.dtype:
        return f"the dtype is {_dtype(got)}; it should be {_dtype(want)}"
    ours, theirs = _array(want), _array(got)
    if np.issubdtype(ours.dtype, np.inexact):
        lost = np.isnan(theirs) & ~np.isnan(ours)
        if lost.any():
            return f"{_count(lost)} NaN, the first at {_first(lost)}"
        wrong = ~np.isclose(theirs, ours, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    else:
        wrong = theirs != ours
    if not wrong.any():
        return None
    at = tuple(_first(wrong))
    return (
        f"{_count(wrong)} wrong, the first at {list(at)}: "
        f"it is {_show(theirs[at])}{_expected(ours[at], reveal)}"
    )


def _of_sequences(got: Any, want: Sequence[Any], reveal: bool) -> str | None:
    if isinstance(got, Tensor | np.ndarray) and got.ndim == 1:
        got = got.tolist()
    if not isinstance(got, list | tuple):
        return f"it returns {a_kind(got)}; {a_kind(want)} is asked for"
    if len(got) != len(want):
        return f"it returns {list(got)!r}: {len(got)} values where {len(want)} are asked for"
    for place, (theirs, ours) in enumerate(zip(got, want, strict=True), start=1):
        if difference(theirs, ours) is not None:
            like = list(got) if isinstance(want, list) else tuple(got)
            return f"it returns {like!r}: value {place} is wrong{_expected(ours, reveal)}"
    return None


def _of_numbers(got: Any, want: Any, reveal: bool) -> str | None:
    if isinstance(want, bool) is not isinstance(got, bool | np.bool_):
        return f"it returns {a_kind(got)}; {a_kind(want)} is asked for"
    if isinstance(got, complex | np.complexfloating):
        return f"it returns the complex number {got!r}"
    if float(got) != float(got):
        return "it returns NaN"
    if isinstance(want, int) and not float(got).is_integer():
        return f"it returns {_show(got)}; a whole number is asked for"
    near = abs(float(got) - float(want)) <= TOLERANCE * max(1.0, abs(float(want)))
    return None if near else f"it returns {_show(got)}" + _expected(want, reveal)


def _array(value: Tensor | np.ndarray) -> np.ndarray:
    if isinstance(value, Tensor):
        value = value.detach().cpu()
        return (value.float() if value.dtype == torch.bfloat16 else value).numpy()
    return value


def _dtype(value: Tensor | np.ndarray) -> str:
    return str(value.dtype).removeprefix("torch.")


def _first(wrong: np.ndarray) -> list[int]:
    return [int(n) for n in np.argwhere(wrong)[0]]


def _count(wrong: np.ndarray) -> str:
    n = int(wrong.sum())
    return f"{n} of {wrong.size} values {'is' if n == 1 else 'are'}"


def _expected(value: Any, reveal: bool) -> str:
    return f", it should be {_show(value)}" if reveal else ""


def _show(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    return f"{value:.5g}" if isinstance(value, Number | np.generic) else repr(value)
