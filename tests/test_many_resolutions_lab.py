"""Lab 18: what its panes and numbers say about sides, losses and cost is so."""

import subprocess
import sys

import pytest
import torch
from reading import assert_is_photo, assert_says
from torch.nn import functional as F

from seglab.course import notebooks
from seglab.images import scenes
from seglab.lessons import many_resolutions as lesson
from seglab.nets import segmenters, side_net, side_outputs, weights
from seglab.nets.side_net import PATH, STRIDES

LAB = lesson.LAB
NAMES = scenes.CLASSES
OFF = dict.fromkeys(("weight16", "weight8", "weight4", "weight2", "weight1"), 0)


def fine(run):
    """Scores of every side at the pixels, by plain torch."""
    net, image = run.values["model"], run.values["scene"].image
    return [
        F.interpolate(side.scores, scale_factor=side.stride, mode="bilinear")
        for side in net.along(image)
    ]


@pytest.mark.parametrize(
    "state", [{}, {"seed": 3, "depth": 7, "trained": lesson.FINEST}, {"depth": 2}]
)
def test_the_labels_are_those_of_the_side_at_the_end(state):
    run = LAB.at(**state)
    (_, net), (_, truth) = run.panes["labels"].parts
    assert_says(net, fine(run)[run.state["depth"] - 1].argmax(1), NAMES, 0.999)
    assert_says(truth, run.values["scene"].labels, NAMES)
    assert_is_photo(run.panes["the net is given"], run.values["scene"].image)


@pytest.mark.parametrize(("depth", "first"), [(3, 0), (9, 4), (6, 4)])
def test_the_mean_is_over_the_sides_of_one_way(depth, first):
    run = LAB.at(depth=depth, read=lesson.MEAN)
    mean = torch.stack([one.softmax(1) for one in fine(run)[first:depth]]).mean(0)
    same = (run.values["labels"] == mean.argmax(1)).float().mean()
    assert same > 0.999


def test_losses_and_their_weighted_sum():
    run = LAB.at(weight16=2, weight4=0)
    truth = run.values["scene"].labels
    each = [float(F.cross_entropy(scores, truth)) for scores in fine(run)]
    found = [run.values["quality"][depth][0] for depth in range(1, 10)]
    assert found == pytest.approx(each, rel=1e-4)
    total = 2 * each[4] + each[5] + each[7] + each[8]
    assert run.numbers["sum of losses"] == f"{total:.2f}"
    shown = {shape.text for shape in run.panes["the net"].shapes if shape.kind == "label"}
    assert {f"{loss:.2f}" for loss in each[4:]} <= shown


def test_a_click_on_a_picture_ends_the_net_there_and_what_follows_is_empty():
    run = LAB.at(depth=6)
    pane = run.panes["the net"]
    clicks = {one.sets.value for one in pane.thumbnails}
    assert clicks == set(range(1, 7))
    empty = {one.sets.value for one in pane.shapes if one.kind == "bar" and one.dashed}
    assert empty == {7, 8, 9}
    assert {one.sets.control for one in pane.thumbnails} == {"depth"}


