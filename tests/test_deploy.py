"""Files for Binder and hubs: what they install, and that all of them set the same."""

import json
import re
import stat
from pathlib import Path

import pytest
import yaml

import seglab

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def dependencies(path):
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
    return {line for line in listed if isinstance(line, str)}


def test_binder_installs_what_the_course_needs_for_processors():
    ours, binder = (dependencies(p / "environment.yml") for p in (ROOT, DEPLOY / "binder"))
    assert binder - ours == {"python=3.12", "pytorch-cpu", "nbgitpuller"}
    assert ours - binder == {"python>=3.10"}


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_what_binder_runs_can_be_run(name):
    path = DEPLOY / "binder" / name
    assert path.stat().st_mode & stat.S_IXUSR
    assert path.read_text().startswith("#!/usr/bin/env bash\n")


def test_every_way_gives_a_student_one_thread_and_the_processor():
    wanted = {**ONE_THREAD, "SEGLAB_DEVICE": "cpu"}
    values = yaml.safe_load((DEPLOY / "hub-values.yaml").read_text())
    assert wanted.items() <= values["singleuser"]["extraEnv"].items()
    for file in (DEPLOY / "binder" / "start", DEPLOY / "Dockerfile"):
        said = dict(re.findall(r"([A-Z_]+)=(\w+)", file.read_text()))
        assert wanted.items() <= said.items(), file.name


def test_values_have_limits_culling_and_the_image_before_the_students():
    values = yaml.safe_load((DEPLOY / "hub-values.yaml").read_text())
    student = values["singleuser"]
    assert student["image"]["tag"] == seglab.__version__
    for part in ("memory", "cpu"):
        guaranteed, limit = (
            float(str(student[part][k]).rstrip("G")) for k in ("guarantee", "limit")
        )
        assert 0 < guaranteed < limit
    assert values["cull"]["enabled"]
    assert values["prePuller"]["hook"]["enabled"]
    assert values["prePuller"]["continuous"]["enabled"]
    (mount,) = student["storage"]["extraVolumeMounts"]
    assert mount["readOnly"]
    assert mount["mountPath"] == student["extraEnv"]["TORCH_HOME"]


def test_kernels_are_culled_before_their_server():
    settings = json.loads((DEPLOY / "jupyter_server_config.json").read_text())
    idle = settings["MappingKernelManager"]["cull_idle_timeout"]
    assert 0 < idle < settings["ServerApp"]["shutdown_no_activity_timeout"]


def test_the_image_takes_what_the_repository_has():
    copied = re.findall(r"COPY --chown=\S+ (\S+)", (DEPLOY / "Dockerfile").read_text())
    assert copied
    assert all((ROOT / path).exists() for path in copied)


def test_the_recipe_of_conda_forge_installs_what_the_environment_does():
    text = (DEPLOY / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    recipe = yaml.safe_load(text.replace("${{", "").replace("}}", ""))
    assert recipe["context"]["version"] == seglab.__version__
    wanted = dependencies(ROOT / "environment.yml") - {"pip"}
    assert {line.replace(" ", "") for line in recipe["requirements"]["run"]} == wanted
    assert all((ROOT / path).is_file() for path in recipe["about"]["license_file"])


def test_a_release_is_tested_and_published_without_a_password():
    path = ROOT / ".github" / "workflows" / "release.yml"
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    assert {"run": ".ci/run"} in jobs["build"]["steps"]
    assert jobs["publish"]["needs"] == "build"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert "secrets." not in path.read_text(encoding="utf-8")
