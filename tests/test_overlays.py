"""Labels over a picture: mixed where there are labels, the picture itself where there are none."""

import numpy as np
import pytest
import torch

from seglab.draw import paint

IMAGE = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(0))
CODES = torch.tensor([[0, 1, 2, 255, 0]] * 4)
LABELS = paint.labels(CODES, ("ground", "disc", "star"))


@pytest.mark.parametrize("opacity", [0, 0.3, 1])
def test_every_pixel_is_mixed_by_the_same_shares(opacity):
    image, colours = paint.rgb(IMAGE).array.astype(float), LABELS.rgb().astype(float)
    wanted = (1 - opacity) * image + opacity * colours
    wanted[:, 3] = image[:, 3]  # no label
    assert np.abs(paint.overlay(IMAGE, LABELS, opacity).array - wanted).max() <= 0.5


def test_what_is_clear_shows_the_picture():
    mixed = paint.overlay(IMAGE, LABELS, 1, clear=(0, 255)).array
    clear = (CODES == 0) | (CODES == 255)
    assert np.array_equal(mixed[clear], paint.rgb(IMAGE).array[clear])
    assert np.array_equal(mixed[~clear], LABELS.rgb()[~clear])


@pytest.mark.parametrize("opacity", [-0.1, 1.1, float("nan")])
def test_an_opacity_is_a_share(opacity):
    with pytest.raises(ValueError, match="must be from 0 to 1"):
        paint.overlay(IMAGE, LABELS, opacity)


def test_labels_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"labels are \[4, 5\] pixels and image \[4, 4\]"):
        paint.overlay(IMAGE[..., :4], LABELS)
