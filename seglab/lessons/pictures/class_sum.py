"""A class's scores as a sum: what the channels of the last layer add, one by one."""

from torch import Tensor

from seglab import scalars
from seglab.draw import paint
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.shapes import Bar, Label, Shape, Thumbnail
from seglab.nets.insides import Inside, Sum

SHOWN = 4  # channels that are shown on their own


def strongest(parts: Tensor) -> Tensor:
    """The channels whose part [C, h, w] is the largest, by its mean size, the largest first."""
    return parts.abs().mean((1, 2)).topk(min(SHOWN, len(parts))).indices


def of_net(inside: Inside, sums: Sum, kind: int, path: str, number: int) -> Diagram:
    """The scores of the class `kind` as a sum of channels; sums: of this class alone.

    The channel `number` of the layer at path stands out, where that is the layer summed up.
    """
    parts = None if sums.parts is None else sums.parts[:, 0]
    chosen = number if path == inside.features else None
    return summed(inside.classes[kind], parts, sums.scores[0, 0], chosen)


def summed(name: str, parts: Tensor | None, total: Tensor, chosen: int | None) -> Diagram:
    """The strongest parts of a sum, the rest of it, and the sum: the scores of one class.

    parts: what each channel adds, [C, h, w]; None where the last step is no sum of channels.
    total: the scores [h, w]. chosen: the channel that stands out. A click on a part chooses its
    channel. All have one scale: red votes for the class, blue against it.
    """
    greatest = total.abs().max()
    most = scalars.real(greatest.where(greatest > 0, 1))
    shapes: list[Shape] = [_thumbnail(1.1, 1.95, 3.0, total, most, f"scores of {name}", None)]
    shapes.append(Label(f"= {name}", 2.6, 1.62, bold=True, small=True))
    said = f"scores of {name} up to {scalars.real(total.max()):.3g}"
    if parts is None:
        shapes.append(Label("no sum of channels", 2.6, 0.7, small=True))
    else:
        best = strongest(parts)
        most_of_it = parts[best]
        order = [scalars.whole(c) for c in best]
        each = zip(order, most_of_it, strict=True)
        others = total - most_of_it.sum(0)
        shown = [*((f"channel {c}", part, c) for c, part in each), ("all the rest", others, None)]
        stands_out = False
        for k, (word, part, channel) in enumerate(shown):
            x = 0.05 + 1.05 * k
            shapes.append(_thumbnail(x, 0.05, 0.85, part, most, word, channel))
            text = "rest" if channel is None else str(channel)
            shapes.append(Label(text, x + 0.43, 1.15, small=True))
            if k:
                shapes.append(Label("+", x - 0.1, 0.48, small=True))
            if not stands_out and None not in (channel, chosen) and channel == chosen:
                stands_out = True
                shapes.append(Bar(x - 0.03, 0.02, x + 0.88, 0.93, hollow=True))
        said += f", as the sum of channels {', '.join(map(str, order))} and all the rest"

    return diagram(shapes, says=said, x=(0, 5.2), y=(0, 5.0), margin=(2, 2, 2, 2), even=True)


def _thumbnail(
    x: float, y: float, side: float, values: Tensor, most: float, word: str, channel: int | None
) -> Shape:
    says = word if channel is None else f"what {word} adds; click to choose it"
    sets = None if channel is None else ("channel", channel)
    picture = paint.signed(values, most=most)
    return Thumbnail(x, y, x + side, y + side, picture, word, says=says, sets=sets)
