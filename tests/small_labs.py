"""Small labs with real stages, for the tests of the live view (importable in their notebooks)."""

from time import sleep

import torch
import torch.nn.functional as F
from torch import nn

from seglab.draw import paint, shapes
from seglab.draw.diagram import bars, diagram
from seglab.images import photos
from seglab.lab import Choice, Code, Lab, Layers, Matrix, Model, Photo, Pixel, Try
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import NO_LABEL

CLASSES = ("wall", "suit", "skin", "shadow")
COLOURS = torch.tensor([[0.8, 0.75, 0.7], [0.8, 0.3, 0.1], [0.7, 0.5, 0.4], [0.1, 0.1, 0.1]])


def image(photo):
    return photos.load(photo, 128)


def scores(image, f):
    """Nearness of each window's mean colour to each class's; one window of 2f every f pixels."""
    window = 2 * f
    weight = (2 * COLOURS / window**2)[:, :, None, None].expand(-1, -1, window, window)
    return 20 * F.conv2d(image.cpu(), weight, -(COLOURS**2).sum(1), stride=f)


def field(f):
    return ReceptiveField((2 * f, 2 * f), (f, f), (0, 0), (f - 0.5, f - 0.5))


def labels(scores, threshold):
    best, which = scores.softmax(1).max(1)
    return which.masked_fill(best < threshold, NO_LABEL)


def chart(scores, progress):
    import plotly.graph_objects as go  # as a lab would: late, and only when asked for

    for done in range(4):
        progress(done + 1, 4)
    return go.Figure(go.Scatter(y=scores.mean((0, 2, 3)).tolist()))


