"""Shift and stitch: read a dense map out of a network that only answers every f pixels."""

from seglab import scalars
from seglab._text import distance
from seglab.draw import paint
from seglab.draw.relations import Tiles
from seglab.lab import Choice, Lab, Pixel, of
from seglab.lessons._textures import MATTERS, NET, PHOTO, STAGES, VIEW, F, picture
from seglab.lessons.pictures import passes as drawn
from seglab.lessons.tours.shift_and_stitch import TOUR
from seglab.ops import dense

SHEET, INTERLEAVED = "the passes, side by side", "the passes, interleaved"
CLOSE_UP = "3 × 3 blocks of it"
DONE = (*range(1, 17), 20, 24, 28, 32, 40, 48, 56, 64, 96, 128, 192, 256)  # one by one at first


painted = of(paint.rgb, "image")  # one for all passes, so that a step sends marks alone


def stitched(passes, shifts, sign):
    return passes.stitched(shifts, forwards=sign == "right")


def answered(stitched):
    return ~stitched.isnan().any(1)


def one_pass(model, image):
    """The map of the same net made dense in one pass (lab 09)."""
    return dense.rarefy(model.net)(image)


def difference(stitched, one_pass, answered):
    """The largest difference to the map of one pass."""
    apart = (stitched - one_pass).abs().amax(1)
    return scalars.real(apart.where(answered, 0).max())


def interleaving(passes, sign):
    """The score and the pass that stand at each pixel of the map."""
    return passes.interleaving(forwards=sign == "right")


def shift(passes, shifts):
    """The rows and columns that the last pass so far leaves out."""
    return divmod(min(shifts, passes.count) - 1, passes.stride)


close_up = of(drawn.close_up, "interleaving", "model.field", "pixel")
pass_field = of(drawn.shifted, "model.field", "shift")


def map_picture(stitched, model, view, image):
    """The map; one for all close-ups, so that a click sends marks alone."""
    return picture(stitched, model.classes, view, image, model.field.every_pixel())


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
        "shifts": Choice(*DONE, default=24, label="shifts done", play=True),
        "sign": Choice("right", "wrong", label="sign of the shift"),
        "view": VIEW,
        "pixel": Pixel((256, 256)),
    },
    matters=MATTERS,
    stages=STAGES | globals(),
    panes={
        "photograph": lambda painted, image, shift, pass_field: painted.with_marks(
            *drawn.crop(image.shape[2:], shift, pass_field)
        ),
        "this pass": lambda passes, shifts, model, view, image, pass_field: picture(
            passes.first(shifts)[-1], model.classes, view, image, pass_field
        ),
        SHEET: lambda passes, shifts, model, view, image, interleaving, shift: (
            picture(passes.side_by_side(shifts), model.classes, view)
            .with_marks(drawn.tile(interleaving, shift))
            .related(tiles=Tiles(INTERLEAVED, interleaving, image.shape[2:], model.field))
        ),
        INTERLEAVED: lambda map_picture, model, interleaving, close_up: map_picture.with_marks(
            drawn.frame(model.field, interleaving, close_up)
        ),
        CLOSE_UP: lambda stitched, model, view, interleaving, close_up, shift: (
            picture(drawn.cut(stitched, interleaving, close_up), model.classes, view)
            .with_marks(*drawn.filled(interleaving, shift))
            .related(space="close-up")
        ),
    },
    numbers={
        "passes": lambda passes, shifts: f"{min(shifts, passes.count)} of {passes.count}",
        "pixels answered": lambda answered: f"{scalars.real(answered.float().mean()):.1%}",
        "max difference": of(distance, "difference"),
        "your pixel": "source",
    },
    tour=TOUR,
)
