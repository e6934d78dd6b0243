"""Posters, GIFs and films, read back by other programs."""

import io
import re
import subprocess
from importlib import import_module
from math import ceil

import imageio_ffmpeg
import numpy as np
import pytest
import torch
from helpers import silent
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as Pillow
from small_labs import FRAGILE, GRIDS, LAB

from seglab import cli, save
from seglab.draw import paint
from seglab.files import AS_THE_READER, WRITERS, Plan, optional_dependencies
from seglab.files import _png as png
from seglab.files import _video as video
from seglab.files._images import HIGH, WIDE
from seglab.lab import Choice, Lab, Try
from seglab.live.lab import show
from seglab.paper import Caption, palette, reduced, still
from seglab.paper.canvas import BLUE


def opened(path):
    return Pillow.open(io.BytesIO(path.read_bytes()))


def near(a, b):
    """The mean distance of two pictures in levels, where both have pixels."""
    rows, columns = (min(x, y) for x, y in zip(a.shape[:2], b.shape[:2], strict=True))
    return np.abs(a[:rows, :columns].astype(int) - b[:rows, :columns]).mean()


# Colours


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_few_colours_are_kept_nearly_as_they_are(picture):
    back = np.asarray(reduced(picture, palette(picture)).convert("RGB"))
    assert np.abs(back.astype(int) - picture).max() <= 16
    assert (back[(picture == 255).all(-1)] == 255).all()


@given(arrays.arrays(np.uint8, (5, 5, 3)), arrays.arrays(np.uint8, (256, 3)))
def test_each_pixel_takes_the_nearest_colour(picture, table):
    taken = np.asarray(reduced(picture, table).convert("RGB")).astype(int)
    away = ((picture[:, :, None].astype(int) - table) ** 2).sum(-1).min(-1) ** 0.5
    # The middle of a pixel's cell is at most 4 levels a channel from it, on the way and back.
    assert (((taken - picture) ** 2).sum(-1) ** 0.5 <= away + 2 * 48**0.5 + 1e-6).all()


# A PNG


def test_a_png_is_one_state(tmp_path):
    path = save(LAB, tmp_path / "a.png", fix={"f": 4}, progress=silent)
    page = np.asarray(opened(path))
    assert page.shape[1] == 1800
    assert (page == still(LAB.at(f=4), width=900, scale=2)).all()


def test_a_png_of_a_live_lab_is_what_its_controls_say(tmp_path):
    live = show(LAB, f=4)
    live.controls["threshold"].value = 0.7
    path = save(live, tmp_path / "a.png", px=900, progress=silent)
    assert (np.asarray(opened(path)) == still(LAB.at(f=4, threshold=0.7))).all()


def test_a_sheet_of_states_shows_each_and_what_never_changes_once(tmp_path):
    calls = []
    path = save(
        LAB, tmp_path / "a.png", vary={"threshold": [0.0, 0.9]}, px=1400,
        progress=lambda done, total: calls.append((done, total)),
    )  # fmt: skip
    page = opened(path)
    assert page.size[0] == 1400
    assert calls[-1] == (2, 2)
    plan = Plan(LAB, {"threshold": [0.0, 0.9]})
    assert [output.name for output in plan.of_kind("pane") if output.depends_on] == ["labels"]
    alone = png.contact(Plan(LAB, {"threshold": [0.0, 0.5, 0.9]}), 1400, silent)
    assert alone.shape[0] > page.size[1]  # a row more in the table of numbers


# A GIF


def test_a_gif_has_a_frame_for_each_state_for_a_second_without_end(tmp_path):
    path = save(LAB, tmp_path / "a.gif", vary={"f": None, "softmax": None}, progress=silent)
    film = opened(path)
    states = list(Plan(LAB, {"f": None, "softmax": None}).states())
    assert film.n_frames == len(states) == 8
    assert film.info["loop"] == 0
    pages = []
    for place, state in enumerate(states):
        film.seek(place)
        assert film.info["duration"] == 1000
        pages.append(np.asarray(film.convert("RGB")))
        exact = still(LAB.at(**state), grow=False, width=WIDE, height=HIGH, scale=1280 / WIDE)
        assert near(pages[-1], exact) < 4
    assert len({page.shape for page in pages}) == 1
    assert len({page.tobytes() for page in pages}) == 8


