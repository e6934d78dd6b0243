import json
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglab import _browser, doctor

ROOT = Path(__file__).parents[1]
PAIR = doctor.pip("--upgrade", "--force-reinstall", "torch", "torchvision")


def fake(folder, package, body, version=None):
    """A package in folder whose import runs body; with a version, pip's records of it too."""
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text(body)
    if version:
        info = folder / f"{package}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        )


def in_a_fresh_python(folder, *arguments, **environment):
    """`python -m ...` with the fakes of folder before what is installed."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", **environment},
    )


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """Fakes that doctor's own trials see."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("SEGLAB_DEVICE", raising=False)
    monkeypatch.setattr(doctor, "installer_of", lambda package: "pip")
    return tmp_path


def one(findings):
    (finding,) = findings
    return finding


# The whole report


def test_the_report_of_this_machine():
    ran = in_a_fresh_python("", "seglab", "doctor")
    assert re.search(r"ok +torch \S+ and torchvision \S+ work together", ran.stdout), ran
    assert re.search(r"ok +computes on ", ran.stdout)
    try:
        metadata.version("seglab")
    except metadata.PackageNotFoundError:
        assert "seglab itself is not installed" in ran.stdout
    else:
        assert ran.returncode == 0, ran.stdout
        assert "All that the labs need is here" in ran.stdout


def test_a_mismatched_pair_is_explained_and_mended(tmp_path):
    body = "raise RuntimeError('operator torchvision::nms does not exist')"
    fake(tmp_path, "torchvision", body, "0.19.0")
    ran = in_a_fresh_python(tmp_path, "seglab", "doctor")
    assert ran.returncode == 1
    assert re.search(r"broken torch \S+ and torchvision 0\.19\.0 do not match", ran.stdout), ran
    assert "compiled for one torch" in ran.stdout
    assert "operator torchvision::nms does not exist" in ran.stdout
    if doctor.installer_of("torch") != "conda":
        assert PAIR in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


def test_the_doctor_comes_where_the_command_line_cannot_start(tmp_path):
    fake(tmp_path, "typer", "raise ImportError('No module named typer')")
    ran = in_a_fresh_python(tmp_path, "seglab", "list")
    assert ran.returncode == 1
    assert "seglab cannot start its command line (No module named typer)" in ran.stdout
    assert "Python " in ran.stdout
    assert "Traceback" not in ran.stderr


def test_the_doctor_needs_nothing_but_python():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import seglab.doctor"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


@pytest.mark.parametrize(("level", "code"), [("ok", 0), ("note", 0), ("broken", 1)])
def test_only_what_is_broken_fails(monkeypatch, capsys, level, code):
    findings = [doctor.Finding(level, "the matter", "first line\nsecond line")]
    monkeypatch.setattr(doctor, "examine", lambda: iter(findings))
    assert doctor.main() == code
    said = capsys.readouterr().out
    assert re.search(rf"^  {level} +the matter\n +first line\n +second line$", said, re.MULTILINE)


# Python and the requirements


def test_an_old_python_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert one(doctor.python()).level == "broken"


def test_a_requirement_is_there_missing_or_out_of_range(monkeypatch):
    lines = [
        "good<2,>=1",
        "old>=3 ; python_version > '3'",
        "absent[x]>=1",
        "tool>=1; extra == 'test'",
    ]
    versions = {"good": "1.5.dev1+cpu", "old": "2.9"}
    monkeypatch.setattr(metadata, "requires", lambda name: lines)
    monkeypatch.setattr(doctor, "version_of", versions.get)
    good, old, absent = doctor.requirements()
    assert good == ("ok", "good 1.5.dev1+cpu", "")
    assert old == ("broken", "old 2.9 is outside the range >=3", doctor.pip("--upgrade", "old>=3"))
    assert absent[:2] == ("broken", "absent is missing")
    assert absent.remedy == doctor.pip("--upgrade", "absent[x]>=1")


def test_a_package_that_does_not_exist_has_no_version():
    assert doctor.version_of("seglab-has-no-such-dependency") is None


