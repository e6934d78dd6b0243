"""Real photographs: those inside scikit-image's wheel, and the student's own.

Files are read by path, never through `skimage.data`, whose loaders may download.
"""

import io
import os
import warnings
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import skimage
import tifffile
import torch
from PIL import Image as Pillow
from PIL import ImageOps

from seglab import device
from seglab._text import suggestion
from seglab.types import Image
from seglab.user_photo import UserPhoto

MAX_MEGAPIXELS = 50
MAX_SIDE = 512

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]

_FILES = {
    "astronaut": "astronaut.png",
    "coffee": "coffee.png",
    "chelsea": "chelsea.png",
    "rocket": "rocket.jpg",
    "motorcycle_left": "motorcycle_left.png",
    "camera": "camera.png",
    "coins": "coins.png",
    "cell": "cell.png",
    "ihc": "ihc.png",
    "retina": "retina.jpg",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "moon": "moon.png",
    "page": "page.png",
    "text": "text.png",
    "brick": "brick.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
}
_FOLDER = Path(skimage.__file__).parent / "data"
# Named, because Pillow would otherwise also try formats that start other programs (EPS).
_FORMATS = ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP")
_READABLE = "use a PNG, JPEG, GIF, TIFF, WebP or BMP file"


def names() -> tuple[str, ...]:
    """The photographs that need no download, in teaching order."""
    return tuple(name for name, file in _FILES.items() if (_FOLDER / file).is_file())


def load(photo: str | UserPhoto, size: int = 256) -> Image:
    """A photograph's largest centered square, scaled to [1, 3, size, size] without aliasing.

    photo is one of names(), 'mosaic' (the first test mosaic, see images.mosaics) or a UserPhoto.
    Raises ValueError for a name that there is not, a size below 1, or a UserPhoto that is refused.
    """
    if isinstance(size, bool) or not isinstance(size, int):
        raise TypeError(f"size={size!r} must be a whole number of pixels, such as 256")
    if size < 1:
        raise ValueError(f"size={size} must be at least 1 pixel, such as 256")
    if photo == "mosaic":
        from seglab.images import mosaics  # late: mosaics are cut from these photographs

        return mosaics.make(size=(size, size)).image
    if isinstance(photo, str):
        _check(photo)
    elif not isinstance(photo, UserPhoto):
        raise TypeError(
            f"photo={photo!r:.60} must be a photograph's name or a UserPhoto (seglab.user_photo)"
        )
    return _square(photo, size).to(device.default(), copy=True)


def original(photo: str) -> Image:
    """A photograph of names() as it is: [1, 3, H, W], neither cropped nor scaled."""
    _check(photo)
    path = _FOLDER / _FILES[photo]
    return _tensor(_decode(path.read_bytes(), photo)).to(device.default())


def open(source: Source, max_side: int = MAX_SIDE) -> Image:
    """The student's own picture, from a path, bytes or an open binary file: [1, 3, H, W].

    The longest side is at most max_side pixels (scaled down without aliasing, never up). EXIF
    rotation is applied, transparency becomes white, 16-bit grey keeps its real range, an
    animation gives its first frame. Raises ValueError, in one sentence, for what is no picture,
    is empty or cut short, or has more than 50 megapixels (known before anything is decoded).
    """
    if max_side < 1:
        raise ValueError(f"max_side={max_side} must be at least 1 pixel, such as {MAX_SIDE}")
    data, label = _bytes(source)
    picture = _decode(data, label, draft=max_side)
    shrink = min(1.0, max_side / max(picture.size))
    if shrink < 1:
        width, height = (max(1, round(side * shrink)) for side in picture.size)
        picture = picture.resize((width, height), Pillow.Resampling.LANCZOS)
    return _tensor(picture).to(device.default())


@lru_cache(maxsize=16)
def _square(photo: str | UserPhoto, size: int) -> Image:
    if isinstance(photo, UserPhoto):
        picture = _decode(photo.data, repr(photo.name), draft=size)
    else:
        picture = _decode((_FOLDER / _FILES[photo]).read_bytes(), photo)
    width, height = picture.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return _tensor(picture.resize((size, size), Pillow.Resampling.LANCZOS, box=box))


def _check(photo: str) -> None:
    known = names()
    if photo in known:
        return
    meant = suggestion(photo, [*known, "mosaic"])
    raise ValueError(
        f"photo={photo!r} is no photograph here: {meant}there are {', '.join(known)} and mosaic; "
        f"a picture of your own is photos.open(path), and in a lab photo=path"
    )


