"""Runs of one submission, from outside: its process is started, listened to, watched and ended.

Time, memory and processes are watched here, not in the submission's process. Where a cell hangs or
ends Python, the submission runs again without that cell; where a function does, without that one.
"""

import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO, Any

from seglab.grade import processes, wire
from seglab.grade.limits import MB, Limits
from seglab.grade.shield import Shield, container_name

Cases = Sequence[Mapping[str, Any]]

_MOST_RUNS = 6
_START = 120  # seconds until the first cell: Python and torch are loaded
_LOOK = 0.4  # seconds between looks at what the processes use
_MOST_TOLD = 8 * wire.MOST  # bytes of all messages of one run


class Interrupted(Exception):
    """Raised in a run when all runs are to end."""


@dataclass(frozen=True)
class Order:
    """Orders to a submission's process.

    cells: sources of code cells. exercises: name -> name of the function and the cases.
    withheld: module -> names of exercises in it, by variable; the module stays here.
    """

    cells: Sequence[str]
    exercises: Mapping[str, tuple[str, Cases]] = field(default_factory=dict)
    withheld: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """Outcome of one case: a value and changed arguments, or an error.

    error: type, words, and whether it says that nothing was written yet.
    """

    value: Any = None
    changed: tuple[str, ...] = ()
    error: tuple[str, str, bool] | None = None


