"""Base of the widgets that have a script of their own in the browser."""

from uuid import uuid4

import traitlets

from seglab.live import ipywidgets_private

try:
    import anywidget
except ImportError as error:  # pragma: no cover - depends on the installation
    raise ImportError(
        "seglab's live labs draw with anywidget, which is missing here: "
        "run `pip install anywidget`, then restart the kernel"
    ) from error


class Scripted(anywidget.AnyWidget):  # type: ignore[misc] # anywidget ships no types we can follow
    """A widget whose script can find its own model, and so hear the kernel however late it comes.

    own_id: the model's name in the browser, see late.js.
    """

    own_id = traitlets.Unicode().tag(sync=True)

    def open(self) -> None:
        """Tell the browser of the widget."""
        if self.comm is None:
            self.own_id = uuid4().hex
            ipywidgets_private.name_model(self, self.own_id)
        super().open()
