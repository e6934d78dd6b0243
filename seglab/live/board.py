"""The board: one anywidget that draws every pane of a lab from one binary message per step."""

from pathlib import Path
from threading import Lock
from typing import Any

import traitlets
from ipywidgets.widgets.widget import _remove_buffers

from seglab.board import assets

try:
    import anywidget
except ImportError as error:  # pragma: no cover - depends on the installation
    raise ImportError(
        "seglab's live labs draw with anywidget, which is missing here: "
        "run `pip install anywidget`, then restart the kernel"
    ) from error

_SCRIPT = f"{assets.SCRIPT}\n{Path(__file__).with_name('notebook.js').read_text(encoding='utf-8')}"


class Board(anywidget.AnyWidget):  # type: ignore[misc] # anywidget ships no types we can follow
    """All panes of a lab, drawn in the browser.

    frame: what is drawn, see seglab.board.frames. notice: a sentence above the panes.
    progress: [done, total] of a long step.
    pixel: the (row, column) clicked in the browser, and a stamp: a place may be clicked again.
    """

    _esm = _SCRIPT
    _css = assets.STYLE
    kind = traitlets.Unicode("board").tag(sync=True)
    pixel = traitlets.List().tag(sync=True)

    def __init__(self) -> None:
        # Not traits: these also change in other threads than the kernel's.
        self._drawn: dict[str, Any] = {"frame": {}, "notice": {}, "progress": []}
        self._lock = Lock()
        super().__init__()

    @property
    def frame(self) -> dict[str, Any]:
        """What is drawn."""
        frame: dict[str, Any] = self._drawn["frame"]
        return frame

    @property
    def notice(self) -> dict[str, Any]:
        """The sentence above the panes: its text, detail and kind; empty when there is none."""
        notice: dict[str, Any] = self._drawn["notice"]
        return notice

    @property
    def progress(self) -> list[int]:
        """[done, total] while there is a bar."""
        progress: list[int] = self._drawn["progress"]
        return progress

    def show(self, frame: dict[str, Any]) -> None:
        """Draw a frame and clear the notice, in one message."""
        self._update(frame=frame, notice={}, progress=[])

    def say(self, text: str, detail: str = "", kind: str = "note") -> None:
        """Put a sentence above the panes; what is drawn stays."""
        self._update(notice={"text": text, "detail": detail, "kind": kind}, progress=[])

    def show_progress(self, done: int, total: int) -> None:
        """Show how far a long step has come."""
        self._update(progress=[done, total])

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The whole state, for a page that is opened or loaded again, or a part of it."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        return {**state, **self._drawn} if key is None else state

    def _update(self, **changes: Any) -> None:
        with self._lock:
            self._drawn = {**self._drawn, **changes}
            state, paths, buffers = _remove_buffers(changes)
            self._send({"method": "update", "state": state, "buffer_paths": paths}, buffers)


class Upload(anywidget.AnyWidget):  # type: ignore[misc] # as above
    """A button that shrinks a picture file in the browser and sends it."""

    _esm = _SCRIPT
    _css = assets.STYLE
    kind = traitlets.Unicode("upload").tag(sync=True)
