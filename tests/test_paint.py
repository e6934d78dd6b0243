import json
import math

import numpy as np
import pytest
import torch

from seglab.draw import paint
from seglab.draw.marks import Dot
from seglab.draw.palettes import NO_VALUE, NO_VALUE_COLOUR
from seglab.draw.palettes import labels as label_colours
from seglab.draw.palettes import scalar as scalar_colours
from seglab.ops import receptive_field

FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


@pytest.fixture
def ramp():
    return torch.linspace(-1, 1, 12).reshape(3, 4)


# Shapes


@pytest.mark.parametrize("shape", [(3, 5, 7), (1, 3, 5, 7)])
def test_rgb_takes_an_image_with_or_without_a_batch(shape):
    picture = paint.rgb(torch.rand(shape))
    assert (picture.array.shape, picture.array.dtype, picture.kind) == ((5, 7, 3), np.uint8, "rgb")
    assert (picture.size, picture.frame) == ((5, 7), (5, 7))


@pytest.mark.parametrize("shape", [(5, 7), (1, 5, 7), (1, 1, 5, 7)])
def test_scalar_and_labels_take_one_plane(shape):
    for picture in (
        paint.scalar(torch.rand(shape)),
        paint.labels(torch.zeros(shape, dtype=torch.long), ["a"]),
    ):
        assert (picture.array.shape, picture.array.dtype) == ((5, 7), np.uint8)
        assert picture.rgb().shape == (5, 7, 3)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
def test_the_smallest_pictures(size):
    assert paint.scalar(torch.rand(1, 1, *size)).size == size
    assert paint.rgb(torch.rand(1, 3, *size)).size == size
    assert paint.labels(torch.zeros(1, *size, dtype=torch.long), ["a"]).size == size


@pytest.mark.parametrize("shape", [(2, 5, 7), (2, 1, 5, 7), (5,), (), (0, 7), (1, 1, 5, 0)])
def test_what_is_not_one_plane_is_refused_with_its_shape(shape):
    with pytest.raises(ValueError, match=r"values has shape \[.*one picture has \[1, H, W\]"):
        paint.scalar(torch.zeros(shape))
    with pytest.raises(ValueError, match="labels has shape"):
        paint.labels(torch.zeros(shape, dtype=torch.long), ["a"])


def test_rgb_needs_three_channels():
    with pytest.raises(ValueError, match="image has 4 channels; rgb needs 3"):
        paint.rgb(torch.zeros(1, 4, 5, 7))
    with pytest.raises(ValueError, match="image has shape"):
        paint.rgb(torch.zeros(2, 3, 5, 7))


@pytest.mark.parametrize("call", [paint.rgb, paint.scalar, lambda x: paint.labels(x, ["a"])])
def test_an_array_is_no_tensor(call):
    with pytest.raises(TypeError, match=r"a ndarray; give a torch tensor, torch.from_numpy\("):
        call(np.zeros((5, 7)))


# What a picture lies on


@pytest.mark.parametrize("on", [torch.zeros(1, 3, 30, 40), paint.rgb(torch.zeros(3, 30, 40))])
def test_a_picture_lies_on_an_image_or_on_what_another_lies_on(on, ramp):
    for picture in (
        paint.rgb(torch.zeros(3, 3, 4), on=on),
        paint.scalar(ramp, on=on),
        paint.signed(ramp, on=on),
        paint.labels(torch.zeros(3, 4, dtype=torch.long), ["a"], on=on),
    ):
        assert (picture.size, picture.frame) == ((3, 4), (30, 40))
        assert paint.scalar(ramp, on=picture).frame == (30, 40)


def test_one_says_on_what_a_picture_lies(ramp):
    with pytest.raises(ValueError, match=r"frame=\(6, 8\) and on= both say"):
        paint.scalar(ramp, on=torch.zeros(3, 6, 8), frame=(6, 8))
    with pytest.raises(TypeError, match="on is a str; give an image"):
        paint.scalar(ramp, on="image")


def test_every_picture_takes_marks_and_a_field(ramp):
    dot = Dot(1, 1)
    field = receptive_field.ReceptiveField((3, 3), (1, 1), (1, 1), (0.0, 0.0))
    place = {"marks": [dot], "field": field, "frame": (6, 8)}
    for picture in (
        paint.rgb(torch.zeros(3, 3, 4), **place),
        paint.scalar(ramp, **place),
        paint.signed(ramp, **place),
        paint.labels(torch.zeros(3, 4, dtype=torch.long), ["a"], **place),
    ):
        assert (picture.marks, picture.field, picture.frame) == ((dot,), field, (6, 8))


