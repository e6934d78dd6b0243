"""Start here: point at a pixel, and a segment grows around it."""

from seglab.draw import paint
from seglab.images import photos
from seglab.lab import Choice, Lab, Photo, Pixel
from seglab.ops import cluster


def image(photo):
    return photos.load(photo)


def colours(image):
    return cluster.lab_colours(image)


def distance(colours, pixel):
    return cluster.colour_distance(colours, pixel)


def segment(distance, pixel, tolerance):
    return cluster.grow_region(distance, pixel, tolerance)


LAB = Lab(
    title="Start here",
    summary="Click a pixel. The segment is everything connected to it that looks alike.",
    controls={
        "photo": Photo("coffee", "astronaut", "chelsea", "rocket", "coins"),
        "pixel": Pixel((256, 256), default=(96, 150)),
        "tolerance": Choice(2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 80, default=15, play=True),
    },
    stages=(image, colours, distance, segment),
    panes={
        "photograph": lambda image: paint.rgb(image),
        "colour distance to your pixel (ΔE)": lambda distance: paint.scalar(
            distance, low=0, high=100, palette="cividis"
        ),
        "labels": lambda segment: paint.labels(segment.long(), ("the rest", "your segment")),
    },
    numbers={
        "pixels in your segment": lambda segment: int(segment.sum()),
        "share of the picture": lambda segment: f"{segment.float().mean():.1%}",
    },
)
