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