# rgb


@pytest.mark.parametrize("dtype", FLOATS)
def test_rgb_rounds_to_the_nearest_byte_and_back(dtype):
    codes = torch.randint(256, (3, 8, 8), generator=torch.manual_seed(0))
    picture = paint.rgb((codes / 255).to(dtype))
    error = np.abs(picture.array.astype(int) - codes.permute(1, 2, 0).numpy())
    assert error.max() <= {torch.bfloat16: 1}.get(dtype, 0)
    assert picture.rgb() is picture.array


def test_rgb_shows_what_has_no_colour_as_black_and_clips_what_rounding_adds():
    values = torch.tensor([math.nan, -0.005, 0.0, 1.005])
    row = paint.rgb(values.expand(3, 1, 4)).array[0, :, 0]
    assert row.tolist() == [0, 0, 0, 255]
    assert not paint.rgb(torch.full((3, 2, 2), math.nan)).array.any()


@pytest.mark.parametrize(
    ("least", "most", "remedy"),
    [(0, 255, "image / 255"), (0, 1.5, "image / 255"), (-1, 1, r"image.clamp\(0, 1\)"),
     (-math.inf, 0, "image.clamp"), (math.nan, 2, "image / 255"), (0, math.inf, "image.clamp")],
)  # fmt: skip
def test_rgb_refuses_another_scale(least, most, remedy):
    image = torch.zeros(3, 2, 2)
    image[0, 0] = torch.tensor([least, most])
    with pytest.raises(ValueError, match=f"image has values from .*floats from 0 to 1, {remedy}"):
        paint.rgb(image)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
def test_rgb_refuses_bytes_which_would_all_be_white(dtype):
    with pytest.raises(TypeError, match=r"give floats from 0 to 1, image.float\(\) / 255"):
        paint.rgb(torch.full((3, 2, 2), 128, dtype=dtype))


# scalar


@pytest.mark.parametrize("dtype", FLOATS)
def test_scalar_spreads_its_own_extremes_over_the_palette(ramp, dtype):
    picture = paint.scalar(ramp.to(dtype))
    assert (picture.array[0, 0], picture.array[-1, -1]) == (0, NO_VALUE - 1)
    assert picture.range == (-1.0, 1.0)
    assert (np.diff(picture.array.ravel().astype(int)) > 0).all()


def test_scalar_is_accurate_to_half_a_code(ramp):
    picture = paint.scalar(ramp, low=-2, high=3)
    back = picture.array / (NO_VALUE - 1) * 5 - 2
    assert np.abs(back - ramp.numpy()).max() <= 0.5 * 5 / (NO_VALUE - 1) + 1e-6


def test_values_beyond_the_ends_take_the_colour_of_the_end():
    plane = torch.tensor([[-math.inf, -1.0, 0.0, 1.0, 9.0, math.inf]])
    codes = paint.scalar(plane, low=0, high=1).array
    assert codes.tolist() == [[0, 0, 0, NO_VALUE - 1, NO_VALUE - 1, NO_VALUE - 1]]


def test_nan_has_no_colour_and_infinity_does_not_stretch_the_range():
    picture = paint.scalar(torch.tensor([[math.nan, 2.0, 4.0, math.inf]]))
    assert picture.range == (2.0, 4.0)
    assert picture.array.tolist() == [[NO_VALUE, 0, NO_VALUE - 1, NO_VALUE - 1]]
    assert picture.rgb()[0, 0].tolist() == list(NO_VALUE_COLOUR)
    assert picture.rgb()[0, 1].tolist() == scalar_colours()[0].tolist()
    assert picture.rgb()[0, 2].tolist() == scalar_colours()[-1].tolist()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_plane_without_one_finite_value(value):
    picture = paint.scalar(torch.full((2, 2), value))
    assert picture.range == (0.0, 1.0)
    code = {math.inf: NO_VALUE - 1, -math.inf: 0}.get(value, NO_VALUE)
    assert (picture.array == code).all()
    json.dumps(picture.header(), allow_nan=False)


