"""An extension of Sphinx: formulas as MathML, and docstrings as this house writes them."""

import gc
import re
from typing import Any, get_args, get_origin

from docutils import nodes

import seglab.types
from seglab.deck.formulas import formula

_PROMPT = ">>>"
_HANGING = re.compile(r"^ {4}\S")


def setup(app: Any) -> dict[str, bool]:
    """Join Sphinx: it calls this for each extension."""
    # Of the many nodes of its trees few can be freed: a quarter of its time goes into looking.
    gc.set_threshold(100_000, 20, 100)
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("autodoc-process-signature", _signature)
    app.connect("doctree-resolved", _name_empty_heads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(formula(node.astext()))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    math = formula(node.astext(), "block")
    writer.body.append(f'<div class="seglab-formula" tabindex="0">{math}</div>')
    raise nodes.SkipNode


def _name_empty_heads(_app: Any, tree: nodes.document, _name: str) -> None:
    """Give the empty corner of a table a name, for who hears it read."""
    for head in tree.findall(nodes.thead):
        for entry in head.findall(nodes.entry):
            if not entry.astext().strip():
                hidden = '<span class="visually-hidden">row</span>'
                entry += nodes.raw("", hidden, format="html")


# Docstrings


def _docstring(
    _app: Any, _what: str, _name: str, _obj: Any, _options: Any, lines: list[str]
) -> None:
    lines[:] = restructured(lines)


def restructured(lines: list[str]) -> list[str]:
    """Plain lines of a docstring as reStructuredText.

    Signs that mean something there are taken as they are, and lines with a hanging indent, which
    tell of arguments, are a list.
    """
    made: list[str] = []
    for paragraph in "\n".join(lines).split("\n\n"):
        rows = paragraph.strip("\n").split("\n")
        if rows[0].lstrip().startswith(_PROMPT) or _verbatim(made, rows):
            made += [*rows, ""]
            continue
        plain = [_escaped(row) for row in rows]
        if any(map(_HANGING.match, rows)) and not rows[0].startswith(" "):
            plain = [
                f"- {row}" if row and not row.startswith(" ") else f"  {row.strip()}"
                for row in plain
            ]
        made += [*plain, ""]
    return made


def _verbatim(before: list[str], rows: list[str]) -> bool:
    """Tell whether a paragraph is code: indented, after a line that ends in two colons."""
    last = next((line for line in reversed(before) if line), "")
    return last.endswith("::") and all(row.startswith(" ") for row in rows if row)


def _escaped(row: str) -> str:
    """Take stars, bars and closing underlines outside of code as they are."""
    parts = re.split(r"(`+[^`]+`+)", row)
    for place in range(0, len(parts), 2):
        text = re.sub(r"([\\*|])", r"\\\1", parts[place])
        parts[place] = re.sub(r"(\w)_(?!\w)", r"\1\\_", text)
    return "".join(parts)


# Signatures

_SHAPES = {
    str(get_args(value)[1]): name
    for name, value in vars(seglab.types).items()
    if get_origin(value) is not None and getattr(value, "__metadata__", None)
}


def _signature(
    _app: Any,
    _what: str,
    _name: str,
    _obj: Any,
    _options: Any,
    given: str | None,
    returned: str | None,
) -> tuple[str | None, str | None]:
    return _named(given), _named(returned)


def _named(text: str | None) -> str | None:
    """A signature with the names of shapes, such as Scores, in the place of what they stand for."""
    for words, name in _SHAPES.items():
        wide = rf"~?(?:typing\.)?Annotated\[[^\[\]]*{re.escape(repr(words))}\]"
        text = re.sub(wide, name, text) if text else text
    return text
