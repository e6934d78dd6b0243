"""gallery(): all labs as slides, behind one static page that any web host serves."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from html import escape
from pathlib import Path

from PIL import Image as Pillow

from seglab._files import atomic_folder
from seglab.draw.picture import Picture
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


def gallery(
    out: str | os.PathLike[str],
    labs: Mapping[str, Lab],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Write a folder: a page for each lab, pictures for its card, and index.html; returns that.

    labs: file stem -> lab, in the order of the page. The folder is made whole or not at all; one
    that holds a gallery is replaced. progress: called as progress(labs done, labs).
    Raises ValueError for a folder that holds anything else, and for a lab that cannot be saved.
    """
    out = Path(out).expanduser().absolute()
    _check(out, labs)
    with atomic_folder(out) as fresh:
        cards = []
        for done, (stem, lab) in enumerate(labs.items()):
            progress(done, len(labs))
            save(lab, fresh / f"{stem}.html", progress=lambda done, total: None)
            cards.append(_card(stem, lab, list(_pictures(lab, fresh, stem))))
        (fresh / INDEX).write_text(_page(cards), encoding="utf-8", newline="\n")
    progress(len(labs), len(labs))
    return out / INDEX


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


def _pictures(lab: Lab, folder: Path, stem: str) -> Iterator[tuple[str, str]]:
    """The first pictures of a lab, written beside its page: (file name, text alternative)."""
    run = Run(lab, lab.state(), finish_streams=False)
    shown: list[tuple[str, Picture]] = []
    for name in lab.panes:
        with suppress(Exception):  # the lab's page says why
            picture = run.panes[name]
            while picture.parts:
                picture = picture.parts[0][1]
            if picture.kind != "table":
                shown.append((name, picture))
        if len(shown) == _PICTURES:
            break
    for number, (name, picture) in enumerate(shown, 1):
        skip = -(-max(picture.size) // _SIDE)
        file = f"{stem}-{number}.png"
        Pillow.fromarray(picture.rgb()[::skip, ::skip]).save(folder / file, optimize=True)
        yield file, f"{name}: {picture.alt()}"


def _card(stem: str, lab: Lab, pictures: list[tuple[str, str]]) -> str:
    number = stem.partition("-")[0]
    link = escape(f"{stem}.html", quote=True)
    images = "".join(
        f'<img src="{escape(file, quote=True)}" alt="{escape(alt, quote=True)}" loading="lazy">'
        for file, alt in pictures
    )
    return f"""<li>
<a href="{link}">
<span class="pictures">{images}</span>
<span class="name">{f"<b>{number}</b> " if number.isdigit() else ""}{escape(lab.title)}</span>
<span class="summary">{escape(lab.summary)}</span>
</a>
</li>"""


def _page(cards: list[str]) -> str:
    style = (_HERE / "gallery.css").read_text(encoding="utf-8")
    listed = "\n".join(cards)
    return f"""<!doctype html>
<html lang="en">
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
