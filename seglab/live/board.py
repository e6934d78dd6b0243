"""The board: one anywidget that draws every pane of a lab from one binary message per step."""

from pathlib import Path
from typing import Any

import traitlets

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
    pixel: the (row, column) clicked in the browser. progress: [done, total] of a long step.
    """

    _esm = _SCRIPT
    _css = assets.STYLE
    kind = traitlets.Unicode("board").tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)
    notice = traitlets.Dict().tag(sync=True)
    pixel = traitlets.List().tag(sync=True)
    progress = traitlets.List().tag(sync=True)

    def show(self, frame: dict[str, Any]) -> None:
        """Draw a frame and clear the notice, in one message."""
        point = frame["pixel"]
        with self.hold_sync():
            self.frame = frame
            self.notice = {}
            self.pixel = list(point["at"]) if point else []
            self.progress = []

    def say(self, text: str, detail: str = "", kind: str = "note") -> None:
        """Put a sentence above the panes; what is drawn stays."""
        with self.hold_sync():
            self.notice = {"text": text, "detail": detail, "kind": kind}
            self.progress = []


class Upload(anywidget.AnyWidget):  # type: ignore[misc] # as above
    """A button that shrinks a picture file in the browser and sends it."""

    _esm = _SCRIPT
    _css = assets.STYLE
    kind = traitlets.Unicode("upload").tag(sync=True)
