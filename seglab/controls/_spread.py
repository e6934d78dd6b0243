"""Some of many values."""

import math
from collections.abc import Sequence
from typing import Any


def spread(values: Sequence[Any], count: int, keep: Any = None) -> tuple[Any, ...]:
    """Evenly chosen values of the list, so many, ends included; keep is one of them."""
    if count >= len(values):
        return tuple(values)
    step = (len(values) - 1) / max(1, count - 1)
    places = sorted({math.ceil(i * step - 0.5) for i in range(count)})
    if keep in values:
        place = list(values).index(keep)
        inner = places[1:-1] or places
        nearest = min(inner, key=lambda other: abs(other - place))
        if place not in places:
            places[places.index(nearest)] = place
    return tuple(values[place] for place in sorted(places))
