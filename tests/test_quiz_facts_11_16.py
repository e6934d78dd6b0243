"""Facts that the questions of labs 11 to 16 rest on: the right option, and each of the others."""

import pytest
import torch

from seglab.lessons.train_your_own import LAB as TRAINING
from seglab.nets import studies, training


@pytest.fixture
def one_thread():
    """So small a net is slowed down by threads that wait for a busy core."""
    with training.repeatable(0):
        yield


# 13-four-scenes


def test_four_scenes_are_learned_by_heart(one_thread):
    run = TRAINING.at(net="U-Net", count=4, steps=200)
    snapshot, new = run.values["training"], run.values["new"]
    assert 115_000 < sum(p.numel() for p in snapshot.net.parameters()) < 125_000
    assert run.values["seen"].labels.unique().tolist() == [0, 1, 2, 3, 4]  # every class was seen
    assert snapshot.quality.seen > 0.95
    assert snapshot.quality.new < 0.45
    assert studies.labels(snapshot.net, new.image).max() < len(studies.CLASSES)  # none refused


# 13-nan


def test_a_loss_that_is_nan_does_not_come_back():
    weight = torch.nn.Parameter(torch.ones(3))
    optimizer = torch.optim.AdamW([weight], 0.003)
    weight.grad = torch.full((3,), float("nan"))
    optimizer.step()
    assert weight.isnan().all()
    weight.grad = torch.ones(3)
    optimizer.step()
    assert weight.isnan().all()


@pytest.mark.parametrize("count", [4, 64, studies.ENDLESS])
def test_a_smaller_rate_helps_and_more_scenes_do_not(one_thread, count):
    assert TRAINING.at(rate=10, count=count, steps=50).values["training"].error
    losses = TRAINING.at(rate=0.003, count=count, steps=50).values["training"].losses
    assert len(losses) == 50
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
