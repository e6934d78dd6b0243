"""One JupyterLab and one Chromium for all browser tests; a fresh notebook for each."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import jupyter


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[jupyter.JupyterLab]:
    """JupyterLab in a browser; skipped on a laptop without Chromium, an error under CI."""
    missing = "" if jupyter.chromium() else "no Chromium or Chrome on the path"
    try:
        import playwright.sync_api  # noqa: F401 # asked for only here
    except ImportError:
        missing = "playwright is not installed"
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"browser tests: {missing}")
    folder = tmp_path_factory.mktemp("jupyter")
    with jupyter.serve(folder) as server, jupyter.browse(server) as lab:
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
