"""Bytes of a picture file to an upright picture, or one sentence that says why not."""

import importlib
import importlib.util
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from seglab import _torchvision
from seglab.images import _colours, _numbers, _tiff
from seglab.images._numbers import Refusal

MAX_MEGAPIXELS = 50

# Named, because Pillow would otherwise also try formats that start other programs (EPS).
_FORMATS = ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP")
_READABLE = "use a PNG, JPEG, GIF, TIFF, WebP or BMP file"
_SMALLER = "scale it down first, to 4000 pixels a side for example"
_PNG = b"\x89PNG\r\n\x1a\n"
_OfNumbers = Callable[[_numbers.Array], tuple[Pillow.Image, _numbers.Range | None]]
_PHONES = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


@dataclass(frozen=True)
class About:
    """Number of planes in a file, and the numbers that are 0 (black) and 1 (white).

    planes: pages, slices or channels of a TIFF of which a picture shows one. range: None where the
    numbers are bytes, or floats from 0 to 1.
    """

    planes: int = 1
    range: tuple[float, float] | None = None

    def __str__(self) -> str:
        parts = []
        if self.range is not None:
            low, high = self.range
            parts.append(f"black is {low:g} and white {high:g}")
        if self.planes > 1:
            parts.append(f"one of {self.planes} planes")
        return ", ".join(parts)


def decode(
    data: bytes,
    label: str,
    draft: int | None = None,
    plane: int = 0,
    managed: bool = True,
    cut: float = 0,
) -> tuple[Pillow.Image, About]:
    """The upright picture in mode 'RGB', or 'F' in 0 to 1 for grey of more than 8 bits.

    label: what an error calls the picture. draft lets a JPEG decode at a fraction of its size, with
    no side below draft. managed: whether colours are brought to sRGB. cut: as in _numbers.unit.
    """
    if not data:
        raise ValueError(f"{label} is empty (0 bytes): choose the file again")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large and odd files; here they are either fine or refused.
            warnings.simplefilter("ignore")
            return _decoded(data, label, draft, plane, managed, cut)
    except Refusal as refusal:
        raise ValueError(str(refusal)) from refusal.__cause__


def _decoded(
    data: bytes, label: str, draft: int | None, plane: int, managed: bool, cut: float
) -> tuple[Pillow.Image, About]:
    picture = _opened(data, label)
    if picture is None:
        try:
            return _measured(data, label, plane, cut)
        except Refusal:
            raise
        except ValueError as error:
            raise _damaged(label) from error
        except Exception as error:
            raise Refusal(f"{label} is no picture that can be read: {_READABLE}") from error
    _check_pixels(picture.size, label)
    tags = getattr(picture, "tag_v2", {}) if picture.format == "TIFF" else {}
    frames = 1
    if tags:
        try:
            frames = int(getattr(picture, "n_frames", 1))
            if _tiff.wanted(tags, frames):
                return _measured(data, label, plane, cut)
        except Refusal:
            raise
        except Exception as error:  # of a codec that tifffile lacks and Pillow may have
            if _tiff.misread(tags):
                raise _damaged(label) from error
    _check_plane(plane, frames, label)
    try:
        if frames > 1:
            picture.seek(plane)
        if draft is not None:
            picture.draft(None, (draft, draft))
        picture.load()
        number = partial(_of_numbers, label=label, inverted=_tiff.inverted(tags), cut=cut)
        plain, limits = _plain(_upright(picture), data, managed, number)
    except Refusal:
        raise
    except Exception as error:  # decoders raise what they like on a damaged body
        raise _damaged(label) from error
    return plain, About(frames, limits)


