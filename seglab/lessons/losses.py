"""Losses: what each asks of a pixel, and what becomes of a rare class."""

import torch

from seglab import device
from seglab.draw import paint
from seglab.images import discs
from seglab.lab import Choice, Lab, Pixel, Sweep, of
from seglab.lessons.pictures import loss_curve as drawing
from seglab.lessons.tours.losses import TOUR
from seglab.nets import around, loss_trainings
from seglab.nets.loss_trainings import BOUNDARY, CROSS_ENTROPY, DICE, FOCAL, SETTINGS, TVERSKY
from seglab.ops import pulls

# The control that holds the one parameter of each loss.
PARAMETER = {
    CROSS_ENTROPY: "weighting",
    FOCAL: "gamma",
    DICE: "smooth",
    TVERSKY: "beta",
    BOUNDARY: "times",
}
TRAINED, UNTRAINED = "trained", "untrained"


def chosen(name):
    """True where this is the loss."""
    return lambda loss: loss == name


def value(loss, weighting, gamma, smooth, beta, times):
    """The parameter of the loss; None for one that has none."""
    values = {CROSS_ENTROPY: weighting, FOCAL: gamma, DICE: smooth, TVERSKY: beta, BOUNDARY: times}
    return values.get(loss)


function = of(loss_trainings.loss_of, "loss", "value", "share")
given = of(loss_trainings.new, "share")


def features(given):
    return around.means(given.image)


def answering(net, loss, value, share):
    """The net that answers."""
    if net == TRAINED:
        return loss_trainings.trained(loss, value, share)
    return loss_trainings.untrained().to(device.default()).eval()


def scores(answering, features):
    """Scores of the pixels of all new pictures."""
    with torch.no_grad():
        return answering.layers(features)


def chances(scores):
    """Probability of the disc at each pixel."""
    return scores.softmax(1)[:, 1]


def labels(chances, threshold):
    return (chances > threshold).long()


def measured(labels, given):
    return drawing.by_name(loss_trainings.quality(labels, given.labels))


def shown(scores, look):
    """Scores of the picture that is shown."""
    return scores[look, None]


def truth(given, look):
    return given.labels[look, None]


def pull(function, shown, truth):
    """Pull on the disc's score at each pixel of the picture that is shown."""
    return pulls.pull(function, shown, truth)[0, 1]


marked = of(drawing.marked, "truth", "at")


def outcome(labels, truth, look):
    return truth[0] + 2 * labels[look]


def own(chances, truth, look, at):
    """Probability of its own class at your pixel."""
    return drawing.own_share(float(chances[look][at]), int(truth[0][at]))


curve = of(drawing.curve, "function", "shown", "truth", "at", "own")
stops = of(drawing.stops, "loss", "share", "shown", "truth", "at")


def plotted(loss, curve, own, stops, value):
    *values, here = curve
    control = PARAMETER.get(loss, "")
    return drawing.against_p(loss, values, own, here, stops, control, value)


def who_pulls(pull, truth):
    parts = pulls.shares(pull, truth[0], len(discs.CLASSES))
    return {"disc pixels": parts[1], "background pixels": parts[0]}


def found(labels, truth, look):
    disc = truth[0] == 1
    return f"{int(labels[look][disc].sum())} of {int(disc.sum())}"


LAB = Lab(
    title="Losses",
    summary="What a loss asks of each pixel, and what becomes of a rare class under it.",
    controls={
        "loss": Choice(*SETTINGS),
        "weighting": Choice(*SETTINGS[CROSS_ENTROPY], label="class weights"),
        "gamma": Choice(*SETTINGS[FOCAL], default=2, label="gamma (focal)"),
        "smooth": Choice(*SETTINGS[DICE], default=1, label="smooth (Dice)"),
        "beta": Choice(*SETTINGS[TVERSKY], default=0.7, label="beta (Tversky)"),
        "times": Choice(*SETTINGS[BOUNDARY], label="times boundary"),
        "share": Choice(
            *loss_trainings.SHARES,
            default=0.02,
            label="share of the disc",
            show="{:.1%}".format,
            play=True,
        ),
        "net": Choice(TRAINED, UNTRAINED),
        "threshold": Choice(0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, default=0.5),
        "look": Choice(*range(4), label="picture"),
        "at": Pixel((discs.SIDE, discs.SIDE), default=(27, 19), label="your pixel"),
    },
    matters={control: chosen(loss) for loss, control in PARAMETER.items()},
    stages=globals(),
    panes={
        "picture": lambda given, look, marked: paint.rgb(given.image[look], marks=marked),
        "pulls": lambda pull, marked: paint.signed(pull, marks=marked[-1:]),
        "loss of your pixel": plotted,
        "32 new pictures": of(drawing.metric_bars, "measured"),
        "found": of(drawing.found, "outcome"),
        "who pulls": of(drawing.pull_bars, "who_pulls"),
        "p of the disc": lambda chances, look, marked: paint.scalar(
            chances[look], low=0, high=1, marks=marked[-1:]
        ),
    },
    numbers={
        "disc pixels found": found,
        "your pixel": lambda truth, at: discs.CLASSES[int(truth[0][at])],
        "p of its class": of("{:.2f}", "own"),
        "its loss": lambda curve: f"{curve[-1]:.2f}",
        "its pull": lambda pull, at: f"{float(pull[at]):+.3f}",
    },
    charts={
        "Dice against the share": Sweep(
            lambda measured: measured["Dice of the disc"],
            over="share",
            lines="loss",
            title="What is left of the disc as it shrinks",
            x="share of the disc in the pixels",
            y="Dice of the disc on new pictures",
        )
    },
    tour=TOUR,
)
