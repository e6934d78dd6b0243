"""U-Net with a head at every resolution, and its answers at the pixels of a picture.

Xie and Tu, "Holistically-nested edge detection" (HED), 2015: side outputs at several strides, each
enlarged to the picture. Here they are read on the way down, before any join, and on the way up.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from seglab.images import resize
from seglab.nets import blocks
from seglab.nets.segmenters import CLASSES
from seglab.nets.unet import UNet
from seglab.ops import upsample
from seglab.types import Image, Scores, Size

Way = Literal["down", "up"]

WIDTHS = (8, 16, 24, 32, 48)
STRIDES = (16, 8, 4, 2, 1)  # of the sides on the way up, the coarsest first
# Way and stride of each resolution that has a head, in the order in which the net computes them.
PATH: tuple[tuple[Way, int], ...] = (
    *(("down", stride) for stride in STRIDES[:0:-1]),
    *(("up", stride) for stride in STRIDES),
)


class Side(NamedTuple):
    """One resolution of a net: its features [B, C, h, w] of that stride, and its head."""

    way: Way
    stride: int
    features: Tensor
    head: nn.Module

    @property
    def scores(self) -> Scores:
        """Scores at the side's own stride, [B, K, h, w]."""
        scores: Scores = self.head(self.features)
        return scores


class SideNet(UNet):
    """Untrained U-Net with a 1 x 1 head behind every resolution, on the way down and up.

    The head at stride 1 on the way up is `scores`, and what forward gives.
    """

    def __init__(
        self,
        classes: int = len(CLASSES),
        widths: tuple[int, ...] = WIDTHS,
        batch_norm: bool = False,
    ) -> None:
        super().__init__(classes, widths=widths, batch_norm=batch_norm)
        self.sides = nn.ModuleList(nn.Conv2d(width, classes, 1) for width in widths[:0:-1])
        self.early = nn.ModuleList(nn.Conv2d(width, classes, 1) for width in widths[:-1])

    def along(self, image: Image) -> Iterator[Side]:
        """Sides in the order of the computation, down to the coarsest and up again.

        What is not asked for is not computed: stop, and the rest of the net is cut away.
        """
        features = []
        for level, x in enumerate(self.descending(image)):
            features.append(x)
            if level < len(self.early):
                yield Side("down", 2**level, x, self.early[level])
        yield Side("up", 2 * self.skips[0], features[-1], self.sides[0])
        for join, head in zip(self.joins(features), (*self.sides[1:], self.scores), strict=True):
            yield Side("up", join.stride, join.merged, head)


def enlarged(scores: Scores, factor: int, size: Size) -> Scores:
    """Scores enlarged bilinearly to the pixels of a picture (height, width), [B, K, H, W]."""
    return upsample.bilinear(scores, factor)[..., : size[0], : size[1]]


def fused(scores: Sequence[Scores]) -> Scores:
    """Logarithm of the mean probability of several answers, as scores, [B, K, H, W].

    HED learns a weight for each side; here all are equal. Raises ValueError for no answer.
    """
    if not scores:
        raise ValueError("scores=[] has no answer; give one or more, each [B, K, H, W]")
    logs = torch.stack([one.log_softmax(1) for one in scores])
    fused: Scores = logs.logsumexp(0) - logs.new_tensor(len(scores)).log()
    return fused


def smaller(image: Image, factor: int) -> Image:
    """Copy of an image whose sides are `factor` times smaller, rounded up, [B, 3, h, w].

    The image is continued by its mirror image where the factor does not divide a side. Raises
    ValueError for a factor below 1.
    """
    if factor < 1:
        raise ValueError(f"factor={factor} must be 1 or more: the copy is so much smaller")
    whole = blocks.mirrored_to_multiple(image, factor)
    return resize.image(whole, (whole.shape[-2] // factor, whole.shape[-1] // factor))


def coarse(net: SideNet, image: Image) -> list[Scores]:
    """Scores of every side of PATH, each at its own stride, [B, K, h, w]."""
    return [side.scores for side in net.along(image)]


def answers(
    found: Sequence[Sequence[Scores]], factors: Sequence[int], size: Size
) -> tuple[Scores, ...]:
    """Scores of every side of PATH at the pixels of a picture (height, width), each [B, K, H, W].

    found: what `coarse` says to copies of the picture. factors: by which they are smaller. Of
    several copies the probabilities are averaged (an image pyramid, Adelson et al. 1984).
    """
    each = [
        [
            enlarged(scores, stride * factor, size)
            for scores, (_, stride) in zip(sides, PATH, strict=True)
        ]
        for sides, factor in zip(found, factors, strict=True)
    ]
    if len(each) == 1:
        return tuple(each[0])
    return tuple(fused(copies) for copies in zip(*each, strict=True))


def answer(net: SideNet, image: Image, factors: Sequence[int] = (1,)) -> tuple[Scores, ...]:
    """Scores of every side of PATH for copies of an image; see answers()."""
    found = [coarse(net, smaller(image, factor)) for factor in factors]
    return answers(found, factors, (image.shape[-2], image.shape[-1]))


def multiply_adds(size: Size, depth: int = len(PATH), factors: Sequence[int] = (1,)) -> int:
    """Multiply-adds of the convolutions for one picture (height, width), read at a side of PATH.

    depth: the number of that side, from 1; only its head counts, and nothing behind it. factors: as
    answers() takes them. Enlarging is no convolution.
    Raises ValueError for a depth that is no side.
    """
    if not 1 <= depth <= len(PATH):
        raise ValueError(f"depth={depth} must be from 1 to {len(PATH)}, the number of a side")
    height, width = size
    return sum(_work(-(-height // by), -(-width // by))[depth - 1] for by in factors)


@lru_cache(maxsize=16)
def _work(height: int, width: int) -> tuple[int, ...]:
    """Multiply-adds of one picture up to each side of PATH and its head.

    Counted in a pass: torch's own counter, and its pass over shapes alone, import 80 MB.
    """
    done, found = 0, []

    def count(layer: nn.Module, given: tuple[Tensor], made: Tensor) -> None:
        nonlocal done
        places = given[0] if isinstance(layer, nn.ConvTranspose2d) else made  # where a kernel lies
        done += places.numel() * layer.weight[0].numel()  # type: ignore[index]

    with torch.random.fork_rng(devices=[]), torch.no_grad():  # building draws random weights
        net = SideNet().eval()
        for layer in net.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                layer.register_forward_hook(count)
        for side in net.along(torch.zeros(1, 3, height, width)):
            before = done
            side.head(side.features)
            found.append(done)
            done = before
    return tuple(found)
