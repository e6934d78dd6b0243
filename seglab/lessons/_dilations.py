"""Dilations of lab 09: the control, and the net of one pass with the dilations that it sets."""

from collections.abc import Sequence

from torch import fx, nn

from seglab.lab import Matrix
from seglab.lessons.pictures import holes
from seglab.ops import dense

SIDE = 256  # pixels of the picture
# Of the six layers of the net with f = 8.
PRESETS = {
    "all 1": (1, 1, 1, 1, 1, 1),
    "its own stride": (2, 2, 1, 2, 1, 1),
    "the stride before": (1, 2, 2, 1, 2, 1),
    "pool1": (1, 2, 1, 1, 1, 1),
    "up to conv2": (1, 2, 4, 1, 1, 1),
    "up to pool2": (1, 2, 4, 4, 1, 1),
    "all but conv4": (1, 2, 4, 4, 8, 1),
    "all but pool2": (1, 2, 4, 1, 8, 8),
    "convolutions only": (1, 1, 4, 1, 8, 8),
    "up to conv4": (1, 2, 4, 4, 8, 8),
}
DILATIONS = Matrix(
    {name: [row] for name, row in PRESETS.items()}, label="dilations", largest=holes.MOST, rows=1
)
NAMES = {rows: name for name, rows in DILATIONS.presets.items()}


def given(stack: Sequence[holes.Filter], row: Sequence[float]) -> list[int]:
    """The dilation of each layer; a layer without a number takes the last one.

    Raises ValueError for what is no whole number from 1, and for a field as wide as no picture is.
    """
    for one, d in zip(stack, row, strict=False):
        if d != int(d) or d < 1:
            raise ValueError(f"dilations has {d:g} for {one.name}; use a whole number from 1")
    found = [int(row[min(n, len(row) - 1)]) for n in range(len(stack))]
    sees = holes.field(stack, found)
    if sees > SIDE:
        told = ", ".join(map(str, found))
        raise ValueError(
            f"dilations={told} make a field of {sees} pixels, and the picture has {SIDE}; use "
            f"smaller ones"
        )
    return found


def dilated(
    net: nn.Module, stack: Sequence[holes.Filter], dilations: Sequence[int]
) -> fx.GraphModule:
    """The net without its strides, with these dilations; without a stack, with the right ones."""
    found = dense.rarefy(net)
    for one, d in zip(stack, dilations, strict=False):
        setattr(found.get_submodule(one.name), "dilation", (d, d))  # noqa: B010 # conv or pool
    return found
