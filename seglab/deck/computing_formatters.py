"""An IPython extension as display_formatters, whose labs compute for a picture of one's own."""

from functools import partial
from typing import Any

from seglab.deck import display_formatters


def load_ipython_extension(shell: Any) -> None:
    """Show labs and questions as data: IPython calls it for this module's `--ext`."""
    display_formatters.register(shell, partial(display_formatters.lab, computing=True))