def _bytes(source: Source) -> tuple[bytes, str]:
    """The file's bytes, and what an error message calls it."""
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), "the picture"
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        try:
            return path.read_bytes(), repr(path.name)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise ValueError(
                f"source={str(path)!r} cannot be read ({why}): check the path"
            ) from error
    if hasattr(source, "read"):
        data = source.read()
        if isinstance(data, bytes):
            return data, repr(Path(str(getattr(source, "name", "the picture"))).name)
    raise TypeError(f"source={source!r} must be a path, bytes or a file opened with mode 'rb'")


def _decode(data: bytes, label: str, draft: int | None = None) -> Pillow.Image:
    """The upright picture in mode 'RGB', or 'F' in 0..1 for grey of more than 8 bits.

    draft lets a JPEG decode at a fraction of its size, with no side below draft.
    """
    if not data:
        raise ValueError(f"{label} is empty (0 bytes): choose the file again")
    with warnings.catch_warnings():
        # Pillow warns of large and odd files; here they are either fine or refused.
        warnings.simplefilter("ignore")
        try:
            picture = Pillow.open(io.BytesIO(data), formats=_FORMATS)
        except Pillow.DecompressionBombError as error:
            raise ValueError(
                f"{label} has far more than {MAX_MEGAPIXELS} megapixels: {_REMEDY}"
            ) from error
        except Exception as error:  # decoders raise what they like on a damaged header
            if data[:4] in (b"II*\0", b"MM\0*"):
                return _decode_tiff(data, label)
            raise ValueError(f"{label} is no picture that can be read: {_READABLE}") from error
        _check_pixels(picture.size, label)
        if _misread(picture):
            return _decode_tiff(data, label)
        try:
            if draft is not None:
                picture.draft(None, (draft, draft))
            picture.load()
            return _plain(_upright(picture))
        except Exception as error:  # likewise in a damaged body
            raise ValueError(f"{label} is damaged or cut short: copy or save it again") from error


_REMEDY = "scale it down first, to 4000 pixels a side for example"


def _check_pixels(size: tuple[int, int], label: str) -> None:
    width, height = size
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise ValueError(
            f"{label} has {width * height / 1e6:.0f} megapixels ({width} × {height}), more than "
            f"{MAX_MEGAPIXELS}: {_REMEDY}"
        )


def _misread(picture: Pillow.Image) -> bool:
    """A TIFF of separate 16-bit planes: Pillow takes their bytes for 8-bit pixels."""
    tags = getattr(picture, "tag_v2", {})
    planar, bits = tags.get(284, 1), tags.get(258, (8,))
    return bool(planar == 2 and max(bits) > 8)


def _upright(picture: Pillow.Image) -> Pillow.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # broken metadata says nothing about the pixels
        return picture


def _plain(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode.startswith(("I", "F")):
        return Pillow.fromarray(_unit(np.asarray(picture)))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Pillow.new("RGBA", picture.size, "white")
        picture = Pillow.alpha_composite(white, picture)
    return picture.convert("RGB")


def _decode_tiff(data: bytes, label: str) -> Pillow.Image:
    """The TIFFs that Pillow leaves: separate colour planes, unusual depths."""
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page: Any = file.pages[0]
            _check_pixels((page.imagewidth, page.imagelength), label)
            array = page.asarray()
            if page.axes == "SYX":
                array = np.moveaxis(array, 0, -1)
    except ValueError as error:
        if "megapixels" in str(error):
            raise
        raise ValueError(f"{label} is damaged or cut short: copy or save it again") from error
    except Exception as error:
        raise ValueError(f"{label} is no picture that can be read: {_READABLE}") from error
    if array.ndim == 2:
        return Pillow.fromarray(_unit(array))
    if array.ndim != 3 or array.shape[-1] < 3:
        raise ValueError(f"{label} has {array.ndim} dimensions, not height × width: {_READABLE}")
    return Pillow.fromarray((_unit(array[..., :3]) * 255).round().astype(np.uint8))


def _unit(array: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Any number type to float32 in 0..1: whole numbers by their type's range."""
    if array.dtype.kind == "f":
        values: npt.NDArray[np.float32] = np.nan_to_num(array.astype(np.float32))
        low, high = float(values.min()), float(values.max())
        if low < 0 or high > 1:  # a measurement in its own units
            values = (values - low) / (high - low or 1.0)
        return values
    top = float(np.iinfo(array.dtype).max) if array.dtype.kind in "iu" else 1.0
    if array.dtype == np.int32 and array.max() <= 65535:
        top = 65535.0  # how older Pillow hands out 16-bit grey
    values = array.astype(np.float32) / np.float32(top)
    return values.clip(0, 1)


def _tensor(picture: Pillow.Image) -> Image:
    array = np.array(picture, dtype=np.float32)
    if picture.mode == "RGB":
        array /= 255
        pixels = torch.from_numpy(array).permute(2, 0, 1)
    else:
        pixels = torch.from_numpy(array).expand(3, -1, -1)
    return pixels[None].clamp(0, 1).contiguous()
