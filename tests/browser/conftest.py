"""One JupyterLab and one Chromium for all browser tests; a fresh notebook for each."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seglab import _browser

from . import jupyter


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium; skipped on a laptop without it, an error under CI."""
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
def jupyterlab(
    browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[jupyter.JupyterLab]:
    """JupyterLab in the browser."""
    folder = tmp_path_factory.mktemp("jupyter")
    with jupyter.serve(folder) as server, jupyter.browse(server, browser=browser) as lab:
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
