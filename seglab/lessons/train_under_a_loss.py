"""Train under a loss: lab 19's net learns before your eyes, and its loss is yours."""

from seglab.draw import paint
from seglab.lab import Choice, Lab
from seglab.lessons import losses
from seglab.lessons.losses import PARAMETER, chosen
from seglab.lessons.pictures import loss_curve as drawing
from seglab.lessons.tours.train_under_a_loss import TOUR
from seglab.nets import loss_trainings

# What stands in the first lab too.
value, function = losses.value, losses.function
given, features = losses.given, losses.features
pull, who_pulls, found = losses.pull, losses.who_pulls, losses.found
chances, shown, truth, outcome = losses.chances, losses.shown, losses.truth, losses.outcome


def training(loss, value, share, steps, progress):
    for snapshot in loss_trainings.snapshots(loss, value, share, 5, steps):
        progress(snapshot.step, steps)
        yield snapshot


def scores(training, features):
    return losses.scores(training.net, features)


def labels(scores):
    return scores.argmax(1)


def curves(training, steps, earlier=()):
    return drawing.of_training(training.qualities, steps, [past.qualities for past in earlier])


def status(training, steps):
    """State of the training, in words."""
    if training.step == 0:
        return "not begun"
    return "done" if training.step == steps else "not done yet"


LAB = Lab(
    title="Train under a loss",
    summary="The small net learns while you watch; its loss is yours.",
    controls={
        **{name: losses.LAB.controls[name] for name in ("loss", *PARAMETER.values(), "share")},
        "steps": Choice(50, 150, 300, 600, default=150),
        "look": losses.LAB.controls["look"],
    },
    matters={control: chosen(loss) for loss, control in PARAMETER.items()},
    stages=globals(),
    panes={
        "curves": curves,
        "found": lambda outcome: drawing.found(outcome),
        "pulls": lambda pull: paint.signed(pull),
        "p of the disc": lambda chances, look: paint.scalar(chances[look], low=0, high=1),
        "picture": lambda given, look: paint.rgb(given.image[look]),
        "who pulls": lambda who_pulls: drawing.pull_bars(who_pulls),
    },
    numbers={
        "training": status,
        "step": lambda training: training.step,
        "pixel accuracy": lambda training: f"{training.qualities[training.step].accuracy:.3f}",
        "Dice of the disc": lambda training: f"{training.qualities[training.step].dice:.2f}",
        "disc pixels found": found,
    },
    tour=TOUR,
)
