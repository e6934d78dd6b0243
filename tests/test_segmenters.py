"""seglab.nets.segmenters: the shipped nets, their figures, and trainings that survive a kill."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from seglab.images import scenes
from seglab.nets import checkpoints, registry, report, segmenters, training, weights

EACH = pytest.mark.parametrize("name", segmenters.SHIPPED)
IN_ORDER = ("fcn-32s", "fcn-16s", "fcn-8s", "unet")


def recorded(figure):
    return [weights.figures(name)[figure] for name in IN_ORDER]


@pytest.mark.parametrize("figure", ["mean_iou", "mean_boundary_iou"])
def test_each_finer_skip_is_worth_something(figure):
    found = recorded(figure)
    assert found == sorted(set(found))


def test_how_good_they_are():
    assert weights.figures("fcn-8s")["mean_iou"] >= 0.82
    assert weights.figures("unet")["mean_iou"] >= 0.90


@EACH
def test_the_recorded_figures_are_those_of_the_shipped_weights(name):
    figures, few = weights.figures(name), segmenters.measure(segmenters.pretrained(name), count=40)
    assert few["parameters"] == figures["parameters"]
    assert few["mean_iou"] == pytest.approx(figures["mean_iou"], abs=0.04)
    assert few["mean_boundary_iou"] == pytest.approx(figures["mean_boundary_iou"], abs=0.04)
    assert few["iou"].keys() == set(scenes.CLASSES)


@EACH
def test_the_shipped_nets_are_ready(name):
    net = segmenters.pretrained(name)
    assert net is segmenters.pretrained(name)
    assert not net.training
    assert not any(p.requires_grad for p in net.parameters())
    assert net(scenes.make(1, (50, 77)).image).shape == (1, len(segmenters.CLASSES), 50, 77)


@EACH
def test_the_loss_fell(name):
    curve = weights.figures(name)["loss"]
    assert len(curve) == 40
    assert curve[-1] < curve[0]


@pytest.mark.parametrize("name", segmenters.NETS)
def test_building_is_seeded_and_leaves_the_seed_alone(name):
    torch.manual_seed(5)
    one, after = segmenters.build(name, seed=3).state_dict(), torch.rand(1)
    torch.manual_seed(5)
    assert torch.rand(1) == after
    two, other = (segmenters.build(name, seed=seed).state_dict() for seed in (3, 4))
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert not all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("call", [segmenters.pretrained, segmenters.build])
def test_an_unknown_name_gets_the_list(call):
    with pytest.raises(ValueError, match=r"name='fcn-4s' must be one of fcn-32s, .*unet"):
        call("fcn-4s")


@EACH
def test_every_shipped_net_can_be_trained_under_its_name(name, tmp_path):
    assert registry.family(name).nets[-1] == name
    weights.save({}, {}, tmp_path)
    with pytest.raises(ValueError, match=f"run 'seglab train {name}'"):
        weights.load(name, tmp_path)


@pytest.fixture
def quick(monkeypatch):
    """Trainings of a few steps on small scenes, that are measured on few."""
    monkeypatch.setattr(segmenters, "SIZE", (32, 32))
    measure = segmenters.measure
    monkeypatch.setattr(
        segmenters, "measure", lambda net, split="test", _=0: measure(net, split, 4)
    )


def train(name, out, **options):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        report = registry.family(name).train_and_save(out=out, progress=False, **options)
    assert all(net in said.getvalue() for net in report)
    return report


def test_a_net_goes_on_from_the_one_before_it(tmp_path, quick, monkeypatch):
    begun = {}
    monkeypatch.setattr(
        training, "train", lambda net, *_, title, **__: begun.update({title: net}) or [1.0, 1.0]
    )
    train("unet-sum", tmp_path)
    first, second = (begun[name].net.state_dict() for name in ("unet", "unet-sum"))
    assert all(torch.equal(first[key], second[key]) for key in first if key.startswith("down"))
    assert not torch.equal(first["scores.weight"], 0 * first["scores.weight"])


# Slow enough to be caught between two steps, and else as `quick` has it.
SLOWLY = """
import sys, time
from seglab.images import scenes
from seglab.nets import segmenters, training
training.SAVE_EVERY = 2
segmenters.SIZE = (32, 32)
make = scenes.batch
scenes.batch = lambda *args, **named: time.sleep(0.3) or make(*args, **named)
segmenters.FCN_16S.train_and_save(out=sys.argv[1], steps=6, progress=False)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_training_ends_with_the_same_weights(tmp_path, quick):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY, str(killed)], cwd=Path(segmenters.__file__).parents[2]
    )
    state = killed / "unfinished" / "fcn-32s.safetensors"
    deadline = time.monotonic() + 110
    while not state.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert state.exists()
    assert not (killed / "index.json").exists()
    shipped = (weights.FOLDER / "index.json").read_bytes()
    resumed, straight = (train("fcn-16s", folder, steps=6) for folder in (killed, whole))
    assert list(straight) == ["fcn-32s", "fcn-16s"]
    assert resumed == straight
    assert (killed / "index.json").read_bytes() == (whole / "index.json").read_bytes()
    assert {path.suffix for path in killed.iterdir()} == {".json", ".safetensors"}
    assert (weights.FOLDER / "index.json").read_bytes() == shipped


