"""seglab.nets.weights: what is loaded is what was saved, or nothing is."""

import json
import os
from pathlib import Path

import pytest
import torch

from seglab.nets import weights

STATE = {"conv.weight": torch.arange(6.0).reshape(2, 3), "conv.bias": torch.tensor([1.0, -1.0])}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    weights.save({"toy-f2": STATE}, {"toy-f2": {"accuracy": 99.0}}, tmp_path)
    return tmp_path


def file_in(folder: Path) -> Path:
    (path,) = folder.glob("*.safetensors")
    return path


def test_round_trip(folder):
    loaded = weights.load("toy-f2", folder)
    assert loaded.keys() == STATE.keys()
    assert all(torch.equal(loaded[key], STATE[key]) for key in STATE)
    assert weights.figures("toy-f2", folder) == {"accuracy": 99.0}
    assert weights.names(folder) == ("toy-f2",)


@pytest.mark.parametrize("name", weights.names())
def test_the_shipped_files_are_whole_and_small(name):
    assert all(tensor.isfinite().all() for tensor in weights.load(name).values())
    path = weights.FOLDER / json.loads((weights.FOLDER / "index.json").read_text())[name]["file"]
    assert path.stat().st_size <= 1_000_000


def test_no_other_file_is_shipped():
    index = json.loads((weights.FOLDER / "index.json").read_text())
    shipped = {path.name for path in weights.FOLDER.glob("*.safetensors")}
    assert shipped == {entry["file"] for entry in index.values()}


@pytest.mark.parametrize("place", [0, 40, -1])
def test_one_changed_bit_is_refused_before_parsing(folder, place, monkeypatch):
    path = file_in(folder)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    monkeypatch.setattr("safetensors.torch.load", lambda _: pytest.fail("it was parsed"))
    with pytest.raises(
        ValueError, match=r"SHA-256 is [0-9a-f]{64}.* [0-9a-f]{64}.*seglab train toy"
    ):
        weights.load("toy-f2", folder)


def test_a_truncated_file_is_refused(folder):
    path = file_in(folder)
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(ValueError, match=f"{path.name} is damaged"):
        weights.load("toy-f2", folder)


def test_a_missing_file_names_itself_and_the_remedy(folder):
    path = file_in(folder)
    path.unlink()
    with pytest.raises(ValueError, match=f"{path.name} cannot be read .*reinstall seglab"):
        weights.load("toy-f2", folder)


def test_an_unknown_name_gets_the_list(folder):
    with pytest.raises(ValueError, match=r"name='toy-f3' is none of .*toy-f2"):
        weights.load("toy-f3", folder)


@pytest.mark.parametrize("text", [None, "", "{", "[]", "null", '{"toy-f2": {}}', '{"toy-f2": 3}'])
def test_a_damaged_index_is_one_sentence(folder, text):
    path = folder / "index.json"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(ValueError, match=r"index\.json.*reinstall seglab"):
        weights.load("toy-f2", folder)


def test_a_damaged_file_of_others_is_no_matter_of_training(tmp_path):
    weights.save({"selfie": STATE}, {"selfie": {}}, tmp_path, {"selfie": {"source": "elsewhere"}})
    assert weights.origin("selfie", tmp_path) == {"source": "elsewhere"}
    file_in(tmp_path).write_bytes(b"half of it")
    with pytest.raises(ValueError, match=r"recorded is [0-9a-f]{64}\): reinstall seglab$"):
        weights.load("selfie", tmp_path)


def test_weights_of_our_own_have_no_origin(folder):
    assert weights.origin("toy-f2", folder) == {}


def test_saving_again_leaves_one_file_and_other_nets_alone(folder):
    weights.save({"other": STATE}, {"other": {}}, folder)
    weights.save({"toy-f2": {"bias": torch.zeros(1)}}, {"toy-f2": {}}, folder)
    assert weights.load("toy-f2", folder).keys() == {"bias"}
    assert weights.load("other", folder).keys() == STATE.keys()
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("survived", range(3))
def test_an_interrupted_save_leaves_the_old_weights(folder, survived, monkeypatch):
    replace, calls = os.replace, []

    def interrupted(source: str, target: Path) -> None:
        if len(calls) == survived:
            raise KeyboardInterrupt
        calls.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    new = {"toy-f2": {"bias": torch.zeros(1)}, "toy-f4": {"bias": torch.ones(1)}}
    with pytest.raises(KeyboardInterrupt):
        weights.save(new, {name: {} for name in new}, folder)
    assert torch.equal(weights.load("toy-f2", folder)["conv.bias"], STATE["conv.bias"])
    assert not list(folder.glob(".*"))


def test_a_folder_that_cannot_be_written_is_refused_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"out=.*cannot be written"):
        weights.check_writable(tmp_path / "file")