@pytest.mark.parametrize("px", [480, 640])
def test_a_gif_and_a_film_have_the_proportions_of_a_screen(px, tmp_path):
    gif = opened(save(GRIDS, tmp_path / "a.gif", vary=["kernel"], px=px, progress=silent))
    _, frames = decoded(save(GRIDS, tmp_path / "a.mp4", vary=["kernel"], px=px, progress=silent))
    assert gif.n_frames == 3
    assert gif.size == (px, px * 9 // 16) == frames.shape[2:0:-1]


def test_a_page_that_is_too_high_is_made_smaller_and_nothing_of_it_is_cut(tmp_path):
    tall = Lab(
        title="Tall",
        controls={"k": Choice(1, 2)},
        stages=(),
        panes={"table": lambda k: paint.table(["a"], [[str(k)]] * 40)},
    )
    film = opened(save(tall, tmp_path / "a.gif", vary=["k"], px=640, progress=silent))
    assert film.size == (640, 360)
    ink = np.asarray(film.convert("L")) < 215
    assert ink[300:].any()
    assert not ink[356:].any()


def test_states_that_look_like_the_one_before_are_left_out(tmp_path):
    lab = Lab(
        title="Half",
        controls={"k": Choice(*range(6))},
        stages=(),
        panes={"half": lambda k: paint.scalar(torch.full((4, 4), k // 2 / 4.0), low=0, high=1)},
    )
    assert opened(save(lab, tmp_path / "a.gif", vary=["k"], px=320, progress=silent)).n_frames == 3


# A tour


TOURED = Lab(
    title="Toured",
    controls={"k": Choice(2, 3, 4)},
    stages=(),
    panes={"grey": lambda k: paint.scalar(torch.full((4, 4), k / 4.0), low=0, high=1)},
    tour=(
        Try("Set **k** to 3. Is it lighter?", {"k": 3}, "grey", then="It is."),
        Try("And with 4?", {"k": 4}, "grey", then="Word after word. " * 12),
    ),
)


def test_a_tours_film_asks_and_then_shows(tmp_path):
    film = opened(save(TOURED, tmp_path / "a.gif", tour=True, px=960, progress=silent))
    assert film.n_frames == 4
    greys, seconds = [], []
    for place in range(4):
        film.seek(place)
        page = np.asarray(film.convert("RGB"))
        bars = (np.abs(page.astype(int) - BLUE).max(-1) < 12).sum()
        greys.append(page[400, 100].mean())
        seconds.append(film.info["duration"] / 1000)
        assert (bars > 60) == (place % 2 == 1), "what is to be seen comes with the state"
    assert greys[0] < greys[1] == greys[2] < greys[3]
    assert seconds[:3] == [3, 3, 3]
    assert seconds[3] == ceil(36 / 2.6)


def test_a_caption_moves_no_pane():
    few, many = Caption("Say", "Then", True), Caption("Say " * 60, "Then " * 60, True)
    pages = [
        still(TOURED.at(), captions=captions, grow=False, width=WIDE, height=HIGH)
        for captions in ([few, many], [many, few])
    ]
    assert pages[0].shape == pages[1].shape
    assert (pages[0][-150:] == pages[1][-150:]).all()


def test_a_tour_on_one_sheet(tmp_path):
    page = opened(save(TOURED, tmp_path / "a.png", tour=True, px=1200, progress=silent))
    assert page.size[0] == 1200
    ink = np.asarray(page.convert("L")) < 128
    assert ink[:, :600].any()
    assert ink[:, 600:].any()


# A film


def decoded(path):
    """Report of ffmpeg on a video, and its frames, uint8 [N, H, W, 3]."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    command = [program, "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    about = done.stderr.decode()
    width, height = map(int, re.search(r"Video: h264.*, (\d+)x(\d+)", about).groups())
    return about, np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)


def test_a_film_plays_each_state_for_a_second(tmp_path):
    path = save(LAB, tmp_path / "a.mp4", vary={"f": [2, 8, 16]}, px=640, progress=silent)
    assert imageio_ffmpeg.count_frames_and_secs(str(path)) == (3 * video.RATE, 3.0)
    about, frames = decoded(path)
    assert "Video: h264" in about
    assert "yuv420p(tv, bt709" in about
    assert frames.shape[2] == 640
    assert frames.shape[1] % 2 == 0
    assert len(frames) == 3 * video.RATE
    size = {"width": WIDE, "height": HIGH, "scale": 640 / WIDE}
    pages = [still(LAB.at(f=f), grow=False, **size) for f in (2, 8, 16)]
    for second, page in enumerate(pages):
        shown = frames[second * video.RATE + video.RATE // 2]
        distances = [near(shown, other) for other in pages]
        assert distances.index(min(distances)) == second
        assert near(shown, page) < 3


# What is refused


@pytest.mark.parametrize(
    ("suffix", "most"), [(".png", 60), (".gif", 200), (".mp4", 600), (".pptx", 40)]
)
def test_too_many_states_are_refused_with_the_control_to_thin(tmp_path, suffix, most):
    lab = Lab(
        title="Many", controls={"k": Choice(*range(601))}, stages=(),
        panes={}, numbers={"k": lambda k: k},
    )  # fmt: skip
    with pytest.raises(ValueError, match=rf"a {suffix} file holds {most}; thin k to {most} values"):
        save(lab, tmp_path / f"a{suffix}", vary=["k"])
    assert not list(tmp_path.iterdir())


def test_what_nobody_chose_is_small_enough():
    for module in WRITERS.values():
        limits = import_module(module).LIMITS
        assert len(Plan(LAB, budget=limits.budget)) <= limits.budget <= limits.most
    assert len(Plan(LAB, budget=png.LIMITS.budget)) == 1


def test_the_size_is_near_what_was_said(tmp_path):
    for suffix, module in WRITERS.items():
        writer = import_module(module)
        plan = Plan(LAB, {"f": [4, 8]})
        forecast = writer.forecast(plan, 600)
        writer.write(plan, tmp_path / f"a{suffix}", 600, silent, AS_THE_READER)
        assert (forecast.states, str(forecast)[:8]) == (2, "2 states")
        assert 0 < forecast.bytes < 3 * (tmp_path / f"a{suffix}").stat().st_size


@pytest.mark.parametrize(("module", "suffix"), [("imageio_ffmpeg", ".mp4"), ("pptx", ".pptx")])
def test_a_missing_package_is_named_with_the_command(monkeypatch, tmp_path, module, suffix):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(optional_dependencies, "import_module", absent)
    with pytest.raises(ValueError, match=r"missing here; run: pip install 'seglab\[slides\]'"):
        save(FRAGILE, tmp_path / f"a{suffix}", fix={"k": 2})
    assert not list(tmp_path.iterdir())


def test_a_film_that_fails_leaves_no_file(tmp_path):
    def stop(done, total):
        if done == 1:
            raise KeyboardInterrupt

    for suffix in (".gif", ".mp4", ".png", ".pptx"):
        with pytest.raises(KeyboardInterrupt):
            save(FRAGILE, tmp_path / f"a{suffix}", vary=["k"], progress=stop)
    assert not list(tmp_path.iterdir())


def test_a_state_that_fails_says_so_on_its_page(tmp_path):
    path = save(FRAGILE, tmp_path / "a.gif", vary=["k"], progress=silent)
    film = opened(path)
    assert film.n_frames == 4
    film.seek(1)
    orange = np.abs(np.asarray(film.convert("RGB")).astype(int) - (194, 65, 12)).max(-1) < 12
    assert orange.any()


def test_the_command_line_writes_a_poster(tmp_path, monkeypatch, capsys):
    out = tmp_path / "a.png"
    monkeypatch.setattr("sys.argv", ["seglab", "save", "00", str(out), "--px", "600"])
    assert cli.main() == 0
    assert opened(out).size[0] == 600
    assert "MB" in capsys.readouterr().out