def test_seglab_itself_may_be_missing(monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    finding = one(doctor.requirements())
    assert finding.level == "broken"
    assert finding.remedy == doctor.pip("-e", str(ROOT))


releases = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(
    lambda numbers: ".".join(map(str, numbers))
)


@given(
    releases,
    st.lists(st.tuples(st.sampled_from([">=", "<=", "<", ">", "==", "!="]), releases), max_size=3),
)
def test_ranges_mean_what_packaging_says(version, bounds):
    specifiers = pytest.importorskip("packaging.specifiers")
    ranges = ",".join(operator + bound for operator, bound in bounds)
    assert doctor.within(version, ranges) == (version in specifiers.SpecifierSet(ranges))


@pytest.mark.parametrize("version", ["2.15.0+cu132", "2.15.0a1", "2.15.0.post1", "2.15"])
def test_what_follows_a_release_does_not_count(version):
    assert doctor.within(version, ">=2.15,<3")


@pytest.mark.parametrize(
    ("requirement", "parts"),
    [
        ("torch<3,>=2.4", ("torch", "<3,>=2.4")),
        ("torch (<3,>=2.4)", ("torch", "<3,>=2.4")),
        ("scikit-image", ("scikit-image", "")),
        ("a.b_c[x,y] >=1", ("a.b_c", ">=1")),
    ],
)
def test_requirements_are_split(requirement, parts):
    assert doctor.split_requirement(requirement) == parts


# torch and torchvision

TORCH = "__version__ = '2.9.0'\nzeros = lambda *size: size\nget_num_threads = lambda: 4\n"


@pytest.mark.parametrize(
    "complaint",
    [
        "operator torchvision::nms does not exist",
        "_C.so: undefined symbol: _ZN3c10",
        "partially initialized module 'torchvision' has no attribute 'extension'",
        "PyTorch and torchvision were compiled with different CUDA versions",
    ],
)
def test_every_way_of_not_matching(alone, monkeypatch, complaint):
    monkeypatch.setattr(doctor, "version_of", lambda package: "0.19.0")
    fake(alone, "torch", TORCH)
    fake(alone, "torchvision", f"raise RuntimeError({complaint!r})")
    finding = one(doctor.torch())
    assert finding.level == "broken"
    assert finding.what.startswith("torch 2.9.0 and torchvision 0.19.0 do not match")
    assert complaint in finding.what
    assert finding.remedy.endswith(PAIR)


def test_a_pair_that_imports_but_has_no_operators_does_not_match_either(alone):
    fake(alone, "torch", TORCH)
    body = """
__version__ = '0.24.0'
class ops:
    def nms(*_): raise RuntimeError("Couldn't load custom C++ ops. This can happen if ...")
"""
    fake(alone, "torchvision", body)
    assert "do not match" in one(doctor.torch()).what


def test_torchvision_missing_or_failing_for_another_reason(alone):
    fake(alone, "torch", TORCH)
    fake(alone, "torchvision", "raise ModuleNotFoundError(\"No module named 'torchvision'\")")
    finding = one(doctor.torch())
    assert finding[:2] == ("broken", "torchvision is missing beside torch 2.9.0")
    assert finding.remedy == doctor.pip("torchvision")
    (alone / "torchvision" / "__init__.py").write_text("raise OSError('disk on fire')")
    finding = one(doctor.torch())
    assert "does not start beside torch 2.9.0: OSError: disk on fire" in finding.what
    assert finding.remedy == PAIR


def test_torch_missing_or_broken(alone):
    fake(alone, "torch", "raise ModuleNotFoundError(\"No module named 'torch'\")")
    assert one(doctor.torch()) == ("broken", "torch is missing", doctor.pip("torch", "torchvision"))
    (alone / "torch" / "__init__.py").write_text("raise ImportError('DLL load failed: c10.dll')")
    finding = one(doctor.torch())
    assert "installed but does not start: ImportError: DLL load failed" in finding.what
    assert "Visual C++ Redistributable" in finding.remedy


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_a_crash_is_told(alone):
    fake(alone, "torch", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert "the process ended with signal 11" in one(doctor.torch()).what


def test_an_endless_import_is_told(alone, monkeypatch):
    fake(alone, "torch", "import time; time.sleep(60)")
    monkeypatch.setattr(doctor, "PATIENCE", 1)
    assert "no answer after 1 seconds" in one(doctor.torch()).what


def test_conda_mends_what_conda_installed(alone, monkeypatch):
    monkeypatch.setattr(doctor, "installer_of", lambda package: "conda")
    fake(alone, "torch", "raise ImportError('undefined symbol')")
    assert one(doctor.torch()).remedy.startswith("conda install")


def test_a_device_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("SEGLAB_DEVICE", "abacus")
    pair, device = doctor.torch()
    assert pair.level == "ok"
    assert device.level == "broken"
    assert "SEGLAB_DEVICE='abacus' is no device of this machine" in device.what
    assert "SEGLAB_DEVICE" in device.remedy


# The front end, the kernel, the browser


def labextensions(folder, **versions):
    for name, version in versions.items():
        name = name.replace("manager", "@jupyter-widgets/jupyterlab-manager")
        (folder / name).mkdir(parents=True)
        (folder / name / "package.json").write_text(json.dumps({"version": version}))


@pytest.fixture
def front(tmp_path, monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(tmp_path)])
    monkeypatch.setattr(doctor, "version_of", lambda package: "0.11.0")
    return tmp_path


def test_the_front_end_is_complete(front):
    labextensions(front, anywidget="0.11.0", manager="5.0.1")
    assert [f.level for f in doctor.front_end()] == ["ok", "ok"]


def test_a_missing_extension_is_named(front):
    labextensions(front, manager="5.0.1")
    missing, _ = doctor.front_end()
    assert missing[:2] == ("broken", "JupyterLab's extension anywidget is missing")
    assert missing.remedy == doctor.pip("--force-reinstall", "--no-deps", "anywidget")


def test_an_old_extension_in_the_way_is_found(front):
    labextensions(front, anywidget="0.9.0", manager="5.0.1")
    old, _ = doctor.front_end()
    assert old.level == "broken"
    assert f"would load anywidget 0.9.0 from {front / 'anywidget'}" in old.what


def kernelspec(folder, command):
    where = folder / "kernels" / "python3"
    where.mkdir(parents=True)
    spec = {"argv": [command, "-m", "ipykernel_launcher"], "display_name": "", "language": "python"}
    (where / "kernel.json").write_text(json.dumps(spec))


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "jupyter_client.kernelspec.KernelSpecManager._kernel_dirs_default",
        lambda self: [str(tmp_path / "kernels")],
    )
    return tmp_path


