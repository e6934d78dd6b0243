"""Min-cut: the cheapest border that parts the object's labelled pixels from the background's."""

import numpy as np
import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.clicks._seeds import BACKGROUND, OBJECT, framed
from seglab.types import Image, Labels

WHOLE = 1000  # the cost of a cut between two equal colours: flows are whole numbers
_NEVER = 10**7  # more than any border costs


def min_cut(image: Image, labelled: Labels, contrast: float = 1.0) -> Tensor:
    """The mask, bool [B, H, W], whose border costs least, and that holds every labelled pixel.

    A cut between two neighbours (4 each) costs as in neighbour_costs. By the theorem of Ford and
    Fulkerson the cheapest cut is a maximum flow from the object's pixels to the background's; of
    equally cheap masks this is the smallest. Y. Boykov and M.-P. Jolly, "Interactive graph cuts",
    2001, without their terms for single pixels. labelled: int64 [B, H, W]; 255 nothing. Where
    nothing is labelled object, all is False. Raises ValueError for a contrast below 0.
    """
    _validate.maps(image, name="image")
    costs = neighbour_costs(image, contrast)
    marks = framed(labelled).cpu().numpy()
    down, across = (plane.cpu().numpy() for plane in costs)
    planes = [_cut(*three) for three in zip(down, across, marks, strict=True)]
    return torch.from_numpy(np.stack(planes)).to(image.device)


def neighbour_costs(image: Image, contrast: float = 1.0) -> tuple[Tensor, Tensor]:
    """Cost of a cut between a pixel and the one below, and the one to its right.

    int64 [B, H - 1, W] and [B, H, W - 1]: 1000 exp(-contrast d² / (2 m)), rounded, and at least 1,
    with the squared difference d² of the two colours and its mean m over the picture.
    Raises ValueError for a contrast below 0.
    """
    if not contrast >= 0:
        raise ValueError(f"contrast={contrast} must be 0 or more; 1 is usual")
    apart = [image.diff(dim=axis).square().sum(1) for axis in (-2, -1)]
    total = apart[0].sum((-2, -1)) + apart[1].sum((-2, -1))
    mean = (total / max(1, apart[0][0].numel() + apart[1][0].numel())).clamp(min=1e-12)
    first, second = (
        (WHOLE * (-contrast * d / (2 * mean[:, None, None])).exp()).round().long().clamp(min=1)
        for d in apart
    )
    return first, second


def _cut(down: np.ndarray, across: np.ndarray, marked: np.ndarray) -> np.ndarray:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    if not (marked == OBJECT).any():
        return np.zeros(marked.shape, bool)
    number = np.arange(marked.size).reshape(marked.shape)
    source, sink = marked.size, marked.size + 1
    inside, outside = number[marked == OBJECT], number[marked == BACKGROUND]
    pairs = ((number[:-1], number[1:], down), (number[:, :-1], number[:, 1:], across))
    edges = [
        *((a.ravel(), b.ravel(), c.ravel()) for a, b, c in pairs),
        *((b.ravel(), a.ravel(), c.ravel()) for a, b, c in pairs),
        (np.full(inside.size, source), inside, np.full(inside.size, _NEVER)),
        (outside, np.full(outside.size, sink), np.full(outside.size, _NEVER)),
    ]
    starts, ends, costs = (np.concatenate(part) for part in zip(*edges, strict=True))
    size = marked.size + 2
    graph = csr_matrix((costs.astype(np.int32), (starts, ends)), shape=(size, size))
    left = graph - maximum_flow(graph, source, sink).flow
    left.data[left.data < 0] = 0
    left.eliminate_zeros()
    reached = breadth_first_order(left, source, return_predecessors=False)
    mask = np.zeros(size, bool)
    mask[reached] = True
    return mask[: marked.size].reshape(marked.shape)
