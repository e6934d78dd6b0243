"""Panoptic quality, block by block: the filled share of each row is the PQ of its class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seglab.draw import palettes
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.shapes import Bar, Colour, Label, Line, Shape
from seglab.ops.instances import Segmentation
from seglab.ops.metrics import ALONE, PanopticQuality, SegmentPairs

MOST = 90  # blocks; of more, each row shows how many there are of a kind
TOP, BOTTOM, GAP = 0.12, 0.88, 0.06  # of a row, and between blocks
KEY = "filled: IoU of a match | red: FP | dashed: FN"
FOUND, TRUE = "found", "true"
Place = tuple[str, int, int]  # a segment: its map, class and number
RED, STUFF = (214, 39, 40), (120, 120, 120)


@dataclass(frozen=True)
class Block:
    """A match, or a segment alone, of a class: how wide it is, how far filled, and what it says.

    found, true: whether the segment is in the map. number: the object's, None of stuff.
    at: a pixel of it. places: its map, class and number, or both maps' of a match.
    """

    width: float
    iou: float
    found: bool
    true: bool
    says: str
    number: int | None = None
    at: tuple[int, int] | None = None
    places: frozenset[Place] = frozenset()


def rows(pairs: SegmentPairs, found: Segmentation, true: Segmentation) -> dict[str, list[Block]]:
    """The blocks of each class that occurs: matches, then spurious and missed segments."""
    listed: dict[str, list[Block]] = {}
    middles = {FOUND: _middles(found), TRUE: _middles(true)}
    listing = zip(*(part.tolist() for part in pairs), strict=True)
    for label, one, other, iou in sorted(listing, key=lambda entry: int(entry[0])):  # stable
        name = found.names[label]
        numbers = {kind: n for kind, n in ((TRUE, other), (FOUND, one)) if n != ALONE}
        kind, number = next(iter(numbers.items()))
        listed.setdefault(name, []).append(
            Block(
                len(numbers) / 2,
                iou,
                one != ALONE,
                other != ALONE,
                _words(f"{name} {number}" if number else name, one, other, iou),
                number or None,
                middles[kind][label, number],
                frozenset((kind, label, n) for kind, n in numbers.items()),
            )
        )
    return listed


def standing(found: Segmentation, true: Segmentation, pixel: tuple[int, int]) -> set[Place]:
    """The segments of both maps that hold a pixel."""
    return {
        (kind, int(given.panoptic[0][pixel]), int(given.instances[0][pixel]))
        for kind, given in ((FOUND, found), (TRUE, true))
    }


def blocks(
    listed: Mapping[str, Sequence[Block]],
    by_class: PanopticQuality,
    true: Segmentation,
    here: set[Place],
) -> Diagram:
    """A row for each class, its PQ beside it. A click on a block moves the point into it.

    here: the segments at the point, whose blocks are marked.
    """
    things = true.things
    qualities = dict(zip(true.names, by_class.pq.tolist(), strict=True))
    many = sum(map(len, listed.values())) > MOST
    widest = max(sum(block.width for block in row) for row in listed.values())
    drawn: list[Shape] = [Label(KEY, widest / 2, -0.5, small=True)]
    for line, (name, row) in enumerate(listed.items()):
        colour: Colour = palettes.rgb(things.index(name) + 1) if name in things else STUFF
        drawn.append(Label(name, 0, line + 0.5, "end", (-6, 0)))
        drawn.append(
            Label(f"{qualities[name]:.3f}", widest, line + 0.5, "start", (6, 0), bold=True)
        )
        left = 0.0
        for block in _gathered(row) if many else row:
            drawn += _block(block, left, line, colour, bool(block.places & here))
            left += block.width
    said = ", ".join(f"{name} {qualities[name]:.3f}" for name in listed)
    return diagram(
        drawn, x=(0, widest), y=(-1, len(listed)), margin=(4, 46, 4, 60), wide=True, tall=True,
        group="object", says=f"PQ of each class: {said}",
    )  # fmt: skip


def _block(block: Block, left: float, line: int, colour: Colour, here: bool) -> list[Shape]:
    right = left + block.width - (GAP if block.at else 0)
    top, bottom = line + TOP, line + BOTTOM
    matched = block.found and block.true
    edge: Colour = "accent" if here else "ink" if block.true else RED
    filled = Bar(
        left, top, left + block.iou * (right - left), bottom, colour if matched else "faint",
        opacity=1 if matched else 0.5,
    )  # fmt: skip
    around = Bar(
        left, top, right, bottom, edge, hollow=True, dashed=not block.found, says=block.says,
        sets=("pixel", block.at) if block.at else None, thing=block.number,
    )  # fmt: skip
    half = (left + right) / 2
    return [filled, Line(((half, top), (half, bottom)), "ink", 0.5), around]


def _gathered(row: Sequence[Block]) -> list[Block]:
    """One block for all matches of a row, one for all missed and one for all spurious segments."""
    kinds = {
        "match": [b for b in row if b.found and b.true],
        "missed": [b for b in row if not b.found],
        "spurious": [b for b in row if not b.true],
    }
    return [
        Block(
            sum(b.width for b in of), sum(b.iou for b in of) / len(of), of[0].found, of[0].true,
            f"{len(of)} {kind}, mean IoU {sum(b.iou for b in of) / len(of):.3f}",
        )
        for kind, of in kinds.items()
        if of
    ]  # fmt: skip


def _words(name: str, found: int, true: int, iou: float) -> str:
    if ALONE not in (found, true):
        return f"{name}: found, IoU {iou:.3f} (TP)"
    kind = "found, but it is no match (FP)" if true == ALONE else "true, but not found (FN)"
    return f"{name}: {kind}; its largest IoU is {iou:.3f}"


def _middles(given: Segmentation) -> dict[tuple[int, int], tuple[int, int]]:
    """A pixel of each segment, by label and number: the middle one of its pixels, row by row."""
    label, number = (plane[0].cpu().numpy() for plane in (given.panoptic, given.instances))
    codes = (label * (number.max() + 1) + number).ravel()
    codes = codes.astype(np.min_scalar_type(codes.max()))  # short numbers sort fast
    order = np.argsort(codes, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(codes[order])), len(order) - 1)
    starts = np.append(0, ends[:-1] + 1)
    middle = order[(starts + ends) // 2]
    row, column = np.unravel_index(middle, label.shape)
    return {
        (int(label[r, c]), int(number[r, c])): (int(r), int(c))
        for r, c in zip(row, column, strict=True)
    }
