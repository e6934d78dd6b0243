"""Losses of a semantic segmentation: scores [B, K, H, W] and labels [B, H, W] to one number.

Each averages over the pixels that have a class; those labelled `ignore` have no say, and their
scores no gradient. Where no pixel has a class the loss is 0. All are worked out from scores,
before a softmax, and stay finite for scores of any size; half precision is summed in float32.
"""

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._floats import unhalved
from seglab.types import NO_LABEL, Labels, Scores


def cross_entropy(
    scores: Scores, labels: Labels, *, weights: Tensor | None = None, ignore: int = NO_LABEL
) -> Tensor:
    """The mean of -log p of each pixel's class.

    weights: one for each class, [K]; the mean is then weighted, as torch's is.
    Raises ValueError for shapes that do not match and labels that are no class.

    >>> import torch
    >>> from seglab.ops import losses
    >>> scores = torch.zeros(1, 2, 1, 3)
    >>> losses.cross_entropy(scores, torch.tensor([[[0, 1, 255]]]))
    tensor(0.6931)
    """
    return focal(scores, labels, gamma=0.0, weights=weights, ignore=ignore)


def focal(
    scores: Scores,
    labels: Labels,
    *,
    gamma: float = 2.0,
    weights: Tensor | None = None,
    ignore: int = NO_LABEL,
) -> Tensor:
    """The mean of -(1 - p)^gamma log p of each pixel's class (Lin et al. 2017).

    A pixel that is right already counts less, the more so the larger gamma is; gamma 0 is the
    cross-entropy. weights: one for each class, [K]; the mean is then weighted.
    Raises ValueError for a negative gamma, shapes that do not match, labels that are no class.
    """
    if not gamma >= 0:
        raise ValueError(f"gamma={gamma} must be 0 or more; 2 is usual")
    rows, classes = _labelled(scores, labels, ignore)
    _check_weights(weights, rows.shape[1])
    own = rows.log_softmax(1).gather(1, classes[:, None])[:, 0]
    each = -own
    if gamma:
        # 1 - p is the sum of the others' probabilities: exact where p is nearly 1.
        others = rows.scatter(1, classes[:, None], -torch.inf).logsumexp(1) - rows.logsumexp(1)
        each = each * (gamma * others).exp()
    shares = torch.ones_like(each) if weights is None else weights.to(each)[classes]
    return (each * shares).sum() / shares.sum().clamp_min(torch.finfo(each.dtype).tiny)


def dice(scores: Scores, labels: Labels, *, smooth: float = 1.0, ignore: int = NO_LABEL) -> Tensor:
    """One minus the soft Dice coefficient, averaged over the classes (Milletari et al. 2016).

    Of probabilities p and ones y where a pixel has the class: (2 sum py + smooth) /
    (sum p + sum y + smooth), with plain sums where the paper has squares. smooth keeps the
    coefficient of a class that is nowhere at 1 rather than 0 / 0.
    Raises ValueError for a negative smooth, shapes that do not match, labels that are no class.

    >>> import torch
    >>> from seglab.ops import losses
    >>> scores = torch.tensor([[[[9.0, -9.0]], [[-9.0, 9.0]]]])
    >>> round(float(losses.dice(scores, torch.tensor([[[0, 1]]]))), 4)
    0.0
    """
    if not smooth >= 0:
        raise ValueError(f"smooth={smooth} must be 0 or more")
    return tversky(scores, labels, alpha=0.5, beta=0.5, smooth=smooth / 2, ignore=ignore)


def tversky(
    scores: Scores,
    labels: Labels,
    *,
    alpha: float = 0.3,
    beta: float = 0.7,
    smooth: float = 1.0,
    ignore: int = NO_LABEL,
) -> Tensor:
    """One minus the soft Tversky index, averaged over the classes (Salehi et al. 2017).

    (TP + smooth) / (TP + alpha FP + beta FN + smooth), each a sum of probabilities. beta above
    alpha makes a missed pixel cost more than a false one; a half each is Dice, one each is IoU.
    Raises ValueError for negative alpha, beta or smooth, shapes that do not match, labels that are
    no class.
    """
    for name, value in (("alpha", alpha), ("beta", beta), ("smooth", smooth)):
        if not value >= 0:
            raise ValueError(f"{name}={value} must be 0 or more")
    if not alpha + beta + smooth:
        raise ValueError("alpha, beta and smooth are all 0; give one of them above 0")
    rows, classes = _labelled(scores, labels, ignore)
    if not len(rows):
        return rows.sum()
    shares, truth = rows.softmax(1), _ones(rows, classes)
    hits = (shares * truth).sum(0)
    false, missed = (shares * (1 - truth)).sum(0), ((1 - shares) * truth).sum(0)
    below = hits + alpha * false + beta * missed + smooth
    there = below > 0  # without smoothing, a class of no probability and no pixel
    index = torch.where(there, (hits + smooth) / torch.where(there, below, 1), 1)
    return 1 - index.mean()


