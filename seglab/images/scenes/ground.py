"""The ground: one to three photographed textures, each in its own light and colour."""

import math
from functools import lru_cache

import numpy as np

from seglab.images import photos
from seglab.images.scenes.planes import Codes, Plane, clip

GROUNDS = ("brick", "grass", "gravel")
COLOURS = ((0.60, 0.43, 0.36), (0.40, 0.47, 0.27), (0.55, 0.53, 0.49))


def lay(random: np.random.Generator, difficulty: float, image: Plane, ground: Codes) -> None:
    """One to three textures, each in its own light and colour, that meet along wavy lines."""
    height, width = ground.shape
    drawn = random.random((3, 10)).tolist()
    kinds = sorted(range(3), key=lambda kind: drawn[kind][0])
    layers = 1 + (drawn[0][1] < 0.75) + (drawn[1][1] < 0.25)
    y = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2
    x = np.arange(width, dtype=np.float32) - (width - 1) / 2
    for layer, kind in enumerate(kinds[:layers]):
        tints, (shift, angle, wave, phase) = drawn[layer][2:5], drawn[layer][5:9]
        bright = 0.8 + 0.35 * drawn[layer][9]
        colour = [
            (part + 0.06 * tint - 0.03) * bright
            for part, tint in zip(COLOURS[kind], tints, strict=True)
        ]
        texture = _texture(random, GROUNDS[kind], ground.shape) * (0.14 + 0.1 * difficulty)
        texture += 1
        shade = np.array(colour, np.float32)[:, None, None]
        if layer == 0:
            kept = np.full(ground.shape, kind, np.uint8)
            np.multiply(shade, texture, out=image)
            continue
        c, s = math.cos(2 * math.pi * angle), math.sin(2 * math.pi * angle)
        side = min(height, width)
        bend = x * s - y * c
        bend *= (4 + 6 * wave) / side
        bend += 6 * phase
        np.sin(bend, out=bend)
        bend *= 0.05 * side
        beyond = x * c + (y * s - 0.3 * shift * side)
        beyond += bend
        kept += (beyond >= 0) * (np.uint8(kind) - kept)  # modulo 256; faster than a masked copy
        beyond += 0.5
        beyond = clip(beyond, 1)
        surface = shade * texture
        surface -= image
        surface *= beyond
        image += surface
    ground[:] = kept


def _texture(random: np.random.Generator, name: str, size: tuple[int, ...]) -> Plane:
    """A cut-out of the texture, mirrored where it ends, of mean 0 and about unit deviation."""
    plane = _photo(name)
    for axis, (need, start) in enumerate(zip(size, random.random(2).tolist(), strict=True)):
        have = plane.shape[axis]
        if need > have:
            steps = np.arange(need) % (2 * have)
            plane = plane.take(np.minimum(steps, 2 * have - 1 - steps), axis)
            have = need
        first = int(start * (have - need + 1))
        plane = plane[first : first + need] if axis == 0 else plane[:, first : first + need]
    return plane[:, ::-1] if random.random() < 0.5 else plane


@lru_cache(maxsize=len(GROUNDS))
def _photo(name: str) -> Plane:
    plane = photos.original(name)[0].mean(0).cpu().numpy()
    # Half size: at the scenes' usual 128 pixels, a brick is a brick and no wall.
    plane = plane.reshape(plane.shape[0] // 2, 2, plane.shape[1] // 2, 2).mean((1, 3))
    return ((plane - plane.mean()) / plane.std()).astype(np.float32)
