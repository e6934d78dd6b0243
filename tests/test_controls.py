from pathlib import Path

import pytest

from seglab.controls import Choice, Layers, Matrix, Photo, Pixel
from seglab.layer import Layer
from seglab.user_photo import UserPhoto

# Choice


def test_choice_starts_with_its_first_option_or_the_given_default():
    assert Choice(2, 4).default == 2
    assert Choice(2, 4, default=4).default == 4
    assert Choice(False, True).default is False


def test_choice_gives_back_its_own_option():
    assert type(Choice(1, 2).accept(2.0)) is int
    assert Choice("a", None).accept(None) is None


def test_choice_keeps_numbers_and_truth_values_apart():
    assert Choice(1, True).accept(True) is True
    assert Choice(True, 1).accept(1) is not True
    with pytest.raises(ValueError, match="True is not one of 0, 1"):
        Choice(0, 1).accept(True)


@pytest.mark.parametrize("value", [3, "2", None, float("nan"), [2], {}])
def test_choice_refuses_what_is_not_an_option_and_names_the_options(value):
    with pytest.raises(ValueError, match="is not one of 2, 4"):
        Choice(2, 4).accept(value)


def test_choice_needs_an_option_and_a_default_among_them():
    with pytest.raises(ValueError, match="no options"):
        Choice()
    with pytest.raises(ValueError, match="8 is not one of 2, 4"):
        Choice(2, 4, default=8)


# Photo


def test_photo_takes_an_option_or_a_file():
    photo = Photo("astronaut", "coffee")
    own = UserPhoto("me.jpg", b"\xff\xd8")
    assert photo.accept("coffee") == "coffee"
    assert photo.accept(own) is own
    assert photo.sweep() == ("astronaut", "coffee")


@pytest.mark.parametrize("value", ["me.jpg", b"\xff\xd8", 3, UserPhoto("me.jpg", "text")])
def test_photo_refuses_what_is_neither(value):
    with pytest.raises(ValueError, match="is not one of 'astronaut'"):
        Photo("astronaut").accept(value)


@pytest.mark.parametrize("spelled", [str, Path, lambda path: path.name])
def test_photo_takes_the_path_of_a_file(tmp_path, monkeypatch, spelled):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "me.jpg"
    path.write_bytes(b"\xff\xd8")
    photo = Photo("astronaut", "coffee")
    own = photo.accept(spelled(path))
    assert own == UserPhoto("me.jpg", b"\xff\xd8")
    assert photo.parse(str(spelled(path))) == own
    assert photo.parse_all(f"coffee,{spelled(path)}") == ["coffee", own]
    assert (photo.text(own), photo.words(own)) == ("'me.jpg'", "me.jpg")
    (tmp_path / "coffee").touch()
    assert photo.accept("coffee") == photo.parse("coffee") == "coffee"


@pytest.mark.parametrize("value", ["me.jpg", "a\0b", "x" * 5000, Path("no/me.jpg"), [0] * 99])
def test_what_is_no_picture_is_refused_in_a_line_that_says_what_to_give(value):
    with pytest.raises(ValueError, match="give one of them, or the path of a picture") as error:
        Photo("astronaut").accept(value)
    assert len(str(error.value)) < 200
    with pytest.raises(ValueError, match="write one of astronaut, or the path of a picture"):
        Photo("astronaut").parse(str(value))


# Pixel


def test_pixel_starts_in_the_middle():
    assert Pixel((5, 8)).default == (2, 4)
    assert Pixel((1, 1)).default == (0, 0)
    assert Pixel((5, 8), default=(4, 7)).default == (4, 7)


@pytest.mark.parametrize("value", [(2, 3), [2, 3], (2.0, 3.0), iter((2, 3))])
def test_pixel_takes_pairs_of_whole_numbers(value):
    assert Pixel((5, 8)).accept(value) == (2, 3)


@pytest.mark.parametrize(
    "value",
    ["23", 7, None, (1,), (1, 2, 3), (1.5, 2), (float("nan"), 0), (float("inf"), 0), ("a", 0)],
)
def test_pixel_refuses_what_is_no_pair(value):
    with pytest.raises(ValueError, match=r"not a \(row, column\) pair of whole numbers"):
        Pixel((5, 8)).accept(value)


@pytest.mark.parametrize("value", [(-1, 0), (5, 0), (0, 8), (0, -1)])
def test_pixel_refuses_what_lies_outside(value):
    with pytest.raises(ValueError, match="rows go from 0 to 4, columns from 0 to 7"):
        Pixel((5, 8)).accept(value)


def test_pixel_sweeps_its_default_and_two_corners_once_each():
    assert Pixel((5, 8)).sweep() == ((2, 4), (0, 0), (4, 7))
    assert Pixel((1, 1)).sweep() == ((0, 0),)


