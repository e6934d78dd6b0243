"""Nets that never pool: a plain stack of convolutions, and one whose kernels are dilated."""

from torch import nn

from seglab.nets import blocks
from seglab.types import Image, Scores

WIDTH = 24
PLAIN = (1, 1, 1, 1, 1, 1)
DILATED = (1, 2, 4, 8, 16, 1)  # the last one smooths the gaps, as in Yu and Koltun, 2016


class Flat(nn.Module):
    """Untrained stack with stride 1: an image [B, 3, H, W] to scores [B, K, H, W].

    dilations: of each 3 x 3 convolution. The field is 1 + 2 * sum(dilations) pixels wide. With
    dilations 1, 2, 4, ... it doubles with every layer at the same number of weights (Yu and
    Koltun, "Multi-scale context aggregation by dilated convolutions", 2016).
    """

    def __init__(
        self,
        classes: int,
        dilations: tuple[int, ...] = PLAIN,
        width: int = WIDTH,
        batch_norm: bool = False,
    ) -> None:
        if not dilations:
            raise ValueError(
                "dilations=() has no layer; give one dilation for each, such as (1, 2)"
            )
        super().__init__()
        channels = (3, *(width for _ in dilations))
        self.layers = blocks.block(*channels, dilations=dilations, batch_norm=batch_norm)
        self.scores = nn.Conv2d(width, classes, 1)

    def forward(self, image: Image) -> Scores:
        """Scores of every pixel."""
        blocks.check_image(image)
        scores: Scores = self.scores(self.layers(blocks.normalized(image)))
        return scores
