"""Operators of torch as those of ONNX, one function for each kind: an import registers them."""

from seglab.web._operators import (
    _arithmetic,
    _conditions,
    _constants,
    _layers,
    _places,
    _pooling,
    _reductions,
    _resizing,
    _shapes,
)

__all__ = [
    "_arithmetic",
    "_conditions",
    "_constants",
    "_layers",
    "_places",
    "_pooling",
    "_reductions",
    "_resizing",
    "_shapes",
]
