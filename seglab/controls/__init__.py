"""Controls: the settings that a student moves, each with a finite sweep of values.

A control knows itself: which values it takes, how they read, how they are spelled on a command
line, and which widget stands for it. Standard library only. A value is always hashable, so that a
state can be a key.
"""

from seglab.controls._base import Control, Widget
from seglab.controls._brush import Brush
from seglab.controls._choice import Choice, Moment
from seglab.controls._layers import Layers
from seglab.controls._matrix import Matrix
from seglab.controls._open import Model, Photo
from seglab.controls._pixel import Pixel
from seglab.controls._preset import Preset
from seglab.controls._spread import spread

__all__ = [
    "Brush",
    "Choice",
    "Control",
    "Layers",
    "Matrix",
    "Model",
    "Moment",
    "Photo",
    "Pixel",
    "Preset",
    "Widget",
    "spread",
]
