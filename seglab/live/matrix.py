"""A Matrix control in the notebook: number cells to edit, and presets to start from."""

from pathlib import Path
from typing import Any

import traitlets

from seglab.board import assets
from seglab.lab import Matrix
from seglab.live.rows import RowsEditor

_HERE = Path(__file__).parent


class MatrixBox(RowsEditor):
    """A grid of number cells; `.value` is the tuple of rows."""

    _esm = assets.join(_HERE / "matrix.js")
    _css = _HERE / "matrix.css"
    largest = traitlets.Int().tag(sync=True)

    def __init__(self, control: Matrix, label: str, value: Any) -> None:
        super().__init__(control, label, value, largest=control.largest)
