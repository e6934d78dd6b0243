"""Words that many error sentences share. Standard library only."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(name: object, known: Iterable[str]) -> str:
    """'did you mean 'f'? ' for the known name that is nearest; nothing where none is near."""
    close = get_close_matches(str(name), list(known), n=1)
    return f"did you mean {close[0]!r}? " if close else ""
