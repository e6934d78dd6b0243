"""Small functions that several tests share."""

import io
import os
from pathlib import Path

from PIL import Image

from seglab.user_photo import UserPhoto

ROOT = Path(__file__).resolve().parents[1]


def child_environment(**changes):
    """Environment of a process that imports this seglab, whatever is installed."""
    places = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places), **changes}


def silent(done, total):
    """No bar."""


def own_photo(array, kind="PNG"):
    """A student's own photograph: uint8 [H, W, 3] or [H, W] as a file of that kind."""
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind)
    return UserPhoto(f"mine.{kind.lower()}", file.getvalue())


def looks(picture):
    """All that a picture shows: its pixels, its header, and its small pictures by their names."""
    inside = [(name, looks(part)) for name, part in picture.parts]
    return picture.array.tobytes(), picture.header(), inside


def overheard(net, image):
    """Outputs of all parts of a net in one ordinary pass, by name."""
    heard = {}
    hooks = [
        part.register_forward_hook(lambda _part, _given, out, name=name: heard.update({name: out}))
        for name, part in net.named_modules()
    ]
    net(image)
    for hook in hooks:
        hook.remove()
    return heard
