"""Packages that only some files need: the extras `slides` and `web`."""

from importlib import import_module
from typing import Any

_PACKAGES = {
    "imageio_ffmpeg": ("imageio-ffmpeg", "A film"),
    "latex2mathml": ("latex2mathml", "A deck"),
    "nbconvert": ("nbconvert", "A deck"),
    "onnx": ("onnx", "A page that computes"),
    "pptx": ("python-pptx", "A .pptx"),
}
_EXTRAS = {"onnx": "web"}


def need(module: str) -> Any:
    """The module; ValueError with the command that installs it where it is missing."""
    package, what = _PACKAGES[module]
    try:
        return import_module(module)
    except ImportError:
        raise ValueError(
            f"{what} is written with {package}, which is missing here; "
            f"run: pip install 'seglab[{_EXTRAS.get(module, 'slides')}]'"
        ) from None
