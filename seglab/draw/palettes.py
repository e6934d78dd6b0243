"""Colour tables: perceptually uniform for values, colour-blind-safe for labels."""

from functools import cache

import cmap
import numpy as np

from seglab.types import NO_LABEL

Palette = np.ndarray  # uint8 [n, 3]

NO_VALUE = NO_LABEL  # the code of a pixel without a value, in a scalar plane too: NaN
NO_VALUE_COLOUR = (128, 128, 128)
DISTINCT = 12  # labels up to which a reader can tell each by its colour

# Okabe & Ito (2008), "Color Universal Design", without black and in an order that keeps
# neighbouring classes apart; past seven classes glasbey goes on.
_LABELS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")


@cache
def scalar(name: str = "viridis") -> Palette:
    """255 colours of a named map (viridis, cividis, magma, vik, ...), code 0 to 254.

    Raises ValueError for a name that the cmap catalogue does not have.
    """
    try:
        colours = cmap.Colormap(name)
    except (ValueError, KeyError):
        raise ValueError(
            f"palette={name!r} is not in the cmap catalogue; use 'viridis', 'cividis', 'magma' "
            f"or, for signed values, 'vik'"
        ) from None
    # Every second of 509: asked for 255 colours, cmap 0.8 gives 256.
    return _bytes(colours.lut(N=2 * NO_VALUE - 1)[::2])


@cache
def labels(count: int) -> Palette:
    """One colour for each of count labels, uint8 [count, 3]; a label has one colour everywhere.

    Raises ValueError for a count outside 1 to 255.
    """
    if not 0 < count <= NO_VALUE:
        raise ValueError(f"count={count} labels; give from 1 to {NO_VALUE}")
    first = np.array([cmap.Color(name).rgba for name in _LABELS])
    more = cmap.Colormap("glasbey").lut(N=256)
    return _bytes(np.concatenate([first, more])[:count])


def rgb(label: int) -> tuple[int, int, int]:
    """The colour of a label as (red, green, blue), for marks and shapes."""
    red, green, blue = labels(label + 1)[label].tolist()
    return red, green, blue


def colour(label: int) -> str:
    """The colour of a label as '#rrggbb', for charts and sentences."""
    return "#{:02x}{:02x}{:02x}".format(*rgb(label))


def _bytes(rgba: np.ndarray) -> Palette:
    table = (np.asarray(rgba)[:, :3] * 255).round().astype(np.uint8)
    table.flags.writeable = False
    return table
