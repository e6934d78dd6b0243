"""Solutions in a source, and what a student's copy has in their place. Standard library only.

A solution stands between `# solution` and `# end solution`; in a student's copy one line,
`...  # your code here`, stands in its place.
"""

import ast
import re
from typing import Any

YOUR_CODE = "...  # your code here"

_MARK = re.compile(r"\s*#+\s*(?P<end>end\s+(of\s+)?)?solution\s*[:.]?\s*", re.IGNORECASE)


def without_solutions(source: str) -> str:
    """A cell's source with a line to be filled in where each solution stood.

    Raises ValueError where a solution is not closed or what remains is no valid Python.
    """
    lines: list[str] = []
    inside = False
    for line in source.splitlines():
        mark = _mark(line)
        if mark == ("# solution" if inside else "# end solution"):
            raise ValueError(f"`{mark}` where none is open or one already is, in: {source!r}")
        if mark == "# solution":
            lines.append(line[: len(line) - len(line.lstrip())] + YOUR_CODE)
        inside = mark == "# solution" or (inside and mark != "# end solution")
        if not inside and mark != "# end solution":
            lines.append(line)
    if inside:
        raise ValueError(f"a `# solution` without `# end solution` in: {source!r}")
    copy = "\n".join(lines)
    if copy != source:
        try:
            ast.parse(copy)
        except SyntaxError as error:
            raise ValueError(f"no valid Python without its solution: {source!r}") from error
    return copy


def strip(notebook: Any) -> None:
    """Take the solutions and the outputs, which may tell them, out of a notebook.

    notebook: what JSON gives, or nbformat. Raises ValueError as without_solutions() does.
    """
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = without_solutions("".join(cell["source"]))
            cell["outputs"], cell["execution_count"] = [], None


def marked(source: str, begin: str, end: str) -> str:
    """A source with other marks around its solutions, as other graders have them."""
    lines = source.splitlines(keepends=True)
    marks = {"# solution": begin, "# end solution": end}
    for place, line in enumerate(lines):
        if (mark := marks.get(_mark(line))) is not None:
            indent = line[: len(line) - len(line.lstrip())]
            lines[place] = indent + mark + line[len(line.rstrip()) :]
    return "".join(lines)


def _mark(line: str) -> str:
    """`# solution` or `# end solution` as it is meant, however it is spelled; else the line."""
    found = _MARK.fullmatch(line)
    if found is None:
        return line
    return "# end solution" if found["end"] else "# solution"
