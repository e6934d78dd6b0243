"""Names, values and colours as a reader sees them in a picture, by no code that painted it."""

import numpy as np

from seglab.draw import palettes

NOTHING = ""  # what a reader reads where a pixel has no label


def names(picture):
    """The name at each pixel, [H, W]; NOTHING where there is none."""
    table = np.array([*picture.names, *[NOTHING] * (256 - len(picture.names))], object)
    return table[picture.array]


def named(labels, words):
    """The words that labels [1, H, W] stand for, [H, W]; NOTHING for 255."""
    table = np.array([*words, *[NOTHING] * (256 - len(words))], object)
    return table[labels[0].cpu().numpy()]


def assert_says(picture, labels, words, share=1.0):
    """Assert that a picture names each pixel as labels [1, H, W] do; share: of pixels at least."""
    assert picture.kind == "labels"
    read, wanted = names(picture), named(labels, words)
    assert read.shape == wanted.shape
    assert (read == wanted).mean() >= share, (sorted(set(read.flat)), sorted(set(wanted.flat)))


def assert_class_colours(picture, classes):
    """Assert that each class has its own colour of the course where the picture names it."""
    read, colours = names(picture), picture.rgb()
    for label, name in enumerate(classes):
        wanted = palettes.labels(len(classes))[label]
        assert (colours[read == name] == wanted).all(), name


def assert_shows(picture, values, low, high, palette):
    """Assert that a picture shows values [1, 1, H, W] between two ends, to one colour step."""
    plane = values.squeeze().cpu().double().numpy()
    assert picture.kind == "scalar"
    assert np.allclose(picture.range, (low, high), rtol=1e-4, atol=1e-6)
    assert np.array_equal(picture.palette, palettes.scalar(palette))
    assert picture.array.shape == plane.shape
    assert np.array_equal(picture.array == palettes.NO_VALUE, np.isnan(plane))
    first, last = picture.range
    at = first + picture.array / (palettes.NO_VALUE - 1) * (last - first)
    step = (last - first) / (palettes.NO_VALUE - 1)
    apart = np.abs(at - plane.clip(first, last))[~np.isnan(plane)]
    assert apart.size == 0 or apart.max() <= step


def assert_is_photo(picture, image):
    """Assert that a picture shows an image [1, 3, H, W], to one step of 255."""
    assert picture.kind == "rgb"
    wanted = image[0].permute(1, 2, 0).cpu().double().numpy() * 255
    assert picture.array.shape == wanted.shape
    assert np.abs(picture.array - wanted).max() <= 1
