"""Drawing on a picture: points, lines and boxes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from seglab.controls._preset import Preset
from seglab.stroke import Point, Stroke

TOOLS = {"point": (1, 1), "line": (2, 500), "box": (2, 2)}  # the fewest and the most points
MOST = 200  # strokes
_FORM = (
    "write strokes as label, tool and points, such as object point 40:50; background box 0:0 9:9"
)


class Brush(Preset):
    """Points, lines and boxes that a student draws on a pane, each with a label; presets by name.

    The value is a tuple of Strokes in the order of drawing. size: the (height, width) of the
    picture that is drawn on. labels: what a stroke may say.
    """

    kind = "brush"

    def __init__(
        self,
        size: tuple[int, int],
        presets: Mapping[str, Any] | None = None,
        default: str | None = None,
        label: str | None = None,
        labels: Sequence[str] = ("object", "background"),
    ) -> None:
        self.canvas = size
        self.labels = tuple(labels)
        self._start({"nothing": (), **(presets or {})}, default, label)

    def accept(self, value: Any) -> Any:
        """Strokes, a preset's name, or strokes as text; ValueError, in one sentence, for others."""
        if isinstance(value, str):
            return self.parse(value)
        return self._checked(value)

    def parse(self, text: str) -> tuple[Stroke, ...]:
        """A preset by its name, or strokes: object point 40:50; background line 3:4 9:9."""
        text = text.strip()
        if text in getattr(self, "presets", ()):
            return tuple(self.presets[text])
        parts = [part.strip() for part in text.split(";") if part.strip()]
        return self._checked([self._read(part) for part in parts])

    def words(self, value: Any) -> str:
        """The preset's name, or how many strokes of each tool there are."""
        tools = [stroke.tool for stroke in value]
        counts = {tool: tools.count(tool) for tool in TOOLS if tool in tools}
        told = ", ".join(f"{n} {tool if n == 1 else _PLURALS[tool]}" for tool, n in counts.items())
        return self.named(value) or told

    def spelling(self, value: Any) -> str:
        """The preset's name, or the strokes as parse() reads them."""
        return self.named(value) or self.typed(value)

    def typed(self, value: Any) -> str:
        """The strokes as parse() reads them, a preset's too; empty for none."""
        return "; ".join(
            " ".join([label, tool, *(f"{row}:{column}" for row, column in points)])
            for tool, label, points in value
        )

    def key(self, value: Any, offered: Sequence[Any] | None = None) -> list[Any]:
        """The text that stands in the control's box."""
        return [self.typed(value)]

    def _spell(self, value: Any) -> str:
        return repr(self.typed(value))

    def _read(self, text: str) -> Stroke:
        label, tool, *points = text.split() if len(text.split()) > 2 else ("", "", text)
        places = [re.fullmatch(r"(\d+):(\d+)", point) for point in points]
        if not (tool and all(places)):
            raise ValueError(f"{text!r:.60} is no stroke; {_FORM}")
        return Stroke(tool, label, tuple((int(m[1]), int(m[2])) for m in places if m))

    def _checked(self, value: Any) -> tuple[Stroke, ...]:
        try:
            strokes = tuple(_stroke(*one) for one in value)
        except (TypeError, ValueError):
            raise ValueError(
                f"{value!r:.60} is no list of strokes (tool, label, points); {_FORM}"
            ) from None
        if len(strokes) > MOST:
            raise ValueError(f"{len(strokes)} strokes are too many; draw at most {MOST}")
        for number, stroke in enumerate(strokes, 1):
            self._check(number, stroke)
        return strokes

    def _check(self, number: int, stroke: Stroke) -> None:
        tool, label, points = stroke
        if tool not in TOOLS:
            raise ValueError(f"stroke {number} is a {tool!r}; use {' or '.join(TOOLS)}")
        if label not in self.labels:
            raise ValueError(
                f"stroke {number} has the label {label!r}; use {' or '.join(self.labels)}"
            )
        least, most = TOOLS[tool]
        if not least <= len(points) <= most:
            needs = f"{least}" if least == most else f"{least} to {most}"
            raise ValueError(
                f"stroke {number}, a {tool}, has {len(points)} points; give it {needs}"
            )
        height, width = self.canvas or (0, 0)
        for row, column in points:
            if not (0 <= row < height and 0 <= column < width):
                raise ValueError(
                    f"stroke {number} has a point at ({row}, {column}), outside; rows go from 0 to "
                    f"{height - 1}, columns from 0 to {width - 1}"
                )


_PLURALS = {"point": "points", "line": "lines", "box": "boxes"}


def _stroke(tool: Any, label: Any, points: Any) -> Stroke:
    return Stroke(str(tool), str(label), tuple(map(_point, points)))


def _point(at: Any) -> Point:
    row, column = at
    if (int(row), int(column)) != (row, column):
        raise ValueError
    return int(row), int(column)
