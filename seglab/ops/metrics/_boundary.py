"""Boundary IoU: how well the contours of two segmentations agree."""

import torch
from torch import Tensor

from seglab.ops import _validate, morphology
from seglab.ops._floats import share
from seglab.ops.metrics._confusion import check_alike, counts_below, judged_pixels
from seglab.types import NO_LABEL, Labels


def boundary_iou(mask: Tensor, truth: Tensor, distance: int) -> Tensor:
    """IoU of the bands within `distance` pixels of each mask's own contour, on its inner side.

    mask, truth: bool [..., H, W]; one value for each pair of masks, [...]. As in the authors' code,
    distance counts erosions by 3 x 3 pixels, and a mask that the picture's border cuts off has a
    contour there. Two empty masks give NaN, one empty mask gives 0. With a distance as wide as the
    picture it is the ordinary IoU; the paper takes 2 % of the diagonal. Raises TypeError for masks
    that are not bool, ValueError for two shapes.
    Cheng et al., "Boundary IoU: improving object-centric image segmentation evaluation", 2021.
    """
    for name, given in (("mask", mask), ("truth", truth)):
        _validate.masks(given, name, "[..., H, W]", "labels == 1")
    check_alike("mask", mask, truth)
    _validate.whole_number("distance", distance)
    band, true_band = (m & morphology.edge(m, distance) for m in (mask, truth))
    return share((band & true_band).sum((-2, -1)), (band | true_band).sum((-2, -1)))


def boundary_counts(
    labels: Labels, truth: Labels, classes: int, distance: int, ignore: int = NO_LABEL
) -> Tensor:
    """Pixels in the intersection and in the union of each class's two bands, int64 [K, 2].

    labels, truth: whole numbers [..., H, W]; the bands are those of boundary_iou, with labels == k
    and truth == k for its masks. The counts of several batches may be added up. Pixels whose truth
    is `ignore` count nowhere, and both contours run along them, as along the picture's border.
    """
    labels, truth, judged = judged_pixels(labels, truth, classes, ignore)
    _validate.whole_number("distance", distance)
    labels, truth = (m.where(judged, -1) for m in (labels, truth))
    near, true_near = (morphology.edge(m, distance) & judged for m in (labels, truth))
    band, true_band, shared = (
        counts_below(
            truth.where(where, classes) if of_truth else labels.where(where, classes), classes
        )
        for of_truth, where in (
            (False, near),
            (True, true_near),
            (True, near & true_near & (labels == truth)),
        )
    )
    return torch.stack((shared, band + true_band - shared), 1)


def mean_boundary_iou(
    labels: Labels, truth: Labels, classes: int, distance: int, ignore: int = NO_LABEL
) -> Tensor:
    """Boundary IoU of each class over all pictures together, averaged over the classes.

    labels, truth: whole numbers [..., H, W]. Classes that are nowhere are left out. The picture's
    border counts as a contour, so the background agrees there at once; see boundary_iou.
    """
    shared, union = boundary_counts(labels, truth, classes, distance, ignore).unbind(1)
    return share(shared, union).nanmean()
