"""One layer of a stack, as numbers: what a student builds and what size rules are about."""

from typing import NamedTuple


class Layer(NamedTuple):
    """One layer of a stack: 'conv' or 'pool', and the numbers that set what it sees."""

    kind: str
    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
