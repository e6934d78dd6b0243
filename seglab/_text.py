"""Words that many error sentences share. Standard library only."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(name: object, known: Iterable[str]) -> str:
    """'did you mean 'f'? ' for the known name that is nearest; nothing where none is near."""
    close = get_close_matches(str(name), list(known), n=1)
    return f"did you mean {close[0]!r}? " if close else ""


def digits(value: float, count: int = 3) -> str:
    """A number with that many digits behind the point; a dash for NaN: nothing to judge."""
    number = float(value)
    return "–" if number != number else f"{number:.{count}f}"


def sentence(error: BaseException) -> str:
    """An error in one sentence: a lab's own words, else its kind, its place and its first line."""
    if isinstance(error, KeyboardInterrupt):
        return "Stopped."
    text = str(error).partition("\n")[0]
    if isinstance(error, ValueError) and text:
        return text
    notes = getattr(error, "__notes__", [])  # a run's begin so: in pane 'mask' of lab ...
    place = next((n.partition(" of lab ")[0] for n in notes if n.startswith("in ")), "")
    return f"{' '.join(filter(None, [type(error).__name__, place]))}: {text}"
