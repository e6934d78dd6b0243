"""Differences, in words, between a student's value and a right one.

Values come first. How they are stored is told only where it matters: any float type is as good as
another, and a NumPy array as good as a tensor.
"""

from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course import brief

TOLERANCE = 1e-5
_ROUNDINGS = 8  # how many steps of a coarser float type a value may be off

_KINDS = {"b": "True and False", "i": "whole numbers", "f": "floats", "c": "complex numbers"}


def difference(got: Any, want: Any, reveal: bool = True, others: Sequence[Any] = ()) -> str | None:
    """Say what is wrong with got; None when it is as good as want.

    reveal: whether one of the wanted values may be shown. others: further right values, where the
    task leaves a choice; each value of an array may be of another of them.
    """
    for other in others:
        if difference(got, other) is None:
            return None
        want = _mixed(got, want, other)
    if isinstance(want, Tensor | np.ndarray):
        return _of_arrays(got, want, reveal)
    if isinstance(want, list | tuple):
        return _of_sequences(got, want, reveal)
    tolerance = _tolerance(got)
    if isinstance(got, Tensor | np.ndarray) and got.ndim == 0:
        got = got.item()
    if isinstance(want, Number) and isinstance(got, Number | np.generic):
        return _of_numbers(got, want, reveal, tolerance)
    if type(got) is not type(want):
        return _another_kind(got, want)
    return None if got == want else f"it returns {brief.value(got)}" + _expected(want, reveal)


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


def _another_kind(got: Any, want: Any) -> str:
    return f"it returns {a_kind(got)}; {a_kind(want)} is asked for"


def _of_arrays(got: Any, want: Tensor | np.ndarray, reveal: bool) -> str | None:
    if want.ndim == 0 and isinstance(got, Number | np.generic):
        return difference(got, want.item(), reveal)
    ours, theirs = _array(want), _array(got)
    if ours is None or theirs is None:
        return _another_kind(got, want)
    if theirs.shape != ours.shape:
        return f"the shape is {list(theirs.shape)}; it should be {list(ours.shape)}"
    wrong = _wrong(theirs, ours, max(_tolerance(got), _tolerance(want)))
    if _kind(theirs) != _kind(ours):
        asked = f"{_KINDS[_kind(ours)]} ({_dtype(want)})"
        if wrong.any():
            return f"the dtype is {_dtype(got)}; it should be {_dtype(want)}"
        return f"the values are right, but the dtype is {_dtype(got)}; return {asked}"
    if _kind(ours) == "f" and (lost := np.isnan(theirs) & ~np.isnan(ours)).any():
        return f"{_count(lost)} NaN, the first at {list(_first(lost))}"
    if wrong.any():
        at = _first(wrong)
        is_now, should_be = brief.apart(theirs[at], ours[at])
        expected = f", it should be {should_be}" if reveal else ""
        return f"{_count(wrong)} wrong, the first at {list(at)}: it is {is_now}{expected}"
    if isinstance(got, list | tuple):
        return f"the values are right, but in {a_kind(got)}; return {a_kind(want)}"
    return None


def _of_sequences(got: Any, want: Sequence[Any], reveal: bool) -> str | None:
    if isinstance(got, Tensor | np.ndarray) and got.ndim == 1:
        got = list(got)
    if not isinstance(got, list | tuple):
        return _another_kind(got, want)
    like = list(got) if isinstance(want, list) else tuple(got)
    if len(got) != len(want):
        values = f"{len(got)} value{'' if len(got) == 1 else 's'}"
        return f"it returns {brief.value(like)}: {values} where {len(want)} are asked for"
    for place, (theirs, ours) in enumerate(zip(got, want, strict=True), start=1):
        if difference(theirs, ours) is not None:
            expected = _expected(ours, reveal)
            return f"it returns {brief.value(like)}: value {place} is wrong{expected}"
    return None


def _of_numbers(got: Any, want: Any, reveal: bool, tolerance: float) -> str | None:
    if isinstance(want, bool) is not isinstance(got, bool | np.bool_):
        return _another_kind(got, want)
    if isinstance(got, complex | np.complexfloating):
        return f"it returns the complex number {brief.number(got)}"
    if float(got) != float(got):
        return "it returns NaN"
    if isinstance(want, int) and not float(got).is_integer():
        return f"it returns {brief.number(got)}; a whole number is asked for"
    if abs(float(got) - float(want)) <= tolerance * max(1.0, abs(float(want))):
        return None
    is_now, should_be = brief.apart(got, want)
    return f"it returns {is_now}" + (f", it should be {should_be}" if reveal else "")


def _array(value: Any) -> np.ndarray | None:
    """Numbers as an array; None where they are none."""
    try:
        if isinstance(value, Tensor):
            value = value.detach().to_dense() if value.layout != torch.strided else value.detach()
            value = value.cpu().resolve_conj().resolve_neg()
            value = (value.float() if value.dtype == torch.bfloat16 else value).numpy()
        elif isinstance(value, list | tuple):
            value = np.asarray(value)
    except (ValueError, TypeError, RuntimeError):  # lists of lists of unequal length, for one
        return None
    return value if isinstance(value, np.ndarray) and value.dtype.kind in "biufc" else None


def _wrong(theirs: np.ndarray, ours: np.ndarray, tolerance: float) -> np.ndarray:
    if _kind(ours) in "fc":
        return ~np.isclose(theirs, ours, rtol=tolerance, atol=tolerance, equal_nan=True)
    return theirs != ours


def _mixed(got: Any, want: Any, other: Any) -> Any:
    """The values of want, but those of other where these are what got has."""
    if not isinstance(want, Tensor | np.ndarray):
        return want
    ours, theirs, others = _array(want), _array(got), _array(other)
    if ours is None or theirs is None or others is None:
        return want
    if not theirs.shape == ours.shape == others.shape:
        return want
    mixed = np.where(_wrong(theirs, others, _tolerance(got)), ours, others)
    return torch.from_numpy(mixed) if isinstance(want, Tensor) else mixed


def _tolerance(value: Any) -> float:
    """The relative and absolute error that is as good as none, of the type of the value."""
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, torch.dtype) and dtype.is_floating_point:
        return max(TOLERANCE, _ROUNDINGS * torch.finfo(dtype).eps)
    if isinstance(dtype, np.dtype) and dtype.kind == "f":
        return max(TOLERANCE, _ROUNDINGS * float(np.finfo(dtype).eps))
    return TOLERANCE


def _kind(array: np.ndarray) -> str:
    return "i" if array.dtype.kind == "u" else array.dtype.kind


def _dtype(value: Any) -> str:
    dtype = getattr(value, "dtype", None)
    return str(np.asarray(value).dtype if dtype is None else dtype).removeprefix("torch.")


def _first(wrong: np.ndarray) -> tuple[int, ...]:
    return tuple(int(n) for n in np.argwhere(wrong)[0])


def _count(wrong: np.ndarray) -> str:
    n = int(wrong.sum())
    return f"{n} of {wrong.size} values {'is' if n == 1 else 'are'}"


def _expected(value: Any, reveal: bool) -> str:
    return f", it should be {brief.value(value)}" if reveal else ""
