"""seglab.nets.training: one step after the other, and what happens when the loss is no number."""

import math

import pytest
import torch
from torch import nn

from seglab.nets import checkpoints, training
from seglab.types import NO_LABEL


def small():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Conv2d(4, 2, 1))


def data(step):
    generator = torch.Generator().manual_seed(step)
    image = torch.rand(2, 3, 6, 6, generator=generator)
    return image, (image[:, 0] > 0.5).long()


def adam(net, rate=0.01):
    return torch.optim.AdamW(net.parameters(), rate)


def test_the_steps_are_the_textbook_loop():
    net, plain = small(), small()
    losses = list(training.train_steps(net, adam(net), data, range(5)))
    optimizer, expected = adam(plain), []
    for step in range(5):
        image, labels = data(step)
        loss = nn.functional.cross_entropy(plain(image), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        expected.append(float(loss.detach()))
    assert losses == expected
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), plain.parameters(), strict=True))


def test_looking_at_the_net_on_the_way_changes_nothing():
    net, watched = small(), small()
    losses = list(training.train_steps(net, adam(net), data, range(5)))
    seen = []
    for loss in training.train_steps(watched, adam(watched), data, range(5)):
        seen.append(loss)
        watched.eval()(data(99)[0])
    assert seen == losses


def test_the_rate_is_that_of_the_step():
    net = small()
    optimizer = adam(net)
    used = []
    for _ in training.train_steps(net, optimizer, data, range(3, 6), rate=lambda step: step / 100):
        used.append(optimizer.param_groups[0]["lr"])
    assert used == [0.03, 0.04, 0.05]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_no_number_ends_it_with_the_last_good_weights(bad):
    net = small()

    def loss(scores, labels):
        value = training.labelled(scores, labels)
        return value * bad if len(seen) == 3 else value

    seen, states = [], []
    steps = training.train_steps(net, adam(net), data, range(9), loss)
    for _ in range(3):
        seen.append(next(steps))
        states.append({name: v.clone() for name, v in net.state_dict().items()})
    with pytest.raises(training.Diverged, match=r"the loss is \S+ at step 4: .* rate of 0\.01 is"):
        next(steps)
    good, last = states[1], net.state_dict()  # the third loss was that of the second step's weights
    assert all(torch.equal(good[name], last[name]) for name, _ in net.named_parameters())
    assert math.isfinite(training.labelled(net(data(3)[0]), data(3)[1]).item())


def test_a_first_loss_that_is_no_number_leaves_the_net_as_it_was():
    net = small()
    with pytest.raises(training.Diverged, match="at step 1"):
        next(training.train_steps(net, adam(net), data, range(9), lambda s, _: s.sum() * math.nan))
    assert all(
        torch.equal(a, b)
        for a, b in zip(net.state_dict().values(), small().state_dict().values(), strict=True)
    )


def test_a_rate_that_is_much_too_high_diverges_and_train_says_so():
    net = small()
    with pytest.raises(training.Diverged, match=r"rate of \S+ is too high here; take a tenth"):
        training.train(net, data, 50, learning_rate=1e30, progress=False)
    assert all(value.isfinite().all() for value in net.state_dict().values())


def broken_off(folder, *names):
    with checkpoints.resumable(names, folder) as files:
        for path in files.values():
            path.parent.mkdir(exist_ok=True)
            path.touch()
        raise KeyboardInterrupt


def test_checkpoints_stay_when_a_training_breaks_off_and_go_when_all_is_done(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        broken_off(tmp_path, "one", "two")
    unfinished = tmp_path / "unfinished"
    assert {path.name for path in unfinished.iterdir()} == {"one.safetensors", "two.safetensors"}
    with checkpoints.resumable(["one"], tmp_path):
        pass
    assert {path.name for path in unfinished.iterdir()} == {"two.safetensors"}
    with checkpoints.resumable(["two"], tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_no_two_steps_of_a_training_see_the_same_scene():
    seen = [scene for step in range(50) for scene in training.fresh_seeds(3, step, 8)]
    assert len(set(seen)) == 50 * 8
    assert not set(seen) & {
        scene for step in range(50) for scene in training.fresh_seeds(4, step, 8)
    }


def test_a_training_needs_a_step():
    with pytest.raises(ValueError, match="steps=0"):
        training.train(nn.Conv2d(3, 2, 1), lambda _: pytest.fail("no step"), steps=0)


def test_a_training_learns_and_ignores_what_has_no_label():
    torch.manual_seed(0)
    image = torch.rand(2, 3, 6, 6)
    labels = (image[:, 0] > 0.5).long()
    net = nn.Sequential(nn.Conv2d(3, 8, 1), nn.ReLU(), nn.Conv2d(8, 2, 1))
    labels[:, 0] = NO_LABEL
    losses = training.train(net, lambda _: (image, labels), 150, 0.05, progress=False)
    assert losses[-1] < losses[0] / 4
    right = net(image).argmax(1) == labels
    assert float(right[labels != NO_LABEL].float().mean()) > 0.9
    assert not net.training
