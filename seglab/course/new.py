"""A course repository of an instructor's own, made from the template beside this file."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from seglab import __version__
from seglab._files import atomic_folder
from seglab.course import notebooks

TEMPLATE = Path(__file__).with_name("template")
# Names of which the template's differ, since there they would have an effect of their own.
PLACES = {"check.yml": ".github/workflows/check.yml", "gitignore": ".gitignore"}
BADGES = "COURSE_BADGES\n\n"  # where they stand in the template's README
_REPOSITORY = re.compile(r"(?:https://github\.com/)?([\w-]+/[\w.-]+?)(?:\.git)?/?", re.ASCII)


def write(out: str | Path, repository: str = "") -> list[Path]:
    """Write a new course and run its notebooks, so that their outputs are stored; its files.

    repository: on GitHub, OWNER/NAME or its address. The README then opens the notebooks on Binder
    and Colab.
    Raises ValueError where the folder is there already, or for another kind of repository.
    """
    out = Path(out).expanduser()
    opened = badges(repository, [path.name for path in sorted(TEMPLATE.glob("*.ipynb"))])
    if out.exists():
        raise ValueError(f"{out} is there already; give the name of a new folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_folder(out) as folder:
        for source in sorted(TEMPLATE.iterdir()):
            if source.is_file():
                target = folder / PLACES.get(source.name, source.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                text = source.read_text(encoding="utf-8").replace("SEGLAB_VERSION", __version__)
                text = text.replace(BADGES, opened)
                target.write_text(text, encoding="utf-8", newline="\n")
        notebooks.refresh([folder])
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    return sorted(path for path in out.rglob("*") if path.is_file())


def badges(repository: str, paths: Iterable[str]) -> str:
    """Markdown that opens each notebook on Binder and Colab; empty without a repository.

    They are words, not pictures: a site made of the README asks no other host for anything.
    repository: as in write. paths: of the notebooks in it.
    Raises ValueError for another kind of repository.
    """
    if not repository:
        return ""
    found = _REPOSITORY.fullmatch(repository)
    if found is None:
        raise ValueError(
            f"repository is {repository!r}; give OWNER/NAME as in https://github.com/OWNER/NAME"
        )
    rows = [_row(found[1], path) for path in paths]
    return "\n".join(
        [
            "| notebook | in the browser |\n|---|---|",
            *rows,
            "\nThese notebooks have their solutions. For students, put `student` in place of",
            "`HEAD` and `main`: the branch that `seglab student --branch student .` writes.\n\n",
        ]
    )


def _row(repository: str, notebook: str) -> str:
    path = quote(notebook)
    binder = f"https://mybinder.org/v2/gh/{repository}/HEAD?urlpath=lab/tree/{path}"
    colab = f"https://colab.research.google.com/github/{repository}/blob/main/{path}"
    return f"| `{notebook}` | [Binder]({binder}) · [Colab]({colab}) |"
