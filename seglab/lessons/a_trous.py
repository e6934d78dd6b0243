"""À trous: the same network made dense in one pass, and what breaks when one layer is forgotten."""

from seglab.draw import paint
from seglab.lab import Choice, Lab
from seglab.lessons import timing, views
from seglab.nets import textures
from seglab.ops import dense, heatmap, receptive_field

POOLS, FILTERS = "every pool", "every filter"
CHART_SIDE = 128  # pixels: the sliding window is slow


def passes(net, image, progress):
    return dense.shifted(net, image, progress=progress)


def stitched(passes, net, image, f, sign):
    size = dense.dense_size(net, views.frame(image))
    return views.stitch(passes, f, size, forwards=sign == "right")


def dilations(net):
    """What each layer needs: the product of the strides before it, which is the stride so far."""
    traced = receptive_field.trace(net)
    before = [1, *(layer.stride[0] for layer in traced.values())]
    return dict(zip(traced, before, strict=False))


def forgotten(dilations, undilated):
    """The layers that need a dilation and do not get it."""
    kind = {POOLS: "pool", FILTERS: "conv"}.get(undilated, undilated)
    return tuple(name for name, d in dilations.items() if d > 1 and name.startswith(kind))


def atrous(net, image, forgotten):
    return dense.rarefy(net, leave=forgotten)(image)


def both(stitched, atrous):
    """The two maps where both have scores: a layer left undilated makes its map larger."""
    rows, columns = (min(s, a) for s, a in zip(stitched.shape[2:], atrous.shape[2:], strict=True))
    return stitched[..., :rows, :columns], atrous[..., :rows, :columns]


def difference(both):
    return (both[0] - both[1]).abs().amax(1)


def cost(net, image):
    """Multiply-adds of the three ways, as multiples of one coarse pass."""
    coarse, stitching, dilated = (
        dense.cost(net, views.frame(image), method)
        for method in ("coarse", "shift_and_stitch", "atrous")
    )
    return f"stitching {stitching / coarse:.0f}×, à trous {dilated / coarse:.0f}× one coarse pass"


def cost_chart(image, progress):
    cut = image[..., :CHART_SIDE, :CHART_SIDE]
    total = len(textures.OUTPUT_STRIDES) * len(timing.METHODS)
    series: dict[str, dict[float, float]] = {name: {} for name in timing.METHODS}
    for done, (name, f, milliseconds) in enumerate(timing.measure(cut), 1):
        series[name][f] = milliseconds
        progress(done, total)
    return timing.chart(
        series,
        title=f"A score for every pixel of {CHART_SIDE} × {CHART_SIDE}",
        x="downsampling factor f",
        ticks=textures.OUTPUT_STRIDES,
    )


LAB = Lab(
    title="À trous",
    summary="Strides out, holes into the kernels: one pass gives all that stitching gives.",
    controls={
        "photo": views.PHOTO,
        "f": views.F,
        "undilated": Choice(
            *("nothing", "pool1", "pool2", "pool3", "conv2", "conv3", "conv4", POOLS, FILTERS),
            label="left undilated",
        ),
        "sign": Choice("right", "wrong", label="sign of the shift"),
        "view": views.VIEW,
    },
    stages=(
        views.image,
        views.net,
        views.field,
        passes,
        stitched,
        dilations,
        forgotten,
        atrous,
        both,
        difference,
        cost,
    ),
    panes={
        "photograph": lambda image: paint.rgb(image),
        "shift and stitch": lambda stitched, field, view, image: views.picture(
            stitched, view, views.frame(image), views.every_pixel(field)
        ),
        "à trous": lambda both, field, view, image: views.picture(
            both[1], view, views.frame(image), views.every_pixel(field)
        ),
        "largest difference of the scores": lambda difference, field, image: paint.scalar(
            difference,
            low=0,
            high=max(1.0, float(difference.nan_to_num(0).max())),
            palette="magma",
            frame=views.frame(image),
            field=views.every_pixel(field),
        ),
    },
    numbers={
        "max difference": lambda difference: round(float(difference.nan_to_num(0).max()), 4),
        "labels that differ": lambda both: (
            f"{(heatmap.label_map(both[0]) != heatmap.label_map(both[1])).float().mean():.1%}"
        ),
        "left undilated": lambda forgotten, dilations, undilated: (
            ", ".join(f"{name} (needs {dilations[name]})" for name in forgotten)
            or (
                "nothing"
                if undilated == "nothing"
                else f"no {undilated} here stands behind a stride"
            )
        ),
        "multiply-adds": lambda cost: cost,
    },
    charts={"Measure the cost on this machine": cost_chart},
)