@pytest.mark.parametrize("value", [0.0, -3.0, 5.0, 1e17, -1e17, 1e-40])
def test_a_flat_plane_has_the_first_colour(value):
    picture = paint.scalar(torch.full((2, 2), value))
    assert (picture.array == 0).all()
    assert picture.range[0] < picture.range[1]


@pytest.mark.parametrize("scale", [1e-42, 1e-30, 1.0, 1e30])
def test_no_range_is_too_small_or_too_large(scale):
    codes = paint.scalar(torch.tensor([[0.0, 0.5, 1.0]], dtype=torch.float64) * scale).array
    assert codes.tolist() == [[0, 127, 254]]


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool])
def test_scalar_takes_counts_and_masks(dtype):
    assert paint.scalar(torch.tensor([[0, 1]]).to(dtype)).array.tolist() == [[0, NO_VALUE - 1]]


def test_an_unknown_palette_is_refused():
    with pytest.raises(ValueError, match="palette='jetty' is not in the cmap catalogue"):
        paint.scalar(torch.zeros(2, 2), palette="jetty")


# signed


@pytest.mark.parametrize(("most", "end"), [(None, 3.0), (6.0, 6.0)])
def test_signed_values_have_0_in_the_middle(most, end):
    picture = paint.signed(torch.tensor([[-3.0, 0.0, 1.0, math.inf, math.nan]]), most=most)
    assert picture.range == (-end, end)
    assert picture.array[0, 1] == (NO_VALUE - 1) / 2
    assert picture.array[0, 4] == NO_VALUE
    assert (picture.palette == scalar_colours("vik")).all()
    assert (picture.palette[picture.array[0, 1]] > 220).all()  # white, or nearly


@pytest.mark.parametrize("values", [torch.zeros(2, 2), torch.full((2, 2), math.nan)])
def test_signed_values_that_say_nothing_still_have_a_scale(values):
    assert paint.signed(values).range == (-1.0, 1.0)


@pytest.mark.parametrize("most", [0, -1, math.nan])
def test_signed_needs_a_distance_from_0(most):
    with pytest.raises(ValueError, match="must be above 0; use the largest distance from 0"):
        paint.signed(torch.zeros(2, 2), most=most)


# labels


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.uint8])
def test_a_label_is_its_own_code(dtype):
    plane = torch.tensor([[0, 1, 2, NO_VALUE]]).to(dtype)
    picture = paint.labels(plane, ["sky", "sea", "sand"])
    assert picture.array.tolist() == [[0, 1, 2, NO_VALUE]]
    assert picture.names == ("sky", "sea", "sand")
    expected = [*label_colours(3).tolist(), list(NO_VALUE_COLOUR)]
    assert picture.rgb()[0].tolist() == expected


def test_a_mask_is_a_label_map_of_two_names():
    picture = paint.labels(torch.tensor([[True, False]]), ["out", "in"])
    assert picture.array.tolist() == [[1, 0]]


@pytest.mark.parametrize("stray", [2, -1, 254, 256, 1000])
def test_a_label_without_a_name_is_refused(stray):
    with pytest.raises(ValueError, match=f"labels holds {stray}, which has no name among 2 names"):
        paint.labels(torch.tensor([[0, 1, stray]]), ["a", "b"])


def test_a_negative_label_is_not_taken_for_no_label():
    with pytest.raises(ValueError, match="labels holds -1"):
        paint.labels(torch.tensor([[0, -1]], dtype=torch.int8), ["a", "b"])


def test_labels_are_whole_numbers():
    with pytest.raises(TypeError, match=r"labels has dtype torch.float32; give whole numbers"):
        paint.labels(torch.zeros(2, 2), ["a"])


def test_a_picture_holds_at_most_255_names():
    plane = torch.arange(255).reshape(5, 51)
    assert (paint.labels(plane, [str(n) for n in range(255)]).array == plane.numpy()).all()
    with pytest.raises(ValueError, match="count=256 labels"):
        paint.labels(plane, [str(n) for n in range(256)])


@pytest.mark.parametrize("table", [[(1, 2, 3), (4, 5, 6)], np.array([[1, 2, 3], [4, 5, 6]])])
def test_labels_take_colours_of_their_own(table):
    picture = paint.labels(torch.tensor([[0, 1, NO_VALUE]]), ["a", "b"], colours=table)
    assert picture.rgb()[0].tolist() == [[1, 2, 3], [4, 5, 6], list(NO_VALUE_COLOUR)]


