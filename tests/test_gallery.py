import re
from pathlib import Path

import pytest
import torch
from small_labs import FRAGILE, GRIDS
from tiny_deck import HOSTILE

from seglab.draw import paint
from seglab.files.gallery import gallery
from seglab.lab import Choice, Lab

BAD = Lab(
    title=HOSTILE,
    summary=HOSTILE,
    controls={"k": Choice(2, 3)},
    stages=(),
    panes={HOSTILE: lambda k: paint.scalar(torch.eye(k)[None])},
)


def test_every_lab_has_a_card_that_leads_to_its_page(tmp_path):
    told = []
    index = gallery(
        tmp_path / "site", {"01-fragile": FRAGILE, "02-bad": BAD}, lambda *one: told.append(one)
    )
    assert index == tmp_path / "site" / "index.html"
    text = index.read_text(encoding="utf-8")
    named = re.findall(r'(?:href|src)="([^"]*)"', text)
    assert {"01-fragile.html", "02-bad.html", "01-fragile-1.png"} <= set(named)
    for name in named:
        assert (index.parent / name).is_file(), name
    assert {path.name for path in index.parent.iterdir()} == {*named, "index.html"}
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert told[-1] == (2, 2)
    assert "<script" not in text
    assert text.count("<img") == sum(name.endswith(".png") for name in named)
    assert "onerror=&quot;" in text


def test_a_gallery_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    out = tmp_path / "site"
    gallery(out, {"01-fragile": FRAGILE})
    gallery(out, {"02-grids": FRAGILE})
    assert not (out / "01-fragile.html").exists()
    before = sorted(path.name for path in out.iterdir())

    def fail(lab, path, **options):
        Path(path).write_text("half")
        raise ValueError("too much")

    monkeypatch.setattr("seglab.files.gallery.save", fail)
    with pytest.raises(ValueError, match="too much"):
        gallery(out, {"03-grids": GRIDS})
    assert sorted(path.name for path in out.iterdir()) == before
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "index.html").write_text("my own page")
    with pytest.raises(ValueError, match="is not empty and holds no gallery"):
        gallery(tmp_path, {"01-fragile": FRAGILE})
    with pytest.raises(ValueError, match="is a file"):
        gallery(tmp_path / "index.html", {"01-fragile": FRAGILE})
    with pytest.raises(ValueError, match="no folder"):
        gallery(tmp_path / "no" / "where", {"01-fragile": FRAGILE})
    with pytest.raises(ValueError, match="no labs"):
        gallery(tmp_path / "site", {})
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
