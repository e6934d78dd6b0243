"""Shields around a submission's process: namespaces, sandbox-exec, a container, or limits alone.

Linux: new user, network, process, mount and other namespaces (unshare of util-linux), a file system
with only Python and seglab in it, no rights. macOS: sandbox-exec. A container: docker or podman.
"""

import json
import os
import platform
import secrets
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import seglab
from seglab.grade.limits import MB, Limits

KINDS = {
    "namespaces": "Each submission ran without network, in a file system of its own in which only "
    "Python and seglab can be read, seeing only its own processes and without rights.",
    "sandbox-exec": "Each submission ran without network, could write only into its own folder, "
    "and could not read the other submissions; it could see other processes.",
    "container": "Each submission ran in a container without network and without rights, with a "
    "file system of its own.",
    "limits": "NOT SHIELDED: each submission ran with limits of time and memory, but as the user "
    "who grades. It could read and delete that user's files and use the network.",
}
PROBE_SECONDS = 120
_PACKAGE = Path(seglab.__file__).resolve().parent
_ENTER = str(_PACKAGE / "grade" / "_enter.py")
_HIDDEN = [str(_PACKAGE / "course" / "exercises"), str(_PACKAGE / "_labs")]
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
_SETTINGS = tuple(
    f"/etc/{name}"
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "passwd", "group", "localtime")
)
_FIRST_USER = 2_000_000  # the first of the numbers that no account has
_EXTRA_DATA = 1000  # megabytes of address space that libraries ask for and do not use


