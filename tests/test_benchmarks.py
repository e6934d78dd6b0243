"""The benchmarks run, and their tables have their rows; what they measure is for people to read."""

import ast
import importlib
import importlib.util
import json
import math
import sys
from pathlib import Path

import pytest
import torch

from seglab.images import photos
from seglab.nets import textures

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture
def load(monkeypatch):
    """load(name): a benchmark as a module."""
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    threads = torch.get_num_threads()

    def load_one(name):
        spec = importlib.util.spec_from_file_location(f"benchmark_{name}", FOLDER / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        return module

    yield load_one
    torch.set_num_threads(threads)


def rows(text):
    """The tables' rows as lists of cells, without heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_dense_has_every_way_at_every_size(load, capsys):
    load("dense").main(["--f", "8", "16", "--sizes", "8", "--seconds", "0", "--clock", "cpu"])
    found = [row for row in rows(capsys.readouterr().out) if row[1] == "8"]
    assert [row[0] for row in found] == ["8", "16"] * 3
    assert all(float(cell) > 0 for row in found[:2] for cell in row[2:9])


def test_scaling_has_every_axis(load, capsys):
    load("scaling").main(["--short", "--seconds", "0", "--clock", "cpu"])
    found = rows(capsys.readouterr().out)
    assert sum(row[1] == "pixels" for row in found) == 5
    assert sum(row[1] == "classes" for row in found) == 3


def test_course_has_its_targets(load, capsys):
    course = load("course")
    took, brought = course.imported(1)
    assert took > 0
    assert brought is False
    assert "load" in course.machine()


def test_the_published_net_stands_beside_its_interpreter(load, capsys):
    selfie = load("selfie")
    selfie.main(["--seconds", "0", "--clock", "cpu"])
    found = {row[0]: row[1:] for row in rows(capsys.readouterr().out)}
    assert {selfie.NET, selfie.LARGE, selfie.STEP, "the net, ms"} <= set(found)
    assert found["the net, ms"][1] == "<= 30"


def test_a_net_for_tf_js_has_torchs_weights_with_channels_last(load):
    others, net = load("others"), textures.build(4)
    model, octets = others.layers_model(net, 64)
    model = json.loads(model)
    layers = model["modelTopology"]["model_config"]["config"]["layers"]
    assert [layer["config"]["name"] for layer in layers] == [
        name for name, _ in net.named_children()
    ]
    (group,) = model["weightsManifest"]
    values = torch.frombuffer(bytearray(octets), dtype=torch.float32)
    parts = values.split([math.prod(spec["shape"]) for spec in group["weights"]])
    held = {
        spec["name"]: part.reshape(spec["shape"])
        for spec, part in zip(group["weights"], parts, strict=True)
    }
    for name, layer in net.named_children():
        if isinstance(layer, torch.nn.Conv2d):
            assert torch.equal(held[f"{name}/kernel"], layer.weight.permute(2, 3, 1, 0))
            assert torch.equal(held[f"{name}/bias"], layer.bias)
    with pytest.raises(ValueError, match=r"^Dropout.* is no layer of a texture net"):
        others.layers_model(torch.nn.Sequential(torch.nn.Dropout()), 64)


def test_pages_beside_others_need_the_folder_of_npm(load, tmp_path):
    beside = load("beside")
    with pytest.raises(SystemExit, match=r"has no @tensorflow/tfjs: run npm install"):
        beside.main(["--npm", str(tmp_path)])


def test_ways_take_turns_and_one_that_fails_is_left_out(load, capsys):
    beside, parts = load("beside"), load("measuring").Parts()
    asked = []

    def good(photo):
        asked.append(photo)
        return {"a": len(asked)}

    took = beside.in_turns({"good": good, "bad": lambda photo: 1 / 0}, 3, parts)
    assert took == {("good", "a"): 3}
    assert asked == list(beside.PHOTOS[:4])
    assert parts.failed == ["bad"]
    net = textures.pretrained(16)
    panes = beside.alone({"f = 16": net}).at(photo="coins", name="f = 16").panes
    assert panes["largest score"].array.shape[:2] == net(photos.load("coins")).shape[2:]


def test_what_is_missing_is_said_at_the_start(load):
    measuring = load("measuring")
    measuring.need("torch")
    with pytest.raises(
        SystemExit, match=r"needs nothing_1, nothing_2; .* -m pip install -e '\.\[b"
    ):
        measuring.need("torch", "nothing_1", "nothing_2")


def test_a_part_that_fails_leaves_the_others(load, capsys, monkeypatch):
    course = load("course")
    monkeypatch.setattr(course, "imported", lambda rounds: (0.1, False))
    monkeypatch.setattr(course, "wheel", lambda: 1 / 0)
    with pytest.raises(SystemExit, match=r"^failed: the wheel$"):
        course.main(["--short"])
    said = capsys.readouterr().out
    assert "**the wheel failed**: ZeroDivisionError: division by zero" in said
    assert ["import seglab, s", "0.1", "<= 0.2", "met"] in rows(said)


def test_scaling_keeps_what_it_measured_before_a_failure(load, capsys, monkeypatch):
    scaling = load("scaling")
    monkeypatch.setattr(scaling.heatmap, "label_map", lambda scores: 1 / 0)
    with pytest.raises(SystemExit, match=r"^failed: growth$"):
        scaling.main(["--short", "--seconds", "0", "--clock", "cpu"])
    found = rows(capsys.readouterr().out)
    assert any(row[:2] == ["predict, f = 8", "classes"] for row in found)


def test_the_live_report_stands_without_a_way(load, capsys):
    pytest.importorskip("matplotlib")
    live = load("live")
    keys = {**dict.fromkeys(live.KEYBOARD, 10.0), "cpu": dict.fromkeys(live.CHILDREN.values(), 1.0)}
    drag = {**dict.fromkeys(live.MOUSE, 1.0), "painted/s": 30.0}
    live.report({"seglab, warm": (keys, drag), "seglab, cold": (keys, drag)})
    found = {row[0]: row[1:] for row in rows(capsys.readouterr().out)}
    assert found["warm median : floor"] == ["–", "<= 1.3", "MISSED"]
    assert found["painted a second in the drag"] == ["30", ">= 28", "met"]


def test_medians_take_turns_and_a_fit_finds_its_power(load):
    measuring = load("measuring")
    order = []
    calls = {name: (lambda n=name: order.append(n)) for name in "ab"}
    took = measuring.side_by_side(calls, seconds=0)
    assert order[:4] == ["a", "b", "a", "b"]
    assert set(took) == {"a", "b"}
    assert measuring.exponent([1, 2, 4], [3, 24, 192]) == pytest.approx(3)
    assert measuring.Target("x", 1.0, ">=", 2).met is False
    assert measuring.Target("x", None, "<=", 2).met is False
    assert measuring.number(1234.5) == "1234"
    assert measuring.number(0.01234) == "0.0123"


def test_peak_memory_sees_what_a_call_takes(load):
    found = load("measuring").peak_memory(lambda: torch.ones(2**24), torch.device("cpu"))
    if found is None:
        pytest.skip("this system does not tell a process its peak")
    assert 50 < found < 100


def names_of_modules(path):
    """Yield what a benchmark takes from a module that it imports: (module, attribute, line)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS:
            for alias in node.names:
                yield node.module, alias.name, node.lineno
                modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = modules.get(node.value.id)
            if name and importlib.util.find_spec(name.rpartition(".")[0]) and is_module(name):
                yield name, node.attr, node.lineno


def is_module(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # what stands before the dot is no package
        return False


OURS = {"seglab", "browser"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_what_a_benchmark_takes_from_the_code_is_there(path):
    for module, name, line in names_of_modules(path):
        there = hasattr(importlib.import_module(module), name) or is_module(f"{module}.{name}")
        assert there, f"{path.name}, line {line}: {module} has no {name}"
