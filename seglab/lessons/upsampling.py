"""Upsampling: every way from a coarse map to a fine one, on one bench."""

from dataclasses import replace

import torch
import torch.nn.functional as F

from seglab.draw import paint
from seglab.draw.curtains import curtain
from seglab.images import mosaics, photos
from seglab.lab import Choice, Lab, Photo
from seglab.lessons import bench, learning, upsamplers, views
from seglab.lessons.upsamplers import (
    BILINEAR,
    NAILS,
    SHUFFLE,
    TRANSPOSED,
    TYPES,
    UNPOOLING,
    WEIGHTED,
)
from seglab.nets import textures
from seglab.ops import heatmap
from seglab.ops.upsample import as_matrix, impulse_response

SCORE_MAP = "score map"
LEARNED = "learned"


def mosaic():
    return mosaics.make()


def image(source, mosaic):
    return mosaic.image if source == SCORE_MAP else photos.load(source)


def net(f):
    return textures.pretrained(output_stride=f)


def material(source, where):
    return where if source == SCORE_MAP else bench.PICTURE


def pooled(first, second):
    """Where one of the two unpools, both begin with what a max pool left."""
    return UNPOOLING in (first, second)


def pool(image, net, material, pooled, f):
    """Block maxima and their positions; None where nothing unpools."""
    if not pooled:
        return None
    return F.max_pool2d(bench.fine(material, image, net), f, return_indices=True)


def coarse(image, net, material, pool):
    return bench.coarse(material, image, net) if pool is None else pool[0]


def size(f, k):
    """The kernel size that is set, in output pixels."""
    return upsamplers.SIZES[k](f)


def first_kernel(first, f, size, weights, material, pooled, progress):
    return _kernel(first, f, size, weights, material, pooled, progress)


def second_kernel(second, f, size, weights, material, pooled, progress):
    return _kernel(second, f, size, weights, material, pooled, progress)


def upsampled(first, first_kernel, f, align, coarse, pool, material, net):
    answer = _operator(first, first_kernel, f, align, pool)(coarse)
    return bench.classified(material, answer, net)


def other(second, second_kernel, f, align, coarse, pool, material, net):
    answer = _operator(second, second_kernel, f, align, pool)(coarse)
    return bench.classified(material, answer, net)


def shown(upsampled, material):
    """The labels, or the picture itself."""
    return _shown(upsampled, material)


def other_shown(other, material):
    return _shown(other, material)


