"""A lab's controls as ordinary ipywidgets whose `.value` is the control's value."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import ipywidgets as widgets

from seglab._text import suggestion
from seglab.draw.shapes import spelled
from seglab.lab import Control
from seglab.live.board import Upload
from seglab.live.brush import BrushBox
from seglab.live.editor import Source, accepted, wide
from seglab.live.ipywidgets_private import Selection
from seglab.live.layers import LayerStack
from seglab.live.matrix import MatrixBox
from seglab.live.pixel import PixelBox
from seglab.live.view import View

IDLE = "seglab-idle"  # the class of a row without effect in the present state; live.css says so


class Toggle(widgets.Checkbox):  # type: ignore[misc] # ipywidgets is untyped
    """On or off."""

    offered: Sequence[Any] | None = None

    def __init__(self, control: Control, label: str, value: bool) -> None:
        super().__init__(value=value, description=label, tooltip=label, indent=False, layout=wide())

    @property
    def sources(self) -> list[Source]:
        """The widgets and traits that hold the value in the browser."""
        return [[self.model_id, "value"]]


class _Choosing(Selection):
    """One of several values.

    offered: the values on offer, where a file or net of the student's own has been added.
    """

    style_of: ClassVar[dict[str, str]] = {"description_width": "initial"}
    control: Control | None = None
    offered: Sequence[Any] | None = None

    def __init__(self, control: Control, label: str, value: Any) -> None:
        values = control.sweep()
        super().__init__(
            options=list(zip(control.widget().texts, values, strict=True)),
            value=values[0],
            description=label,
            tooltip=label,
            style=self.style_of,
            layout=wide(),
        )
        self.control = control
        self.value = value

    @property
    def sources(self) -> list[Source]:
        """The widgets and traits that hold the value in the browser."""
        return [[self.model_id, "index"]]

    def accepted(self, value: Any) -> Any:
        """The value as the control takes it; one that is not on offer yet is offered from now."""
        if self.control is None or (value is None and self.index is None):
            return value
        value = accepted(self.control, value)
        offered = self.control.sweep() if self.offered is None else self.offered
        if not any(value is known or value == known for known in offered):
            self.offered = (*offered, value)
            self.add_option(self._text(value), value)
        return value

    def _text(self, value: Any) -> str:
        """The value in words that no other option has."""
        words = self.control.words(value) if self.control else str(value)
        taken = {text for text, _ in self.options}
        numbered = (f"{words} ({n})" for n in range(2, len(taken) + 3))
        return words if words not in taken else next(t for t in numbered if t not in taken)


class Range(_Choosing, widgets.SelectionSlider):  # type: ignore[misc] # as above
    """A slider over numbers."""


class Buttons(_Choosing, widgets.ToggleButtons):  # type: ignore[misc] # as above
    """A row of buttons, one of them down."""

    style_of: ClassVar[dict[str, str]] = {"description_width": "initial", "button_width": "auto"}


class Select(_Choosing, widgets.Dropdown):  # type: ignore[misc] # as above
    """A drop-down."""


WIDGETS: dict[str, Callable[[Any, str, Any], Any]] = {
    "toggle": Toggle,
    "range": Range,
    "buttons": Buttons,
    "select": Select,
    "pixel": PixelBox,
    "matrix": MatrixBox,
    "layers": LayerStack,
    "brush": BrushBox,
}


class Made(NamedTuple):
    """A control's widget, what stands beside it, and the row that holds them."""

    widget: Any
    row: widgets.Widget
    upload: Upload | None = None
    play: widgets.Play | None = None

    def show_idle(self, idle: bool) -> None:
        """Grey it, and say why, where it has no effect; a message goes only where that changes."""
        for part in (self.widget, self.upload, self.play):
            if part:
                part.disabled = idle
        # A tooltip would not do: ipywidgets shows it on few widgets, and fails on some.
        if idle:
            self.row.add_class(IDLE)
        else:
            self.row.remove_class(IDLE)


def places(controls: Mapping[str, Control], widgets: Mapping[str, Any]) -> dict[str, Any]:
    """Keys by which the browser moves a control itself, behind the number of its source.

    There is a key for each value, by its spelling; None where the widget holds the spelling itself;
    nothing for controls of several widgets.
    """
    found: dict[str, Any] = {}
    number = 0
    for name, widget in widgets.items():
        if isinstance(widget, Toggle | _Choosing):
            control = controls[name]
            found[name] = [number, {spelled(v): control.key(v)[0] for v in control.sweep()}]
        elif isinstance(widget, BrushBox):
            found[name] = [number, None]
        number += len(widget.sources)
    return found


class Named(dict[str, Any]):
    """Widgets by name; an unknown name says which there are."""

    def __init__(self, kind: str, named: dict[str, Any]) -> None:
        super().__init__(named)
        self._kind = kind

    def __missing__(self, name: str) -> Any:
        hint = suggestion(name, self)
        raise KeyError(f"no {self._kind} {name!r}; {hint}there are {', '.join(self)}")


def make(name: str, control: Control, value: Any) -> Made:
    """The widget of one control, set to value; its row bears the control's name."""
    made = _make(name, control, value)
    made.row.add_class(f"seglab-control-{name}")
    return made


def _make(name: str, control: Control, value: Any) -> Made:
    described = control.widget()
    label = control.label or name
    widget = WIDGETS[described.kind](control, label, value)
    if control.takes_file:
        upload, view = Upload(camera=control.offers_camera), View(widget)
        return Made(widget, widgets.HBox([widget, upload, view]), upload=upload)
    if described.play and isinstance(widget, Selection):
        play = _play(widget, label, len(described.texts))
        return Made(widget, widgets.HBox([play, widget]), play=play)
    return Made(widget, widget)


class _Play(widgets.Play):  # type: ignore[misc] # as above
    """A Play whose slider may have been moved by the kernel alone.

    A page that is opened later follows the link once, from Play to the slider: it must be told
    where the slider stands. No message goes to the pages that are open.
    """

    def __init__(self, slider: Any, **options: Any) -> None:
        self._slider = slider
        super().__init__(value=slider.index, **options)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The whole state, or a part of it."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        return {**state, "value": self._slider.index} if key is None else state


def _play(widget: Any, label: str, count: int) -> widgets.Play:
    play = _Play(
        widget,
        max=count - 1,
        interval=400,
        show_repeat=False,
        tooltip=f"play {label}",
    )
    # In the browser, so that playing moves the slider even while the kernel computes.
    widgets.jslink((play, "value"), (widget, "index"))
    return play
