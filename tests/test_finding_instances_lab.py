"""Lab 15: thresholds run no net, and no number of objects, nor their size, breaks it."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.ndimage import maximum_filter

from seglab.images import scenes
from seglab.lessons import finding_instances as lesson
from seglab.lessons.pictures import votes as voting
from seglab.nets import mask_rcnn, panoptic_deeplab
from seglab.ops import instances

LAB = lesson.LAB
EACH = pytest.mark.parametrize("net", lesson.FINDERS)


@EACH
def test_only_scene_and_net_run_a_net(net, monkeypatch):
    run = LAB.at(net=net)
    repr(run)

    def refuse(*_, **__):
        pytest.fail("a net was run")

    monkeypatch.setattr(panoptic_deeplab, "pretrained", refuse)
    monkeypatch.setattr(mask_rcnn, "pretrained", refuse)
    for change in ({"threshold": 0.7}, {"min_size": 100}, {"nms": 0.1}, {"pixel": (3, 4)}):
        stepped = run.step(**change)
        assert len(list(stepped.panes.values())) == len(LAB.panes)


@EACH
def test_a_higher_threshold_and_a_larger_least_size_never_find_more(net):
    run = LAB.at(net=net, objects=20)

    def found(**state):
        return len(run.step(**state).values["found"].boxes)

    assert found(threshold=0.05) >= found(threshold=0.5) >= found(threshold=0.9)
    assert found(min_size=1) >= found(min_size=100) >= found(min_size=300)


def test_what_is_listed_is_as_large_and_as_sure_as_asked_for():
    for net in (lesson.WATERSHED, lesson.MASK_RCNN):
        objects = LAB.at(net=net, threshold=0.7, min_size=100).values["found"].objects
        assert (objects.scores >= 0.7).all()
        assert (objects.masks.flatten(1).sum(1) >= 100).all()


def test_without_suppression_objects_are_found_many_times():
    every, few = (LAB.at(net=lesson.MASK_RCNN, nms=nms) for nms in (1, 0.1))
    (hits, _, false), (few_hits, _, few_false) = (r.values["counts"] for r in (every, few))
    assert hits >= few_hits > 3
    assert false > few_false


@pytest.mark.parametrize(
    ("net", "objects"),
    [*((net, 0) for net in lesson.FINDERS), (lesson.WATERSHED, 50), (lesson.MASK_RCNN, 50)],
)
def test_none_and_fifty(net, objects):
    run = LAB.at(net=net, objects=objects, threshold=0.05, min_size=1)
    assert "found" in repr(run)
    assert all(picture.rgb().any() for picture in run.panes.values())


@pytest.mark.parametrize("net", [lesson.WATERSHED, lesson.MASK_RCNN])
def test_five_hundred(net):
    scene = lesson.scene(3, 500, 0.5)
    found = lesson.found(lesson.finder(net, lesson.answer(net, scene)), 0.05, 0.5, 1)
    hits, missed, _ = lesson.counts(lesson.compared(found=found, scene=scene))
    assert hits + missed == len(scene.instances.unique()) - 1 > 400


def single_pixels():
    """A scene of nine objects of one pixel each, true and found."""
    labels, numbers = torch.zeros(1, 128, 128).long(), torch.zeros(1, 128, 128).long()
    for number in range(9):
        numbers[0, 10 * number + 5, 12 * number + 7] = number + 1
        labels[0, 10 * number + 5, 12 * number + 7] = number % 6 + 1
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    return SimpleNamespace(image=image, labels=labels, instances=numbers)


def test_objects_of_one_pixel():
    scene = single_pixels()
    scores = 20 * torch.nn.functional.one_hot(scene.labels, len(scenes.CLASSES))
    heatmap, offsets = lesson.instances.center_targets(scene.instances, 1.0)
    answer = panoptic_deeplab.Prediction(scores.permute(0, 3, 1, 2).float(), heatmap, offsets)
    for net in (lesson.WATERSHED, lesson.CENTERS):
        found = lesson.found(lesson.finder(net, answer), 0.3, 0.5, 1)
        compared = lesson.compared(found=found, scene=scene)
        assert lesson.counts(compared) == (9, 0, 0)
        assert lesson.ap50([compared]) == 1
        numbered = lesson.numbered(apart=lesson.apart(found=found), scene=scene)
        assert numbered.equal(scene.instances)
        kinds = lesson.kinds(numbered, found)
        assert kinds.tolist() == [number % 6 + 1 for number in range(9)]
        chosen = lesson.chosen(found=found, pixel=(5, 7))
        assert found.objects.masks[chosen][5, 7]
        things = lesson.things(lesson.apart(found=found), numbered, found)
        assert sorted(things) == list(range(1, 10))
        lesson.boxed(scene, found, chosen, things)
        sides = lesson.region(scene, found, chosen).parts
        assert [side.size for _, side in sides] == [(28, 28), (28, 28)]


def test_the_nearest_box_is_chosen():
    boxes = torch.tensor([[10.0, 10, 20, 20], [12, 12, 15, 15], [60, 50, 70, 55]])
    found = SimpleNamespace(boxes=boxes)
    assert lesson.chosen(found=found, pixel=(14, 14)) == 0  # the best of those that hold it
    assert lesson.chosen(found=found, pixel=(65, 90)) == 2
    assert lesson.chosen(found=SimpleNamespace(boxes=boxes[:0]), pixel=(0, 0)) is None


def test_what_has_no_say_is_listed_and_runs_no_stage():
    run = LAB.at(net=lesson.CENTERS, objects=1)
    assert LAB.idle(run.state) == ("touching", "nms")
    assert LAB.idle(LAB.state(net=lesson.MASK_RCNN)) == ()
    kept = {name: run.values[name] for name in ("scene", "answer", "found")}
    moved = run.step(nms=0.1, touching=1)
    assert all(moved.values[name] is value for name, value in kept.items())


def test_the_chart_pools_the_scenes_of_each_net(monkeypatch):
    monkeypatch.setattr(LAB.controls["touching"], "options", (0, 1))
    monkeypatch.setattr(lesson.LAB.charts["Measure over more scenes"], "repeat", ("seed", 2))
    figure = LAB.at(objects=0).charts["Measure over more scenes"]
    assert [line.name for line in figure.data] == list(lesson.FINDERS)
    assert figure.layout.title.text == "8 scenes of 1 objects"
    several = [
        LAB.at(objects=1, touching=1, net=lesson.WATERSHED, seed=seed).values["compared"]
        for seed in (0, 1)
    ]
    assert figure.data[0].y[1] == lesson.ap50(several)


def dots(run):
    return [one for one in run.panes["scores on one axis"].shapes if one.kind == "dot"]


@EACH
@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.9])
def test_a_dot_is_filled_where_its_object_is_found(net, threshold):
    run = LAB.at(net=net, threshold=threshold, min_size=1)
    filled = [one.x for one in dots(run) if not one.hollow]
    if net == lesson.CENTERS:  # an object's score is its peak's times the probability of its class
        heatmap = run.values["answer"].heatmap[0, 0].numpy()
        highest = (heatmap == maximum_filter(heatmap, 7)) & (heatmap > threshold)
        found = heatmap[highest]
    else:
        found = run.values["found"].objects.scores.numpy()
    assert np.allclose(sorted(filled), sorted(found), atol=1e-6)
    below = [one.x for one in dots(run) if one.hollow]
    assert all(score <= threshold for score in below)


def test_the_knob_and_a_click_on_the_axis_set_what_they_say():
    run = LAB.at(net=lesson.MASK_RCNN, threshold=0.7)
    shapes = run.panes["scores on one axis"].shapes
    (knob,) = (one for one in shapes if one.kind == "handle")
    assert (knob.control, knob.now) == ("threshold", 0.7)
    assert [(x, value) for x, _, value in knob.stops] == [(v, v) for v in lesson.THRESHOLDS]
    bands = [one for one in shapes if one.kind == "bar"]
    assert [one.sets for one in bands] == [("net", name) for name in lesson.FINDERS]


def test_no_two_dots_of_the_axis_lie_on_each_other():
    for net in lesson.FINDERS:
        places = [(one.x, one.y) for one in dots(LAB.at(net=net))]
        for i, (x, y) in enumerate(places):
            assert not any(abs(x - a) < 0.02 and abs(y - b) < 0.1 for a, b in places[:i]), net
    crowd = [one.y for one in dots(LAB.at(net=lesson.MASK_RCNN, nms=1))]
    assert len(crowd) > 60
    assert max(crowd) - min(crowd) <= 0.61  # they stay in their row


@EACH
def test_the_usual_scores_are_those_of_right_objects_in_ten_scenes(net):
    right = []
    for seed in range(10):
        values = LAB.at(net=net, seed=seed, threshold=0.05).values
        overlaps, scores, classes, truths = values["compared"]
        hit = ((overlaps > 0.5) & (classes[:, None] == truths)).any(1)
        if net == lesson.CENTERS:
            answer, centers = values["answer"], values["peaks"]
            (owner,) = instances.group([centers], answer.offsets, answer.scores.argmax(1) > 0)
            masks = values["found"].objects.masks[hit]
            right += [float(centers.score[int(owner[mask].mode().values) - 1]) for mask in masks]
        else:
            right += scores[hit].tolist()
    assert np.quantile(right, [0.05, 0.95]).round(2).tolist() == list(lesson.USUAL[net])


def test_a_vote_is_an_offset_and_goes_to_the_nearest_center_that_is_left():
    run = LAB.at(threshold=0.5)
    answer, drawn = run.values["answer"], run.panes["where pixels point"]
    offsets, centers = answer.offsets[0].numpy(), run.values["peaks"]
    inside = answer.scores[0].argmax(0).numpy() > 0
    arrows = [one for one in drawn.shapes if one.kind == "arrow"]
    votes = [one for one in arrows if one.colour != voting.INK]
    wanted = [(r, c) for r in range(3, 128, 6) for c in range(3, 128, 6) if inside[r, c]]
    assert [(one.y, one.x) for one in votes] == wanted
    owned = run.panes["objects"].rgb()
    for one in votes:
        to = np.array([one.y, one.x]) + offsets[:, one.y, one.x]
        assert np.allclose([one.to_y, one.to_x], to, atol=1e-4)
        assert one.colour == tuple(owned[one.y, one.x])
    # From all pixels: the center that takes most of those whose own center is lost.
    places, left = centers.place.numpy(), centers.score.numpy() > 0.5
    goals = np.argwhere(inside) + offsets[:, inside].T
    away = np.linalg.norm(goals[:, None] - places, axis=2)
    first, now = away.argmin(1), np.where(left, away, np.inf).argmin(1)
    wanted = {
        (tuple(places[lost]), tuple(places[np.bincount(now[first == lost]).argmax()]))
        for lost in set(first[~left[first]])
        if (first == lost).sum() > 100
    }
    flights = [one for one in arrows if one.colour == voting.INK]
    assert len(flights) == len(wanted) == 5
    assert {((one.y, one.x), (one.to_y, one.to_x)) for one in flights} == wanted


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.9])
def test_the_words_of_peaks_and_of_scores_count_what_is_above_the_threshold(threshold):
    run = LAB.at(threshold=threshold)
    scores = run.values["answer"].heatmap[0, 0][tuple(run.values["peaks"].place.long().T)]
    above = int((scores > threshold).sum())
    assert f" peaks, {above} of them kept" in run.panes["where pixels point"].says
    assert f" point to {len(scores)} peaks, " in run.panes["where pixels point"].says
    told = f"threshold {threshold:g}: {above} of {len(scores)} are above it"
    pane = run.panes["scores on one axis"]
    (knob,) = (one for one in pane.shapes if one.kind == "handle")
    assert knob.says == told
    assert pane.says == (
        f"scores of {run.state['net']}: {', '.join(f'{float(s):.2f}' for s in scores)}; {told}"
    )
    says = [one.says for one in pane.shapes if one.kind == "dot"]
    assert says == [
        f"score {float(s):.2f}: {'kept' if s > threshold else 'dropped'}" for s in scores
    ]


def test_a_click_on_a_peak_chooses_its_object():
    run = LAB.at()
    peaks = [one for one in run.panes["where pixels point"].shapes if one.kind == "dot"]
    kept = [one for one in peaks if one.says.endswith("kept")]
    assert len(kept) == 8
    assert len({one.thing for one in kept} - {None}) == 5  # three rings have theirs in their hole
    for one in kept:
        assert one.sets == ("pixel", (round(one.y), round(one.x)))
        if one.thing:
            (number,) = run.values["numbered"][:, round(one.y), round(one.x)].tolist()
            assert number == one.thing
    lost = [one for one in peaks if one.says.endswith("lost")]
    assert {one.colour for one in lost} == {voting.WHITE}
    assert not any(one.sets for one in lost)


def test_without_a_center_no_vote_flies():
    run = LAB.at(threshold=0.9)
    assert voting.flights(run.values["votes"]) == []
    empty = LAB.at(objects=0).panes["where pixels point"]
    assert {one.kind for one in empty.shapes} <= {"thumbnail", "dot"}  # a lost peak
