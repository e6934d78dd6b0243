"""Effects of the rules and of the order of the steps on the labels, and the field of each cell."""

import pytest
import torch

from seglab.draw import paint
from seglab.draw.shapes import Bar, Handle
from seglab.lessons import heatmap_to_labels as lesson
from seglab.lessons.heatmap_to_labels import LAB
from seglab.ops import heatmap, morphology, upsample
from seglab.types import NO_LABEL


@pytest.fixture(scope="module")
def start():
    return LAB.at()


def labels(run):
    return run.values["labels"]


def of_rules(run, level, **state):
    return [
        labels(run.step(rule=rule, level=level, **state))
        for rule in (lesson.ARGMAX, lesson.THRESHOLD, lesson.REJECT)
    ]


@pytest.mark.parametrize("softmax", [lesson.NO_SOFTMAX, lesson.AFTER, lesson.BEFORE])
@pytest.mark.parametrize("level", [0.2, 0.5, 0.9])
def test_the_rules_differ_only_where_no_class_or_several_reach_the_level(start, softmax, level):
    argmax, threshold, reject = of_rules(start, level, softmax=softmax)
    reached = (start.step(softmax=softmax).values["values"] >= level).sum(1)
    one = reached == 1
    assert one.any()
    assert torch.equal(threshold[one], argmax[one])
    assert torch.equal(reject[reached > 0], argmax[reached > 0])
    assert (threshold[reached > 1] == lesson.SEVERAL).all()
    assert (threshold[reached == 0] == NO_LABEL).all()
    assert (reject[reached == 0] == NO_LABEL).all()


@pytest.mark.parametrize("softmax", [lesson.AFTER, lesson.BEFORE])
def test_above_one_half_a_threshold_rejects(start, softmax):
    _, threshold, reject = of_rules(start, 0.6, softmax=softmax)
    assert torch.equal(threshold, reject)
    assert torch.equal(reject, heatmap.reject(start.values[softmax.split()[0]], 0.6))
    _, threshold, reject = of_rules(start, 0.3, softmax=softmax)
    assert (threshold != reject).any()


def test_softmax_after_upsampling_changes_no_label(start):
    assert torch.equal(labels(start), labels(start.step(softmax=lesson.NO_SOFTMAX)))
    assert not torch.equal(labels(start), labels(start.step(softmax=lesson.BEFORE)))


@pytest.mark.parametrize("f", [2, 16])
def test_nearest_paints_each_cell_and_the_order_is_of_no_matter(start, f):
    for softmax in (lesson.AFTER, lesson.BEFORE):
        run = start.step(
            f=f, upsampling=upsample.NEAREST, rule=lesson.REJECT, level=0.9, softmax=softmax
        )
        cells = run.values["cell_labels"]
        assert (cells == NO_LABEL).any()
        assert torch.equal(labels(run), cells.repeat_interleave(f, 1).repeat_interleave(f, 2))
        assert run.numbers["orders differ in"] == "0 px"


def test_who_is_right_is_told_from_the_truth(start):
    truth, orders = start.values["truth"], start.values["orders"]
    after, before = labels(start), labels(start.step(softmax=lesson.BEFORE))
    assert torch.equal(orders > 0, after != before)
    assert (after == truth)[orders == 1].all()
    assert (before == truth)[orders == 2].all()
    wrong = orders == 3
    assert not ((after == truth) | (before == truth))[wrong].any()
    assert all((orders == kind).any() for kind in range(4))


def test_shares_are_of_what_has_one_label(start):
    run = start.step(rule=lesson.THRESHOLD, level=0.3)
    truth, given, verdicts = run.values["truth"], labels(run), run.values["verdicts"]
    single = given < lesson.SEVERAL
    hits = int((given == truth).sum())
    shares = (int(single.sum()) / truth.numel(), hits / int(single.sum()), hits / truth.numel())
    labelled, right = run.values["labelled"], run.values["right"]
    assert (labelled, right, labelled * right) == pytest.approx(shares, abs=1e-6)
    assert run.numbers["right, of all"] == f"{shares[2]:.1%}"
    assert torch.equal(verdicts == 0, given == truth)
    assert torch.equal(verdicts == 1, single & (given != truth))
    assert torch.equal(verdicts == 2, given == lesson.SEVERAL)
    assert torch.equal(verdicts == NO_LABEL, given == NO_LABEL)


def test_a_photograph_has_no_truth_and_may_have_no_label(start):
    run = start.step(photo="coffee", f=8)
    assert run.numbers["right, of all"] == "truth unknown"
    assert set(run.values["verdicts"].unique().tolist()) == {3}
    assert set(run.values["orders"].unique().tolist()) == {0, 4}
    nothing = torch.full((1, 2, 2), NO_LABEL)
    assert lesson.share(lesson.right(nothing, torch.zeros_like(nothing))) == "nothing is labelled"
    assert lesson.right(nothing, None) is None


