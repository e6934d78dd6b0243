"""Lab 05: the window lies around the chosen pixel, and is a mark over the picture."""

import pytest

from seglab.draw import paint
from seglab.lessons.classifier_to_heatmap import LAB, SIDE


@pytest.mark.parametrize(
    ("pixel", "corner"), [((100, 60), (84, 44)), ((0, 255), (0, 224)), ((255, 0), (224, 0))]
)
def test_the_window_is_outlined_and_the_picture_stays_as_it_is(pixel, corner):
    run = LAB.at(pixel=pixel)
    picture = run.panes["the picture, and your window"]
    assert (picture.array == paint.rgb(run.values["image"]).array).all()
    (box,) = picture.marks
    assert (box.top, box.left) == (corner[0] - 0.5, corner[1] - 0.5)
    assert (box.bottom - box.top, box.right - box.left) == (SIDE, SIDE)
    moved = run.step(pixel=(128, 128)).panes["the picture, and your window"]
    assert moved.array is picture.array
