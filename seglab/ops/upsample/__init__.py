"""Upsampling: from a coarse map [B, C, h, w] to a fine one, each way a linear operator.

They follow their input's dtype and device, and gradients flow. A factor, stride or padding is one
int for both axes or a pair (height, width): factor (1, f) works on rows alone, as in 1-D.
"""

from seglab.ops.upsample._functional import (
    bed_of_nails,
    bilinear,
    bilinear_kernel,
    max_unpool,
    nearest,
    pixel_shuffle,
    resize_conv,
    transposed_conv,
)
from seglab.ops.upsample._kernels import (
    BILINEAR,
    NAILS,
    NEAREST,
    RESIZE,
    SHUFFLE,
    TRANSPOSED,
    TYPES,
    UNPOOLING,
    WEIGHTED,
    interpolating_kernel,
    kernel_side,
    random_kernel,
)
from seglab.ops.upsample._linear import as_matrix, impulse_response, overlap_count
from seglab.ops.upsample._upsampler import Upsampler

__all__ = [
    "BILINEAR",
    "NAILS",
    "NEAREST",
    "RESIZE",
    "SHUFFLE",
    "TRANSPOSED",
    "TYPES",
    "UNPOOLING",
    "WEIGHTED",
    "Upsampler",
    "as_matrix",
    "bed_of_nails",
    "bilinear",
    "bilinear_kernel",
    "impulse_response",
    "interpolating_kernel",
    "kernel_side",
    "max_unpool",
    "nearest",
    "overlap_count",
    "pixel_shuffle",
    "random_kernel",
    "resize_conv",
    "transposed_conv",
]
