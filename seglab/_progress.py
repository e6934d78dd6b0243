"""A bar in the terminal for work that counts its steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(
    unit: str, instead: Callable[[int, int], None] | None = None
) -> Iterator[Callable[[int, int], None]]:
    """Give a function progress(done, total) that moves a bar; `instead` itself where it is given.

    unit: what is counted, such as 'state'.
    """
    if instead is not None:
        yield instead
        return
    from tqdm import tqdm

    with tqdm(unit=unit, leave=False) as shown:

        def progress(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)

        yield progress
