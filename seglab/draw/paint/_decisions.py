"""Labels that a rule has decided, and what a truth says of them."""

from collections.abc import Sequence

from torch import Tensor

from seglab.draw import palettes
from seglab.draw.paint._planes import labels
from seglab.draw.picture import Picture
from seglab.ops import metrics
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import Image

# No colour of a class: pale for what is right, red for what is wrong, violet and brown for winners.
_SEVERAL = (40, 40, 40)
_VERDICTS = ((205, 205, 205), (214, 39, 40), _SEVERAL, (170, 190, 210))
_WINNERS = ((225, 225, 225), (106, 61, 154), (150, 90, 50), (60, 60, 60), (170, 190, 210))


def decisions(
    decided: Tensor,
    classes: Sequence[str],
    *,
    on: Image | Picture | None = None,
    field: ReceptiveField | None = None,
) -> Picture:
    """Return labels of heatmap.decide, with a dark colour for "several classes".

    That label is the number of the classes. on, field: as in rgb().
    """
    colours = (*palettes.labels(len(classes)), _SEVERAL)
    return labels(decided, (*classes, "several classes"), colours=colours, on=on, field=field)


def verdicts(judged: Tensor) -> Picture:
    """Return what metrics.verdicts says of each pixel: right is pale, wrong is red."""
    return labels(judged, metrics.VERDICTS, colours=_VERDICTS)


def winners(judged: Tensor, names: Sequence[str] = metrics.WINNERS) -> Picture:
    """Return what metrics.winners says of each pixel; names: of its five answers, in words."""
    return labels(judged, names, colours=_WINNERS)
