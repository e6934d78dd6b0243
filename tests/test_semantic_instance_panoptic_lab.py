"""Lab 02: which controls have no effect, and what each metric sees of a mistake."""

import pytest

from seglab.course import notebooks
from seglab.lessons import semantic_instance_panoptic as lesson
from seglab.ops import metrics

LAB = lesson.LAB
PERFECT = {"touching": 0, "overlap": 0}


def outcome(run):
    return dict(run.numbers), [picture.rgb().tobytes() for picture in run.panes.values()]


@pytest.mark.parametrize(
    ("state", "idle"),
    [
        ({}, ("h",)),
        ({"picture": lesson.COINS}, ("seed", "objects", "overlap", "touching", "h")),
        ({"objects": 1}, ("overlap", "touching", "h")),
        ({"method": lesson.WATERSHED}, ()),
    ],
)
def test_controls_without_a_say_are_known_and_change_nothing(state, idle):
    run = LAB.at(**state)
    assert run.idle == idle
    before, pieces = outcome(run), run.values["pieces"]
    for name in idle:
        moved = run.step(**{name: LAB.controls[name].options[-1]})
        assert moved.values["pieces"] is pieces
        assert outcome(moved) == before


def values(**state):
    found = LAB.at(**{**PERFECT, **state}).values
    return found["mean_iou"], float(found["precision"].mean()), float(found["quality"].pq)


def test_each_metric_sees_what_it_can():
    assert values() == (1, 1, 1)
    merged = values(touching=1, method=lesson.BLOBS)
    assert merged[0] == 1 > max(merged[1:])
    assert values(mistake=lesson.MISNAMED)[0] < 1
    assert max(values(mistake=lesson.SMALL)) < 1


def test_only_the_commonest_class_is_misnamed():
    right, wrong = (
        LAB.at(mistake=mistake).values["semantics"] for mistake in (lesson.NONE, lesson.MISNAMED)
    )
    changed = right[right != wrong].unique()
    counts = right[right > 0].bincount()
    assert changed.tolist() == [int(counts.argmax())]
    assert (right > 0).equal(wrong > 0)


def test_the_chart_is_of_drawn_scenes_and_averages_them(monkeypatch):
    (chart,) = LAB.charts
    monkeypatch.setattr(LAB.charts[chart], "repeat", ("seed", 2))
    monkeypatch.setattr(LAB.controls["touching"], "options", (0, 1))
    figure = LAB.at(picture=lesson.COINS, objects=4).charts[chart]
    runs = [LAB.at(objects=4, touching=1, seed=seed) for seed in (0, 1)]
    mean = sum(float(run.values["quality"].pq) for run in runs) / 2
    assert [line.name for line in figure.data] == ["mean IoU", "AP", "PQ"]
    assert figure.data[2].y[1] == pytest.approx(mean)


def test_of_500_objects_six_are_not_there_and_the_text_says_so():
    assert LAB.at(objects=500).numbers["objects"].startswith("494 true")
    text = next(notebooks.folder().glob("02-*.ipynb")).read_text(encoding="utf-8")
    assert "Of 500, six find no room or are covered, so 494 are there" in text


def test_panoptic_quality_is_a_product_for_each_class_and_not_for_their_mean():
    run = LAB.at()
    maps = (run.values[name] for name in ("found", "true"))
    panoptic = [part for given in maps for part in (given.panoptic, given.instances)]
    classes = len(run.values["true"].names)
    by_class = metrics.panoptic_quality_by_class(*panoptic, classes=classes)
    whole = run.values["quality"]
    assert by_class.pq.nan_to_num().allclose((by_class.sq * by_class.rq).nan_to_num())
    assert float(whole.sq * whole.rq) < float(whole.pq) - 0.01