def test_a_palette_of_bytes_is_kept_as_it_is():
    table = np.zeros((1, 3), np.uint8)
    plane = torch.zeros(2, 2, dtype=torch.long)
    assert paint.labels(plane, ["a"], colours=table).palette is table


@pytest.mark.parametrize(
    "table", [[(1, 2, 3)], [(1, 2), (3, 4)], [(0.5, 0.5, 0.5)] * 2, [(0, 0, 256)] * 2, []]
)
def test_labels_need_one_colour_for_each_name(table):
    with pytest.raises(ValueError, match=r"for 2 names; give one \(red, green, blue\) for each"):
        paint.labels(torch.zeros(2, 2, dtype=torch.long), ["a", "b"], colours=table)


# A tensor on its own


def test_a_tensor_shows_as_what_it_looks_like():
    image = torch.rand(1, 3, 2, 2)
    assert (paint.auto(image).array == paint.rgb(image).array).all()
    assert paint.auto(image[0]).kind == "rgb"
    for plane in (image[:, :1], image[:, 0], image[0, 0]):
        assert paint.auto(plane).kind == "scalar"
        assert paint.auto(plane).range == paint.scalar(plane).range
    mask = paint.auto(torch.tensor([[True, False]]))
    assert (mask.kind, mask.names, mask.array.tolist()) == ("labels", ("no", "yes"), [[1, 0]])
    classes = paint.auto(torch.tensor([[[0, 2, NO_VALUE]]]))
    assert (classes.names, classes.array.tolist()) == (("0", "1", "2"), [[0, 2, NO_VALUE]])
    assert paint.auto(torch.full((2, 2), NO_VALUE)).names == ("0",)
    picture = paint.rgb(image)
    assert paint.auto(picture) is picture


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (torch.zeros(5), ValueError, r"value has shape \[5\], which is no picture; give \[1, 3"),
        (torch.zeros(1, 7, 4, 4), ValueError, r"shape \[1, 7, 4, 4\].*such as value\[:, 0\]"),
        (torch.zeros(2, 3, 4, 4), ValueError, r"shape \[2, 3, 4, 4\]"),
        (torch.zeros(0, 4), ValueError, "none of it empty"),
        (torch.tensor([[0, 300]]), ValueError, r"value holds 300, .*value.float\(\) for a map"),
        (torch.tensor([[-1, 3]]), ValueError, "value holds -1, which is no label"),
        (torch.zeros(3, 4, 4, dtype=torch.uint8), TypeError, r"image.float\(\) / 255"),
        (np.zeros((4, 4)), TypeError, r"a ndarray; give a torch tensor, torch.from_numpy\(value\)"),
        (None, TypeError, "value is a NoneType; give a torch tensor"),
    ],
)
def test_what_shows_as_nothing_is_refused(value, error, said):
    with pytest.raises(error, match=said):
        paint.auto(value)


# What the caller keeps


@pytest.mark.parametrize("channels", [1, 3])
def test_the_tensor_is_not_touched_and_may_carry_gradients(channels):
    values = torch.rand(channels, 4, 4, requires_grad=True)
    before = values.detach().clone()
    picture = paint.rgb(values) if channels == 3 else paint.scalar(values)
    picture.array[:] = 7
    assert torch.equal(values.detach(), before)


def test_labels_copies_even_bytes():
    plane = torch.zeros(4, 4, dtype=torch.uint8)
    paint.labels(plane, ["a"]).array[:] = 7
    assert not plane.any()


def test_pictures_are_told_apart_without_comparing_arrays():
    a, b = paint.scalar(torch.zeros(2, 2)), paint.scalar(torch.zeros(2, 2))
    assert a != b
    assert len({a, b}) == 2


# For a viewer


