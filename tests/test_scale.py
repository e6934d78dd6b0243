"""Pictures scaled the same way whatever Pillow's version: rows first, in whole numbers."""

import numpy as np
import pytest
from PIL import Image

from seglab.images._scale import scale


def weights(whole, low, high, size):
    """Matrix [size, whole] of Lanczos' filter of three lobes, in units of 2 ** -22."""
    step = (high - low) / size
    wide = max(step, 1)
    out = np.zeros((size, whole), np.int64)
    for i in range(size):
        center = low + (i + 0.5) * step
        at = np.arange(
            max(0, int(center - 3 * wide + 0.5)), min(whole, int(center + 3 * wide + 0.5))
        )
        x = (at - center + 0.5) / wide
        row = np.sinc(x) * np.sinc(x / 3) * (np.abs(x) <= 3)
        out[i, at] = np.trunc(row / row.sum() * 2**22 + np.copysign(0.5, row))
    return out


def along(values, matrix):
    return np.clip((np.einsum("ij,j...->i...", matrix, values) + 2**21) >> 22, 0, 255)


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((300, 400), (50, 0, 350, 300)),
        ((400, 300), (0, 50, 300, 350)),
        ((401, 300), (0, 50.5, 300, 350.5)),
        ((90, 60), (0, 15, 60, 75)),
    ],
)
def test_rows_are_scaled_first_and_then_columns(size, box):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    left, top, right, bottom = box
    rows = along(pixels.swapaxes(0, 1), weights(size[1], left, right, 128)).swapaxes(0, 1)
    wanted = along(rows, weights(size[0], top, bottom, 128))
    found = np.asarray(scale(Image.fromarray(pixels), (128, 128), box))
    assert (found == wanted).all()


def test_a_picture_of_the_wanted_size_stays_as_it_is():
    pixels = np.random.default_rng(1).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    assert (np.asarray(scale(Image.fromarray(pixels), (7, 5))) == pixels).all()
