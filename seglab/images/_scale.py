"""Pictures scaled by Pillow, with the same pixels in all of its versions and in a saved page."""

from PIL import Image as Pillow

from seglab.types import Size

Box = tuple[float, float, float, float]


def scale(picture: Pillow.Image, size: Size, box: Box | None = None) -> Pillow.Image:
    """The part of a picture in a box (left, top, right, bottom), scaled to (height, width).

    Rows first, then columns, each rounded to whole numbers: Pillow's own order depends on its
    version and on the form of the picture. Its filter is Lanczos' of three lobes.
    """
    left, top, right, bottom = box or (0, 0, *picture.size)
    lanczos = Pillow.Resampling.LANCZOS
    height, width = size
    flat = picture.resize((width, picture.height), lanczos, (left, 0, right, picture.height))
    return flat.resize((width, height), lanczos, (0, top, width, bottom))
