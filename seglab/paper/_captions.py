"""The words of a tour's step above the panes: what to try, and what is then to be seen."""

from collections.abc import Iterable
from typing import NamedTuple

from seglab.paper import text_layout
from seglab.paper._legends import EMPTY, Block
from seglab.paper.canvas import BLUE, INK, Canvas

_SAY, _THEN = 19, 18  # units of a letter
_LINE, _BAR, _BETWEEN = 1.35, 14, 6  # heights of a letter; units


class Caption(NamedTuple):
    """Words of a step: what to try, and what is to be seen once it is told."""

    say: str
    then: str
    told: bool


def block(captions: Iterable[Caption], ruler: Canvas, width: float) -> Block:
    """The first caption, in room for the largest of them: the panes below stay where they are."""
    laid = [_laid(caption, ruler, width) for caption in captions]
    if not laid:
        return EMPTY
    return Block(max(one.height for one in laid), laid[0].draw)


def _laid(caption: Caption, ruler: Canvas, width: float) -> Block:
    say, then = text_layout.clean(caption.say), text_layout.clean(caption.then)
    bold, plain = ruler.font(_SAY, bold=True), ruler.font(_THEN)
    asked = text_layout.lines(say, bold, width * ruler.scale)
    seen = text_layout.lines(then, plain, (width - _BAR) * ruler.scale)
    tall = len(asked) * _SAY * _LINE

    def draw(canvas: Canvas, x: float, y: float) -> None:
        for number, line in enumerate(asked):
            canvas.text((x, y + number * _SAY * _LINE), line, _SAY, INK, bold=True)
        if caption.told and seen:
            top = y + tall + _BETWEEN
            canvas.box(x, top, 4, len(seen) * _THEN * _LINE, BLUE)
            for number, line in enumerate(seen):
                canvas.text((x + _BAR, top + number * _THEN * _LINE), line, _THEN, INK)

    return Block(tall + _BETWEEN + len(seen) * _THEN * _LINE, draw)
