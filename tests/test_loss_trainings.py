"""Lab 19's stored nets: their figures, their common start, and a training that can be watched."""

from functools import partial

import pytest
import torch

from seglab.nets import around, loss_trainings, training, weights
from seglab.nets.loss_trainings import SETTINGS, SHARES
from seglab.ops import losses

RECORDED = weights.figures("losses")["quality"]


@pytest.fixture(autouse=True)
def one_thread():
    with training.repeatable(0):
        yield


def measured(net, share):
    """Accuracy, mean IoU and Dice over the new pictures, by counting."""
    scene = loss_trainings.new(share)
    with torch.no_grad():
        said, true = net(scene.image).argmax(1) == 1, scene.labels == 1
    both, either = (said & true).sum(), (said | true).sum()
    rest = (~said & ~true).sum() / (~said | ~true).sum()
    return (
        float((said == true).float().mean()),
        float((both / either + rest) / 2),
        float(2 * both / (said.sum() + true.sum())),
    )


@pytest.mark.parametrize("share", SHARES)
def test_every_stored_net_has_its_recorded_figures(share):
    recorded = RECORDED[f"{share:g}"]
    assert len(recorded) == sum(len(values) for values in SETTINGS.values())
    for loss, values in SETTINGS.items():
        for value in values:
            name = loss if value is None else f"{loss} {value}"
            found = measured(loss_trainings.trained(loss, value, share), share)
            assert found == pytest.approx(list(recorded[name].values()), abs=1e-4), name


def test_a_net_has_so_many_weights():
    assert sum(p.numel() for p in loss_trainings.untrained().parameters()) == 314
    assert len({id(loss_trainings.trained("focal", g, 0.01)) for g in SETTINGS["focal"]}) == 4


def test_means_are_those_of_the_squares_around_a_pixel():
    image = torch.rand(1, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    found = around.means(image)
    assert found.shape == (1, 15, 40, 40)
    for k, side in enumerate((1, 3, 5, 9, 17)):
        reach = side // 2
        square = image[0, :, 20 - reach : 21 + reach, 18 - reach : 19 + reach]
        wanted = (square.mean((1, 2)) - 0.5) / 0.25
        torch.testing.assert_close(found[0, 3 * k : 3 * k + 3, 20, 18], wanted)


LOSSES = {
    ("cross-entropy", "none"): losses.cross_entropy,
    ("focal", 5): partial(losses.focal, gamma=5.0),
    ("Dice", 100): partial(losses.dice, smooth=100.0),
    ("Tversky", 0.9): partial(losses.tversky, alpha=0.1, beta=0.9),
    ("Lovász-softmax", None): losses.lovasz_softmax,
    ("Dice + boundary", 0.1): lambda s, y: losses.dice(s, y) + 0.1 * losses.boundary(s, y),
}


@pytest.mark.parametrize(("name", "wanted"), LOSSES.items())
def test_a_setting_is_the_loss_that_it_says(name, wanted):
    torch.manual_seed(0)
    scores, labels = torch.randn(2, 2, 6, 6), torch.randint(0, 2, (2, 6, 6))
    found = loss_trainings.loss_of(*name, 0.02)(scores, labels)
    torch.testing.assert_close(found, wanted(scores, labels))


@pytest.mark.parametrize("share", SHARES)
def test_with_the_inverse_frequency_both_classes_weigh_alike(share):
    background, disc = loss_trainings.class_weights_of("inverse frequency", share).tolist()
    assert disc * share == pytest.approx(background * (1 - share), rel=1e-4)
    assert disc * share + background * (1 - share) == pytest.approx(1)
    middle = loss_trainings.class_weights_of("square root", share)
    assert float(middle[1] / middle[0]) == pytest.approx((disc / background) ** 0.5, rel=1e-4)
    assert loss_trainings.class_weights_of("none", share).tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize(("loss", "value"), [("cross-entropy", "none"), ("Dice", 1)])
def test_a_watched_training_ends_as_the_stored_one(loss, value):
    *_, last = loss_trainings.snapshots(loss, value, 0.01)
    stored = RECORDED["0.01"][loss if value is None else f"{loss} {value}"]
    assert last.step == 150
    assert last.qualities[150] == pytest.approx(list(stored.values()), abs=0.02)


def test_snapshots_are_a_history_from_the_same_start():
    one, other = (loss_trainings.snapshots(loss, 1, 0.02, 5, 10) for loss in ("focal", "Dice"))
    start, middle, end = one
    assert [start.step, middle.step, end.step] == [0, 5, 10]
    assert list(start.qualities) == [0]
    assert {k: end.qualities[k] for k in middle.qualities} == middle.qualities
    also = next(other)
    for a, b, c in zip(*(snap.net.parameters() for snap in (start, also, middle)), strict=True):
        assert torch.equal(a, b)
        assert not torch.equal(a, c)


def ends(loss, value, share, seed):
    """Dice of a training that begins with other weights."""
    *_, last = loss_trainings.snapshots(loss, value, share, every=150, seed=seed)
    return last.qualities[150].dice


@pytest.mark.parametrize("seed", [1, 2])
def test_with_other_first_weights_too_the_cross_entropy_finds_less(seed):
    plain, dice = (
        ends(*setting, 0.01, seed) for setting in (("cross-entropy", "none"), ("Dice", 1))
    )
    assert plain < 0.38
    assert dice > 0.4
