"""Lab 05: the window lies around the chosen pixel, and is a mark over the picture."""

import pytest
import torch
from torch import nn

from seglab.draw import paint
from seglab.draw.shapes import Dot, Handle, Line
from seglab.lessons.classifier_to_heatmap import ALL, CLASSES, DONE, LAB
from seglab.nets.classifiers import SIDE


@pytest.mark.parametrize(
    ("pixel", "corner"), [((100, 60), (84, 44)), ((0, 255), (0, 224)), ((255, 0), (224, 0))]
)
def test_the_window_is_outlined_and_the_picture_stays_as_it_is(pixel, corner):
    run = LAB.at(pixel=pixel)
    picture = run.panes["picture and window"]
    assert (picture.array == paint.rgb(run.values["image"]).array).all()
    _, box = picture.marks
    assert (box.top, box.left) == (corner[0] - 0.5, corner[1] - 0.5)
    assert (box.bottom - box.top, box.right - box.left) == (SIDE, SIDE)
    moved = run.step(pixel=(128, 128)).panes["picture and window"]
    assert moved.array is picture.array


@pytest.mark.parametrize(("padding", "side"), [("none", 32), ("zeros", 24)])
def test_a_window_is_the_patch_and_has_the_scores_of_its_cell(padding, side):
    run = LAB.at(padding=padding, pixel=(100, 60))
    _, box = run.panes["picture and window"].marks
    assert run.panes["the patch"].size == (side, side)
    assert box.bottom - box.top == side
    u, v = (at // 4 for at in run.values["corner"])
    assert torch.allclose(run.values["slid"][0, :, u, v], run.values["patch_scores"], atol=1e-3)


def test_padding_breaks_the_equality_of_one_pass_and_windows():
    run = LAB.at()
    assert (run.numbers["max difference"], run.numbers["labels that differ"]) == (
        "below 0.0001",
        "0.0%",
    )
    padded = run.step(padding="zeros")
    assert padded.values["scores"].shape == padded.values["slid"].shape
    assert padded.values["difference"] > 10
    assert padded.numbers["labels that differ"] == "22.8%"


def test_the_heatmap_names_its_class():
    for name in CLASSES:
        (mark,) = LAB.at(shown=name).panes["one class, every window"].marks
        assert mark.text == name


def counted(net, image):
    """Multiply-adds of a pass, by what each layer is given and gives."""
    total = []

    def add(layer, _, out):
        total.append(out.numel() * layer.weight[0].numel())

    hooks = [
        layer.register_forward_hook(add)
        for layer in net
        if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
    net(image)
    for hook in hooks:
        hook.remove()
    return sum(total)


@pytest.mark.parametrize("padding", ["none", "zeros"])
def test_the_work_is_that_of_the_windows_done_and_of_one_pass(padding):
    run = LAB.at(padding=padding, windows_done=285)
    side = 32 if padding == "none" else 24
    image = run.values["image"]
    one = counted(run.values["classifier"], image[..., :side, :side]) / 1e6
    whole = counted(run.values["convolutional"], image) / 1e6
    count = run.values["scores"].shape[2] * run.values["scores"].shape[3]
    work = run.panes["million multiply-adds"]
    lines = [shape.points for shape in work.shapes if isinstance(shape, Line)]
    so_far, flat = lines[-2:]
    assert so_far == ((0, 0), (285, pytest.approx(285 * one)))
    assert flat == ((0, pytest.approx(whole)), (count, pytest.approx(whole)))
    crossing = next(dot for dot in work.shapes if isinstance(dot, Dot) and dot.hollow)
    assert crossing.x == pytest.approx(whole / one)
    assert crossing.y == pytest.approx(whole)
    (knob,) = (shape for shape in work.shapes if isinstance(shape, Handle))
    assert knob.now == 285
    assert [value for _, _, value in knob.stops] == list(DONE)
    assert [(x, y) for x, y, _ in knob.stops] == [
        (min(n, count), pytest.approx(min(n, count) * one)) for n in DONE
    ]


def test_the_window_fills_the_map_row_by_row_and_reaches_its_end():
    run = LAB.at(windows_done=ALL)
    assert torch.equal(run.values["one_by_one"], run.values["best"])
    last = run.panes["picture and window"].marks[0]
    assert (last.bottom, last.right) == (255.5, 255.5)
    first = run.step(windows_done=1).panes["best class, one by one"]
    assert (first.array != 255).sum() == 1
    assert first.array[0, 0] == run.values["best"][0, 0, 0]


def test_a_window_more_computes_no_window_again():
    run = LAB.at()
    dict(run.panes)
    moved = run.step(windows_done=228)
    assert moved.values["slid"] is run.values["slid"]
    assert moved.panes["picture and window"].array is run.panes["picture and window"].array
