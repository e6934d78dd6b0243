"""Lab 13: what it says about learning is so, and a training can be stopped, resumed and diverge."""

import pytest
import torch

from seglab import show
from seglab.images import scenes
from seglab.lab import Run
from seglab.lessons.pictures import curves as drawing
from seglab.lessons.train_your_own import LAB
from seglab.nets import studies, training
from seglab.ops import morphology


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """So small a net is slowed down by threads that wait for a busy core."""
    with training.repeatable(0):
        yield


def first(**state):
    return Run(LAB, LAB.state(**state), finish_streams=False)


@pytest.fixture(scope="module")
def overfitted():
    """The end of a training on four scenes, by the fastest net."""
    return LAB.at(net="dilated", count=4, steps=100)


def test_four_scenes_are_learned_by_heart_and_new_ones_are_not(overfitted):
    quality = overfitted.values["training"].quality
    assert quality.seen > 0.7
    assert quality.new < 0.4


def test_boundary_iou_reaches_one_half_later_than_mean_iou(overfitted):
    qualities = overfitted.values["training"].qualities
    half = [
        min(step for step, quality in qualities.items() if getattr(quality, name) > 0.5)
        for name in ("seen", "seen_boundary")
    ]
    assert half[0] < half[1]


@pytest.fixture(scope="module")
def endless():
    """The end of a training as the notebook has it."""
    return LAB.at(steps=200)


def test_the_grounds_are_learned_first_and_round_is_not_learned(endless):
    new, history = endless.values["new"], endless.values["training"].qualities
    reached = [
        min((step for step, q in history.items() if q.new_classes[k] >= 0.5), default=None)
        for k in range(len(studies.CLASSES))
    ]
    assert max(reached[:3]) <= 60
    assert reached[3] is None
    assert reached[4] is None
    assert history[200].new_classes[3] < 0.2
    assert all(q.new_boundary < q.new for q in history.values())
    right = studies.labels(endless.values["training"].net, new.image) == new.labels
    near, thing = morphology.edge(new.labels, 4, border=False), new.labels >= 3
    grounds, band, objects = (
        float(right[part].float().mean()) for part in (~near & ~thing, near, ~near & thing)
    )
    assert grounds > band + 0.1
    assert band > objects + 0.1


@pytest.mark.parametrize("count", [4, studies.ENDLESS])
def test_the_weights_that_are_said_are_those_of_the_loss(count, monkeypatch):
    used, labelled = [], training.labelled
    monkeypatch.setattr(
        training,
        "labelled",
        lambda scores, labels, weight: used.append(weight) or labelled(scores, labels, weight),
    )
    run = first(weighting="inverse frequency", count=count)
    run.advance()
    words = ", ".join(f"{n} {w:.1f}" for n, w in zip(studies.CLASSES, used[0], strict=True))
    assert run.numbers["class weights"] == words
    learned = studies.draw(range(64 if count == studies.ENDLESS else count), "train").labels
    shares = learned.flatten().bincount().float()
    assert used[0] * shares == pytest.approx((used[0] * shares).mean().expand(5), rel=1e-4)


def test_without_weighting_each_class_weighs_one():
    assert first().numbers["class weights"] == "1 for each class"
    assert studies.weights("none", 4).tolist() == [1] * 5


def test_a_tenth_of_a_rate_that_is_much_too_high_may_be_too_high():
    snapshot = LAB.at(rate=1).values["training"]
    assert not snapshot.error
    labels = studies.labels(snapshot.net, LAB.at().values["new"].image)
    assert len(labels.unique()) == 1


def test_the_snapshots_are_a_history(overfitted):
    run = first(net="dilated", count=4, steps=100)
    snapshots = [run.values["training"]]
    for _ in range(3):
        run.advance()
        snapshots.append(run.values["training"])
    assert [snapshot.step for snapshot in snapshots] == [0, 2, 4, 6]
    end = overfitted.values["training"]
    assert all(end.losses[: m.step] == m.losses for m in snapshots)
    before, after = (next(iter(snapshot.net.parameters())) for snapshot in snapshots[1:3])
    assert not torch.equal(before, after)  # what was shown stays as it was
    assert str(run.numbers["training"]) == "not done yet"


