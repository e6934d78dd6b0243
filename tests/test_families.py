"""seglab.nets.family: laws that hold for every family of the registry, whatever it trains."""

import contextlib
import io
from dataclasses import replace
from functools import partial

import pytest
import torch

from seglab import device
from seglab.images import mosaics
from seglab.nets import (
    click_net,
    detections,
    five_convolutions,
    loss_trainings,
    registry,
    report,
    segmenters,
    side_outputs,
    textures,
    training,
    weights,
)

EACH = pytest.mark.parametrize("name", registry.FAMILIES)
FIVE = ("65.5", "81.2", "88.4", "91.9", "93.3")
SHIPPED = weights.FOLDER / "index.json"


@pytest.fixture
def quick(monkeypatch):
    """Figures from next to nothing, and small pictures."""
    patches, scenes, objects = textures.measure, segmenters.measure, detections.measure
    borders = five_convolutions.near_borders
    monkeypatch.setattr(textures, "measure", lambda net, **_: patches(net, 70, 1))
    monkeypatch.setattr(segmenters, "measure", lambda net, split="test", _=0: scenes(net, split, 4))
    monkeypatch.setattr(detections, "measure", partial(objects, count=1))
    monkeypatch.setattr(click_net, "measure", partial(click_net.measure, count=1))
    monkeypatch.setattr(five_convolutions, "near_borders", lambda net, **_: borders(net, images=1))
    monkeypatch.setattr(segmenters, "SIZE", (32, 32))
    monkeypatch.setattr(side_outputs, "SIZE", (32, 32))
    monkeypatch.setattr(side_outputs, "measure", partial(side_outputs.measure, count=2))
    monkeypatch.setattr(five_convolutions, "MOSAIC_SIDE", 80)
    monkeypatch.setattr(mosaics, "make", partial(mosaics.make, size=(140, 90), tiles=2))
    monkeypatch.setattr(loss_trainings, "BATCH", 2)
    monkeypatch.setattr(loss_trainings, "NEW", 2)
    monkeypatch.setattr(training, "SAVE_EVERY", 1)


def train(family, out, **options):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        figures = family.train_and_save(out=out, progress=False, **options)
    return figures, said.getvalue()


def index(folder):
    """The index of weights as it stands; it holds the hash of every file."""
    return (folder / "index.json").read_bytes()


def breaking_off(family, before):
    """The family, its last net's training interrupted before this step."""

    def recipe(net, seed, last):
        made = family.recipe(net, seed, last)

        def batch(step):
            if net == family.nets[-1] and step == before:
                raise KeyboardInterrupt
            return made.batch(step)

        return replace(made, batch=batch)

    return replace(family, recipe=recipe)


def test_every_shipped_net_is_of_a_family_that_trains_it():
    families = [registry.family(name) for name in registry.FAMILIES]
    assert [family.name for family in families] == list(registry.FAMILIES)
    trained = {net for family in families for net in family.nets}
    assert trained.isdisjoint(registry.CONVERTED)
    assert trained | set(registry.CONVERTED) == set(weights.names())
    for net in trained:
        assert net in registry.family(registry.command(net)).nets


@EACH
def test_a_pretrained_net_is_ready_and_the_same_each_time(name):
    family = registry.family(name)
    for shipped in family.nets:
        net = family.pretrained(shipped)
        assert net is family.pretrained(shipped)
        assert not any(part.training for part in net.modules())
        assert not any(p.requires_grad for p in net.parameters())
        assert {p.device.type for p in net.parameters()} == {device.default().type}
        recorded = weights.figures(shipped)["parameters"]
        assert sum(p.numel() for p in net.parameters()) == recorded


@EACH
def test_equal_seeds_give_equal_bytes_and_leave_no_trace(name, tmp_path, quick):
    """Also where the second training breaks off and goes on."""
    family = registry.family(name)
    shipped = SHIPPED.read_bytes()
    threads, state, place = torch.get_num_threads(), torch.get_rng_state(), device.default()
    one, said = train(family, tmp_path / "one", seed=5, steps=3)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)
    assert device.default() == place
    assert list(one) == list(family.nets)
    assert SHIPPED.read_bytes() == shipped
    assert said.startswith(report.table(one, family.columns))
    assert said.endswith(f"written to {tmp_path / 'one'}\n")
    assert {path.suffix for path in (tmp_path / "one").iterdir()} == {".json", ".safetensors"}
    for net in family.nets:  # what is stored fits the net that is handed out
        restored = family.restore(net, weights.load(net, tmp_path / "one"))
        assert sum(p.numel() for p in restored.parameters()) == one[net]["parameters"]

    known = replace(family, measure=lambda net, *_: one[net])
    train(known, tmp_path / "other", seed=6, steps=3)
    assert index(tmp_path / "other") != index(tmp_path / "one")

    torch.rand(3)  # what was drawn before has no effect
    killed = tmp_path / "killed"
    with pytest.raises(KeyboardInterrupt):
        train(breaking_off(known, 2), killed, seed=5, steps=3)
    assert [path.name for path in killed.iterdir()] == ["unfinished"]
    assert (killed / "unfinished" / f"{family.nets[-1]}.safetensors").exists()
    assert device.default() == place
    # The first step is not made again.
    two, _ = train(breaking_off(family, 0), killed, seed=5, steps=3)
    assert repr(one) == repr(two)  # a class without an object has NaN, which equals nothing
    assert index(killed) == index(tmp_path / "one")
    assert not (killed / "unfinished").exists()


def test_a_measuring_that_breaks_off_ships_nothing(tmp_path):
    def interrupted(*_):
        raise KeyboardInterrupt

    place = device.default()
    with pytest.raises(KeyboardInterrupt):
        train(replace(textures.FAMILY, measure=interrupted), tmp_path, steps=1)
    assert [path.name for path in tmp_path.iterdir()] == ["unfinished"]
    assert device.default() == place


def test_a_table_has_one_row_for_each_net():
    said = report.table(
        {net: weights.figures(net) for net in five_convolutions.FAMILY.nets},
        five_convolutions.FAMILY.columns,
    )
    lines = said.splitlines()
    assert lines[0].split() == ["net", "weights", *(w for d in "12345" for w in ("layer", d))]
    assert lines[1].split() == ["only-convolutions-f2", "9847", *FIVE]
    assert len({len(line) for line in lines}) == 1


def test_a_table_shows_the_course_of_a_loss():
    figures = {"net": {"loss": [8.0, 1.0, 4.5], "right": 0.5}}
    head, row, curve = report.table(figures, {"right": report.figure("right", digits=2)}).split(
        "\n"
    )
    assert (head.split(), row.split()) == (["net", "right"], ["net", "0.50"])
    assert curve == "net: loss █▁▅  8.000 to 4.500"


def test_text_is_aligned_to_the_left_and_to_the_right():
    assert report.aligned([("a", "bb", "c"), ("aaa", "b", "cc")], left=1) == (
        "a    bb   c\naaa   b  cc"
    )


def test_figures_that_cannot_be_written_are_refused_before_the_training(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="cannot be written"):
        registry.family("unet").train_and_save(out=tmp_path / "file")


def test_an_unknown_family_gets_the_list():
    with pytest.raises(ValueError, match=r"name='texture' has no training: there is textures"):
        registry.family("texture")
