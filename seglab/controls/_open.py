"""Choices that also take what is the student's own: a photograph, a net."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seglab.controls._base import Widget
from seglab.controls._choice import Choice
from seglab.user_photo import UserPhoto


class Photo(Choice):
    """A Choice of photographs that also takes the student's own file, as a path or a UserPhoto.

    camera: a button takes a photograph, where the browser has a camera and the student allows it.
    """

    takes_file = True
    stands_still = True

    def __init__(self, *options: Any, camera: bool = False, **settings: Any) -> None:
        super().__init__(*options, **settings)
        self.offers_camera = camera

    def accept(self, value: Any) -> Any:
        """An option, a UserPhoto, or the path of a file, which is read but not yet decoded."""
        if isinstance(value, UserPhoto) and isinstance(value.data, bytes):
            return value
        if isinstance(value, str | os.PathLike) and value not in self.options and _is_file(value):
            return UserPhoto.read(value)
        try:
            return super().accept(value)
        except ValueError:
            raise ValueError(
                f"{value!r:.60} is not one of {', '.join(map(repr, self.options))}, and no file; "
                f"give one of them, or the path of a picture"
            ) from None

    def parse(self, text: str) -> Any:
        """The option that is shown or spelled so, or the picture at that path."""
        known = self._spellings()
        if text not in known and _is_file(text):
            return UserPhoto.read(text)
        if text not in known:
            raise ValueError(f"write one of {', '.join(known)}, or the path of a picture")
        return known[text]

    def widget(self, values: Sequence[Any] | None = None) -> Widget:
        """A drop-down, which has room for own files; as a Choice's for a fixed list of values."""
        return _with_room(super().widget(values), values)


class Model(Choice):
    """A Choice of nets by name that also takes the student's own, any torch.nn.Module.

    A stage makes the net from the name; a module reaches it as it is. A module is itself only:
    two modules are never equal, so another one is another value.
    """

    stands_still = True

    def accept(self, value: Any) -> Any:
        """An option, or a module: what can be called and has parameters and a forward."""
        own = callable(value) and all(hasattr(value, n) for n in ("forward", "parameters"))
        if isinstance(value, type) and own:
            raise ValueError(f"{value.__name__} is a class of nets; give a net, {value.__name__}()")
        if own:
            return value
        try:
            return super().accept(value)
        except ValueError as error:
            raise ValueError(f"{error}, and no torch.nn.Module either") from None

    def text(self, value: Any) -> str:
        """A name's repr, or the class of the student's net."""
        return super().text(value) if value in self.options else self.words(value)

    def words(self, value: Any) -> str:
        """A name, or the class of the student's net."""
        return super().words(value) if value in self.options else f"own {type(value).__name__}"

    def widget(self, values: Sequence[Any] | None = None) -> Widget:
        """A drop-down, which has room for own nets."""
        return _with_room(super().widget(values), values)


def _is_file(path: str | os.PathLike[str]) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # a text that cannot be a path
        return False


def _with_room(widget: Widget, values: Sequence[Any] | None) -> Widget:
    return widget._replace(kind="select") if values is None else widget
