"""A lab is a declaration: controls, stages and panes.

A stage is a pure function whose argument names are controls or other stages, as in pytest
fixtures: the signature is the wiring. The live widget, the tests and the exports all read the
same declaration.
"""

from seglab.controls import (
    Brush,
    Choice,
    Control,
    Layers,
    Matrix,
    Model,
    Moment,
    Photo,
    Pixel,
)
from seglab.lab._declaration import Lab
from seglab.lab._image import image_control
from seglab.lab._run import Run, State
from seglab.lab._sweep import Sweep
from seglab.lab._tour import Try
from seglab.lab._wiring import Code, idle, of
from seglab.layer import Layer
from seglab.stroke import Stroke

__all__ = [
    "Brush",
    "Choice",
    "Code",
    "Control",
    "Lab",
    "Layer",
    "Layers",
    "Matrix",
    "Model",
    "Moment",
    "Photo",
    "Pixel",
    "Run",
    "State",
    "Stroke",
    "Sweep",
    "Try",
    "idle",
    "image_control",
    "of",
]
