"""The lab notebooks: the one executed source, its outputs, and the students' copies of it.

Outputs are made by refresh() and by nothing else, so that the same notebook gives the same bytes.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from hashlib import sha1
from pathlib import Path
from typing import Any

import nbformat

import seglab
from seglab._files import atomic
from seglab.course import worth
from seglab.course.solutions import strip, without_solutions

Notebook = Any  # nbformat.NotebookNode, which has no types

CELL_TIMEOUT = 120  # seconds

# What may differ from run to run in an output that is otherwise the same.
VOLATILE = {
    r"0x[0-9a-fA-F]{6,}": "ADDRESS",
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b": "ID",
    r"\b\d+(\.\d+)? ?(ns|µs|us|ms|s|sec|seconds|min|minutes)\b": "TIME",
}

_PACKAGE = Path(seglab.__file__).resolve().parent
_MADE_BY_RUNNING = {"execution", "widgets"}  # metadata: times, and the state of widgets
_THIS_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# A stored view of a widget without its state is an error message; scripts do not run unasked.
_NOT_STORED = ("application/vnd.jupyter.widget-view+json", "application/javascript")


def are_copies() -> bool:
    """True where seglab's own labs are students' copies, as in an installed wheel."""
    return folder() == _PACKAGE / "_labs"


def folder() -> Path:
    """Folder of the labs: in the installed package, or beside it in a checkout.

    Raises ValueError when there are neither.
    """
    for place in (_PACKAGE / "_labs", _PACKAGE.parent / "labs"):
        if place.is_dir():
            return place
    raise ValueError(
        f"no labs beside {_PACKAGE}; install seglab again: pip install --force-reinstall seglab"
    )


def find(paths: Iterable[str | Path]) -> list[Path]:
    """The notebooks that files and folders stand for; all labs when there are no paths.

    Raises ValueError, naming it, for a path where no notebook is.
    """
    found: list[Path] = []
    for path in [Path(p) for p in paths] or [folder()]:
        inside = sorted(path.glob("*.ipynb")) if path.is_dir() else [path] * path.is_file()
        if not inside:
            raise ValueError(f"no notebook at {path}; give a .ipynb file or its folder")
        found += inside
    return found


def read(path: Path) -> Notebook:
    """A notebook, with a stable id for each cell; ValueError when the file is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        for place, cell in enumerate(data["cells"]):
            cell.setdefault("id", sha1(f"{path.stem} {place}".encode()).hexdigest()[:8])
        data["nbformat_minor"] = max(5, data["nbformat_minor"])
        if data["nbformat"] != 4:
            raise ValueError(f"nbformat {data['nbformat']}")
        return nbformat.reads(json.dumps(data), as_version=4)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no notebook, or was cut off while it was saved") from error


def write(path: Path, notebook: Notebook) -> None:
    """Save a notebook as a whole: a program killed meanwhile leaves the old file."""
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    with atomic(path) as unfinished:
        unfinished.write_bytes((text.rstrip("\n") + "\n").encode())


def refresh(paths: Sequence[str | Path] = ()) -> list[Path]:
    """Run notebooks (all labs by default) and store their outputs; returns their paths.

    All else in a file stays: the name of its kernel, and the metadata of other tools.
    Raises ValueError naming notebook and cell when a cell fails, or a solution is not closed; that
    file stays as it was.
    """
    if not paths and are_copies():
        raise ValueError(
            "the installed labs are students' copies without outputs; give the notebooks to refresh"
        )
    found = find(paths)
    for path in found:
        old = read(path)
        need_python(path, old)
        need_closed_solutions(path, old)
        new = execute(old, path)
        new.metadata = old.metadata
        new = cleaned(new)
        _keep_equal_outputs(old, new)
        write(path, new)
    return found


