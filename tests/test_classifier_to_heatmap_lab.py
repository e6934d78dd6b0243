"""Lab 05: the window lies around the chosen pixel, and is a mark over the picture."""

import pytest
import torch

from seglab.draw import paint
from seglab.lessons.classifier_to_heatmap import CLASSES, LAB
from seglab.nets.classifiers import SIDE


@pytest.mark.parametrize(
    ("pixel", "corner"), [((100, 60), (84, 44)), ((0, 255), (0, 224)), ((255, 0), (224, 0))]
)
def test_the_window_is_outlined_and_the_picture_stays_as_it_is(pixel, corner):
    run = LAB.at(pixel=pixel)
    picture = run.panes["picture and window"]
    assert (picture.array == paint.rgb(run.values["image"]).array).all()
    (box,) = picture.marks
    assert (box.top, box.left) == (corner[0] - 0.5, corner[1] - 0.5)
    assert (box.bottom - box.top, box.right - box.left) == (SIDE, SIDE)
    moved = run.step(pixel=(128, 128)).panes["picture and window"]
    assert moved.array is picture.array


@pytest.mark.parametrize(("padding", "side"), [("none", 32), ("zeros", 24)])
def test_a_window_is_the_patch_and_has_the_scores_of_its_cell(padding, side):
    run = LAB.at(padding=padding, pixel=(100, 60))
    (box,) = run.panes["picture and window"].marks
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
