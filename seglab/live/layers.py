"""The editor of a stack of layers: one column per layer, from the image on."""

from pathlib import Path
from typing import Any

import traitlets

from seglab.board import assets
from seglab.lab import Layers
from seglab.live.rows import RowsEditor

_HERE = Path(__file__).parent


class LayerStack(RowsEditor):
    """Edits a Layers control; `.value` is a tuple of seglab.lab.Layer."""

    _esm = assets.join(_HERE / "layers.js")
    _css = _HERE / "layers.css"
    most = traitlets.Int().tag(sync=True)

    def __init__(self, control: Layers, label: str, value: Any) -> None:
        super().__init__(control, label, value, most=control.most)
        self.add_class("seglab-layers")
