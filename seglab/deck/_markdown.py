"""A notebook's Markdown as HTML for a slide: formulas as MathML, without a script."""

from pathlib import Path
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from seglab.deck.formulas import formula

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