@pytest.mark.parametrize("pixel", [(0, 0), (132, 39), (255, 128)])
def test_the_fields_over_a_pixel_are_counted(start, pixel):
    run = start.step(f=8, pixel=pixel)
    field, (height, width) = run.values["field"], run.values["scores"].shape[2:]
    boxes = [field.box(u, v) for u in range(height) for v in range(width)]
    row, column = pixel
    over = sum(t <= row <= b and left <= column <= r for t, left, b, r in boxes)
    assert run.values["fields_over"] == over > 1
    u, v = run.values["cell"]
    assert (row // 8, column // 8) == (u, v)


def test_the_chart_passes_through_where_the_controls_stand(start):
    run = start.step(rule=lesson.REJECT, level=0.9)
    figure = run.charts["Accuracy against coverage"]
    after, before, here = figure.data
    assert (here.x[0], here.y[0]) in set(zip(after.x, after.y, strict=True))
    assert (here.x[0], here.y[0]) not in set(zip(before.x, before.y, strict=True))
    assert after.x[0] == 1
    assert list(after.x) == sorted(after.x, reverse=True)
    photograph = start.step(photo="coffee", f=8).charts["Accuracy against coverage"]
    assert len(photograph.data) == 2
    assert photograph.data[0].y[0] == 1


def test_cell_and_field_are_outlined_around_their_pixels():
    run = LAB.at(f=8, pixel=(132, 39))
    picture = run.panes["cell, field and cut"]
    assert (picture.array == paint.rgb(run.values["image"]).array).all()
    around, _, block = picture.marks
    assert (block.top, block.left, block.bottom, block.right) == (127.5, 31.5, 135.5, 39.5)
    size = run.values["field"].size[0]
    assert around.bottom - around.top == around.right - around.left == size
    assert around.top <= block.top < block.bottom <= around.bottom
    assert around.dashed
    assert not block.dashed
    assert run.step(pixel=(10, 10)).panes["cell, field and cut"].array is picture.array


def test_the_level_of_argmax_recomputes_nothing(monkeypatch):
    calls = []
    decide = heatmap.decide
    step = LAB.steps["labels"].function

    def counted(values, rule, level):
        calls.append((rule, level))
        return decide(values, rule, level)

    monkeypatch.setattr(step, "function", counted)
    run = LAB.at(rule=lesson.ARGMAX, level=0.9)
    dict(run.numbers)
    for level in (0.1, 0.99):
        run = run.step(level=level)
        dict(run.numbers)
    assert calls == [(lesson.ARGMAX, 0.5)]
    assert LAB.idle(run.state) == ("level",)
    run = run.step(rule=lesson.REJECT)
    assert LAB.idle(run.state) == ()
    dict(run.numbers)
    assert calls[1:] == [(lesson.REJECT, 0.99)]


def test_the_probabilities_are_too_high_and_above_all_near_borders(start):
    mosaic = start.values["mosaic"]
    sure, label = start.values["after"].max(1)
    right = label == mosaic.labels

    def off(pixels):
        return float(sure[pixels].mean() - right[pixels].float().mean())

    for low, high in ((0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.99)):
        assert off((sure >= low) & (sure < high)) > 0.09
    near = morphology.edge(mosaic.tiles, 8, border=False)
    assert off(near) > 0.15 > 0.03 > off(~near) > 0


def test_no_level_suits_bare_scores_in_general(start):
    def alone(scores, level):
        return float((heatmap.threshold(scores, level).sum(1) == 1).double().mean())

    scores = start.values["fine_scores"]
    levels = [n / 2 for n in range(-4, 17)]
    assert max(levels, key=lambda n: alone(scores, n)) == 2
    assert max(levels, key=lambda n: alone(scores + 5, n)) == 7
    assert alone(scores, 2) < alone(heatmap.softmax(scores), 0.5)
    assert alone(scores + 5, 2) < 0.01


def test_what_has_no_label_is_hatched_and_what_has_several_is_dark(start):
    run = start.step(rule=lesson.THRESHOLD, level=0.3)
    picture, given = run.panes["labels, per pixel"], labels(run)[0].cpu().numpy()
    assert ((picture.array == NO_LABEL) == (given == NO_LABEL)).all()
    assert picture.rgb()[given == lesson.SEVERAL].max() < 50


def test_the_level_is_dragged_over_all_its_values(start):
    run = start.step(rule=lesson.REJECT, level=0.9)
    (knob,) = (s for s in run.panes["the cut"].shapes if isinstance(s, Handle))
    assert [(y, value) for _, y, value in knob.stops] == [(n, n) for n in lesson.LEVELS]
    assert not any(isinstance(s, Handle) for s in start.panes["the cut"].shapes)


@pytest.mark.parametrize("softmax", [lesson.AFTER, lesson.BEFORE])
@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_the_reliability_diagram_counts_what_is_right(start, softmax, temperature):
    run = start.step(softmax=softmax, temperature=temperature)
    sure, label = run.values[softmax.split()[0]].max(1)
    right = label == run.values["truth"]
    bars = [s for s in run.panes["reliability"].shapes if isinstance(s, Bar) and s.ghost]
    error, seen = 0.0, 0
    for bar in bars:
        low, high = round(bar.left * 10 - 0.08) / 10, round(bar.right * 10 + 0.08) / 10
        inside = (sure > low) & (sure <= high)
        seen += int(inside.sum())
        assert bar.top == pytest.approx(float(right[inside].double().mean()), abs=1e-4)
        error += float((sure[inside] - right[inside].double()).sum().abs()) / sure.numel()
    assert seen == sure.numel()
    assert f"expected calibration error {error:.1%} at" in run.panes["reliability"].says


def test_the_reliability_of_what_has_no_truth_or_is_no_probability_is_not_drawn(start):
    for run in (start.step(softmax=lesson.NO_SOFTMAX), start.step(photo="coffee")):
        assert not any(isinstance(s, Bar) for s in run.panes["reliability"].shapes)


def test_a_temperature_changes_no_label_of_softmax_after(start):
    warm = start.step(temperature=3.0)
    assert torch.equal(labels(warm), labels(start))
    assert not torch.equal(warm.values["after"], start.values["after"])
    before = start.step(softmax=lesson.BEFORE)
    assert not torch.equal(labels(before.step(temperature=3.0)), labels(before))
