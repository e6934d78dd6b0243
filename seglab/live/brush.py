"""A Brush control in the notebook: presets, and its strokes as text; the board draws them."""

from typing import Any

import ipywidgets as widgets
import traitlets

from seglab.controls import Brush
from seglab.live.editor import Editor, Source, wide

OWN = "your own"


class BrushBox(Editor, widgets.HBox):  # type: ignore[misc] # ipywidgets is untyped
    """A drop-down of presets and a box of text; `.value` is the tuple of strokes.

    The board draws on its panes and sets the text, as typing does.
    said: hears the sentence about a text that is no value; the value before it stays.
    """

    control: Brush
    said: Any = None

    def __init__(self, control: Brush, label: str, value: Any) -> None:
        self.control = control
        own = [] if control.named(value) else [OWN]
        self.presets = widgets.Dropdown(
            options=[*control.presets, *own],
            value=control.named(value) or OWN,
            description=label,
            tooltip=label,
            style={"description_width": "initial"},
            layout=wide(),
        )
        self.text = widgets.Text(
            value=control.typed(value),
            placeholder="draw on a picture",
            tooltip=f"{label} as text",
            continuous_update=False,
            layout=wide(),
        )
        super().__init__((self.presets, self.text), value=value)
        self._following = False
        self.add_class("seglab-strokes")
        self.presets.observe(self._chosen, "value")
        self.text.observe(self._typed, "value")

    @property
    def sources(self) -> list[Source]:
        """The widgets and traits that hold the value in the browser."""
        return [[self.text.model_id, "value"]]

    @traitlets.observe("value")  # type: ignore[untyped-decorator] # as above
    def _moved(self, change: Any) -> None:
        self._following = True
        name = self.control.named(change.new)
        try:
            self.text.value = self.control.typed(change.new)
            if not name and OWN not in self.presets.options:
                self.presets.options = (*self.presets.options, OWN)
            self.presets.value = name or OWN
        finally:
            self._following = False

    def _chosen(self, change: Any) -> None:
        if not self._following and change.new in self.control.presets:
            self.value = self.control.presets[change.new]

    def _typed(self, change: Any) -> None:
        if self._following:
            return
        try:
            self.value = self.control.parse(change.new)
        except ValueError as error:
            if self.said:
                self.said(str(error))
        self._following = True
        self.text.value = self.control.typed(self.value)
        self._following = False

    @traitlets.observe("disabled")  # type: ignore[untyped-decorator] # as above
    def _disabled_changed(self, change: Any) -> None:
        for part in (self.presets, self.text):
            part.disabled = change.new
