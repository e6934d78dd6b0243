"""An IPython extension as computing_formatters, of which a clicker walks each lab's tour."""

from functools import partial
from typing import Any

from seglab.deck import display_formatters


def load_ipython_extension(shell: Any) -> None:
    """Show labs and questions as data: IPython calls it for this module's `--ext`."""
    make = partial(display_formatters.lab, walked=True, computing=True)
    display_formatters.register(shell, make)
