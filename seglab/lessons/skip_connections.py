"""Skip connections: fine maps join coarse ones; what happens when one is cut or shifted."""

import torch

from seglab import device
from seglab.draw import paint
from seglab.draw.relations import whole
from seglab.images import scenes
from seglab.lab import Choice, Lab, Sweep, of
from seglab.lessons.tours.skip_connections import TOUR
from seglab.nets import segmenters
from seglab.nets.blocks import Skip
from seglab.ops import heatmap, morphology

CLASSES = segmenters.CLASSES
STRIDES = (16, 8, 4, 2, 1)
EVERY = "every skip"
SCALE = 12  # the score at which a colour is full, the same in all panes
CHART_SCENES = 6
EDGES = ("net and truth", "net only", "truth only")
EDGE_COLOURS = ((110, 110, 110), (214, 39, 40), (20, 20, 90))  # none of a class


def scene(seed):
    return scenes.make(seed, segmenters.SIZE, difficulty=segmenters.DIFFICULTY, split="test")


model = of(segmenters.pretrained, "net")


def skips(model, gain16, gain8, gain4, gain2, gain1, shifted, shift):
    """Changes to each skip that the net has."""
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


labels = of(heatmap.label_map, "scores")


def quality(labels, scene):
    return segmenters.judge(labels, scene.labels)


def coarsest(scene):
    """Quality of FCN-32s on this scene, which has no skip at all."""
    scores = segmenters.pretrained("fcn-32s")(scene.image)
    return segmenters.judge(heatmap.label_map(scores), scene.labels)


def boundaries(labels, scene):
    return morphology.compare_edges(labels, scene.labels, segmenters.BAND, border=False)


def of_class(scores, kind):
    """Scores of one class: red for yes, blue for no."""
    return paint.signed(scores[:, CLASSES.index(kind)], most=SCALE)


def came_through(model):
    """The finest skip as the thing that a picture shows, and the control of its gain."""
    finest = model.skips[-1] if model.skips else None
    return whole("skip", finest, [f"gain{finest}"] if finest else [])


def pooled(pairs):
    """The mean IoU over all the pixels of several scenes."""
    labels, truths = (torch.cat(maps) for maps in zip(*pairs, strict=True))
    return segmenters.judge(labels, truths)[0]


def has(stride):
    """True if a net has the skip of this stride."""
    return lambda net: stride in segmenters.SKIPS[net]


def moves(net, shifted):
    """True if a shift moves any skip of the net."""
    return bool(segmenters.SKIPS[net]) if shifted == EVERY else shifted in segmenters.SKIPS[net]


LAB = Lab(
    title="Skip connections",
    summary="Coarse maps know what, fine maps know where; skip connections join them.",
    controls={
        "seed": Choice(0, 1, 2, 3, 4, 5, label="scene"),
        "net": Choice(*segmenters.SHIPPED, default="fcn-8s"),
        **{
            f"gain{stride}": Choice(0, 0.5, 1, 2, default=1, label=f"gain, stride {stride}")
            for stride in STRIDES
        },
        "shifted": Choice(
            EVERY,
            *STRIDES,
            label="shift",
            show=lambda which: which if which == EVERY else f"the skip of stride {which}",
        ),
        "shift": Choice(0, 1, 2, 3, 4, label="to the right by, px of its map", play=True),
        "kind": Choice(*CLASSES, default="triangle", label="scores of"),
    },
    matters={
        **{f"gain{stride}": has(stride) for stride in STRIDES},
        "shifted": lambda net: segmenters.SKIPS[net],
        "shift": moves,
    },
    stages=globals(),
    panes={
        "scene": lambda scene: paint.rgb(scene.image),
        "labels": lambda labels, scene: paint.curtain(
            paint.labels(labels, CLASSES), paint.labels(scene.labels, CLASSES), ("net", "truth")
        ),
        "boundaries": of(paint.labels, "boundaries", names=EDGES, colours=EDGE_COLOURS),
        "finest skip cut": of(of_class, "before", "kind"),
        "what it changes": lambda before, scores, kind, came_through: of_class(
            scores - before, kind
        ).related(group=came_through),
        "with all skips": lambda scores, kind, came_through: of_class(scores, kind).related(
            group=came_through
        ),
    },
    numbers={
        "skips at strides": lambda model: ", ".join(map(str, model.skips)) or "none",
        "mean IoU": lambda quality, coarsest: f"{quality[0]:.3f}, FCN-32s {coarsest[0]:.3f}",
        "boundary IoU": lambda quality, coarsest: f"{quality[1]:.3f}, FCN-32s {coarsest[1]:.3f}",
    },
    charts={
        "Shift the skips of every net": Sweep(
            lambda labels, scene: (labels, scene.labels),
            over="shift",
            lines="net",
            repeat=("seed", CHART_SCENES),
            combine=pooled,
            fix={f"gain{stride}": 1 for stride in STRIDES},
            title=lambda shifted: (
                f"{CHART_SCENES} scenes, "
                f"{shifted if shifted == EVERY else f'the skip of stride {shifted}'} shifted, "
                f"on {device.describe()}"
            ),
            x="shift in pixels of the skip's map",
            y="mean IoU",
        )
    },
    tour=TOUR,
)
