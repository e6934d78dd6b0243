"""A lab in a file: which states it holds, what it will cost, and the writers that need no page."""

from seglab.files._forecast import Forecast, Limits
from seglab.files._plan import Output, Plan, Vary
from seglab.files._saving import WRITERS, save

__all__ = ["WRITERS", "Forecast", "Limits", "Output", "Plan", "Vary", "save"]
