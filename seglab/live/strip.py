"""A lab in a host that takes one anywidget at a time, and no box of ipywidgets: marimo."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from seglab.board import assets
from seglab.lab import Control
from seglab.live import kernel
from seglab.live.chart import Chart
from seglab.live.scripted import Scripted
from seglab.paper import charts

if TYPE_CHECKING:
    from seglab.live.lab import LiveLab

_HERE = Path(__file__).parent
OWN = -1  # the place of a value that is not among those on offer


class Strip(Scripted):
    """A lab's title, controls, tour, buttons and chart in one widget.

    head: the title and the summary. described: the controls, as the strip draws them.
    places: where each control stands among its texts, -1 for a value of the student's own.
    told: that value's words. idle: the controls without effect in the present state.
    lit: the controls that the tour's step moves. tour: the step as HTML and its number; empty
    without a tour. buttons: name, text and whether it can be pressed. chart: the open one's name,
    its state in words, and its drawing as SVG; empty where none is open.
    """

    _esm = assets.join(_HERE / "strip.js")
    _css = assets.INPUTS + (_HERE / "strip.css").read_text(encoding="utf-8")
    head = traitlets.List().tag(sync=True)
    described = traitlets.List().tag(sync=True)
    places = traitlets.List().tag(sync=True)
    told = traitlets.List().tag(sync=True)
    idle = traitlets.List().tag(sync=True)
    lit = traitlets.List().tag(sync=True)
    tour = traitlets.List().tag(sync=True)
    buttons = traitlets.List().tag(sync=True)
    chart = traitlets.List().tag(sync=True)

    def __init__(self, live: "LiveLab") -> None:
        self._live = live
        controls = live.lab.controls
        self._values = {name: tuple(control.sweep()) for name, control in controls.items()}
        super().__init__(
            head=[live.lab.title, live.lab.summary],
            described=[_described(name, c, self._values[name]) for name, c in controls.items()],
            **self._now(),
        )
        live.followed.append(self._follow)
        live.session.switched.append(self._follow)
        self.observe(self._move, "places")
        self.on_msg(self._hear)

    def _now(self) -> dict[str, Any]:
        """All that moves, as it is now."""
        state = self._live.state
        places = [_place(self._values[name], state[name]) for name in state]
        words = [self._live.lab.controls[name].words(value) for name, value in state.items()]
        tour = self._live.tour
        return {
            "places": places,
            "told": words,
            "idle": list(self._live.lab.idle(state)),
            "lit": self._live.board.lights.get("controls", []),
            "tour": [tour.text, tour.count] if tour else [],
            "buttons": [
                [name, button.description, not button.disabled]
                for name, button in self._live.buttons.items()
            ],
            "chart": next((_drawn(n, c) for n, c in self._live.charts.items() if c.is_open), []),
        }

    def _follow(self) -> None:
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
            with self._beside():
                self._live.set(**wanted)

    def _beside(self) -> AbstractContextManager[None]:
        """Inside, what a stream is asked for runs beside the kernel, and can be stopped."""
        return kernel.ui_event() if self._live.lab.streams else nullcontext()

    def _hear(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        name = str(content.get("name"))
        if content.get("kind") == "close":
            for chart in self._live.charts.values():
                chart.close_panel()
        elif content.get("kind") == "press" and name in self._live.charts:
            self._live.charts[name].measure_now()
        elif content.get("kind") == "press" and name in self._live.buttons:
            with self._beside():
                self._live.buttons[name].click()
        self._follow()


def _described(name: str, control: Control, values: tuple[Any, ...]) -> dict[str, Any]:
    widget = control.widget()
    texts = [control.words(value) for value in values]
    kind = widget.kind if widget.kind in ("toggle", "range", "buttons") else "select"
    meant = [int(value) for value in values] if kind == "toggle" else []
    label = control.label or name
    return {"name": name, "label": label, "kind": kind, "texts": texts, "values": meant}


def _drawn(name: str, chart: Chart) -> list[str]:
    """An open chart: its name, its state in words, and its drawing, empty where there is none."""
    return [name, chart.says, "" if chart.figure is None else charts.svg(chart.figure, name)]


def _place(values: tuple[Any, ...], value: Any) -> int:
    return next((i for i, known in enumerate(values) if known is value or known == value), OWN)
