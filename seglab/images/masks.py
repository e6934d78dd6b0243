"""A mask as a PNG file: white is the object, black is not."""

import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image as Pillow
from PIL import UnidentifiedImageError
from torch import Tensor

from seglab.types import Size


def save(mask: Tensor, path: str | os.PathLike[str], size: Size | None = None) -> Path:
    """Write a mask, bool [1, H, W] or [H, W], as a PNG of 0 and 255; returns the path.

    size: (height, width) of the file, such as the photograph's own; each pixel is repeated.
    Raises TypeError for what is no bool, ValueError for another shape or a name without .png.
    """
    if not isinstance(mask, Tensor) or mask.dtype != torch.bool:
        kind = mask.dtype if isinstance(mask, Tensor) else type(mask).__name__
        raise TypeError(f"mask is {kind}; give bool, such as probability > 0.5")
    if mask.ndim not in (2, 3) or (mask.ndim == 3 and len(mask) != 1):
        raise ValueError(f"mask has shape {list(mask.shape)}; give one, [H, W] or [1, H, W]")
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(f"path={str(path)!r} does not end in .png; use {str(path) + '.png'!r}")
    plane = mask.reshape(mask.shape[-2:]).cpu().numpy().astype(np.uint8) * 255
    picture = Pillow.fromarray(plane)
    if size is not None:
        picture = picture.resize((size[1], size[0]), Pillow.Resampling.NEAREST)
    picture.save(path)
    return path


def load(path: str | os.PathLike[str], size: Size | None = None) -> Tensor:
    """Read a mask, bool [1, H, W]: True where the file is brighter than half.

    size: (height, width) that it is brought to, pixel by pixel. Raises ValueError for a file that
    is no picture.
    """
    try:
        with Pillow.open(path) as file:
            picture = file.convert("L")
    except (OSError, UnidentifiedImageError) as error:
        raise ValueError(f"{str(path)!r} cannot be read as a picture: check the path") from error
    if size is not None:
        picture = picture.resize((size[1], size[0]), Pillow.Resampling.NEAREST)
    return torch.from_numpy(np.array(picture) > 127)[None]