@pytest.mark.parametrize("command", ["python", "python3", sys.executable])
def test_the_kernel_runs_this_python(kernels, command):
    kernelspec(kernels, command)
    assert one(doctor.kernel()).level == "ok"


@pytest.mark.skipif(os.name == "nt", reason="Windows lets not everyone make links")
def test_a_kernel_of_another_python_is_found(kernels):
    other = kernels / "other" / "bin"
    other.mkdir(parents=True)
    (other / "python").symlink_to(os.path.realpath(sys.executable))
    kernelspec(kernels, str(other / "python"))
    finding = one(doctor.kernel())
    assert finding.level == "broken"
    assert f"runs another Python, {other / 'python'}" in finding.what


def test_a_browser_is_only_for_the_tests(monkeypatch):
    monkeypatch.delenv("SEGLAB_CHROMIUM", raising=False)
    monkeypatch.setattr(_browser.shutil, "which", lambda name: None)
    monkeypatch.setattr(_browser, "PLACES", ())
    finding = one(doctor.browser())
    assert finding.level == "note"
    assert "apt-get install chromium" in finding.remedy
    monkeypatch.setattr(_browser.shutil, "which", lambda name: f"/bin/{name}")
    assert one(doctor.browser()).level == "ok"


@pytest.mark.skipif(os.name == "nt", reason="cmd.exe quotes otherwise")
def test_commands_can_be_pasted(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/my courses/venv/bin/python")
    command = doctor.pip("--upgrade", "torch<3,>=2.4")
    assert command == "'/my courses/venv/bin/python' -m pip install --upgrade 'torch<3,>=2.4'"


# Folders


def test_folders_that_can_be_written_are_fine():
    assert one(doctor.folders()).level == "ok"


@pytest.mark.parametrize(
    ("variable", "what"),
    [("JUPYTER_RUNTIME_DIR", "running servers"), ("JUPYTER_CONFIG_DIR", "Jupyter's settings")],
)
def test_a_file_where_a_folder_is_meant_is_found(tmp_path, monkeypatch, variable, what):
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv(variable, str(tmp_path / "taken" / "deep"))
    found = one(doctor.folders())
    assert found.level == "broken"
    assert what in found.what
    assert str(tmp_path / "taken") in found.what
    assert f"set {variable}" in found.remedy


def test_a_home_that_cannot_be_written_is_found(monkeypatch):
    def refuses(dir):
        raise OSError(30, "Read-only file system", str(dir))

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuses)
    found = list(doctor.folders())
    assert [finding.level for finding in found] == ["broken"] * 4
    assert all("Read-only file system" in finding.what for finding in found)
