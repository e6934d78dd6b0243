"""The layout of a scene, drawn before its pixels: all its random numbers but the noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seglab.images.scenes._arrangement import arrange
from seglab.images.scenes._colours import Material, materials
from seglab.images.scenes._ground import GroundLayer, layers
from seglab.images.scenes._light import Light
from seglab.images.scenes._objects import SceneObject
from seglab.types import Size


@dataclass
class Layout:
    """A scene to draw; `random` goes on with the camera's noise."""

    random: np.random.Generator
    objects: list[SceneObject]
    light: Light
    layers: list[GroundLayer]
    material: Material


def layouts(
    randoms: Sequence[np.random.Generator],
    size: Size,
    objects: int,
    difficulty: float,
    overlap: float,
    touching: float,
) -> list[Layout]:
    """A layout for each generator, whose numbers are used up in an order that fixes every scene."""
    placed = arrange(randoms, size, objects, difficulty, overlap, touching)
    lights = [Light(random, size) for random in randoms]
    ground = [layers(random) for random in randoms]
    material = materials(randoms, [len(scene) for scene in placed], difficulty)
    return [Layout(*parts) for parts in zip(randoms, placed, lights, ground, material, strict=True)]
