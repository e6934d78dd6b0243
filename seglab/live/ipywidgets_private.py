"""The private names of ipywidgets that seglab leans on, each in one place.

tests/test_ipywidgets_private.py holds the installed version to them. In the browser there is one
more, STATE_LOCK of a model: what the kernel is changing in it, if it is the kernel.
"""

from typing import Any

import traitlets
from ipywidgets.widgets.widget import JUPYTER_WIDGETS_ECHO, _remove_buffers

ECHO = JUPYTER_WIDGETS_ECHO  # whether what a browser has changed is told to all windows
STATE_LOCK = "_state_lock"


def send(widget: Any, message: dict[str, Any], buffers: Any = None) -> None:
    """Send a message of the widgets' protocol as the widget's own."""
    widget._send(message, buffers)


def send_state(widget: Any, state: dict[str, Any]) -> None:
    """Send changes that are no traits, with the bytes in them as buffers."""
    state, paths, buffers = _remove_buffers(state)
    send(widget, {"method": "update", "state": state, "buffer_paths": paths}, buffers)


def name_model(widget: Any, name: str) -> None:
    """Choose the name that a widget's model is going to have in the browser."""
    widget._model_id = name


class Selection(traitlets.HasTraits):  # type: ignore[misc] # traitlets is untyped
    """Mixin before SelectionSlider, ToggleButtons or Dropdown that changes three of their ways.

    A value is first accepted by us. An option can be added without another being selected. The
    answer to a move is sent before its echo, which tells other windows on the same kernel and
    which nobody waits for; ipywidgets would send it first.
    """

    index = traitlets.Int(None, allow_none=True).tag(sync=True, echo_update=False)

    def accepted(self, value: Any) -> Any:
        """The value in its one form; TraitError for one that is refused."""
        return value

    def add_option(self, text: str, value: Any) -> None:
        """Offer one more value at the end."""
        # ipywidgets selects the first option when options change, unless it is still starting.
        self._initializing_traits_ = True
        try:
            self.options = [*self._options_full, (text, value)]
        finally:
            self._initializing_traits_ = False

    @traitlets.validate("value")  # type: ignore[untyped-decorator] # as above
    def _validate_value(self, proposal: Any) -> Any:  # in the place of _Selection's
        proposal.value = self.accepted(proposal.value)
        return super()._validate_value(proposal)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser has changed."""
        try:
            super().set_state(sync_data)
        finally:
            if ECHO and "index" in sync_data:
                moved = {"index": sync_data["index"]}
                send(self, {"method": "echo_update", "state": moved, "buffer_paths": []})
