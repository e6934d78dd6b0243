"""A time limit on a student's function, so that an endless loop cannot hold the notebook.

The function runs in a thread of its own. The kernel's main thread only waits, so nothing is ever
raised into it; the same on Windows, where there is no alarm signal.
"""

import ctypes
import sys
import threading
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import Any

PATIENCE = 1.0  # seconds given to a function that is told to stop


class Stopped(BaseException):
    """Raised in the student's thread; no Exception, so that `except Exception` lets it pass.

    `except:` catches it all the same. So it also sees to it that the line after, which is the
    first one of that handler, raises too.
    """

    def __init__(self) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != __file__:
            frame.f_trace = _raise_once
            frame = frame.f_back
        sys.settrace(_raise_once)


class _StoppedAgain(BaseException):
    """Raised where Stopped was caught."""


STOPS = (Stopped, _StoppedAgain)


def _raise_once(frame: FrameType, event: str, argument: Any) -> None:
    if event == "line":
        raise _StoppedAgain  # and Python takes the trace function away


class TookTooLong(Exception):
    """The time was up; frame is where the function was, or None."""

    def __init__(self, frame: FrameType | None) -> None:
        self.frame = frame


def call(function: Callable[[], Any], seconds: float) -> Any:
    """Call function() in a thread; its result, or whatever it raised, or TookTooLong.

    A function that refuses to stop (it catches everything, or waits outside Python) is left
    behind in a daemon thread.
    """
    outcome: list[Any] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(function())
        except BaseException as error:  # the thread's only task is to hand on what happened
            raised.append(error)

    thread = threading.Thread(target=run, name="student", daemon=True)
    thread.start()
    try:
        _join(thread, seconds)
        if thread.is_alive():
            frame = sys._current_frames().get(thread.ident or 0)
            raise TookTooLong(frame)
    finally:
        _stop(thread)
    if raised:
        raise raised[0]
    return outcome[0]


def _join(thread: threading.Thread, seconds: float) -> None:
    # In short waits: on Windows a long one cannot be interrupted from the keyboard.
    end = monotonic() + seconds
    while thread.is_alive() and (left := end - monotonic()) > 0:
        thread.join(min(left, 0.1))


def _stop(thread: threading.Thread) -> None:
    # Again and again, since `except:` in a loop swallows some of them.
    end = monotonic() + PATIENCE
    while thread.is_alive() and monotonic() < end:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stopped)
        )
        thread.join(0.01)
