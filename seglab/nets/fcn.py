"""Fully convolutional networks with score fusion: FCN-32s, FCN-16s and FCN-8s.

Long, Shelhamer and Darrell, "Fully convolutional networks for semantic segmentation", 2015. The net
scores its coarsest map, stride 32. FCN-16s enlarges these scores twice and adds the scores of the
map of stride 16; FCN-8s does so once more at stride 8. What is added are class scores, no features.
Each enlargement is bilinear between cell middles, so that the maps lie on each other exactly.
"""

from collections.abc import Iterator
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from seglab.nets import blocks
from seglab.nets.blocks import UNTOUCHED, Skips
from seglab.ops import upsample
from seglab.types import Image, Scores

OUTPUT_STRIDES = (32, 16, 8)
COARSEST = 32
_WIDTHS = ((3, 16), (16, 32, 32), (32, 64, 64), (64, 96, 96), (96, 96))
_HEAD = (96, 128)


class Fusion(NamedTuple):
    """One addition of scores: stride, and three maps [B, K, h, w] of that stride.

    below: the coarser scores, enlarged; skip: what was added to them; fused: the sum.
    """

    stride: int
    below: Scores
    skip: Scores
    fused: Scores


class FCN(nn.Module):
    """Untrained FCN: an image [B, 3, H, W] of any size to scores [B, K, H, W].

    output_stride: 32, 16 or 8, the stride of the finest map that is used. An image whose sides are
    no multiples of 32 is continued below and to the right by its mirror image, and the scores
    there are cut off.
    """

    def __init__(self, output_stride: int, classes: int, batch_norm: bool = False) -> None:
        if output_stride not in OUTPUT_STRIDES:
            raise ValueError(
                f"output_stride={output_stride!r} must be one of "
                f"{', '.join(map(str, OUTPUT_STRIDES))}"
            )
        super().__init__()
        self.output_stride = output_stride
        self.stages = nn.ModuleList(
            blocks.block(*widths, batch_norm=batch_norm) for widths in _WIDTHS
        )
        self.head = blocks.block(*_HEAD, batch_norm=batch_norm)
        self.scores = nn.ModuleDict(
            {
                str(stride): nn.Conv2d(width, classes, 1)
                for stride, width in ((32, _HEAD[-1]), (16, _WIDTHS[3][-1]), (8, _WIDTHS[2][-1]))
                if stride >= output_stride
            }
        )
        for stride in self.skips:  # a new skip starts without effect, as in the paper
            for parameter in self.scores[str(stride)].parameters():
                nn.init.zeros_(parameter)

    @property
    def skips(self) -> tuple[int, ...]:
        """Strides at which scores are added, the coarsest first."""
        return tuple(stride for stride in (16, 8) if stride >= self.output_stride)

    def forward(self, image: Image, skips: Skips = UNTOUCHED) -> Scores:
        """Scores of every pixel; skips: stride -> Skip, what is done to a skip."""
        coarse = self.score_maps(image)
        scores = coarse[COARSEST]
        for fusion in self.fusions(coarse, skips):
            scores = fusion.fused
        return self.enlarged(scores, image)

    def features(self, image: Image) -> dict[int, Tensor]:
        """Stride -> features of the map of that stride, 2 to 32, [B, C, h, w]."""
        blocks.check_image(image)
        x = blocks.normalized(blocks.mirrored_to_multiple(image, COARSEST))
        maps = {}
        for number, stage in enumerate(self.stages, 1):
            maps[2**number] = x = F.max_pool2d(stage(x), 2)
        return maps

    def score_maps(self, image: Image) -> dict[int, Scores]:
        """Stride -> scores of the map of that stride, [B, K, h, w], before any addition."""
        return self.scored(self.features(image))

    def scored(self, features: dict[int, Tensor]) -> dict[int, Scores]:
        """Scores of these features, at the strides where there are any, the finest first."""
        scores = {stride: self.scores[str(stride)](features[stride]) for stride in self.skips[::-1]}
        return {**scores, COARSEST: self.scores[str(COARSEST)](self.head(features[COARSEST]))}

    def fusions(self, score_maps: dict[int, Scores], skips: Skips = UNTOUCHED) -> Iterator[Fusion]:
        """Additions in order, the coarsest first; none for FCN-32s."""
        blocks.check_skips(skips, self.skips)
        scores = score_maps[COARSEST]
        for stride in self.skips:
            below = upsample.bilinear(scores, 2)
            skip = skips[stride](score_maps[stride]) if stride in skips else score_maps[stride]
            scores = below + skip
            yield Fusion(stride, below, skip, scores)

    def enlarged(self, scores: Scores, image: Image) -> Tensor:
        """Score map of any stride at the image's size, [B, K, H, W]."""
        height, width = image.shape[-2:]
        stride = (height + -height % COARSEST) // scores.shape[-2]
        return upsample.bilinear(scores, stride)[..., :height, :width]
