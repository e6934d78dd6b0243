"""A trial run of a student's function in another process, which can be ended whatever it does.

A loop inside one C call, such as sum(range(10**12)), never lets another thread of its process run:
in the notebook's own process nothing could end it. So the function is tried elsewhere first. It is
called in the notebook, where its prints and errors belong, once it is known to end.

On Linux the other process is a fork: it has all that the function refers to. On macOS and Windows
a fork is not safe, or not known; a second Python waits there for functions that cloudpickle hands
over. What cannot be handed over is not tried.
"""

import os
import re
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from seglab.course import _child
from seglab.course._processes import Cases, Fork, Second, pickled, second

WAY = {"linux": "fork", "darwin": "spawn", "win32": "spawn"}.get(sys.platform, "none")

_GRACE = 0.5  # seconds after which a process is ended from outside
_START = 60.0  # seconds that a second Python may take to start
_IDLE = 1.0  # seconds without work after which a fork is not waited for
_HANDED_OVER = "<dynamic-code>"  # what cloudpickle calls the file of a notebook's function
_WHERE = re.compile(r'File "(.*)", line (\d+)')


@dataclass(frozen=True)
class Trial:
    """The end of a trial after `done` cases.

    ended: the function did all cases. late: the time was up, at `line` of the function's file
    where that is known. died: the process broke down, by the signal of this name. None of the
    three: the function could not be tried.
    """

    done: int = 0
    ended: bool = False
    late: bool = False
    line: int | None = None
    died: str = ""


def run(function: Callable[..., Any], cases: Cases, seconds: float, filename: str) -> Trial:
    """Try a function with the cases, for so many seconds in all.

    filename: the file of the function's code, of which a line is told.
    """
    try:
        process = _started(function, cases, seconds)
    except Exception:  # no more processes or no way into one: whatever an object's pickling raises
        return Trial()
    return Trial() if process is None else _followed(process, seconds, filename)


def prepare() -> None:
    """Start the second Python, where functions are tried in one, so that it is there in time."""
    if WAY == "spawn":
        with suppress(OSError):
            second()


def _started(function: Callable[..., Any], cases: Cases, seconds: float) -> Fork | Second | None:
    if WAY == "fork":
        return Fork(function, cases, seconds)
    if WAY == "spawn":
        data = pickled(function, cases)
        process = second()
        process.take(data, seconds)
        return process
    return None


def _followed(process: Fork | Second, seconds: float, filename: str) -> Trial:
    written = bytearray()
    reader = threading.Thread(target=_read, args=(process.report, written), daemon=True)
    reader.start()
    broke, died = False, ""
    try:
        late = _wait(process, reader, written, seconds)
        broke = not reader.is_alive()
    finally:  # an interrupt, too, ends the other process
        died = process.end(reusable=written.endswith(_child.END))
        reader.join(_GRACE)
        process.close()
        prepare()  # for the next check
    return _told(bytes(written), late, broke, died, filename)


def _read(report: int, written: bytearray) -> None:
    with suppress(OSError):
        while not written.endswith(_child.END) and (more := os.read(report, 4096)):
            written.extend(more)


def _wait(
    process: Fork | Second, reader: threading.Thread, written: bytearray, seconds: float
) -> bool:
    """Wait for the other process; True if its time is up and it has not ended itself."""
    start, begun = monotonic(), 0.0
    while reader.is_alive():
        reader.join(0.05)  # in short waits: on Windows a long one cannot be interrupted
        if not written:
            if monotonic() - start > _START:
                return False
            continue
        begun = begun or monotonic()
        if monotonic() - begun > seconds + _GRACE:
            return True
        if process.is_idle(_IDLE):
            return False
    return False


def _told(written: bytes, late: bool, broke: bool, died: str, filename: str) -> Trial:
    head, time_up, where = written.partition(_child.TIME_UP)
    done = head.count(_child.CASE)
    if head.endswith(_child.END):
        return Trial(done, ended=True)
    if late or time_up:
        return Trial(done, late=True, line=_line(where.decode(errors="replace"), filename))
    if broke and head:
        return Trial(done, died=died or "exit")
    return Trial(done)


def _line(where: str, filename: str) -> int | None:
    """The innermost line of a file in what Python's watchdog has written."""
    files = {filename.encode("ascii", "backslashreplace").decode(), _HANDED_OVER}
    return next((int(line) for file, line in _WHERE.findall(where) if file in files), None)
