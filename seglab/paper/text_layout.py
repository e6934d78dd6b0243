"""Text on pictures: measured, broken into lines, and free of what cannot be written.

The font is DejaVu Sans Condensed, cut down to the letters of European languages and to common
signs: the one that Pillow brings has neither × nor →.
"""

from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import ImageFont

_FONTS = Path(__file__).parent / "fonts"


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    return ImageFont.truetype(
        BytesIO(_data(bold)), size, layout_engine=ImageFont.Layout.BASIC
    )  # the same on every machine, whether or not it has a library for complex scripts


@cache
def _data(bold: bool) -> bytes:
    return (_FONTS / f"DejaVuSansCondensed{'-Bold' if bold else ''}.ttf").read_bytes()


def clean(text: object) -> str:
    """A text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def cut(text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    """Cut a text to so many pixels, with … where something is missing."""
    if font.getlength(text) <= room:
        return text
    fits = 0
    while fits < len(text) and font.getlength(text[: fits + 1] + "…") <= room:
        fits += 1
    return text[:fits].rstrip() + "…"


def lines(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    """A text in lines of at most so many pixels; a word that is too long is cut."""
    done: list[str] = []
    for word in text.split():
        longer = f"{done[-1]} {word}" if done else word
        if done and font.getlength(longer) <= room:
            done[-1] = longer
        else:
            done.append(cut(word, font, room))
    return done


def flow(widths: list[float], room: float, gap: float) -> list[tuple[int, float]]:
    """Things of these widths side by side, in as many rows as it takes: row and left edge of each.

    One that is wider than the room has a row to itself.
    """
    places: list[tuple[int, float]] = []
    row, at = 0, 0.0
    for width in widths:
        if at > 0 and at + width > room:
            row, at = row + 1, 0.0
        places.append((row, at))
        at += width + gap
    return places


def rows(places: list[tuple[int, float]]) -> int:
    """Number of rows that flow() has made."""
    return places[-1][0] + 1 if places else 0
