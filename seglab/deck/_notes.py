"""The lecturer's notes: for each slide what is then to be seen, besides what the notebook says."""

import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seglab.deck import _markdown, display_formatters

KEYS = (
    "Keys: → and ← turn the slides, C opens the code of a slide, S these notes, "
    "F fills the screen, Escape shows all slides."
)
_MOST_LINES = 24
_SMALL = re.compile(r"<small>(.*?)</small>", re.DOTALL)
_AFTER_LIST = re.compile(r"(?:^|\n)[-*] [^\n]*\n\n(?![-*] )(.*)", re.DOTALL)


def of(cells: Iterable[Any], folder: Path, first: bool) -> str:
    """HTML of what the cells of a slide let one say: answers, tours, code, and what it prints.

    first: whether it is the slide with the title.
    """
    parts: list[str] = []
    for cell in cells:
        if cell.cell_type == "markdown":
            parts += _aside(cell.source, folder, first)
        elif cell.cell_type == "code":
            parts += _code(cell, folder)
    if first:
        parts.append(f"<p>{KEYS}</p>")
    return "".join(parts)


def _aside(source: str, folder: Path, first: bool) -> list[str]:
    """The words of a text cell that its slide leaves out."""
    said = [match[1].strip() for match in _SMALL.finditer(source)]
    if first and (after := _AFTER_LIST.search(source)):
        said.append(after[1])
    return [_markdown.render(text, folder) for text in said]


def _code(cell: Any, folder: Path) -> list[str]:
    printed: list[str] = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if (lab := data.get(display_formatters.LAB)) is not None:
            return _tour(lab.get("tour", ()), folder)
        if (quiz := data.get(display_formatters.QUIZ)) is not None:
            return _answers(quiz["options"], folder)
        text = output.get("text", "") if output.get("name") != "stderr" else ""
        plain = "" if len(data) > 1 else data.get("text/plain", "")  # else it is seen as it is
        printed.append(text or plain)
    lines = "".join(printed).rstrip().split("\n")
    more = [f"and {len(lines) - _MOST_LINES} more lines"] if len(lines) > _MOST_LINES else []
    seen = "\n".join([*lines[:_MOST_LINES], *more])
    parts = [("The code:", cell.source)] if printed else []
    parts += [("What you should see:", seen)] if seen else []
    return [f"<p>{head}</p><pre>{html.escape(text)}</pre>" for head, text in parts]


def _tour(steps: Iterable[dict[str, str]], folder: Path) -> list[str]:
    items = [
        f"<li>{_markdown.render(step['say'], folder)}{_then(step['then'], folder)}</li>"
        for step in steps
    ]
    return [f"<p>Steps to try, and what you should see:</p><ol>{''.join(items)}</ol>"] * bool(items)


def _then(text: str, folder: Path) -> str:
    return f'<div class="then">{_markdown.render(text, folder)}</div>' if text else ""


def _answers(options: Iterable[dict[str, Any]], folder: Path) -> list[str]:
    """Each option with what speaks for it or against it."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    items = [
        f"<p>{'<strong>Right: ' if option['right'] else ''}{letter}) "
        f"{html.escape(option['text'])}{'</strong>' if option['right'] else ''}. "
        f"{html.escape(option['feedback'])}</p>"
        for letter, option in zip(letters, options, strict=False)
    ]
    return ["<p>What speaks for each answer, and against it:</p>", *items]
