"""The way into a sandbox: the last trusted code of a process before the submission's.

It runs as a script of its own, as the first process of new namespaces, makes a small file system
with nothing in it that the submission does not need, gives all rights away, sets limits, and
becomes the program that runs the submission. Standard library only, Linux and macOS.
"""

import ctypes
import json
import os
import resource
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

# mount(2), mount_setattr(2), prctl(2), capset(2)
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, REMOUNT = 1, 2, 4, 8, 32
BIND, RECURSIVE, PRIVATE, DETACH = 4096, 16384, 1 << 18, 2
SETATTR, AT_RECURSIVE, HERE = 442, 0x8000, -100
PIVOT = {"x86_64": 155, "aarch64": 41}
DEATH_SIGNAL, DROP, NO_NEW_RIGHTS, KILL = 1, 24, 38, 9
DEVICES = ("null", "zero", "full", "random", "urandom")


def main() -> None:
    """Enter the sandbox that the first argument describes, and become its command."""
    asked = json.loads(sys.argv[1])
    home = asked["home"]
    if asked["root"]:
        home = enclose(asked)
    os.chdir(home)
    limit(asked)
    if asked["root"]:
        give_up_rights(asked["user"])
    os.execve(asked["command"][0], asked["command"], {**asked["environment"], "HOME": home})


def enclose(asked: dict[str, Any]) -> str:
    """Make the small file system and enter it; the submission's folder in it."""
    root = asked["root"]
    mount(None, "/", None, PRIVATE | RECURSIVE)
    mount("tmpfs", root, "tmpfs", NO_SUID | NO_DEVICES, f"size={asked['disk']}m,mode=755")
    for source, target in asked["shown"]:
        show(source, root + target)
    for path in asked["hidden"]:
        if os.path.isdir(root + path):
            mount("tmpfs", root + path, "tmpfs", READ_ONLY, "size=4k,mode=755")
    for link, target in asked["links"]:
        os.symlink(target, root + link)
    os.makedirs(f"{root}/proc")
    mount("proc", f"{root}/proc", "proc", NO_SUID | NO_DEVICES | NO_EXEC)
    for name in DEVICES:
        show(f"/dev/{name}", f"{root}/dev/{name}", read_only=False)
    os.makedirs(f"{root}/dev/pts")
    mount("devpts", f"{root}/dev/pts", "devpts", NO_SUID | NO_EXEC, "newinstance,ptmxmode=0666")
    os.symlink("pts/ptmx", f"{root}/dev/ptmx")  # what `!ls` in a cell needs
    for place in ("/tmp", "/dev/shm"):
        os.makedirs(root + place)
        os.chmod(root + place, 0o1777)
    inside = "/home/student"
    shutil.copytree(asked["home"], root + inside)
    if asked["user"] is not None:
        for path in [root + inside, *map(str, Path(root + inside).rglob("*"))]:
            os.chown(path, asked["user"], asked["user"])
    os.chdir(root)
    done(libc().syscall(PIVOT[os.uname().machine], b".", b"."))
    done(libc().umount2(b".", DETACH))
    return inside


def show(source: str, target: str, read_only: bool = True) -> None:
    """Show a file or folder of the system at a place of the small file system."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    mount(source, target, None, BIND | RECURSIVE)
    if not read_only:
        return
    attributes = (ctypes.c_uint64 * 4)(READ_ONLY | NO_SUID, 0, 0, 0)
    size = ctypes.sizeof(attributes)
    if libc().syscall(SETATTR, HERE, target.encode(), AT_RECURSIVE, attributes, size):
        # A kernel before 5.12: this mount alone, with the flags that it already has.
        flags = os.statvfs(target).f_flag & (NO_SUID | NO_DEVICES | NO_EXEC)
        mount(None, target, None, REMOUNT | BIND | READ_ONLY | flags)


def give_up_rights(user: int | None) -> None:
    """Keep no right of root, and no way to get one again."""
    for right in range(64):
        libc().prctl(DROP, right, 0, 0, 0)
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    done(libc().capset(header, (ctypes.c_uint32 * 6)()))
    done(libc().prctl(NO_NEW_RIGHTS, 1, 0, 0, 0))
    libc().prctl(DEATH_SIGNAL, KILL, 0, 0, 0)  # another user was set: it is to be asked for anew


def limit(asked: dict[str, Any]) -> None:
    """Set the limits that the system keeps by itself."""
    os.nice(5)
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": asked["cpu"],
        "RLIMIT_DATA": asked["data"],
        "RLIMIT_FSIZE": asked["disk"] * 1_000_000,
        "RLIMIT_NOFILE": asked["files"],
        "RLIMIT_NPROC": asked["processes"],
    }
    for name, value in wanted.items():
        if value is None or not hasattr(resource, name):
            continue
        which = getattr(resource, name)
        most = resource.getrlimit(which)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        with suppress(ValueError, OSError):  # macOS knows some of them by name only
            resource.setrlimit(which, (value, value))


def libc() -> Any:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def done(code: int) -> None:
    """Raise OSError where a call of the C library has failed."""
    if code:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    """Call mount(2)."""
    texts = [None if text is None else text.encode() for text in (source, target, kind, options)]
    done(libc().mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]))


if __name__ == "__main__":
    main()
