"""Train your own: a small net learns before your eyes, from few scenes or from many."""

from statistics import fmean

from seglab.draw import paint, plots
from seglab.lab import Choice, Lab, of
from seglab.lessons.tours.train_your_own import TOUR
from seglab.nets import studies
from seglab.nets.studies import CLASSES, ENDLESS

LOOKED_AT = 4  # scenes of each kind
RATES = (0.00003, 0.0003, 0.003, 0.03, 0.1, 1, 10)
SMOOTH = 5  # steps whose mean loss is one point


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


def labels(training, scenes, look):
    return studies.labels(training.net, scenes.image[look, None])


seen_labels = of(labels, "training", "seen", "look")
new_labels = of(labels, "training", "new", "look")


def status(training, steps):
    """State of the training, in words."""
    if training.error:
        return f"stopped; the net after step {training.step} is kept: {training.error}"
    if training.step == 0:
        return "not begun"
    return "done" if training.step == steps else "not done yet"


def loss(training):
    """The mean over the last steps."""
    return f"{fmean(training.losses[-SMOOTH:]):.2f}" if training.losses else "none yet"


def weighed(weighting, count):
    """Weights of the classes in the loss, in words."""
    if studies.POWERS[weighting] == 0:
        return "1 for each class"
    weights = studies.weights(weighting, count).tolist()
    return ", ".join(f"{name} {w:.1f}" for name, w in zip(CLASSES, weights, strict=True))


def curves(training, steps):
    losses, qualities = training.losses, training.qualities
    ends = range(SMOOTH, len(losses) + 1, SMOOTH)
    return plots.curves(
        {
            "loss": {"loss": {end: fmean(losses[end - SMOOTH : end]) for end in ends}},
            "IoU": {
                "mean IoU, training scenes": {at: q.seen for at, q in qualities.items()},
                "mean IoU, new scenes": {at: q.new for at, q in qualities.items()},
                "boundary IoU, new scenes": {at: q.new_boundary for at, q in qualities.items()},
            },
        },
        title="A training",
        x="step",
        ends=(0, steps),
        ranges={"IoU": (0, 1)},
    )


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
    },
    stages=globals(),
    panes={
        "training scene": lambda seen, look: paint.rgb(seen.image[look]),
        "training: net": of(paint.labels, "seen_labels", names=CLASSES),
        "training: truth": lambda seen, look: paint.labels(seen.labels[look], CLASSES),
        "new scene": lambda new, look: paint.rgb(new.image[look]),
        "new: net": of(paint.labels, "new_labels", names=CLASSES),
        "new: truth": lambda new, look: paint.labels(new.labels[look], CLASSES),
    },
    numbers={
        "training": "status",
        "step": "training.step",
        "class weights": weighed,
        "loss": loss,
        "mean IoU, training scenes": of("{:.2f}", "training.quality.seen"),
        "mean IoU, new scenes": of("{:.2f}", "training.quality.new"),
        "boundary IoU, new scenes": of("{:.2f}", "training.quality.new_boundary"),
    },
    charts={"Curves": curves},
    tour=TOUR,
)
