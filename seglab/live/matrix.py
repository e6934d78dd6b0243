"""A Matrix control in the notebook: number cells to edit, and presets to start from."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from seglab.board import assets
from seglab.lab import Matrix

_HERE = Path(__file__).parent


class MatrixBox(anywidget.AnyWidget):  # type: ignore[misc] # anywidget ships no types we can follow
    """A grid of number cells; `.value` is the tuple of rows, and takes a preset's name too."""

    _esm = assets.join(_HERE / "matrix.js")
    _css = _HERE / "matrix.css"
    value = traitlets.Any()
    rows = traitlets.List().tag(sync=True)  # as the browser has them
    label = traitlets.Unicode().tag(sync=True)
    presets = traitlets.List().tag(sync=True)  # [name, rows]
    largest = traitlets.Int().tag(sync=True)

    def __init__(self, control: Matrix, label: str, value: Any) -> None:
        self._control = control
        super().__init__(
            value=value,
            label=label,
            presets=[[name, _lists(rows)] for name, rows in control.presets.items()],
            largest=control.largest,
        )
        self.rows = _lists(self.value)
        self.observe(self._moved, "value")
        self.observe(self._typed, "rows")

    @traitlets.validate("value")  # type: ignore[untyped-decorator] # traitlets is untyped
    def _accept(self, proposal: Any) -> Any:
        try:
            return self._control.accept(proposal.value)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    def _moved(self, change: Any) -> None:
        self.rows = _lists(change.new)

    def _typed(self, change: Any) -> None:
        self.value = self._control.accept(change.new)


def _lists(rows: Any) -> list[list[float]]:
    return [list(row) for row in rows]
