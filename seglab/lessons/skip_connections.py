"""Skip connections: fine maps join coarse ones; what happens when one is cut or shifted."""

import torch

from seglab import device, scalars
from seglab.draw import paint
from seglab.draw.relations import whole
from seglab.images import scenes
from seglab.lab import Choice, Lab, Sweep, of
from seglab.lessons.pictures import skips as drawing
from seglab.lessons.tours.skip_connections import TOUR
from seglab.nets import routes, segmenters
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


# Apart, so that a changed skip does not run the way down again.
down = of(routes.down, "model", "scene.image")
up = of(routes.up, "model", "down", "scene.image", "skips")


def scores(up):
    return up.scores


def held(model, shifted):
    """Strides of the skips that a shift moves."""
    return [stride for stride in model.skips if shifted in (EVERY, stride)]


def without(model, down, scene, skips, held, scores):
    """The scores as they are without the skips that are held."""
    if not held:
        return scores
    cut = {**skips, **{stride: Skip(gain=0) for stride in held}}
    return routes.up(model, down, scene.image, cut).scores


labels = of(heatmap.label_map, "scores")


def beside_truth(labels, scene):
    """The net's labels, with the truth behind a divider where it is known."""
    found = paint.labels(labels, CLASSES)
    if not scalars.known(scene.labels):
        return found
    return paint.curtain(found, paint.labels(scene.labels, CLASSES), ("net", "truth"))


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


def change(scores, without, held, kind):
    """Change of the scores by the skips that are held."""
    one = held[0] if len(held) == 1 else None
    group = whole("skip", one, [f"gain{stride}" for stride in held])
    return of_class(scores - without, kind).related(group=group)


small_down = of(drawing.small_down, "scene.image", "down")
small = of(drawing.small, "down", "up", "small_down")


def the_net(small, up, skips, held, kind):
    return drawing.of_net(small, up, skips, held, CLASSES.index(kind), SCALE, EVERY)


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
            label="hold",
            show=lambda which: which if which == EVERY else f"the skip of stride {which}",
        ),
        "shift": Choice(0, 1, 2, 3, 4, label="shift, px of its map", play=True),
        "kind": Choice(*CLASSES, default="triangle", label="scores of"),
    },
    matters={
        **{f"gain{stride}": has(stride) for stride in STRIDES},
        "shifted": lambda net: segmenters.SKIPS[net],
        "shift": moves,
    },
    stages=globals(),
    panes={
        "the net": the_net,
        "labels": beside_truth,
        "what skips add": change,
        "boundaries": of(paint.labels, "boundaries", names=EDGES, colours=EDGE_COLOURS),
        "scene": lambda scene: paint.rgb(scene.image),
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
