"""The editor of a stack of layers: one column per layer, from the image on."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from seglab.board import assets
from seglab.controls import Layer, Layers

_HERE = Path(__file__).parent


class LayerStack(anywidget.AnyWidget):  # type: ignore[misc] # anywidget ships no types
    """Edits a Layers control; `.value` is a tuple of seglab.controls.Layer.

    A preset's name may be given as the value, too.
    """

    _esm = assets.join(_HERE / "layers.js")
    _css = _HERE / "layers.css"
    value = traitlets.Any()
    label = traitlets.Unicode().tag(sync=True)
    rows = traitlets.List().tag(sync=True)
    presets = traitlets.List().tag(sync=True)
    most = traitlets.Int().tag(sync=True)

    def __init__(self, control: Layers, label: str, value: tuple[Layer, ...]) -> None:
        self._control = control
        presets = [[name, _rows(layers)] for name, layers in control.presets.items()]
        super().__init__(
            value=value, label=label, rows=_rows(value), presets=presets, most=control.most
        )
        self.add_class("seglab-layers")

    @traitlets.validate("value")  # type: ignore[untyped-decorator] # traitlets is untyped
    def _accept(self, proposal: Any) -> tuple[Layer, ...]:
        try:
            accepted: tuple[Layer, ...] = self._control.accept(proposal.value)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        return accepted

    @traitlets.observe("value")  # type: ignore[untyped-decorator] # as above
    def _moved(self, change: Any) -> None:
        self.rows = _rows(change.new)

    @traitlets.observe("rows")  # type: ignore[untyped-decorator] # as above
    def _edited(self, change: Any) -> None:
        try:
            self.value = tuple(Layer(*row) for row in change.new)
        except (traitlets.TraitError, TypeError):
            self.rows = _rows(self.value)  # the editor goes back to what holds
            raise


def _rows(layers: tuple[Layer, ...]) -> list[list[Any]]:
    return [list(layer) for layer in layers]
