"""À trous: the same network made dense in one pass, and what breaks when one layer is forgotten."""

from dataclasses import replace

from seglab import device
from seglab._text import distance
from seglab.draw import paint
from seglab.lab import Choice, Lab, Sweep, of
from seglab.lessons._textures import MATTERS, NET, PHOTO, STAGES, VIEW, F, picture
from seglab.lessons.tours.a_trous import TOUR
from seglab.ops import dense, heatmap
from seglab.timing import milliseconds

POOLS, FILTERS = "every pool", "every filter"
WAYS = {
    "sliding window": dense.sliding_window,
    "shift and stitch": dense.shift_and_stitch,
    "à trous": lambda net, image: dense.rarefy(net)(image),
    "fragments": dense.fragments,
}
CHART_SIDE = 128  # pixels: the sliding window is slow


def stitched(passes, sign, progress):
    passes.first(progress=progress)
    return passes.stitched(forwards=sign == "right")


def dilations(model):
    return dense.dilations(model.net)


def forgotten(dilations, undilated):
    """The layers that need a dilation and do not get it."""
    kind = {POOLS: "pool", FILTERS: "conv"}.get(undilated, undilated)
    return tuple(name for name, d in dilations.items() if d > 1 and name.startswith(kind))


def atrous(model, image, forgotten):
    return dense.rarefy(model.net, leave=forgotten)(image)


def grown(stitched, atrous):
    """Rows and columns that the map has more: a net with a forgotten layer sees less."""
    return tuple(a - s for a, s in zip(atrous.shape[2:], stitched.shape[2:], strict=True))


def own_field(dense_field, grown):
    """Field of the scores of the à trous net, as it is with its forgotten layers."""
    size = tuple(r - n for r, n in zip(dense_field.size, grown, strict=True))
    center = tuple(at - n / 2 for at, n in zip(dense_field.origin, grown, strict=True))
    return replace(dense_field, size=size, origin=center)


def both(stitched, atrous, grown):
    """The two maps at the same centers, half a pixel apart where a field has an odd size."""
    top, left = (max(n, 0) // 2 for n in grown)
    same = atrous[..., top:, left:]
    rows, columns = (min(s, a) for s, a in zip(stitched.shape[2:], same.shape[2:], strict=True))
    return stitched[..., :rows, :columns], same[..., :rows, :columns]


def difference(both):
    return (both[0] - both[1]).abs().amax(1)


def largest(difference):
    return float(difference.nan_to_num(0).max())


def dense_field(model):
    return model.field.every_pixel()


def changed_labels(both):
    ours, theirs = map(heatmap.label_map, both)
    return (ours != theirs).float().mean()


def cost(model, image):
    """Multiply-adds of the three ways, as multiples of one coarse pass."""
    coarse, stitching, dilated = (
        dense.cost(model.net, image.shape[-2:], method)
        for method in ("coarse", "shift_and_stitch", "atrous")
    )
    return f"stitching {stitching / coarse:.0f}×, à trous {dilated / coarse:.0f}× one coarse pass"


def left_undilated(forgotten, dilations, undilated):
    if undilated == "nothing":
        return undilated
    listed = ", ".join(f"{name} (needs {dilations[name]})" for name in forgotten)
    return listed or f"no {undilated} comes after a stride here"


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
        "undilated": Choice(
            *("nothing", "pool1", "pool2", "pool3", "conv2", "conv3", "conv4", POOLS, FILTERS),
            label="left undilated",
        ),
        "sign": Choice("right", "wrong", label="sign of the shift"),
        "view": VIEW,
    },
    matters=MATTERS,
    stages=STAGES | globals(),
    panes={
        "photograph": "image",
        "shift and stitch": lambda stitched, model, view, image, dense_field: picture(
            stitched, model.classes, view, image, dense_field
        ),
        "à trous": lambda atrous, model, view, image, own_field: picture(
            atrous, model.classes, view, image, own_field
        ),
        "largest difference": lambda difference, largest, dense_field, image: paint.scalar(
            difference,
            low=0,
            high=max(1.0, largest),
            palette="magma",
            on=image,
            field=dense_field,
        ),
    },
    numbers={
        "max difference": of(distance, "largest"),
        "labels that differ": lambda changed_labels: f"{changed_labels:.1%}",
        "left undilated": "left_undilated",
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
