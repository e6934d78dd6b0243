"""A small course of its own, and its site: the notebooks of the template and one more."""

import shutil
from base64 import b64encode
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from seglab.course.new import TEMPLATE
from seglab.site import Addresses, site

ADDRESSES = Addresses(
    "https://binder.example/v2/gh/you/course/HEAD?urlpath=lab/tree/{name}",
    "https://colab.example/github/you/course/blob/student/{name}",
    "https://hub.example/hub/user-redirect/lab/tree/{name}",
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M0 0h8v8"/></svg>'

TEXT = """# 03 · Words

A sum: $\\sum_{i<n} x_i$, and

$$\\text{out}[y::f] = \\frac{a}{b}$$

\\begin{align}a &= b\\end{align}

See [the level](02-your-level.ipynb),
[the guide](../guides/first.md#the-second-part), [a note](notes.txt)
and [what is nowhere](nowhere.ipynb). ![a square](attachment:square.svg)
"""
GUIDE = """# The first guide

Back to [a lab](../labs/01-threshold.ipynb), on to [the second part](#the-second-part).

```md
[a link in code](nowhere.md)
```

## The second part

| a wide table | with | many | columns | that | do not fit | a telephone |
|---|---|---|---|---|---|---|
| `some_long_name_of_a_function` | 1 | 2 | 3 | 4 | 5 | `another_long_name_of_it` |
"""


def course(folder: Path) -> tuple[Path, Path]:
    """Write the course; its notebooks' folder and its guides'."""
    labs, guides = folder / "labs", folder / "guides"
    shutil.copytree(TEMPLATE, labs, ignore=shutil.ignore_patterns("__pycache__"))
    guides.mkdir()
    (guides / "first.md").write_text(GUIDE, encoding="utf-8")
    (labs / "notes.txt").write_text("a note", encoding="utf-8")
    text = new_markdown_cell(TEXT)
    text["attachments"] = {"square.svg": {"image/svg+xml": b64encode(SVG.encode()).decode()}}
    cells = [text, new_code_cell("6 * 7")]
    nbformat.write(new_notebook(cells=cells), labs / "03-words.ipynb")
    return labs, guides


def build(folder: Path, live: bool = False) -> Path:
    """Make the site of the small course; its index. live: whether its lab computes."""
    labs, guides = course(folder)
    return site(folder / "site", [labs], guides=guides, addresses=ADDRESSES, live=live)