def _opened(data: bytes, label: str) -> Pillow.Image | None:
    """The file as Pillow opens it; None for a TIFF that Pillow does not know."""
    formats: tuple[str, ...] = _FORMATS
    if data[4:8] == b"ftyp" and data[8:12] in _PHONES:
        if importlib.util.find_spec("pillow_heif") is None:
            raise Refusal(
                f"{label} is no picture that can be read here, but HEIC, as iPhones write it: "
                f"export it as JPEG, or install pillow-heif"
            )
        importlib.import_module("pillow_heif").register_heif_opener()
        formats = (*_FORMATS, "HEIF")
    try:
        return Pillow.open(io.BytesIO(data), formats=formats)
    except Pillow.DecompressionBombError as error:
        raise Refusal(
            f"{label} has far more than {MAX_MEGAPIXELS} megapixels: {_SMALLER}"
        ) from error
    except Exception as error:  # decoders raise what they like on a damaged header
        if _tiff.is_signed(data):
            return None
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            raise _damaged(label) from error
        raise Refusal(f"{label} is no picture that can be read: {_READABLE}") from error


def _damaged(label: str) -> ValueError:
    return Refusal(f"{label} is damaged or cut short: copy or save it again")


def _check_pixels(size: tuple[int, int], label: str) -> None:
    width, height = size
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise Refusal(
            f"{label} has {width * height / 1e6:.0f} megapixels ({width} × {height}), more than "
            f"{MAX_MEGAPIXELS}: {_SMALLER}"
        )


def _check_plane(plane: int, planes: int, label: str) -> None:
    if plane >= planes:
        raise Refusal(
            f"plane={plane} is not in {label}, which holds {planes}; use 0 to {planes - 1}"
        )


def _upright(picture: Pillow.Image) -> Pillow.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # broken metadata says nothing about the pixels
        return picture


def _plain(
    picture: Pillow.Image, data: bytes, managed: bool, of_numbers: _OfNumbers
) -> tuple[Pillow.Image, _numbers.Range | None]:
    if picture.mode.startswith(("I", "F")):
        return of_numbers(np.asarray(picture))
    limits = None
    if data[:8] == _PNG and data[24] == 16 and picture.mode in ("RGB", "RGBA"):
        picture, limits = _deep_png(picture, data, of_numbers)
    if managed:
        picture = _colours.to_srgb(picture)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Pillow.new("RGBA", picture.size, "white")
        picture = Pillow.alpha_composite(white, picture)
    return picture.convert("RGB"), limits


def _deep_png(
    picture: Pillow.Image, data: bytes, of_numbers: _OfNumbers
) -> tuple[Pillow.Image, _numbers.Range | None]:
    """A PNG of 16-bit colours by its range; of each number Pillow knows the upper byte only."""
    import torch

    _torchvision.load()
    from torchvision.io import ImageReadMode, decode_png

    stored = torch.frombuffer(bytearray(data), dtype=torch.uint8)
    array = decode_png(stored, ImageReadMode.RGB).permute(1, 2, 0).numpy()
    colours, limits = of_numbers(array)
    if picture.mode == "RGBA":
        colours.putalpha(picture.getchannel("A"))
    colours.info.update(picture.info)
    return colours, limits


def _measured(data: bytes, label: str, plane: int, cut: float) -> tuple[Pillow.Image, About]:
    """A TIFF of unusual depth, channels or pages."""
    try:
        read = _tiff.read(data, plane, lambda size: _check_pixels(size, label))
    except Refusal:
        raise
    except _tiff.NoSuchPlane as error:
        _check_plane(plane, error.planes, label)
        raise
    picture, limits = _of_numbers(read.array, label, read.inverted, cut)
    return picture, About(read.planes, limits)


def _of_numbers(
    array: _numbers.Array, label: str, inverted: bool, cut: float
) -> tuple[Pillow.Image, _numbers.Range | None]:
    if 0 in array.shape:
        raise _damaged(label)
    colours = array[..., :3] if array.ndim == 3 else array
    values, limits = _numbers.unit(colours, label, cut)
    if inverted:
        values = 1 - values
        limits = None if limits is None else limits[::-1]
    if values.ndim == 2:
        return Pillow.fromarray(values), limits
    return Pillow.fromarray((values * 255).round().astype(np.uint8)), limits
