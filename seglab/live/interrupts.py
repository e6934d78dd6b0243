"""Interrupts: the notebook's Stop button, which sends SIGINT to the kernel."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any, Protocol
from weakref import WeakSet

from seglab.live import kernel


class Stoppable(Protocol):
    """Interface of what is told that the student has pressed Stop."""

    def cancel(self, stopped: bool = False) -> bool:
        """Give up what is under way."""


_stoppable: "WeakSet[Stoppable]" = WeakSet()


def register(worker: Stoppable) -> None:
    """Let the Stop button reach this worker as long as somebody holds it."""
    _stoppable.add(worker)


def listen() -> None:
    """Let the Stop button reach all workers: an idle kernel ignores the signal."""
    running = kernel.current()
    if running and current_thread() is main_thread():
        running.io_loop.add_callback(_listen)


def _listen() -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: stop())


def stop() -> None:
    """Give up the work of all workers."""
    for worker in list(_stoppable):
        worker.cancel(stopped=True)


@contextmanager
def deferred() -> Iterator[None]:
    """Inside, an interrupt of the main thread waits for the end."""
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
