"""torchvision without torch's compiler: a tenth of the time, and 76 MB less.

torchvision's RoI align takes one function from torch._dynamo when it is imported, and a thousand
modules come with it, SymPy among them. The function is asked only on a GPU that has to give the
same gradients each time; here it is fetched when it is asked.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

_COMPILER, _ASKED = "torch._dynamo", "torch._dynamo.utils"


class _StandIn(ModuleType):
    """In the place of a module until anything but the one function is wanted of it."""

    def __getattr__(self, name: str) -> Any:
        # Import itself asks for such names; only of a package it may ask because it needs more.
        if name.startswith("__") and (self.__name__, name) != (_COMPILER, "__path__"):
            raise AttributeError(name)
        _withdraw()
        return getattr(importlib.import_module(self.__name__), name)


def load() -> None:
    """Import torchvision; what is imported from it afterwards does not bring the compiler in."""
    if "torchvision" in sys.modules or _COMPILER in sys.modules:
        return
    sys.modules[_COMPILER] = _StandIn(_COMPILER)
    sys.modules[_ASKED] = asked = _StandIn(_ASKED)
    asked.is_compile_supported = _is_compile_supported  # type: ignore[attr-defined]
    try:
        importlib.import_module("torchvision")
    finally:
        _withdraw()


def _withdraw() -> None:
    for name in (_COMPILER, _ASKED):
        if isinstance(sys.modules.get(name), _StandIn):
            del sys.modules[name]


def _is_compile_supported(device_type: str) -> bool:
    supported: bool = importlib.import_module(_ASKED).is_compile_supported(device_type)
    return supported
