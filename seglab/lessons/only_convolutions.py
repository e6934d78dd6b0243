"""Only convolutions: resolution, context, cost, at one number of parameters."""

import torch
from torch import nn

from seglab import device
from seglab.draw import paint, plots
from seglab.images import mosaics
from seglab.lab import Choice, Lab
from seglab.lessons import views
from seglab.nets import five_convolutions as nets
from seglab.nets import textures
from seglab.ops import dense, heatmap, receptive_field
from seglab.timing import milliseconds
from seglab.types import NO_LABEL

DIRECT, PLAIN, DILATED = "direct", "no pooling", "dilated"
DOUBLING, EQUAL = "doubling, up to f", "4 everywhere"
MISTAKES = "mistakes"
SIZE = (256, 256)
NEAR = 8  # pixels from a border between two textures
CHART_SIDE = 192  # pixels: the largest field of the chart must fit
CHART_FIELD = 70  # pixels: no line goes on past it
CHART_TICKS = (3, 5, 9, 17, 33, 63)


def mosaic(seed):
    return mosaics.make(seed, SIZE)


def direct_net(f, depth):
    return nets.pretrained(f"f{f}", depth)


def plain_net(depth):
    return nets.pretrained("plain", depth)


def dilated_net(direct_net, depth, dilations):
    """The direct net with its strides turned into dilations: the same weights, asked everywhere."""
    return dense.rarefy(direct_net) if dilations == DOUBLING else nets.pretrained("d4", depth)


def fields(direct_net, plain_net, dilated_net):
    one = (DIRECT, direct_net), (PLAIN, plain_net), (DILATED, dilated_net)
    return {name: receptive_field.of(net) for name, net in one}


def direct(mosaic, direct_net):
    return direct_net(mosaic.image)


def plain(mosaic, plain_net):
    return plain_net(mosaic.image)


def dilated(mosaic, dilated_net):
    return dilated_net(mosaic.image)


def labels(direct, plain, dilated, fields):
    """Each net's label at every pixel of the picture; none where it has no score."""
    scores = {DIRECT: direct, PLAIN: plain, DILATED: dilated}
    return {name: at_pixels(heatmap.label_map(one), fields[name]) for name, one in scores.items()}


def at_pixels(labels, field):
    """A label map on the picture's pixels: each label fills the cell around its field's centre."""
    height, width = labels.shape[-2:]
    rows, columns = (
        torch.floor((torch.arange(side, device=labels.device) + 0.5 - first) / stride).long()
        for side, first, stride in zip(
            SIZE,
            (at + (1 - step) / 2 for at, step in zip(field.origin, field.stride, strict=True)),
            field.stride,
            strict=True,
        )
    )
    filled = labels[:, rows.clamp(0, height - 1)][..., columns.clamp(0, width - 1)]
    inside = ((rows >= 0) & (rows < height))[:, None] & (columns >= 0) & (columns < width)
    return torch.where(inside, filled, NO_LABEL)


def near(mosaic):
    """Pixels with a border between two textures close by."""
    tiles = mosaic.tiles[:, None].float()
    highest = nn.functional.max_pool2d(tiles, 2 * NEAR + 1, 1, NEAR)
    lowest = -nn.functional.max_pool2d(-tiles, 2 * NEAR + 1, 1, NEAR)
    return (highest != lowest)[:, 0]


def shares(mosaic, labels, near):
    """Percent right, far from borders and near them, where all three nets have an answer."""
    answered = torch.stack([one != NO_LABEL for one in labels.values()]).all(0)
    parts = (answered & ~near, answered & near)
    return {
        name: tuple(
            round(100 * float((one == mosaic.labels)[part].double().mean()), 1) for part in parts
        )
        for name, one in labels.items()
    }


def cost(direct_net, plain_net, dilated_net):
    """Multiply-adds for each pixel of the picture."""
    one = {DIRECT: direct_net, PLAIN: plain_net, DILATED: dilated_net}
    return {
        name: round(dense.cost(net, SIZE, "coarse") / (SIZE[0] * SIZE[1]))
        for name, net in one.items()
    }


def same(direct, dilated, dilations, direct_net):
    """How far the direct net is from every f-th score of the dilated one."""
    if dilations != DOUBLING:
        return "another net"
    f = receptive_field.of(direct_net).stride[0]
    return f"{float((direct - dilated[..., ::f, ::f]).abs().max()):.3f}"


