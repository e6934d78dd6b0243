"""Shift and stitch: read a dense map out of a network that only answers every f pixels."""

from seglab._text import distance
from seglab.draw.relations import Tiles
from seglab.lab import Choice, Lab, Pixel, of
from seglab.lessons._textures import MATTERS, NET, PHOTO, STAGES, VIEW, F, picture
from seglab.lessons.tours.shift_and_stitch import TOUR
from seglab.ops import dense

INTERLEAVED = "the passes, interleaved"


def stitched(passes, shifts, sign):
    return passes.stitched(shifts, forwards=sign == "right")


def answered(stitched):
    return ~stitched.isnan().any(1)


def difference(model, image, stitched, answered):
    """The largest difference to the same net made dense in one pass (lab 09)."""
    apart = (stitched - dense.rarefy(model.net)(image)).abs().amax(1)
    return float(apart[answered].max())


def interleaving(passes, sign):
    """The score and the pass that stand at each pixel of the map."""
    return passes.interleaving(forwards=sign == "right")


def source(pixel, model, interleaving, shifts):
    """The pass, and which of its scores, that answers for a pixel."""
    place = model.field.every_pixel().unit_at(pixel)
    if not all(0 <= at < n for at, n in zip(place, interleaving.size, strict=True)):
        return "no pass: its field leaves the picture"
    answer = interleaving.answer(place)
    if answer is None:  # with the wrong sign only
        return "no pass has a score for it"
    said = f"pass {answer.shift}, score {answer.score}"
    row, column = answer.shift
    done = row * interleaving.stride + column < shifts
    return said if done else f"{said}: not done yet"


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
        "one pass: pass (0, 0)": lambda passes, model, view, image: picture(
            passes.first(1)[0], model.classes, view, image, model.field
        ),
        "the passes, side by side": lambda passes, shifts, model, view, image, interleaving: (
            picture(passes.side_by_side(shifts), model.classes, view).related(
                tiles=Tiles(INTERLEAVED, interleaving, image.shape[2:], model.field)
            )
        ),
        INTERLEAVED: lambda stitched, model, view, image: picture(
            stitched, model.classes, view, image, model.field.every_pixel()
        ),
    },
    numbers={
        "passes": lambda passes, shifts: f"{min(shifts, passes.count)} of {passes.count}",
        "pixels answered": lambda answered: f"{answered.float().mean():.1%}",
        "max difference": of(distance, "difference"),
        "your pixel": "source",
    },
    tour=TOUR,
)
