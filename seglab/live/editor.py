"""Base of all controls' widgets: a value that its control accepts."""

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
import traitlets

from seglab.lab import Control

Source = list[str]  # a model's id and the attribute that holds (a part of) the control's value


def accepted(control: Control, value: Any) -> Any:
    """The value as the control takes it; TraitError, in the control's own words, if it does not."""
    try:
        return control.accept(value)
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None


def wide() -> widgets.Layout:
    """As wide as the widget needs, and never wider than the page."""
    return widgets.Layout(width="auto", max_width="100%")


class Editor(traitlets.HasTraits):  # type: ignore[misc] # traitlets is untyped
    """A widget that is no selection; `.value` takes whatever its control takes.

    offered: the values of a drop-down where they are more than the control's own; none here.
    """

    control: Control
    offered: Sequence[Any] | None = None
    value = traitlets.Any()
    disabled = traitlets.Bool()

    @traitlets.validate("value")  # type: ignore[untyped-decorator] # as above
    def _accept(self, proposal: Any) -> Any:
        return accepted(self.control, proposal.value)
