"""Segmentation with a person's help: labelled pixels in, a mask of one object out.

Labelled pixels, or seeds, are Labels of one object: 1 on it, 0 on the background, 255 where nobody
has said anything. Clicks, scribbles and boxes all become seeds.
"""

from seglab.ops.clicks._clicker import Click, Course, course, next_click, number_of_clicks
from seglab.ops.clicks._competition import compete
from seglab.ops.clicks._min_cut import min_cut, neighbour_costs
from seglab.ops.clicks._random_walk import random_walk
from seglab.ops.clicks._seeds import BACKGROUND, NAMES, OBJECT, framed, put, seeds

__all__ = [
    "BACKGROUND",
    "NAMES",
    "OBJECT",
    "Click",
    "Course",
    "compete",
    "course",
    "framed",
    "min_cut",
    "neighbour_costs",
    "next_click",
    "number_of_clicks",
    "put",
    "random_walk",
    "seeds",
]
