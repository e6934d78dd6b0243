"""A figure of Plotly's in the notebook, which a slow browser draws too."""

from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from seglab.board import assets
from seglab.live.scripted import Scripted

_SCRIPT = Path(__file__).with_name("figure.js")


def figure_widget(figure: Any = None) -> Any:
    """A FigureWidget that shows this figure; an empty one without it.

    Hold `.drawing` while it is changed: the browser may ask for all of it at any time.
    """
    return _kind()(figure)


@cache
def _kind() -> type:
    import plotly.graph_objects as go

    if not hasattr(go.FigureWidget, "_esm"):  # Plotly 5 has an extension of JupyterLab's own
        return type("Figure", (go.FigureWidget,), {"drawing": Lock()})

    class Figure(Scripted, go.FigureWidget):  # type: ignore[misc] # plotly is untyped
        _esm = assets.join(_SCRIPT)

        def __init__(self, figure: Any) -> None:
            self._drawing = Lock()
            with self._drawing:
                super().__init__(figure)

        @property
        def drawing(self) -> Lock:
            return self._drawing

        def open(self) -> None:
            self.on_msg(self._asked)  # first: the browser asks as soon as it hears of the figure
            super().open()

        def _asked(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
            kind = content.get("kind")
            if kind == "script":
                self.send({"kind": kind}, [str(go.FigureWidget._esm).encode()])
            elif kind == "state":
                with self._drawing:
                    self._repr_mimebundle_()  # sets the traits for a new view to what is drawn now
                    self.send_state()
                    self.send({"kind": kind})

    return Figure
