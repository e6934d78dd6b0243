"""seglab.images.photos: every photograph, every file format, and what is refused."""

import io
import socket
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from seglab.images import photos
from seglab.user_photo import UserPhoto

RAMP = np.linspace(0, 255, 40 * 60 * 3).reshape(40, 60, 3).round().astype(np.uint8)


def saved(picture: Pillow.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def rgb() -> Pillow.Image:
    return Pillow.fromarray(RAMP)


def expected(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float32) / 255).permute(2, 0, 1)[None]


def close(image: torch.Tensor, array: np.ndarray, tolerance: float = 0.6 / 255) -> bool:
    return bool((image.cpu() - expected(array)).abs().max() <= tolerance)


@pytest.mark.parametrize("name", photos.names())
def test_each_photograph_loads(name):
    image = photos.load(name, size=64)
    assert image.shape == (1, 3, 64, 64)
    assert image.dtype == torch.float32
    assert 0 <= image.min() < image.max() <= 1
    assert image.std() > 0.02


def test_no_photograph_needs_the_network(monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    for name in photos.names():
        photos.load(name, size=9)  # a size that nothing else asks for: none is remembered


def test_the_photographs_that_labs_name_are_there():
    assert {"astronaut", "coffee", "chelsea", "rocket", "coins", "ihc"} <= set(photos.names())


def test_load_takes_the_largest_centered_square():
    wide = np.zeros((40, 60, 3), np.uint8)
    wide[:, 10:50] = 200  # just the centered square
    own = UserPhoto("wide.png", saved(Pillow.fromarray(wide), "PNG"))
    assert torch.allclose(photos.load(own, size=40), torch.tensor(200 / 255))


def test_load_scales_without_aliasing():
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    own = UserPhoto("board.png", saved(Pillow.fromarray(board), "PNG"))
    inner = photos.load(own, size=16)[..., 2:-2, 2:-2]
    assert (inner - 0.5).abs().max() < 0.05


def test_load_gives_a_tensor_of_its_own():
    photos.load("coins", 16).zero_()
    assert photos.load("coins", 16).max() > 0


def test_load_knows_the_mosaic():
    assert photos.load("mosaic", 64).shape == (1, 3, 64, 64)


def test_an_unknown_name_gets_the_list_and_the_nearest():
    with pytest.raises(ValueError, match=r"photo='astronout'.*did you mean 'astronaut'\?.*coffee"):
        photos.load("astronout")


@pytest.mark.parametrize("size", [0, -3])
def test_a_size_below_one_is_refused(size):
    with pytest.raises(ValueError, match=f"size={size}"):
        photos.load("coins", size)


@pytest.mark.parametrize("size", [2.5, "256", True])
def test_a_size_that_is_no_whole_number_is_refused(size):
    with pytest.raises(TypeError, match="size="):
        photos.load("coins", size)


def test_load_refuses_other_types():
    with pytest.raises(TypeError, match="photo=3"):
        photos.load(3)  # type: ignore[arg-type]


def test_own_is_a_value():
    one, same = UserPhoto("a.png", b"123"), UserPhoto("a.png", bytes(bytearray(b"123")))
    assert one == same
    assert hash(one) == hash(same)
    assert one != UserPhoto("a.png", b"124")
    assert one != UserPhoto("b.png", b"123")
    assert str(one) == "a.png"
    assert repr(one) == "UserPhoto('a.png', 3 bytes)"
    with pytest.raises(AttributeError):
        one.name = "c.png"  # type: ignore[misc]


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP"])
def test_lossless_formats_are_exact(format):
    assert close(photos.open(saved(rgb(), format)), RAMP, 1e-6)


def test_webp():
    assert close(photos.open(saved(rgb(), "WEBP", lossless=True)), RAMP, 1e-6)


def test_jpeg():
    assert close(photos.open(saved(rgb(), "JPEG", quality=95)), RAMP, 0.06)


def test_the_several_pictures_of_a_phone_give_the_first():
    frames = [Pillow.new("RGB", (16, 16), color) for color in ("red", "blue")]
    data = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert photos.open(data)[0, 0, 8, 8] > 0.9


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, lambda a: a),
        (2, np.fliplr),
        (3, lambda a: np.rot90(a, 2)),
        (4, np.flipud),
        (5, lambda a: a.swapaxes(0, 1)),
        (6, lambda a: np.rot90(a, -1)),
        (7, lambda a: np.rot90(a, 2).swapaxes(0, 1)),
        (8, np.rot90),
    ],
)
def test_exif_rotation(orientation, turn):
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    image = photos.open(saved(rgb(), "JPEG", quality=95, exif=exif))
    assert close(image, turn(RAMP), 0.06)


