"""Tensors to pictures for panes: a plane of 8 bits, its palette, and where it lies on the input.

The plane is reduced to 8 bits on the tensor's own device; the viewer maps it to colours.
Code 255 means "no value": NaN in a scalar plane, no label in a label plane.
"""

from seglab.draw.paint._boxes import boxes
from seglab.draw.paint._curtains import Curtain, compared, curtain
from seglab.draw.paint._decisions import decisions, verdicts, winners
from seglab.draw.paint._grids import Grid, Links, grid
from seglab.draw.paint._hatching import hatching
from seglab.draw.paint._instances import (
    Objects,
    agreement,
    instance_shades,
    objects,
    objects_on,
    segmentation,
    stuff_layer,
)
from seglab.draw.paint._overlays import overlay
from seglab.draw.paint._planes import auto, labels, rgb, scalar, signed, weights
from seglab.draw.paint._segments import contours, outlined, segments
from seglab.draw.paint._tables import Table, class_table, table
from seglab.draw.picture import Picture

__all__ = [
    "Curtain",
    "Grid",
    "Links",
    "Objects",
    "Picture",
    "Table",
    "agreement",
    "auto",
    "boxes",
    "class_table",
    "compared",
    "contours",
    "curtain",
    "decisions",
    "grid",
    "hatching",
    "instance_shades",
    "labels",
    "objects",
    "objects_on",
    "outlined",
    "overlay",
    "rgb",
    "scalar",
    "segmentation",
    "segments",
    "signed",
    "stuff_layer",
    "table",
    "verdicts",
    "weights",
    "winners",
]
