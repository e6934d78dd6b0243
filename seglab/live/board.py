"""The board: one anywidget that draws every pane of a lab from one binary message per step."""

from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

import traitlets

from seglab.board import assets
from seglab.live import ipywidgets_private
from seglab.live.client_cache import delta
from seglab.live.scripted import Scripted

_HERE = Path(__file__).parent
SCRIPT = assets.join(_HERE / "notebook.js")
_OWN = [(_HERE / name).read_text(encoding="utf-8") for name in ("live.css", "camera.css")]
STYLE = "\n".join([assets.STYLE, *_OWN])
_stamps = count(1)


class Board(Scripted):
    """All panes of a lab, drawn in the browser.

    frame: what is drawn, see seglab.board.frames. notice: a sentence above the panes.
    progress: [done, total] of a long step.
    pixel: the (row, column) clicked in the browser, and a stamp: a place may be clicked again.
    moved: the control that a diagram sets, its value as it is spelled, and a stamp.
    lights: what a step of the tour speaks of: its controls, and the pane or number to look at.
    sources: the models of the controls and their attributes, which say where the controls stand.
    places: which source a control is, and the keys of its values: see controls.places.
    labels: the controls in words.
    """

    _esm = SCRIPT
    _css = STYLE
    kind = traitlets.Unicode("board").tag(sync=True)
    pixel = traitlets.List().tag(sync=True)
    moved = traitlets.List().tag(sync=True)
    lights = traitlets.Dict().tag(sync=True)
    sources = traitlets.List().tag(sync=True)
    places = traitlets.Dict().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        sources: list[list[str]],
        places: dict[str, Any] | None = None,
        labels: dict[str, str] | None = None,
    ) -> None:
        # Not traits: these also change in other threads than the kernel's.
        self._drawn: dict[str, Any] = {"frame": {}, "notice": {}, "progress": []}
        self._lock = Lock()
        super().__init__(sources=sources, places=places or {}, labels=labels or {})
        self.on_msg(self._asked)

    @property
    def frame(self) -> dict[str, Any]:
        """The frame that is drawn."""
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

    def show(self, frame: dict[str, Any], sent: bool = False) -> None:
        """Draw a frame and clear the notice, in one message.

        sent: the browser should have this frame: it is only named, and asked for if missing there.
        """
        if sent:
            short = {"step": f"sent {next(_stamps)}", "key": frame.get("key")}
        else:
            short = delta(frame, self.frame)
        self._update(short, frame=frame, notice={}, progress=[])

    def send_ahead(self, frame: dict[str, Any]) -> None:
        """Let the browser remember a frame that it may need soon."""
        short = delta(frame, self.frame)
        buffers: list[Any] = []
        panes = [_emptied(pane, buffers) for pane in short["panes"]]
        self.send({"kind": "ahead", "frame": {**short, "panes": panes}}, buffers)

    def say(self, text: str, detail: str = "", kind: str = "note") -> None:
        """Put a sentence above the panes; what is drawn stays."""
        # The stamp: the same sentence may be said again, and the browser hears of changes only.
        notice = {"text": text, "detail": detail, "kind": kind, "stamp": next(_stamps)}
        self._update(notice=notice, progress=[])

    def show_progress(self, done: int, total: int) -> None:
        """Show how far a long step has come."""
        self._update(progress=[done, total])

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The whole state, for a page that is opened or loaded again, or a part of it."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        return {**state, **self._drawn} if key is None else state

    def _asked(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        # A newer frame is on its way where the place is another.
        if content.get("kind") == "missing" and content.get("key") == self.frame.get("key"):
            self._update(frame=self.frame)

    def _update(self, short: dict[str, Any] | None = None, **changes: Any) -> None:
        """Change what is drawn; short stands for the frame in the message."""
        with self._lock:
            self._drawn = {**self._drawn, **changes}
            sent = {**changes, "frame": short} if short else changes
            ipywidgets_private.send_state(self, sent)


def _emptied(pane: dict[str, Any], buffers: list[Any]) -> dict[str, Any]:
    """The pane without its bytes, which go to the buffers."""
    if "plane" not in pane:
        return pane
    buffers += [pane["plane"], pane["palette"]]
    parts = [_emptied(part, buffers) for part in pane["parts"]]
    return {**pane, "plane": None, "palette": None, "parts": parts}


class Upload(Scripted):
    """A button that shrinks a picture file in the browser and sends it.

    camera: there is a second button, which takes a photograph where the browser has a camera.
    """

    _esm = SCRIPT
    _css = STYLE
    kind = traitlets.Unicode("upload").tag(sync=True)
    camera = traitlets.Bool().tag(sync=True)
    disabled = traitlets.Bool().tag(sync=True)