LAB = Lab(
    title="Windows <b>of</b> colour",
    summary="Each window of the picture is given the class whose colour filter answers most.",
    controls={
        "photo": Photo("astronaut", "coffee"),
        "f": Choice(2, 4, 8, 16, default=8, label="window step f", play=True),
        "threshold": Choice(0.0, 0.5, 0.7, 0.9, show=lambda t: f"{t:.1f}"),
        "softmax": Choice(False, True),
        "at": Pixel((128, 128), default=(40, 60)),
    },
    stages=(image, scores, field, labels),
    panes={
        "image": lambda image: paint.rgb(image),
        "first score": lambda scores, field, softmax: paint.scalar(
            (scores.softmax(1) if softmax else scores)[:, 0], frame=(128, 128), field=field
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


def slow(k, progress):
    """20 ms for each of 10 k parts."""
    for done in range(10 * k):
        sleep(0.02)
        progress(done + 1, 10 * k)
    return torch.full((4, 4), float(k))


def after(slow):
    if slow[0, 0] == 3:
        raise ValueError("3 is too many: choose another")
    return slow + 1


SLOW = Lab(
    title="Slow",
    controls={"k": Choice(*range(9))},
    stages=(slow, after),
    panes={"square": lambda after: paint.scalar(after, low=0, high=9)},
    numbers={"k": lambda after, k: k},
)


def descent(rate):
    """x² by gradient descent: every point of the way is a value."""
    x, way = 1.0, []
    for _ in range(100):
        way = [*way, x]
        yield way
        sleep(0.01)
        x -= rate * 2 * x


STREAM = Lab(
    title="Stream",
    controls={"rate": Choice(0.1, 0.2, 0.4), "zoom": Choice(1, 2)},
    stages=(descent,),
    panes={"way": lambda descent, zoom: paint.scalar(torch.tensor([descent]) * zoom)},
    numbers={"steps": lambda descent: len(descent), "x": lambda descent: f"{descent[-1]:.3f}"},
)


def told(rate, progress):
    for done, way in enumerate(descent(rate)):
        progress(done, 100)
        yield way


def way(told):
    import plotly.graph_objects as go

    return go.Figure(go.Scatter(y=told))


def single(rate):
    import plotly.graph_objects as go

    return go.Figure(go.Scatter(y=[rate]))


GROWING = Lab(
    title="Growing",
    controls=STREAM.controls,
    stages=(told,),
    panes={"way": lambda told, zoom: paint.scalar(torch.tensor([told]) * zoom)},
    charts={"Way": way, "Rate": single},
)


def numbers(i):
    return torch.arange(float(i * i)).reshape(i, i) % 7 - 2


def padded(numbers, p):
    return F.pad(numbers, (p, p, p, p))


def answers(padded, kernel, s):
    weight = torch.tensor(kernel)
    return F.conv2d(padded[None, None], weight[None, None], stride=s)[0, 0]


def lost(padded, answers, kernel, s):
    return padded.shape[0] - len(kernel) - s * (answers.shape[0] - 1)


# Hangs on every new kind of pane: number grids that are linked, a curtain, a table, code.
GRIDS = Lab(
    title="Grids",
    summary="Numbers under a kernel.",
    controls={
        "i": Choice(5, 6, 3, label="input size"),
        "kernel": Matrix(
            {
                "edge": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
                "blur": [[1 / 9] * 3] * 3,
                "large": [[1] * 5] * 5,
            }
        ),
        "s": Choice(2, 1, 3, label="stride"),
        "p": Choice(1, 0, label="padding"),
    },
    stages=(numbers, padded, answers, lost),
    panes={
        "input": lambda padded, p, lost: paint.grid(padded, border=p, lost=lost),
        "kernel": lambda kernel: paint.grid(torch.tensor(kernel)),
        "output": lambda answers, s, p: paint.grid(
            answers, links=paint.Links("input", "kernel", stride=s, padding=p)
        ),
        "both": lambda numbers, s: paint.curtain(
            paint.scalar(numbers, low=-2, high=4),
            paint.scalar(numbers[::s, ::s], low=-2, high=4, frame=tuple(numbers.shape)),
            ("fine", "coarse"),
        ),
        "layers": lambda kernel, s, p: paint.table(
            ("layer", "size", "stride", "padding"), [("conv1", len(kernel), s, p)], highlight=0
        ),
    },
    numbers={
        "sum": lambda answers: f"{float(answers.sum()):g}",
        "PyTorch": lambda kernel, s, p: Code(
            f"nn.Conv2d(1, 1, {len(kernel)}, stride={s}, padding={p})"
        ),
    },
)


def net(model):
    """The net that a name stands for, or the student's own if it has a single channel."""
    if isinstance(model, str):
        return nn.Conv2d(1, 1, {"small": 1, "large": 3}[model])
    if getattr(model, "in_channels", None) != 1:
        raise ValueError(f"{type(model).__name__} has no single input channel: give one with 1")
    return model


def weights(net, bias):
    with torch.no_grad():
        return torch.full((2, 2), float(net.weight.numel() + bias))


NETS = Lab(
    title="Nets",
    controls={"model": Model("small", "large"), "bias": Choice(0, 1)},
    stages=(net, weights),
    panes={"p": lambda weights: paint.scalar(weights, low=0, high=254)},
)


# One of each widget, all greyed where the first says so; and a tour.
EDITORS = Lab(
    title="Editors",
    controls={
        "on": Choice(True, False),
        "photo": LAB.controls["photo"],
        "f": Choice(1, 2, 4, play=True),
        "at": Pixel((4, 4)),
        "kernel": Matrix({"one": [[1]]}),
        "stack": Layers({"one": [("conv", 3, 1, 0, 1)]}),
    },
    stages=(),
    panes={"p": lambda f: paint.scalar(torch.full((4, 4), float(f)), low=0, high=4)},
    numbers={"n": lambda on, photo, f, at, kernel, stack: f},
    matters={("photo", "f", "at", "kernel", "stack"): lambda on: on},
    tour=(
        Try("Switch `on` off.", set={"on": False}, look="n", then="Nothing has a **say**."),
        Try("And on again.", set={"on": True, "f": 4}),
    ),
)


def side(f, skip):
    """Two boxes joined by a skip that a click cuts, and a knob for f."""
    drawn = [
        shapes.Bar(0, 1, 1, 3, says="encoder"),
        shapes.Bar(5, 1, 6, 3, says="decoder", thing=1),
        shapes.Line(((1, 2), (5, 2)), dashed=not skip, says="skip", sets=("skip", not skip)),
        shapes.Handle("f", tuple((k, 4, k) for k in (1, 2, 4, 6)), f, says=f"f is {f}"),
    ]
    words = f"f {f}, skip {'on' if skip else 'cut'}"
    return diagram(drawn, says=words, x=(0, 6), y=(0, 5), wide=True)


DIAGRAMS = Lab(
    title="Diagrams",
    controls={
        "f": Choice(1, 2, 4, 6, label="step f"),
        "skip": Choice(True, False),
        "photo": Photo("astronaut"),
    },
    stages=(image, side),
    panes={
        "image": "image",
        "the net": "side",
        "the size": lambda f: bars({"f": f / 6}, says=f"f is {f}"),
    },
    numbers={"twice f": lambda f: 2 * f},
)
