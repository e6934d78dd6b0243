"""Frames that the browser has been sent, by their key, and the runs behind those sent ahead.

A key is where the browser sees the controls stand, so that it knows a frame without the kernel.
"""

import json
import pickle
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from seglab.board import frames
from seglab.lab import Lab, Run, State

Frame = dict[str, Any]
Key = list[Any]  # of all controls, one entry for each of their sources in the browser

MOST = 32 * 2**20  # bytes; the browser keeps at least twice as many frames
OBJECTS = 7  # bytes that lists, dictionaries and numbers take, for each that they have pickled
SOME = 8  # of a long list
AHEAD = 3  # runs kept for the next step


class ClientCache:
    """Frames by key; the oldest go first, and all go when a function of the lab changes.

    offered: control -> the values of its drop-down where they are more than the control's own.
    code_version: how often the lab's functions have changed.
    A stream has many frames in one state: its frames have no key and are not kept.
    """

    def __init__(
        self, lab: Lab, offered: Callable[[str], Sequence[Any] | None] = lambda name: None
    ) -> None:
        self.code_version = 0
        self._lab = lab
        self._offered = offered
        self._frames: OrderedDict[str, Frame] = OrderedDict()
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._size = 0
        self._code = self._functions()

    def __len__(self) -> int:
        return len(self._frames)

    def key(self, state: State) -> Key | None:
        """The key of a state; None in a lab with a stream."""
        if self._lab.streams:
            return None
        controls = self._lab.controls.items()
        return [k for name, c in controls for k in c.key(state[name], self._offered(name))]

    def next_values(self, name: str, before: Any, now: Any) -> Iterator[Any]:
        """The values that may follow a control's move from before to now, the likeliest first."""
        return self._lab.controls[name].next_values(before, now, self._offered(name))

    def stamp(self, frame: Frame, key: Key | None) -> Frame:
        """The frame with its key and the version of the code; as it is where there is no key."""
        return frame if key is None else {**frame, "key": key, "codeVersion": self.code_version}

    def refresh(self) -> bool:
        """Forget all if a function has changed (autoreload does it); returns whether one has."""
        functions = self._functions()
        if functions == self._code:
            return False
        self._code = functions
        self.code_version += 1
        self.forget()
        return True

    def forget(self) -> None:
        """Keep nothing."""
        self._frames.clear()
        self._runs.clear()
        self._sizes.clear()
        self._size = 0

    def put(self, frame: Frame, ahead: Run | None = None) -> None:
        """Keep a frame that the browser gets, and the run behind one that is sent ahead."""
        if "key" not in frame:
            return
        text = json.dumps(frame["key"])
        self._drop(text)
        self._frames[text] = frame
        self._sizes[text] = size(frame)
        self._size += self._sizes[text]
        while self._size > MOST:
            self._drop(next(iter(self._frames)))
        if ahead:
            self._runs[text] = ahead
            while len(self._runs) > AHEAD:
                self._runs.popitem(last=False)

    def get(self, key: Key | None) -> Frame | None:
        """The frame of this key; None where there is none."""
        text = json.dumps(key)
        if text in self._frames:
            self._frames.move_to_end(text)
        return self._frames.get(text)

    def take_run(self, key: Key | None) -> Run | None:
        """The run behind a frame that was sent ahead; it is given away."""
        return self._runs.pop(json.dumps(key), None)

    def _drop(self, text: str) -> None:
        if text in self._frames:
            del self._frames[text]
            self._size -= self._sizes.pop(text)

    def _functions(self) -> list[Any]:
        functions = [step.function for step in self._lab.steps.values()]
        functions += self._lab.matters.values()
        return [getattr(function, "__code__", function) for function in functions]


def delta(frame: Frame, shown: Frame) -> Frame:
    """The frame with its panes as what sets them apart from those that are shown."""
    if frame.get("key") is None or shown.get("codeVersion") != frame.get("codeVersion"):
        return frame
    before = {pane["name"]: pane for pane in shown["panes"]}
    panes = [frames.short(pane, before.get(pane["name"])) for pane in frame["panes"]]
    return {**frame, "panes": panes, "base": shown["key"]}


def size(frame: Frame) -> int:
    """Bytes that a frame takes: its planes, and about as many as its marks and words take."""
    return _size({**frame, "panes": None}) + sum(map(_size_of_pane, frame["panes"]))


def _size_of_pane(pane: Frame) -> int:
    """Bytes of a pane's plane, of its parts and of the rest; its palette is shared by many."""
    parts = sum(map(_size_of_pane, pane["parts"]))
    return len(pane["plane"]) + parts + _size({**pane, "plane": 0, "palette": 0, "parts": 0})


def _size(values: Frame) -> int:
    """Bytes of the objects, about; of a long list only some are looked at, for they are alike."""
    total = 0
    for name, value in values.items():
        if isinstance(value, list) and len(value) > 2 * SOME:
            some = value[:: len(value) // SOME]
            total += len(pickle.dumps(some)) * len(value) // len(some)
            values[name] = 0
    return OBJECTS * (total + len(pickle.dumps(values)))
