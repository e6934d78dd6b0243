"""Clicks: a person labels some pixels, and a method labels the rest."""

import torch

from seglab.draw import paint
from seglab.images import photos, resize, scenes
from seglab.lab import Brush, Choice, Lab, Photo, of
from seglab.lessons.pictures import labelling
from seglab.lessons.tours.clicks import TOUR
from seglab.nets import clickable, selfie
from seglab.nets.clickable import CUT, METHODS, WALKER
from seglab.ops import clicks

SIDE = 128
SIZE = SIDE, SIDE
SCENES = {"scene 4": 4, "scene 1": 1, "scene 7": 7}  # test scenes: nothing has learned from them
ROBOT = tuple(range(9))
COMPARED = range(100, 108)  # the scenes of the chart
COUNT = 6  # clicks in the chart
CASES = ("background, right", "object, right", "too much", "missed")
COLOURS = ((240, 240, 240), (120, 170, 215), (213, 94, 0), (20, 20, 90))
STAR = "object point 37:36"
PRESETS = {
    "one click": STAR,
    "two clicks": f"{STAR}; background point 66:14",
    "a line": "object line 20:35 50:34",
    "a box": "object box 13:14 59:61",
}


def clicked(brush, robot, picture):
    """Tell whether anybody says where the object is: without that, no method finds one."""
    own = any(stroke.label == "object" for stroke in brush)
    return own or (robot > 0 and picture in SCENES)


def image(picture):
    if picture in SCENES:
        return scenes.make(SCENES[picture]).image
    return photos.load(picture, size=SIDE)


def seeds(brush, image):
    return clicks.seeds(brush, SIZE, like=image)


def truth(picture, image, seeds):
    """The object under most labelled pixels of a scene; of a photograph, lab 16's answer."""
    if picture not in SCENES:
        large = resize.image(image, (selfie.SIDE, selfie.SIDE))
        return resize.image(selfie.person(selfie.pretrained(), large), SIZE)[:, 0] >= 0.5
    instances = scenes.make(SCENES[picture]).instances
    under = instances[(seeds == clicks.OBJECT) & (instances > 0)]
    counts = (under if len(under) else instances[instances > 0]).bincount()
    return instances == counts.argmax()


def scorer(method, image, contrast):
    """The method, with all that it reads of the picture alone: the net's encoder runs here."""
    return clickable.remembering(clickable.scorer(method, image, contrast))


def course(scorer, truth, seeds, robot):
    """Clicks and masks that the simulated clicker adds to the student's labels."""
    return clicks.course(lambda labelled: scorer(labelled)[:, 0] > 0.5, truth, robot, seeds)


def labelled(course):
    return course.seeds[-1]


def score(scorer, labelled):
    return scorer(labelled)


def mask(course):
    return course.masks[-1]


def errors(mask, truth):
    """Index into CASES of each pixel."""
    return torch.where(mask == truth, truth.long(), 2 + truth.long())


def iou(course):
    return course.ious[-1]


def judged(iou, picture):
    return f"{iou:.2f} with {'the truth' if picture in SCENES else 'lab 16'}"


def counted(labelled):
    count = int((labelled <= 1).sum())
    return f"{count} of {labelled.numel():,} ({count / labelled.numel():.1%})"


def against_clicks(contrast, progress):
    return labelling.comparison(COMPARED, COUNT, contrast, progress)


LAB = Lab(
    title="Clicks",
    summary="Label some pixels with clicks, lines or a box, and a method labels all the others.",
    controls={
        "picture": Photo(*SCENES, "astronaut", "camera", "coffee", camera=True),
        "brush": Brush(SIZE, PRESETS, default="one click", label="labels"),
        "method": Choice(*METHODS, default=WALKER),
        "contrast": Choice(0, 0.25, 0.5, 1, 2, 4, 8, default=1),
        "robot": Choice(*ROBOT, label="robot's clicks", play=True),
    },
    matters={
        "method": clicked,
        "contrast": lambda method, brush, robot, picture: (
            method in (WALKER, CUT) and clicked(brush, robot, picture)
        ),
        "robot": lambda picture: picture in SCENES,
    },
    stages=globals(),
    panes={
        "draw here": of(labelling.drawn, "image", "brush", "course.clicks", "mask"),
        "object score": of(paint.scalar, "score", low=0, high=1, palette="magma"),
        "errors": of(paint.labels, "errors", names=CASES, colours=COLOURS),
        "IoU by click": of(labelling.curve, "course.ious", "robot", stops=ROBOT),
        "labelled pixels": of(
            paint.labels, "labelled", names=clicks.NAMES, colours=labelling.COLOURS
        ),
    },
    numbers={"IoU": judged, "labelled pixels": counted},
    charts={"IoU against clicks": against_clicks},
    tour=TOUR,
)
