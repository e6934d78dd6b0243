"""Pages about the labs: the list of them, and the gallery of their pictures."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from seglab.site._notebooks import ALONE, FOLDER, Page, raw


def write_list(pages: list[Page], source: Path) -> list[str]:
    """Write the page that lists the notebooks."""
    rows = [f"# Labs\n\n{_DO}\n"]
    for page in pages:
        words = " ".join(card.summary for card in page.cards[:1])
        rows.append(f"- [{page.title}]({page.stem}.ipynb)" + (f": {words}" if words else ""))
    stems = [page.stem for page in pages]
    rows += ["", "```{toctree}", ":hidden:", "", *stems, "```", ""]
    (source / FOLDER / "index.md").write_text("\n".join(rows), encoding="utf-8")
    return [f"{FOLDER}/index"]


_DO = (
    "Each page is a notebook: predict, play with the lab, read why, write the exercises, check "
    "yourself. To run and change it, download it or open it where the buttons say."
)


def write_gallery(pages: list[Page], source: Path) -> list[str]:
    """Write the page of all labs as cards; none where no notebook shows a lab."""
    cards = [card for page in pages for card in _cards(page)]
    if not cards:
        return []
    listed = "\n".join(cards)
    text = (
        "# Gallery\n\nEach card opens a lab alone. Its pictures come from a real network or a real "
        "algorithm on a real picture.\n\n"
        + raw(f'<ul class="seglab-cards">\n{listed}\n</ul>')
        + "\n"
    )
    (source / "gallery.md").write_text(text, encoding="utf-8")
    return ["gallery"]


def _cards(page: Page) -> Iterable[str]:
    for card in page.cards:
        pictures = "".join(
            f'<img src="{ALONE}/{escape(file, quote=True)}" alt="{escape(alt, quote=True)}" '
            'loading="lazy">'
            for file, alt in card.pictures
        )
        number = page.title.partition(" ")[0]
        title = f"<b>{number}</b> " * number.isdigit() + escape(card.title)
        yield (
            f'<li><span class="seglab-pictures">{pictures}</span>'
            f'<h2><a href="{ALONE}/{escape(card.file, quote=True)}">{title}</a></h2>'
            f"<p>{escape(card.summary)}</p>"
            f'<p><a href="{FOLDER}/{escape(page.stem, quote=True)}.html">The lesson'
            f'<span class="visually-hidden">: {escape(card.title)}</span></a></p></li>'
        )
