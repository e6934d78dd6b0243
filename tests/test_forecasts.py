"""Forecasts of files against what is written: within a factor of two."""

from dataclasses import replace
from importlib import import_module

import pytest

from seglab import lessons, page
from seglab.files import WRITERS, Look, Plan

VARIED = {"04": {}, "08": {"f": [4, 8, 16]}, "14": {}}


def planned(name, writer):
    """A plan of a few states: of two controls three values each, unless they are named."""
    lab = lessons.find(name)
    few = {n: list(control.stored())[:3] for n, control in list(lab.controls.items())[:2]}
    return Plan(lab, VARIED[name] or few, {}, writer.LIMITS.budget, {})


def test_a_page_is_judged_with_what_only_its_tour_shows():
    lab = lessons.find("08")
    few = {"f": [4, 8, 16]}
    told = page.forecast(Plan(lab, few))
    alone = page.forecast(Plan(replace(lab, tour=()), few))
    assert told.states == alone.states
    assert told.pictures > alone.pictures
    assert told.bytes > alone.bytes


CASES = [(name, suffix, 600) for name in VARIED for suffix in WRITERS]
CASES += [(name, ".html", 128) for name in VARIED]  # elsewhere so few pixels are all letters


@pytest.mark.parametrize(("name", "suffix", "px"), CASES)
def test_a_forecast_is_within_a_factor_of_two(name, suffix, px, tmp_path):
    writer = import_module(WRITERS[suffix])
    if suffix == ".mp4":
        pytest.importorskip("imageio_ffmpeg")
    plan = planned(name, writer)
    path = tmp_path / f"lab{suffix}"
    forecast = writer.forecast(plan, px)
    writer.write(plan, path, px, lambda done, total: None, Look("light", False))
    assert 0.5 < forecast.bytes / path.stat().st_size < 2
