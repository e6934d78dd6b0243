"""A Matrix control in the notebook: number cells to edit, and presets to start from."""

from pathlib import Path
from typing import Any

import traitlets

from seglab.board import assets
from seglab.lab import Matrix
from seglab.live.rows import RowsEditor

_HERE = Path(__file__).parent


class MatrixBox(RowsEditor):
    """A grid of number cells; `.value` is the tuple of rows. tall: how many; 0 for any number."""

    _esm = assets.join(_HERE / "matrix.js")
    _css = _HERE / "matrix.css"
    largest = traitlets.Int().tag(sync=True)
    tall = traitlets.Int().tag(sync=True)

    def __init__(self, control: Matrix, label: str, value: Any) -> None:
        super().__init__(control, label, value, largest=control.largest, tall=control.rows or 0)
        if control.rows == 1:
            self.add_class("seglab-row")  # a line of its own among the controls
