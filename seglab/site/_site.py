"""site(): notebooks, guides and reference as one folder of pages that any web host serves."""

import json
import os
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import seglab
from seglab._files import atomic_folder
from seglab.course import notebooks
from seglab.files import optional_dependencies
from seglab.site import _notebooks, _sources, links, sphinx_run
from seglab.site.addresses import NONE, Addresses
from seglab.types import Progress

_MARK = "seglab-site.json"  # in a folder that holds a site
_NEEDED = {"sphinx": "sphinx", "myst_nb": "myst-nb", "pydata_sphinx_theme": "pydata-sphinx-theme"}
# Files for other tools: for a second run of Sphinx, for other sites, for templates.
_LEFT_OUT = (".buildinfo", "objects.inv", "_static/webpack-macros.html")


def need() -> None:
    """Raise ValueError, with the command that installs it, where a package is missing."""
    for module, package in _NEEDED.items():
        if find_spec(module) is None:
            raise ValueError(
                f"a site is made with {package}, which is missing here; "
                "run: pip install 'seglab[docs]'"
            )


def site(
    out: str | os.PathLike[str],
    paths: list[Path] | None = None,
    title: str = "",
    guides: Path | None = None,
    reference: bool | None = None,
    addresses: Addresses = NONE,
    live: bool = False,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Path:
    """Write a folder of pages: notebooks with their labs, guides, reference; returns its index.

    paths: notebooks or folders; the whole course if none. title: of the site; if empty, that of
    the README beside the notebooks, or the folder's name. guides: a folder of Markdown files.
    reference: whether seglab's own guides and reference are pages too; with the whole course if
    None. addresses: where the buttons of a notebook lead. live: whether labs compute in the page,
    on a reader's own picture; about 5 MB more for each. workers: how many notebooks run at once;
    as many as cores if None. progress: called as progress(notebooks run, notebooks).
    The folder is made whole or not at all; one that holds a site is replaced.
    Raises ValueError for a folder that holds anything else, a cell that fails, a link that leads
    nowhere, and a page that would ask another host for something.
    """
    out = Path(out).expanduser().absolute()
    need()
    _check(out)
    addresses.check()
    if live:
        optional_dependencies.need("onnx")
    found = notebooks.find(paths or [])
    parts = _sources.Parts(not paths, title, guides, not paths if reference is None else reference)
    parts.check(found)
    books = _notebooks.executed(found, live, workers, progress)
    with TemporaryDirectory() as folder, atomic_folder(out) as fresh:
        source = Path(folder) / "source"
        _sources.write(source, dict(zip(found, books, strict=True)), parts, addresses)
        sphinx_run.run(source, fresh)
        for name in _LEFT_OUT:
            (fresh / name).unlink(missing_ok=True)
        (fresh / ".nojekyll").touch()  # GitHub would leave out folders that begin with _
        (fresh / _MARK).write_text(json.dumps({"seglab": seglab.__version__}), encoding="utf-8")
        if wrong := links.problems(fresh):
            raise ValueError(f"the site has {sphinx_run.listed(wrong)}")
    return out / "index.html"


def _check(out: Path) -> None:
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {str(out.parent)!r}; make it first")
    if out.exists() and not out.is_dir():
        raise ValueError(f"{str(out)!r} is a file; give the name of a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / _MARK).is_file():
        raise ValueError(
            f"{str(out)!r} is not empty and holds no site; give a new folder, or empty this one"
        )
