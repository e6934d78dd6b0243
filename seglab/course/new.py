"""A course repository of an instructor's own, made from the template beside this file."""

import shutil
from pathlib import Path

from seglab import __version__
from seglab._files import atomic_folder
from seglab.course import notebooks

TEMPLATE = Path(__file__).with_name("template")
# Names of which the template's differ, since there they would have an effect of their own.
PLACES = {"check.yml": ".github/workflows/check.yml", "gitignore": ".gitignore"}


def write(out: str | Path) -> list[Path]:
    """Write a new course and run its notebooks, so that their outputs are stored; its files.

    Raises ValueError where the folder is there already.
    """
    out = Path(out).expanduser()
    if out.exists():
        raise ValueError(f"{out} is there already; give the name of a new folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_folder(out) as folder:
        for source in sorted(TEMPLATE.iterdir()):
            if source.is_file():
                target = folder / PLACES.get(source.name, source.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                text = source.read_text(encoding="utf-8").replace("SEGLAB_VERSION", __version__)
                target.write_text(text, encoding="utf-8", newline="\n")
        notebooks.refresh([folder])
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    return sorted(path for path in out.rglob("*") if path.is_file())