# Matrix

KERNELS = Matrix({"identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]], "box": [[1, 1], [1, 1]]})


def test_a_matrix_starts_with_its_first_preset_or_the_given_one():
    assert KERNELS.default == ((0, 0, 0), (0, 1, 0), (0, 0, 0))
    assert Matrix(KERNELS.presets, default="box").default == ((1, 1), (1, 1))


def test_a_matrix_takes_rows_or_a_presets_name_and_can_be_a_key():
    assert KERNELS.accept("box") == KERNELS.accept([[1, 1], (1, 1)]) == ((1.0, 1.0), (1.0, 1.0))
    assert hash(KERNELS.accept([[1, 2]]))
    assert KERNELS.sweep() == tuple(KERNELS.presets.values())


def test_a_matrix_reads_as_its_presets_name_or_as_its_rows():
    assert KERNELS.text(((1.0, 1.0), (1.0, 1.0))) == "'box'"
    assert KERNELS.text(((2.0,),)) == "((2.0,),)"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("bax", "'bax' is no preset; there are identity, box"),
        (3, "no grid of numbers; give a list of rows"),
        ([["a"]], "no grid of numbers; give a list of rows"),
        ([[1, 2], [3]], "rows of equal length"),
        ([], "rows of equal length"),
        ([[]], "rows of equal length"),
        ([[1] * 8], "1 to 7 rows"),
        ([[1]] * 8, "1 to 7 rows"),
        ([[float("nan")]], "not finite"),
    ],
)
def test_a_matrix_refuses_what_is_no_grid(value, message):
    with pytest.raises(ValueError, match=message):
        KERNELS.accept(value)


@pytest.mark.parametrize("rows", [((2.0,),), ((1.0, -0.25, 1e-05),), ((1.0, 1.0), (0.0, 3.0))])
def test_a_matrix_reads_back_the_rows_that_it_spells(rows):
    assert KERNELS.parse(KERNELS.spelling(rows)) == rows


@pytest.mark.parametrize("text", ["bax", "1, 2", "(1, 2", "(1, 2)x", "(1, 2), (3, 4)", ""])
def test_a_matrix_says_what_it_reads(text):
    with pytest.raises(ValueError, match=r"write one of identity, box, or rows: \(1, 2\):\(3, 4\)"):
        KERNELS.parse(text)


def test_a_matrix_of_one_row_takes_no_second():
    row = Matrix({"ones": [[1, 1]]}, rows=1)
    assert row.accept([[1, 2, 3]]) == ((1.0, 2.0, 3.0),)
    with pytest.raises(ValueError, match="has 2 rows; give 1"):
        row.accept([[1], [2]])


def test_a_matrix_needs_presets():
    with pytest.raises(ValueError, match=r"Matrix\(\) has no presets"):
        Matrix({})


# Layers

STACKS = Layers({"one": [Layer("conv", 3)], "two": [("conv", 3, 2, 1), ("pool", 2, 2)]}, most=3)


def test_layers_take_tuples_or_a_presets_name():
    assert STACKS.default == (Layer("conv", 3, 1, 0, 1),)
    assert STACKS.accept("two") == (Layer("conv", 3, 2, 1, 1), Layer("pool", 2, 2, 0, 1))
    assert STACKS.sweep() == tuple(STACKS.presets.values())


def test_layers_read_as_their_presets_name_or_in_short():
    assert STACKS.text(STACKS.accept("two")) == "'two'"
    assert (
        STACKS.text(STACKS.accept([("conv", 5, 2, 1, 3), ("pool", 2)])) == "conv 5 s2 p1 d3, pool 2"
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "a stack of 0 layers; build 1 to 3"),
        ([("conv", 3)] * 4, "a stack of 4 layers; build 1 to 3"),
        ([("conv", 3), ("norm", 3)], "layer 2 is a 'norm'; use 'conv' or 'pool'"),
        ([("conv", 0)], "layer 1 has kernel_size=0; use a whole number from 1"),
        ([("conv", 3, 0)], "layer 1 has stride=0; use a whole number from 1"),
        ([("conv", 3, 1, -1)], "layer 1 has padding=-1; use a whole number from 0"),
        ([("conv", 3, 1, 0, 1.5)], "layer 1 has dilation=1.5; use a whole number from 1"),
        ([("conv", True)], "layer 1 has kernel_size=True; use a whole number from 1"),
        ([("conv",)], "no list of layers"),
        (7, "no list of layers"),
    ],
)
def test_layers_refuse_what_is_no_stack(value, message):
    with pytest.raises(ValueError, match=message):
        STACKS.accept(value)
