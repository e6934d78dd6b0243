"""Positions of objects: drawn at random, pushed against each other, kept apart."""

import math
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np

from seglab.images.scenes._objects import Meeting, SceneObject, contacts
from seglab.images.scenes._planes import scale
from seglab.images.scenes._shapes import SHAPES
from seglab.types import Size

_LARGEST = 28.0  # pixels, an object's radius
_ROOMY = 8  # objects; more of them are smaller, so that they find room
_PLACES = 24  # tries for each object, before it gets smaller
PRESS = 1.5  # pixels by which touching objects are pressed together, so that no pixel parts them

# Asks where two objects meet, is sent how far apart that is, and returns in the end.
_Answer = Generator[Meeting, float, bool]
_Arranging = Generator[Meeting, float, list[SceneObject]]


def arrange(
    randoms: Sequence[np.random.Generator],
    size: Size,
    objects: int,
    difficulty: float,
    overlap: float,
    touching: float,
) -> list[list[SceneObject]]:
    """The objects of many scenes in drawing order, the largest first: the small stay uncovered.

    The scenes know nothing of each other. Only what they ask for is worked out in common: the
    meetings with objects of one kind, as soon as no other kind is asked for more often.
    """
    scenes = [
        _arranging(random, size, objects, difficulty, overlap, touching) for random in randoms
    ]
    done: dict[int, list[SceneObject]] = {}
    waiting: dict[int, list[tuple[int, Meeting]]] = {}
    answers: list[tuple[int, Any]] = [(i, None) for i in range(len(scenes))]  # None to begin with
    while True:
        for i, answer in answers:
            try:
                meeting = scenes[i].send(answer)
            except StopIteration as end:
                done[i] = end.value
            else:
                waiting.setdefault(meeting.anchor.kind, []).append((i, meeting))
        if not waiting:
            return [done[i] for i in range(len(scenes))]
        asked = waiting.pop(max(waiting, key=lambda kind: len(waiting[kind])))
        distances = contacts([meeting for _, meeting in asked])
        answers = [(i, reach) for (i, _), reach in zip(asked, distances, strict=True)]


class _Arrangement:
    """The objects in place so far, and the rule that the next one must keep."""

    def __init__(self, size: Size, overlap: float) -> None:
        self.size, self.objects = size, list[SceneObject]()
        self._share = 1 - overlap

    def has_room(self, new: SceneObject, beside: SceneObject | None = None) -> bool:
        """True where the object keeps its distance from all others (from `beside` it need not)."""
        y, x, radius, share = new.y, new.x, new.radius + 3, self._share
        for other in self.objects:
            down, right = other.y - y, other.x - x
            apart = (other.radius + radius) * share
            if down * down + right * right < apart * apart and other is not beside:
                return False
        return True


def _arranging(
    random: np.random.Generator,
    size: Size,
    objects: int,
    difficulty: float,
    overlap: float,
    touching: float,
) -> _Arranging:
    arranged = _Arrangement(size, overlap)
    crowd = min(1.0, math.sqrt(_ROOMY / max(objects, 1))) * scale(size)
    smallest = 14.5 - 5 * difficulty
    drawn = random.random((objects, 5))
    order = np.argsort(-drawn[:, 0])
    radii = crowd * smallest * (_LARGEST / smallest) ** (drawn[order, 0] ** 1.2)
    # Drawn whether they are used or not: what one object does changes no other's numbers.
    places, pairs = random.random((objects, _PLACES, 2)), random.random((objects, 4, 3))
    for (_, kind, angle, slim, attach), radius, places_, pairs_ in zip(
        drawn[order].tolist(), radii.tolist(), places.tolist(), pairs.tolist(), strict=True
    ):
        kind = 1 + int(kind * len(SHAPES))
        new = SceneObject(kind, 0, 0, max(radius, 2.0), 2 * math.pi * angle, slim)
        pushed = (
            attach < touching and arranged.objects and (yield from _push(new, arranged, pairs_))
        )
        if pushed or _put_down(new, arranged, places_):
            arranged.objects.append(new)
    return arranged.objects


def _put_down(new: SceneObject, arranged: _Arrangement, places: list[list[float]]) -> bool:
    """Put the object at the first of the places with room, smaller and smaller; False if none."""
    height, width = arranged.size
    for _ in range(3):
        top, left = min(0.8 * new.radius, height / 2), min(0.8 * new.radius, width / 2)
        for y, x in places:
            new.y, new.x = top + y * (height - 2 * top), left + x * (width - 2 * left)
            if arranged.has_room(new):
                return True
        new.radius *= 0.75
    return False


def _push(new: SceneObject, arranged: _Arrangement, pairs: list[list[float]]) -> _Answer:
    """Slide the object towards an earlier one until they touch; False where there is no room."""
    kind = new.kind
    for which, direction, alike in pairs:
        anchor = arranged.objects[int(which * len(arranged.objects))]
        new.kind = anchor.kind if alike < 0.5 else kind
        dy, dx = math.sin(2 * math.pi * direction), math.cos(2 * math.pi * direction)
        reach = (yield Meeting(new, anchor, dy, dx)) - PRESS
        new.y, new.x = anchor.y + dy * reach, anchor.x + dx * reach
        inside = 0 <= new.y < arranged.size[0] and 0 <= new.x < arranged.size[1]
        if inside and arranged.has_room(new, beside=anchor):
            return True
    new.kind = kind
    return False
