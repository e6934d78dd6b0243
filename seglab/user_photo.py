"""The student's own picture as a value of a control. Standard library only."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any


@dataclass(frozen=True, repr=False, eq=False)
class UserPhoto:
    """The student's own picture: a file's name, its bytes and what is shown of it.

    plane: which page, slice or channel of a TIFF, from 0. cut: percent of the numbers that become
    black, and as many white, where they have more than 8 bits. Equal when all four are equal.
    """

    name: str
    data: bytes
    plane: int = 0
    cut: float = 0

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "UserPhoto":
        """The picture in a file; ValueError when it cannot be read. It is not yet decoded."""
        path = Path(path)
        try:
            return cls(path.name, path.read_bytes())
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise ValueError(f"{str(path)!r} cannot be read ({why}): check the path") from error

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return sha256(self.data).hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UserPhoto):
            return NotImplemented
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __str__(self) -> str:
        parts = [f"plane {self.plane + 1}"] * bool(self.plane) + [f"cut {self.cut:g}%"] * bool(
            self.cut
        )
        return f"{self.name} ({', '.join(parts)})" if parts else self.name

    def __repr__(self) -> str:
        chosen = f", plane={self.plane}" * bool(self.plane) + f", cut={self.cut:g}" * bool(self.cut)
        return f"UserPhoto({self.name!r}, {len(self.data)} bytes{chosen})"

    @property
    def _identity(self) -> tuple[str, str, int, float]:
        return self.name, self.digest, self.plane, self.cut


class Visitor(UserPhoto):
    """The picture that a page's visitor will give: it has no pixels while the page is made.

    square: gives what stands for it, [1, 3, size, size].
    """

    square: Callable[[int], Any]

    def __init__(self, name: str, square: Callable[[int], Any]) -> None:
        super().__init__(name, b"")
        object.__setattr__(self, "square", square)
