"""Checks of the installation: each names what is missing and the command that mends it.

Standard library only: this module must start where torch, torchvision or typer do not. Whatever
may crash is tried in a process of its own.
"""

import json
import os
import platform
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple

from seglab import __version__, _browser

ROOT = Path(__file__).parents[1]
OLDEST_PYTHON = (3, 10)
PATIENCE = 180  # seconds; the first import of torch from a slow disk takes its time

# Names after which a wanted extension is looked for among JupyterLab's front-end pieces.
FRONT_ENDS = {"anywidget": "anywidget", "@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets"}

# Runs in a fresh Python; each line it prints is one step done.
_TORCH = """
import json, sys
sys.path.append(sys.argv[1])
def done(step, **facts):
    print(json.dumps({"step": step, **facts}), flush=True)
import torch
done("torch", version=torch.__version__)
import torchvision
done("torchvision", version=torchvision.__version__)
torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
done("operators")
from seglab import device
done("device", name=device.describe(), threads=torch.get_num_threads())
"""

# What torch and torchvision say when their compiled halves were made for each other's absence.
_MISMATCH = re.compile(
    r"torchvision::|undefined symbol|symbol not found|Couldn't load custom C\+\+ ops|"
    r"procedure could not be found|has no attribute 'extension'|different CUDA versions",
    re.IGNORECASE,
)

Level = Literal["ok", "note", "broken"]


class Finding(NamedTuple):
    """One thing looked at: broken needs mending, a note can wait."""

    level: Level
    what: str
    remedy: str = ""


def main() -> int:
    """Look at everything, print it, and return 1 if something needed is broken, else 0."""
    print(f"seglab {__version__}, {Path(__file__).parent}")
    broken = 0
    for finding in examine():
        print(f"  {finding.level:<7}{finding.what}", flush=True)
        for line in finding.remedy.splitlines():
            print(f"         {line}")
        broken += finding.level == "broken"
    if broken:
        print(f"{broken} {'thing' if broken == 1 else 'things'} to mend, from the top.")
    else:
        print("All that the labs need is here. Open them with: seglab lab")
    return 1 if broken else 0


def examine() -> Iterator[Finding]:
    """All findings, in the order in which one would mend them."""
    for check in (python, requirements, torch, front_end, kernel, folders, browser):
        yield from check()


def python() -> Iterator[Finding]:
    """Check that this Python is new enough."""
    what = f"Python {platform.python_version()}, {sys.executable}"
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        yield Finding("broken", what, f"seglab needs Python {wanted} or newer; install one first")
    else:
        yield Finding("ok", what)


def requirements() -> Iterator[Finding]:
    """Check that each dependency is there, in the range that pyproject.toml asks for."""
    try:
        lines = metadata.requires("seglab") or []
    except metadata.PackageNotFoundError:
        remedy = pip("-e", str(ROOT)) if (ROOT / "pyproject.toml").exists() else pip("seglab")
        yield Finding("broken", "seglab itself is not installed in this Python", remedy)
        return
    for line in lines:
        requirement, _, marker = line.partition(";")
        if "extra" in marker:
            continue
        name, ranges = split_requirement(requirement)
        found = version_of(name)
        if found is None:
            yield Finding("broken", f"{name} is missing", pip("--upgrade", requirement.strip()))
        elif not within(found, ranges):
            yield Finding(
                "broken",
                f"{name} {found} is outside the range {ranges}",
                pip("--upgrade", requirement.strip()),
            )
        else:
            yield Finding("ok", f"{name} {found}")


def torch() -> Iterator[Finding]:
    """Check that torch and torchvision fit each other, and name the device that they work on."""
    steps, complaint = _try(_TORCH)
    versions = {step: facts.get("version", "") for step, facts in steps.items()}
    if "torch" not in steps:
        yield _torch_alone(complaint)
        return
    if "operators" not in steps:
        yield _torchvision(versions, complaint)
        return
    yield Finding(
        "ok", f"torch {versions['torch']} and torchvision {versions['torchvision']} work together"
    )
    if "device" not in steps:
        reason = _last_line(complaint)
        yield Finding("broken", f"no device to compute on: {reason}", _unset_device())
        return
    if _MISMATCH.search(complaint):  # such as torchvision's reader of image files
        yield Finding("note", f"a part of torchvision is off: {_last_line(complaint)}", _pair())
    asked = os.environ.get("SEGLAB_DEVICE")
    why = f", because SEGLAB_DEVICE is {asked!r}" if asked else ""
    device = steps["device"]
    yield Finding("ok", f"computes on {device['name']}{why}; {device['threads']} CPU threads")


