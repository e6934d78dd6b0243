"""U-Net: features go down to a coarse map and up again, and at each step up the skips join in.

Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image segmentation",
2015: without padding, features cropped and concatenated. Here also with zeros around, and with a
sum for the join. A transposed convolution of 2 x 2 with stride 2 takes a cell back to the four
that were pooled into it, so that the maps lie on each other exactly.
"""

from collections.abc import Iterator
from functools import partial
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seglab.nets import blocks
from seglab.nets.blocks import UNTOUCHED, Skips
from seglab.ops import borders
from seglab.types import Image, Scores

Joining = Literal["concat", "sum"]
Padding = Literal["same", "valid"]
WIDTHS = (12, 24, 40, 48, 60, 72)


class Join(NamedTuple):
    """One join of features: stride, the skip's as they arrive, and what is made of both.

    skip, merged: [B, C, h, w] of that stride.
    """

    stride: int
    skip: Tensor
    merged: Tensor


class UNet(nn.Module):
    """Untrained U-Net: an image [B, 3, H, W] of any size to scores [B, K, H, W].

    widths: channels at strides 1, 2, 4, ...; the last are those of the coarsest map.
    join: "concat" lays the skip's features beside the others, "sum" adds them.
    padding: "same" puts zeros around every map. "valid" puts nothing: the image is continued by its
    mirror image on all sides, as far as the maps shrink, and the skips are cropped in the middle.
    """

    def __init__(
        self,
        classes: int,
        join: Joining = "concat",
        padding: Padding = "same",
        widths: tuple[int, ...] = WIDTHS,
        batch_norm: bool = False,
    ) -> None:
        for name, value, known in (
            ("join", join, ("concat", "sum")),
            ("padding", padding, ("same", "valid")),
        ):
            if value not in known:
                raise ValueError(f"{name}={value!r} must be {' or '.join(map(repr, known))}")
        if len(widths) < 2:
            raise ValueError(f"widths={widths!r} must have two entries or more, such as (16, 32)")
        super().__init__()
        self.join, self.padding, self.widths = join, padding, widths
        block = partial(blocks.block, padded=padding == "same", batch_norm=batch_norm)
        self.down = nn.ModuleList(
            block(entering, width, width)
            for entering, width in zip((3, *widths), widths, strict=False)
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(below, width, 2, 2)
            for below, width in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        parts = 2 if join == "concat" else 1
        self.merge = nn.ModuleList(block(parts * width, width, width) for width in widths[-2::-1])
        self.scores = nn.Conv2d(widths[0], classes, 1)

    @property
    def skips(self) -> tuple[int, ...]:
        """Strides at which features are joined, the coarsest first."""
        return tuple(2**level for level in reversed(range(len(self.up))))

    def forward(self, image: Image, skips: Skips = UNTOUCHED) -> Scores:
        """Scores of every pixel; skips: stride -> Skip, what is done to a skip."""
        return self.decode(self.encode(image), image, skips)

    def encode(self, image: Image) -> list[Tensor]:
        """Features at strides 1, 2, 4, ..., before any join, each [B, C, h, w]."""
        return list(self.descending(image))

    def descending(self, image: Image) -> Iterator[Tensor]:
        """Features of `encode` one by one; what is not asked for is not computed."""
        blocks.check_image(image)
        x = blocks.normalized(self._continued(image))
        for level, part in enumerate(self.down):
            x = part(F.max_pool2d(x, 2) if level else x)
            yield x

    def decode(self, features: list[Tensor], image: Image, skips: Skips = UNTOUCHED) -> Scores:
        """Go from the features of `encode` to the scores of the image's pixels, [B, K, H, W]."""
        *_, last = self.joins(features, skips)
        return self.scored(last.merged, image)

    def scored(self, merged: Tensor, image: Image) -> Scores:
        """Scores of the image's pixels from the last join's features, [B, K, H, W]."""
        height, width = image.shape[-2:]
        scores: Scores = self.scores(merged)[..., :height, :width]
        return scores

    def joins(self, features: list[Tensor], skips: Skips = UNTOUCHED) -> Iterator[Join]:
        """Joins in order, the coarsest first."""
        blocks.check_skips(skips, self.skips)
        x = features[-1]
        stages = zip(self.skips, self.up, self.merge, reversed(features[:-1]), strict=True)
        for stride, up, merge, skip in stages:
            below = up(x)
            kept = cropped(skips[stride](skip) if stride in skips else skip, below)
            x = merge(torch.cat([kept, below], 1) if self.join == "concat" else kept + below)
            yield Join(stride, kept, x)

    def _continued(self, image: Image) -> Image:
        coarsest = 2 ** len(self.up)
        if self.padding == "same":
            return blocks.mirrored_to_multiple(image, coarsest)
        # Two convolutions a block take 2 pixels off each side: on the way down, at the bottom, and
        # on the way up. The answer's sides are 4 more than a multiple of the coarsest stride.
        margin = 6 * coarsest - 4
        below, right = (margin + (4 - side) % coarsest for side in image.shape[-2:])
        return borders.mirrored(image, (margin, below), (margin, right))


def cropped(x: Tensor, like: Tensor) -> Tensor:
    """Middle of x, as large as `like`, [B, C, h, w]."""
    top, left = ((a - b) // 2 for a, b in zip(x.shape[-2:], like.shape[-2:], strict=True))
    return x[..., top : top + like.shape[-2], left : left + like.shape[-1]]
