"""Look of a file: its theme, whether a clicker walks the tour, whether it computes."""

from typing import NamedTuple

THEMES = ("auto", "light", "dark")


class Look(NamedTuple):
    """Look of a file.

    theme: light, dark, or auto: as the reader's system is. tour: whether the keys of a clicker walk
    the lab's tour, where the file has controls besides. live: whether the file computes by itself
    for a picture of the reader's own.
    """

    theme: str = "auto"
    tour: bool = False
    live: bool = False


AS_THE_READER = Look()


def check_theme(theme: str, known: tuple[str, ...], what: str) -> None:
    """Raise ValueError for a theme that there is not, or that `what` does not have."""
    if theme not in THEMES:
        raise ValueError(f"theme={theme!r}; give one of {', '.join(THEMES)}")
    if theme not in known:
        raise ValueError(f"theme={theme!r}, but {what} is {known[-1]}; leave theme out")
