"""The click net: its shape, what it reads, its recorded figures, and its training."""

import pytest
import torch
from torch.nn import functional as F

from seglab.images import scenes
from seglab.nets import click_net, registry, weights
from seglab.ops import clicks

NONE = 255


@pytest.fixture
def net():
    return click_net.pretrained()


@pytest.mark.parametrize("size", [(128, 128), (50, 77), (16, 16), (1, 1)])
def test_there_is_a_score_for_every_pixel_of_a_picture_of_any_size(net, size):
    seeds = torch.full((2, *size), NONE)
    with torch.no_grad():
        assert net(torch.rand(2, 3, *size), seeds).shape == (2, 1, *size)


def test_labels_of_nothing_and_clicks_are_told_apart(net):
    image = scenes.make(4).image
    seeds = torch.full((1, 128, 128), NONE)
    on, off = (clicks.put(seeds, (46, 99), label) for label in (1, 0))
    with torch.no_grad():
        features = net.encode(image)
        blank, here, away = (net.decode(features, told)[0, 0] for told in (seeds, on, off))
    assert here[46, 99] > 3 > -3 > away[46, 99]
    assert not torch.equal(blank, here)
    assert not click_net.mask_of(net, features, off).any()
    assert click_net.mask_of(net, features, on)[0, 46, 99]


def test_the_weights_are_small_and_as_recorded():
    (path,) = weights.FOLDER.glob("clicks-*.safetensors")
    assert path.stat().st_size <= 600_000
    assert registry.family("clicks") is click_net.FAMILY


def test_the_first_scenes_are_about_as_good_as_the_recorded_mean(net):
    found = click_net.measure(net, count=12)
    recorded = weights.figures("clicks")
    assert found["parameters"] == recorded["parameters"]
    for n in ("1", "3"):
        assert found["mean_iou"][n] == pytest.approx(recorded["mean_iou"][n], abs=0.08)
    assert found["clicks"]["0.85"] < 4


def test_a_click_of_the_training_labels_no_pixel_wrongly():
    random = torch.Generator().manual_seed(3)
    truth = click_net.objects(scenes.batch(range(3)).instances, 2, random)
    assert truth.shape == (6, 128, 128)
    assert (truth.flatten(1).sum(1) >= 40).all()
    seeds = click_net.clicked_at(torch.full(truth.shape, NONE), truth, truth, 2, random)
    assert seeds[truth].unique().tolist() == [1, NONE]
    assert seeds[~truth].unique().tolist() == [NONE]
    more = click_net.clicked_at(seeds, truth, ~truth, 3, random)
    assert more[~truth].unique().tolist() == [0, NONE]
    same = click_net.clicked_at(seeds, truth, torch.zeros_like(truth), 3, random)
    assert torch.equal(same, seeds)  # nothing is wrong, so nothing is clicked at


def test_the_loss_is_cross_entropy_and_dice_by_the_formula():
    scores = torch.randn(4, 1, 5, 6, generator=torch.Generator().manual_seed(0))
    truth = torch.rand(2, 5, 6, generator=torch.Generator().manual_seed(1)) < 0.4
    twice = torch.cat([truth, truth]).double()
    p = scores[:, 0].double().sigmoid()
    entropy = F.binary_cross_entropy(p, twice)
    dice = [
        1 - (2 * (a * b).sum() + 1) / ((a + b).sum() + 1) for a, b in zip(p, twice, strict=True)
    ]
    assert float(click_net.loss(scores, truth)) == pytest.approx(
        float(entropy) + sum(map(float, dice)) / 4, abs=1e-5
    )


def test_a_few_steps_of_training_are_repeatable(tmp_path):
    def trained(folder):
        click_net.FAMILY.train_and_save(0, tmp_path / folder, progress=False, steps=2)
        return weights.load("clicks", tmp_path / folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(click_net, "measure", lambda net: {**_NO_FIGURES})
        first, second = trained("a"), trained("b")
    assert first.keys() == second.keys()
    assert all(torch.equal(first[key], second[key]) for key in first)


_NO_FIGURES = {
    "parameters": 0,
    "mean_iou": dict.fromkeys(map(str, click_net.SHOWN), 0.0),
    "clicks": {str(goal): 0.0 for goal in click_net.GOALS},
}
