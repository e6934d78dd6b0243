"""Upsampling: every way from a coarse map to a fine one, on one bench."""

from seglab import scalars
from seglab.draw import paint
from seglab.images import mosaics, photos
from seglab.lab import Choice, Lab, Photo, of
from seglab.lessons._textures import NET, STAGES, TEXTURES
from seglab.lessons.pictures.all_seven import all_seven, pieces, pooled_piece
from seglab.lessons.pictures.stamps import VALUES, stamp_and_add
from seglab.lessons.tours.upsampling import TOUR
from seglab.nets import coarse_maps, learned_kernels
from seglab.ops import metrics, upsample
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

mosaic = of(mosaics.make)


def image(source, mosaic):
    return mosaic.image if source == SCORE_MAP else photos.load(source)


def task(image, mosaic, model, source, where):
    """The map that is upsampled, and the fine map to come near to."""
    if source != SCORE_MAP:
        return coarse_maps.Task(coarse_maps.PICTURE, image, model.net, image)
    known = len(model.classes) == len(mosaics.CLASSES)
    return coarse_maps.Task(where, image, model.net, mosaic.labels if known else None)


def pooled(first, second):
    """Max-pooled maps for both if one of the two unpools."""
    return UNPOOLING in (first, second)


def coarse_and_positions(task, pooled):
    return task.pooled() if pooled else (task.coarse(), None)


def given(first, model, k, weights):
    """Weights that are not learned; None for a type without."""
    if first not in WEIGHTED:
        return None
    f = model.output_stride[0]
    make = upsample.random_kernel if weights == "random" else upsample.interpolating_kernel
    return make(first, f, SIZES[k](f))


def kernel(net, first, model, k, weights, task, pooled, progress):
    if first not in WEIGHTED or weights != LEARNED:
        return given(first, model, k, weights)
    if net != TEXTURES:
        raise ValueError(f"weights={weights!r} are the texture net's; choose bilinear or random")
    f = model.output_stride[0]
    return learned_kernels.kernel(task.material, first, f, SIZES[k](f), pooled, progress)


def upsampler(first, kernel, model, align, coarse_and_positions):
    f = model.output_stride[0]
    return upsample.Upsampler(first, f, kernel, align == "corners", coarse_and_positions[1])


def coarse(coarse_and_positions):
    return coarse_and_positions[0]


def upsampled(upsampler, coarse, task):
    return task.finished(upsampler(coarse))


decided = of(coarse_maps.Task.decided, "task", "upsampled")
quality = of(coarse_maps.Task.quality, "task", "decided")
matrix = of(upsample.Upsampler.matrix, "upsampler")


def painted(decided, model, image=None):
    if decided.is_floating_point():
        return paint.rgb(decided.clamp(0, 1), on=image)
    return paint.labels(decided, model.classes, on=image)


def piece(task, model):
    return pooled_piece(task, model.output_stride[0])


def small(task, coarse, model, piece, align, k, weights, first, kernel, second, other_kernel):
    """A piece of the input and of each type's output; of what is learned, those compared."""
    kernels = {kind: given(kind, model, k, weights) for kind in WEIGHTED}
    kernels |= {first: kernel, second: other_kernel}
    decided = pieces(task, coarse, model.output_stride[0], kernels, align == "corners", piece)
    return {name: painted(one, model) for name, one in decided.items()}


def level(upsampler):
    """The smallest and the largest sum of the weights of an output."""
    ends = (scalars.real(end) for end in upsampler.level().aminmax())
    low, high = (f"{abs(end) if abs(end) < 0.005 else end:.2f}" for end in ends)
    return low if low == high else f"{low} to {high}"


LAB = Lab(
    title="Upsampling",
    summary="From one value for every f × f block to one for every pixel, in seven ways.",
    controls={
        "source": Photo(SCORE_MAP, "astronaut", "coffee", "coins", label="input"),
        "net": NET,
        "f": Choice(2, 4, 8, 16, default=8, label="factor f"),
        "first": Choice(*TYPES, default=TRANSPOSED, label="type"),
        "second": Choice(*TYPES, default="nearest", label="compare with"),
        "k": Choice(*SIZES, default="2f", label="kernel size"),
        "weights": Choice("bilinear", "random", LEARNED),
        "align": Choice("half-pixel", "corners"),
        "where": Choice(coarse_maps.SCORES, coarse_maps.FEATURES, coarse_maps.PROBABILITIES),
        "stamp": Choice(*range(1, len(VALUES) + 1), default=4, label="stamps", play=True),
    },
    matters={
        "net": lambda source: source == SCORE_MAP,
        "f": lambda net: net == TEXTURES,
        ("k", "weights"): lambda first, second: not {first, second}.isdisjoint(WEIGHTED),
        "align": lambda first, second: BILINEAR in (first, second),
        "where": lambda source: source == SCORE_MAP,
    },
    compare={"other": ("first", "second")},
    stages=STAGES | globals(),
    panes={
        "stamp and add": of(stamp_and_add, "matrix", "stamp"),
        "type | other": of(paint.compared, "painted", "other_painted", "first", "second"),
        "error": lambda upsampled, task, source: paint.scalar(
            task.error(upsampled), low=0, high=1 if source == SCORE_MAP else 0.5, palette="magma"
        ),
        "all seven types": of(all_seven, "small", "first", "second"),
    },
    numbers={
        "type": "quality",
        "compared with": "other_quality",
        "largest difference": lambda upsampled, other_upsampled: (
            f"{metrics.largest_difference(upsampled, other_upsampled):.3f}"
        ),
        "size": lambda coarse, upsampled: " → ".join(
            f"{t.shape[2]} × {t.shape[3]}" for t in (coarse, upsampled)
        ),
        "parameters": lambda kernel: (
            "none" if kernel is None else f"{kernel.numel()} ({len(kernel)} × {len(kernel)})"
        ),
        "weights of an output sum to": "level",
    },
    tour=TOUR,
)
