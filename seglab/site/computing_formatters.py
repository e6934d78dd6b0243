"""An IPython extension as display_formatters, under which the pages of labs compute."""

from functools import partial
from typing import Any

from seglab.site import display_formatters


def load_ipython_extension(shell: Any) -> None:
    """Show labs and questions as data: IPython calls it for this module's `--ext`."""
    display_formatters.register(shell, partial(display_formatters.lab, computing=True))
