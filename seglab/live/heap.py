"""Memory of a kernel beside others: what is freed goes back to the machine.

The C library keeps freed memory for later. Between what is still in use that is 200 MB after some
hundred steps of a lab, which another student's kernel lacks.
"""

import ctypes
from collections.abc import Callable
from time import monotonic

from seglab import _cgroup

EVERY = 2.0  # seconds between two calls that do something: one takes about 15 ms
SCARCE = 128 * 2**20  # bytes; with less left, nothing is remembered that can be computed again

_last = -EVERY


def tidy(forget: Callable[[], None]) -> bool:
    """Give freed memory back, and call forget() before where memory is scarce.

    Does nothing, and returns False, within EVERY seconds of the last time.
    """
    global _last
    now = monotonic()
    if now - _last < EVERY:
        return False
    _last = now
    left = _cgroup.room()
    if left is not None and left < SCARCE:
        forget()
    trim()
    return True


def trim() -> None:
    """Give freed memory back to the machine, where the C library can (glibc)."""
    give = getattr(_library(), "malloc_trim", None)
    if give is not None:
        give(0)


def _library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(None)
    except (OSError, TypeError):  # Windows has no such thing
        return None
