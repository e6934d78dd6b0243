"""A lab as one HTML file that needs no kernel and no network; a writer of seglab.files."""

from typing import Any

from seglab.files import optional_dependencies
from seglab.page._apart import apart
from seglab.page._forecast import forecast
from seglab.page._page import (
    COMPUTING,
    LIMITS,
    NothingComputedError,
    document,
    frame_bytes,
    hash_of,
    write,
)

__all__ = [
    "COMPUTING",
    "LIMITS",
    "NothingComputedError",
    "apart",
    "document",
    "explained",
    "forecast",
    "frame_bytes",
    "hash_of",
    "write",
]


def explained(lab: Any, vary: Any = None, fix: Any = None) -> str:
    """A line for each pane and number of a lab: whether a page computes it, and why not.

    vary, fix: as in seglab.save. Raises ValueError where the extra `web` is missing.
    """
    optional_dependencies.need("onnx")
    from seglab.page import _explained  # late: it needs an extra

    return _explained.explained(lab, vary, fix)
