"""Effects of each control on the prediction, in the numbers and in the pictures."""

import pytest
import torch

from seglab.lessons import measuring
from seglab.lessons.measuring import LAB
from seglab.ops.instances import areas, ids


@pytest.fixture(scope="module")
def perfect():
    return LAB.at(shift=0)


def scene(run):
    return run.values["scene"]


def predicted(run):
    return run.values["prediction"]


def test_unspoilt_it_is_perfect_by_every_metric(perfect):
    assert torch.equal(predicted(perfect), scene(perfect).labels)
    numbers = dict(perfect.numbers)
    assert numbers.pop("wrong pixels") == 0
    assert set(numbers.values()) == {"1.000"}
    assert perfect.values["errors"].max() == 1
    assert set(perfect.values["bands"].unique().tolist()) == {0, 1}


@pytest.mark.parametrize(
    "change",
    [
        {"shift": 3},
        {"grow": 2},
        {"grow": -2},
        {"fate": measuring.LARGEST},
        {"fate": measuring.MISNAMED},
        {"brush": "background"},
        {"brush": "ring"},
    ],
)
def test_whatever_is_spoilt_is_counted_and_seen(perfect, change):
    run = perfect.step(**change)
    wrong = predicted(run) != scene(run).labels
    assert int(wrong.sum()) == run.numbers["wrong pixels"] > 0
    assert torch.equal(run.values["errors"] > 1, wrong)
    assert float(run.numbers["mean IoU"]) < 1
    assert float(run.numbers["mean boundary IoU"]) < 1


@pytest.mark.parametrize(
    ("fate", "which"), [(measuring.LARGEST, "argmax"), (measuring.SMALLEST, "argmin")]
)
def test_one_object_is_missed(perfect, fate, which):
    run = perfect.step(fate=fate)
    instances = scene(run).instances
    number = ids(instances)[getattr(areas(instances), which)()]
    assert torch.equal(predicted(run) != scene(run).labels, instances == number)
    assert (predicted(run)[instances == number] == 0).all()


def test_a_wrong_name_is_as_many_wrong_pixels_as_a_miss_and_costs_more(perfect):
    missed, misnamed = (perfect.step(fate=f) for f in (measuring.LARGEST, measuring.MISNAMED))
    for name in ("wrong pixels", "pixel accuracy", "mean accuracy"):
        assert missed.numbers[name] == misnamed.numbers[name]
    assert misnamed.numbers["mean IoU"] < missed.numbers["mean IoU"]


def test_all_background_is_nearly_right_and_half_an_iou():
    run = LAB.at(count=1, fate=measuring.NONE)
    assert not predicted(run).any()
    share = (scene(run).labels == 0).float().mean()
    assert run.numbers["pixel accuracy"] == f"{share:.3f}"
    assert run.numbers["mean IoU"] == f"{share / 2:.3f}"
    assert share > 0.9


def test_erosion_takes_and_dilation_adds(perfect):
    truth = scene(perfect).labels > 0
    eroded, dilated = (predicted(perfect.step(grow=n)) > 0 for n in (-1, 1))
    assert (eroded <= truth).all()
    assert (truth <= dilated).all()
    assert eroded.sum() < truth.sum() < dilated.sum()


def test_a_distance_as_wide_as_the_picture_gives_iou(perfect):
    run = perfect.step(shift=2, d=measuring.SIDE)
    assert run.numbers["mean boundary IoU"] == run.numbers["mean IoU"]


def test_the_brush_paints_a_disc_where_it_was_put(perfect):
    run = perfect.step(brush="ring", at=(0, 127), radius=2)
    changed = (predicted(run) != predicted(perfect))[0]
    assert changed.nonzero().tolist() == [
        [0, 125],
        [0, 126],
        [0, 127],
        [1, 126],
        [1, 127],
        [2, 127],
    ]


def test_the_chart_begins_and_passes_where_the_numbers_stand():
    run = LAB.at(shift=4)
    figure = run.charts["Metrics against the shift"]
    assert [line.name for line in figure.data] == list(measuring.METRICS)
    for line in figure.data:
        assert line.y[0] == 1
        assert line.y[list(line.x).index(4)] == float(run.numbers[line.name])
