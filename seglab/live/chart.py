"""A chart of a lab: measured on request, beside the controls, which go on living."""

from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from seglab.lab import Run

if TYPE_CHECKING:
    from seglab.live.lab import LiveLab


class Chart(widgets.VBox):  # type: ignore[misc] # ipywidgets is untyped
    """A button; pressing it measures and draws. `.figure` is the chart, None before the first.

    Plotly is imported at the first press: it costs seconds, which the first picture must not wait.
    """

    def __init__(self, live: "LiveLab", name: str) -> None:
        self.figure: Any = None
        self._live = live
        self._name = name
        self._thread: Thread | None = None
        self._last = 0.0
        self.button = widgets.Button(description=name, layout={"width": "auto"})
        self.button.on_click(lambda _: self.measure())
        self._bar = widgets.IntProgress(layout={"width": "200px", "display": "none"})
        self._says = widgets.Label()
        self._says.add_class("seglab-says")
        self._row = widgets.HBox([self.button, self._bar, self._says])
        super().__init__([self._row])
        self.add_class("seglab-chart")

    def measure(self) -> None:
        """Draw the chart for what the controls say now, off the main thread."""
        if self._thread and self._thread.is_alive():
            return
        state = self._live.state
        self.button.disabled = True
        self._bar.layout.display = ""
        self._bar.value = 0
        self._says.value = ""
        self._thread = Thread(target=self._work, args=(state,), daemon=True)
        self._thread.start()

    @property
    def says(self) -> str:
        """The state that the chart shows, or what went wrong."""
        return str(self._says.value)

    def wait(self, seconds: float | None = None) -> None:
        """Return when the measurement under way is over."""
        if self._thread:
            self._thread.join(seconds)

    def _work(self, state: dict[str, Any]) -> None:
        lab = self._live.lab
        said = ", ".join(f"{n}={state[n]}" for n in lab.steps["chart", self._name].reach)
        try:
            # A run of its own: the sliders' run goes on changing meanwhile.
            self._draw(Run(lab, state, progress=self._progress).charts[self._name])
            self._says.value = f"at {said}" if said else ""
        except Exception as error:  # shown: nobody above this thread would hear it
            text = str(error).partition("\n")[0]
            self._says.value = f"{type(error).__name__}: {text}"
        finally:
            self._bar.layout.display = "none"
            self.button.disabled = False

    def _draw(self, figure: Any) -> None:
        import plotly.graph_objects as go

        if self.figure is None:
            self.figure = go.FigureWidget(figure)
            self.children = [self._row, self.figure]
            return
        # Another FigureWidget would cost megabytes again.
        with self.figure.batch_update():
            self.figure.data = ()
            self.figure.add_traces(list(figure.data))
            self.figure.layout = figure.layout

    def _progress(self, done: int, total: int) -> None:
        now = perf_counter()
        if done >= total or now - self._last > 0.1:
            self._last = now
            self._bar.max = max(1, total)
            self._bar.value = done
