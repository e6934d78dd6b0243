"""The Jupyter kernel that a lab lives in, where there is one."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from IPython import get_ipython

_told: ContextVar[bool] = ContextVar("_told", default=False)


def current() -> Any:
    """The kernel of this process; None where no kernel runs."""
    return getattr(get_ipython(), "kernel", None)


@contextmanager
def ui_event() -> Iterator[None]:
    """Inside, a message of the browser's widgets is handled: no kernel says so in marimo."""
    before = _told.set(True)
    try:
        yield
    finally:
        _told.reset(before)


def is_ui_event() -> bool:
    """True while a message of the browser's widgets is handled, and no cell is executed."""
    if _told.get():
        return True
    kernel = current()
    parent = kernel.get_parent() if kernel else {}
    return bool(parent.get("header", {}).get("msg_type") == "comm_msg")
