"""An IPython extension: in a notebook that becomes a page of a site, labs come out as data."""

import io
from base64 import b64encode
from typing import Any

from seglab.deck import display_formatters
from seglab.deck.display_formatters import LAB, QUIZ
from seglab.files.gallery import pictures

__all__ = ["LAB", "QUIZ", "lab", "load_ipython_extension", "register"]

register = display_formatters.register


def load_ipython_extension(shell: Any) -> None:
    """Show labs and questions as data: IPython calls it for this module's `--ext`."""
    register(shell, lab)


def lab(live: Any, computing: bool = False) -> dict[str, Any]:
    """A live lab as its page, with what a card tells of it.

    computing: whether the page computes by itself, where the lab can (see seglab.save).
    """
    made = display_formatters.lab(live, computing=computing)
    made[LAB]["summary"] = live.lab.summary
    made[LAB]["pictures"] = [[alt, _png(picture)] for alt, picture in pictures(live.run)]
    return made


def _png(picture: Any) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return b64encode(file.getvalue()).decode()
