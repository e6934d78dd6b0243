"""Every lab in one notebook with one kernel, for all that only a browser can tell of labs."""

from collections.abc import Iterator
from typing import Any

import pytest

from seglab import lessons
from seglab.lab import Run
from seglab.layer import Layer
from seglab.stroke import Stroke

from .. import jupyter
from . import untouched

LABS = lessons.catalogue()
SIZE = {"width": 1280, "height": 800}


class Labs(jupyter.Notebook):
    """The notebook of all labs; the hands work on the one that work_on() names."""

    def work_on(self, stem: str) -> None:
        """Choose a lab, and bring it into sight."""
        self.stem, self.shown = stem, LABS[stem]
        self.until(lambda: self.root().locator(".seglab-stage").count(), f"{stem} shows nothing")
        self.root().scroll_into_view_if_needed()

    def root(self) -> Any:
        """The lab worked on, where its cell shows it first."""
        return self._cells().nth(1 + list(LABS).index(self.stem)).locator(".seglab-lab").first

    def show_only(self, *stems: str) -> None:
        """Show the cells of these labs, and hide all others."""
        self._cells().evaluate_all(
            """(cells, shown) => cells.forEach((cell, i) => {
                cell.style.display = shown.includes(i) ? "" : "none";
            })""",
            [1 + list(LABS).index(stem) for stem in stems],
        )

    def _cells(self) -> Any:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")

    def state(self) -> Any:
        """Values of its controls, as the kernel has them."""
        values = self.code(f"print(labs[{self.stem!r}].state)")
        return eval(values, {"Layer": Layer, "Stroke": Stroke})

    def set(self, **state: Any) -> None:
        """Set controls by code, and wait until the screen follows."""
        self.code(f"labs[{self.stem!r}].set(**{state!r})")
        self.expect(state)

    def expect(self, state: Any) -> None:
        """Every pane and number is the one that the declaration gives in this state, at first."""
        lab = self.shown
        run = Run(lab, lab.state(**state), finish_streams=False)
        for name, picture in run.panes.items():
            self.expect_pixels(name, picture, beside=lab.steps["pane", name].earlier)
        wanted = {name: str(value) for name, value in run.numbers.items()}
        self.until(lambda: self.numbers() == wanted, f"{self.numbers()} is not {wanted}")


@pytest.fixture(scope="package")
def every_lab(jupyterlab: jupyter.JupyterLab) -> Iterator[Labs]:
    """All labs, shown by the cells of their students' copies; nothing complains."""
    # A cell for each lab: JupyterLab is slow with hundreds of cells.
    cells = ["labs = {}\nget_ipython().ast_node_interactivity = 'all'"]
    for stem in LABS:
        parts = untouched.cells(stem)
        shown = next(i for i, part in enumerate(parts) if "show(LAB" in part)
        parts.insert(shown + 1, f"labs[{stem!r}] = lab")
        cells.append("\n\n".join(parts))
    cells.append("for lab in labs.values():\n    lab.reset()")
    notebook = jupyterlab.open(cells, Labs)
    notebook.run_all()
    assert not notebook.complaints()
    yield notebook
    notebook.close()


@pytest.fixture
def labs(every_lab: Labs) -> Iterator[Labs]:
    """All labs in their first state, in a window of SIZE; a complaint fails the test."""
    every_lab.page.set_viewport_size(SIZE)
    every_lab.page.mouse.move(2, 2)  # a pane under the pointer says more
    yield every_lab
    every_lab.show_only(*LABS)
    every_lab.code(
        f"lab = labs[{every_lab.stem!r}]\nlab.reset()\n"
        "for chart in lab.charts.values():\n    chart.close_panel()"
    )
    complaints = every_lab.complaints()
    every_lab.lab.forget()
    assert not complaints
