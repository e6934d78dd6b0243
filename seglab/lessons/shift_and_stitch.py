"""Shift and stitch: read a dense map out of a network that only answers every f pixels."""

from seglab.lab import Choice, Lab, Pixel
from seglab.lessons._textures import MATTERS, NET, PHOTO, STAGES, VIEW, F, picture
from seglab.lessons.tours.shift_and_stitch import TOUR
from seglab.ops import dense


def stitched(passes, shifts, sign):
    return passes.stitched(shifts, forwards=sign == "right")


def answered(stitched):
    return ~stitched.isnan().any(1)


def difference(model, image, stitched, answered):
    """The largest difference to the same net made dense in one pass (lab 09)."""
    apart = (stitched - dense.rarefy(model.net)(image)).abs().amax(1)
    return round(float(apart[answered].max()), 4)


def source(pixel, model, passes):
    """The pass, and which of its scores, that answers for a pixel."""
    f = passes.stride
    row, column = (int(p - c) for p, c in zip(pixel, model.field.center(0, 0), strict=True))
    if not (0 <= row < passes.size[0] and 0 <= column < passes.size[1]):
        return "no pass: its field leaves the picture"
    return f"pass ({row % f}, {column % f}), score ({row // f}, {column // f})"


LAB = Lab(
    title="Shift and stitch",
    summary="The network answers every f pixels. Shift the picture, ask again, interleave.",
    controls={
        "photo": PHOTO,
        "net": NET,
        "f": F,
        "shifts": Choice(
            *(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256),
            default=24,
            label="shifts done",
            play=True,
        ),
        "sign": Choice("right", "wrong", label="sign of the shift"),
        "view": VIEW,
        "pixel": Pixel((256, 256)),
    },
    matters=MATTERS,
    stages=STAGES | globals(),
    panes={
        "photograph": "image",
        "one pass: a score every f pixels": lambda passes, model, view, image: picture(
            passes.first(1)[0], model.classes, view, image, model.field
        ),
        "the passes, side by side": lambda passes, shifts, model, view: picture(
            passes.side_by_side(shifts), model.classes, view
        ),
        "the passes, interleaved": lambda stitched, model, view, image: picture(
            stitched, model.classes, view, image, model.field.every_pixel()
        ),
    },
    numbers={
        "passes": lambda passes, shifts: f"{min(shifts, passes.count)} of {passes.count}",
        "pixels answered": lambda answered: f"{answered.float().mean():.1%}",
        "max difference": "difference",
        "your pixel": "source",
    },
    tour=TOUR,
)