def test_small_pictures_are_the_labels_at_their_own_stride():
    run = LAB.at()
    image = run.values["scene"].image
    for one, side in zip(
        run.panes["the net"].thumbnails, run.values["model"].along(image), strict=True
    ):
        assert_says(one.picture, side.scores.argmax(1), NAMES, 0.999)
        assert one.picture.array.shape == (128 // side.stride, 128 // side.stride)


def test_a_knob_for_each_weight_stands_at_its_value():
    run = LAB.at(weight8=0.5, weight1=2)
    knobs = [one for one in run.panes["the net"].shapes if one.kind == "handle"]
    assert {knob.control: knob.now for knob in knobs} == {name: run.state[name] for name in OFF}
    assert all(knob.values == LAB.controls[knob.control].options for knob in knobs)


def test_titles_stand_in_the_middle_of_their_columns():
    shapes = LAB.at().panes["the net"].shapes
    titles = {one.text: one.x for one in shapes if one.kind == "label" and one.y < 0.5}
    parts = [one for one in shapes if one.kind in ("thumbnail", "bar") and one.sets]
    columns = {
        way: {(one.left + one.right) / 2 for one in parts if f"way {way}" in one.says}
        for way in ("down", "up")
    }
    for knob in (one for one in shapes if one.kind == "handle"):
        places = [stop.x for stop in knob.stops]
        columns.setdefault("weight", set()).add((places[0] + places[-1]) / 2)
    for title, places in columns.items():
        assert places
        assert sorted(places) == pytest.approx([titles[title]] * len(places)), title


def test_the_cost_is_that_of_the_net_up_to_its_end():
    for depth in (1, 5, 7, 9):
        wanted = side_net.multiply_adds((128, 128), depth) / 1e6
        assert LAB.at(depth=depth).numbers["multiply-adds"] == f"{wanted:.1f} million"
    both = side_net.multiply_adds((128, 128)) + side_net.multiply_adds((64, 64))
    assert LAB.at(copies="pyramid").numbers["multiply-adds"] == f"{both / 1e6:.1f} million"


def test_figures_of_the_curves_are_the_recorded_ones():
    run = LAB.at(trained=lesson.FINEST, depth=7)
    recorded = weights.figures(side_outputs.FINEST)["answers"]
    (knob,) = (one for one in run.panes["what and where"].shapes if one.kind == "handle")
    wanted = [recorded[f"{way} {stride}"]["mean_boundary_iou"] for way, stride in PATH]
    assert [stop.y for stop in knob.stops] == wanted
    assert knob.now == 7
    (knob,) = (one for one in run.panes["cost and quality"].shapes if one.kind == "handle")
    assert [stop.y for stop in knob.stops] == [
        recorded[f"{way} {stride}"]["mean_iou"] for way, stride in PATH
    ]
    assert "not trained" in LAB.at(trained=lesson.UNTRAINED).panes["what and where"].says


def test_rings_are_the_recorded_figures_of_smaller_copies():
    run = LAB.at(trained=lesson.FINEST, copies="pyramid")
    recorded = weights.figures(side_outputs.FINEST)["answers"]
    dots = [one for one in run.panes["cost and quality"].shapes if one.kind == "dot"]
    rings = [one for one in dots if one.sets]
    assert {one.sets for one in rings} == {
        ("copies", name) for name in side_outputs.COPIES if name != "picture"
    }
    for one in rings:
        name = one.sets.value
        million = float(run.fork(copies=name).numbers["multiply-adds"].split()[0])
        assert one.x == pytest.approx(million, abs=0.06)
        assert one.y == recorded[name]["mean_iou"]
        assert one.says == f"{name}: {one.y:.3f} for {one.x:.0f} million"
        assert one.hollow is (name != "pyramid")


@pytest.mark.parametrize("trained", [*lesson.NETS, lesson.UNTRAINED])
def test_what_and_where_draws_the_other_nets_in_grey(trained):
    shapes = LAB.at(trained=trained).panes["what and where"].shapes
    lines = [one for one in shapes if one.kind == "line" and len(one.points) == 9]
    drawn = {tuple(y for _, y in one.points): one.colour == "faint" for one in lines}
    wanted = {}
    for words, net in lesson.NETS.items():
        recorded = weights.figures(net)["answers"]
        for figure in ("inside", "mean_boundary_iou"):
            values = tuple(recorded[f"{way} {stride}"][figure] for way, stride in PATH)
            wanted[values] = words != trained
    assert drawn == wanted


def test_what_the_text_says_of_ending_the_net_is_so():
    recorded = weights.figures(side_outputs.DEEP)["answers"]
    quality = [round(recorded[f"{way} {stride}"]["mean_iou"], 3) for way, stride in PATH]
    cost = [side_net.multiply_adds((128, 128), depth) for depth in range(1, 10)]
    at_4, before, last = (PATH.index(("up", stride)) for stride in (4, 2, 1))
    text = next(notebooks.folder().glob("18-*.ipynb")).read_text(encoding="utf-8")
    share, work = quality[at_4] / quality[last], cost[at_4] / cost[last]
    assert f"has {share:.0%} of the final mean IoU for {work:.0%} of the multiply-adds" in text
    added, million = quality[last] - quality[before], (cost[last] - cost[before]) / 1e6
    assert f"costs {million:.0f} million and adds {added:.3f}" in text
    assert 0.3 < cost[PATH.index(("up", 16)) - 1] / cost[last] < 0.36  # a third


def bars(pane, row):
    """The bars of a stage of the encoder, from left to right."""
    found = [one for one in pane.shapes if one.kind == "bar" and row < one.top < row + 1]
    return sorted(found, key=lambda one: one.left)


def test_bars_of_the_gradient_are_as_long_as_the_weighted_gradients():
    run = LAB.at(trained=lesson.UNTRAINED, weight16=0.5, weight8=0, weight4=2)
    given = run.values["weights"]
    for row in range(5):
        name, left = f"down.{row}", 0.0
        for bar, stride in zip(bars(run.panes["encoder gradient"], row), STRIDES, strict=True):
            length = given[stride] * float(run.values["gradients"][stride][name].norm())
            left += length
            assert bar.right - bar.left == pytest.approx(length, rel=1e-3, abs=1e-6)
        (line,) = (
            one
            for one in run.panes["encoder gradient"].shapes
            if one.kind == "line" and row < one.points[0][1] < row + 1
        )
        assert line.points[0][0] <= left * 1.001


def test_stages_of_the_encoder_are_named_by_the_strides_of_their_maps():
    run = LAB.at(trained=lesson.UNTRAINED)
    pane, image = run.panes["encoder gradient"], run.values["scene"].image
    words = {one.y: one.text for one in pane.shapes if one.kind == "label"}
    for row, made in enumerate(run.values["model"].descending(image)):
        stride = image.shape[-1] // made.shape[-1]
        assert words[row + 0.5] == f"stride {stride}"
        for bar, side in zip(bars(pane, row), STRIDES, strict=True):
            assert bar.says.startswith(f"stage of stride {stride}, from the side of stride {side}:")


def test_a_bar_of_a_small_step_is_the_rate_of_the_side_that_it_names():
    run = LAB.at(trained=lesson.UNTRAINED, weight8=0)
    pane = run.panes["a small step"]
    rates = {f"stride {stride}": rate for stride, rate in run.values["falling"].items()}
    ends = [(one.left, one.right) for one in pane.shapes if one.kind == "bar" and one.ghost]
    words = [one.text for one in pane.shapes if one.kind == "label"]
    assert dict(zip(words[::2], words[1::2], strict=True)) == {
        name: f"{rate:.2f}" for name, rate in rates.items()
    }
    for (left, right), rate in zip(ends, rates.values(), strict=True):
        assert (left, right) == pytest.approx((min(rate, 0), max(rate, 0)), abs=1e-6)


def test_weights_change_no_label():
    some, none = LAB.at(weight16=2), LAB.at(**OFF)
    assert torch.equal(some.values["labels"], none.values["labels"])
    assert none.numbers["sum of losses"] == "0.00"


def test_the_chart_shows_what_a_real_step_does():
    run = LAB.at(trained=lesson.UNTRAINED)
    (figure,) = run.charts.values()
    lines = {line.name: (list(line.x), list(line.y)) for line in figure.data}
    assert list(lines) == [f"stride {stride}" for stride in STRIDES]
    for stride in STRIDES:
        lengths, losses = lines[f"stride {stride}"]
        rate = (losses[0] - losses[1]) / lengths[1]
        assert (rate > 0) == (run.values["falling"][stride] > 0)


def test_a_scene_of_the_lab_is_a_test_scene():
    wanted = scenes.make(2, (128, 128), difficulty=segmenters.DIFFICULTY, split="test").image
    assert torch.equal(LAB.at(seed=2).values["scene"].image, wanted)


def test_the_first_picture_brings_no_compiler_along():
    """It takes 80 MB of every kernel, and seconds; so does Plotly, which only charts need."""
    code = (
        "import sys\n"
        "from seglab.lessons.many_resolutions import LAB\n"
        "run = LAB.at()\n"
        "dict(run.panes), dict(run.numbers)\n"
        "print(*{'torch._dynamo', 'sympy', 'plotly'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