def front_end() -> Iterator[Finding]:
    """Check that the parts that draw widgets in the browser are there, in one version each."""
    try:
        from jupyter_core.paths import jupyter_path
    except ImportError:
        return  # requirements() has said that JupyterLab is missing
    places = [Path(place) for place in jupyter_path("labextensions")]
    for extension, package in FRONT_ENDS.items():
        found = next((p / extension for p in places if (p / extension).is_dir()), None)
        again = pip("--force-reinstall", "--no-deps", package)
        if found is None:
            yield Finding("broken", f"JupyterLab's extension {extension} is missing", again)
            continue
        here, wanted = _package_json(found).get("version", "?"), version_of(package)
        if package == "anywidget" and wanted and here != wanted:
            yield Finding(
                "broken",
                f"JupyterLab would load {extension} {here} from {found}, but Python has {wanted}",
                f"Remove that folder, or: {again}",
            )
        else:
            yield Finding("ok", f"JupyterLab extension {extension} {here}")


def kernel() -> Iterator[Finding]:
    """Check that the kernel that the labs name runs this Python."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return  # requirements() has said that JupyterLab is missing
    again = f"{_python()} -m ipykernel install --sys-prefix --name python3"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        yield Finding("broken", "Jupyter has no kernel named python3", again)
        return
    command = spec.argv[0] if spec.argv else ""
    # jupyter_client itself puts this interpreter in the place of a bare name.
    bare = re.fullmatch(r"python(3(\.\d+)?)?(\.exe)?", command) is not None
    # Compare folders: every venv's python is a link to the same file of the system.
    here, there = (os.path.realpath(Path(p).parent) for p in (sys.executable, command))
    if bare or here == there:
        yield Finding("ok", "the kernel python3 runs this Python")
    else:
        yield Finding(
            "broken",
            f"the kernel python3 runs another Python, {command} ({spec.resource_dir})",
            f"Remove that folder, or: {again}",
        )


def folders() -> Iterator[Finding]:
    """Check that files can be written where Jupyter and the labs write them."""
    needed = {"this folder": Path.cwd(), "temporary files": Path(tempfile.gettempdir())}
    try:
        from jupyter_core.paths import jupyter_config_dir, jupyter_runtime_dir
    except ImportError:
        pass  # requirements() has said that JupyterLab is missing
    else:
        needed["Jupyter's running servers"] = Path(jupyter_runtime_dir())
        needed["Jupyter's settings"] = Path(jupyter_config_dir())
    problems = [(what, place, why) for what, place in needed.items() if (why := _unwritable(place))]
    for what, place, why in problems:
        remedy = f"Let your user write there, or free space; or choose another: {_elsewhere(what)}"
        yield Finding("broken", f"nothing can be written to {place} ({what}): {why}", remedy)
    if not problems:
        yield Finding("ok", "files can be written where the labs need it")


def _unwritable(place: Path) -> str:
    """The reason why no file can be made in a folder, or in the first one above it that exists."""
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(bytes(4096))
            file.flush()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _elsewhere(what: str) -> str:
    return {
        "this folder": "start seglab in another folder",
        "temporary files": "set TMPDIR",
        "Jupyter's running servers": "set JUPYTER_RUNTIME_DIR, or HOME",
        "Jupyter's settings": "set JUPYTER_CONFIG_DIR, or HOME",
    }[what]


def browser() -> Iterator[Finding]:
    """Look for a Chromium for the browser tests. The labs themselves open in any browser."""
    found = _browser.find()
    if found is None:
        yield Finding(
            "note",
            "no Chromium: the browser tests are skipped (the labs do not need it)",
            "Debian and Ubuntu: sudo apt-get install chromium; elsewhere: install Google Chrome",
        )
    elif version_of("playwright") is None:
        yield Finding("note", "no playwright: the browser tests are skipped", pip("-e", ".[test]"))
    else:
        yield Finding("ok", f"browser tests can run with {found}")


def within(version: str, ranges: str) -> bool:
    """True if a version lies in ranges such as '>=2.4,<3', or if it cannot be read."""
    compare: dict[str, Callable[[list[int], list[int]], bool]] = {
        ">=": lambda a, b: a >= b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        "<": lambda a, b: a < b,
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
    }
    for operator, bound in re.findall(r"(>=|<=|==|!=|<|>)\s*([\d.]+)", ranges):
        a, b = ([int(n) for n in re.findall(r"\d+", _release(v))] for v in (version, bound))
        length = max(len(a), len(b))
        a, b = (v + [0] * (length - len(v)) for v in (a, b))
        if not compare[operator](a, b):
            return False
    return True


def pip(*arguments: str) -> str:
    """The pip command for this Python, ready to paste into a shell."""
    return f"{_python()} -m pip install " + " ".join(map(_quote, arguments))


def _torch_alone(complaint: str) -> Finding:
    if re.search(r"No module named ['\"]torch['\"]", complaint):
        return Finding("broken", "torch is missing", pip("torch", "torchvision"))
    reason = _last_line(complaint)
    remedy = _pair()
    if "DLL load failed" in complaint or "WinError 126" in complaint:
        remedy += "\nOn Windows, torch also needs Microsoft's Visual C++ Redistributable (x64)."
    return Finding("broken", f"torch is installed but does not start: {reason}", remedy)


def _torchvision(versions: dict[str, str], complaint: str) -> Finding:
    here = f"torch {versions['torch']}"
    if re.search(r"No module named ['\"]torchvision['\"]", complaint):
        return Finding("broken", f"torchvision is missing beside {here}", pip("torchvision"))
    there = f"torchvision {versions.get('torchvision') or version_of('torchvision') or '?'}"
    reason = _last_line(complaint)
    if _MISMATCH.search(complaint):
        return Finding(
            "broken",
            f"{here} and {there} do not match: each torchvision is compiled for one torch, and\n"
            f"         this one finds another. Python said: {reason}",
            f"Install the two again, together:\n{_pair()}",
        )
    return Finding("broken", f"{there} does not start beside {here}: {reason}", _pair())


def _pair() -> str:
    """The command that installs torch and torchvision again as a pair."""
    if installer_of("torch") == "conda":
        return "conda install --force-reinstall -c conda-forge pytorch torchvision"
    return pip("--upgrade", "--force-reinstall", "torch", "torchvision")


def _unset_device() -> str:
    if "SEGLAB_DEVICE" not in os.environ:
        return _pair()
    command = "set SEGLAB_DEVICE=" if os.name == "nt" else "unset SEGLAB_DEVICE"
    return f"Let seglab choose the device: {command}"


def _try(program: str) -> tuple[dict[str, dict[str, str]], str]:
    """The steps that a program in a fresh Python came through, and what it complained about."""
    try:
        ran = subprocess.run(
            [sys.executable, "-c", program, str(ROOT)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {}, f"no answer after {PATIENCE} seconds"
    steps = {}
    for line in ran.stdout.splitlines():
        if line.startswith('{"step"'):
            facts = json.loads(line)
            steps[facts.pop("step")] = facts
    if ran.returncode < 0 and not ran.stderr.strip():
        return steps, f"the process ended with signal {-ran.returncode}"
    return steps, ran.stderr


def split_requirement(requirement: str) -> tuple[str, str]:
    """'torch<3,>=2.4' as ('torch', '<3,>=2.4')."""
    match = re.match(r"\s*([A-Za-z0-9._-]+)\s*(?:\[.*?\])?\s*\(?([^)]*)\)?", requirement)
    return (match[1], match[2].strip()) if match else (requirement, "")


def version_of(package: str) -> str | None:
    """The installed version; None where the package is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def installer_of(package: str) -> str:
    """The program that has installed a package, such as pip or conda; empty where none says so."""
    try:
        return (metadata.distribution(package).read_text("INSTALLER") or "").strip()
    except metadata.PackageNotFoundError:
        return ""


def _release(version: str) -> str:
    match = re.match(r"[\d.]+", version)
    return match[0] if match else "0"


def _package_json(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _last_line(complaint: str) -> str:
    lines = complaint.strip().splitlines()
    return lines[-1].strip() if lines else "it gave no reason"


def _python() -> str:
    return _quote(sys.executable)


def _quote(word: str) -> str:
    if os.name == "nt":
        return f'"{word}"' if re.search(r"[\s<>&|]", word) else word
    return shlex.quote(word)


if __name__ == "__main__":
    sys.exit(main())
