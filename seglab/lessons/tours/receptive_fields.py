"""Receptive fields: what widens a field, where it hangs over, what of it is used, its holes."""

from seglab.lab import Try

FIELD_OF_UNIT = "your unit's field"


def width(run):
    return int(run.values["field"].size[0])


def kinds_that(run, change):
    """The kinds of the layers after which the field or its stride grows."""
    layers = run.values["layers"]
    values = [getattr(field, change)[0] for field in layers.fields]
    pairs = zip(layers.kinds, [1, *values], values, strict=False)
    return {kind for kind, before, after in pairs if after > before}


def pixels(run):
    """The lowest row of the side view."""
    return [shape for shape in run.panes["side view"].shapes if shape.kind == "dot" and not shape.y]


def three(strides=(1, 1, 1), dilations=(1, 1, 1)):
    """A stack of three convolutions of 3 × 3."""
    return tuple(("conv", 3, s, d, d) for s, d in zip(strides, dilations, strict=True))


# No stride, and a stride of 2 in the first, the second and the last layer.
STRIDED = [three(strides) for strides in ((1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2))]

TOUR = (
    Try(
        "The stack has 19 layers; the last is fc6, a convolution of 7 × 7. In the side view, its "
        "unit is the knob at the top. Drag it down to layer **18**. How much of the field did fc6 "
        "add?",
        set={"layer": 18},
        look="side view",
        expect=lambda before, after: (
            (width(before), width(after)) == (404, 212)
            and after.numbers["a unit every"] == "32 px"
            and width(before) - width(after) == (7 - 1) * 32
        ),
        then="192 pixels, nearly half. The seven lines of fc6 go to units that stand 32 px apart, "
        "and 7 of them in a row see (7 − 1) · 32 = 192 pixels more than one of them.",
    ),
    Try(
        "Go further down, to **10**, and watch the box on the photograph. Which layers make the "
        "map coarser, and which only widen the field?",
        set={"layer": 10},
        look="a unit every",
        expect=lambda before, after: (
            kinds_that(after, "stride") == {"pool"}
            and kinds_that(after, "size") == {"conv", "pool"}
            and (width(after), after.numbers["a unit every"]) == (44, "8 px")
        ),
        then="The pools make it coarser: each doubles the distance between units. Every layer "
        "widens the field, and more if its units are further apart. After layer 10 it is 44 px.",
    ),
    Try(
        "Back to layer **19**, and click near the top left corner. Then click a few pixels "
        "further: does the box move?",
        set={"layer": 19, "pixel": (20, 20)},
        look=FIELD_OF_UNIT,
        expect=lambda before, after: (
            after.numbers["layer"].startswith("19 of 19")
            and after.values["unit"] == after.fork(pixel=(0, 0)).values["unit"] == (0, 0)
            and after.values["unit"] == after.fork(pixel=(120, 120)).values["unit"]
            and after.numbers["over the edge"].startswith("40%")
        ),
        then="No: units are 32 px apart, and the lab takes the nearest. Its center is at 111.5, so "
        "40% of its field lies outside the picture.",
    ),
    Try(
        "Click the middle, and set **weights** to **equal**: the gradient then counts the paths "
        "from each pixel to the unit. Do all pixels of the field count alike?",
        set={"pixel": (256, 256), "weights": "equal"},
        look="gradient",
        expect=lambda before, after: (
            after.numbers["95% of the gradient"] == "in 44% of the field"
            and after.values["effective"].strength()[..., 0, 0].max() < 0.01
        ),
        then="No: 44% of the field holds 95% of the gradient. Few paths lead from its edge to the "
        "unit, and many from its middle.",
    ),
    Try(
        "Choose the stack **dilated 2-2-2**: three convolutions of 3 × 3, each with dilation 2. "
        "Follow the lines from the unit down. Which pixels does it see?",
        set={"stack": "dilated 2-2-2"},
        look="side view",
        expect=lambda before, after: (
            width(after) == 13
            and [dot.hollow for dot in pixels(after)] == [False, True] * 6 + [False]
            and int(after.values["paths"].sum()) == 49
            and after.numbers["without a path"] == "71%"
        ),
        then="Every second one, 7 of 13; in both directions 49 of 13 × 13. From 71% of the field "
        "there is no path to the unit. This is called gridding.",
    ),
    Try(
        "Make it 1-2-4: in the row *dilation*, click a number and type, or use the arrow keys. "
        "Are there holes now?",
        set={"stack": three(dilations=(1, 2, 4))},
        look="side view",
        expect=lambda before, after: (
            after.numbers["without a path"] == "0%"
            and [dot.hollow for dot in pixels(after)] == [False] * width(after) == [False] * 15
        ),
        then="No: the unit sees every pixel of its field, which is wider, 15 × 15, with the same "
        "number of weights.",
    ),
    Try(
        "Three plain convolutions of 3 × 3 see 7 × 7. Give one of them a stride of 2. In which "
        "layer does it widen the field most, an early or a late one?",
        set={"stack": STRIDED[1]},
        look="field",
        expect=lambda before, after: (
            width(after) == 11
            and [width(after.fork(stack=one)) for one in STRIDED] == [7, 11, 9, 7]
        ),
        then="An early one: in the first layer it makes the field 11 × 11, in the second 9 × 9, in "
        "the last 7 × 7 as before. A stride widens the steps of the layers after it.",
    ),
)