# The state between two steps, on a net of one layer.


def small(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Conv2d(4, 2, 1))


def data(step):
    generator = torch.Generator().manual_seed(step)
    return torch.rand(2, 3, 6, 6, generator=generator), torch.randint(
        2, (2, 6, 6), generator=generator
    )


def fitted(path, steps=6, until=None, seed=0, **options):
    """A training, or one that breaks off after `until` steps."""

    def batch(step):
        if step == until:
            raise KeyboardInterrupt
        return data(step)

    net = small(seed)
    with contextlib.suppress(KeyboardInterrupt):
        losses = training.train(net, batch, steps, progress=False, checkpoint=path, **options)
        return net, losses
    return net, None


@pytest.mark.parametrize("until", [1, 2, 3, 5])
def test_going_on_gives_the_same_net_and_losses(tmp_path, until, monkeypatch):
    monkeypatch.setattr(training, "SAVE_EVERY", 1)
    expected, losses = fitted(None)
    fitted(tmp_path / "state.safetensors", until=until)
    net, found = fitted(tmp_path / "state.safetensors", seed=9)
    assert found == losses
    for key, value in expected.state_dict().items():
        assert torch.equal(net.state_dict()[key], value), key


def test_a_finished_training_does_nothing_more(tmp_path):
    path = tmp_path / "state.safetensors"
    net, losses = fitted(path)
    again, found = fitted(path, until=0, seed=9)
    assert found == losses
    assert torch.equal(again[0].weight, net[0].weight)


@pytest.mark.parametrize("other", [{"steps": 7}, {"learning_rate": 0.02}, {"settings": {"a": 1}}])
def test_other_settings_start_anew(tmp_path, other, monkeypatch):
    monkeypatch.setattr(training, "SAVE_EVERY", 1)
    path = tmp_path / "state.safetensors"
    fitted(path, until=3)
    assert fitted(path, **other)[1] == fitted(None, **other)[1]


@pytest.mark.parametrize("damage", [lambda d: d[:40], lambda d: b"", lambda d: b"\x80\x04N."])
def test_a_damaged_state_starts_anew(tmp_path, damage):
    path = tmp_path / "state.safetensors"
    fitted(path)
    path.write_bytes(damage(path.read_bytes()))
    assert fitted(path)[1] == fitted(None)[1]


def test_a_state_of_another_net_changes_nothing(tmp_path):
    path = tmp_path / "state.safetensors"
    net = nn.Conv2d(3, 5, 1)
    checkpoints.save(path, net, torch.optim.AdamW(net.parameters()), [1.0], {"a": 1})
    other = small()
    before = {key: value.clone() for key, value in other.state_dict().items()}
    optimizer = torch.optim.AdamW(other.parameters())
    assert checkpoints.resume(path, other, optimizer, {"a": 1}) == []
    assert all(torch.equal(value, before[key]) for key, value in other.state_dict().items())
    assert not optimizer.state


def test_a_state_holds_no_pickle(tmp_path):
    path = tmp_path / "state.safetensors"
    fitted(path)
    length = int.from_bytes(path.read_bytes()[:8], "little")
    header = json.loads(path.read_bytes()[8 : 8 + length])
    assert json.loads(header["__metadata__"]["settings"])["steps"] == 6


def test_a_curve_is_means_of_equal_parts():
    assert report.curve([4.0, 2.0, 1.0, 1.0], points=2) == [3.0, 1.0]
    assert report.curve([3.0, 1.0], points=40) == [3.0, 1.0]
    assert report.sparkline([8.0, 1.0, 4.5]).split() == ["█▁▅", "8.000", "to", "4.500"]
    assert report.sparkline([2.0, 2.0]).startswith("▁▁")
