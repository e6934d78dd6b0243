"""Start, stop, resume, start again: the buttons of a stage that yields one value after another."""

import ipywidgets as widgets

from seglab.live.session import Session


class StreamButtons(widgets.HBox):  # type: ignore[misc] # ipywidgets is untyped
    """One button that starts, stops and resumes, and one that starts again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.go = widgets.Button(icon="play", layout={"width": "auto"})
        self.again = widgets.Button(description="Start again", layout={"width": "auto"})
        self.go.on_click(self._pressed)
        self.again.on_click(lambda _: session.restart())
        super().__init__([self.go, self.again], layout={"margin": "0 0 4px"})
        self.add_class("seglab-stream")
        session.switched.append(self._show)

    def _show(self) -> None:
        """Offer what makes sense now."""
        running, run = self._session.running, self._session.shown
        started, finished = run.started, run.finished
        text = "Stop" if running else "Resume" if started and not finished else "Start"
        self.go.description = text
        self.go.icon = "stop" if running else "play"
        self.go.disabled = finished
        self.again.disabled = running or not started

    def _pressed(self, _button: widgets.Button) -> None:
        if self._session.running:
            self._session.stop()
        else:
            self._session.start()
