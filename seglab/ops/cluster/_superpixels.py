"""Superpixels: small connected segments that keep to the edges of a picture.

All take features [B, C, H, W] (see `features`) and give labels int64 [B, H, W], 0 to n - 1 in each
picture. The work is scikit-image's, on the CPU; the answer lies where the features do.
"""

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.types import Labels


def slic(features: Tensor, segments: int, compactness: float = 10) -> Labels:
    """Cut into about `segments` pieces: k-means around a grid of centers, near each center only.

    features: float [B, C, H, W]; the labels: int64 [B, H, W].
    compactness: how many units of feature weigh as much as the distance of two centers. Large
    makes squares, small follows every edge. R. Achanta et al., "SLIC superpixels compared to
    state-of-the-art superpixel methods", 2012.
    """
    from skimage import segmentation

    _validate.whole_number("segments", segments)
    _positive("compactness", compactness)

    def segment(channels: Any) -> Any:
        # scikit-image stretches the values to 0..1 first, and so changes what compactness means.
        span = float(channels.max() - channels.min()) or 1.0
        return segmentation.slic(
            channels,
            n_segments=segments,
            compactness=compactness / span,
            convert2lab=False,
            channel_axis=-1,
            start_label=0,
        )

    return each(segment, features)


def felzenszwalb(features: Tensor, scale: float, smallest: int = 20) -> Labels:
    """Pieces that differ more from each other than within: a minimum spanning forest.

    features: float [B, C, H, W]; the labels: int64 [B, H, W].
    Two pieces stay apart when the smallest difference between them exceeds what is usual inside
    one of them, where a small piece is granted scale / size more. scale is in units of feature;
    pieces under `smallest` pixels join a neighbour.
    P. Felzenszwalb and D. Huttenlocher, "Efficient graph-based image segmentation", 2004.
    """
    from skimage import segmentation

    _positive("scale", scale)
    _validate.whole_number("smallest", smallest)

    def segment(channels: Any) -> Any:
        with warnings.catch_warnings():
            # scikit-image is surprised by more channels than three; here they are meant.
            warnings.filterwarnings("ignore", "Got image with third dimension")
            # Its scale counts in values of 0..255.
            return segmentation.felzenszwalb(
                channels, scale=255 * scale, sigma=0.8, min_size=smallest, channel_axis=-1
            )

    return each(segment, features)


def gradient_watershed(features: Tensor, segments: int, compactness: float = 0) -> Labels:
    """Cut into about `segments` basins of the gradient, flooded from a grid of sources.

    features: float [B, C, H, W]; the labels: int64 [B, H, W]. Refuses a negative compactness.
    compactness: how much the way from the source counts beside the height of the gradient; 0 is
    the plain watershed. S. Beucher and C. Lantuejoul, "Use of watersheds in contour detection",
    1979; P. Neubert and P. Protzel, "Compact watershed and preemptive SLIC", 2014.
    """
    from skimage import segmentation

    _validate.whole_number("segments", segments)
    if not 0 <= compactness < float("inf"):
        raise ValueError(f"compactness={compactness!r} must not be negative; use a number from 0")

    def segment(height: Any) -> Any:
        return segmentation.watershed(height[..., 0], markers=segments, compactness=compactness)

    return each(segment, gradient(features))


def gradient(features: Tensor) -> Tensor:
    """Slope of the features at each pixel, per pixel, [B, 1, H, W]: Sobel, all channels."""
    maps(features)
    wide = torch.nn.functional.pad(features, (1, 1, 1, 1), mode="replicate")
    smooth_rows = (wide[:, :, :-2] + 2 * wide[:, :, 1:-1] + wide[:, :, 2:]) / 4
    smooth_columns = (wide[..., :-2] + 2 * wide[..., 1:-1] + wide[..., 2:]) / 4
    across = (smooth_rows[..., 2:] - smooth_rows[..., :-2]) / 2
    down = (smooth_columns[:, :, 2:] - smooth_columns[:, :, :-2]) / 2
    return (across.square() + down.square()).sum(1, keepdim=True).sqrt()


def each(segment: Callable[[Any], Any], features: Tensor) -> Labels:
    """Labels of every picture of a batch by a function of a NumPy array [H, W, C]."""
    maps(features)
    pictures = features.detach().float().permute(0, 2, 3, 1).contiguous().cpu().numpy()
    labels = [torch.from_numpy(segment(picture)).long() for picture in pictures]
    return torch.stack([numbered(plane) for plane in labels]).to(features.device)


def numbered(labels: Tensor) -> Tensor:
    """Labels renumbered 0 to n - 1, in the order of their numbers."""
    return _validate.whole(labels, "labels").unique(return_inverse=True)[1]


def maps(features: Tensor) -> None:
    """Refuse what is no finite float [B, C, H, W] with at least one value."""
    if not isinstance(features, Tensor):
        raise TypeError(f"features is a {type(features).__name__}; give a tensor [B, C, H, W]")
    if features.ndim != 4 or 0 in features.shape:
        raise ValueError(
            f"features has shape {list(features.shape)}; give [B, C, H, W] with at least one value"
        )
    if not features.is_floating_point():
        raise TypeError(f"features is {features.dtype}, which has no mean; use features.float()")
    if not bool(features.isfinite().all()):
        raise ValueError("features hold NaN or infinity; use features.nan_to_num()")


def _positive(name: str, value: float) -> None:
    if not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise ValueError(f"{name}={value!r} must be above 0; use a number such as 10")
