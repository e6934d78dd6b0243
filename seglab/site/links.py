"""Links: those of a text to files that become pages, and a look at every link of a site."""

import os
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.DOTALL | re.MULTILINE)
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?:https?:)?//|@import\s+['\"]?(?:https?:)?//")
_LOADED = {  # what a browser fetches unasked
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "img": ("src", "srcset"),
    "link": ("href",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
}
_NOT_LOADED = {"canonical", "next", "prev", "search", "index", "alternate", "author"}


class Places:
    """Places of the course's files among the sources of its site."""

    def __init__(self, places: Mapping[Path, Path]) -> None:
        self._places = {file.resolve(): place for file, place in places.items()}

    def settled(self, text: str, here: Path, there: Path) -> str:
        """A text of folder `here` for folder `there`: links lead on, or are words only."""

        def settle(found: re.Match[str]) -> str:
            picture, words, target = found.groups()
            address, _, anchor = target.partition("#")
            if not address or re.match(r"\w+:|/", address):
                return found[0]
            file = (here / unquote(address)).resolve()
            place = self._places.get(file)
            if place is None:
                inside = (there / unquote(address)).is_file()
                return found[0] if inside else words
            way = os.path.relpath(place, there).replace(os.sep, "/")
            return f"{picture}[{words}]({way}{'#' * bool(anchor)}{anchor})"

        parts, end = [], 0
        for fence in _FENCE.finditer(text):
            parts += [_LINK.sub(settle, text[end : fence.start()]), fence[0]]
            end = fence.end()
        return "".join([*parts, _LINK.sub(settle, text[end:])])


def problems(site: Path) -> list[str]:
    """Sentences on links of a site that lead nowhere, and on what it would load from elsewhere."""
    pages = {file: _Page.read(file) for file in sorted(site.rglob("*.html"))}
    said = []
    for file, page in pages.items():
        name = file.relative_to(site).as_posix()
        said += [f"{name} loads {address}" for address in page.foreign]
        for link in page.links:
            target, anchor = _target(file, link, site)
            if target is not None and not target.is_file():
                said.append(f"{name} links to {link}, which is not there")
            elif anchor and target in pages and anchor not in pages[target].anchors:
                said.append(f"{name} links to {link}, where nothing is called so")
    for style in sorted(site.rglob("*.css")):
        if _OUTSIDE.search(style.read_text(encoding="utf-8")):
            said.append(f"{style.relative_to(site).as_posix()} loads from another host")
    return said


def _target(file: Path, link: str, site: Path) -> tuple[Path | None, str]:
    """The file that a link of a page means, none for another host's; and its anchor."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None, ""
    target = file if not parts.path else Path(os.path.normpath(file.parent / unquote(parts.path)))
    if target.is_dir():
        target = target / "index.html"
    return target, unquote(parts.fragment)


class _Page(HTMLParser):
    """Links of one page, its anchors, and what it would load from another host."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = {"", "top"}
        self.foreign: list[str] = []
        self._style = False

    @classmethod
    def read(cls, file: Path) -> "_Page":
        page = cls()
        page.feed(file.read_text(encoding="utf-8"))
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take up what a tag names or asks for."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        loaded = dict(self._loaded(tag, given))
        for address in loaded.values():
            if re.match(r"(https?:)?//", address):
                self.foreign.append(address)
            elif address and not address.startswith("data:"):
                self.links.append(address)
        if tag in ("a", "area") and given.get("href"):
            self.links.append(given["href"])
        if _OUTSIDE.search(given.get("style", "")):
            self.foreign.append(given["style"])
        self._style = tag == "style"

    def handle_data(self, data: str) -> None:
        """Look into a style."""
        if self._style and _OUTSIDE.search(data):
            self.foreign.append(data[:80])

    def handle_endtag(self, tag: str) -> None:
        """Leave a style."""
        self._style = False

    def _loaded(self, tag: str, given: dict[str, str]) -> Iterator[tuple[str, str]]:
        if tag == "link" and set(given.get("rel", "").split()) <= _NOT_LOADED:
            return
        for name in _LOADED.get(tag, ()):
            for part in given.get(name, "").split(",") if name == "srcset" else [given.get(name)]:
                if part:
                    yield f"{name} {part}", part.split()[0]