def side(f, size):
    """How many coarse values in a row the matrix shows: more than one output can see."""
    return max(8, size // f + 2)


def matrix(first, first_kernel, f, size, align, pool, side):
    """The type as a matrix that stretches a row of `side` values."""
    if first == UNPOOLING:
        # A row has its own maxima: here those of the middle row of the coarse map.
        row = pool[1][:, :1, pool[1].shape[2] // 2 :][:, :, :1, :side].cpu() % f
        places = torch.arange(row.shape[3], device=row.device) * f + row
        return as_matrix(lambda x: _unpooled_row(x, places, f), row.shape[3])
    op = _operator(first, first_kernel, f, align, None)
    # With the nails, and with kernels of 1, only the first row of a block is written at all.
    rows = 1 if first == NAILS or (first in (TRANSPOSED, SHUFFLE) and size == 1) else f
    return as_matrix(lambda x: upsamplers.along(op, x, f, rows), side)


def level(first, first_kernel, f, align, side):
    """What a map of ones becomes, in the middle block: the sums of the outputs' weights."""
    if first == UNPOOLING:  # where the ones lie depends on the picture
        return torch.tensor([0.0, 1.0])
    op = _operator(first, first_kernel, f, align, None)
    middle = slice(side // 2 * f, (side // 2 + 1) * f)
    return op(torch.ones(1, 1, side, side))[..., middle, middle]


def places(pool, f, side):
    """Where unpooling puts the values of the first rows and columns of the coarse map."""
    if pool is None:
        return None
    wide = pool[1].shape[3] * f
    corner = pool[1][:, :1, :side, :side].cpu()  # as small as what it is applied to
    n = corner.shape[3]
    block = torch.arange(n, device=corner.device) * f
    return (block[:, None] + corner // wide % f) * n * f + block + corner % f


def impulse(first, first_kernel, f, align, places, side):
    """What becomes of a single 1 in the middle."""
    if first == UNPOOLING:
        return impulse_response(lambda x: upsamplers.unpooled(places, f, x), places.shape[3])
    return impulse_response(_operator(first, first_kernel, f, align, None), side)


def reached(first, matrix, places, f):
    """How many inputs each output of a square picture is made of."""
    if first == UNPOOLING:
        return upsamplers.unpooled(places, f, torch.ones_like(places).float())
    line = (matrix.abs() > 1e-7).sum(1)
    return torch.outer(line, line)


def error(upsampled, image, mosaic, material):
    """Per pixel: what the true class lacks to probability 1; of a picture, the mean difference."""
    if material == bench.PICTURE:
        return (upsampled - image).abs().mean(1)
    share = upsampled if material == bench.PROBABILITIES else upsampled.softmax(1)
    if material == bench.PROBABILITIES:
        share = share.clamp(min=0)
        share = share / share.sum(1, keepdim=True).clamp(min=1e-6)
    return 1 - share.gather(1, mosaic.labels[:, None])[:, 0]


def _kernel(kind, f, size, weights, material, pooled, progress):
    if kind not in WEIGHTED:
        return None
    if weights == LEARNED:
        return learning.kernel(material, kind, f, size, pooled, progress)
    make = upsamplers.bilinear_kernel if weights == "bilinear" else upsamplers.random_kernel
    return make(kind, f, size)


def _operator(kind, kernel, f, align, pool):
    if kind == UNPOOLING:
        return lambda x: upsamplers.unpooled(pool[1], f, x)
    return upsamplers.operator(kind, f, kernel, corners=align == "corners")


def _unpooled_row(x, places, f):
    holes = x.new_zeros(1, 1, 1, x.shape[3] * f)
    return holes.scatter(3, places, x)


def _labels(scores):
    """The best class; no label where all classes are equal, as in a hole."""
    return heatmap.label_map(scores, holes=True)


def _shown(answer, material):
    return answer if material == bench.PICTURE else _labels(answer)


def _painted(shown, frame):
    if shown.is_floating_point():
        return replace(paint.rgb(shown), frame=frame)
    return paint.labels(shown, textures.CLASSES, frame=frame)


def _input(coarse, material, net, image):
    scores = bench.classified(material, coarse, net)
    return _painted(_shown(scores, material), views.frame(image))


def _compared(first, second, shown, other_shown, image):
    left, right = (_painted(s, views.frame(image)) for s in (shown, other_shown))
    return left if first == second else curtain(left, right, (first, second))


def _signed(values, frame):
    """White at 0 only where there is something below it."""
    low, high = map(float, values.aminmax())
    if low < -1e-6:
        most = max(-low, high)
        return paint.scalar(values, low=-most, high=most, palette="vik", frame=frame)
    return paint.scalar(values, low=0, high=max(high, 1e-6), frame=frame)


def _quality(shown, image, mosaic):
    if not shown.is_floating_point():
        return f"{(shown == mosaic.labels).float().mean():.1%} right"
    off = (shown - image).square()
    text = f"off by {off.mean().sqrt():.3f}"
    written = shown != 0
    if written.float().mean() > 0.5:
        return text
    return f"{text}, without the holes by {off[written].mean().sqrt():.3f}"


def _parameters(kernel):
    return "none" if kernel is None else f"{kernel.numel()} ({len(kernel)} × {len(kernel)})"


def _between(level):
    low, high = (
        f"{abs(float(v)):.2f}" if abs(v) < 0.005 else f"{float(v):.2f}" for v in level.aminmax()
    )
    return low if low == high else f"{low} to {high}"


def _unused(first, second, source):
    """The controls that have no part in what is shown."""
    kinds = {first, second}
    idle = {
        "kernel size, weights": not kinds & set(WEIGHTED),
        "align": BILINEAR not in kinds,
        "where": source != SCORE_MAP,
    }
    return ", ".join(name for name, is_idle in idle.items() if is_idle) or "none"


LAB = Lab(
    title="Upsampling",
    summary="From one value for every f × f block to one for every pixel, in seven ways.",
    controls={
        "source": Photo(SCORE_MAP, "astronaut", "coffee", "coins", label="input"),
        "f": Choice(2, 4, 8, 16, default=8, label="factor f"),
        "first": Choice(*TYPES, default=TRANSPOSED, label="type"),
        "second": Choice(*TYPES, default="nearest", label="compare with"),
        "k": Choice(*upsamplers.SIZES, default="2f", label="kernel size"),
        "weights": Choice("bilinear", "random", LEARNED),
        "align": Choice("half-pixel", "corners"),
        "where": Choice(bench.SCORES, bench.FEATURES, bench.PROBABILITIES),
    },
    stages=(
        mosaic,
        image,
        net,
        material,
        pooled,
        pool,
        coarse,
        size,
        first_kernel,
        second_kernel,
        upsampled,
        other,
        shown,
        other_shown,
        side,
        matrix,
        level,
        places,
        impulse,
        reached,
        error,
    ),
    panes={
        "input": _input,
        "output: type | compare with": _compared,
        "error against the truth": lambda error, material: paint.scalar(
            error, low=0, high=0.5 if material == bench.PICTURE else 1, palette="magma"
        ),
        "one 1, and what becomes of it": lambda impulse: _signed(impulse, None),
        "the matrix: input → output, 1-D": lambda matrix: _signed(
            matrix, (len(matrix), len(matrix))
        ),
        "inputs in each output": lambda reached: paint.scalar(
            reached.float(), low=0, palette="cividis"
        ),
    },
    numbers={
        "type": lambda shown, image, mosaic: _quality(shown, image, mosaic),
        "compared with": lambda other_shown, image, mosaic: _quality(other_shown, image, mosaic),
        "largest difference": lambda upsampled, other: (
            f"{float((upsampled - other).abs().max()):.3f}"
        ),
        "size": lambda coarse, upsampled: " → ".join(
            f"{t.shape[2]} × {t.shape[3]}" for t in (coarse, upsampled)
        ),
        "parameters": lambda first_kernel: _parameters(first_kernel),
        "an output's weights add up to": lambda level: _between(level),
        "without effect here": _unused,
    },
)
