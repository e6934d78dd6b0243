"""Students' copies on a branch of their own, which nbgitpuller brings to every student."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from seglab.course import copies, notebooks


def write(name: str, paths: Iterable[str | Path] = (), group: str | None = None) -> str:
    """Commit student copies to a branch of the notebooks' repository; a sentence on the commit.

    The branch holds the copies and nothing else, and no commit of it has ever held a solution. The
    files that are checked out stay as they are. Raises ValueError for what git refuses.
    """
    found = notebooks.find(paths)
    folder = found[0].resolve().parent
    head = _git(folder, "rev-parse", "--abbrev-ref", "HEAD").strip()
    _git(folder, "check-ref-format", f"refs/heads/{name}", why=f"{name!r} is no name of a branch")
    if head == name:
        raise ValueError(
            f"the branch {name!r} holds the solutions: it is checked out; name another"
        )
    with TemporaryDirectory() as out:
        copies.copy_labs(Path(out, "copies"), found, group)
        given = {
            "GIT_INDEX_FILE": str(Path(out, "index")),
            "GIT_WORK_TREE": str(Path(out, "copies")),
        }
        given["GIT_DIR"] = _git(folder, "rev-parse", "--absolute-git-dir").strip()
        top = Path(out, "copies")
        _git(top, "-c", "core.autocrlf=false", "add", "--all", "--force", ".", **given)
        tree = _git(top, "write-tree", **given).strip()
    return _commit(folder, name, tree)


def _commit(folder: Path, name: str, tree: str) -> str:
    ref = f"refs/heads/{name}"
    parent = _git(folder, "for-each-ref", "--format=%(objectname)", ref).strip()
    if parent and _git(folder, "rev-parse", f"{parent}^{{tree}}").strip() == tree:
        return f"the branch {name} holds these copies already"
    parents = ["-p", parent] if parent else []
    commit = _git(folder, "commit-tree", tree, *parents, "-m", "Student copies").strip()
    _git(folder, "update-ref", ref, commit, parent)
    return f"the branch {name} holds the copies, as {commit[:10]}; send it: git push origin {name}"


def _git(folder: Path, *words: str, why: str = "", **variables: str) -> str:
    """Run git in a folder; its output, or ValueError with what it says."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_INDEX")}
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            env={**environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise ValueError(f"a branch needs git: {error.strerror}; install it") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise ValueError(why or f"git {words[0]} in {folder}: {said[-1] if said else 'failed'}")
    return done.stdout