@pytest.mark.parametrize(
    ("net", "count"), [*zip(studies.NETS, [4, 16, studies.ENDLESS, 64], strict=True)]
)
def test_every_net_learns_and_gets_each_pixel(net, count):
    run = first(net=net, count=count)
    start = run.values["training"]
    for _ in range(4):
        run.advance()
    snapshot = run.values["training"]
    assert min(snapshot.losses[1:]) < snapshot.losses[0]
    assert run.values["new_labels"].shape == (1, studies.SIDE, studies.SIDE)
    assert sum(p.numel() for p in start.net.parameters()) < 500_000


def test_a_rate_of_ten_diverges_and_the_last_good_net_is_kept():
    run = LAB.at(net="U-Net", rate=10)
    snapshot = run.values["training"]
    assert "the loss is nan at step" in run.numbers["training"]
    assert "learning rate of 10 is too high" in run.numbers["training"]
    assert all(value.isfinite().all() for value in snapshot.net.state_dict().values())
    assert snapshot.step < len(snapshot.losses) < 20
    assert max(snapshot.qualities) == snapshot.step


def test_the_lab_stands_untrained_until_start_and_after_a_change():
    live = show(LAB, net="dilated", count=4, steps=50)
    assert live.run.numbers["training"] == "not begun"
    live.start()
    assert live.run.numbers["step"] == 50
    assert live.run.numbers["training"] == "done"
    live.controls["look"].value = 2  # another scene, the same net
    assert live.run.numbers["step"] == 50
    live.controls["rate"].value = 0.03
    assert live.run.numbers["step"] == 0


def test_new_scenes_are_none_of_those_that_it_learns_from():
    assert torch.equal(
        first().values["new"].image, studies.draw(range(studies.NEW), "validation").image
    )
    assert torch.equal(
        first(count=64).values["seen"].image, studies.draw(range(studies.MEASURED), "train").image
    )


def test_labels_say_the_ground_or_what_kind_of_object_lies_there():
    scene = studies.draw(range(20), "train")
    plain = scenes.batch(
        range(20), (64, 64), objects=4, difficulty=0.1, overlap=0.1, touching=0.1, split="train"
    )
    name = dict(enumerate(studies.CLASSES))
    for kind, shape in enumerate(scenes.CLASSES):
        there = scene.labels[plain.labels == kind].unique().tolist()
        expected = {"background": set(scenes.GROUNDS), "disc": {"round"}, "ring": {"round"}}
        assert {name[k] for k in there} == expected.get(shape, {"angular"})