def as_far(fields, kernel, cost):
    """What the dilated net's field costs without dilation."""
    layers = -(-(int(fields[DILATED].size[0]) - 1) // (kernel - 1))
    work = per_pixel(kernel, layers) / cost[DILATED]
    plural = "s" if layers > 1 else ""
    return (
        f"{layers} layer{plural} of {kernel} × {kernel}, {work:.1f} × the work of the dilated net"
    )


def per_pixel(kernel, layers):
    """Multiply-adds for each pixel of a net without strides, borders aside."""
    taps = kernel * kernel * nets.WIDTH
    return taps * (3 + (layers - 1) * nets.WIDTH) + nets.WIDTH * len(nets.CLASSES)


def comparison(fields, cost, shares, direct_net, plain_net, dilated_net):
    one = {DIRECT: direct_net, PLAIN: plain_net, DILATED: dilated_net}
    rows = [
        (
            name,
            sum(p.numel() for p in net.parameters()),
            fields[name].stride[0],
            int(fields[name].size[0]),
            cost[name],
            *shares[name],
        )
        for name, net in one.items()
    ]
    return paint.table(
        (
            *("net", "parameters", "a score every, px", "sees, px", "multiply-adds per pixel"),
            *("right inside, %", f"right within {NEAR} px of a border, %"),
        ),
        rows,
    )


def pane(name, scores, view, mosaic, labels, fields):
    """What one of the nets says, as labels, as one class, or only where it is wrong."""
    if view != MISTAKES:
        return views.picture(scores, view, SIZE, fields[name])
    wrong = torch.where(labels[name] == mosaic.labels, NO_LABEL, labels[name])
    return paint.labels(wrong, textures.CLASSES)


def chart_net(kernel, strides, dilations):
    """An untrained net of this shape: how long it takes does not hang on its weights."""
    layers, channels = [], 3
    for stride, dilation in zip(strides, dilations, strict=True):
        layers += [nn.Conv2d(channels, nets.WIDTH, kernel, stride, dilation=dilation), nn.ReLU()]
        channels = nets.WIDTH
    net = nn.Sequential(*layers, nn.Conv2d(channels, len(nets.CLASSES), 1))
    net = net.eval().requires_grad_(False).to(device.default())
    return net.to(memory_format=torch.channels_last)


def chart_nets(f, kernel):
    """The three ways with more and more layers, as far as the chart goes."""
    for depth in range(1, 7):
        yield DIRECT, chart_net(kernel, *nets.stepping(f, depth))
        yield DILATED, chart_net(kernel, *nets.dilating(tuple(2**n for n in range(depth))))
    for field in CHART_TICKS:
        depth = max(1, round((field - 1) / (kernel - 1)))
        yield PLAIN, chart_net(kernel, *nets.stepping(1, depth))


def chart(mosaic, f, kernel, progress):
    image = mosaic.image[..., :CHART_SIDE, :CHART_SIDE]
    series: dict[str, dict[float, float]] = {DIRECT: {}, PLAIN: {}, DILATED: {}}
    found = [
        (name, net, int(receptive_field.of(net).size[0])) for name, net in chart_nets(f, kernel)
    ]
    found = [one for one in found if one[2] <= CHART_FIELD]
    for done, (name, net, field) in enumerate(found, 1):
        series[name][field] = milliseconds(net, image)
        progress(done, len(found))
    return plots.lines(
        series,
        title=f"{CHART_SIDE} × {CHART_SIDE} pixels, kernels of {kernel} × {kernel}, f = {f}, "
        f"on {device.describe()}",
        x="receptive field in pixels",
        y="milliseconds",
        ticks=CHART_TICKS,
        x_scale="log",
        y_scale="log",
        unit="ms",
    )


LAB = Lab(
    title="Only convolutions",
    summary="Three nets with the same number of parameters: one steps, one does not, one dilates.",
    controls={
        "seed": Choice(0, 1, 2, 3, 4, 5, label="mosaic"),
        "depth": Choice(1, 2, 3, 4, 5, default=5, label="layers", play=True),
        "f": Choice(2, 4, 8, 16, default=8, label="downsampling factor f"),
        "dilations": Choice(DOUBLING, EQUAL),
        "kernel": Choice(3, 5, 7, label="kernel, counted and timed"),
        "view": Choice("labels", MISTAKES, *textures.CLASSES, label="show"),
    },
    stages=(
        *(mosaic, direct_net, plain_net, dilated_net, fields, direct, plain, dilated),
        *(labels, near, shares, cost, same, as_far),
    ),
    panes={
        "mosaic": lambda mosaic: paint.rgb(mosaic.image),
        DIRECT: lambda direct, view, mosaic, labels, fields: pane(
            DIRECT, direct, view, mosaic, labels, fields
        ),
        PLAIN: lambda plain, view, mosaic, labels, fields: pane(
            PLAIN, plain, view, mosaic, labels, fields
        ),
        DILATED: lambda dilated, view, mosaic, labels, fields: pane(
            DILATED, dilated, view, mosaic, labels, fields
        ),
        "resolution, context, cost": comparison,
    },
    numbers={
        "direct against every f-th of dilated": lambda same: same,
        "as far without pooling": lambda as_far: as_far,
    },
    charts={"Measure cost against field on this machine": chart},
)
