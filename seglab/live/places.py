"""Where the browser sees a control stand, so that it can know a state without asking the kernel."""

from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets

from seglab.live.controls import PixelBox
from seglab.live.layers import LayerStack
from seglab.live.matrix import MatrixBox

Place = list[Any]  # of all controls, one value for each of their sources


def sources(widget: Any) -> list[list[str]]:
    """The browser's models that hold the control's value, and the names of their attributes."""
    if isinstance(widget, PixelBox):
        return [[box.model_id, "value"] for box in widget.boxes]
    if isinstance(widget, MatrixBox | LayerStack):
        return [[widget.model_id, "rows"]]
    return [[widget.model_id, "value" if isinstance(widget, widgets.Checkbox) else "index"]]


def place(widget: Any, value: Any) -> Place:
    """What the sources say when the control has this value."""
    if isinstance(widget, PixelBox):
        return list(value)
    if isinstance(widget, MatrixBox | LayerStack):
        return [[list(row) for row in value]]
    if isinstance(widget, widgets.Checkbox):
        return [value]
    return [_index(widget, value)]


def next_values(widget: Any, before: Any, now: Any) -> Iterator[Any]:
    """The values that a hand which went from before to now may take next, the likeliest first."""
    if isinstance(widget, widgets.Checkbox):
        yield not now
    elif hasattr(widget, "options"):
        here = _index(widget, now)
        direction = 1 if here > _index(widget, before) else -1
        for there in (here + direction, here + 2 * direction, here - direction):
            if 0 <= there < len(widget.options):
                yield widget.options[there][1]


def _index(widget: Any, value: Any) -> int:
    values = [option for _, option in widget.options]
    same = (i for i, option in enumerate(values) if option is value)  # True and 1 are equal
    found = next(same, None)
    return values.index(value) if found is None else found
