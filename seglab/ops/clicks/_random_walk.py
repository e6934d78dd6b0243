"""Random walker: who starts at a pixel, and walks on where colours agree, ends at which label."""

import warnings

import numpy as np
import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.clicks._seeds import BACKGROUND, OBJECT, framed
from seglab.types import Image, Labels


def random_walk(image: Image, labelled: Labels, beta: float = 130.0) -> Tensor:
    """Probability that a walk from each pixel meets the object's labelled pixels before others.

    float [B, 1, H, W]. A step to a neighbour is the likelier, the more alike the colours: its
    weight is exp(-beta g²) with scikit-image's scale of g². L. Grady, "Random walks for image
    segmentation", 2006. labelled: int64 [B, H, W]; 255 nothing. Where nothing is labelled object,
    all is 0. Raises ValueError for a beta below 0.
    """
    if not beta >= 0:
        raise ValueError(f"beta={beta} must be 0 or more; 130 is usual")
    _validate.maps(image, name="image")
    marks = framed(labelled)
    planes = [
        _walk(picture, marked, beta)
        for picture, marked in zip(
            image.permute(0, 2, 3, 1).cpu().numpy(), marks.cpu().numpy(), strict=True
        )
    ]
    return torch.from_numpy(np.stack(planes).astype(np.float32))[:, None].to(image)


def _walk(picture: np.ndarray, marked: np.ndarray, beta: float) -> np.ndarray:
    from skimage.segmentation import random_walker

    if not (marked == OBJECT).any():
        return np.zeros(marked.shape)
    if not (marked == BACKGROUND).any():
        return np.ones(marked.shape)
    numbers = np.select([marked == OBJECT, marked == BACKGROUND], [1, 2], 0)
    if numbers.all():
        return (numbers == 1).astype(float)
    if np.ptp(picture) == 0:  # scikit-image divides by the deviation of all values
        picture, beta = picture + np.eye(*picture.shape[:2])[..., None], 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a solver that is not installed
        shares = random_walker(
            picture.astype(float),
            numbers,
            beta=beta,
            mode="bf",
            channel_axis=-1,
            return_full_prob=True,
        )
    first: np.ndarray = shares[0]
    return first
