"""Image segmentation that you can take hold of.

>>> from seglab import show
>>> from seglab.lessons.shift_and_stitch import LAB
>>> show(LAB, photo="astronaut", f=8)
Shift and stitch(photo='astronaut', net='texture net', f=8, ...)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seglab.course.checks import check
    from seglab.course.quizzes import quiz
    from seglab.files import save
    from seglab.live.lab import show

__version__ = "0.2.0"
__all__ = ["check", "quiz", "save", "show"]

_HOMES = {
    "check": "seglab.course.checks",
    "quiz": "seglab.course.quizzes",
    "save": "seglab.files",
    "show": "seglab.live.lab",
}


def __getattr__(name: str) -> Any:
    # Lazily, so that `import seglab` costs nothing and torch stays untouched until it is needed.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'seglab' has no attribute {name!r}; it has {', '.join(__all__)}")
