"""Values in few words: numbers to three digits, and nothing longer than a line."""

from collections.abc import Mapping
from numbers import Integral, Number
from typing import Any

import numpy as np
from torch import Tensor

_DIGITS, _MOST_DIGITS = 3, 9
_FEW = 12  # values of an array that are shown one by one
_LONGEST = 80  # characters of one value


def number(value: Any, digits: int = _DIGITS) -> str:
    """A number to so many significant digits; whole numbers as they are."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, Integral) and abs(int(value)) < 10**12:
        return str(int(value))
    if isinstance(value, complex | np.complexfloating):
        return f"{complex(value):.{digits}g}"
    value = float(value)
    if 1000 <= abs(value) < 1e6 and digits <= _DIGITS:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def apart(one: Any, other: Any) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart."""
    for digits in range(_DIGITS, _MOST_DIGITS):
        texts = number(one, digits), number(other, digits)
        if texts[0] != texts[1]:
            break
    return texts


def value(value: Any) -> str:
    """Any value in at most a line."""
    return cut(_text(value), _LONGEST)


def arguments(case: Mapping[str, Any]) -> str:
    """The arguments of a function by name, such as `k = 2, labels = [[1, 2], [3, 1]]`."""
    return ", ".join(f"{name} = {value(given)}" for name, given in case.items())


def cut(text: str, longest: int) -> str:
    """A text, or its beginning."""
    return text if len(text) <= longest else text[: longest - 4] + " ..."


def _text(value: Any) -> str:
    if isinstance(value, Tensor):
        value = value.detach().cpu()
        return _text(value.tolist()) if value.numel() <= _FEW else f"of shape {list(value.shape)}"
    if isinstance(value, np.ndarray):
        return _text(value.tolist()) if value.size <= _FEW else f"of shape {list(value.shape)}"
    if isinstance(value, list) and value and isinstance(value[0], Tensor):
        shapes = {str(list(part.shape)) for part in value}
        kinds = shapes.pop() if len(shapes) == 1 else "different shapes"
        return f"{len(value)} maps of {'shape ' if kinds[0] == '[' else ''}{kinds}"
    if isinstance(value, list | tuple | set | frozenset):
        return _row(value) if value else repr(value)
    return number(value) if isinstance(value, Number | np.generic) else repr(value)


def _row(value: Any) -> str:
    inside = ", ".join(map(_text, value))
    if isinstance(value, list):
        return f"[{inside}]"
    if isinstance(value, tuple):
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return f"{{{inside}}}"
