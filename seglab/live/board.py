"""The board: one anywidget that draws every pane of a lab from one binary message per step."""

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import traitlets

from seglab.draw.picture import Picture
from seglab.lab import Code

try:
    import anywidget
except ImportError as error:  # pragma: no cover - depends on the installation
    raise ImportError(
        "seglab's live labs draw with anywidget, which is missing here: "
        "run `pip install anywidget`, then restart the kernel"
    ) from error

_HERE = Path(__file__).parent
# One module in parts; a page that shows stored frames holds the same text.
SCRIPT = "\n".join(
    (_HERE / f"{part}.js").read_text(encoding="utf-8")
    for part in ("tools", "pane", "board", "grid", "curtain", "table", "code", "notebook")
)
STYLE = (_HERE / "board.css").read_text(encoding="utf-8")
_steps = count(1)


class Board(anywidget.AnyWidget):  # type: ignore[misc] # anywidget ships no types we can follow
    """All panes of a lab, drawn in the browser.

    frame: what is drawn, see frame(). notice: a sentence above the panes.
    pixel: the (row, column) clicked in the browser. progress: [done, total] of a long step.
    """

    _esm = SCRIPT
    _css = STYLE
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

    _esm = SCRIPT
    _css = STYLE
    kind = traitlets.Unicode("upload").tag(sync=True)


def frame(
    pictures: Mapping[str, Picture],
    numbers: Mapping[str, Any],
    status: str = "",
    pixel: dict[str, Any] | None = None,
    takes_file: bool = False,
) -> dict[str, Any]:
    """One state of a lab as the board draws it: JSON values, and the planes as buffers.

    pixel: {"at": (row, column), "size": (height, width)} of the lab's Pixel control.
    """
    return {
        "step": next(_steps),  # first: two frames then compare unequal without a look at planes
        "panes": [_pane(name, picture) for name, picture in pictures.items()],
        "numbers": [
            [name, str(value), *(["code"] if isinstance(value, Code) else [])]
            for name, value in numbers.items()
        ],
        "status": status,
        "pixel": pixel,
        "takesFile": takes_file,
    }


def _pane(name: str, picture: Picture) -> dict[str, Any]:
    return {
        **{"name": name, **picture.header()},
        # As buffers: ipywidgets would walk a list, number by number, on each step.
        "plane": b"" if picture.parts else _buffer(picture.array),
        "palette": b"" if picture.palette is None else picture.palette.tobytes(),
        "parts": [_pane(*part) for part in picture.parts],
    }


def _buffer(array: np.ndarray) -> memoryview:
    return np.ascontiguousarray(array).data.cast("B")
