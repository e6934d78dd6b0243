"""Sphinx in a process of its own, whose warnings are mistakes in the texts."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import seglab

_SHOWN = 12  # problems in a message
_WRONG = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b")


def run(source: Path, out: Path) -> None:
    """Make pages of sources; ValueError for what Sphinx cannot read or resolve."""
    here = str(Path(seglab.__file__).resolve().parents[1])
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-j", "auto"]
    ended = subprocess.run(
        [*command, "-d", str(source.parent / "trees"), ".", str(out)],
        cwd=source,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line.replace(f"{source}{os.sep}", "") for line in ended.stderr.splitlines() if line]
    if ended.returncode:
        raise ValueError(f"Sphinx stopped: {' '.join(said[:3])}")
    if warnings := [line for line in said if _WRONG.search(line)]:
        raise ValueError(f"the texts have {listed(warnings)}")


def listed(said: Sequence[str]) -> str:
    """Problems, counted, one a line."""
    count = f"{len(said)} problem{'s' * (len(said) != 1)}"
    more = [f"and {len(said) - _SHOWN} more"] if len(said) > _SHOWN else []
    return "\n- ".join([f"{count}:", *said[:_SHOWN], *more])
