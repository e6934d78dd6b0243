"""Lab 19: what it shows of each pixel is exact, and what it says of a rare class is so."""

import math

import pytest
import torch

from seglab import show
from seglab.lab import Run
from seglab.lessons.losses import LAB, PARAMETER
from seglab.lessons.pictures import loss_curve as drawing
from seglab.lessons.train_under_a_loss import LAB as TRAINING
from seglab.nets import loss_trainings, training
from seglab.ops import pulls

SHARES = loss_trainings.SHARES


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    with training.repeatable(0):
        yield


def found(**state):
    """Accuracy and Dice on the new pictures."""
    measured = LAB.at(**state).values["measured"]
    return measured["pixel accuracy"], measured["Dice of the disc"]


def counted(run):
    """Share of the discs that is found, and of what is found that is disc."""
    said, true = run.values["labels"] == 1, run.values["given"].labels == 1
    both = int((said & true).sum())
    return both / int(true.sum()), both / max(1, int(said.sum()))


def test_pulls_of_the_cross_entropy_are_the_truth_less_p():
    run = LAB.at(net="untrained")
    pull, p, y = (
        run.values["pull"],
        run.values["chances"][0],
        run.values["given"].labels[0],
    )
    torch.testing.assert_close(pull, y - p, atol=1e-5, rtol=0)


@pytest.mark.parametrize("loss", loss_trainings.SETTINGS)
@pytest.mark.parametrize("net", ["trained", "untrained"])
def test_a_pull_is_what_a_small_change_of_the_score_saves(loss, net):
    run = LAB.at(loss=loss, net=net, share=0.04)
    scores = run.values["scores"][:1].double()
    labels, function = run.values["given"].labels[:1], run.values["function"]
    for row, column in ((27, 19), (22, 19), (5, 40)):
        moved = []
        for step in (1e-4, -1e-4):
            changed = scores.clone()
            changed[0, 1, row, column] += step
            moved.append(float(function(changed, labels)))
        wanted = (moved[1] - moved[0]) / 2e-4 * labels.numel()
        assert float(run.values["pull"][row, column]) == pytest.approx(wanted, abs=2e-3, rel=2e-2)


def test_who_pulls_is_a_sum_over_the_picture():
    run = LAB.at(net="untrained", weighting="inverse frequency")
    pull, disc = run.values["pull"].abs(), run.values["given"].labels[0] == 1
    parts = run.values["who_pulls"]
    assert parts["disc pixels"] == pytest.approx(float(pull[disc].sum() / pull.sum()), rel=1e-4)
    assert sum(parts.values()) == pytest.approx(1)
    assert 0.4 < parts["disc pixels"] < 0.6  # as the notebook says: alike at the start


@pytest.mark.parametrize("share", SHARES)
def test_at_the_start_the_background_pulls_with_its_share_of_the_pixels(share):
    parts = LAB.at(net="untrained", share=share).values["who_pulls"]
    assert parts["background pixels"] == pytest.approx(1 - share, abs=0.02)


@pytest.mark.parametrize(
    ("loss", "gamma"), [("cross-entropy", 0), ("focal", 0.5), ("focal", 2), ("focal", 5)]
)
def test_the_curve_is_the_formula_and_ends_where_the_pixel_is(loss, gamma):
    run = LAB.at(loss=loss, **({"gamma": gamma} if gamma else {}))
    *values, here = run.values["curve"]
    own = run.values["own"]
    for p, value in zip((*drawing.SHARES, own), (*values, here), strict=True):
        assert value == pytest.approx(-((1 - p) ** gamma) * math.log(p), abs=3e-3)
    assert run.numbers["its loss"] == f"{here:.2f}"
    assert run.numbers["p of its class"] == f"{own:.2f}"


@pytest.mark.parametrize("at", [(27, 19), (5, 40)])
@pytest.mark.parametrize("loss", PARAMETER)
def test_the_knob_holds_every_value_of_the_parameter(loss, at):
    run = LAB.at(loss=loss, at=at, net="untrained")
    (knob,) = [s for s in run.panes["loss of your pixel"].shapes if s.kind == "handle"]
    assert knob.control == PARAMETER[loss]
    assert knob.values == loss_trainings.SETTINGS[loss]
    assert knob.now == run.values["value"]
    assert len({(x, y) for x, y, _ in knob.stops}) == len(knob.stops)
    scene = run.values["given"]
    _, top = sorted(run.panes["loss of your pixel"].y)
    for number, (x, y, value) in enumerate(knob.stops):
        assert x == drawing.stands_at(number)
        function = loss_trainings.loss_of(loss, value, 0.02)
        pair = run.values["scores"][:1], scene.labels[:1]
        (height,) = pulls.as_one_moves(function, *pair, at, (x,))
        assert y == pytest.approx(min(max(height, 0), top), abs=1e-6)


