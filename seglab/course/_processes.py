"""Processes in which a student's function is tried: a fork, or a second Python that waits."""

import atexit
import gc
import io
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import cloudpickle
import torch

from seglab.course import _child

Cases = Sequence[Mapping[str, Any]]

_HERE = str(Path(__file__).resolve().parents[2])


class Fork:
    """A fork of this process: it has all that the function refers to.

    Locks that other threads hold stay locked in it for ever, so that it may wait where the
    function would not. Then it does no work, and is_idle() says so.
    """

    def __init__(self, function: Callable[..., Any], cases: Cases, seconds: float) -> None:
        self.report, writing = os.pipe()
        with warnings.catch_warnings():
            # Python 3.12 warns of those locks.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if self._pid == 0:
            try:
                gc.disable()  # what the notebook's process owns is not ended here
                _child.quieten()
                torch.set_num_threads(1)  # the other threads are not in the fork
                _child.call(function, cases, writing, seconds)
            finally:
                os._exit(0)
        os.close(writing)
        self._work, self._since = "", monotonic()

    def is_idle(self, seconds: float) -> bool:
        """True if it has done nothing for so long."""
        try:
            stat = Path(f"/proc/{self._pid}/stat").read_text()
        except OSError:
            return False
        work = " ".join(stat.rpartition(")")[2].split()[11:13])  # ticks of the processor's clock
        if work != self._work:
            self._work, self._since = work, monotonic()
        return monotonic() - self._since > seconds

    def end(self, reusable: bool) -> str:
        """End it; the name of the signal that it died of, if any."""
        os.kill(self._pid, signal.SIGKILL)  # nothing happens to one that has died before
        try:
            code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        except ChildProcessError:  # somebody else in this process waited for it
            code = 0
        return _signal(code)

    def close(self) -> None:
        """Let go of what it wrote; nobody may read it any more."""
        os.close(self.report)


class Second:
    """A second Python, started once, to which functions are handed over."""

    def __init__(self) -> None:
        code = "import sys; sys.path[:] = {}; from seglab.course import _child; _child.serve()"
        path = list(dict.fromkeys([*sys.path, _HERE]))
        self._process = subprocess.Popen(
            [sys.executable, "-c", code.format(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            start_new_session=True,  # an interrupt is meant for the notebook
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders = self._process.stdin
        self._answers = self._process.stdout
        self.report = self._answers.fileno()

    def is_there(self) -> bool:
        """True if it still waits for functions."""
        return self._process.poll() is None

    def take(self, pickled: bytes, seconds: float) -> None:
        """Let it try a function; raises OSError when it is gone."""
        self._orders.write(_child.packed((sys.path, pickled, seconds)))
        self._orders.flush()

    def is_idle(self, seconds: float) -> bool:
        """False: it has no locks of another process."""
        return False

    def end(self, reusable: bool) -> str:
        """End it unless it can be used again; the name of the signal that it died of, if any."""
        if reusable:
            return ""
        self._process.kill()
        return _signal(self._process.wait())

    def close(self) -> None:
        """Let go of its pipes if it has ended."""
        if self.is_there():
            return
        for pipe in (self._orders, self._answers):
            with suppress(OSError):  # an order that was not taken
                pipe.close()


_waiting: list[Second] = []


def second() -> Second:
    """The second Python that waits, or a new one."""
    if not _waiting or not _waiting[0].is_there():
        end_second()
        _waiting.append(Second())
    return _waiting[0]


@atexit.register
def end_second() -> None:
    """End the second Python, if there is one."""
    while _waiting:
        process = _waiting.pop()
        process.end(reusable=False)
        process.close()


def pickled(function: Callable[..., Any], cases: Cases) -> bytes:
    """A function, with all that it refers to, for another Python.

    Widgets, such as a live lab, stay here. Raises whatever an object raises that cannot leave.
    """
    data = io.BytesIO()
    _Pickler(data).dump((function, cases))
    return data.getvalue()


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc] # cloudpickle is untyped
    """A pickler that leaves widgets out: they live in the notebook's process."""

    def persistent_id(self, obj: Any) -> str | None:
        """Name what is left out."""
        traitlets = sys.modules.get("traitlets")
        left_out = traitlets is not None and isinstance(obj, traitlets.HasTraits)
        return "left out" if left_out else None


def _signal(code: int) -> str:
    try:
        return signal.Signals(-code).name if code < 0 else ""
    except ValueError:
        return f"signal {-code}"
