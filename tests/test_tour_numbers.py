"""Numbers with a point in a tour's sentences: each is read in a state of the tour, or computed."""

import re
from contextlib import suppress

import pytest

from seglab import lessons
from seglab.lab import Run
from seglab.ops import dense, heatmap

LABS = lessons.catalogue() | lessons.further()
NUMBER = re.compile(r"(?<![\w.])(\d+\.\d+)(%?)")
FEW = 16  # entries of a stage that is read as numbers; longer ones hold any number
# Labs whose stages are trained: their own tests run them.
TRAINED = {"13-train-your-own", "19-train-under-a-loss"}
# In no state that the tour, or what it expects, goes through: the test that computes it.
ELSEWHERE = {
    ("05-classifier-to-heatmap", "14.7"): "test_all_windows_cost_14_7_times_as_much",
    ("06-heatmap-to-labels", "86.9%"): "test_the_best_level_of_raw_scores_is_2",
    ("15-finding-instances", "1.5"): "test_a_value_of_a_mask_stands_for_1_5_pixels",
    ("17-what-filters-see", "0.17"): "test_no_class_but_tissue_loses_more_than_0_17",
    ("18-many-resolutions", "99.9%"): "test_from_stride_8_on_nearly_all_is_right_inside",
    ("19-losses", "0.41"): "test_a_gamma_of_5_finds_41_hundredths",
}


def told(run):
    """Texts that a state shows, what takes least time first."""
    yield run.words()
    for group in (run.numbers, run.panes):
        for name in group:
            with suppress(ValueError):  # the lab refuses the state
                shown = group[name]
                yield " ".join(said(shown)) if hasattr(shown, "array") else str(shown)


def said(picture):
    """The texts of a pane."""
    yield picture.alt()
    yield from (text for row in getattr(picture, "rows", ()) for text in row)
    for shape in getattr(picture, "shapes", ()):
        yield from (str(getattr(shape, name, "")) for name in ("says", "text"))
    if picture.field:
        yield from map(str, picture.field.origin)


def scalars(value):
    """The numbers of a stage that gives a few."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield value
    elif isinstance(value, dict | tuple | list) and len(value) <= FEW:
        for part in value.values() if isinstance(value, dict) else value:
            yield from scalars(part)


def is_read(run, number, percent):
    """Tell whether a state shows a number, or has a stage that gives it."""
    digits = len(number.partition(".")[2])
    for text in told(run):
        for other, sign in re.findall(r"(?<![\w.])(\d+(?:\.\d+)?)(%?)", text):
            longer = len(other.partition(".")[2]) >= digits
            if longer and sign == percent and f"{float(other):.{digits}f}" == number:
                return True
    for name in run.lab.steps:
        if isinstance(name, str):
            with suppress(ValueError):
                for value in scalars(run.values[name]):
                    if number in (
                        f"{value * n:.{digits}f}" for n in ((1, 100) if percent else (1,))
                    ):
                        return True
    return False


@pytest.mark.parametrize("stem", sorted(LABS.keys() - TRAINED))
def test_a_number_of_a_tour_is_read_in_one_of_its_states(stem, monkeypatch):
    lab, forks, step_from = LABS[stem], [], Run.fork

    def fork(run, **state):
        forks.append(step_from(run, **state))
        return forks[-1]

    monkeypatch.setattr(Run, "fork", fork)
    runs = [lab.at()]
    for place, step in enumerate(lab.tour, 1):
        before = runs[-1]
        runs.append(step_from(before, **step.set))
        for number, percent in NUMBER.findall(step.then):
            if (stem, number + percent) in ELSEWHERE:
                continue
            if any(is_read(run, number, percent) for run in reversed(runs)):
                continue
            forks.clear()
            step.expect(before, runs[-1])  # goes through the states that it compares
            here = list(forks)
            assert any(is_read(run, number, percent) for run in here), (place, number + percent)


# What no state of a tour shows


def test_all_windows_cost_14_7_times_as_much():
    run = lessons.find("05").at()
    net, size = run.values["convolutional"], tuple(run.values["image"].shape[-2:])
    windows = run.values["best"].numel() * dense.cost(net, (32, 32), "coarse")
    assert f"{windows / dense.cost(net, size, 'coarse'):.1f}" == "14.7"


def test_the_best_level_of_raw_scores_is_2():
    scores = lessons.find("06").at().values["fine_scores"]
    shares = {}
    for level in (0.5, 0.99, 1.5, 2, 2.5, 4):
        shares[level] = float((heatmap.threshold(scores, level).sum(1) == 1).float().mean())
    assert f"{max(shares.values()):.1%}" == f"{shares[2]:.1%}" == "86.9%"


def test_a_value_of_a_mask_stands_for_1_5_pixels():
    run = lessons.find("15").at(net="Mask R-CNN", nms=0.5, pixel=(82, 21))
    height, width = re.search(r"(\d+) × (\d+) box", run.numbers["at your point"]).groups()
    assert {height, width} == {"41", "42"}
    assert f"{41 / 28:.1f}" == f"{42 / 28:.1f}" == "1.5"


def test_no_class_but_tissue_loses_more_than_0_17():
    lab = lessons.find("17")
    state = {name: value for step in lab.tour[:7] for name, value in step.set.items()}
    run = lab.at(**state)
    lost = (run.values["ious"] - run.values["ious_left"]).tolist()
    assert [f"{loss:.2f}" for loss in sorted(lost)[-2:]] == ["0.17", "0.79"]


def test_from_stride_8_on_nearly_all_is_right_inside():
    lab = lessons.find("18")
    for depth in (6, 7, 8, 9):
        assert lab.at(depth=depth).values["result"][2] > 0.999


def test_a_gamma_of_5_finds_41_hundredths():
    lab = lessons.find("19")
    state = {name: value for step in lab.tour[:6] for name, value in step.set.items()}
    run = lab.at(**{**state, "gamma": 5})
    assert f"{run.values['measured']['Dice of the disc']:.2f}" == "0.41"


def test_what_is_elsewhere_stands_in_a_tour_and_has_its_test():
    for (stem, number), name in ELSEWHERE.items():
        assert any(number in step.then for step in LABS[stem].tour), (stem, number)
        assert callable(globals()[name])
