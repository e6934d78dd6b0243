"""Real photographs: those inside scikit-image's wheel, and the student's own.

Files are read by path, never through `skimage.data`, whose loaders may download.
"""

import os
import warnings
from functools import lru_cache
from pathlib import Path
from typing import IO

import numpy as np
import skimage
import torch
from PIL import Image as Pillow

from seglab import device
from seglab._text import suggestion
from seglab.images._decode import MAX_MEGAPIXELS, About, decode
from seglab.images._scale import scale
from seglab.types import Image
from seglab.user_photo import UserPhoto, Visitor

MAX_SIDE = 512

__all__ = [
    "MAX_MEGAPIXELS",
    "MAX_SIDE",
    "About",
    "Source",
    "about",
    "load",
    "names",
    "open",
    "original",
]

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | UserPhoto

FILES = {
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
FOLDER = Path(skimage.__file__).parent / "data"


def names() -> tuple[str, ...]:
    """The photographs that need no download, in teaching order."""
    return tuple(name for name, file in FILES.items() if (FOLDER / file).is_file())


def load(photo: str | UserPhoto, size: int = 256) -> Image:
    """A photograph's largest centered square, scaled to [1, 3, size, size] without aliasing.

    photo is one of names(), 'mosaic' (the first test mosaic, see images.mosaics) or a UserPhoto.
    Raises ValueError for a name that there is not, a size below 1, or a UserPhoto that is refused.

    >>> from seglab.images import photos
    >>> photos.load("astronaut", size=64).shape
    torch.Size([1, 3, 64, 64])
    """
    _whole("size", size, 1, 256)
    if isinstance(photo, Visitor):
        square: Image = photo.square(size)
        return square
    if photo == "mosaic":
        from seglab.images import mosaics  # late: mosaics are cut from these photographs

        return mosaics.make(size=(size, size)).image
    if isinstance(photo, str):
        _check(photo)
    elif not isinstance(photo, UserPhoto):
        raise TypeError(
            f"photo={photo!r:.60} must be a photograph's name or a UserPhoto (seglab.user_photo)"
        )
    else:
        _bytes(photo)  # of other data than bytes nothing can be remembered
    return _square(photo, size).to(device.default(), copy=True)


def original(photo: str) -> Image:
    """A photograph of names() as it is: [1, 3, H, W], neither cropped nor scaled."""
    _check(photo)
    path = FOLDER / FILES[photo]
    return _tensor(decode(path.read_bytes(), photo, managed=False)[0]).to(device.default())


def open(
    source: Source, max_side: int = MAX_SIDE, plane: int | None = None, cut: float = 0
) -> Image:
    """The student's own picture, from a path, bytes or an open binary file: [1, 3, H, W].

    The longest side is at most max_side pixels (scaled down without aliasing, never up). EXIF
    rotation is applied, colours are brought to sRGB by the file's profile, transparency becomes
    white, an animation gives its first frame. Whole numbers of more than 8 bits, and floats beyond
    0 to 1, go from their smallest to their largest, see about(); NaN and infinity become grey.
    plane: which page, slice or channel of a TIFF, from 0; when None it is the first, and a warning
    says so where there are more.
    Raises ValueError, in one sentence, for what is no picture, is empty or cut short, holds complex
    numbers, or has more than 50 megapixels (known before anything is decoded).
    """
    _whole("max_side", max_side, 1, MAX_SIDE)
    if plane is not None:
        _whole("plane", plane, 0, 0)
    _check_cut(cut)
    data, label = _bytes(source)
    if isinstance(source, UserPhoto):
        plane, cut = source.plane if plane is None else plane, cut or source.cut
    picture, told = decode(data, label, draft=max_side, plane=plane or 0, cut=cut)
    if told.planes > 1 and plane is None:
        warnings.warn(
            f"{label} holds {told.planes} planes (pages, slices or channels), of which the first "
            f"is shown; photos.open(..., plane=1) shows the second",
            stacklevel=2,
        )
    shrink = min(1.0, max_side / max(picture.size))
    if shrink < 1:
        width, height = (max(1, round(side * shrink)) for side in picture.size)
        picture = scale(picture, (height, width))
    return _tensor(picture).to(device.default())


def about(source: Source, plane: int = 0, cut: float = 0) -> About:
    """Number of planes in a picture file, and the range of its numbers.

    Its text is a sentence for the reader, empty where there is nothing to say: 8-bit pictures of
    one plane. A UserPhoto says itself which plane, and what is cut. Raises as open() does.
    """
    if isinstance(source, UserPhoto):
        return _about(source)
    _whole("plane", plane, 0, 0)
    _check_cut(cut)
    data, label = _bytes(source)
    return decode(data, label, plane=plane, cut=cut)[1]


@lru_cache(maxsize=16)
def _about(photo: UserPhoto) -> About:
    data, label = _bytes(photo)
    return decode(data, label, plane=photo.plane, cut=photo.cut)[1]


@lru_cache(maxsize=24)  # all that are shipped, and some of the reader's own
def _square(photo: str | UserPhoto, size: int) -> Image:
    if isinstance(photo, UserPhoto):
        data, label = _bytes(photo)
        picture, _ = decode(data, label, draft=size, plane=photo.plane, cut=photo.cut)
    else:
        picture, _ = decode((FOLDER / FILES[photo]).read_bytes(), photo, managed=False)
    width, height = picture.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return _tensor(scale(picture, (size, size), box))


def _check(photo: str) -> None:
    known = names()
    if photo in known:
        return
    meant = suggestion(photo, [*known, "mosaic"])
    raise ValueError(
        f"photo={photo!r} is no photograph here: {meant}there are {', '.join(known)} and mosaic; "
        f"a picture of your own is photos.open(path), and in a lab photo=path"
    )


def _whole(name: str, value: object, least: int, such_as: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}={value!r} must be a whole number, such as {such_as}")
    if value < least:
        raise ValueError(f"{name}={value} must be at least {least}, such as {such_as}")


def _check_cut(cut: object) -> None:
    if isinstance(cut, bool) or not isinstance(cut, int | float):
        raise TypeError(f"cut={cut!r} must be a number of percent, such as 1")
    if not 0 <= cut < 50:
        raise ValueError(f"cut={cut} must be at least 0 and below 50 percent, such as 1")


def _bytes(source: Source) -> tuple[bytes, str]:
    """The file's bytes, and what an error message calls it."""
    if isinstance(source, UserPhoto):
        if not isinstance(source.data, bytes):
            raise TypeError(
                f"data of {source.name!r} is a {type(source.data).__name__}; use the bytes of the "
                f"file: UserPhoto.read(path)"
            )
        return source.data, repr(source.name)
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), "the picture"
    if isinstance(source, str | os.PathLike):
        return _of_path(source)
    if hasattr(source, "read"):
        return _of_file(source)
    kind, remedy = type(source).__name__, "use a path, bytes or a file opened with mode 'rb'"
    if isinstance(source, np.ndarray):
        remedy = "of one in memory use torch.from_numpy(array).permute(2, 0, 1)[None] / 255"
    elif isinstance(source, Pillow.Image):
        remedy = "of one in memory use torchvision's to_tensor(picture)[None], or its file"
    elif isinstance(source, torch.Tensor):
        remedy = "an image that is a tensor [1, 3, H, W] needs no photos.open"
    raise TypeError(f"source={kind} is no picture file; {remedy}")


