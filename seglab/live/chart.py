"""A chart of a lab: measured on request, beside the controls, which go on living.

A chart of a stream grows with it, once it is open.
"""

from threading import Thread
from time import perf_counter
from typing import Any

import ipywidgets as widgets

from seglab._text import sentence
from seglab.lab import Run
from seglab.live.session import Session

REDRAW = 1.0  # seconds between two drawings of a chart that grows, at least


class Chart(widgets.VBox):  # type: ignore[misc] # ipywidgets is untyped
    """A button; pressing it measures and draws. `.figure` is the chart, None before the first.

    Plotly is imported at the first press: it costs seconds, which the first picture must not wait.
    """

    def __init__(self, session: Session, name: str) -> None:
        self.figure: Any = None
        self._session = session
        self._name = name
        self._thread: Thread | None = None
        self._last = 0.0
        self._drawn = 0.0
        self.grows = bool(session.lab.steps["chart", name].streams)
        self.button = widgets.Button(description=name, layout={"width": "auto"})
        self.button.on_click(lambda _: self.measure())
        self._bar = widgets.IntProgress(layout={"width": "200px", "display": "none"})
        self._says = widgets.Label()
        self._says.add_class("seglab-says")
        self._row = widgets.HBox([self.button, self._bar, self._says])
        super().__init__([self._row])
        self.add_class("seglab-chart")
        session.drawn.append(self.follow)

    def measure(self) -> None:
        """Draw the chart for what the controls say now, off the main thread."""
        if self._thread and self._thread.is_alive():
            return
        work, given = (self._open, ()) if self.grows else (self._work, (self._session.state,))
        self.button.disabled = True
        self._bar.layout.display = ""
        self._bar.value = 0
        self._says.value = ""
        self._thread = Thread(target=work, args=given, daemon=True)
        self._thread.start()

    @property
    def says(self) -> str:
        """The state that the chart shows, or what went wrong."""
        return str(self._says.value)

    def wait(self, seconds: float | None = None) -> None:
        """Return when the measurement under way is over."""
        if self._thread:
            self._thread.join(seconds)

    def follow(self, run: Run, at_once: bool = False) -> None:
        """Draw what a growing chart says of this run, if it is open, and about once a second.

        Called by whoever computes the run, who is alone with it.
        """
        now = perf_counter()
        if self.figure is not None and self.grows and (at_once or now - self._drawn > REDRAW):
            self._drawn = now
            self._show(run)

    def _open(self) -> None:
        import plotly.graph_objects as go

        try:
            if self.figure is None:
                self.figure = go.FigureWidget()
                self.children = [self._row, self.figure]
            # While a stream is under way, its own thread draws.
            self._session.at_rest(lambda run: self.follow(run, at_once=True))
        finally:
            self._rest()

    def _work(self, state: dict[str, Any]) -> None:
        try:
            # A run of its own: the sliders' run goes on changing meanwhile.
            self._show(Run(self._session.lab, state, progress=self._progress))
        finally:
            self._rest()

    def _rest(self) -> None:
        self._bar.layout.display = "none"
        self.button.disabled = False

    def _show(self, run: Run) -> None:
        reach = run.lab.steps["chart", self._name].reach
        controls = run.lab.controls
        said = ", ".join(f"{name}={controls[name].words(run.state[name])}" for name in reach)
        try:
            self._draw(run.charts[self._name])
            self._says.value = f"at {said}" if said else ""
        except Exception as error:  # shown: nobody above would hear it
            self._says.value = sentence(error)

    def _draw(self, figure: Any) -> None:
        import plotly.graph_objects as go

        if self.figure is None:
            self.figure = go.FigureWidget(figure)
            self.children = [self._row, self.figure]
            return
        # Another FigureWidget would cost megabytes again.
        with self.figure.batch_update():
            if [line.name for line in self.figure.data] == [line.name for line in figure.data]:
                for line, newer in zip(self.figure.data, figure.data, strict=True):
                    line.update(newer, overwrite=True)
                self.figure.layout = figure.layout
                return
            self.figure.data = ()
            self.figure.add_traces(list(figure.data))
            self.figure.layout = figure.layout

    def _progress(self, done: int, total: int) -> None:
        now = perf_counter()
        if done >= total or now - self._last > 0.1:
            self._last = now
            self._bar.max = max(1, total)
            self._bar.value = done
