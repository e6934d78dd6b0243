"""Guides: Markdown files as pages, with their pictures, and links that lead to other pages."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from seglab.site.links import Places

FOLDER = "guides"

_PICTURE = re.compile(r"!\[[^\]]*\]\(([^()\s]+)\)")


def of_course(root: Path) -> dict[Path, str]:
    """The guides of a checkout of seglab by the name that their page has; none elsewhere."""
    if not (root / "docs").is_dir() or not (root / "seglab").is_dir():
        return {}
    found = {path: path.stem for path in sorted((root / "docs").glob("*.md"))}
    others = {
        "deploy/README.md": "deploy",
        "CHANGELOG.md": "changelog",
        "LICENSE": "licence",
        "CITATION.cff": "citation",
    }
    found |= {root / file: name for file, name in others.items()}
    notices = sorted((root / "seglab" / "nets" / "weights").glob("*.txt"))
    return {
        path: name
        for path, name in {**found, **{n: n.stem for n in notices}}.items()
        if path.is_file()
    }


def of_folder(folder: Path) -> dict[Path, str]:
    """The Markdown files of a folder; ValueError where there are none."""
    files = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    found = {path: path.stem for path in files}
    if not found:
        raise ValueError(f"no guide in {folder}; give a folder with Markdown files, *.md")
    return found


def places(guides: dict[Path, str], source: Path) -> dict[Path, Path]:
    """Places of the guides among the sources of a site."""
    return {path: source / FOLDER / f"{name}.md" for path, name in guides.items()}


def write(guides: dict[Path, str], source: Path, where: Places) -> list[str]:
    """Write the guides and their index; the index is a document of the site."""
    folder = source / FOLDER
    folder.mkdir(parents=True)
    for path, name in guides.items():
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".md":
            text = f"# {name.replace('-', ' ').capitalize()}\n\n`````text\n{text.strip()}\n`````\n"
        for picture in set(_PICTURE.findall(text)):
            copy(path.parent / picture, folder / picture)
        settled = where.settled(text, path.parent, folder)
        (folder / f"{name}.md").write_text(settled, encoding="utf-8")
    (folder / "index.md").write_text(index("Guides", guides.values()), encoding="utf-8")
    return [f"{FOLDER}/index"]


def index(title: str, names: Iterable[str], words: str = "") -> str:
    """A page that lists other pages of its folder."""
    return "\n".join(
        [f"# {title}", "", words, "", "```{toctree}", ":maxdepth: 1", "", *names, "```", ""]
    )


def copy(picture: Path, to: Path) -> None:
    """Copy a picture beside a text, where there is one."""
    if picture.is_file() and to.resolve().is_relative_to(to.parents[1].resolve()):
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, to)
