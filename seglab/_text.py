"""Words that many error sentences share, and a tour's Markdown. Standard library only."""

import html
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_MARKS = [
    (r"`([^`]+)`", "code"),
    (r"\*\*(?! )([^*]+)(?<! )\*\*", "b"),
    (r"\*(?! )([^*]+)(?<! )\*", "i"),
]


def suggestion(name: object, known: Iterable[str]) -> str:
    """'did you mean 'f'? ' for the known name that is nearest; nothing where none is near."""
    close = get_close_matches(str(name), list(known), n=1)
    return f"did you mean {close[0]!r}? " if close else ""


def plural(count: int, noun: str) -> str:
    """A number with its noun: 1 node, 2,079 nodes."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def digits(value: float, count: int = 3) -> str:
    """A number with that many digits behind the point; a dash for NaN: nothing to judge."""
    number = float(value)
    return "–" if number != number else f"{number:.{count}f}"


def distance(value: float) -> str:
    """A difference of numbers in four digits, or that it is below 0.0001, as float rounding is."""
    return "below 0.0001" if value < 1e-4 else f"{value:.4g}"


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


def as_html(text: str) -> str:
    """Plain text with `code`, **bold**, *italic* and blank lines as safe HTML."""
    return "".join(f"<p>{_line(part)}</p>" for part in text.split("\n\n") if part.strip())


def plain(text: str) -> str:
    """Text without its marks, on one line."""
    return " ".join(
        html.unescape(re.sub("<[^>]*>", "", as_html(text).replace("</p>", " "))).split()
    )


def _line(text: str) -> str:
    pieces = re.split(r"(`[^`]+`)", text)  # nothing inside code is marked
    return "".join(_marked(p, _MARKS[:1] if p.startswith("`") else _MARKS[1:]) for p in pieces)


def _marked(text: str, marks: Sequence[tuple[str, str]]) -> str:
    text = html.escape(text.strip("\n"))
    for pattern, tag in marks:
        text = re.sub(pattern, rf"<{tag}>\1</{tag}>", text)
    return text
