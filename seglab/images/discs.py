"""Pictures with one pale disc on real ground, whose share of the pixels is set.

The ground has bright stones, joints and blades, and there is noise: the smaller the disc, the more
of them look like it. The same seed gives the same ground and the same place for every share.
"""

import math
from collections.abc import Sequence

import torch

from seglab.images import scenes
from seglab.images.scenes import Scene

CLASSES = ("background", "disc")
SIDE = 48
LARGEST = 0.08  # the largest share

_PALER, _NOISE = 0.2, 0.06  # of the range of brightness, 0 to 1


def draw(seeds: Sequence[int], share: float, split: str = "train") -> Scene:
    """A picture of 48 x 48 pixels for each seed, with labels (1 = disc), equal for equal arguments.

    share: of the pixels that the disc covers, as nearly as whole pixels allow, at most 0.08.
    split: as in scenes.make. Raises ValueError for a share out of range, and as scenes.batch does.
    """
    if not 0 < share <= LARGEST:
        raise ValueError(f"share={share!r} must be above 0 and at most {LARGEST}, such as 0.02")
    ground = scenes.batch(seeds, (SIDE, SIDE), objects=0, difficulty=0.3, split=split)
    radius, widest = (math.sqrt(part * SIDE**2 / math.pi) for part in (share, LARGEST))
    along, paler, inside = torch.arange(SIDE) + 0.0, [], []
    for seed in seeds:
        number = len(scenes.SPLITS) * int(seed) + scenes.SPLITS.index(split)
        random = torch.Generator().manual_seed(number)
        row, column = (widest + (SIDE - 1 - 2 * widest) * torch.rand(2, generator=random)).tolist()
        away = torch.hypot(along[:, None] - row, along - column)
        noise = torch.randn(SIDE, SIDE, generator=random)
        paler.append(_PALER * (radius + 0.5 - away).clamp(0, 1) + _NOISE * noise)
        inside.append(away <= radius)
    labels = torch.stack(inside).long().to(ground.labels)
    image = (ground.image + torch.stack(paler)[:, None].to(ground.image)).clamp(0, 1)
    return Scene(image, labels, labels, ground.ground, CLASSES)
