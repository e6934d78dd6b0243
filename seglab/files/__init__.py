"""A lab in a file: which states it holds, what it will cost, and the writers that need no page."""

from seglab.files._forecast import Forecast, Limits
from seglab.files._look import AS_THE_READER, THEMES, Look
from seglab.files._plan import Output, Plan, Stop, Vary
from seglab.files._saving import WRITERS, save
from seglab.files._unrolled import streamed, unrolled

__all__ = [
    "AS_THE_READER",
    "THEMES",
    "WRITERS",
    "Forecast",
    "Limits",
    "Look",
    "Output",
    "Plan",
    "Stop",
    "Vary",
    "save",
    "streamed",
    "unrolled",
]
