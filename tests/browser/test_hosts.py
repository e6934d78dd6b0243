"""A lab where no kernel runs, after a restart, and in Notebook 7, Voilà and marimo."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from small_labs import LAB, STREAM

from seglab.lessons.train_your_own import LAB as TRAINED

from . import jupyter
from .hands import View

pytestmark = pytest.mark.browser
START = 120_000  # milliseconds: a kernel that starts and imports torch
CELLS = ["from small_labs import LAB\nfrom seglab import show", "lab = show(LAB)\nlab"]


class Notebook7(jupyter.JupyterLab):
    """The page with Notebook 7 in it: a notebook a page."""

    def load(self, path: str = "") -> None:
        """Load the page (again): the files, or a notebook of the folder."""
        self.page.goto(f"{self.server.url}/{'notebooks/' + path if path else 'tree'}")
        self.page.wait_for_function("window.jupyterapp")

    def open(self, source: Any) -> jupyter.Notebook:
        """A fresh notebook of these code cells, with its kernel."""
        name = self.write(source)
        self.load(name)
        notebook = jupyter.Notebook(self, name)
        self.errors.clear()  # of Notebook 7 itself, while it opens
        return notebook


@contextmanager
def served(
    browser: Any, command: list[str], answers: str, folder: Path, kernels: Path | None = None
) -> Iterator[Any]:
    """A page with a lab that `python -m` this command serves; answers: a path that does soon."""
    port = jupyter.free_port()
    url = f"http://127.0.0.1:{port}"
    started = [sys.executable, "-m", *command, f"--port={port}"]
    environment = jupyter.prepare(folder / "home", kernels)
    with jupyter.running(started, environment, url + answers, folder / "log"):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(url, timeout=START)
        page.locator(".seglab-board").wait_for(timeout=START)
        yield page
        page.close()


class Page(View):
    """A page with one board and no box of controls around it."""

    def root(self) -> Any:
        """The page."""
        return self.page.locator("body")

    def pane(self, name: str) -> Any:
        """The figure with this caption; no XPath, which does not look into a shadow."""
        caption = self.page.locator("figcaption", has_text=re.compile(f"^{name}$"))
        return self.page.locator("figure", has=caption)


@pytest.fixture(scope="module")
def notebook7(
    browser: Any, kernels: Path | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Notebook7]:
    """Notebook 7 in the browser."""
    pytest.importorskip("notebook")
    folder = tmp_path_factory.mktemp("notebook7")
    options = ["--JupyterNotebookApp.expose_app_in_browser=True"]
    with jupyter.jupyter(folder, "notebook", options, kernels=kernels) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        yield Notebook7(page, server)
        page.close()


@pytest.fixture(params=["JupyterLab", "Notebook 7"])
def host(request: pytest.FixtureRequest) -> Any:
    """JupyterLab, then Notebook 7."""
    fixtures = {"JupyterLab": "jupyterlab", "Notebook 7": "notebook7"}
    return request.getfixturevalue(fixtures[request.param])


def test_keys_move_a_slider_and_a_pane_and_not_the_notebook(host):
    nb = host.open(CELLS)
    nb.run_all()
    try:
        chosen = nb.active_cell()
        nb.press("window step f", "ArrowRight")
        nb.expect_pixels("labels", LAB.at(f=16).panes["labels"])
        pane = nb.pane("image").locator(".seglab-stage")
        pane.focus()
        for key in ("ArrowDown", "ArrowRight", "ArrowDown", "Enter"):
            pane.press(key)
        nb.expect_pixels("labels", LAB.at(f=16, at=(66, 65)).panes["labels"])
        assert "row 66, column 65" in nb.root().locator(".seglab-place").inner_text()
        pane.press("d")
        pane.press("d")  # where the notebook has the focus, this deletes the cell
        assert nb.active_cell() == chosen
        assert nb.cell_count() == 2
        pane.press("Control+s")
        nb.until(lambda: nb.saved().get("outputs"), "it is not saved")
        assert not nb.complaints()
    finally:
        nb.close()


def test_a_saved_lab_shows_its_picture_where_no_kernel_runs(host):
    nb = host.open(CELLS)
    nb.run_all()
    nb.save()
    (output,) = nb.saved()["outputs"]
    nb.close()
    host.load(nb.name)
    picture = host.page.locator(".jp-OutputArea-output img")
    picture.wait_for()
    assert picture.count() == 1
    assert picture.get_attribute("src").endswith(output["data"]["image/png"].strip())
    assert picture.get_attribute("alt") == output["metadata"]["image/png"]["alt"]
    assert picture.evaluate("(img) => img.naturalWidth") > 300
    shown = host.page.locator(".jp-OutputArea-output").inner_text()
    assert "run its cell to wake it" in shown
    assert "Error" not in shown
    again = jupyter.Notebook(host, nb.name)
    again.run_all()
    again.expect_pixels("labels", LAB.at().panes["labels"])
    assert picture.count() == 0
    again.close()


def test_after_a_restart_a_lab_says_that_it_is_asleep(host):
    nb = host.open(CELLS)
    nb.run_all()
    nb.restart()
    nb.until(lambda: "asleep" in nb.notice(), "it does not say that it is asleep")
    assert "Run the cell again" in nb.notice()
    assert nb.root().locator(".seglab-controls").evaluate("(row) => row.inert")
    nb.wait_idle()
    nb.run_all()
    nb.until(lambda: nb.notice() == "", "it does not wake")
    nb.press("window step f", "ArrowRight")
    nb.expect_pixels("labels", LAB.at(f=16).panes["labels"])
    nb.close()


def test_voila_starts_in_the_state_that_the_kernel_has(browser, kernels, tmp_path: Path):
    pytest.importorskip("voila")
    source = tmp_path / "lab.ipynb"
    jupyter.write_notebook(source, [*CELLS[:1], "lab = show(LAB)\nlab.set(f=2)\nlab"])
    command = ["voila", str(source), "--no-browser", "--Voila.ip=127.0.0.1"]
    with served(browser, command, "/voila/nothing", tmp_path, kernels) as page:
        view = View(page)
        view.expect_pixels("labels", LAB.at(f=2).panes["labels"])
        handle = view.slider("window step f")
        handle.focus()
        handle.press("ArrowRight")
        view.expect_pixels("labels", LAB.at(f=4).panes["labels"])


MARIMO = """
import marimo

