"""A lab's controls as ordinary ipywidgets whose `.value` is the control's value."""

from contextlib import suppress
from typing import Any, NamedTuple

import ipywidgets as widgets
import traitlets
from ipywidgets.widgets.widget import JUPYTER_WIDGETS_ECHO

from seglab._text import suggestion
from seglab.lab import Choice, Control, Layers, Matrix, Photo, Pixel
from seglab.live.board import Upload
from seglab.live.layers import LayerStack
from seglab.live.matrix import MatrixBox

_FEW, _SHORT = 4, 36  # so many options, of so many letters in all, fit as buttons side by side


class Made(NamedTuple):
    """A control's widget, the row in which it stands, and its upload button if it has one."""

    widget: widgets.Widget
    row: widgets.Widget
    upload: Upload | None = None


class Controls(dict[str, Any]):
    """The widgets of a lab by the control's name; an unknown name says which there are."""

    def __missing__(self, name: str) -> Any:
        raise KeyError(f"no control {name!r}; {suggestion(name, self)}there are {', '.join(self)}")


def make(name: str, control: Control, value: Any) -> Made:
    """The widget of one control, set to value."""
    label = control.label or name
    if isinstance(control, Pixel):
        box = PixelBox(control, label, value)
        return Made(box, box)
    if isinstance(control, Matrix):
        cells = MatrixBox(control, label, value)
        return Made(cells, cells)
    if isinstance(control, Layers):
        stack = LayerStack(control, label, value)
        return Made(stack, stack)
    assert isinstance(control, Choice)
    widget = _choice(control, label, value)
    if isinstance(control, Photo):
        upload = Upload()
        return Made(widget, widgets.HBox([widget, upload]), upload)
    if control.play and hasattr(widget, "index"):
        play = widgets.Play(
            value=widget.index,
            max=len(control.options) - 1,
            interval=400,
            show_repeat=False,
            tooltip=f"play {label}",
        )
        # In the browser, so that playing moves the slider even while the kernel computes.
        widgets.jslink((play, "value"), (widget, "index"))
        return Made(widget, widgets.HBox([play, widget]))
    return Made(widget, widget)


def _choice(control: Choice, label: str, value: Any) -> widgets.Widget:
    options = control.options
    if len(options) == 2 and _all(bool, control) and control.show is str:
        return widgets.Checkbox(
            value=value, description=label, tooltip=label, indent=False, layout=_wide()
        )
    texts = [control.show(option) for option in options]
    few = len(options) <= _FEW and sum(map(len, texts)) <= _SHORT
    kind: type[widgets.Widget]
    if isinstance(control, Photo):
        kind = _PhotoDropdown
    elif _all((int, float), control) and not _all(bool, control):
        kind = _Slider
    elif few:
        kind = _Buttons
    else:
        kind = _Dropdown
    style = {"description_width": "initial"}
    if kind is _Buttons:
        style["button_width"] = "auto"
    widget = kind(
        options=list(zip(texts, options, strict=True)),
        value=options[0],
        description=label,
        tooltip=label,
        style=style,
        layout=_wide(),
    )
    widget.choice = control
    widget.value = value
    return widget


def _all(kind: type | tuple[type, ...], control: Choice) -> bool:
    return all(isinstance(option, kind) for option in control.options)


def _wide() -> widgets.Layout:
    return widgets.Layout(width="auto", max_width="100%")


class _Checked(traitlets.HasTraits):  # type: ignore[misc] # traitlets is untyped
    """Refuses a value in the control's own words."""

    choice: Choice | None = None

    @traitlets.validate("value")  # type: ignore[untyped-decorator] # as above
    def _validate_value(self, proposal: Any) -> Any:
        if self.choice is not None and proposal.value is not None:
            try:
                proposal.value = self.choice.accept(proposal.value)
            except ValueError as error:
                raise traitlets.TraitError(str(error)) from None
            self._admit(proposal.value)
        return super()._validate_value(proposal)  # of _Selection

    def _admit(self, value: Any) -> None:
        """Make room for an accepted value that is no option yet."""


class _Chosen(_Checked):
    """What the hand's move brings is sent before its echo, which nobody waits for.

    The echo tells other windows on the same kernel; ipywidgets would send it first.
    """

    index = traitlets.Int(None, allow_none=True).tag(sync=True, echo_update=False)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        try:
            super().set_state(sync_data)
        finally:
            if JUPYTER_WIDGETS_ECHO and "index" in sync_data:
                moved = {"index": sync_data["index"]}
                self._send({"method": "echo_update", "state": moved, "buffer_paths": []})


class _Slider(_Chosen, widgets.SelectionSlider):  # type: ignore[misc] # ipywidgets is untyped
    pass


class _Buttons(_Chosen, widgets.ToggleButtons):  # type: ignore[misc] # as above
    pass


class _Dropdown(_Chosen, widgets.Dropdown):  # type: ignore[misc] # as above
    pass


class _PhotoDropdown(_Chosen, widgets.Dropdown):  # type: ignore[misc] # as above
    def _admit(self, value: Any) -> None:
        with suppress(ValueError):
            self._options_values.index(value)
            return
        # ipywidgets selects the first option when options change, unless it is still starting.
        self._initializing_traits_ = True
        try:
            self.options = [*self._options_full, (str(value), value)]
        finally:
            self._initializing_traits_ = False


class PixelBox(widgets.HBox):  # type: ignore[misc] # ipywidgets is untyped
    """Two number boxes, row and column; `.value` is the pair. A click on a pane sets it too."""

    value = traitlets.Tuple()

    def __init__(self, control: Pixel, label: str, value: tuple[int, int]) -> None:
        self._control = control
        self.boxes = tuple(
            widgets.BoundedIntText(
                value=at,
                max=size - 1,
                description=text,
                tooltip=text,
                style={"description_width": "initial"},
                layout=_wide(),
            )
            for text, at, size in zip((f"{label}: row", "column"), value, control.size, strict=True)
        )
        super().__init__(self.boxes, value=value)
        self._held = False
        self.add_class("seglab-pixel")
        for box in self.boxes:
            box.observe(self._typed, "value")

    @traitlets.validate("value")  # type: ignore[untyped-decorator] # as above
    def _accept(self, proposal: Any) -> tuple[int, int]:
        try:
            return self._control.accept(proposal.value)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    @traitlets.observe("value")  # type: ignore[untyped-decorator] # as above
    def _moved(self, change: Any) -> None:
        self._held = True
        try:
            for box, at in zip(self.boxes, change.new, strict=True):
                box.value = at
        finally:
            self._held = False

    def _typed(self, _change: Any) -> None:
        if not self._held:
            self.value = tuple(box.value for box in self.boxes)
