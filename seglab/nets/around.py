"""The smallest net of the course: it judges a pixel by the mean colours around it.

Its first layer is fixed, the means over squares of five sizes. What learns are three layers of
1 x 1 convolutions, 314 weights, so that a training takes a second or two.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seglab.nets import blocks
from seglab.ops import borders
from seglab.types import Image, Scores

SIDES = (1, 3, 5, 9, 17)  # pixels, of the squares
WIDTHS = (12, 8)

# A plain ReLU can die while the net first learns to say one class everywhere; then it stays there.
_LEAK = 0.1


class Around(nn.Module):
    """Untrained net: an image [B, 3, H, W] to scores [B, K, H, W]."""

    def __init__(self, classes: int = 2) -> None:
        super().__init__()
        widths = (3 * len(SIDES), *WIDTHS)
        layers: list[nn.Module] = []
        for entering, leaving in pairwise(widths):
            layers += [nn.Conv2d(entering, leaving, 1), nn.LeakyReLU(_LEAK)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], classes, 1))

    def forward(self, image: Image) -> Scores:
        """Scores of every pixel."""
        scores: Scores = self.layers(means(image))
        return scores


def means(image: Image) -> Tensor:
    """Mean colours over squares of 1 to 17 pixels around each pixel, normalized, [B, 15, H, W].

    The image goes on by its mirror image. Raises as blocks.check_image does.
    """
    blocks.check_image(image)
    x = blocks.normalized(image)
    reach = SIDES[-1] // 2
    wide = borders.mirrored(x, (reach, reach), (reach, reach))
    found = []
    for side in SIDES:
        cut = reach - side // 2
        part = wide[..., cut : wide.shape[-2] - cut, cut : wide.shape[-1] - cut]
        found.append(F.avg_pool2d(part, side, 1))
    return torch.cat(found, 1)
