"""A tile and its margin over the photograph, and the seam that is left of it."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from seglab.draw import diagram as diagrams
from seglab.draw import paint
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.marks import Box
from seglab.draw.paint import Picture
from seglab.draw.shapes import Area, Bar, Colour, Handle, Label, Line, Shape, Thumbnail
from seglab.ops.tiles import Crop
from seglab.types import Image, Size

OUTSIDE = (24, 44)  # pixels above and below the picture, and beside it, that are shown
_ROOM, _DOWN = 230, 16  # side of what the net finds, and its first row
_OWN = (255, 200, 0)
_SEEN = (0, 190, 255)


def surroundings(image: Image, crop: Crop, wide: int, rule: str) -> Image:
    """Pixels that a padded net finds in a tile and so far around it: [1, 3, h, w].

    What the crop does not hold is filled by the rule: the mirror image of the crop, its last row
    and column, or zeros, which are grey: the net sees a picture less its mean, 0.5.
    """
    axes = []
    for part in (crop.rows, crop.columns):
        length = part.stop - part.start
        at = torch.arange(part.first - wide, part.end + wide, device=image.device) - part.start
        held = (at >= 0) & (at < length)
        turn = at % (2 * length - 2)
        mirrored = torch.minimum(turn, 2 * length - 2 - turn)
        index = mirrored if rule == "mirror" else at.clamp(0, length - 1)
        axes.append((index + part.start, held))
    (rows, above), (columns, beside) = axes
    found = image[..., rows, :][..., columns]
    return found.where(above[:, None] & beside, 0.5) if rule == "zeros" else found


def of_tile(
    image: Image,
    around: Image,
    crop: Crop,
    crops: Sequence[Crop],
    margin: int,
    needed: int | None,
    margins: Sequence[int],
) -> Diagram:
    """The photograph with all tiles; your tile, what the net sees of it, and what it would need.

    The knob at the left end of the margin sets it; a click on another tile chooses that one. On the
    right `around`, what the net finds there.
    """
    height, width = image.shape[-2:]
    rows, columns = crop.rows, crop.columns
    middle = (rows.first + rows.end) / 2
    drawn: list[Shape] = [
        Thumbnail(0, 0, width, height, paint.rgb(image), "the picture"),
        *(_tile(other) for other in crops if other != crop),
        *_shade(crop, (height, width)),
        _wanted(crop, margin, (height, width), "faint", "what the margin asks for"),
    ]
    if needed is not None:
        says = f"what the net needs: {needed} px"
        drawn.append(_wanted(crop, needed, (height, width), "ink", says))
    drawn += [
        Bar(
            columns.start,
            rows.start,
            columns.stop,
            rows.stop,
            _SEEN,
            hollow=True,
            says=f"the net sees {rows.stop - rows.start} x {columns.stop - columns.start} pixels",
        ),
        Bar(
            columns.first,
            rows.first,
            columns.end,
            rows.end,
            _OWN,
            hollow=True,
            says="your tile: what is kept of the answer",
        ),
        Line(((columns.first - margin, middle), (columns.first, middle)), _SEEN, 2),
        Handle(
            "margin",
            tuple((columns.first - wide, middle, wide) for wide in margins),
            margin,
            _SEEN,
            says="margin",
        ),
    ]
    drawn += _found(around, crop, width + OUTSIDE[1])
    return diagram(
        drawn,
        says=f"A tile of {rows.end - rows.first} x {columns.end - columns.first} pixels with a "
        f"margin of {margin}: the net sees rows {rows.start} to {rows.stop - 1} and columns "
        f"{columns.start} to {columns.stop - 1}"
        + ("" if needed is None else f"; it needs a margin of {needed}"),
        x=(-OUTSIDE[1], width + OUTSIDE[1] + _ROOM + 4),
        y=(-OUTSIDE[0], height + OUTSIDE[0]),
        margin=(0, 0, 0, 0),
        tall=True,
        wide=True,
        even=True,
    )


def of_difference(difference: Tensor, crop: Crop) -> Picture:
    """Map of differences, in full colour from 0.25 on, with your tile in its colour."""
    rows, columns = crop.rows, crop.columns
    own = Box(rows.first - 0.5, columns.first - 0.5, rows.end - 0.5, columns.end - 0.5, _OWN)
    return paint.scalar(difference, low=0, high=0.25, palette="magma").with_marks(own)


def curve(seams: Mapping[int, float], margin: int, needed: int | None) -> Diagram:
    """The largest difference in your tile against the margin, with a knob on the curve."""
    points = tuple(seams.items())
    first = next((wide for wide in seams if all(d < 1e-3 for m, d in points if m >= wide)), None)
    more: list[Shape] = []
    if needed is not None:
        more.append(Line(((needed, 0), (needed, 1)), "ink", 1, dashed=True, says="margin needed"))
        more.append(Label("needed", needed, 1, "start", (4, 10), small=True))
    return diagrams.plot(
        {"largest change": points},
        x=(0, max(seams)),
        y=(0, 1),
        x_title="margin, px",
        y_title="change of a probability",
        more=more,
        now=margin,
        handle=Handle(
            "margin", tuple((wide, d, wide) for wide, d in points), margin, says="margin"
        ),
        form="{:.2f}",
        says=f"Largest change of a probability in your tile against the margin: {seams[0]:.2f} "
        f"without one, {seams[margin]:.2f} with {margin} pixels, "
        + ("never 0" if first is None else f"0 from {first} pixels on"),
    )


def _found(around: Image, crop: Crop, left: float) -> list[Shape]:
    """Labels in the tile and around it, enlarged, with the same two boxes."""
    size = around.shape[-2:]
    scale = _ROOM / max(size)
    parts = crop.rows, crop.columns
    wide = [(n - (part.end - part.first)) // 2 for n, part in zip(size, parts, strict=True)]
    (top, low), (near, far) = (
        (part.first - more, part.end + more) for part, more in zip(parts, wide, strict=True)
    )

    def box(rows: Size, columns: Size, colour: Colour, says: str) -> Bar:
        across = [left + (min(max(x, near), far) - near) * scale for x in columns]
        down = [(min(max(y, top), low) - top) * scale + _DOWN for y in rows]
        return Bar(across[0], down[0], across[1], down[1], colour, hollow=True, says=says)

    rows, columns = parts
    return [
        Thumbnail(
            left,
            _DOWN,
            left + size[1] * scale,
            _DOWN + size[0] * scale,
            paint.rgb(around),
            "what the net finds",
        ),
        box((rows.start, rows.stop), (columns.start, columns.stop), _SEEN, "the real picture"),
        box((rows.first, rows.end), (columns.first, columns.end), _OWN, "your tile"),
        Label("what the net finds there", left, _DOWN, "start", (0, -5), small=True),
    ]


def _tile(crop: Crop) -> Bar:
    rows, columns = crop.rows, crop.columns
    return Bar(
        columns.first,
        rows.first,
        columns.end,
        rows.end,
        "paper",
        opacity=0.0,
        says="another tile; click to take it",
        sets=("pixel", ((rows.first + rows.end) // 2, (columns.first + columns.end) // 2)),
    )


def _wanted(crop: Crop, by: int, size: Size, colour: Colour, says: str) -> Bar:
    """The tile with so much around it, as far as it is shown."""
    rows, columns = crop.rows, crop.columns
    return Bar(
        max(columns.first - by, -OUTSIDE[1]),
        max(rows.first - by, -OUTSIDE[0]),
        min(columns.end + by, size[1] + OUTSIDE[1]),
        min(rows.end + by, size[0] + OUTSIDE[0]),
        colour,
        hollow=True,
        dashed=True,
        says=says,
    )


def _shade(crop: Crop, size: Size) -> list[Shape]:
    """Shade over all of the picture that the net does not see for this tile."""
    height, width = size
    top, bottom = crop.rows.start, crop.rows.stop
    left, right = crop.columns.start, crop.columns.stop
    corners = (
        ((0, 0), (width, 0), (width, top), (0, top)),
        ((0, bottom), (width, bottom), (width, height), (0, height)),
        ((0, top), (left, top), (left, bottom), (0, bottom)),
        ((right, top), (width, top), (width, bottom), (right, bottom)),
    )
    return [
        Area(corner, "paper", 0.55)
        for corner in corners
        if corner[0] != corner[1] and corner[1] != corner[2]
    ]
