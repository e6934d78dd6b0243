"""Effects of each control on the prediction, in the numbers and in the pictures."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from skimage.measure import points_in_poly
from sklearn import metrics as theirs

from seglab.draw import palettes
from seglab.draw.shapes import Bar, Handle, Label, Line
from seglab.lessons import measuring
from seglab.lessons.measuring import LAB
from seglab.ops import morphology
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
    assert perfect.numbers["wrong pixels"] == 0
    assert set(perfect.values["measured"].values()) == {1}
    assert perfect.values["errors"].max() == 1
    assert set(perfect.values["bands"].unique().tolist()) == {0, 1}


@pytest.mark.parametrize("d", [1, 4])
def test_bands_lie_within_objects_that_are_predicted_or_true(d):
    said, true = torch.zeros(2, 1, 16, 16, dtype=torch.long)
    said[:, 3:12, 3:12], true[:, 5:14, 5:14] = 1, 2
    shown = measuring.bands(said, true, d)
    alone = {2: said, 3: true}
    assert (shown[(said == 0) & (true == 0)] == 0).all()
    assert all((labels[shown == code] > 0).all() for code, labels in alone.items())
    inside = {code: morphology.edge(labels, d) & (labels > 0) for code, labels in alone.items()}
    for code, band in inside.items():
        assert torch.equal(band, (shown == code) | (shown == 1) | (shown == 4))


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
    assert run.values["measured"]["mean IoU"] < 1
    assert run.values["measured"]["mean boundary IoU"] < 1


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
    assert missed.numbers["wrong pixels"] == misnamed.numbers["wrong pixels"]
    one, other = missed.values["measured"], misnamed.values["measured"]
    for name in ("pixel accuracy", "mean accuracy"):
        assert one[name] == other[name]
    assert other["mean IoU"] < one["mean IoU"]


def test_all_background_is_nearly_right_and_half_an_iou():
    run = LAB.at(count=1, fate=measuring.NONE)
    assert not predicted(run).any()
    share = (scene(run).labels == 0).float().mean()
    assert run.values["measured"]["pixel accuracy"] == round(float(share), 3)
    assert run.values["measured"]["mean IoU"] == round(float(share) / 2, 3)
    assert share > 0.9


def test_erosion_takes_and_dilation_adds(perfect):
    truth = scene(perfect).labels > 0
    eroded, dilated = (predicted(perfect.step(grow=n)) > 0 for n in (-1, 1))
    assert (eroded <= truth).all()
    assert (truth <= dilated).all()
    assert eroded.sum() < truth.sum() < dilated.sum()


def test_a_distance_as_wide_as_the_picture_gives_iou(perfect):
    run = perfect.step(shift=2, d=measuring.SIDE)
    assert run.values["measured"]["mean boundary IoU"] == run.values["measured"]["mean IoU"]


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
        assert line.y[list(line.x).index(4)] == run.values["measured"][line.name]


SPOILT = (
    {},
    {"shift": 6, "grow": 2},
    {"fate": measuring.MISNAMED, "shift": 0},
    {"fate": measuring.NONE, "count": 1},
    {"brush": "star", "seed": 3, "d": 4},
)


def bands(labels, k, d):
    """The band of a class: what so many erosions of another library take."""
    mask = labels == k
    if not mask.any():
        return mask
    return mask & ~ndimage.binary_erosion(mask, np.ones((3, 3)), d)


def by_hand(run):
    """The five metrics by scikit-learn, and by SciPy's erosion."""
    said, true = (run.values[name][0].numpy() for name in ("prediction", "truth"))
    flat = true.ravel(), said.ravel()
    kinds = np.union1d(*flat)
    edges = [[bands(labels, k, run.state["d"]) for labels in (said, true)] for k in kinds]
    with np.errstate(invalid="ignore"):
        boundary = np.nanmean([(a & b).sum() / (a | b).sum() for a, b in edges])
    return {
        "pixel accuracy": theirs.accuracy_score(*flat),
        "mean accuracy": theirs.recall_score(*flat, labels=np.unique(true), average="macro"),
        "mean IoU": theirs.jaccard_score(*flat, labels=kinds, average="macro"),
        "mean Dice": theirs.f1_score(*flat, labels=kinds, average="macro"),
        "mean boundary IoU": boundary,
    }


@pytest.mark.parametrize("state", SPOILT, ids=str)
def test_the_bars_are_as_long_as_other_libraries_say(state):
    run = LAB.at(**state)
    shapes = run.panes["metrics"].shapes
    lengths = [bar.right - bar.left for bar in shapes if isinstance(bar, Bar) and bar.ghost]
    assert lengths == pytest.approx(list(by_hand(run).values()), abs=6e-4)
    texts = [shape.text for shape in shapes if isinstance(shape, Label)]
    told = [f"{value:.3f}" for value in run.values["measured"].values()]
    assert texts == [text for pair in zip(by_hand(run), told, strict=True) for text in pair]
    assert all(name in run.panes["metrics"].alt() for name in measuring.METRICS)


def dragged(run, kind):
    shapes = run.panes["drag the mask"].shapes
    return [shape for shape in shapes if isinstance(shape, kind)]


@pytest.mark.parametrize("state", SPOILT[:4], ids=str)
def test_the_lines_on_the_picture_go_around_the_prediction(state):
    run = LAB.at(**state)
    middles = np.indices((measuring.SIDE,) * 2).reshape(2, -1)[::-1].T + 0.5  # (x, y)
    inside = {}
    for line in dragged(run, Line):
        times = inside.setdefault(line.colour, np.zeros(len(middles), int))
        times += points_in_poly(middles, line.points)
    said = np.zeros((measuring.SIDE, measuring.SIDE), int)
    for label in range(len(measuring.CLASSES)):  # the brush's class is a test of its own
        colour = tuple(palettes.labels(label + 1)[label].tolist())
        if colour in inside:
            said[inside[colour].reshape(said.shape) % 2 == 1] = label
    assert (said == predicted(run)[0].numpy()).all()


def test_the_brush_is_a_line_of_its_colour_and_is_not_dragged():
    runs = [LAB.at(brush="star", at=(60, 40), radius=4, shift=shift) for shift in (0, 8)]
    colour = tuple(palettes.labels(6)[5].tolist())
    (one,), (other,) = ([s for s in dragged(r, Line) if s.colour == colour] for r in runs)
    assert one == other
    x, y = np.array(one.points[:-1]).T
    assert np.hypot(x - 40.5, y - 60.5) == pytest.approx(np.full(len(x), 4.5), abs=1)


def test_the_knob_moves_with_the_prediction_from_the_middle_of_the_largest_object():
    run = LAB.at(shift=12)
    (knob,) = dragged(run, Handle)
    at = {value: (x, y) for x, y, value in knob.stops}
    assert list(at) == list(measuring.SHIFTS)
    assert {x - at[0][0] - value for value, (x, _) in at.items()} == {0}
    instances = scene(run).instances[0].numpy()
    largest = np.bincount(instances[instances > 0]).argmax()
    row, column = ndimage.center_of_mass(instances == largest)
    assert at[0] == pytest.approx((column + 0.5, row + 0.5), abs=1e-4)
    assert knob.now == 12
