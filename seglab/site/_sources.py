"""Sources of a site, as Sphinx reads them."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from seglab.course import notebooks
from seglab.site import _cards, _guides, _notebooks, reference
from seglab.site.addresses import Addresses
from seglab.site.links import Places

_HERE = Path(__file__).parent
_COURSE = "Image segmentation that you can take hold of"
_TITLE = re.compile(r"^#\s+(.+)$", re.MULTILINE)


class Parts(NamedTuple):
    """Parts of a site besides its notebooks.

    course: whether it is seglab's own. title: of the site, or empty. guides: a folder of texts.
    reference: whether seglab's guides and reference are in it.
    """

    course: bool
    title: str
    guides: Path | None
    reference: bool

    def check(self, found: list[Path]) -> None:
        """Raise ValueError for notebooks of one name, and for guides that are not there."""
        names = [path.name for path in found]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two notebooks are called {name}; rename one of them")
        self.texts()

    def texts(self) -> dict[Path, str]:
        """The guides by the names of their pages."""
        own = _guides.of_folder(self.guides) if self.guides else {}
        return {**own, **(_guides.of_course(notebooks.folder().parent) if self.reference else {})}


def write(
    source: Path, books: Mapping[Path, notebooks.Notebook], parts: Parts, addresses: Addresses
) -> None:
    """Write what Sphinx reads: the executed notebooks by their paths, and the other parts."""
    extra, texts = source / "extra", parts.texts()
    for folder in (extra / _notebooks.ALONE, source / _notebooks.FOLDER):
        folder.mkdir(parents=True)
    shutil.copytree(_HERE / "static", source / _notebooks.STATIC)
    shutil.copytree(_HERE / "templates", source / "_templates")
    shutil.copyfile(_HERE / "conf.py", source / "conf.py")
    pages = {path: source / _notebooks.FOLDER / path.name for path in books}
    where = Places({**pages, **_guides.places(texts, source)})
    written = [
        _notebooks.write(book, path, source, extra, addresses, where)
        for path, book in books.items()
    ]
    documents = [
        *_cards.write_list(written, source),
        *(_guides.write(texts, source, where) if texts else []),
        *(reference.write(source) if parts.reference else []),
        *_cards.write_gallery(written, source),
    ]
    front = _front(next(iter(books)).resolve().parent, parts, source, where)
    title = parts.title or _titled(front)
    names = {"title": title, "name": "seglab" if parts.course else title}
    (source / "site.json").write_text(json.dumps(names), encoding="utf-8")
    cards = [card for page in written for card in page.cards]
    first = [_notebooks.raw(_notebooks.frame(cards[0], ""))] if parts.course and cards else []
    toctree = "\n".join(["```{toctree}", ":hidden:", "", *documents, "```"])
    text = "\n\n".join([front.rstrip(), *first, toctree, ""])
    (source / "index.md").write_text(text, encoding="utf-8")


def _titled(text: str) -> str:
    found = _TITLE.search(text)
    return found[1].strip() if found else ""


def _front(folder: Path, parts: Parts, source: Path, where: Places) -> str:
    """The text of the front page: the course's, or the README beside the notebooks."""
    readme = folder / "README.md"
    if parts.course:
        text = (_HERE / "index.md").read_text(encoding="utf-8")
        return text.replace("{title}", parts.title or _COURSE)
    if not readme.is_file():
        title = parts.title or folder.name
        return f"# {title}\n\n[Begin with the labs]({_notebooks.FOLDER}/index.md).\n"
    text = where.settled(readme.read_text(encoding="utf-8"), folder, source)
    return text if _titled(text) else f"# {parts.title or folder.name}\n\n{text}"
