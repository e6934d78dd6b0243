"""Settings of all tests."""

import gc
import os
import random
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

# One thread for whatever computes: workers side by side share the cores, and nets this small are
# slower on several. Fixed, because a sum in another number of threads has other last digits. A
# library reads it when it is first imported, so this comes before all of them; children inherit it.
os.environ["OMP_NUM_THREADS"] = "1"

# Hundreds of children import torch: the first one compiles it (10 s), and the others read that.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Workers and children find what stands in tests/without before the packages of these names.
_paths = [str(Path(__file__).with_name("without")), os.environ.get("PYTHONPATH", "")]
if _paths[0] not in _paths[1]:
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, _paths))

from forked_notebooks import ForkedNotebooks  # noqa: E402
from schedule import (  # noqa: E402, F401
    pytest_collection_modifyitems,
    pytest_xdist_auto_num_workers,
    pytest_xdist_make_scheduler,
)


def pytest_configure(config: pytest.Config) -> None:
    """Let the plugin hear of notebooks too, which lie in other folders than this file."""
    config.pluginmanager.register(ForkedNotebooks())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare Python the search for circles among a million objects that stay to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Draw the same numbers whichever tests came before."""
    _seed()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """Draw the same numbers whether or not a shared fixture was made for this test."""
    _seed()


def _seed() -> None:
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture
def ui(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """ui(): from here on, a live lab is changed in the browser; ui(False): in a cell."""
    from seglab.live import kernel

    def take(on: bool = True) -> None:
        monkeypatch.setattr(kernel, "is_ui_event", lambda: on)

    return take
