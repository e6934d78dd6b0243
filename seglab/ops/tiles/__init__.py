"""Pictures larger than memory: tiles whose scores, laid side by side, equal those of the whole.

A tile sees a margin of real picture around the part that it answers for. The margin is exact when
no score that is kept sees what is not there: when it reaches as far as the net's field. Where a
tile ends at the picture's own border, it ends as the whole does. The overlap-tile strategy of
Ronneberger, Fischer and Brox, "U-Net" (2015), for any net.
"""

from seglab.ops.tiles._axis import Part
from seglab.ops.tiles._plan import Crop, Plan, plan
from seglab.ops.tiles._predict import predict
from seglab.ops.tiles._stitching import crops, stitched

__all__ = ["Crop", "Part", "Plan", "crops", "plan", "predict", "stitched"]
