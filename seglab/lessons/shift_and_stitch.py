"""Shift and stitch: read a dense map out of a network that only answers every f pixels."""

import torch

from seglab.draw import paint
from seglab.lab import Choice, Lab, Pixel
from seglab.lessons import views
from seglab.ops import dense


def passes(net, image):
    return views.Passes(net, image)


def stitched(passes, shifts, sign):
    parts = passes.first(shifts)
    return views.stitch(parts, passes.stride, passes.size, forwards=sign == "right")


def side_by_side(passes, shifts):
    """The passes as tiles: pass (y, x) in tile row y, tile column x."""
    parts, f = passes.first(shifts), passes.stride
    height, width = parts[0].shape[2:]
    sheet = parts[0].new_full((*parts[0].shape[:2], f * height, f * width), torch.nan)
    for index, part in enumerate(parts):
        row, column = (index // f) * height, (index % f) * width
        sheet[..., row : row + part.shape[2], column : column + part.shape[3]] = part
    return sheet


def answered(stitched):
    return ~stitched.isnan().any(1)


def atrous(net, image):
    """The same network made dense in one pass (lab 09)."""
    return dense.rarefy(net)(image)


def difference(atrous, stitched, answered):
    """The largest difference to the one pass, where there is a score."""
    apart = (stitched - atrous).abs().amax(1)
    return round(float(apart[answered].max()), 4)


def source(pixel, field, passes):
    """Which pass, and which of its scores, answers for a pixel."""
    f = passes.stride
    row, column = (int(p - c) for p, c in zip(pixel, field.center(0, 0), strict=True))
    if not (0 <= row < passes.size[0] and 0 <= column < passes.size[1]):
        return "no pass: its field leaves the picture"
    return f"pass ({row % f}, {column % f}), score ({row // f}, {column // f})"


LAB = Lab(
    title="Shift and stitch",
    summary="The network answers every f pixels. Shift the picture, ask again, interleave.",
    controls={
        "photo": views.PHOTO,
        "f": views.F,
        "shifts": Choice(
            *(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256),
            default=24,
            label="shifts done",
            play=True,
        ),
        "sign": Choice("right", "wrong", label="sign of the shift"),
        "view": views.VIEW,
        "pixel": Pixel((256, 256)),
    },
    stages=(
        views.image,
        views.net,
        views.field,
        passes,
        stitched,
        side_by_side,
        answered,
        atrous,
        difference,
        source,
    ),
    panes={
        "photograph": lambda image: paint.rgb(image),
        "one pass: a score every f pixels": lambda passes, field, view, image: views.picture(
            passes.first(1)[0], view, views.frame(image), field
        ),
        "the passes, side by side": lambda side_by_side, view: views.picture(side_by_side, view),
        "the passes, interleaved": lambda stitched, field, view, image: views.picture(
            stitched, view, views.frame(image), views.every_pixel(field)
        ),
    },
    numbers={
        "passes": lambda passes, f, shifts: f"{min(shifts, f * f)} of {f * f}",
        "pixels answered": lambda answered: f"{answered.float().mean():.1%}",
        "max difference": lambda difference: difference,
        "your pixel": lambda source: source,
    },
)
