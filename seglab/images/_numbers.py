"""Numbers of any type to float32 in 0 to 1: 8 bits by their type, all others by their own range."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Range = tuple[float, float]


class Refusal(ValueError):
    """A sentence about a file that is ready for the reader."""


_NO_VALUE = 128 / 255  # the grey of "no value" in pictures


def unit(array: Array, label: str, cut: float = 0) -> tuple[npt.NDArray[np.float32], Range | None]:
    """The numbers from 0 to 1, and the two that became 0 and 1; None where those are the type's.

    bool and uint8 are taken by their type, floats within 0 to 1 as they are. Whole numbers wider
    than that, and floats beyond, go from their smallest to their largest finite value; colours from
    0, so that grey stays grey. cut: percent of the numbers below the first of the two, and as many
    above the second; they become 0 and 1. Raises ValueError for complex numbers.
    """
    if array.dtype.kind not in "biuf":
        raise Refusal(
            f"{label} holds {array.dtype} numbers, which have no brightness: save their real part "
            f"or their size, such as abs(values), as float32"
        )
    if array.dtype == bool or array.dtype == np.uint8:
        return array.astype(np.float32) / np.float32(1 if array.dtype == bool else 255), None
    values = array.astype(np.float64)
    finite = np.isfinite(values)
    if not finite.any():
        return np.full(array.shape, _NO_VALUE, np.float32), None
    low, high = float(values[finite].min()), float(values[finite].max())
    bounded = array.dtype.kind == "f" and low >= 0 and high <= 1
    if cut:
        low, high = (float(v) for v in np.percentile(values[finite], (cut, 100 - cut)))
    if bounded and not cut:
        low, high = 0.0, 1.0
    elif array.ndim == 3 or low == high:
        low, high = min(low, 0.0), max(high, 0.0) or 1.0
    whole = np.where(finite, (values - low) / (high - low), _NO_VALUE).clip(0, 1)
    return whole.astype(np.float32), None if (low, high) == (0, 1) else (low, high)
