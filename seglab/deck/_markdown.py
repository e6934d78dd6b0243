"""A notebook's Markdown as HTML for a slide: formulas as MathML, without a script."""

import html
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_CLOSE = "</strong>"


def render(source: str, folder: Path, attachments: dict[str, Any] | None = None) -> str:
    """The HTML of a cell; pictures beside the notebook are put into it."""
    renderer = _Slide(
        escape=False,
        embed_images=True,
        exclude_anchor_links=True,
        path=str(folder),
        attachments=attachments or {},
    )
    return unsectioned(MarkdownWithMath(renderer=renderer).render(source))


def formula(tex: str, display: str = "inline") -> str:
    """A formula as MathML; as its own TeX where it cannot be read. display: inline or block."""
    try:
        math = convert_to_element(tex, display=display)
    except Exception as error:  # the reader of TeX has no error of its own
        print(f"The formula {tex!r} is shown as TeX: {error!r}", file=sys.stderr)
        return f"<code>{html.escape(tex)}</code>"
    for element in math.iter():
        element.text = html.unescape(element.text) if element.text else element.text
        if element.tag == "mi" and len(element.text or "") == 1:
            element.set("class", "variable")
    return ElementTree.tostring(math, encoding="unicode")


def unsectioned(text: str) -> str:
    """HTML without elements that reveal.js would take for slides."""
    for tag in ("<section", "</section"):
        text = text.replace(tag, tag.replace("section", "div"))
    return text


class _Slide(IPythonRenderer):  # type: ignore[misc] # nbconvert is untyped
    def inline_math(self, body: str) -> str:
        return formula(body)

    def block_math(self, body: str) -> str:
        return formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def inline_html(self, html: str) -> str:
        # nbconvert looks for pictures in it, and closes every other tag on the way.
        return str(super().inline_html(html)) if "<img" in html else html

    def paragraph(self, text: str) -> str:
        """Make what runs in at the head of a paragraph, **like this.**, a heading of the slide."""
        head, close, rest = text.partition(_CLOSE)
        if head.startswith("<strong>") and close and head.endswith((".", "?", "!", ":")):
            heading = head.removeprefix("<strong>").rstrip(".:")
            return f"<h3>{heading}</h3>\n{super().paragraph(rest.strip()) if rest.strip() else ''}"
        return str(super().paragraph(text))
