"""The Jupyter kernel that a lab lives in, where there is one."""

from typing import Any

from IPython import get_ipython


def current() -> Any:
    """The kernel of this process; None where no kernel runs."""
    return getattr(get_ipython(), "kernel", None)


def is_ui_event() -> bool:
    """True while a message of the browser's widgets is handled, and no cell is executed."""
    kernel = current()
    parent = kernel.get_parent() if kernel else {}
    return bool(parent.get("header", {}).get("msg_type") == "comm_msg")