def _of_path(source: str | os.PathLike[str]) -> tuple[bytes, str]:
    given = os.fspath(source)
    path = Path(given)
    try:
        if not given:
            raise ValueError("an empty path")
        return path.read_bytes(), repr(path.name)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        remedy = "check the path"
        if "://" in str(given):
            remedy = "download it first, and give the path of the file"
        elif given in (*names(), "mosaic"):
            remedy = f"the photograph of that name is photos.load({given!r})"
        raise ValueError(f"source={given!r} cannot be read ({why}): {remedy}") from error


def _of_file(source: IO[bytes]) -> tuple[bytes, str]:
    label = repr(Path(str(getattr(source, "name", "the picture"))).name)
    if getattr(source, "closed", False):
        raise ValueError(f"source is a closed file ({label}): open it again with mode 'rb'")
    data = source.read()
    if not isinstance(data, bytes):
        raise TypeError(f"source={label} gives {type(data).__name__}; open it with mode 'rb'")
    if not data and source.seekable() and source.tell() > 0:
        raise ValueError(
            f"source is a file read to its end ({label}): go back first with source.seek(0)"
        )
    return data, label


def _tensor(picture: Pillow.Image) -> Image:
    array = np.array(picture, dtype=np.float32)
    if picture.mode == "RGB":
        array /= 255
        pixels = torch.from_numpy(array).permute(2, 0, 1)
    else:
        pixels = torch.from_numpy(array).expand(3, -1, -1)
    return pixels[None].clamp(0, 1).contiguous()
