import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from PIL import Image as Pillow
from small_labs import FRAGILE, GRIDS
from tiny_deck import HOSTILE

from seglab.deck import beside
from seglab.draw import paint
from seglab.files.gallery import Also, gallery
from seglab.lab import Choice, Lab, Try

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


def test_a_labs_page_leads_back_and_to_its_neighbours(tmp_path):
    labs = {"01-a": FRAGILE, "02-b": BAD, "own": FRAGILE}
    index = gallery(tmp_path / "site", labs)
    ways = {}
    for stem in labs:
        text = (index.parent / f"{stem}.html").read_text(encoding="utf-8")
        nav = re.search(r'<nav class="seglab-ways".*?</nav>', text)[0]
        ways[stem] = re.findall(r'href="([^"]*)"', nav)
        style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[-1]
        digest = b64encode(sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in re.search(r'Security-Policy" content="([^"]*)"', text)[1]
    assert ways == {
        "01-a": ["index.html", "02-b.html"],
        "02-b": ["index.html", "01-a.html", "own.html"],
        "own": ["index.html", "02-b.html"],
    }


def test_further_files_are_linked_where_they_are_made(tmp_path):
    def write(stem, lab, path):
        if stem == "01-a":
            path.write_text(lab.title)

    also = (Also("Film", ".mp4", write), Also("Notes", "-notes.txt", write))
    index = gallery(tmp_path / "site", {"01-a": FRAGILE, "02-b": FRAGILE}, also=also)
    text = index.read_text(encoding="utf-8")
    assert '<a href="01-a.mp4">Film</a><a href="01-a-notes.txt">Notes</a>' in text
    assert "02-b.mp4" not in text
    page = (index.parent / "01-a.html").read_text(encoding="utf-8")
    assert '<a href="01-a.mp4">Film</a>' in page
    assert (index.parent / "01-a-notes.txt").read_text() == FRAGILE.title


def test_a_theme_holds_for_all_pages(tmp_path):
    index = gallery(tmp_path / "site", {"01-a": FRAGILE}, theme="dark")
    for name in ("index.html", "01-a.html"):
        text = (index.parent / name).read_text(encoding="utf-8")
        assert '<html lang="en" data-theme="dark">' in text
    with pytest.raises(ValueError, match="theme='sepia'"):
        gallery(tmp_path / "other", {"01-a": FRAGILE}, theme="sepia")


def test_what_a_gallery_can_have_besides():
    assert [one.ending for one in beside.files(["deck", "pptx"])] == ["-slides.html", ".pptx"]
    with pytest.raises(ValueError, match="also='doc'; give some of deck, mp4, gif, pptx"):
        beside.files(["doc"])


def test_a_film_beside_a_lab_is_its_tour_where_it_has_one(tmp_path):
    (film,) = beside.files(["gif"])
    toured = replace(FRAGILE, tour=(Try("Two?", {"k": 2}, then="Two."),))
    for name, lab, frames in (("a.gif", FRAGILE, 4), ("b.gif", toured, 2)):
        film.write("01-a", lab, tmp_path / name)
        with Pillow.open(tmp_path / name) as picture:
            assert picture.n_frames == frames


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