app = marimo.App(width="full")


@app.cell
def _():
    from small_labs import LAB, STREAM
    from seglab import show

    lab = show(LAB)
    lab
    return (lab,)


@app.cell
def _(lab):
    lab.run.numbers
    return
"""


@contextmanager
def in_marimo(browser, folder: Path, text: str):
    """A page of marimo that runs this notebook."""
    pytest.importorskip("marimo")
    source = folder / "lab.py"
    source.write_text(text)
    command = ["marimo", "run", str(source), "--headless", "--no-token", "--host=127.0.0.1"]
    with served(browser, command, "/health", folder) as page:
        yield page


def test_marimo_shows_controls_and_board_that_follow_each_other(browser, tmp_path: Path):
    with in_marimo(browser, tmp_path, MARIMO) as page:
        view = Page(page)
        view.expect_pixels("labels", LAB.at().panes["labels"])
        assert "{'windows': 225, 'brightness': '0.629'}" in page.locator("body").inner_text()
        slider = page.get_by_label("window step f")
        slider.press("ArrowRight")
        view.expect_pixels("labels", LAB.at(f=16).panes["labels"])
        page.get_by_label("softmax").check()
        page.get_by_label("photo").select_option("coffee")
        moved = LAB.at(f=16, softmax=True, photo="coffee")
        view.expect_pixels("labels", moved.panes["labels"])
        view.point("image", 20, 30, click=True)
        view.until(lambda: "row 20, column 30" in page.locator(".seglab-strip").inner_text(), "at")
        page.get_by_role("button", name="Reset").click()
        view.expect_pixels("labels", LAB.at().panes["labels"])
        view.until(lambda: slider.input_value() == "2", "the slider does not go back")
        page.get_by_role("button", name="Measure the means").click()
        chart = page.locator(".seglab-strip-chart")
        view.until(lambda: chart.locator("svg").get_attribute("aria-label"), "no chart")
        assert "window step f: 8" in chart.inner_text()
        chart.get_by_label("close the chart").click()
        view.until(lambda: not chart.is_visible(), "the chart stays")
        assert page.get_by_label("photo").input_value() == "astronaut"


def test_a_stream_runs_in_marimo_and_is_stopped_and_resumed(browser, tmp_path: Path):
    with in_marimo(browser, tmp_path, MARIMO.replace("LAB", "STREAM")) as page:
        view = Page(page)
        steps = lambda: int(view.numbers()["steps"])  # noqa: E731 # a reading
        view.until(lambda: steps() == 1, "it does not stand at its first value")
        page.get_by_role("button", name="Start", exact=True).click()
        page.get_by_role("button", name="Stop", exact=True).click()
        resume = page.get_by_role("button", name="Resume", exact=True)
        resume.wait_for()
        assert steps() < 100
        resume.click()
        view.expect_pixels("way", STREAM.at().panes["way"])
        assert steps() == 100
        start = page.get_by_role("button", name="Start", exact=True)
        view.until(start.is_disabled, "a stream at its end can be started")


# Pairs of neighbours whose boxes overlap, and names that are cut.
CROWDED = """(strip) => {
    const rows = [...strip.children];
    const parts = rows.flatMap((row) => [...row.children]);
    const boxes = parts.map((part) => [part.textContent, part.getBoundingClientRect()]);
    const meets = (a, b) => a.right > b.left + 1 && b.right > a.left + 1;
    const stacked = (a, b) => a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
    const pairs = [];
    for (const [i, [name, box]] of boxes.entries())
        for (const [other, next] of boxes.slice(i + 1))
            if (meets(box, next) && !stacked(box, next)) pairs.push([name, other]);
    const names = rows.map((row) => row.firstElementChild);
    const cut = names.filter((name) => name.scrollWidth > name.clientWidth);
    return { pairs, cut: cut.map((name) => name.textContent), count: rows.length };
}"""


def test_controls_with_many_choices_stand_apart_in_marimo(browser, tmp_path: Path):
    names = "from small_labs import LAB, STREAM"
    text = MARIMO.replace(names, "from seglab.lessons.train_your_own import LAB")
    with in_marimo(browser, tmp_path, text) as page:
        page.get_by_role("button", name="Start", exact=True).wait_for()
        for width in (1280, 900, 640):
            page.set_viewport_size({"width": width, "height": 800})
            found = page.locator(".seglab-strip-controls").evaluate(CROWDED)
            assert found == {"pairs": [], "cut": [], "count": len(TRAINED.controls)}, width
