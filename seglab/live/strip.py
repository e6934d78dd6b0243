"""A lab in a host that takes one anywidget at a time, and no box of ipywidgets: marimo."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from seglab.board import assets
from seglab.lab import Control

if TYPE_CHECKING:
    from seglab.live.lab import LiveLab

_HERE = Path(__file__).parent
OWN = -1  # the place of a value that is not among those on offer


class Strip(anywidget.AnyWidget):  # type: ignore[misc] # anywidget ships no types we can follow
    """A lab's title, controls and Reset in one widget.

    head: the title and the summary. described: the controls, as the strip draws them.
    places: where each control stands among its texts, -1 for a value of the student's own.
    told: that value's words. idle: the controls without effect in the present state.
    """

    _esm = assets.join(_HERE / "strip.js")
    _css = (_HERE / "strip.css").read_text(encoding="utf-8")
    head = traitlets.List().tag(sync=True)
    described = traitlets.List().tag(sync=True)
    places = traitlets.List().tag(sync=True)
    told = traitlets.List().tag(sync=True)
    idle = traitlets.List().tag(sync=True)

    def __init__(self, live: "LiveLab") -> None:
        self._live = live
        controls = live.lab.controls
        self._values = {name: tuple(control.sweep()) for name, control in controls.items()}
        super().__init__(
            head=[live.lab.title, live.lab.summary],
            described=[_described(name, c, self._values[name]) for name, c in controls.items()],
            **self._now(),
        )
        for widget in live.controls.values():
            widget.observe(self._follow, "value")
        self.observe(self._move, "places")
        self.on_msg(self._hear)

    def _now(self) -> dict[str, Any]:
        """Places, words and idle controls, as they are now."""
        state = self._live.state
        places = [_place(self._values[name], state[name]) for name in state]
        words = [self._live.lab.controls[name].words(value) for name, value in state.items()]
        return {"places": places, "told": words, "idle": list(self._live.lab.idle(state))}

    def _follow(self, _change: Any) -> None:
        with self.hold_sync():
            for name, value in self._now().items():
                setattr(self, name, value)

    def _move(self, change: Any) -> None:
        wanted = {
            name: values[place]
            for (name, values), place in zip(self._values.items(), change.new, strict=True)
            if place != OWN and place != _place(values, self._live.state[name])
        }
        if wanted:
            self._live.set(**wanted)

    def _hear(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        if content.get("kind") == "reset":
            self._live.reset()


def _described(name: str, control: Control, values: tuple[Any, ...]) -> dict[str, Any]:
    widget = control.widget()
    texts = [control.words(value) for value in values]
    kind = widget.kind if widget.kind in ("toggle", "range", "buttons") else "select"
    on = values.index(True) if kind == "toggle" else OWN
    return {"name": name, "label": control.label or name, "kind": kind, "texts": texts, "on": on}


def _place(values: tuple[Any, ...], value: Any) -> int:
    return next((i for i, known in enumerate(values) if known is value or known == value), OWN)
