"""Memory of a kernel beside others: what is freed goes back to the machine.

The C library keeps freed memory for later. Between what is still in use that is 200 MB after some
hundred steps of a lab, which another student's kernel lacks.
"""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from seglab import _cgroup

EVERY = 2.0  # seconds between two calls that do something: one takes about 15 ms
SOON = 0.25  # seconds between them where the process has grown by GROWN since
GROWN = 48 * 2**20  # bytes
SCARCE = 128 * 2**20  # bytes; with less left, nothing is remembered that can be computed again

_last = -EVERY
_size = 0  # of the process after the last time


def tidy(forget: Callable[[], None]) -> bool:
    """Give freed memory back, and call forget() before where memory is scarce.

    Does nothing, and returns False, within EVERY seconds of the last time; SOON where the process
    has grown by GROWN.
    """
    global _last, _size
    since = monotonic() - _last
    if since < EVERY and (since < SOON or resident() < _size + GROWN):
        return False
    left = _cgroup.room()
    if left is not None and left < SCARCE:
        forget()
    trim()
    _last, _size = monotonic(), resident()
    return True


def trim() -> None:
    """Give freed memory back to the machine, where the C library can (glibc)."""
    give = getattr(_library(), "malloc_trim", None)
    if give is not None:
        give(0)


def resident() -> int:
    """Bytes of memory that this process has; 0 where the system does not say (Linux does)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(None)
    except (OSError, TypeError):  # Windows has no such thing
        return None
