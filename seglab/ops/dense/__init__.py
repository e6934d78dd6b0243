"""From a net that answers every f pixels to a score for every pixel: five ways, the same numbers.

For every net without padding sliding_window, shift_and_stitch, rarefy(net)(image) and fragments
agree to float accuracy, and [..., ::f, ::f] of each is coarse. For padded nets rarefy and fragments
keep that last equation, and shift_and_stitch agrees wherever no field meets the border.
"""

from seglab.ops.dense._analysis import Analysis, analyze, cut
from seglab.ops.dense._cost import cost, macs_by_layer
from seglab.ops.dense._fragments import fragments
from seglab.ops.dense._graph import UnsuitableNet
from seglab.ops.dense._interleaving import Answer, Interleaving
from seglab.ops.dense._passes import Passes
from seglab.ops.dense._predict import check_room, coarse, predict
from seglab.ops.dense._rarefy import dilations, rarefy
from seglab.ops.dense._sized import SizedNet, at_size
from seglab.ops.dense._stitching import (
    dense_size,
    interleave,
    shift_and_stitch,
    shifted,
    sliding_window,
)
from seglab.ops.dense._taps import Sight, Taps
from seglab.ops.dense._validate import check_image

__all__ = [
    "Analysis",
    "Answer",
    "Interleaving",
    "Passes",
    "Sight",
    "SizedNet",
    "Taps",
    "UnsuitableNet",
    "analyze",
    "at_size",
    "check_image",
    "check_room",
    "coarse",
    "cost",
    "cut",
    "dense_size",
    "dilations",
    "fragments",
    "interleave",
    "macs_by_layer",
    "predict",
    "rarefy",
    "shift_and_stitch",
    "shifted",
    "sliding_window",
]
