"""Many resolutions: a U-Net that answers at every stride, with a loss for each, or for one."""

from seglab import device
from seglab.draw import paint
from seglab.images import scenes
from seglab.lab import Choice, Lab, of
from seglab.lessons.pictures import losses_of_sides, readings, sides
from seglab.lessons.tours.many_resolutions import TOUR
from seglab.nets import segmenters, side_gradients, side_net, side_outputs
from seglab.nets.side_net import PATH, STRIDES
from seglab.ops import heatmap, losses

CLASSES = segmenters.CLASSES
EVERY, FINEST, UNTRAINED = "every side", "the finest side", "none: not trained"
NETS = {EVERY: side_outputs.DEEP, FINEST: side_outputs.FINEST}
LAST, MEAN = "the last side", "the mean of the sides"
COPIES = side_outputs.COPIES
BOTTOM = len(STRIDES)  # the depth of the coarsest side
WEIGHTS = (0, 0.5, 1, 2)


def scene(seed):
    return scenes.make(seed, segmenters.SIZE, difficulty=segmenters.DIFFICULTY, split="test")


def model(trained):
    if trained in NETS:
        return side_outputs.pretrained(NETS[trained])
    return side_outputs.build().eval().requires_grad_(False).to(device.default())


def factors(copies):
    """Factors by which the copies of the picture are smaller that the net is given."""
    return COPIES[copies]


def given(scene, factors):
    """Smallest of the copies."""
    return side_net.smaller(scene.image, factors[-1])


def coarse(model, scene, factors):
    return [side_net.coarse(model, side_net.smaller(scene.image, by)) for by in factors]


def answers(coarse, factors, scene):
    """Scores of every side at the pixels, by depth."""
    found = side_net.answers(coarse, factors, scene.labels.shape[1:])
    return dict(enumerate(found, 1))


def quality(answers, scene):
    """Loss, mean IoU and boundary IoU of every side, by depth."""
    return {
        depth: (
            float(losses.cross_entropy(scores, scene.labels)),
            *segmenters.judge(heatmap.label_map(scores), scene.labels),
        )
        for depth, scores in answers.items()
    }


def weights(weight16, weight8, weight4, weight2, weight1):
    return dict(zip(STRIDES, (weight16, weight8, weight4, weight2, weight1), strict=True))


def total(quality, weights):
    """Weighted sum of the losses on the way up."""
    return sum(weights[PATH[depth - 1][1]] * quality[depth][0] for depth in range(BOTTOM, 10))


def labels(answers, depth, read):
    """Answer of the last side, or of all sides on its way, down or up, together."""
    if read == LAST:
        return heatmap.label_map(answers[depth])
    first = 1 if depth < BOTTOM else BOTTOM
    return heatmap.label_map(side_net.fused([answers[n] for n in range(first, depth + 1)]))


def result(labels, scene):
    """Mean IoU, boundary IoU, and the share that is right inside the things."""
    inside = side_outputs.inside(scene.labels)
    right = float((labels == scene.labels)[inside].float().mean())
    return (*segmenters.judge(labels, scene.labels), right)


cost = of(readings.cost, "depth", "copies")
gradients = of(side_gradients.of_sides, "model", "scene.image", "scene.labels")
arriving = of(side_gradients.arriving, "gradients", "weights")
pull = of(side_gradients.weighted, "gradients", "weights")
falling = of(side_gradients.falling, "gradients", "weights")
maps = of(sides.maps, "coarse", classes=CLASSES)


def chart(model, scene, pull, progress):
    """Loss of each side along a real step against the weighted gradient."""
    return losses_of_sides.step_chart(model, scene, pull, progress)


LAB = Lab(
    title="Many resolutions",
    summary="A head at every stride: what it says, what its loss asks for, where the net may end.",
    controls={
        "seed": Choice(0, 1, 2, 3, 4, 5, default=2, label="scene"),
        "trained": Choice(*NETS, UNTRAINED, label="loss at"),
        "depth": Choice(
            *range(1, len(PATH) + 1),
            default=len(PATH),
            label="net ends at",
            show=lambda depth: "stride {1}, way {0}".format(*PATH[depth - 1]),
            play=True,
        ),
        "read": Choice(LAST, MEAN, label="read"),
        "copies": Choice(*COPIES, label="net is given"),
        **{
            f"weight{stride}": Choice(*WEIGHTS, default=1, label=f"weight, stride {stride}")
            for stride in STRIDES
        },
    },
    # Alone on its way, a side is the mean of itself.
    matters={"read": lambda depth: depth not in (1, BOTTOM)},
    stages=globals(),
    panes={
        "the net": of(sides.of_net, "maps", "quality", "weights", "depth", stops=WEIGHTS),
        "labels": lambda labels, scene: paint.curtain(
            paint.labels(labels, CLASSES), paint.labels(scene.labels, CLASSES), ("net", "truth")
        ),
        "what and where": of(readings.what_and_where, "trained", "depth", nets=NETS),
        "encoder gradient": of(losses_of_sides.gradient, "gradients", "arriving", "pull"),
        "cost and quality": of(readings.cost_and_quality, "trained", "depth", "copies", nets=NETS),
        "a small step": of(losses_of_sides.falls, "gradients", "falling"),
        "the net is given": "given",
    },
    numbers={
        "mean IoU": lambda result: f"{result[0]:.3f}",
        "boundary IoU": lambda result: f"{result[1]:.3f}",
        "right inside": lambda result: f"{result[2]:.1%}",
        "multiply-adds": lambda cost: f"{cost:.1f} million",
        "sum of losses": lambda total: f"{total:.2f}",
    },
    charts={"Take the step": chart},
    tour=TOUR,
)
