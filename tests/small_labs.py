"""Small labs with real stages, for the tests of the live view (importable in their notebooks)."""

import plotly.graph_objects as go
import torch
import torch.nn.functional as F

from seglab.draw import paint
from seglab.images import photos
from seglab.lab import Choice, Lab, Photo, Pixel
from seglab.ops.receptive_field import ReceptiveField

CLASSES = ("sky", "skin", "cloth", "shadow")


def image(photo):
    return photos.load(photo, 128)


def scores(image, f):
    """Four fixed colour filters over windows of 2f, one window every f pixels."""
    weight = torch.linspace(-1, 1, 4 * 3).sin().reshape(4, 3, 1, 1).expand(-1, -1, 2 * f, 2 * f)
    return F.conv2d(image.cpu(), weight / (4 * f * f), stride=f)


def field(f):
    return ReceptiveField((2 * f, 2 * f), (f, f), (0, 0), (f - 0.5, f - 0.5))


def labels(scores, threshold):
    best, which = scores.softmax(1).max(1)
    return which.masked_fill(best < threshold, 255)


def chart(scores, progress):
    for done in range(4):
        progress(done + 1, 4)
    return go.Figure(go.Scatter(y=scores.mean((0, 2, 3)).tolist()))


LAB = Lab(
    title="Windows <b>of</b> colour",
    summary="Each window of the picture is given the class whose colour filter answers most.",
    controls={
        "photo": Photo("astronaut", "coffee"),
        "f": Choice(2, 4, 8, 16, default=8, label="window step f", play=True),
        "threshold": Choice(0.0, 0.3, 0.4, show=lambda t: f"{t:.1f}"),
        "smooth": Choice(False, True),
        "at": Pixel((128, 128), default=(40, 60)),
    },
    stages=(image, scores, field, labels),
    panes={
        "image": lambda image: paint.rgb(image),
        "first score": lambda scores, field, smooth: paint.scalar(
            scores[:, 0].sigmoid() if smooth else scores[:, 0], frame=(128, 128), field=field
        ),
        "labels": lambda labels, field: paint.labels(
            labels, CLASSES, frame=(128, 128), field=field
        ),
    },
    numbers={
        "windows": lambda scores: scores.shape[2] * scores.shape[3],
        "brightness": lambda image, at: f"{float(image[0, :, at[0], at[1]].mean()):.3f}",
    },
    charts={"Measure the means": chart},
)


def fragile(k):
    if k == 3:
        raise ValueError("k=3 does not fit: choose an even k")
    return torch.arange(float(k * k)).reshape(k, k)


FRAGILE = Lab(
    title="Fragile",
    controls={"k": Choice(2, 3, 4, 6)},
    stages=(fragile,),
    panes={"square": lambda fragile: paint.scalar(fragile)},
    numbers={"cells": lambda fragile: fragile.numel()},
)
