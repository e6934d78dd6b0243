"""Start here: point at a pixel, and a segment grows around it."""

from seglab.draw import paint
from seglab.images import photos
from seglab.lab import Choice, Lab, Photo, Pixel, Sweep, of
from seglab.lessons.tours.start_here import TOUR
from seglab.ops import cluster

image = of(photos.load, "photo")
colours = of(cluster.cielab, "image", exact=True)
distance = of(cluster.colour_distance, "colours", "pixel")
segment = of(cluster.grow_region, "distance", "pixel", "tolerance")


def size(segment):
    return int(segment.sum())


LAB = Lab(
    title="Start here",
    summary="Click a pixel. The segment is everything connected to it that looks alike.",
    controls={
        "photo": Photo("coffee", "astronaut", "chelsea", "rocket", "coins"),
        "pixel": Pixel((256, 256), default=(96, 150)),
        "tolerance": Choice(2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 80, default=15, play=True),
    },
    stages=globals(),
    panes={
        "photograph": lambda image, segment: paint.outlined(image, segment.long()),
        "colour distance ΔE": of(paint.scalar, "distance", low=0, high=100, palette="cividis"),
        "labels": lambda segment: paint.labels(segment.long(), ("the rest", "your segment")),
    },
    numbers={
        "pixels in your segment": "size",
        "share of the picture": lambda segment: f"{segment.float().mean():.1%}",
    },
    charts={
        "Size by tolerance": Sweep(
            size,
            over="tolerance",
            title="A segment that grows, and leaks",
            x="tolerance",
            y="pixels in your segment",
        )
    },
    tour=TOUR,
)
