"""Train your own: a small net learns before your eyes, from few scenes or from many."""

from statistics import fmean

from seglab.draw import paint
from seglab.lab import Choice, Lab, Moment, of
from seglab.lessons.pictures import curves as drawing
from seglab.lessons.tours.train_your_own import TOUR
from seglab.nets import studies
from seglab.nets.studies import CLASSES, ENDLESS

LOOKED_AT = 4  # scenes of each kind
RATES = (0.00003, 0.0003, 0.003, 0.03, 0.1, 1, 10)
SHARES = tuple(n / 10 for n in range(11))  # of the steps so far


def seen(count):
    """Scenes that the net learns from: all of them, or the first."""
    measured = studies.MEASURED if count == ENDLESS else min(count, studies.MEASURED)
    return studies.draw(range(measured), "train")


# Scenes that it never learns from.
new = of(studies.draw, seeds=range(studies.NEW), split="validation")


def training(net, rate, weighting, count, steps, seen, new, progress):
    for snapshot in studies.snapshots(net, rate, weighting, count, steps, seen, new):
        progress(snapshot.step, steps)
        yield snapshot


def shown(training, moment):
    """The step that is shown: the last one, or one that was measured."""
    return training.step if moment == 1 else training.measured_at(moment)


def quality(training, moment):
    return training.qualities[training.measured_at(moment)]


def seen_labels(training, shown, moment, seen, look):
    if moment == 1:
        return studies.labels(training.net, seen.image[look, None])
    return training.answers[shown].seen[look, None]


def new_labels(training, shown, moment, new, look):
    if moment == 1:
        return studies.labels(training.net, new.image[look, None])
    return training.answers[shown].new[look, None]


def status(training, steps):
    """State of the training, in words."""
    if training.error:
        return f"stopped; the net after step {training.step} is kept: {training.error}"
    if training.step == 0:
        return "not begun"
    return "done" if training.step == steps else "not done yet"


def loss(training, shown):
    """The mean over the last steps."""
    last = training.losses[max(0, shown - drawing.SMOOTH) : shown]
    return f"{fmean(last):.2f}" if last else "none yet"


def weighed(weighting, count):
    """Weights of the classes in the loss, in words."""
    if studies.POWERS[weighting] == 0:
        return "1 for each class"
    weights = studies.weights(weighting, count).tolist()
    return ", ".join(f"{name} {w:.1f}" for name, w in zip(CLASSES, weights, strict=True))


def both(labels, truth):
    """The net's labels beside the true ones."""
    left, right = (paint.labels(side, CLASSES) for side in (labels, truth))
    return paint.curtain(left, right, ("net", "truth"))


def curves(training, steps, moment, earlier=()):
    return drawing.of_training(training, steps, SHARES, moment, "moment", earlier)


LAB = Lab(
    title="Train your own",
    summary="A small net learns to label drawn scenes while you watch.",
    controls={
        "net": Choice(*studies.NETS),
        "rate": Choice(*RATES, default=0.003, label="learning rate"),
        "weighting": Choice(*studies.POWERS, label="class weighting"),
        "count": Choice(4, 16, 64, ENDLESS, default=ENDLESS, label="training scenes"),
        "steps": Choice(50, 100, 200, 400, 800, 1600, default=200),
        "look": Choice(*range(LOOKED_AT), label="scene shown"),
        "moment": Moment(*SHARES, label="shown after"),
    },
    stages=globals(),
    panes={
        "curves": curves,
        "new scene": lambda new, look: paint.rgb(new.image[look]),
        "new labels": lambda new_labels, new, look: both(new_labels, new.labels[look]),
        "training scene": lambda seen, look: paint.rgb(seen.image[look]),
        "training labels": lambda seen_labels, seen, look: both(seen_labels, seen.labels[look]),
    },
    numbers={
        "training": "status",
        "step": "shown",
        "class weights": weighed,
        "loss": loss,
        "mean IoU, training": of("{:.2f}", "quality.seen"),
        "mean IoU, new": of("{:.2f}", "quality.new"),
        "boundary IoU, new": of("{:.2f}", "quality.new_boundary"),
    },
    tour=TOUR,
)
