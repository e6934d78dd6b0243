"""A lab as one HTML file that needs no kernel and no network; a writer of seglab.files."""

from seglab.page._forecast import forecast
from seglab.page._page import LIMITS, document, frame_bytes, hash_of, write

__all__ = ["LIMITS", "document", "forecast", "frame_bytes", "hash_of", "write"]
