"""The student's own picture as a value of a control. Standard library only."""

import os
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True, repr=False, eq=False)
class UserPhoto:
    """The student's own picture: a file's name and its bytes; equal when both are equal."""

    name: str
    data: bytes

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
        return (self.name, self.digest) == (other.name, other.digest)

    def __hash__(self) -> int:
        return hash((self.name, self.digest))

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"UserPhoto({self.name!r}, {len(self.data)} bytes)"