def test_broken_exif_is_no_obstacle():
    exif = b"Exif\0\0II*\0\x08\0\0\0\x05\0" + b"\xff" * 40
    assert photos.open(saved(rgb(), "JPEG", exif=exif)).shape == (1, 3, 40, 60)


def test_gif_gives_its_first_frame():
    frames = [Pillow.new("RGB", (9, 7), color) for color in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert photos.open(data)[0, :, 3, 3].tolist() == [1, 0, 0]


def test_palette_with_transparency_is_white():
    picture = Pillow.new("P", (4, 4), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.putpixel((0, 0), 1)
    image = photos.open(saved(picture, "PNG", transparency=1))
    assert image[0, :, 0, 0].tolist() == [1, 1, 1]
    assert image[0, :, 1, 1].tolist() == [1, 0, 0]


def test_rgba_is_composited_on_white():
    picture = Pillow.new("RGBA", (4, 4), (255, 0, 0, 51))
    assert torch.allclose(
        photos.open(saved(picture, "PNG"))[0, :, 1, 1], torch.tensor([1, 0.8, 0.8]), atol=1e-6
    )


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_becomes_three_equal_channels(mode):
    image = photos.open(saved(Pillow.new("L", (5, 6), 255).convert(mode), "PNG"))
    assert image.shape == (1, 3, 6, 5)
    assert (image == 1).all()


def test_cmyk():
    picture = Pillow.new("CMYK", (16, 16), (0, 255, 255, 0))
    red = photos.open(saved(picture, "JPEG", quality=95))[0, :, 8, 8]
    assert red[0] > 0.9
    assert red[1:].max() < 0.1


def test_16_bit_grey_keeps_its_range():
    values = np.array([[0, 1000, 30000, 65535]], np.uint16).repeat(3, 0)
    for data in (saved(Pillow.fromarray(values), "PNG"), tiff(values)):
        image = photos.open(data)[0, 0, 0]
        assert torch.allclose(image, torch.tensor([0, 1000, 30000, 65535]) / 65535, atol=1e-6)


def tiff(array: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("planes", ["contig", "separate"])
def test_16_bit_rgb_tiff(planes):
    array = RAMP.astype(np.uint16) * 257
    stored = array if planes == "contig" else np.moveaxis(array, -1, 0).copy()
    data = tiff(stored, photometric="rgb", planarconfig=planes)
    assert close(photos.open(data), RAMP, 1.1 / 255)


def test_float_tiff_is_taken_as_it_is_or_scaled():
    values = np.array([[0.25, 0.5], [0.75, 1.0]], np.float32)
    assert torch.allclose(photos.open(tiff(values))[0, 1], torch.from_numpy(values))
    assert torch.allclose(
        photos.open(tiff(values * 1000 - 250))[0, 1],
        torch.from_numpy((values - 0.25) / 0.75),
        atol=1e-5,
    )


def test_large_pictures_are_scaled_down():
    image = photos.open(saved(Pillow.new("RGB", (1600, 900), "white"), "JPEG"))
    assert image.shape == (1, 3, 288, 512)
    assert photos.open(saved(Pillow.new("L", (3000, 1)), "PNG")).shape == (1, 3, 1, 512)


def test_small_pictures_stay_small():
    image = photos.open(saved(Pillow.new("RGB", (1, 1), "red"), "PNG"))
    assert image.flatten().tolist() == [1, 0, 0]
    assert photos.load(UserPhoto("dot.png", saved(Pillow.new("L", (1, 1), 9), "PNG")), 4).std() == 0


def test_path_file_and_bytes_give_the_same(tmp_path: Path):
    data = saved(rgb(), "PNG")
    path = tmp_path / "mine.png"
    path.write_bytes(data)
    with path.open("rb") as file:
        for source in (path, str(path), file, bytearray(data), memoryview(data)):
            assert torch.equal(photos.open(source), photos.open(data))


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises its size and ends before any pixel."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + checksum + b"\0\0\0\0IDAT" * 2


@pytest.mark.parametrize(("width", "height"), [(10_000, 5_001), (12_000, 9_000), (60_000, 60_000)])
def test_more_than_50_megapixels_are_refused_before_decoding(width, height):
    with pytest.raises(ValueError, match="megapixels"):
        photos.open(png_header(width, height))


def test_just_50_megapixels_are_decoded():
    data = saved(Pillow.new("L", (10_000, 5_000)), "PNG")
    assert photos.open(data, max_side=10).shape == (1, 3, 5, 10)


@pytest.mark.parametrize("data", [b"GIF8", b"hello, world", b"%PDF-1.7\n", b"\0" * 100])
def test_what_is_no_picture_is_refused(data, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"'notes.txt' is no picture that can be read: use a PNG"):
        photos.open(path)


def test_an_empty_file_is_refused():
    with pytest.raises(ValueError, match="is empty"):
        photos.open(b"")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"missing.png.*check the path"):
        photos.open(tmp_path / "missing.png")
    with pytest.raises(ValueError, match="check the path"):
        photos.open(tmp_path)


def test_what_is_no_source_is_refused():
    for source in (3, None, io.StringIO("text")):
        with pytest.raises(TypeError, match="source="):
            photos.open(source)  # type: ignore[arg-type]


def test_own_names_its_file_when_it_is_refused():
    with pytest.raises(ValueError, match=r"'cat\.heic' is no picture"):
        photos.load(UserPhoto("cat.heic", b"\0\0\0\x18ftypheic"))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"])
def test_half_a_file_is_refused(format):
    data = saved(rgb().resize((200, 200)), format)
    with pytest.raises(ValueError, match=r"damaged or cut short|no picture"):
        photos.open(data[: len(data) // 2])


@settings(max_examples=150, deadline=None)
@given(
    data=st.data(),
    format=st.sampled_from(["PNG", "JPEG", "GIF", "TIFF", "WEBP", "PPM"]),
)
def test_any_damage_gives_a_picture_or_one_sentence(data, format):
    whole = bytearray(saved(rgb(), format))
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        image = photos.open(cut)
    except ValueError as error:
        image, sentence = None, str(error)
    if image is None:
        assert "\n" not in sentence
    else:
        assert image.shape[:2] == (1, 3)
        assert image.isfinite().all()


# numbers of more than 8 bits, planes, colours

NOISE = np.random.default_rng(0).random((24, 32))


@pytest.mark.parametrize(
    "array",
    [
        (NOISE * 1023).astype(np.uint16),
        (NOISE * 4095).astype(np.uint16),
        (NOISE * 200 + 1000).astype(np.uint16),
        (NOISE * 4095 - 1024).astype(np.int16),
        (NOISE * 1000).astype(np.uint32),
        (NOISE * 4e9).astype(np.uint32),
        (NOISE * 1e5).astype(np.int32),
        (NOISE * 6).astype(np.int32),
        (NOISE * 100 - 50).astype(np.int8),
        (NOISE * 50 + 100).astype(np.float32),
    ],
    ids=lambda a: getattr(a, "dtype", None) and f"{a.dtype} {a.min()} {a.max()}",
)
def test_numbers_go_from_their_smallest_to_their_largest(array):
    low, high = float(array.min()), float(array.max())
    image = photos.open(tiff(array, photometric="minisblack"))[0, 1].cpu().double().numpy()
    np.testing.assert_allclose(image, (array.astype(float) - low) / (high - low), atol=1e-6)
    told = photos.about(tiff(array, photometric="minisblack"))
    assert told.range == (low, high)
    assert str(told) == f"black is {low:g} and white {high:g}"


def test_12_bit_colours_fill_the_range_and_keep_their_hue():
    array = np.dstack([NOISE * 4095, NOISE * 2000 + 100, NOISE * 1000 + 50]).astype(np.uint16)
    expected = array / array.max()
    for data in (tiff(array, photometric="rgb"), deep_png(array)):
        image = photos.open(data)[0].permute(1, 2, 0).cpu().numpy()
        np.testing.assert_allclose(image, expected, atol=0.6 / 255)
        assert photos.about(data).range == (0, array.max())


def deep_png(array: np.ndarray) -> bytes:
    """A PNG of 16-bit colours [H, W, 3]."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    height, width, _ = array.shape
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_bytes_have_nothing_to_tell():
    for data in (saved(rgb(), "PNG"), tiff(RAMP, photometric="rgb"), tiff(RAMP[..., 0])):
        assert photos.about(data) == photos.About()
        assert str(photos.about(data)) == ""


@pytest.mark.parametrize("value", [0, 1, 9, 65535])
@pytest.mark.parametrize("white", [False, True])
def test_a_picture_of_one_number_is_black_only_where_that_is_0(value, white):
    data = tiff(np.full((9, 9), value, np.uint16), photometric=("minisblack", "miniswhite")[white])
    assert float(photos.open(data).unique()) == ((value > 0) != white)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.float32])
def test_where_0_is_white_pictures_are_no_negatives(kind):
    values = np.array([[0, 100, 255]] * 3).astype(kind)
    shown = photos.open(tiff(values, photometric="miniswhite"))[0, 0, 0].tolist()
    assert shown == pytest.approx([1, 155 / 255, 0], abs=1e-5)


def test_compressions_that_tifffile_lacks_are_left_to_pillow():
    array = (NOISE * 4095).astype(np.uint16)
    data = saved(Pillow.fromarray(array), "TIFF", compression="tiff_lzw")
    image = photos.open(data)[0, 0].cpu().numpy()
    np.testing.assert_allclose(image, (array - array.min()) / np.ptp(array), atol=1e-6)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("scale", "first"), [(1, 0), (50, 100)])
def test_what_is_no_number_changes_no_other_pixel(odd, scale, first):
    array = (NOISE * scale + first).astype(np.float32)
    array.flat[1], array.flat[2] = first, first + scale
    right = photos.open(tiff(array))
    array[5, 5] = odd
    spoiled = photos.open(tiff(array))
    assert float(spoiled[0, 0, 5, 5]) == pytest.approx(128 / 255)  # the grey of no value
    spoiled[..., 5, 5] = right[..., 5, 5]
    assert torch.equal(spoiled, right)


def test_nothing_but_not_a_number_is_grey():
    assert (photos.open(tiff(np.full((4, 4), np.nan, np.float32))) == 128 / 255).all()


def test_complex_numbers_are_refused():
    with pytest.raises(ValueError, match=r"holds complex64 numbers.*abs\(values\)"):
        photos.open(tiff(NOISE.astype(np.complex64)))


def planes(*values: int) -> np.ndarray:
    return np.stack([np.full((32, 32), value, np.uint8) for value in values])


STACKS = {
    "pages": tiff(planes(0, 50, 100, 150, 200), photometric="minisblack"),
    "16-bit pages": tiff(
        planes(0, 50, 100, 150, 200).astype(np.uint16) * 257, photometric="minisblack"
    ),
    "ImageJ": tiff(planes(0, 50, 100, 150, 200), imagej=True),
    "channels": tiff(
        np.moveaxis(planes(0, 50, 100, 150, 200), 0, -1),
        photometric="minisblack",
        planarconfig="contig",
    ),
    "separate channels": tiff(
        planes(0, 50, 100, 150, 200), photometric="minisblack", planarconfig="separate"
    ),
}


@pytest.mark.parametrize("name", STACKS)
def test_of_a_stack_the_reader_is_told_and_can_choose(name):
    with pytest.warns(UserWarning, match="holds 5 planes .*the first is shown"):
        first = photos.open(STACKS[name])
    assert float(first.unique()) == 0
    assert photos.about(STACKS[name]).planes == 5
    assert "one of 5 planes" in str(photos.about(STACKS[name]))
    if name != "16-bit pages":  # each of these goes from its smallest to its largest
        shown = [float(photos.open(STACKS[name], plane=k).unique()) for k in range(5)]
        assert shown == pytest.approx([0, 50 / 255, 100 / 255, 150 / 255, 200 / 255])
    with pytest.raises(
        ValueError, match="plane=5 is not in the picture, which holds 5; use 0 to 4"
    ):
        photos.open(STACKS[name], plane=5)


def test_two_channels_and_hyperstacks_are_counted():
    two = tiff(np.moveaxis(planes(10, 200), 0, -1), photometric="minisblack", planarconfig="contig")
    assert photos.about(two).planes == 2
    assert float(photos.open(two, plane=1).unique()) == pytest.approx(200 / 255)
    stack = tiff(np.stack([planes(0, 9, 19), planes(20, 29, 39)]), imagej=True)
    assert photos.about(stack).planes == 6
    assert float(photos.open(stack, plane=4).unique()) == pytest.approx(29 / 255)


@pytest.mark.parametrize("plane", [True, 1.0, "1"])
def test_a_plane_is_a_whole_number(plane):
    with pytest.raises(TypeError, match="plane="):
        photos.open(STACKS["pages"], plane=plane)


def profile(columns: tuple[tuple[float, ...], ...], gamma: float) -> bytes:
    """An ICC profile (version 2) of three primaries, in XYZ under D50, and one gamma."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    white = (0.9642, 1, 0.8249)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    parts = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 79,
        b"cprt": b"text\0\0\0\0none",
        b"wtpt": b"XYZ \0\0\0\0" + fixed(*white),
    }
    for letter, column in zip((b"r", b"g", b"b"), columns, strict=True):
        parts[letter + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*column)
        parts[letter + b"TRC"] = curve
    table, body = struct.pack(">I", len(parts)), b""
    start = 132 + 12 * len(parts)
    for key, part in parts.items():
        table += key + struct.pack(">II", start + len(body), len(part))
        body += part
    head = struct.pack(">I4sI", start + len(body), b"", 0x02400000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + fixed(*white)
    return head.ljust(128, b"\0") + table + body


P3 = profile(
    ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)), 2.2
)


def p3_to_srgb(colour: tuple[int, ...]) -> np.ndarray:
    """Display P3 (gamma 2.2) to sRGB by the matrices of the two, 0 to 255."""
    linear = (np.array(colour) / 255) ** 2.2
    matrix = [[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]]
    light = (np.array(matrix) @ linear).clip(0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("colour", [(100, 180, 60), (200, 120, 90), (128, 128, 128)])
@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
def test_colours_of_a_profile_are_brought_to_srgb(format, colour):
    options = {"lossless": True} if format == "WEBP" else {}
    data = saved(Pillow.new("RGB", (8, 8), colour), format, icc_profile=P3, **options)
    shown = photos.open(data)[0, :, 4, 4].cpu().numpy() * 255
    np.testing.assert_allclose(shown, p3_to_srgb(colour), atol=2)


def test_a_profile_leaves_transparency_alone():
    picture = Pillow.new("RGBA", (8, 8), (200, 120, 90, 51))
    shown = photos.open(saved(picture, "PNG", icc_profile=P3))[0, :, 4, 4].cpu().numpy() * 255
    np.testing.assert_allclose(shown, 0.2 * p3_to_srgb((200, 120, 90)) + 0.8 * 255, atol=1.5)


def test_a_broken_profile_is_no_obstacle():
    assert close(photos.open(saved(rgb(), "PNG", icc_profile=b"no profile")), RAMP, 1e-6)


@pytest.mark.parametrize(("gamma", "changes"), [(100000, True), (45455, False)])
def test_the_gamma_of_a_png_is_brought_to_srgb(gamma, changes):
    data = saved(Pillow.new("RGB", (4, 4), (55, 128, 255)), "PNG")
    chunk = b"gAMA" + struct.pack(">I", gamma)
    named = struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    shown = photos.open(data[:33] + named + data[33:])[0, :, 0, 0].cpu().numpy()
    linear = np.array([55, 128, 255]) / 255
    right = 1.055 * linear ** (1 / 2.4) - 0.055 if changes else linear
    np.testing.assert_allclose(shown, right, atol=0.6 / 255)


def test_a_heic_picture_is_named_with_the_way_out():
    with pytest.raises(ValueError, match=r"HEIC.*export it as JPEG, or install pillow-heif"):
        photos.open(b"\0\0\0\x18ftypheic" + b"\0" * 40)


def test_a_cut_webp_is_called_cut():
    data = saved(Pillow.fromarray(RAMP), "WEBP")
    for share in (2, 5, 9):
        with pytest.raises(ValueError, match="damaged or cut short"):
            photos.open(data[: len(data) * share // 10])


@pytest.mark.parametrize("side", ["512", None, 2.5, True, float("nan")])
def test_a_side_that_is_no_whole_number_is_refused(side):
    with pytest.raises(TypeError, match="max_side="):
        photos.open(saved(rgb(), "PNG"), max_side=side)


def test_odd_sources_are_refused_with_the_remedy(tmp_path):
    read, closed = io.BytesIO(saved(rgb(), "PNG")), io.BytesIO()
    read.read()
    closed.close()
    for source, message in (
        ("a\0b.png", r"source='a\\x00b\.png' cannot be read"),
        ("", "source='' cannot be read"),
        ("https://example.org/a.png", "source='https://example.org/a.png'.*download it first"),
        ("astronaut", r"photos\.load\('astronaut'\)"),
        (closed, "closed file.*open it again"),
        (read, r"read to its end.*source\.seek\(0\)"),
    ):
        with pytest.raises(ValueError, match=message) as told:
            photos.open(source)
        assert "\n" not in str(told.value)
    for source, message in (
        (np.zeros((4, 4, 3), np.uint8), r"source=ndarray.*torch\.from_numpy"),
        (rgb(), "source=Image.*in memory"),
        (torch.zeros(1, 3, 4, 4), "source=Tensor.*needs no"),
        (UserPhoto("x.png", "text"), "data of 'x.png' is a str; use the bytes"),
    ):
        with pytest.raises(TypeError, match=message) as told:
            photos.open(source)
        assert "\n" not in str(told.value)
    with pytest.raises(TypeError, match=r"data of 'x\.png' is a str"):
        photos.load(UserPhoto("x.png", "text"))


def test_shipped_photographs_are_as_they_are_in_their_files():
    for name in photos.names():
        file = photos.FOLDER / photos.FILES[name]
        array = np.asarray(Pillow.open(file).convert("RGB"))
        assert close(photos.original(name), array, 1e-6)
