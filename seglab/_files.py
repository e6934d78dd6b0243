"""Files and folders that appear whole or not at all. Standard library only."""

import errno
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
    try:
        fresh.mkdir()
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


_WHY = {
    errno.EACCES: "is not yours to read or write; choose another folder, or change its rights",
    errno.EPERM: "is not yours to read or write; choose another folder, or change its rights",
    errno.EROFS: "is on a disk that cannot be written; choose another folder",
    errno.ENOSPC: "has no room: its disk is full; remove something, or choose another disk",
    getattr(errno, "EDQUOT", -1): "has no room: your share of its disk is full; remove something",
    errno.ENAMETOOLONG: "has a name that is too long; give a shorter one",
    errno.ENOENT: "is not there; check the path",
    errno.ENOTDIR: "lies in a file, not in a folder; give another path",
    errno.EEXIST: "is there already; give another path",
    errno.EISDIR: "is a folder; give the name of a file",
}


def refusal(error: OSError) -> str:
    """One sentence for what the system refuses: which path, why, and what to do."""
    name = str(error.filename2 or error.filename or "a file")
    if len(name) > 80:
        name = f"{name[:60]} ... ({len(name)} characters)"
    why = _WHY.get(error.errno or 0) or f"cannot be used: {error.strerror or error}"
    return f"{name} {why}"
