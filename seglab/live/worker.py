"""Work beside the kernel: the latest job counts, and older work is given up."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, RLock, Thread, current_thread, main_thread
from time import perf_counter
from typing import Any
from weakref import WeakSet

import torch
from IPython import get_ipython

YOUNG = 0.15  # seconds; younger work is finished even if it is no longer wanted, so a drag paints
SHORT = 0.5  # likewise all work, if it usually takes less than this
MOMENT = 0.02  # seconds for which the one who gives work waits, if it usually takes no longer
LINGER = 10.0  # seconds; a thread without work ends after them


class Cancelled(BaseException):
    """Raised inside work that is no longer wanted; never shown."""


class Job:
    """One thing to do; settled once what was asked for stands on the screen."""

    def __init__(self, what: Any) -> None:
        self.what = what
        self.started = perf_counter()
        self.settled = False
        self.cancelled = False
        self.stopped = False  # by the student, who should hear so


class Worker:
    """A thread that does the latest job only; `work(job)` is called in it.

    work calls pause() where it may be given up, and settle() when the rest is for later. What it
    raises ends the thread, and so reaches the log; the next job starts another.
    """

    def __init__(self, work: Callable[[Job], None]) -> None:
        self.computing = RLock()  # held while this thread, or a cell, computes
        self._work = work
        self._changed = Condition()
        self._waiting: Job | None = None
        self._job: Job | None = None
        self._thread: Thread | None = None
        self._held = False
        self._early: Any = None  # what is done before it is asked for
        self._usual = float("inf")  # seconds that a job took
        _workers.add(self)

    def give(self, what: Any) -> None:
        """Do this next, instead of what is waiting or, unless that is young, under way.

        Returns at once, or within MOMENT if that usually suffices: what is quick is then on its
        way before the kernel says that it is idle, which browsers take some time to show.
        """
        with self._changed:
            self._waiting = Job(what)
            self._start()
            self._changed.notify_all()
            if self._usual < MOMENT:
                self.wait(MOMENT)

    def pause(self) -> None:
        """Raise Cancelled in this worker's thread when its work should be given up."""
        job = self._job
        if current_thread() is not self._thread or job is None or self._held:
            return
        waiting = self._waiting  # once: another thread may take it away
        newer = waiting and waiting.what != self._early
        if job.cancelled or (newer and (job.settled or self._old(job))):
            raise Cancelled

    @contextmanager
    def ahead(self, what: Any) -> Iterator[None]:
        """Inside, this is done before it is asked for; when it is, it is not given up."""
        self._early = what
        try:
            yield
        finally:
            self._early = None

    @property
    def unasked(self) -> bool:
        """Whether what is under way is done ahead, and nobody waits for it yet."""
        waiting = self._waiting
        return self._early is not None and not (waiting and waiting.what == self._early)

    @contextmanager
    def held(self) -> Iterator[None]:
        """No pause inside gives up, and an interrupt waits for the end."""
        self._held = True
        try:
            with _interrupt_later():
                yield
        finally:
            self._held = False

    def settle(self, job: Job) -> None:
        """What was asked for is there; whatever follows gives way to any other job."""
        with self._changed:
            self._usual = perf_counter() - job.started
            job.settled = True
            self._changed.notify_all()

    def cancel(self, stopped: bool = False) -> bool:
        """Give up what waits and what is under way; returns whether there was something."""
        with self._changed:
            under_way, self._waiting = bool(self._waiting), None
            if self._job and not self._job.cancelled:
                self._job.cancelled, self._job.stopped = True, stopped
                under_way = True
            return under_way

    def wait(self, seconds: float | None = None) -> None:
        """Return when what was asked for is on the screen, or was given up."""
        if current_thread() is self._thread:
            return
        with self._changed:
            self._changed.wait_for(self._is_settled, seconds)

    def rest(self, seconds: float | None = None) -> None:
        """Return when nothing at all is under way."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._waiting or self._job), seconds)

    def breathe(self, seconds: float) -> None:
        """Wait a little in this worker's thread; Cancelled when another job comes meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting, seconds)
        self.pause()

    def _is_settled(self) -> bool:
        return not self._waiting and (self._job is None or self._job.settled)

    def _old(self, job: Job) -> bool:
        return perf_counter() - job.started > (SHORT if self._usual < SHORT else YOUNG)

    def _start(self) -> None:
        if self._thread is None:
            threads = torch.get_num_threads()
            self._thread = Thread(target=self._loop, args=(threads,), daemon=True, name="seglab")
            self._thread.start()

    def _loop(self, threads: int) -> None:
        torch.set_num_threads(threads)  # OpenMP and MKL count anew in each thread
        try:
            while self._next():
                assert self._job is not None
                with contextlib.suppress(Cancelled), self.computing:
                    self._work(self._job)
                with self._changed:
                    self._job = None
                    self._changed.notify_all()
        finally:
            with self._changed:
                self._thread = self._job = None
                if self._waiting:
                    self._start()
                self._changed.notify_all()

    def _next(self) -> bool:
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting, LINGER):
                return False
            self._job, self._waiting = self._waiting, None
            assert self._job is not None
            self._job.started = perf_counter()
            return True


_workers: "WeakSet[Worker]" = WeakSet()


@contextmanager
def _interrupt_later() -> Iterator[None]:
    """What interrupts the main thread inside does so at the end."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    came: list[Any] = []
    signal.signal(signal.SIGINT, lambda *given: came.append(given))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came and callable(before):
            before(*came[0])


def by_hand() -> bool:
    """Whether a message of the browser's widgets is being handled, and no cell is executed."""
    kernel = getattr(get_ipython(), "kernel", None)
    parent = kernel.get_parent() if kernel else {}
    return bool(parent.get("header", {}).get("msg_type") == "comm_msg")


def hear_interrupts() -> None:
    """Let the notebook's Stop button reach workers: an idle kernel ignores the signal."""
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel and current_thread() is main_thread():
        kernel.io_loop.add_callback(_listen)


def _listen() -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: stop())


def stop() -> None:
    """Give up the work of all workers."""
    for worker in list(_workers):
        worker.cancel(stopped=True)
