"""What the browser has been sent, and the runs behind what it was sent ahead of time."""

import json
from collections import OrderedDict
from typing import Any

from seglab.lab import Lab, Run
from seglab.live.places import Place

Frame = dict[str, Any]

MOST = 32 * 2**20  # bytes of planes; the browser keeps twice as many (memory.js)
AHEAD = 3  # runs kept for the next step


class Memory:
    """Frames by the place of the controls; the oldest go first, and all go when code changes."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._frames: OrderedDict[str, Frame] = OrderedDict()
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._size = 0
        self._code = self._now()
        self.era = 0

    def changed(self) -> bool:
        """Whether a function of the lab has changed (autoreload does it); then all is forgotten."""
        now = self._now()
        if now == self._code:
            return False
        self._code = now
        self.era += 1
        self.forget()
        return True

    def forget(self) -> None:
        """Keep nothing."""
        self._frames.clear()
        self._runs.clear()
        self._size = 0

    def put(self, frame: Frame, ahead: Run | None = None) -> None:
        """Remember a frame that the browser gets, and the run behind one that is sent ahead."""
        key = json.dumps(frame["at"])
        self._drop(key)
        self._frames[key] = frame
        self._size += size(frame)
        while self._size > MOST:
            self._drop(next(iter(self._frames)))
        if ahead:
            self._runs[key] = ahead
            while len(self._runs) > AHEAD:
                self._runs.popitem(last=False)

    def get(self, at: Place) -> Frame | None:
        """The frame for this place."""
        key = json.dumps(at)
        if key in self._frames:
            self._frames.move_to_end(key)
        return self._frames.get(key)

    def run(self, at: Place) -> Run | None:
        """The run behind a frame that was sent ahead; it is given away."""
        return self._runs.pop(json.dumps(at), None)

    def _drop(self, key: str) -> None:
        if key in self._frames:
            self._size -= size(self._frames.pop(key))

    def _now(self) -> list[Any]:
        functions = (step.function for step in self._lab.steps.values())
        return [getattr(function, "__code__", function) for function in functions]


def size(frame: Frame) -> int:
    """Bytes of a frame's planes."""

    def of(panes: list[Frame]) -> int:
        return sum(len(pane["plane"]) + of(pane["parts"]) for pane in panes)

    return of(frame["panes"])
