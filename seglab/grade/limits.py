"""Limits on what one submission may use."""

from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Limits on one submission.

    seconds: for all of it; cell: for one cell; exercise: for all cases of one exercise.
    memory, disk: megabytes, of all its processes together. output: what is kept of its prints, in
    characters. processes, files: how many at once.
    """

    seconds: float = 300
    cell: float = 60
    exercise: float = 20
    memory: int = 3000
    disk: int = 200
    output: int = 4000
    processes: int = 64
    files: int = 256

    def __post_init__(self) -> None:
        """Refuse a limit that leaves nothing."""
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"the limit {name} is {value}; give a number above 0")
