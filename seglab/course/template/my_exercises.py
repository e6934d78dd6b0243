"""Exercises and questions of this course. Students' copies need this file for their checks."""

import torch

from seglab.course.declarations import Exercise, Option, Question


def picture(random, i):
    """Arguments of case i: small ones first."""
    values = torch.from_numpy(random.random((2 + i // 3, 3 + i // 2))).float()
    values[0, 0] = 0.5  # exactly at the level: the case that tells >= from >
    return {"picture": values, "level": 0.5}


THRESHOLD = Exercise(
    "threshold",
    case=picture,
    reference=lambda picture, level: picture >= level,
    mistakes={
        "a pixel exactly at the level is object too": lambda picture, level: picture > level,
        "the mask is inside out": lambda picture, level: picture < level,
    },
)


def area_above(level):
    """The exercise with a constant that each group has for itself."""
    return Exercise(
        "area",
        case=lambda random, i: {"picture": torch.from_numpy(random.random((2 + i, 3))).float()},
        reference=lambda picture: int((picture >= level).sum()),
        mistakes={
            "the pixels are asked for, not their share": (
                lambda picture: float((picture >= level).float().mean())
            ),
            "the pixels below the level are counted": lambda picture: int((picture < level).sum()),
        },
        reveal=False,
    )


WHICH = Question(
    "which-photograph",
    "Which photograph can one level cut into things and background?",
    (
        Option("coins", "Nearly: the light falls off to one side.", right=True),
        Option("astronaut", "Her suit, her face and the flag have all the levels."),
        Option("both", "The astronaut's parts have all the levels."),
    ),
)

HIGHER = Question(
    "a-higher-level",
    "You raise the level. What happens to the object?",
    (
        Option("it grows", "Fewer pixels reach a higher level."),
        Option("it shrinks, or stays as it is", "No pixel comes in, some go.", right=True),
        Option("that depends on the photograph", "In any picture fewer pixels reach it."),
    ),
    after=True,
    reveal=False,
)
