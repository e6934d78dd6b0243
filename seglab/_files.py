"""Files and folders that appear whole or not at all. Standard library only."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a path beside this one; what is written there takes its place once all is well.

    A program killed meanwhile leaves the old file as it was.
    """
    path = Path(path)
    unfinished = _beside(path)
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give an empty folder beside this one, which takes its place once all is well."""
    path = Path(path)
    fresh, old = _beside(path), _beside(path)
    fresh.mkdir()
    try:
        yield fresh
        if path.exists():
            path.rename(old)
        fresh.rename(path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not path.exists():
            old.rename(path)
        shutil.rmtree(old, ignore_errors=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.stem[:40]}-{uuid4().hex[:8]}{path.suffix}")