def test_lovasz_has_no_knob():
    shapes = LAB.at(loss="Lovász-softmax").panes["loss of your pixel"].shapes
    assert not [s for s in shapes if s.kind == "handle"]


def test_the_outcome_of_each_pixel_is_named():
    run = LAB.at(loss="Dice", share=0.02)
    said, true = run.values["labels"][0] == 1, run.values["given"].labels[0] == 1
    outcome = run.values["outcome"]
    assert torch.equal(outcome == 1, true & ~said)
    assert torch.equal(outcome == 2, said & ~true)
    assert torch.equal(outcome == 3, said & true)
    assert run.numbers["disc pixels found"] == f"{int((said & true).sum())} of {int(true.sum())}"


def test_a_setting_without_effect_is_greyed():
    for loss in loss_trainings.SETTINGS:
        idle = set(LAB.idle(LAB.state(loss=loss)))
        assert idle == set(PARAMETER.values()) - {PARAMETER.get(loss)}


def test_the_bars_are_measured_over_all_new_pictures():
    run = LAB.at(loss="Tversky", share=0.04)
    said, true = run.values["labels"] == 1, run.values["given"].labels == 1
    assert len(said) == 32
    dice = 2 * (said & true).sum() / (said.sum() + true.sum())
    assert run.values["measured"]["Dice of the disc"] == pytest.approx(float(dice), abs=1e-5)
    right = (said == true).float().mean()
    assert run.values["measured"]["pixel accuracy"] == pytest.approx(float(right), abs=1e-5)


def test_one_picture_shows_the_same_labels_as_argmax():
    run = LAB.at(loss="focal")
    assert torch.equal(run.values["labels"], run.values["scores"].argmax(1))
    net = run.values["answering"]
    assert torch.allclose(net(run.values["given"].image), run.values["scores"], atol=1e-5)


def test_with_weights_p_is_that_of_equally_common_classes():
    # Of a perfect p, weights turn the odds by their ratio: the pull of both together is 0 there.
    p, weights = torch.tensor(0.1), loss_trainings.class_weights_of("inverse frequency", 0.02)
    odds = (p / (1 - p)) * weights[1] / weights[0]
    q = odds / (1 + odds)
    pull = p * weights[1] * (1 - q) - (1 - p) * weights[0] * q
    assert float(pull.abs()) < 1e-6
    equal = p / 0.02 / (p / 0.02 + (1 - p) / 0.98)  # Bayes, with as many of both
    assert float(q) == pytest.approx(float(equal), rel=1e-4)


# The second lab.


def first(**state):
    return Run(TRAINING, TRAINING.state(**state), finish_streams=False)


def test_the_training_stands_at_its_start_until_it_is_started():
    live = show(TRAINING, loss="Dice", steps=50)
    assert live.run.numbers["training"] == "not begun"
    live.start()
    assert live.run.numbers["training"] == "done"
    assert live.run.numbers["step"] == 50
    live.controls["look"].value = 2  # another picture, the same net
    assert live.run.numbers["step"] == 50
    live.controls["share"].value = 0.01
    assert live.run.numbers["step"] == 0


def test_the_curves_of_a_training_are_measured():
    run = first(loss="Dice", steps=50)
    while run.advance():
        pass
    snapshot = run.values["training"]
    assert list(snapshot.qualities) == list(range(0, 51, 5))
    with torch.no_grad():
        said = snapshot.net(run.values["given"].image).argmax(1)
    assert torch.equal(said, run.values["labels"])
    last = loss_trainings.quality(said, run.values["given"].labels)
    assert snapshot.qualities[50] == pytest.approx(last, abs=1e-4)
    drawn = [s for s in run.panes["curves"].shapes if s.kind == "line" and len(s.points) == 11]
    dice = [y for _, y in drawn[-1].points]
    assert dice == pytest.approx([q.dice for q in snapshot.qualities.values()])
    assert run.numbers["Dice of the disc"] == f"{last.dice:.2f}"


def test_earlier_trainings_stay_as_grey_lines():
    live = show(TRAINING, steps=50)
    live.start()
    grey = lambda: [  # noqa: E731 # a name for a reading
        s
        for s in live.run.panes["curves"].shapes
        if s.kind == "line" and s.colour == "faint" and len(s.points) > 2
    ]
    assert not grey()
    live.set(loss="Dice")
    live.start()
    assert len(grey()) == 1