def lovasz_softmax(scores: Scores, labels: Labels, *, ignore: int = NO_LABEL) -> Tensor:
    """The Lovász extension of 1 - IoU, averaged over the classes there (Berman et al. 2018).

    Of hard probabilities, 0 or 1, it is exactly the mean of 1 - IoU; between them it is convex in
    the errors |y - p|, so that the IoU itself can be learned. The pixels of the whole batch make
    one IoU.
    Raises ValueError for shapes that do not match and labels that are no class.
    """
    rows, classes = _labelled(scores, labels, ignore)
    if not len(rows):
        return rows.sum()
    truth = _ones(rows, classes)
    errors, order = (truth - rows.softmax(1)).abs().sort(dim=0, descending=True, stable=True)
    sorted_truth = truth.gather(0, order)
    size = truth.sum(0)
    # 1 - IoU when the pixels of the largest errors, so many of them, are wrong.
    both = size - sorted_truth.cumsum(0)
    either = size + (1 - sorted_truth).cumsum(0)
    wrong = 1 - both / either
    steps = torch.cat([wrong[:1], wrong[1:] - wrong[:-1]])
    return (errors * steps).sum(0)[size > 0].mean()


def boundary(scores: Scores, labels: Labels, *, ignore: int = NO_LABEL) -> Tensor:
    """The mean of each class's probability times its distance to the class (Kervadec et al. 2019).

    The distance, in pixels, is signed: negative inside the class's region, positive outside, 0 for
    a class that is nowhere or everywhere. So probability far from where it belongs costs most, and
    the least value is below 0. It is added to another loss, which pulls where distances are small.
    Raises ValueError for shapes that do not match and labels that are no class.
    """
    rows, _ = _labelled(scores, labels, ignore)
    if not len(rows):
        return rows.sum()
    distances = torch.stack([_signed_distance(labels == k) for k in range(scores.shape[1])], 1)
    away = distances.to(rows).permute(0, 2, 3, 1)[labels != ignore]
    return (rows.softmax(1) * away).sum(1).mean()


def _signed_distance(region: Tensor) -> Tensor:
    """Pixels to a region [B, H, W]: from a pixel outside to the nearest inside, and minus that.

    Float32 on the CPU; both in whole pixels, so that neighbours across the border have 1 and -1.
    """
    from scipy.ndimage import distance_transform_edt

    found = []
    for one in region.cpu().numpy():
        if one.all() or not one.any():
            found.append(torch.zeros(one.shape))
            continue
        outside, inside = distance_transform_edt(~one), distance_transform_edt(one)
        found.append(torch.from_numpy(outside - inside).float())
    return torch.stack(found)


def _labelled(scores: Scores, labels: Labels, ignore: int) -> tuple[Tensor, Tensor]:
    """The scores [N, K] and the classes [N] of the pixels that have one."""
    _validate.maps(scores, name="scores")
    if scores.shape[1] < 2:
        raise ValueError(
            f"scores has {scores.shape[1]} class; give two, such as torch.cat([0 * x, x], 1)"
        )
    classes = _validate.whole(labels, "labels")
    _validate.ignored(scores.shape[1], ignore)
    wanted = (scores.shape[0], *scores.shape[2:])
    if classes.shape != wanted:
        raise ValueError(
            f"labels has shape {list(classes.shape)}, but scores has {list(scores.shape)}; "
            f"use [B, H, W], here {list(wanted)}"
        )
    if classes.device != scores.device:
        raise ValueError(
            f"labels are on {classes.device} and scores on {scores.device}; "
            f"use labels.to(scores.device)"
        )
    known = classes != ignore
    _validate.known_classes(classes[known], scores.shape[1], ignore)
    return unhalved(scores).permute(0, 2, 3, 1)[known], classes[known]


def _check_weights(weights: Tensor | None, classes: int) -> None:
    if weights is None:
        return
    if weights.shape != (classes,) or not bool((weights >= 0).all()):
        raise ValueError(
            f"weights={weights.tolist()} must be a number from 0 for each of the {classes} classes"
        )


def _ones(rows: Tensor, classes: Tensor) -> Tensor:
    """1 where a row has the class, else 0, [N, K]."""
    return torch.zeros_like(rows).scatter(1, classes[:, None], 1)
