"""The processes of a submission: what they use, and their end."""

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Use(NamedTuple):
    """Memory in bytes, and the number of processes."""

    memory: int
    processes: int


def use(pid: int) -> Use:
    """Memory and number of a process and all that it has started, where the system tells."""
    memory = {child: held for child, _, held in _all()}
    tree = list(family(pid))
    return Use(sum(memory.get(member, 0) for member in tree), len(tree))


def family(pid: int) -> Iterator[int]:
    """A process and all that it has started and that has not been orphaned."""
    children: dict[int, list[int]] = {}
    for child, parent, _ in _all():
        children.setdefault(parent, []).append(child)
    waiting = [pid]
    while waiting:
        member = waiting.pop()
        yield member
        waiting += children.pop(member, [])


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process, its group, and all that it has started."""
    if os.name != "posix":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False)
        return
    # The ones below it first: with the first process of a namespace all others in it end.
    _kill(list(family(process.pid))[1:])
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    _kill([process.pid] if process.poll() is None else [])


def _kill(members: Iterable[int]) -> None:
    for member in members:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(member, signal.SIGKILL)


def _all() -> Iterator[tuple[int, int, int]]:
    """All processes: number, parent's number, bytes of memory of its own."""
    if Path("/proc/self/statm").exists():
        yield from _of_proc()
    elif os.name == "posix":
        command = ["ps", "-axo", "pid=,ppid=,rss="]
        for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines():
            number, parent, kilobytes = map(int, line.split())
            yield number, parent, 1024 * kilobytes


def _of_proc() -> Iterator[tuple[int, int, int]]:
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError, ValueError, IndexError):
            parent = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
            _, resident, shared, *_ = map(int, Path(f"/proc/{name}/statm").read_text().split())
            yield int(name), parent, _PAGE * (resident - shared)
