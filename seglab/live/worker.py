"""Work beside the kernel: the latest job counts, and older work is given up."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, RLock, Thread, current_thread
from time import perf_counter
from typing import Any

import torch

from seglab.live import interrupts

YOUNG = 0.15  # seconds; younger work is finished even if it is no longer wanted, so a drag paints
SHORT = 0.5  # likewise all work, if it usually takes less than this
MOMENT = 0.02  # seconds for which the one who submits waits, if work usually takes no longer
LINGER = 10.0  # seconds; a thread without work ends after them


class Cancelled(BaseException):
    """Raised inside work that is no longer wanted; never shown."""


class Job:
    """One request; done once its result is on the screen."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self.started = perf_counter()
        self.done = False
        self.cancelled = False
        self.stopped = False  # by the student, who should hear so


class Worker:
    """A thread that does the latest job only; `work(job)` is called in it.

    work calls pause() where it may be given up, and mark_done() when the rest is for later. What
    it raises ends the thread, and so reaches the log; the next job starts another. tidy() is called
    in the thread before it ends, when no job has come for LINGER seconds.
    """

    def __init__(self, work: Callable[[Job], None], tidy: Callable[[], object]) -> None:
        self.computing = RLock()  # held while this thread, or a cell, computes
        self._work = work
        self._tidy = tidy
        self._changed = Condition()
        self._waiting: Job | None = None
        self._job: Job | None = None
        self._thread: Thread | None = None
        self._uninterruptible = False
        self._speculative: Any = None  # the request that is computed before it comes
        self._usual = float("inf")  # seconds that a job took
        interrupts.register(self)

    def submit(self, request: Any) -> None:
        """Do this next, instead of what is waiting or, unless that is young, under way.

        Returns at once, or within MOMENT if that usually suffices: what is quick is then on its
        way before the kernel says that it is idle, which browsers take some time to show.
        """
        with self._changed:
            self._waiting = Job(request)
            self._start()
            self._changed.notify_all()
            if self._usual < MOMENT:
                self.wait(MOMENT)

    def pause(self) -> None:
        """Raise Cancelled in this worker's thread when its work should be given up."""
        job = self._job
        if current_thread() is not self._thread or job is None or self._uninterruptible:
            return
        waiting = self._waiting  # once: another thread may take it away
        newer = waiting and waiting.request != self._speculative
        if job.cancelled or (newer and (job.done or self._old(job))):
            raise Cancelled

    @contextmanager
    def speculative(self, request: Any) -> Iterator[None]:
        """Inside, a request is computed before it comes; when it comes, the work goes on."""
        self._speculative = request
        try:
            yield
        finally:
            self._speculative = None

    @property
    def is_speculative(self) -> bool:
        """True while the job that runs has not been requested yet."""
        waiting = self._waiting
        requested = waiting and waiting.request == self._speculative
        return self._speculative is not None and not requested

    @contextmanager
    def uninterruptible(self) -> Iterator[None]:
        """No pause inside gives up, and an interrupt waits for the end."""
        self._uninterruptible = True
        try:
            with interrupts.deferred():
                yield
        finally:
            self._uninterruptible = False

    def mark_done(self, job: Job) -> None:
        """The job's result is on the screen; whatever follows gives way to any other job."""
        with self._changed:
            self._usual = perf_counter() - job.started
            job.done = True
            self._changed.notify_all()

    def cancel(self, stopped: bool = False) -> bool:
        """Give up what waits and what is under way; returns whether there was something."""
        with self._changed:
            under_way, self._waiting = bool(self._waiting), None
            if self._job and not self._job.cancelled:
                self._job.cancelled, self._job.stopped = True, stopped
                under_way = True
            return under_way

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until what was requested is on the screen, or was given up; whether it is."""
        return self._wait_for(lambda: self._job is None or self._job.done, seconds)

    def join(self, seconds: float | None = None) -> bool:
        """Wait until nothing at all is under way; whether that is so."""
        return self._wait_for(lambda: self._job is None, seconds)

    def sleep_unless_new(self, seconds: float) -> None:
        """Wait a little in this worker's thread; Cancelled when another job comes meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting, seconds)
        self.pause()

    def _wait_for(self, over: Callable[[], bool], seconds: float | None) -> bool:
        if current_thread() is self._thread:
            return True  # it would wait for itself
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and over(), seconds)

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
            self._tidy()
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
