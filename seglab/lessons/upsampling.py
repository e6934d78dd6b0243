"""Upsampling: every way from a coarse map to a fine one, on one bench."""

import torch.nn.functional as F

from seglab.draw import paint
from seglab.images import mosaics, photos
from seglab.lab import Choice, Lab, Photo
from seglab.lessons import views
from seglab.nets import coarse_maps, learned_kernels, textures
from seglab.ops import heatmap, metrics, upsample
from seglab.ops.upsample import BILINEAR, TRANSPOSED, TYPES, UNPOOLING, WEIGHTED

SCORE_MAP = "score map"
LEARNED = "learned"
SIZES = {
    "1": lambda f: 1,
    "f": lambda f: f,
    "f + 1": lambda f: f + 1,
    "2f": lambda f: 2 * f,
    "2f + 1": lambda f: 2 * f + 1,
    "3f": lambda f: 3 * f,
}


def mosaic():
    return mosaics.make()


def image(source, mosaic):
    return mosaic.image if source == SCORE_MAP else photos.load(source)


def net(f):
    return textures.pretrained(output_stride=f)


def material(source, where):
    return where if source == SCORE_MAP else coarse_maps.PICTURE


def pooled(first, second):
    """Where one of the two unpools, both begin with what a max pool left."""
    return UNPOOLING in (first, second)


def pool(image, net, material, pooled, f):
    """Block maxima and their positions; None where nothing unpools."""
    if not pooled:
        return None
    return F.max_pool2d(coarse_maps.fine(material, image, net), f, return_indices=True)


def coarse(image, net, material, pool):
    return coarse_maps.coarse(material, image, net) if pool is None else pool[0]


def size(f, k):
    """The kernel size that is set, in output pixels."""
    return SIZES[k](f)


def first_kernel(first, f, size, weights, material, pooled, progress):
    return _kernel(first, f, size, weights, material, pooled, progress)


def second_kernel(second, f, size, weights, material, pooled, progress):
    return _kernel(second, f, size, weights, material, pooled, progress)


def upsampled(upsampler, coarse, material, net):
    return coarse_maps.classified(material, upsampler(coarse), net)


def other(second, second_kernel, f, align, coarse, pool, material, net):
    answer = _upsampler(second, second_kernel, f, align, pool)(coarse)
    return coarse_maps.classified(material, answer, net)


def shown(upsampled, material):
    """The labels, or the picture itself."""
    return _shown(upsampled, material)


def other_shown(other, material):
    return _shown(other, material)


def upsampler(first, first_kernel, f, align, pool):
    """The type as one linear operator."""
    return _upsampler(first, first_kernel, f, align, pool)


def matrix(upsampler):
    """The type as a matrix that stretches a row of values."""
    return upsampler.matrix()


def level(upsampler):
    """What a map of ones becomes, in the middle block: the sums of the outputs' weights."""
    return upsampler.level()


def impulse(upsampler):
    """What becomes of a single 1 in the middle."""
    return upsampler.impulse()


def reached(upsampler):
    """How many inputs each output of a square picture is made of."""
    return upsampler.fan_in()


def error(upsampled, image, mosaic, material):
    """Per pixel: what the true class lacks to probability 1; of a picture, the mean difference."""
    if material == coarse_maps.PICTURE:
        return (upsampled - image).abs().mean(1)
    prepared = heatmap.normalized if material == coarse_maps.PROBABILITIES else heatmap.softmax
    return metrics.missing_probability(prepared(upsampled), mosaic.labels)


def _kernel(kind, f, size, weights, material, pooled, progress):
    if kind not in WEIGHTED:
        return None
    if weights == LEARNED:
        return learned_kernels.kernel(material, kind, f, size, pooled, progress)
    make = upsample.interpolating_kernel if weights == "bilinear" else upsample.random_kernel
    return make(kind, f, size)


def _upsampler(kind, kernel, f, align, pool):
    positions = None if pool is None else pool[1]
    return upsample.Upsampler(kind, f, kernel, align == "corners", positions)


def _labels(scores):
    """The best class; no label where all classes are equal, as in a hole."""
    return heatmap.label_map(scores, holes=True)


def _shown(answer, material):
    return answer if material == coarse_maps.PICTURE else _labels(answer)


def _painted(shown, frame):
    if shown.is_floating_point():
        return paint.rgb(shown.clamp(0, 1), frame=frame)
    return paint.labels(shown, textures.CLASSES, frame=frame)


def _input(coarse, material, net, image):
    scores = coarse_maps.classified(material, coarse, net)
    return _painted(_shown(scores, material), views.frame(image))


def _compared(first, second, shown, other_shown, image):
    left, right = (_painted(s, views.frame(image)) for s in (shown, other_shown))
    return left if first == second else paint.curtain(left, right, (first, second))


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
    text = f"off by {metrics.root_mean_square(shown, image):.3f}"
    written = shown != 0
    if written.float().mean() > 0.5:
        return text
    return f"{text}, without the holes by {metrics.root_mean_square(shown, image, written):.3f}"


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
        "k": Choice(*SIZES, default="2f", label="kernel size"),
        "weights": Choice("bilinear", "random", LEARNED),
        "align": Choice("half-pixel", "corners"),
        "where": Choice(coarse_maps.SCORES, coarse_maps.FEATURES, coarse_maps.PROBABILITIES),
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
        upsampler,
        upsampled,
        other,
        shown,
        other_shown,
        matrix,
        level,
        impulse,
        reached,
        error,
    ),
    panes={
        "input": _input,
        "output: type | compare with": _compared,
        "error against the truth": lambda error, material: paint.scalar(
            error, low=0, high=0.5 if material == coarse_maps.PICTURE else 1, palette="magma"
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
            f"{metrics.largest_difference(upsampled, other):.3f}"
        ),
        "size": lambda coarse, upsampled: " → ".join(
            f"{t.shape[2]} × {t.shape[3]}" for t in (coarse, upsampled)
        ),
        "parameters": lambda first_kernel: _parameters(first_kernel),
        "an output's weights add up to": lambda level: _between(level),
        "without effect here": _unused,
    },
)
