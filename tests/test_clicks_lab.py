"""Lab 21: its panes by other means, its course of clicks, and the facts of its quizzes and text."""

import pytest
import torch

from seglab import show
from seglab.images import masks, photos, resize, scenes
from seglab.lessons import clicks as lesson
from seglab.lessons.tours.clicks import ASTRONAUT, HELMET
from seglab.nets import click_net, clickable, selfie, weights
from seglab.nets.clickable import COMPETITION, CUT, METHODS, NET, WALKER
from seglab.ops import clicks

LAB = lesson.LAB


def iou(**state):
    return LAB.at(**state).values["iou"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("picture", ["scene 4", "scene 7"])
def test_the_panes_show_what_the_method_says(method, picture):
    run = LAB.at(picture=picture, method=method, robot=2)
    image = scenes.make(lesson.SCENES[picture]).image
    truth, course = run.values["truth"], run.values["course"]
    labelled = clicks.seeds(run.state["brush"], (128, 128))
    for click in course.clicks:
        labelled = clicks.put(labelled, click.at, click.label, min(3, click.depth - 0.5))
    score = clickable.scorer(method, image)(labelled)
    mask = score[:, 0] > 0.5
    assert torch.equal(run.values["mask"].cpu(), mask.cpu())
    assert torch.equal(torch.from_numpy(run.panes["labelled pixels"].array).long(), labelled[0])
    shown = run.panes["object score"].array / 254
    assert abs(shown - score[0, 0].cpu().numpy()).max() < 0.003
    errors = torch.from_numpy(run.panes["errors"].array)
    assert torch.equal(errors % 2 == 1, truth[0].cpu())
    assert torch.equal((errors == 1) | (errors == 2), mask[0].cpu())
    union = int((mask | truth).sum())
    assert run.numbers["IoU"] == f"{int((mask & truth).sum()) / union:.2f} with the truth"


def test_the_truth_of_a_scene_is_the_object_that_is_clicked_at():
    instances = scenes.make(4).instances
    for row, column in ((37, 36), (46, 99), (89, 50)):
        run = LAB.at(brush=f"object point {row}:{column}")
        assert torch.equal(run.values["truth"], instances == instances[0, row, column])
    largest = instances.flatten().bincount()[1:].argmax() + 1
    assert torch.equal(LAB.at(brush="nothing").values["truth"], instances == largest)


def test_the_picture_marks_strokes_robot_and_mask():
    marks = LAB.at(brush="two clicks", robot=3).panes["draw here"].marks
    dots = [mark for mark in marks if mark.kind == "dot"]
    assert [dot.text for dot in dots] == ["", "", "1", "2", "3"]
    assert {dot.colour for dot in dots} == set(lesson.labelling.COLOURS)
    assert any(mark.kind == "box" for mark in LAB.at(brush="a box").panes["draw here"].marks)
    lines = LAB.at(brush="a line").panes["draw here"].marks
    assert not all(mark.closed for mark in lines if mark.kind == "outline")


def test_the_encoder_runs_once_however_many_clicks(monkeypatch):
    counts = {"encode": 0, "decode": 0}
    for name in counts:
        whole = getattr(click_net.ClickNet, name)

        def counted(self, *given, name=name, whole=whole):
            counts[name] += 1
            return whole(self, *given)

        monkeypatch.setattr(click_net.ClickNet, name, counted)
    run = LAB.at(method=NET)
    run.values["mask"].sum()
    before = dict(counts)
    assert before["encode"] == 1
    for brush in ("two clicks", "a box", "a line"):
        run = run.step(brush=brush)
        run.values["mask"].sum()
    assert counts["encode"] == 1
    assert counts["decode"] >= before["decode"] + 3


def test_a_photograph_is_compared_with_lab_16():
    image = photos.load("astronaut", size=128)
    person = selfie.person(selfie.pretrained(), resize.image(image, (256, 256)))
    run = LAB.at(picture="astronaut")
    assert torch.equal(run.values["truth"], resize.image(person, (128, 128))[:, 0] >= 0.5)
    assert run.numbers["IoU"].endswith("with lab 16")


def test_what_is_drawn_in_the_lab_is_saved_and_measured(tmp_path):
    live = show(LAB)
    live.set(picture="astronaut", brush=ASTRONAUT, method=CUT, contrast=2)
    mine = live.run.values["mask"]
    path = masks.save(mine, tmp_path / "my-mask.png")
    truth = masks.load(path)
    assert torch.equal(truth, mine.cpu())
    found = live.run.values["truth"].cpu()
    share = float((truth & found).sum() / (truth | found).sum())
    assert share == pytest.approx(live.run.values["iou"], abs=1e-6)


# The notebook's facts


def test_one_click_on_the_star_and_the_cut_shrinks():
    run = LAB.at(method=CUT)
    mask, clicked = run.values["mask"], run.values["labelled"] == 1
    assert (int(mask.sum()), int(clicked.sum())) == (35, 29)
    assert bool(mask[clicked].all())
    down, across = clicks.neighbour_costs(run.values["image"])
    star = run.values["truth"]

    def cost(mask):
        vertical = down[mask[:, 1:] != mask[:, :-1]].sum()
        return int(vertical + across[mask[:, :, 1:] != mask[:, :, :-1]].sum())

    assert cost(mask) < cost(star) / 3
    image = run.values["image"][0]
    green = (image[1] > image[0]) & (image[1] > image[2])
    assert green[star[0]].float().mean() > 0.95
    assert green[:45].float().mean() > 0.6
    assert iou(brush="object point 46:99", method=CUT) > 0.97


def test_a_line_of_object_does_worse_than_a_click():
    by_name = {name: iou(brush=name) for name in ("one click", "two clicks", "a line", "a box")}
    assert by_name["a line"] < by_name["one click"] < by_name["two clicks"] < by_name["a box"]


def test_a_box_is_sure_of_what_lies_outside_only():
    run = LAB.at(brush="a box")
    truth, labelled = run.values["truth"], run.values["seeds"]
    assert not truth[labelled == 0].any()
    inside = torch.zeros_like(truth)
    inside[:, 13:60, 14:62] = True
    assert 0.3 < truth[inside].float().mean() < 0.6
    ring = LAB.at(picture="scene 1", brush="object box 4:4 46:38")
    guessed = ring.values["seeds"] == 1
    assert not (ring.values["truth"] & guessed).all()
    assert (~ring.values["truth"] & guessed).any()  # the middle of a ring is none of it


def test_not_every_click_helps():
    ious = LAB.at(picture="scene 1", method=COMPETITION, robot=6).values["course"].ious
    assert ious[6] < ious[5] / 2
    walk = LAB.at(picture="scene 1", method=WALKER, robot=4).values["course"].ious
    assert walk[0] < 0.3 < 0.95 < walk[4]


def test_no_threshold_takes_the_helmet_away():
    large = resize.image(photos.load("astronaut", size=128), (256, 256))
    person = resize.image(selfie.person(selfie.pretrained(), large), (128, 128))[0, 0]
    assert person[HELMET].median() > 0.99
    mine = LAB.at(picture="astronaut", brush=ASTRONAUT, method=CUT, contrast=2)
    assert not mine.values["mask"][0][HELMET].any()


def test_the_net_needs_fewest_clicks_on_its_own_kind_of_scenes():
    counts = {}
    for method in METHODS:
        courses = clickable.courses(method, range(100, 106), 3)
        counts[method] = sum(clicks.number_of_clicks(c.ious, 0.85, most=3) for c in courses)
        means = clickable.means(courses, 3)
        assert list(means) == [1, 2, 3]
        assert means[3] == pytest.approx(sum(c.ious[-1] for c in courses) / 6)
    assert counts[NET] < min(counts[method] for method in METHODS if method != NET)


def test_the_notebook_tells_the_recorded_figures():
    found = weights.figures("clicks")
    assert found["parameters"] == 244_873
    assert round(found["mean_iou"]["1"], 2) == 0.91
    assert round(found["mean_iou"]["5"], 2) == 0.94
    assert round(found["clicks"]["0.85"], 1) == 1.6
    assert round(found["clicks"]["0.9"], 1) == 2.8


def test_the_chart_has_a_line_for_each_method(monkeypatch):
    monkeypatch.setattr(lesson, "COMPARED", range(100, 101))
    steps = []
    figure = lesson.against_clicks(1, lambda done, total: steps.append((done, total)))
    assert [line.name for line in figure.data] == list(METHODS)
    assert all(len(line.y) == lesson.COUNT for line in figure.data)
    assert steps[-1] == (3, 4)


def test_equal_labels_are_answered_once():
    asked = []
    score = clickable.remembering(lambda labelled: asked.append(labelled) or labelled + 1, most=2)
    first, second, third = (torch.full((1, 2, 2), n) for n in range(3))
    assert torch.equal(score(first), score(first.clone()))
    assert len(asked) == 1
    score(second), score(third)
    assert torch.equal(score(first), first + 1)  # forgotten, and computed again
    assert len(asked) == 4


def test_one_click_more_of_the_robot_is_one_answer_more(monkeypatch):
    asked = []
    whole = clicks.random_walk
    monkeypatch.setattr(clicks, "random_walk", lambda *a, **k: asked.append(1) or whole(*a, **k))
    run = LAB.at(robot=3)
    run.values["score"].sum()
    assert len(asked) == 4
    run.step(robot=4).values["score"].sum()
    assert len(asked) == 5


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method='magic' must be one of region competition, "):
        clickable.scorer("magic", photos.load("coins", size=32))
