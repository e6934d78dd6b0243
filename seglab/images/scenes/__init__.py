"""Drawn scenes: paper shapes on real ground, whose truth is exact: every pixel's class and object.

Each object is a signed distance field, evaluated only around its place, so a scene takes about
two milliseconds. Colours are drawn without regard to the class: only the shape tells it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

import numpy as np
import torch

from seglab import device, scalars
from seglab.images.scenes import _painting
from seglab.images.scenes._cutouts import cut_out
from seglab.images.scenes._ground import GROUNDS
from seglab.images.scenes._layouts import layouts
from seglab.images.scenes._planes import SIDE
from seglab.images.scenes._shapes import CLASSES
from seglab.types import Image, Instances, Labels, Size
from seglab.user_photo import Visitor

__all__ = ["CLASSES", "GROUNDS", "SPLITS", "Scene", "batch", "make"]

SPLITS = ("train", "validation", "test")

_TOGETHER = 32  # scenes whose objects are computed in common, the faster


@dataclass(frozen=True, eq=False)
class Scene:
    """Drawn scenes: image [B, 3, H, W]; labels [B, H, W] (index into classes, 0 = background).

    instances [B, H, W]: 0 = none, then 1 to n in drawing order, counted anew in each scene.
    ground [B, H, W]: index into GROUNDS of the texture that lies there, under the objects too.
    """

    image: Image
    labels: Labels
    instances: Instances
    ground: Labels
    classes: tuple[str, ...]


def make(
    seed: int = 0,
    size: Size = (SIDE, SIDE),
    objects: int = 8,
    difficulty: float = 0.5,
    overlap: float = 0.3,
    touching: float = 0.25,
    split: str = "test",
) -> Scene:
    """One scene (B = 1), equal for equal arguments.

    objects: how many are drawn; one that finds no room is left out, and one that is covered
    wholly has no pixel. More than eight are smaller. difficulty, 0 to 1: less contrast, more noise,
    more uneven light, smaller objects. overlap, 0 to 1: how deep objects may cover each other,
    as a share of their radii; 0 leaves a gap. touching, 0 to 1: the share of objects that are
    pushed against an earlier one until their contours meet, half of them of its class.
    split: 'train', 'validation' and 'test' have no random numbers in common, whatever the seed.
    Raises ValueError for a value out of range.
    """
    if isinstance(seed, Visitor):
        truth = cast(Labels, scalars.Unknown("the true classes"))
        return Scene(seed.square(size[0]), truth, truth, truth, CLASSES)
    return batch([seed], size, objects, difficulty, overlap, touching, split)


def batch(
    seeds: Sequence[int],
    size: Size = (SIDE, SIDE),
    objects: int = 8,
    difficulty: float = 0.5,
    overlap: float = 0.3,
    touching: float = 0.25,
    split: str = "train",
) -> Scene:
    """A scene for each seed (B = len(seeds)); row i is make(seeds[i], ...) with these arguments.

    Raises ValueError as make does, and for no seeds.
    """
    _check(seeds, size, objects, split)
    for name, share in (("difficulty", difficulty), ("overlap", overlap), ("touching", touching)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name}={share!r} must be from 0 to 1, such as 0.5")
    difficulty = float(difficulty)  # a number of numpy's would draw other pixels than Python's
    image = np.empty((len(seeds), 3, *size), np.float32)
    # In one piece: the allocator keeps it for the next batch, where three would be fresh memory.
    labels, instances, ground = np.empty((3, len(seeds), *size), np.int64)
    for start in range(0, len(seeds), _TOGETHER):
        # One number for each pair of a seed and a split: two splits never meet.
        randoms = [
            np.random.default_rng(len(SPLITS) * int(seed) + SPLITS.index(split))
            for seed in seeds[start : start + _TOGETHER]
        ]
        drawn = layouts(randoms, size, objects, difficulty, overlap, touching)
        cutouts = iter(
            cut_out([(item, layout.light) for layout in drawn for item in layout.objects])
        )
        for row, layout in enumerate(drawn, start):
            cut = list(islice(cutouts, len(layout.objects)))
            codes = _painting.draw(layout, cut, difficulty, image[row], ground[row])
            labels[row], instances[row] = _painting.truth(codes, len(cut))
    target = device.default()
    planes = [torch.from_numpy(plane).to(target) for plane in (image, labels, instances, ground)]
    return Scene(planes[0], planes[1], planes[2], planes[3], CLASSES)


def _check(seeds: Sequence[int], size: Size, objects: int, split: str) -> None:
    if not len(seeds):
        raise ValueError("seeds=[] is empty: give one seed for each scene, such as range(16)")
    for seed in seeds:
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
            raise ValueError(f"seed={seed!r} must be a whole number from 0, such as 7")
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"size={size} must be (height, width), at least (1, 1)")
    if isinstance(objects, bool) or not isinstance(objects, int | np.integer) or objects < 0:
        raise ValueError(f"objects={objects!r} must be a whole number from 0, such as 8")
    if split not in SPLITS:
        raise ValueError(f"split={split!r} must be one of {', '.join(map(repr, SPLITS))}")
