"""A chart of a lab: measured on request, beside the panes, while the controls go on living.

A chart of a stream grows with it, once it is open.
"""

import html
import textwrap
from collections.abc import Callable
from threading import Thread
from time import perf_counter
from typing import Any

import ipywidgets as widgets

from seglab._text import sentence
from seglab.lab import Run, State
from seglab.live.figure import figure_widget
from seglab.live.session import Session

REDRAW = 1.0  # seconds between two drawings of a chart that grows, at least
SIZE = {"width": 400, "height": 310}  # pixels; charts.css has the width too
TITLE = 48  # letters of a line of the title
OLD = "seglab-old"


class Chart(widgets.HBox):  # type: ignore[misc] # ipywidgets is untyped
    """A button; pressing it measures, and opens the panel that shows the figure.

    `.panel` is what stands beside the panes, `.figure` the chart, None before the first.
    opened: called with the chart when its panel opens or closes.
    Plotly is imported at the first press: it costs seconds, which the first picture must not wait.
    """

    def __init__(
        self, session: Session, name: str, opened: Callable[["Chart"], Any] = lambda chart: None
    ) -> None:
        self.figure: Any = None
        self.is_open = False
        self._session = session
        self._name = name
        self._opened = opened
        self._thread: Thread | None = None
        self._last = 0.0
        self._drawn = 0.0
        self._at: State = {}  # what the figure depends on, as it was drawn
        self.grows = bool(session.lab.steps["chart", name].streams)
        self.button = widgets.Button(description=name, layout={"width": "auto"})
        self.button.on_click(lambda _: self.measure())
        self._bar = widgets.IntProgress(layout={"width": "200px", "display": "none"})
        self._says = widgets.HTML()
        self._says.add_class("seglab-says")
        close = widgets.Button(description="×", tooltip="close the chart")
        close.add_class("seglab-close")
        close.on_click(lambda _: self.close_panel())
        self.panel = widgets.VBox([widgets.HBox([self._says, close])])
        self.panel.add_class("seglab-panel")
        self.panel.layout.display = "none"
        super().__init__([self._bar, self.button])
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
        self._thread = Thread(target=work, args=given, daemon=True)
        self._thread.start()

    def measure_now(self) -> None:
        """Measure, and return when the chart is there: where a thread cannot reach the browser."""
        self.measure()
        self.wait()

    def close_panel(self) -> None:
        """Give its room back to the panes; a press of the button measures again."""
        self._show_panel(False)

    @property
    def says(self) -> str:
        """The state that the chart shows, or what went wrong."""
        return html.unescape(str(self._says.value))

    def wait(self, seconds: float | None = None) -> None:
        """Return when the measurement under way is over."""
        if self._thread:
            self._thread.join(seconds)

    def follow(self, run: Run, at_once: bool = False) -> None:
        """Draw what a growing chart says of this run, if it is open, and about once a second.

        Called by whoever computes the run, who is alone with it.
        """
        now = perf_counter()
        if self.is_open and self.grows and (at_once or now - self._drawn > REDRAW):
            self._drawn = now
            self._show(run)

    def moved(self, state: State) -> None:
        """Say so where the figure is no longer of the state that the controls say."""
        if self.figure is None or self.grows or not self._at:
            return
        is_old = any(state[name] != value for name, value in self._at.items())
        if is_old:
            self.panel.add_class(OLD)
        else:
            self.panel.remove_class(OLD)
        said = self._session.lab.words({**state, **self._at}, self._at)
        again = "Of an earlier state; press the button again. " if is_old else ""
        self._say(again + said)

    def _say(self, text: str) -> None:
        value = html.escape(text, quote=False)
        if self._says.value != value:
            self._says.value = value

    def _show_panel(self, is_open: bool) -> None:
        self.is_open = is_open
        self.panel.layout.display = "" if is_open else "none"
        self._opened(self)

    def _open(self) -> None:
        try:
            if self.figure is None:
                self._frame(figure_widget())
            self._show_panel(True)
            # While a stream is under way, its own thread draws.
            self._session.at_rest(lambda run: self.follow(run, at_once=True))
        finally:
            self._rest()

    def _work(self, state: State) -> None:
        try:
            # A run of its own: the sliders' run goes on changing meanwhile.
            self._show(Run(self._session.lab, state, progress=self._progress))
            self._show_panel(True)
        finally:
            self._rest()

    def _rest(self) -> None:
        self._bar.layout.display = "none"
        self.button.disabled = False

    def _show(self, run: Run) -> None:
        reach = run.lab.steps["chart", self._name].reach
        try:
            self._draw(run.charts[self._name])
        except Exception as error:  # shown: nobody above would hear it
            self._at = {}
            self._say(sentence(error))
            return
        self._at = {name: run.state[name] for name in reach}
        self._say(run.lab.words(run.state, reach))
        self.moved(self._session.state)

    def _draw(self, figure: Any) -> None:
        _fit(figure)
        if self.figure is None:
            self._frame(figure_widget(figure))
            return
        with self.figure.drawing, self.figure.batch_update():
            if [line.name for line in self.figure.data] == [line.name for line in figure.data]:
                for line, newer in zip(self.figure.data, figure.data, strict=True):
                    line.update(newer, overwrite=True)
                self.figure.layout = figure.layout
                return
            self.figure.data = ()
            self.figure.add_traces(list(figure.data))
            self.figure.layout = figure.layout

    def _frame(self, figure: Any) -> None:
        self.figure = figure
        self.panel.children = [*self.panel.children, figure]

    def _progress(self, done: int, total: int) -> None:
        now = perf_counter()
        if done >= total or now - self._last > 0.1:
            self._last = now
            self._bar.max = max(1, total)
            self._bar.value = done


def _fit(figure: Any) -> None:
    """Give a figure the size of the panel, its title in lines and its legend below."""
    title = figure.layout.title.text or ""
    lines = textwrap.wrap(title, TITLE)
    flat = not any(trace.type == "scatter3d" for trace in figure.data)
    margin = {"l": 58, "r": 12, "t": 20 + 18 * len(lines), "b": 40}
    figure.update_layout(
        **SIZE,
        title={"text": "<br>".join(lines), "font": {"size": 13}, "x": 0.02, "xanchor": "left"},
        margin=margin if flat else {"l": 0, "r": 0, "t": margin["t"], "b": 0},
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": -0.24, "yanchor": "top"},
        font={"size": 11},
    )
    figure.update_xaxes(title_standoff=4)
