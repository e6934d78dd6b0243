import numpy as np
import pytest

from seglab.draw import palettes


def linear(table):
    """sRGB bytes as linear light, 0 to 1."""
    c = table / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lightness(table):
    """CIE L*, 0 to 100."""
    y = linear(table) @ [0.2126, 0.7152, 0.0722]
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)


def without_red_cones(table):
    """Colours as a protanope sees them (Viénot, Brettel & Mollon 1999), in linear light."""
    matrix = [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]
    return linear(table) @ np.transpose(matrix)


@pytest.mark.parametrize("name", ["viridis", "cividis", "magma", "vik", "gray"])
def test_a_scalar_palette_has_one_colour_for_each_code_with_a_value(name):
    table = palettes.scalar(name)
    assert (table.shape, table.dtype) == ((palettes.NO_VALUE, 3), np.uint8)


@pytest.mark.parametrize("name", ["viridis", "cividis", "magma"])
def test_the_sequential_palettes_grow_lighter_in_even_steps(name):
    steps = np.diff(lightness(palettes.scalar(name))[::8])
    assert steps.min() > 0
    assert steps.max() < 2.5 * steps.mean()


def test_the_diverging_palette_is_lightest_in_the_middle():
    light = lightness(palettes.scalar("vik"))
    assert 110 < light.argmax() < 144


@pytest.mark.parametrize("name", ["nope", ""])
def test_an_unknown_palette_is_refused_with_good_ones(name):
    with pytest.raises(ValueError, match=f"palette={name!r}.*'viridis'.*'vik'"):
        palettes.scalar(name)


@pytest.mark.parametrize("count", [0, -1, 256])
def test_labels_asks_for_a_count_that_bytes_can_hold(count):
    with pytest.raises(ValueError, match=f"count={count} labels; give from 1 to 255"):
        palettes.labels(count)


def test_a_label_has_the_same_colour_however_many_there_are():
    every = palettes.labels(255)
    for count in (1, 2, 7, 8, 40):
        np.testing.assert_array_equal(palettes.labels(count), every[:count])
    assert palettes.rgb(39) == tuple(every[39])
    assert palettes.colour(39) == "#" + every[39].tobytes().hex()


def test_all_label_colours_differ_from_each_other_and_from_no_value():
    colours = [*map(tuple, palettes.labels(255)), palettes.NO_VALUE_COLOUR]
    assert len(set(colours)) == len(colours)


def test_the_first_seven_labels_differ_for_a_colour_blind_reader():
    seen = without_red_cones(palettes.labels(7))
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
    assert apart[~np.eye(7, dtype=bool)].min() > 0.1


def test_colour_is_the_label_in_hexadecimal():
    assert palettes.colour(0) == "#0072b2"
    for label in (0, 3, 30, 254):
        code = palettes.colour(label)
        assert tuple(bytes.fromhex(code[1:])) == tuple(palettes.labels(255)[label])


@pytest.mark.parametrize("table", [palettes.scalar("viridis"), palettes.labels(3)])
def test_a_shared_table_cannot_be_written_on(table):
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 0
