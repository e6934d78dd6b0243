"""What is decided of a scene before a pixel is drawn: all its random numbers but the noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seglab.images.scenes.arrangement import arrange
from seglab.images.scenes.colours import Paper, papers
from seglab.images.scenes.ground import Layer, layers
from seglab.images.scenes.light import Light
from seglab.images.scenes.things import Thing
from seglab.types import Size


@dataclass
class Plan:
    """A scene to draw; `random` goes on with the camera's noise."""

    random: np.random.Generator
    things: list[Thing]
    light: Light
    layers: list[Layer]
    paper: Paper


def plan(
    randoms: Sequence[np.random.Generator],
    size: Size,
    objects: int,
    difficulty: float,
    overlap: float,
    touching: float,
) -> list[Plan]:
    """A plan for each generator, whose numbers are used up in an order that fixes every scene."""
    things = arrange(randoms, size, objects, difficulty, overlap, touching)
    lights = [Light(random, size) for random in randoms]
    ground = [layers(random) for random in randoms]
    paper = papers(randoms, [len(placed) for placed in things], difficulty)
    return [Plan(*parts) for parts in zip(randoms, things, lights, ground, paper, strict=True)]
