"""Charts of labs: points are what the words on the axes promise, computed here by other means."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn import metrics as theirs
from torch.nn import functional as F

from seglab import lessons
from seglab.lessons import clicks as lab_21
from seglab.lessons import losses as lab_19
from seglab.lessons import skip_connections as lab_12
from seglab.nets import clickable, loss_trainings
from seglab.ops import clicks

LABS = lessons.catalogue() | lessons.further()
# Where the points of a lab's chart are computed a second time.
COMPUTED = {
    "01-grouping-pixels": "test_groups_have_their_colours_in_the_cloud",
    "02-semantic-instance-panoptic": "test_the_chart_is_of_drawn_scenes_and_averages_them",
    "06-heatmap-to-labels": "test_the_chart_passes_through_where_the_controls_stand",
    "07-only-convolutions": "test_the_chart_of_lab_7_draws_milliseconds_of_its_own_size",
    "09-a-trous": "test_the_chart_of_lab_9_draws_milliseconds_of_128_pixels",
    "11-checkerboards": "test_lab_11_draws_the_spectrum_of_a_row_of_ones",
    "12-skip-connections": "test_lab_12_draws_the_mean_iou_over_all_pixels_of_its_scenes",
    "14-measuring": "test_the_chart_begins_and_passes_where_the_numbers_stand",
    "15-finding-instances": "test_the_chart_pools_the_scenes_of_each_net",
    "16-every-net": "test_costs_are_charted_without_weights",
    "18-many-resolutions": "test_lab_18_draws_the_losses_after_a_step_of_the_whole_net",
    "19-losses": "test_lab_19_draws_the_dice_of_the_disc",
    "21-clicks": "test_lab_21_draws_the_iou_after_each_click",
}


def drawn(run):
    """The only chart of a lab, and its lines by name, as x -> y."""
    (figure,) = run.charts.values()
    return figure, {line.name: dict(zip(line.x, line.y, strict=True)) for line in figure.data}


def axes(figure):
    """The words under the x axis and beside the y axis."""
    return figure.layout.xaxis.title.text, figure.layout.yaxis.title.text


# Lab 11


def layered(taps, s, depth, resized):
    """A long row of ones after some layers, its middle of whole periods; of the mean 1."""
    row = np.ones(64)
    for _ in range(depth):
        wide = np.repeat(row, s) if resized else np.kron(row, np.eye(1, s)[0])
        row = np.convolve(wide, taps)
    period = s**depth
    side = 32 // period * period
    middle = row[len(row) // 2 :][:side]
    return middle / middle.mean()


@pytest.mark.parametrize(("taps", "s", "depth"), [([1, 1, 1], 2, 1), ([1, 2, 0.5, 1], 3, 2)])
def test_lab_11_draws_the_spectrum_of_a_row_of_ones(taps, s, depth):
    figure, lines = drawn(LABS["11-checkerboards"].at(kernel=[taps], s=s, depth=depth))
    assert axes(figure) == ("cycles per pixel", "strength")
    size = f"{depth} × (kernel {len(taps)}, stride {s})"
    assert figure.layout.title.text == f"Ones after {size}: mean of all rows"
    for name, resized in (("transposed convolution", False), ("resize-convolution", True)):
        row = layered(taps, s, depth, resized)
        wanted = np.abs(np.fft.rfft(row)) / len(row)
        assert list(lines[name]) == pytest.approx(np.fft.rfftfreq(len(row)).tolist())
        assert list(lines[name].values()) == pytest.approx(wanted.clip(1e-4).tolist(), rel=0.01)


# Lab 12


def test_lab_12_draws_the_mean_iou_over_all_pixels_of_its_scenes(monkeypatch):
    lab = lab_12.LAB
    (chart,) = lab.charts.values()
    monkeypatch.setattr(chart, "repeat", ("seed", 2))
    figure, lines = drawn(lab.at(shifted=8, gain8=0))
    assert axes(figure) == ("shift in pixels of the skip's map", "mean IoU")
    assert figure.layout.title.text.startswith("6 scenes, the skip of stride 8 shifted, on ")
    for net, shift in (("fcn-8s", 2), ("unet", 3), ("fcn-32s", 4)):
        runs = [lab.at(net=net, shifted=8, shift=shift, seed=seed) for seed in (0, 1)]
        said = torch.cat([run.values["labels"].flatten() for run in runs])
        true = torch.cat([run.values["scene"].labels.flatten() for run in runs])
        wanted = theirs.jaccard_score(true, said, average="macro")
        assert lines[net][shift] == pytest.approx(wanted, abs=1e-5)


# Lab 18


def sides(net, image, truth):
    """Losses of the sides on the way up, by plain torch, the coarsest first."""
    found = [side for side in net.along(image) if side.way == "up"]
    return {
        f"stride {side.stride}": F.cross_entropy(
            F.interpolate(side.scores, scale_factor=side.stride, mode="bilinear"), truth
        )
        for side in found
    }


def test_lab_18_draws_the_losses_after_a_step_of_the_whole_net():
    run = LABS["18-many-resolutions"].at(trained="the finest side", weight8=2, weight1=0)
    figure, lines = drawn(run)
    assert axes(figure) == ("length of the step", "cross-entropy")
    scene = run.values["scene"]
    net = copy.deepcopy(run.values["model"]).train().requires_grad_(True)
    weights = {"stride 16": 1, "stride 8": 2, "stride 4": 1, "stride 2": 1, "stride 1": 0}
    losses = sides(net, scene.image, scene.labels)
    sum(weights[name] * lost for name, lost in losses.items()).backward()
    moved = [
        weight
        for name, weight in net.named_parameters()
        if name.split(".")[0] in ("down", "up", "merge")
    ]
    whole = torch.cat([weight.grad.flatten() for weight in moved]).norm()
    at, after = copy.deepcopy(net.state_dict()), {}
    for length in (0, 0.04, 0.32):
        net.load_state_dict(at)
        with torch.no_grad():
            for weight in moved:
                weight.sub_(length / whole * weight.grad)
            after[length] = sides(net, scene.image, scene.labels)
    for name in losses:
        for length, lost in after.items():
            assert lines[name][length] == pytest.approx(float(lost[name]), rel=1e-3), name


# Lab 19


def test_lab_19_draws_the_dice_of_the_disc(monkeypatch):
    monkeypatch.setattr(lab_19.LAB.controls["share"], "options", (0.04, 0.005))
    start = lab_19.LAB.at(share=0.04, weighting="square root", gamma=5)
    figure, lines = drawn(start)
    assert axes(figure)[1].startswith("Dice of the disc")
    assert list(lines) == list(loss_trainings.SETTINGS)
    for share in (0.04, 0.005):
        start = start.fork(share=share)
        for loss in lines:
            run = start.fork(loss=loss)
            said, true = run.values["labels"].flatten(), run.values["given"].labels.flatten()
            wanted = theirs.f1_score(true, said, zero_division=1)
            assert lines[loss][share] == pytest.approx(wanted, abs=1e-5), loss


# Lab 21


def test_lab_21_draws_the_iou_after_each_click(monkeypatch):
    monkeypatch.setattr(lab_21, "COMPARED", range(100, 102))
    monkeypatch.setattr(lab_21, "COUNT", 3)
    figure, lines = drawn(lab_21.LAB.at(contrast=2))
    assert axes(figure) == ("clicks", "mean IoU")
    said = "Mean IoU against clicks, 2 new scenes, contrast 2"
    assert figure.layout.title.text == said
    for method in ("random walker", "min-cut"):
        ious = {1: 0.0, 2: 0.0, 3: 0.0}
        for image, truth in map(clickable.target, (100, 101)):
            score = clickable.scorer(method, image, 2)
            labelled = torch.full_like(truth, 255, dtype=torch.long)
            mask = torch.zeros_like(truth)
            for n in ious:
                click = clicks.next_click(mask, truth, labelled)
                labelled = clicks.put(labelled, click.at, click.label, min(3, click.depth - 0.5))
                mask = score(labelled)[:, 0] > 0.5
                ious[n] += float((mask & truth).sum() / (mask | truth).sum()) / 2
        assert lines[method] == pytest.approx(ious, abs=1e-5)


def test_every_chart_is_computed_a_second_time():
    assert {stem for stem, lab in LABS.items() if lab.charts} == set(COMPUTED)
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py"))
    assert [name for name in COMPUTED.values() if f"def {name}(" not in tests] == []
