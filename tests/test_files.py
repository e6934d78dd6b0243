"""Helpers of every room that need the standard library alone: files, sentences, a browser."""

import errno
from contextlib import suppress

import pytest

from seglab import _browser, _progress
from seglab._files import atomic, atomic_folder, refusal
from seglab._text import sentence, suggestion
from seglab.lab import Choice, Lab


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.txt"
    with atomic(path) as unfinished:
        unfinished.write_text("new")
        assert unfinished.suffix == ".txt"
        assert not path.exists()
    assert path.read_text() == "new"
    with suppress(KeyboardInterrupt), atomic(path) as unfinished:
        unfinished.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "site"
    for name in ("one", "two"):
        with atomic_folder(path) as fresh:
            (fresh / name).touch()
        assert [file.name for file in path.iterdir()] == [name]
    with suppress(KeyboardInterrupt), atomic_folder(path) as fresh:
        (fresh / "three").touch()
        raise KeyboardInterrupt
    assert [file.name for file in path.iterdir()] == ["two"]
    assert list(tmp_path.iterdir()) == [path]


def failing(error):
    def pane(k):
        raise error

    return Lab("Failing", {"k": Choice(1)}, (), {"mask": pane})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("k=1 is odd; take 2\nand more"), "k=1 is odd; take 2"),
        (ValueError(""), "ValueError in pane 'mask': "),
        (AttributeError("no rgb\nat all"), "AttributeError in pane 'mask': no rgb"),
        (KeyboardInterrupt(), "Stopped."),
    ],
)
def test_an_error_is_one_sentence_that_names_the_pane(error, said):
    with pytest.raises(type(error)) as caught:
        _ = failing(error).at().panes["mask"]
    assert sentence(caught.value) == said


def test_an_error_without_a_place_names_its_kind():
    assert sentence(RuntimeError("no clock")) == "RuntimeError: no clock"


def test_the_nearest_name_is_suggested_and_no_far_one():
    assert suggestion("threshhold", ["f", "threshold"]) == "did you mean 'threshold'? "
    assert suggestion("zebra", ["f", "threshold"]) == ""


def test_a_browser_is_found_where_it_is(monkeypatch, tmp_path):
    monkeypatch.delenv("SEGLAB_CHROMIUM", raising=False)
    monkeypatch.setattr(_browser.shutil, "which", lambda name: None)
    monkeypatch.setattr(_browser, "PLACES", (str(tmp_path / "none"), str(tmp_path)))
    assert _browser.find() == str(tmp_path)
    monkeypatch.setattr(_browser.shutil, "which", lambda name: f"/bin/{name}")
    assert _browser.find() == "/bin/chromium"
    monkeypatch.setenv("SEGLAB_CHROMIUM", "mine")
    assert _browser.find() == "mine"


def test_a_bar_counts_or_hands_on(capsys):
    told = []
    with _progress.bar("state", lambda *one: told.append(one)) as progress:
        progress(1, 2)
    assert told == [(1, 2)]
    assert not capsys.readouterr().err
    with _progress.bar("state") as progress:
        progress(1, 4)
        progress(3, 4)
    assert "state" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "no", "/a/b"), "/a/b is not yours to read or write; choose"),
        (OSError(errno.ENOSPC, "full", "/a/b"), "/a/b has no room: its disk is full; remove"),
        (OSError(errno.EROFS, "no", "/a/b"), "/a/b is on a disk that cannot be written; choose"),
        (OSError(errno.ENAMETOOLONG, "no", "y" * 300), "(300 characters) has a name that is too"),
        (NotADirectoryError(errno.ENOTDIR, "no", "/a/b"), "/a/b lies in a file, not in a folder"),
        (OSError(errno.EIO, "Input/output error", "/a/b"), "/a/b cannot be used: Input/output err"),
        (OSError("something else"), "a file cannot be used: something else"),
        (OSError(errno.ENOSPC, "full", None), "a file has no room: its disk is full"),
    ],
)
def test_what_the_system_refuses_is_one_sentence(error, said):
    words = refusal(error)
    assert said in words
    assert "\n" not in words
    assert len(words) < 200


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with suppress(OSError), atomic(path) as unfinished:
        unfinished.write_text("ha")
        raise OSError(errno.ENOSPC, "full", str(unfinished))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
