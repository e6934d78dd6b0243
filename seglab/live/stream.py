"""Start, stop, resume, start again: the buttons of a stage that yields one value after another."""

from typing import TYPE_CHECKING

import ipywidgets as widgets

from seglab.lab import Run

if TYPE_CHECKING:
    from seglab.live.lab import LiveLab


class StreamButtons(widgets.HBox):  # type: ignore[misc] # ipywidgets is untyped
    """One button that starts, stops and resumes, and one that starts again."""

    def __init__(self, live: "LiveLab") -> None:
        self._live = live
        self.go = widgets.Button(icon="play", layout={"width": "auto"})
        self.again = widgets.Button(description="Start again", layout={"width": "auto"})
        self.go.on_click(self._pressed)
        self.again.on_click(lambda _: live.restart())
        super().__init__([self.go, self.again], layout={"margin": "0 0 12px"})
        self.add_class("seglab-stream")

    def show(self, running: bool, run: Run) -> None:
        """Offer what makes sense now."""
        started, finished = run.started, run.finished
        text = "Stop" if running else "Resume" if started and not finished else "Start"
        self.go.description = text
        self.go.icon = "stop" if running else "play"
        self.go.disabled = finished
        self.again.disabled = running or not started

    def _pressed(self, _button: widgets.Button) -> None:
        if self._live.running:
            self._live.stop()
            return
        self._live.start()
        for chart in self._live.charts.values():
            if chart.grows:
                chart.measure()
