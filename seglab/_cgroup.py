"""Limits of the control group that this process is in, as a container or a hub sets them (Linux).

Both versions: files and their meaning are in the kernel's guides, admin-guide/cgroup-v2 and
scheduler/sched-bwc. A limit of a group holds for the groups in it, so the tightest one counts.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

ROOT = Path("/")


def cores(root: Path = ROOT) -> float | None:
    """The cores that the quota allows, such as 1.5; None where there is none."""
    quotas = []
    for folder in _folders("cpu", root):
        words = _words(folder / "cpu.max")
        words += _words(folder / "cpu.cfs_quota_us") + _words(folder / "cpu.cfs_period_us")
        if len(words) == 2 and words[0] not in ("max", "-1"):
            quotas.append(int(words[0]) / int(words[1]))
    return min(quotas, default=None)


def room(root: Path = ROOT) -> int | None:
    """The bytes that are left to the group, and to the machine; None where nobody says."""
    left = []
    for folder in _folders("memory", root):
        most = _words(folder / "memory.max") or _words(folder / "memory.limit_in_bytes")
        used = _words(folder / "memory.current") or _words(folder / "memory.usage_in_bytes")
        if most and used and most[0] != "max":
            left.append(int(most[0]) - int(used[0]) + _evictable(folder))
    words = _words(root / "proc/meminfo")
    if "MemAvailable:" in words:
        left.append(1024 * int(words[words.index("MemAvailable:") + 1]))
    return min(left, default=None)


def _evictable(folder: Path) -> int:
    """Bytes of files that were read and count as used, but make room for anything else."""
    words = _words(folder / "memory.stat")
    for name in ("total_inactive_file", "inactive_file"):
        if name in words:
            return int(words[words.index(name) + 1])
    return 0


def _folders(controller: str, root: Path) -> Iterator[Path]:
    """Folders of this process's group and of those around it, wherever they are mounted."""
    top = root / "sys/fs/cgroup"
    for line in _lines(root / "proc/self/cgroup"):
        _, names, group = line.split(":", 2)
        if names and controller not in names.split(","):
            continue
        mounts = (top / controller, top / names) if names else (top, top / "unified")
        own = PurePosixPath(group)
        for mount in dict.fromkeys(mounts):
            # In a container the group is often named as the host sees it, and lies at the top.
            yield from (mount / str(g).lstrip("/") for g in (own, *own.parents))


def _lines(file: Path) -> list[str]:
    with suppress(OSError):
        return file.read_text(encoding="utf-8").splitlines()
    return []


def _words(file: Path) -> list[str]:
    return " ".join(_lines(file)).split()
