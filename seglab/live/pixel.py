"""A Pixel control in the notebook: two number boxes, row and column."""

from typing import Any

import ipywidgets as widgets
import traitlets

from seglab.lab import Control
from seglab.live.editor import Editor, Source, wide


class PixelBox(Editor, widgets.HBox):  # type: ignore[misc] # ipywidgets is untyped
    """Two number boxes; `.value` is the pair. A click on a pane sets it too."""

    def __init__(self, control: Control, label: str, value: tuple[int, int]) -> None:
        assert control.size
        self.control = control
        self.boxes = tuple(
            widgets.BoundedIntText(
                value=at,
                max=size - 1,
                description=text,
                tooltip=text,
                style={"description_width": "initial"},
                layout=wide(),
            )
            for text, at, size in zip((f"{label}: row", "column"), value, control.size, strict=True)
        )
        super().__init__(self.boxes, value=value)
        self._following = False
        self.add_class("seglab-pixel")
        for box in self.boxes:
            box.observe(self._typed, "value")

    @property
    def sources(self) -> list[Source]:
        """The widgets and traits that hold the value in the browser."""
        return [[box.model_id, "value"] for box in self.boxes]

    @traitlets.observe("value")  # type: ignore[untyped-decorator] # as above
    def _moved(self, change: Any) -> None:
        self._following = True
        try:
            for box, at in zip(self.boxes, change.new, strict=True):
                box.value = at
        finally:
            self._following = False

    def _typed(self, _change: Any) -> None:
        if not self._following:
            self.value = tuple(box.value for box in self.boxes)

    @traitlets.observe("disabled")  # type: ignore[untyped-decorator] # as above
    def _disabled_changed(self, change: Any) -> None:
        for box in self.boxes:
            box.disabled = change.new
