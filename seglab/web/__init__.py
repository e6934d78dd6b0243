"""A lab that computes in a browser: its stages as ONNX graphs, and the runtime that runs them."""

from seglab.web._compiler import Compiler, Reason
from seglab.web._looks import look
from seglab.web._pack import pack

__all__ = ["Compiler", "Reason", "look", "pack"]
