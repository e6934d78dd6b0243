"""One JupyterLab and one Chromium for all browser tests; a fresh notebook for each."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import forked
import pytest
from helpers import silent
from small_labs import LAB

from seglab import _browser, save

from . import jupyter

_VARY = {"f": [2, 4, 8, 16], "threshold": [0.0, 0.5, 0.9], "softmax": [False, True], "at": 3}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, which may have no camera; skipped on a laptop without it, an error under CI."""
    missing = "" if _browser.find() else "no Chromium or Chrome on the path"
    try:
        import playwright.sync_api  # noqa: F401 # asked for only here
    except ImportError:
        missing = "playwright is not installed"
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"browser tests: {missing}")
    with jupyter.launch() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def whole_browser(browser: Any) -> Iterator[Any]:
    """Chromium as people have it, with a camera."""
    chromium = jupyter.start(browser.browser_type, whole=True)
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """The folder of kernels that need not import torch; None where a fork is not safe."""
    if sys.platform != "linux":
        yield None
        return
    folder = tmp_path_factory.mktemp("kernels")
    with forked.kernels(folder, jupyter.python_environment()):
        yield folder


@pytest.fixture(scope="session")
def server(
    kernels: Path | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[jupyter.Server]:
    """A JupyterLab."""
    with jupyter.serve(tmp_path_factory.mktemp("jupyter"), kernels=kernels) as server:
        yield server


@pytest.fixture(scope="session")
def jupyterlab(browser: Any, server: jupyter.Server) -> Iterator[jupyter.JupyterLab]:
    """JupyterLab in the browser."""
    with jupyter.browse(server, browser=browser) as lab:
        yield lab


@pytest.fixture
def notebook(
    jupyterlab: jupyter.JupyterLab,
) -> Iterator[Callable[["list[str] | Path"], jupyter.Notebook]]:
    """notebook(cells or path): opened, and closed with its kernel after the test."""
    opened: list[jupyter.Notebook] = []

    def open_one(source: "list[str] | Path") -> jupyter.Notebook:
        opened.append(jupyterlab.open(source))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a slide in it."""
    folder = tmp_path_factory.mktemp("slides")
    save(LAB, folder / "slide.html", vary=_VARY, progress=silent)
    return folder


@pytest.fixture
def opened(browser: Any) -> Iterator[Any]:
    """opened(path): a page without a network; any request but for the test's own files fails it.

    within: the folder of those files, else that of the page. computes: whether it is a page that
    may start a worker, from an address within itself. chosen: another browser.
    """
    contexts: list[Any] = []
    wrong: list[str] = []

    def open_one(
        path: Path,
        within: Path | None = None,
        computes: bool = False,
        chosen: Any = None,
        **options: Any,
    ) -> Any:
        known = ("data:", "about:", *(["blob:null/"] if computes else []))
        options = {"viewport": {"width": 1200, "height": 800}, **options}
        contexts.append((chosen or browser).new_context(**options))
        page = contexts[-1].new_page()
        own = (within or path.parent).as_uri()
        page.on(
            "request",
            lambda request: request.url.startswith((own, *known)) or wrong.append(request.url),
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.goto(path.as_uri())
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not wrong
