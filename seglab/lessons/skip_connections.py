"""Skip connections: fine maps join coarse ones, and what comes of cutting or shifting them."""

from seglab import device
from seglab.draw import paint, plots
from seglab.images import scenes
from seglab.lab import Choice, Lab
from seglab.nets import segmenters
from seglab.nets.blocks import Skip
from seglab.ops import heatmap, metrics, morphology
from seglab.types import NO_LABEL

STRIDES = (16, 8, 4, 2, 1)
EVERY = "every skip"
BANDS = ("net and truth", "net only", "truth only")
SHIFTS = (0, 1, 2, 3, 4)
CHART_SCENES = 8


def scene(seed):
    return scenes.make(seed, segmenters.SIZE, difficulty=segmenters.DIFFICULTY, split="test")


def model(net):
    return segmenters.pretrained(net)


def skips(model, gain16, gain8, gain4, gain2, gain1, shifted, shift):
    """What is done to each skip that the net has."""
    gains = dict(zip(STRIDES, (gain16, gain8, gain4, gain2, gain1), strict=True))
    return {
        stride: Skip(gains[stride], (0, shift if shifted in (EVERY, stride) else 0))
        for stride in model.skips
    }


def scores(model, scene, skips):
    return model(scene.image, skips)


def before(model, scene, skips, scores):
    """The scores as they are without the net's finest skip."""
    if not skips:
        return scores
    return model(scene.image, {**skips, model.skips[-1]: Skip(gain=0)})


def labels(scores):
    return heatmap.label_map(scores)


def quality(labels, scene):
    return judged(labels, scene)


def coarsest(scene):
    """How good FCN-32s is on this scene, which has no skip at all."""
    return judged(labels(segmenters.pretrained("fcn-32s")(scene.image)), scene)


def judged(labels, scene):
    """Mean IoU and mean boundary IoU of label maps, over all their pixels together."""
    classes = len(segmenters.CLASSES)
    confusion = metrics.confusion(labels, scene.labels, classes)
    near = metrics.mean_boundary_iou(labels, scene.labels, classes, segmenters.BAND)
    return float(metrics.mean_iou(confusion)), float(near)


def boundaries(labels, scene):
    """Where the net's boundaries lie and where the true ones: an index into BANDS, or no label."""
    net, truth = (morphology.edge(one, segmenters.BAND) for one in (labels, scene.labels))
    both = net & truth & (labels == scene.labels)
    band = labels.new_full(labels.shape, NO_LABEL)
    band[net], band[truth], band[both] = 1, 2, 0
    return band


def of_class(scores, kind):
    return scores[:, segmenters.CLASSES.index(kind)]


def score_map(plane):
    """Scores of one class on one scale for all panes: red for yes, blue for no."""
    return paint.scalar(plane, low=-12, high=12, palette="vik")


def skip_strides(model):
    return ", ".join(map(str, model.skips)) or "none"


def beside(ours, reference):
    return f"{ours:.3f}, FCN-32s {reference:.3f}"


def chart(shifted, progress):
    """Every net on the same scenes, its skips shifted further and further."""
    some = scenes.batch(
        range(CHART_SCENES), segmenters.SIZE, difficulty=segmenters.DIFFICULTY, split="test"
    )
    series: dict[str, dict[float, float]] = {}
    total = len(segmenters.SHIPPED) * len(SHIFTS)
    for name in segmenters.SHIPPED:
        net = segmenters.pretrained(name)
        series[name] = {}
        for shift in SHIFTS:
            moved = skips(net, 1, 1, 1, 1, 1, shifted, shift)
            series[name][shift] = judged(labels(net(some.image, moved)), some)[0]
            progress(sum(map(len, series.values())), total)
    which = shifted if shifted == EVERY else f"the skip of stride {shifted}"
    return plots.lines(
        series,
        title=f"{CHART_SCENES} scenes, {which} shifted, on {device.describe()}",
        x="shift in pixels of the skip's map",
        y="mean IoU",
        ticks=SHIFTS,
    )


def gain(stride):
    return Choice(0, 0.5, 1, 2, default=1, label=f"gain, stride {stride}")


LAB = Lab(
    title="Skip connections",
    summary="Coarse maps know what, fine maps know where: joined in the right place, both.",
    controls={
        "seed": Choice(0, 1, 2, 3, 4, 5, label="scene"),
        "net": Choice(*segmenters.SHIPPED, default="fcn-8s"),
        **{f"gain{stride}": gain(stride) for stride in STRIDES},
        "shifted": Choice(
            EVERY,
            *STRIDES,
            label="shift",
            show=lambda one: one if one == EVERY else f"the skip of stride {one}",
        ),
        "shift": Choice(*SHIFTS, label="to the right by, px of its map", play=True),
        "kind": Choice(*segmenters.CLASSES, default="triangle", label="scores of"),
    },
    stages=(
        *(scene, model, skips, scores, before, labels, quality, coarsest, boundaries),
        skip_strides,
    ),
    panes={
        "scene": lambda scene: paint.rgb(scene.image),
        "labels": lambda labels, scene: paint.curtain(
            paint.labels(labels, segmenters.CLASSES),
            paint.labels(scene.labels, segmenters.CLASSES),
            ("net", "truth"),
        ),
        "boundaries": lambda boundaries: paint.labels(boundaries, BANDS),
        "scores without the finest skip": lambda before, kind: score_map(of_class(before, kind)),
        "what the finest skip changes": lambda before, scores, kind: score_map(
            of_class(scores - before, kind)
        ),
        "scores": lambda scores, kind: score_map(of_class(scores, kind)),
    },
    numbers={
        "skips at strides": lambda skip_strides: skip_strides,
        "mean IoU": lambda quality, coarsest: beside(quality[0], coarsest[0]),
        "boundary IoU": lambda quality, coarsest: beside(quality[1], coarsest[1]),
    },
    charts={"Shift the skips of every net": chart},
)
