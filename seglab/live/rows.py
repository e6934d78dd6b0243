"""An editor whose value is a tuple of rows, with presets to start from."""

from typing import Any

import traitlets

from seglab.lab import Control
from seglab.live.editor import Editor, Source
from seglab.live.scripted import Scripted


class RowsEditor(Editor, Scripted):
    """Edits rows in the browser; `.value` also takes a preset's name.

    rows: the value as the browser has it. presets: [name, rows].
    """

    rows = traitlets.List().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    presets = traitlets.List().tag(sync=True)
    disabled = traitlets.Bool().tag(sync=True)

    def __init__(self, control: Control, label: str, value: Any, **traits: Any) -> None:
        self.control = control
        names = control.widget().texts
        presets = [[n, _lists(rows)] for n, rows in zip(names, control.sweep(), strict=True)]
        super().__init__(value=value, rows=_lists(value), label=label, presets=presets, **traits)

    @property
    def sources(self) -> list[Source]:
        """The widgets and traits that hold the value in the browser."""
        return [[self.model_id, "rows"]]

    @traitlets.observe("value")  # type: ignore[untyped-decorator] # traitlets is untyped
    def _moved(self, change: Any) -> None:
        self.rows = _lists(change.new)

    @traitlets.observe("rows")  # type: ignore[untyped-decorator] # as above
    def _edited(self, change: Any) -> None:
        try:
            self.value = change.new
        except traitlets.TraitError:
            self.rows = _lists(self.value)  # the editor goes back to what holds
            raise


def _lists(rows: Any) -> list[list[Any]]:
    return [list(row) for row in rows]