def test_each_scene_comes_once_before_any_comes_again():
    order = studies.shuffled(5)
    epochs = [[next(order) for _ in range(5)] for _ in range(4)]
    assert all(sorted(epoch) == list(range(5)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_weighting_reaches_the_loss():
    losses = []
    for weighting in studies.POWERS:
        run = first(weighting=weighting)
        run.advance()
        losses.append(run.values["training"].losses[0])
    assert len(set(losses)) == len(studies.POWERS)


def lines(run, colour, dashed=False):
    """Points of the one line of this colour."""
    found = [
        shape.points
        for shape in run.panes["curves"].shapes
        if shape.kind == "line" and shape.colour == colour and shape.dashed == dashed
    ]
    (points,) = [one for one in found if len(one) > 2]
    return points


def measured_again(net, scene):
    """Mean IoU of a net over scenes, class by class, with nothing but counting."""
    said = net(scene.image).argmax(1)
    ious = []
    for k in range(len(studies.CLASSES)):
        ours, theirs = said == k, scene.labels == k
        if (ours | theirs).any():
            ious.append(float((ours & theirs).sum() / (ours | theirs).sum()))
    return sum(ious) / len(ious)


def test_the_curves_are_those_of_the_training():
    run = first(net="dilated", count=4, steps=50)
    seen, new = [], []
    while True:
        training = run.values["training"]
        if training.step in (0, 20, 40, 50):
            with torch.no_grad():
                seen.append(measured_again(training.net, run.values["seen"]))
                new.append(measured_again(training.net, run.values["new"]))
        if not run.advance():
            break
    for colour, values in ((drawing.TRAINING, seen), (drawing.NEW, new)):
        points = lines(run, colour)
        assert [x for x, _ in points] == [0, 20, 40, 50]
        bottom, top = drawing.IOU
        drawn = [(y - bottom) / (top - bottom) for _, y in points]
        assert drawn == pytest.approx(values, abs=1e-5)
    losses = run.values["training"].losses
    bottom, top = drawing.LOSS
    points = lines(run, "ink")
    assert [x for x, _ in points] == list(range(5, 51, 5))
    means = [sum(losses[end - 5 : end]) / 5 for end in range(5, 51, 5)]
    assert [(y - bottom) / (top - bottom) * 2 for _, y in points] == pytest.approx(means)
    assert f"loss {means[-1]:.2f}" in run.panes["curves"].says


def test_a_knob_goes_back_to_what_the_net_said_then():
    run = first(net="dilated", count=4, steps=50)
    said = {}
    while True:
        training = run.values["training"]
        if training.step in (0, 20, 40, 50):
            with torch.no_grad():
                said[training.step] = training.net(run.values["new"].image).argmax(1)
        if not run.advance():
            break
    (knob,) = [one for one in run.panes["curves"].shapes if one.kind == "handle"]
    assert (knob.control, knob.now) == ("moment", 1)
    assert [x for x, _, _ in knob.stops] == [0, 20, 40, 50]
    end = run.values["new_labels"]
    for x, _, value in knob.stops:
        back = run.fork(moment=value, look=2)
        assert back.numbers["step"] == x
        assert torch.equal(back.values["new_labels"].long(), said[x][2:3])
        _, net = back.panes["new labels"].parts[0]
        assert (net.array == said[x][2].numpy()).all()
        quality = back.values["training"].qualities[x]
        assert back.numbers["mean IoU, new"] == f"{quality.new:.2f}"
        assert back.values["training"] is run.values["training"]  # nothing is trained again
    assert torch.equal(run.values["new_labels"], end)


def test_a_loss_beyond_the_axis_stays_at_its_top_and_one_that_is_no_number_is_left_out():
    start = first().values["training"]
    losses = (*[50.0] * 10, *[1.0] * 10, *[float("nan")] * 5)
    drawn = drawing.of_training(start._replace(step=25, losses=losses), 50, (0, 1), 1, "moment")
    (points,) = [one.points for one in drawn.shapes if one.kind == "line" and one.colour == "ink"]
    bottom, top = drawing.LOSS
    half = (bottom + top) / 2
    wanted = [(5, top), (10, top), (15, half), (20, half)]
    assert [part for point in points for part in point] == pytest.approx(
        [part for point in wanted for part in point]
    )
    assert first().panes["curves"].says.startswith("step 0 of 200: no loss yet")


def test_earlier_trainings_stay_as_ghosts_in_a_live_lab():
    live = show(LAB, net="dilated", count=4, steps=50)
    ghosts = lambda: [  # noqa: E731 # a name for a reading
        one for one in live.run.panes["curves"].shapes if "earlier" in getattr(one, "says", "")
    ]
    live.start()
    assert not ghosts()
    ended = live.run.values["training"].quality
    live.set(count=16)
    _, new = ghosts()
    assert f"{ended.seen:.2f} and {ended.new:.2f}" in new.says
    bottom, top = drawing.IOU
    assert (new.points[-1][1] - bottom) / (top - bottom) == pytest.approx(ended.new)
    live.start()
    live.restart()
    assert len(ghosts()) == 4  # two trainings, two lines each
    assert live.run.panes["curves"].says.endswith("; beside 2 earlier trainings")
    alone = LAB.at(net="dilated", count=4, steps=50).panes["curves"]
    assert "earlier" not in alone.says
