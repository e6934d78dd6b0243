"""Regions that compete for every pixel: each grows from its labelled pixels by colour."""

import numpy as np
import torch
from torch import Tensor

from seglab.ops import cluster
from seglab.ops.clicks._seeds import BACKGROUND, OBJECT, framed
from seglab.types import NO_LABEL, Image, Labels


def compete(image: Image, labelled: Labels) -> Tensor:
    """Share of each pixel that the object wins, float [B, 1, H, W]; above 0.5 it is object.

    A region grows from every connected group of labelled pixels. It reaches a pixel at the smallest
    tolerance at which a path leads there: a path costs its greatest difference in colour (CIE76)
    from the mean of the group. The label whose region needs less wins; the value is the other's
    share in the sum of both tolerances. Region growing from seeds as in R. Adams and L. Bischof,
    "Seeded region growing", 1994, with the tolerance in place of their queue.
    labelled: int64 [B, H, W]; 255 nothing. Where nothing is labelled object, all is background.
    """
    marks = framed(labelled)
    colours = cluster.cielab(image, exact=True)
    planes = [_won(one[None], mark) for one, mark in zip(colours, marks, strict=True)]
    return torch.stack(planes).to(image)


def _won(colours: Tensor, marked: Tensor) -> Tensor:
    """The object's share [1, H, W] of one picture's pixels, from L*a*b* colours [1, 3, H, W]."""
    from skimage.measure import label as connected

    if not bool((marked == OBJECT).any()):
        return torch.zeros_like(colours[:, 0])
    reach = []
    for label in (OBJECT, BACKGROUND):
        groups = connected((marked == label).cpu().numpy(), connectivity=2)
        starts = [torch.from_numpy(groups == n).to(marked.device) for n in np.unique(groups)[1:]]
        tolerances = [_tolerance(colours, start[None]) for start in starts]
        infinite = torch.full_like(colours[:, 0], torch.inf)
        reach.append(torch.stack([infinite, *tolerances]).amin(0))
    won = reach[1] / (reach[0] + reach[1]).clamp(min=1e-6)
    won = won.masked_fill(reach[1].isinf(), 1.0)
    return torch.where(marked == NO_LABEL, won, marked.to(won))


def _tolerance(colours: Tensor, start: Tensor) -> Tensor:
    """The tolerance at which the region of `start`, bool [1, H, W], reaches each pixel."""
    mean = colours[:, :, start[0]].mean(-1)
    apart = (colours - mean[..., None, None]).square().sum(1).sqrt()
    return cluster.joining_tolerance(apart.masked_fill(start, 0.0), start)
