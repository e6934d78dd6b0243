"""Colours as a file means them, in sRGB: by its ICC profile, or by the gamma of a PNG."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageCms

_USUAL = 1 / 2.2  # the gamma that a PNG names when it means sRGB


def to_srgb(picture: Pillow.Image) -> Pillow.Image:
    """The picture in sRGB, in mode RGB, RGBA or as it was; a broken profile says nothing."""
    profile = picture.info.get("icc_profile")
    if picture.mode in ("P", "PA", "LA", "1"):
        wanted = "RGBA" if picture.has_transparency_data else "RGB"
        if profile or _gamma(picture):
            picture = _with_info(picture.convert(wanted), picture)
    if profile:
        try:
            return _converted(picture, bytes(profile))
        except Exception:  # lcms refuses what is no profile, or one of another kind of colours
            return picture
    gamma = _gamma(picture)
    if gamma is None or picture.mode not in ("L", "RGB", "RGBA"):
        return picture
    table = [round(255 * float(v)) for v in encoded((np.arange(256) / 255) ** (1 / gamma))]
    bands = [
        band if name == "A" else band.point(table)
        for name, band in zip(picture.getbands(), picture.split(), strict=True)
    ]
    return _with_info(Pillow.merge(picture.mode, bands), picture)


def encoded(linear: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """sRGB (IEC 61966-2-1) of linear light, both from 0 to 1."""
    curve = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curve)


def _converted(picture: Pillow.Image, profile: bytes) -> Pillow.Image:
    given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if "srgb" in (given.profile.profile_description or "").lower():
        return picture  # a round trip would only round
    srgb = ImageCms.createProfile("sRGB")
    if picture.mode == "RGBA":
        colours = ImageCms.profileToProfile(picture.convert("RGB"), given, srgb, outputMode="RGB")
        if colours is not None:
            colours.putalpha(picture.getchannel("A"))
    else:
        colours = ImageCms.profileToProfile(picture, given, srgb, outputMode="RGB")
    return picture if colours is None else colours


def _gamma(picture: Pillow.Image) -> float | None:
    """The gamma that a PNG was written with, None where it is that of sRGB or none is named."""
    gamma = picture.info.get("gamma")
    if picture.format not in ("PNG", None) or "srgb" in picture.info or not gamma:
        return None
    return None if abs(gamma - _USUAL) < 0.01 or not 0.05 < gamma < 20 else float(gamma)


def _with_info(picture: Pillow.Image, source: Pillow.Image) -> Pillow.Image:
    picture.info.update(source.info)
    return picture