def execute(
    notebook: Notebook,
    path: Path,
    extension: str = "",
    timeout: float = CELL_TIMEOUT,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Notebook:
    """A copy of the notebook, run from top to bottom in a fresh kernel of this Python.

    extension: an IPython extension for that kernel. timeout: seconds for each cell.
    progress: called as progress(cells done, cells).
    Raises ValueError naming notebook and cell when a cell fails; cells are counted as nbval does.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    from seglab.course.kernel import ThisPython, environment

    notebook = deepcopy(notebook)
    for cell in _code(notebook):
        cell.outputs, cell.execution_count = [], None
    running: list[int] = []

    def begin(cell: Any, cell_index: int) -> None:
        running.append(cell_index)
        progress(cell_index, len(notebook.cells))

    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_manager_class=ThisPython,
        record_timing=False,
        extra_arguments=["--log-level=CRITICAL", *([f"--ext={extension}"] if extension else [])],
        resources={"metadata": {"path": str(path.resolve().parent)}},
        on_cell_execute=begin,
    )
    try:
        client.execute(env=environment())
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        source = notebook.cells[running[-1]].source
        number = len(list(_code(notebook, running[-1])))
        if isinstance(error, CellTimeoutError):
            raise ValueError(too_long(path, number, source, timeout)) from error
        died = not isinstance(error, CellExecutionError)
        what = "the kernel died" if died else f"{error.ename}: {error.evalue}"
        raise ValueError(f"{_place(path, number, source)}: {what}") from error
    return notebook


def too_long(path: Path, number: int, source: str, seconds: float) -> str:
    """A sentence for a cell that does not end in time."""
    return (
        f"{_place(path, number, source)}: it did not end within {seconds:g} seconds; "
        f"make it shorter, or look for a loop without end"
    )


def _place(path: Path, number: int, source: str) -> str:
    """Place of a cell, counted as nbval does, and its first line."""
    return f"{path.name}, Cell {number} ({source.partition(chr(10))[0]!r})"


def cleaned(notebook: Notebook) -> Notebook:
    """A copy without what differs from run to run and machine to machine."""
    notebook = deepcopy(notebook)
    for part in (notebook, *notebook.cells):
        for name in _MADE_BY_RUNNING & set(part.metadata):
            del part.metadata[name]
    for cell in _code(notebook):
        cell.outputs = list(_cleaned_outputs(cell.outputs))
    return notebook


def student(source: Notebook) -> Notebook:
    """The copy that a student works in: no solutions, no outputs.

    Raises ValueError, quoting the cell, where a solution is not closed or leaves no valid Python.
    """
    copy = cleaned(source)
    copy.metadata.kernelspec = nbformat.from_dict(_THIS_KERNEL)  # a student has no other
    strip(copy)
    return copy


def need_python(path: Path, notebook: Notebook) -> None:
    """Raise ValueError for a notebook in another language."""
    spec = notebook.metadata.get("kernelspec", {})
    language = spec.get("language") or notebook.metadata.get("language_info", {}).get("name", "")
    if language.lower() not in ("", "python", "ipython"):
        raise ValueError(f"{path} is written in {language}; seglab runs notebooks in Python")


def need_closed_solutions(path: Path, notebook: Notebook) -> None:
    """Raise ValueError, quoting the cell, for a solution that would reach the students."""
    for cell in _code(notebook):
        try:
            without_solutions(cell.source)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None


def need_points(path: Path, notebook: Notebook) -> None:
    """Raise ValueError, naming the cell, for points that no grader could give."""
    try:
        worth.points(notebook)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def kernel_note(path: Path, notebook: Notebook) -> str:
    """A sentence where a notebook names a kernel that this machine does not have; else empty."""
    from jupyter_client.kernelspec import KernelSpecManager

    name = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    if name == "python3" or name in KernelSpecManager().find_kernel_specs():
        return ""
    return (
        f"{path} names the kernel {name!r}, which this machine does not have: it runs in the "
        f"Python of seglab; for another, choose a kernel in JupyterLab and save"
    )


def _code(notebook: Notebook, before: int | None = None) -> Iterator[Any]:
    return (cell for cell in notebook.cells[:before] if cell.cell_type == "code")


def _cleaned_outputs(outputs: Iterable[Any]) -> Iterator[Any]:
    stream = None
    for output in outputs:
        if output.output_type == "stream":
            if output.name != "stdout":
                continue  # warnings and progress bars
            if stream is not None:
                stream.text += output.text
                continue
            stream = output
        elif output.output_type == "error":
            output.traceback = []  # full of paths; only a cell tagged raises-exception has one
        else:
            output.data = {k: v for k, v in output.data.items() if k not in _NOT_STORED}
            if not output.data:
                continue
        yield output


def _keep_equal_outputs(old: Notebook, new: Notebook) -> None:
    """Keep what was stored where only a time or an address has changed."""
    stored = {cell.id: cell for cell in _code(cleaned(old))}
    for cell in _code(new):
        before = stored.get(cell.id)
        if before is not None and _steady(before.outputs) == _steady(cell.outputs):
            for output in before.outputs:
                if "execution_count" in output:
                    output.execution_count = cell.execution_count
            cell.outputs = before.outputs


def _steady(outputs: Any) -> str:
    text = json.dumps([{**output, "execution_count": 0} for output in outputs], sort_keys=True)
    for pattern, word in VOLATILE.items():
        text = re.sub(pattern, word, text)
    return text
