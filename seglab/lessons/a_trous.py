"""À trous: the same network made dense in one pass, and what breaks when one layer is forgotten."""

from dataclasses import replace

from seglab import device, scalars
from seglab._text import distance
from seglab.draw import paint
from seglab.lab import Lab, Sweep, of
from seglab.lessons._dilations import DILATIONS, NAMES, dilated, given
from seglab.lessons._textures import MATTERS, NET, PHOTO, STAGES, TEXTURES, VIEW, F, picture
from seglab.lessons.pictures import holes
from seglab.lessons.tours.a_trous import TOUR
from seglab.ops import dense, heatmap
from seglab.timing import milliseconds

WAYS = {
    "sliding window": dense.sliding_window,
    "shift and stitch": dense.shift_and_stitch,
    "à trous": lambda net, image: dense.rarefy(net)(image),
    "fragments": dense.fragments,
}
CHART_SIDE = 128  # pixels: the sliding window is slow


def stitched(passes, progress):
    passes.first(progress=progress)
    return passes.stitched()


stack = of(holes.filters, "model.net")
rule = of(holes.rule, "stack")


def spread(net, stack, rule, dilations):
    """The dilation of each layer; an own net's is the rule's."""
    return given(stack, dilations[0]) if net == TEXTURES else rule


def atrous(net, model, image, stack, spread):
    return dilated(model.net, stack if net == TEXTURES else (), spread)(image)


def grown(stitched, atrous):
    """Rows and columns that the map has more: a net with too small a dilation sees less."""
    return tuple(a - s for a, s in zip(atrous.shape[2:], stitched.shape[2:], strict=True))


def own_field(dense_field, grown):
    """Field of the scores of the à trous net, as it is with its dilations."""
    size = tuple(r - n for r, n in zip(dense_field.size, grown, strict=True))
    center = tuple(at - n / 2 for at, n in zip(dense_field.origin, grown, strict=True))
    return replace(dense_field, size=size, origin=center)


def both(stitched, atrous, grown):
    """The two maps at the same centers, half a pixel apart where a field has an odd size."""
    maps = []
    for map_, sign in ((stitched, -1), (atrous, 1)):
        top, left = (max(sign * n, 0) // 2 for n in grown)
        maps.append(map_[..., top:, left:])
    rows, columns = (min(sizes) for sizes in zip(*(one.shape[2:] for one in maps), strict=True))
    return tuple(one[..., :rows, :columns] for one in maps)


def seen(dense_field, own_field):
    """Field of the net that sees more, by which the places of both maps are known."""
    return max(dense_field, own_field, key=lambda field: field.size)


def difference(both):
    return (both[0] - both[1]).abs().amax(1)


def largest(difference):
    return scalars.real(difference.nan_to_num(0).max())


def dense_field(model):
    return model.field.every_pixel()


def changed_labels(both):
    ours, theirs = map(heatmap.label_map, both)
    return scalars.real((ours != theirs).float().mean())


def cost(model, image):
    """Multiply-adds of the three ways, as multiples of one coarse pass."""
    coarse, stitching, dilated = (
        dense.cost(model.net, image.shape[-2:], method)
        for method in ("coarse", "shift_and_stitch", "atrous")
    )
    return f"stitching {stitching / coarse:.0f}×, à trous {dilated / coarse:.0f}× one coarse pass"


def missed(stack, spread):
    return "{} of {}".format(*holes.missing(stack, spread)) if stack else "not counted"


def taps(net, stack, spread):
    return holes.holes(stack, spread, NAMES, net == TEXTURES)


def times(model, image):
    cut = image[..., :CHART_SIDE, :CHART_SIDE]
    return {name: milliseconds(way, model.net, cut) for name, way in WAYS.items()}


LAB = Lab(
    title="À trous",
    summary="No strides, and holes in the kernels: one pass gives all that stitching gives.",
    controls={
        "photo": PHOTO,
        "net": NET,
        "f": F,
        "dilations": DILATIONS,
        "view": VIEW,
    },
    matters=MATTERS | {"dilations": lambda net: net == TEXTURES},
    stages=STAGES | globals(),
    panes={
        "taps of one score": "taps",
        "à trous": lambda atrous, model, view, image, own_field: picture(
            atrous, model.classes, view, image, own_field
        ),
        "shift and stitch": lambda stitched, model, view, image, dense_field: picture(
            stitched, model.classes, view, image, dense_field
        ),
        "largest difference": lambda difference, largest, seen, image: paint.scalar(
            difference, low=0, high=max(1.0, largest), palette="magma", on=image, field=seen
        ),
        "photograph": "image",
    },
    numbers={
        "max difference": of(distance, "largest"),
        "labels that differ": lambda changed_labels: f"{changed_labels:.1%}",
        "taps that miss": "missed",
        "multiply-adds": "cost",
    },
    charts={
        "Measure the cost": Sweep(
            times,
            over="f",
            title=lambda: (
                f"{CHART_SIDE} × {CHART_SIDE} pixels; each f is another net; {device.describe()}"
            ),
            x="downsampling factor f",
            y="milliseconds",
            x_scale="log",
            y_scale="log",
            unit="ms",
        )
    },
    tour=TOUR,
)