@dataclass
class Ran:
    """Everything that was seen of a submission.

    answers: exercise -> one outcome for each case. missing: exercises without a function.
    stopped: exercise -> why its function was ended. cells: cell -> the error that it ended with.
    choices: question -> the answer given. notes: what else went wrong. printed: its prints.
    """

    answers: dict[str, list[Outcome]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    stopped: dict[str, str] = field(default_factory=dict)
    cells: dict[int, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    printed: str = ""


def run(
    shield: Shield,
    order: Order,
    files: Mapping[str, Path],
    slot: int,
    stopping: threading.Event | None = None,
) -> Ran:
    """Run a submission as often as it takes to have an outcome for each exercise.

    files: name -> file that lies beside its notebook. slot: the number of the worker.
    stopping: raises Interrupted, once it is set.
    """
    ran, skipped = Ran(), set[int]()
    stopping = stopping or threading.Event()
    until = monotonic() + shield.limits.seconds
    for _ in range(_MOST_RUNS):
        attempt = _Attempt(shield, order, ran, skipped, stopping)
        with _folder(files, shield.limits) as folder:
            why = attempt.go(Path(folder) / "home", slot, until)
        if not why:
            return ran
        if monotonic() > until or not attempt.step_over(why):
            ran.notes.append(attempt.last_words(why))
            return ran
    ran.notes.append(f"it was ended {_MOST_RUNS} times and not tried again")
    return ran


class _Attempt:
    """One run of the process."""

    def __init__(
        self,
        shield: Shield,
        order: Order,
        ran: Ran,
        skipped: set[int],
        stopping: threading.Event,
    ) -> None:
        self.stopping = stopping
        self.shield, self.order, self.ran, self.skipped = shield, order, ran, skipped
        self.cell: int | None = None
        self.exercise: str | None = None
        self.ended = False
        self._since = self._looked = monotonic()

    def go(self, home: Path, slot: int, until: float) -> str:
        """Run; why it was ended, or empty where it did all."""
        name = container_name()
        command = self.shield.command(home, slot, name)
        process = _Process(command, home, self._packed(), self.shield.limits)
        try:
            why = self._follow(process, until)
        finally:
            processes.end(process.started)
            self.shield.end(name)
            self.ran.printed = process.close()
        return why

    def step_over(self, why: str) -> bool:
        """Note what was ended and leave it out next time; False where nothing is to blame."""
        if self.exercise is not None:
            self.ran.stopped[self.exercise] = why
            return True
        if self.cell is None:
            return False
        self.ran.cells[self.cell] = why
        self.skipped.add(self.cell)
        return True

    def last_words(self, why: str) -> str:
        """The reason why there is no further run."""
        limits = self.shield.limits
        if self.cell is None:
            return f"it did not start: {why}"
        return f"it was ended after {limits.seconds:g} seconds in all: {why}"

    def _packed(self) -> bytes:
        left = {
            name: given
            for name, given in self.order.exercises.items()
            if name not in self.ran.stopped and name not in self.ran.missing
            if len(self.ran.answers.get(name, ())) < len(given[1])
        }
        self.asked = {name: len(cases) for name, (_, cases) in left.items()}
        for name in left:
            self.ran.answers[name] = []
        exercises = [
            {"name": name, "function": function, "cases": list(cases)}
            for name, (function, cases) in left.items()
        ]
        return wire.pack(
            {
                "cells": list(self.order.cells),
                "skipped": sorted(self.skipped),
                "exercises": exercises,
                "withheld": {module: dict(names) for module, names in self.order.withheld.items()},
            }
        )

    def _follow(self, process: "_Process", until: float) -> str:
        """Take messages until the last one; why it was ended before that, or empty."""
        while True:
            if self.stopping.is_set():
                raise Interrupted
            message = process.next()
            if message is None:
                if why := self._too_much(process, until):
                    return why
                continue
            if "gone" in message:
                return "" if self.ended else str(message["gone"])
            try:
                self._take(message)
            except (ValueError, TypeError, KeyError, AttributeError):
                return "it disturbed the process that runs it"
            if self.ended:
                return ""
            if why := self._too_much(process, until):
                return why

    def _take(self, message: Mapping[str, Any]) -> None:
        """Note a message. Only its values are used later, and only compared."""
        if "end" in message:
            self.ended = all(self._is_done(name) for name in self.asked)
            if not self.ended:
                raise ValueError("an end before the end")
        elif "cell" in message:
            self._at_cell(message)
        elif "question" in message:
            self.ran.choices[_text(message["question"])] = _text(message["answer"])
        else:
            self._at_exercise(message)

    def _is_done(self, name: str) -> bool:
        return name in self.ran.missing or len(self.ran.answers[name]) == self.asked[name]

    def _at_cell(self, message: Mapping[str, Any]) -> None:
        place = message["cell"]
        if type(place) is not int or not 0 <= place < len(self.order.cells) or self.exercise:
            raise ValueError("no such cell")
        if "error" in message:
            self.ran.cells[place] = _text(message["error"])
        elif self.cell != place:
            self.cell, self._since = place, monotonic()

    def _at_exercise(self, message: Mapping[str, Any]) -> None:
        name = message["exercise"]
        if name not in self.asked:
            raise ValueError("no such exercise")
        if self.exercise != name:
            self.exercise, self._since = name, monotonic()
        if message.get("missing"):
            self.ran.missing.add(name)
        elif "case" in message:
            outcomes = self.ran.answers[name]
            if message["case"] != len(outcomes) or len(outcomes) >= self.asked[name]:
                raise ValueError("no such case")
            outcomes.append(_outcome(message))

    def _too_much(self, process: "_Process", until: float) -> str:
        limits, now = self.shield.limits, monotonic()
        if now > until:
            return f"no time was left in {self._place()}"
        patience = limits.exercise if self.exercise else limits.cell
        patience = _START if self.cell is None else patience
        if now - self._since > patience:
            return f"it did not end within {patience:g} seconds"
        if now - self._looked < _LOOK:
            return ""
        self._looked = now
        used = processes.use(process.started.pid)
        if used.processes > limits.processes + 3:
            return f"it started more than {limits.processes} processes"
        if used.memory > limits.memory * MB:
            return f"it used more than {limits.memory} MB of memory"
        if self.shield.kind != "namespaces" and _size(process.home) > 2 * limits.disk * MB:
            return f"it wrote more than {limits.disk} MB"
        return ""

    def _place(self) -> str:
        if self.exercise is not None:
            return self.exercise
        return "its start" if self.cell is None else f"cell {self.cell + 1}"


class _Process:
    """A submission's process: an order goes in, messages and prints come out."""

    def __init__(self, command: Sequence[str], home: Path, order: bytes, limits: Limits) -> None:
        self.home = home
        self._limits = limits
        self._messages: queue.Queue[Mapping[str, Any]] = queue.Queue(maxsize=64)
        self._closed = threading.Event()
        self._printed = bytearray()
        self.started = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=home,
            start_new_session=True,
        )
        pipes = self.started
        assert pipes.stdin is not None
        assert pipes.stdout is not None
        assert pipes.stderr is not None
        self._threads = [
            threading.Thread(target=_hand_over, args=(pipes.stdin, order), daemon=True),
            threading.Thread(target=self._read, args=(pipes.stdout,), daemon=True),
            threading.Thread(target=self._keep, args=(pipes.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def next(self) -> Mapping[str, Any] | None:
        """The next message; None where there was none for a moment."""
        with suppress(queue.Empty):
            return self._messages.get(timeout=0.1)
        return None

    def close(self) -> str:
        """Let go of the pipes, once the process was ended; what it has printed."""
        self._closed.set()
        self.started.wait()
        for thread in self._threads:
            thread.join(2)
        for pipe in (self.started.stdin, self.started.stdout, self.started.stderr):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        return bytes(self._printed).decode("utf-8", "replace")[: self._limits.output]

    def _read(self, pipe: IO[bytes]) -> None:
        told = 0
        gone = ""
        with suppress(OSError, ValueError):
            while len(head := pipe.read(8)) == 8 and not self._closed.is_set():
                size = int.from_bytes(head, "big")
                told += size
                if size > 2 * wire.MOST or told > _MOST_TOLD:
                    gone = "it answers with more than there is room for"
                    break
                message = wire.unpack(pipe.read(size))
                if not isinstance(message, dict) or "gone" in message:
                    break
                self._put(message)
            else:
                gone = self._death()
        self._put({"gone": gone or "it disturbed the process that runs it"})

    def _put(self, message: Mapping[str, Any]) -> None:
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._messages.put(message, timeout=0.2)
                return

    def _death(self) -> str:
        try:
            code = self.started.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "it closed the way on which it is heard"
        return f"it ended Python itself (exit code {code})"

    def _keep(self, pipe: IO[bytes]) -> None:
        """Keep the beginning of what is printed, and take the rest so that nothing waits."""
        with suppress(OSError, ValueError):
            while more := pipe.read1(1 << 16):  # type: ignore[attr-defined] # of BufferedReader
                self._printed += more[: max(0, 4 * self._limits.output - len(self._printed))]


def _hand_over(pipe: IO[bytes], order: bytes) -> None:
    with suppress(OSError, ValueError):
        pipe.write(order)
        pipe.close()


class _folder:
    """A folder for one run: home with copies of files, and an empty root beside it."""

    def __init__(self, files: Mapping[str, Path], limits: Limits) -> None:
        self._files, self._left = files, limits.disk * MB // 2

    def __enter__(self) -> str:
        self._name = tempfile.mkdtemp(prefix="seglab-grade-")
        folder = Path(self._name)
        folder.chmod(0o711)
        for inside in ("home", "root"):
            (folder / inside).mkdir(mode=0o755)
        for name, file in self._files.items():
            size = file.stat().st_size
            if size <= self._left:
                target = folder / "home" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
                self._left -= size
        return self._name

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._name, ignore_errors=True)


def _outcome(message: Mapping[str, Any]) -> Outcome:
    error = message["error"]
    if error is not None:
        kind, said, unwritten = (*error, False)[:3]
        error = (_text(kind), _text(said), unwritten is True)
    return Outcome(message["value"], tuple(map(_text, message["changed"]))[:20], error)


def _text(value: Any) -> str:
    return str(value)[:1000] if isinstance(value, str) else ""


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            total += file.lstat().st_size
    return total