@dataclass(frozen=True)
class Shield:
    """A way to run a submission.

    kind: one of KINDS. away: folders that no submission may read. own_users: root grades, so that
    each submission can run as a user of its own. engine, image: of a container.
    """

    kind: str
    limits: Limits
    away: tuple[str, ...] = ()
    own_users: bool = False
    engine: str = ""
    image: str = ""
    hidden: tuple[str, ...] = ()

    def command(self, home: Path, slot: int, name: str) -> list[str]:
        """The command that runs a submission whose files are in `home`.

        slot: the number of the worker, for a user of its own. name: of a container.
        """
        if self.kind == "container":
            return self._container(home, name)
        if os.name != "posix":
            return self._python(sys.path)
        asked = self._asked(home, slot)
        enter = [sys.executable, "-I", "-S", _ENTER, json.dumps(asked)]
        if self.kind == "sandbox-exec":
            return ["sandbox-exec", "-p", self._profile(home), *enter]
        return [*self._unshare(), *enter] if self.kind == "namespaces" else enter

    def end(self, name: str) -> None:
        """End a container, if it still runs; processes of other kinds end by their number."""
        if self.kind == "container":
            command = [self.engine, "rm", "--force", name]
            subprocess.run(command, capture_output=True, check=False, timeout=60)

    def _unshare(self) -> list[str]:
        user = [] if self.own_users else ["--user", "--map-root-user"]
        spaces = ["--net", "--pid", "--ipc", "--uts", "--mount"]
        ends = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        return [*ends, "unshare", *user, *spaces, "--fork", "--kill-child"]

    def _asked(self, home: Path, slot: int) -> dict[str, Any]:
        enclosed = self.kind == "namespaces"
        limits = self.limits
        return {
            "root": str(home.parent / "root") if enclosed else "",
            "home": str(home),
            "shown": self.shown if enclosed else [],
            "links": [(p, os.readlink(p)) for p in _SYSTEM if os.path.islink(p)],
            "hidden": [*_HIDDEN, *self.away],
            "disk": limits.disk,
            "user": _FIRST_USER + slot if self.own_users else None,
            "cpu": round(limits.seconds) + 5,
            "data": (limits.memory + _EXTRA_DATA) * MB,
            "files": limits.files,
            # Counted for each user, so that it holds only where the user has no other processes.
            "processes": limits.processes if enclosed else None,
            "command": self._python(self._path if enclosed else sys.path),
            "environment": environment(),
        }

    @cached_property
    def shown(self) -> list[tuple[str, str]]:
        """Files and folders of the system that a submission sees, as (there, here)."""
        prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sysconfig.get_path("stdlib")}
        found = [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
        wanted = [*_SYSTEM, *_SETTINGS, *prefixes, *found, str(_PACKAGE)]
        wanted += [os.path.realpath(path) for path in wanted if path not in _SYSTEM]
        shown: list[str] = []
        for path in sorted(set(wanted), key=len):
            inside = any(Path(path).is_relative_to(other) for other in shown)
            link = path in _SYSTEM and os.path.islink(path)
            if os.path.exists(path) and not inside and not link:
                shown.append(path)
        return [(os.path.realpath(path), path) for path in shown]

    @property
    def _path(self) -> list[str]:
        """Folders in which Python finds modules in the small file system."""
        there = [here for _, here in self.shown]
        seen = [p for p in sys.path if any(Path(p).is_relative_to(here) for here in there)]
        return [*seen, str(_PACKAGE.parent)]

    def _python(self, path: Sequence[str]) -> list[str]:
        code = "import sys; sys.path[:] = {!r}; from seglab.grade import _child; _child.main()"
        return [sys.executable, "-I", "-u", "-c", code.format(list(path))]

    def _profile(self, home: Path) -> str:
        """The rules for sandbox-exec; the last rule that fits counts."""
        own = _quoted(os.path.realpath(home))
        away = [_quoted(os.path.realpath(path)) for path in (*_HIDDEN, *self.away)]
        return "\n".join(
            [
                "(version 1)",
                "(allow default)",
                "(deny network*)",
                "(deny file-write*)",
                f'(allow file-write* (subpath {own}) (literal "/dev/null"))',
                *(f"(deny file-read* file-write* (subpath {path}))" for path in away),
                f"(allow file-read* (subpath {own}))",
            ]
        )

    def _container(self, home: Path, name: str) -> list[str]:
        limits = self.limits
        code = (
            "import os, shutil; shutil.copytree('/submission', '/tmp/student'); "
            "os.chdir('/tmp/student'); from seglab.grade import _child; _child.main()"
        )
        variables = {**environment(), "HOME": "/tmp/student"}
        del variables["PATH"]
        return [
            *(self.engine, "run", "--rm", "--interactive", "--init", f"--name={name}"),
            *("--network=none", "--read-only", "--cap-drop=ALL", "--user=65534:65534"),
            *("--security-opt=no-new-privileges", f"--pids-limit={limits.processes}"),
            *(f"--memory={limits.memory}m", f"--memory-swap={limits.memory}m", "--cpus=1"),
            *(f"--ulimit=nofile={limits.files}", "--ulimit=core=0"),
            f"--tmpfs=/tmp:rw,size={limits.disk}m,mode=1777",
            *(f"--tmpfs={path}:ro,size=4k" for path in self.hidden),
            f"--mount=type=bind,source={home},target=/submission,readonly",
            *(f"--env={key}={value}" for key, value in variables.items()),
            *("--entrypoint=python", self.image, "-u", "-c", code),
        ]


def environment() -> dict[str, str]:
    """The environment of a submission: nothing of the one who grades."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return {
        **kept,
        **dict.fromkeys((*threads, "VECLIB_MAXIMUM_THREADS"), "1"),
        "SEGLAB_DEVICE": "cpu",
        "MPLBACKEND": "agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONIOENCODING": "utf-8",
        "TMPDIR": "/tmp",
        "USER": "student",
        "LOGNAME": "student",
    }


def choose(
    limits: Limits, away: Sequence[Path] = (), container: str = "", unshielded: bool = False
) -> Shield:
    """The strongest shield that works here.

    away: folders that no submission may read. container: an image that has seglab. unshielded:
    take limits alone where nothing better works.
    Raises ValueError, with the reason, where nothing better works and that was not asked for.
    """
    folders = tuple(str(path.resolve()) for path in away)
    if container:
        return _contained(limits, container)
    why = f"{platform.system()} has no shield that seglab knows"
    for shield in _known(limits, folders):
        said = fails(shield)
        if not said:
            return shield
        why = said
    if unshielded:
        return Shield("limits", limits, folders)
    raise ValueError(
        f"this system does not let seglab shield your files from the submissions ({why}); give "
        f"--container IMAGE, or --unshielded if you trust every submission with your account"
    )


def _known(limits: Limits, away: tuple[str, ...]) -> list[Shield]:
    if sys.platform == "linux" and shutil.which("unshare"):
        plain = Shield("namespaces", limits, away)
        return [replace(plain, own_users=True), plain] if os.geteuid() == 0 else [plain]
    if sys.platform == "darwin" and shutil.which("sandbox-exec"):
        return [Shield("sandbox-exec", limits, away)]
    return []


def fails(shield: Shield) -> str:
    """The reason why a shield does not work; empty where it works."""
    from seglab.grade import runs

    ran = runs.run(shield, runs.Order(["import os"]), {}, 0)
    if not ran.notes:
        return ""
    return [*ran.notes, *ran.printed.strip().splitlines()][-1][:200]


def _contained(limits: Limits, image: str) -> Shield:
    engine = next((name for name in ("docker", "podman") if shutil.which(name)), "")
    if not engine:
        raise ValueError(f"--container {image} needs docker or podman; install one of them")
    code = "import seglab, os; print(os.path.dirname(seglab.__file__), seglab.__version__)"
    command = [engine, "run", "--rm", "--network=none", "--entrypoint=python", image, "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    package, _, version = ran.stdout.strip().rpartition(" ")
    if ran.returncode or version != seglab.__version__:
        said = f"seglab {version}" if version else (ran.stderr.strip().splitlines() or [""])[-1]
        raise ValueError(
            f"--container {image} cannot run seglab {seglab.__version__} ({said[:200]}); give an "
            f"image with this version, such as one of deploy/Dockerfile"
        )
    hidden = (f"{package}/course/exercises",)
    return Shield("container", limits, engine=engine, image=image, hidden=hidden)


def container_name() -> str:
    """A name that no other container has."""
    return f"seglab-{secrets.token_hex(8)}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
