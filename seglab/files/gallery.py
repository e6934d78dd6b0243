"""gallery(): all labs as pages, behind one static page that any web host serves."""

import os
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image as Pillow

from seglab._files import atomic_folder
from seglab.files._look import THEMES, check_theme
from seglab.files._saving import save
from seglab.lab import Lab, Run

INDEX = "index.html"
_MARK = '<meta name="generator" content="seglab gallery">'
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src 'self' file:; "
    "style-src 'unsafe-inline'"
)
_PICTURES = 3  # on a card
_SIDE = 256  # pixels of one, at most
_HERE = Path(__file__).parent
_HEAD = '<header class="seglab-head">'  # of a lab's page
_STYLES = "style-src '"


class Also(NamedTuple):
    """A further file for each lab.

    label: the link to it. ending: of its name, after the lab's. write: called as write(file stem,
    lab, path); a lab for which it returns without a file has no link.
    """

    label: str
    ending: str
    write: Callable[[str, Lab, Path], Any]


def gallery(
    out: str | os.PathLike[str],
    labs: Mapping[str, Lab],
    progress: Callable[[int, int], None] = lambda done, total: None,
    theme: str = "auto",
    also: tuple[Also, ...] = (),
) -> Path:
    """Write a folder: a page for each lab, pictures for its card, and index.html; returns that.

    labs: file stem -> lab, in the order of the page. The folder is made whole or not at all; one
    that holds a gallery is replaced. progress: called as progress(labs done, labs). theme: light,
    dark, or auto: as the reader's system is. also: further files that are linked.
    Raises ValueError for a folder that holds anything else, and for a lab that cannot be saved.
    """
    out = Path(out).expanduser().absolute()
    _check(out, labs)
    check_theme(theme, THEMES, "a gallery")
    with atomic_folder(out) as fresh:
        cards = []
        for done, (stem, lab) in enumerate(labs.items()):
            progress(done, len(labs))
            page = fresh / f"{stem}.html"
            save(lab, page, progress=lambda done, total: None, theme=theme)
            links = list(_write(also, stem, lab, fresh))
            text = page.read_text(encoding="utf-8")
            ways = _with_ways(text, _ways(list(labs), done, links))
            page.write_text(ways, encoding="utf-8", newline="\n")
            cards.append(_card(stem, lab, list(_pictures(lab, fresh, stem)), links))
        (fresh / INDEX).write_text(_page(cards, theme), encoding="utf-8", newline="\n")
    progress(len(labs), len(labs))
    return out / INDEX


def _write(also: tuple[Also, ...], stem: str, lab: Lab, folder: Path) -> Iterator[tuple[str, str]]:
    """Further files of a lab, written beside its page: (file name, label)."""
    for one in also:
        name = f"{stem}{one.ending}"
        one.write(stem, lab, folder / name)
        if (folder / name).exists():
            yield name, one.label


# The ways from a lab's page


def _ways(stems: list[str], place: int, links: list[tuple[str, str]]) -> str:
    """Links back, to the neighbours, and to the lab's other files."""
    ways = [_link(INDEX, "All labs")]
    for step, rel, text in ((-1, "prev", "‹ {}"), (1, "next", "{} ›")):
        if 0 <= place + step < len(stems):
            stem = stems[place + step]
            number = stem.partition("-")[0]
            ways.append(
                _link(f"{stem}.html", text.format(number if number.isdigit() else rel), rel)
            )
    ways += [_link(*link) for link in links]
    return f'<nav class="seglab-ways" aria-label="Gallery">{"".join(ways)}</nav>'


def _link(file: str, text: str, rel: str = "") -> str:
    way = f' rel="{rel}"' if rel else ""
    return f'<a href="{escape(file, quote=True)}"{way}>{escape(text)}</a>'


def _with_ways(page: str, ways: str) -> str:
    """A lab's page with links in its head, and their style let in by its hash."""
    style = (_HERE / "ways.css").read_text(encoding="utf-8")
    allowed = f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"
    page = page.replace(_STYLES, f"{_STYLES[:-1]}{allowed} '", 1)
    page = page.replace("</head>", f"<style>{style}</style>\n</head>", 1)
    return page.replace(_HEAD, f"{_HEAD}{ways}", 1)


# The page of all labs


def _check(out: Path, labs: Mapping[str, Lab]) -> None:
    if not labs:
        raise ValueError("a gallery of no labs; give at least one")
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {str(out.parent)!r}; make it first")
    if out.exists() and not out.is_dir():
        raise ValueError(f"{str(out)!r} is a file; give the name of a folder")
    if not out.is_dir() or not any(out.iterdir()):
        return
    index = out / INDEX
    if not index.is_file() or _MARK not in index.read_text(encoding="utf-8", errors="replace"):
        raise ValueError(
            f"{str(out)!r} is not empty and holds no gallery; give a new folder, or empty this one"
        )


def pictures(run: Run) -> Iterator[tuple[str, Pillow.Image]]:
    """Small pictures of the first panes of a run, each with its text alternative."""
    count = 0
    for name in run.lab.panes:
        with suppress(Exception):  # the lab's page says why
            picture = run.panes[name]
            if picture.kind == "curtain":
                picture = picture.parts[0][1]
            if picture.kind not in ("table", "diagram"):
                count += 1
                skip = -(-max(picture.size) // _SIDE)
                yield f"{name}: {picture.alt()}", Pillow.fromarray(picture.rgb()[::skip, ::skip])
        if count == _PICTURES:
            break


def _pictures(lab: Lab, folder: Path, stem: str) -> Iterator[tuple[str, str]]:
    """The first pictures of a lab, written beside its page: (file name, text alternative)."""
    run = Run(lab, lab.state(), finish_streams=False)
    for number, (alt, picture) in enumerate(pictures(run), 1):
        file = f"{stem}-{number}.png"
        picture.save(folder / file, optimize=True)
        yield file, alt


def _card(
    stem: str, lab: Lab, pictures: list[tuple[str, str]], links: list[tuple[str, str]]
) -> str:
    number = stem.partition("-")[0]
    link = escape(f"{stem}.html", quote=True)
    images = "".join(
        f'<img src="{escape(file, quote=True)}" alt="{escape(alt, quote=True)}" loading="lazy">'
        for file, alt in pictures
    )
    title = f"{f'<b>{number}</b> ' if number.isdigit() else ''}{escape(lab.title)}"
    others = "".join(_link(*one) for one in links)
    return f"""<li>
<span class="pictures">{images}</span>
<h2><a href="{link}">{title}</a></h2>
<p>{escape(lab.summary)}</p>
{f'<p class="others">{others}</p>' if others else ""}
</li>"""


def _page(cards: list[str], theme: str) -> str:
    style = (_HERE / "gallery.css").read_text(encoding="utf-8")
    listed = "\n".join(cards)
    chosen = "" if theme == "auto" else f' data-theme="{theme}"'
    return f"""<!doctype html>
<html lang="en"{chosen}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
{_MARK}
<title>Image segmentation that you can take hold of</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>Image segmentation that you can take hold of</h1>
<p>Each card opens a lab. Its pictures come from a real network or a real algorithm on a real
picture; move the controls, and point at the pictures to read their values.</p>
</header>
<main>
<ul>
{listed}
</ul>
</main>
<footer>Made with seglab. The pages need no server and no network: save the folder, and they work
from there.</footer>
</body>
</html>
"""
