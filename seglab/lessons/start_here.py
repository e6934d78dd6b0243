"""Start here: point at a pixel, and a segment grows around it."""

from seglab.draw import marks, paint
from seglab.images import photos
from seglab.lab import Choice, Lab, Photo, Pixel, of
from seglab.lessons.pictures import growing
from seglab.lessons.tours.start_here import TOUR
from seglab.ops import cluster

TOLERANCES = (2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 80)
YELLOW, RED = (255, 255, 0), (214, 39, 40)

image = of(photos.load, "photo")
photograph = of(paint.rgb, "image")
colours = of(cluster.cielab, "image", exact=True)
distance = of(cluster.colour_distance, "colours", "pixel")
segment = of(cluster.grow_region, "distance", "pixel", "tolerance")
joining = of(cluster.joining_tolerance, "distance", "pixel")
growth = of(growing.growth, "joining", tolerances=TOLERANCES)


def outlined(photograph, segment, growth, tolerance):
    """The segment on the photograph, and the pixel through which it has leaked."""
    drawn = photograph.with_marks(*paint.contours(segment, YELLOW))
    leak = growth.leak
    if leak and leak.tolerance <= tolerance:
        row, column = leak.at
        return drawn.with_marks(marks.Dot(row, column, RED, "it leaked here", 4))
    return drawn


LAB = Lab(
    title="Start here",
    summary="Click a pixel. The segment is everything connected to it that looks alike.",
    controls={
        "photo": Photo("coffee", "astronaut", "chelsea", "rocket", "coins"),
        "pixel": Pixel((256, 256), default=(96, 150)),
        "tolerance": Choice(*TOLERANCES, default=15, play=True),
    },
    stages=globals(),
    panes={
        "photograph": "outlined",
        "colour distance ΔE": of(paint.scalar, "distance", low=0, high=100, palette="cividis"),
        "labels": lambda segment: paint.labels(segment.long(), ("the rest", "your segment")),
        "size by tolerance": of(growing.size_curve, "growth", "tolerance"),
    },
    numbers={
        "pixels in your segment": lambda segment: int(segment.sum()),
        "share of the picture": lambda segment: f"{segment.float().mean():.1%}",
    },
    tour=TOUR,
)