def test_the_header_is_plain_json(ramp):
    for picture in (
        paint.rgb(torch.rand(3, 2, 2)),
        paint.scalar(ramp, frame=(30, 40)),
        paint.labels(torch.tensor([[0, 1]]), ["a", "b"], frame=(2, 4)),
    ):
        header = json.loads(json.dumps(picture.header(), allow_nan=False))
        assert header["kind"] == picture.kind
        assert header["size"] == list(picture.size)
        assert header["frame"] == list(picture.frame)
        assert header["names"] == list(picture.names)
        assert header["field"] is None
        assert header["marks"] == []
        flat = [] if picture.palette is None else picture.palette.ravel().tolist()
        assert header["palette"] == flat
        assert header["range"] == (list(picture.range) if picture.range else None)


def test_the_header_carries_the_receptive_field(ramp):
    field = receptive_field.of(torch.nn.Sequential(torch.nn.Conv2d(1, 1, 3, stride=2, padding=1)))
    header = json.loads(json.dumps(paint.scalar(ramp, frame=(6, 8), field=field).header()))
    affine = {"size": [3, 3], "stride": [2, 2], "padding": [1, 1]}
    assert {name: header["field"][name] for name in affine} == affine


def test_a_field_without_bounds_is_still_json(ramp):
    everything = receptive_field.ReceptiveField(
        size=(math.inf, math.inf), stride=(2, 2), padding=(math.inf, math.inf), origin=(0.0, 0.5)
    )
    header = paint.scalar(ramp, field=everything).header()
    json.dumps(header, allow_nan=False)
    assert header["field"]["size"] == [None, None]


def test_alt_says_what_a_reader_cannot_see(ramp):
    assert paint.rgb(torch.rand(3, 5, 7)).alt() == "5 by 7 colour picture"
    assert paint.scalar(ramp + 3).alt() == "3 by 4 values from 2 to 4, mean 3"
    plane = torch.tensor([[0, 1, 1, NO_VALUE]])
    words = "1 by 4 labels: sea 50%, sky 25%, 25% without a value"
    assert paint.labels(plane, ["sky", "sea", "sand"]).alt() == words
    assert paint.scalar(torch.full((2, 2), math.nan)).alt() == "2 by 2, nothing has a value yet"


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_paints_the_same_bytes():
    image = torch.rand(3, 64, 64)
    np.testing.assert_array_equal(paint.rgb(image.cuda()).array, paint.rgb(image).array)
    scores = torch.randn(64, 64)
    np.testing.assert_array_equal(paint.scalar(scores.cuda()).array, paint.scalar(scores).array)


def test_object_255_of_a_map_is_not_lost_without_a_word():
    with pytest.raises(ValueError, match="value holds 254 and 255"):
        paint.auto(torch.arange(256).view(1, 16, 16))
    assert len(paint.auto(torch.arange(255).view(1, 15, 17)).names) == 255
    for dtype in (torch.uint16, torch.uint32, torch.uint64):
        assert paint.auto(torch.arange(4).view(1, 2, 2).to(dtype)).array.max() == 3


def test_more_classes_than_codes_are_refused():
    names = tuple(map(str, range(300)))
    with pytest.raises(ValueError, match="count=300 labels"):
        paint.labels(torch.arange(300).view(1, 20, 15), names, colours=[(1, 2, 3)] * 300)
    objects, tone = torch.arange(1, 301).view(1, 20, 15), torch.arange(301) % 5
    with pytest.raises(ValueError, match="things holds 200 classes"):
        paint.objects(objects.clamp(max=200), range(200), names[:200], tone)
    many = paint.objects(objects, [0] * 300, ("coin",), tone)  # more objects than codes are painted
    assert (many.array >= many.listed).all()


@pytest.mark.parametrize(
    ("values", "ends", "whole"),
    [
        ([[0, 1], [4, 25]], {}, True),
        ([[1, 2], [4, 16]], {"low": 0}, True),
        ([[-100, 0], [math.nan, 153]], {}, True),
        ([[0, 1], [2, 254]], {}, False),  # more than the codes tell apart for sure
        ([[0, 1], [2, 2.5]], {}, False),
        ([[0.25, 1], [2, 3]], {}, False),
    ],
)
def test_whole_numbers_are_read_exactly_from_their_codes(values, ends, whole):
    plane = torch.tensor(values, dtype=torch.float32)
    picture = paint.scalar(plane, **ends)
    assert picture.header().get("whole", False) is whole
    if whole:
        low, high = picture.range
        read = np.round(low + picture.array / (NO_VALUE - 1) * (high - low))
        there = plane.isfinite().numpy()
        assert (read[there] == plane.numpy()[there]).all()
