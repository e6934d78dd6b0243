"""Words that many error sentences share, and a tour's Markdown. Standard library only."""

import html
import re
from collections.abc import Iterable
from difflib import get_close_matches

_MARK = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?! )(?P<b>[^*`]+)(?<! )\*\*"
    r"|\*(?! )(?P<i>[^*`]+)(?<! )\*"
)


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


Piece = tuple[str, str]  # a tag, empty for plain text; a text


def pieces(text: str) -> list[list[Piece]]:
    """Plain text with `code`, **bold**, *italic* and blank lines as paragraphs of tagged texts."""
    return [_pieces(part.strip("\n")) for part in text.split("\n\n") if part.strip()]


def _pieces(text: str) -> list[Piece]:
    found: list[Piece] = []
    place = 0
    for mark in _MARK.finditer(text):
        found.append(("", text[place : mark.start()]))
        found.append((str(mark.lastgroup), mark[str(mark.lastgroup)]))
        place = mark.end()
    return [piece for piece in [*found, ("", text[place:])] if piece[1]]


def as_html(text: str) -> str:
    """Marked text as safe HTML; see pieces()."""
    lines = ("".join(map(_tagged, part)) for part in pieces(text))
    return "".join(f"<p>{line}</p>" for line in lines)


def _tagged(piece: Piece) -> str:
    tag, text = piece[0], html.escape(piece[1])
    return f"<{tag}>{text}</{tag}>" if tag else text


def plain(text: str) -> str:
    """Text without its marks, on one line."""
    return " ".join(" ".join("".join(text for _, text in part) for part in pieces(text)).split())
