"""The photograph of 24 coins with a truth of its own: which pixel belongs to which coin."""

from functools import lru_cache

import torch

from seglab import device
from seglab.images import photos, resize
from seglab.images.scenes import Scene
from seglab.types import Instances, Size

CLASSES = ("background", "coin")

# The middle of every coin (row, column), marked by hand on the photograph of 303 x 384 pixels.
MIDDLES = (
    *((54, 44), (56, 100), (50, 155), (51, 216), (53, 276), (43, 335)),
    *((124, 45), (126, 102), (128, 154), (125, 206), (120, 270), (125, 336)),
    *((197, 44), (196, 102), (197, 154), (193, 212), (194, 273), (187, 347)),
    *((260, 46), (266, 113), (261, 172), (264, 244), (264, 301), (268, 358)),
)
_INNER, _OUTER = 13, 34  # pixels from a middle: surely coin within, surely none beyond


def load(size: Size = (152, 192)) -> Scene:
    """The whole photograph at about half its size, with labels (1 = coin) and the 24 coins."""
    image = resize.image(photos.original("coins"), size).clamp(0, 1)
    coins = resize.labels(truth(), size)
    return Scene(image, (coins > 0).long(), coins, torch.zeros_like(coins), CLASSES)


def truth() -> Instances:
    """Number of the coin at each pixel of the photograph, int64 [1, 303, 384], 1 to 24; 0 = none.

    Nobody drew it: the photograph's gradient is flooded from a disc in every coin and from the
    background, so the contours lie where the brightness changes most. Only the middles were marked
    by hand, and the 24 contours were compared with the photograph by eye.
    """
    return _flooded().to(device.default())


@lru_cache(maxsize=1)
def _flooded() -> Instances:
    import numpy as np
    from scipy.ndimage import gaussian_filter
    from skimage.filters import sobel
    from skimage.segmentation import watershed

    grey = photos.original("coins")[0, 0].cpu().numpy()
    row, column = np.indices(grey.shape)
    away = np.stack([np.hypot(row - y, column - x) for y, x in MIDDLES])
    outside = len(MIDDLES) + 1
    markers = np.where(away.min(0) < _INNER, away.argmin(0) + 1, 0)
    markers[away.min(0) > _OUTER] = outside
    basins = watershed(sobel(gaussian_filter(grey, 1)), markers)
    coins = torch.from_numpy(np.where(basins == outside, 0, basins).astype(np.int64))
    return coins[None]
