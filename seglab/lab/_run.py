"""A lab in one state: what is computed, when, and what is remembered."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from seglab.lab._sweep import Sweep
from seglab.lab._wiring import EARLIER, PROGRESS, idle

if TYPE_CHECKING:
    from seglab.lab._declaration import Lab

State = dict[str, Any]
PAST = 3  # values of streams that have begun anew, at most


def silent(done: int, total: int) -> None:
    """Hear of progress and do nothing."""


def patient() -> None:
    """Let the work go on."""


class _Kept:
    """Memory of a step: the value, the values it was made from, and the rest of a stream."""

    def __init__(self, key: tuple[Any, ...], value: Any) -> None:
        self.key = key
        self.value = value
        self.rest: Iterator[Any] | None = None
        self.taken = 0


class Run:
    """A lab in one state. Panes, values and numbers are computed when first asked for.

    `run.panes[name]`, `run.values[stage]`, `run.numbers[name]`, `run.charts[name]`.
    `run.step(f=8)` is the neighbouring run, which recomputes only what the change reaches.
    `run.idle` are the controls that have no effect in this state; they count as at their default.

    pause: called before each function and each value of a stream; it may raise to give the work
    up, and what is half done is then forgotten.
    finish_streams: run a stream to its end; otherwise it stands at its first value until advance().
    """

    def __init__(
        self,
        lab: "Lab",
        state: State,
        memory: dict[Any, _Kept] | None = None,
        progress: Callable[[int, int], None] = silent,
        pause: Callable[[], None] = patient,
        finish_streams: bool = True,
    ) -> None:
        self.lab = lab
        self.state = state
        self.idle = lab.idle(state)
        self.progress = progress
        self._inputs = {
            name: lab.controls[name].default if name in self.idle else value
            for name, value in state.items()
        }
        self._memory = {} if memory is None else memory
        self._pause = pause
        self._finish_streams = finish_streams

    # Made when asked for: a run that held them would hold itself, and what it remembers would stay
    # until Python looks for circles, which it rarely does.

    @property
    def values(self) -> "_Lazy":
        """The values of the stages, by name."""
        return _Lazy(self.lab.values, self._compute)

    @property
    def panes(self) -> "_Lazy":
        """The pictures, by title."""
        return self._parts("pane", self.lab.panes)

    @property
    def numbers(self) -> "_Lazy":
        """The numbers, by name."""
        return self._parts("number", self.lab.numbers)

    @property
    def charts(self) -> "_Lazy":
        """The figures, by the text of their button."""
        return self._parts("chart", self.lab.charts)

    @property
    def titles(self) -> "_Lazy":
        """The titles of the charts, by the text of their button."""
        return self._parts("title", self.lab.charts)

    def _parts(self, kind: str, names: Iterable[str]) -> "_Lazy":
        return _Lazy(tuple(names), partial(self._part, kind))

    def step(self, **changes: Any) -> "Run":
        """The run with these controls changed; it shares what the change does not reach."""
        return self._beside(changes, self._memory)

    def fork(self, **changes: Any) -> "Run":
        """Like step, but what it computes does not push out what this run remembers."""
        return self._beside(changes, dict(self._memory))

    def _beside(self, changes: State, memory: dict[Any, _Kept]) -> "Run":
        state = self.lab.state(**{**self.state, **changes})
        return Run(self.lab, state, memory, self.progress, self._pause, self._finish_streams)

    def swept(self, chart: str) -> Any:
        """The number that a Sweep draws for this state."""
        progress, self.progress = self.progress, silent  # the sweep counts states itself
        try:
            return self._compute(("chart", chart))
        finally:
            self.progress = progress

    def advance(self) -> bool:
        """Take the next value of each stream; False when none has one left."""
        moved = []
        for name in self.lab.streams:
            self._compute(name)
            moved.append(self._next(name))
        return any(moved)

    def restart(self) -> None:
        """Let the streams begin again."""
        for name in self.lab.streams:
            self._keep_past(name)
            self._memory.pop(name, None)

    @property
    def started(self) -> bool:
        """True if a stream has left its first value."""
        return any(kept.taken for kept in self._streams())

    @property
    def finished(self) -> bool:
        """True if no stream is known to have a value left."""
        return all(kept.rest is None for kept in self._streams())

    def _streams(self) -> list[_Kept]:
        return [self._memory[name] for name in self.lab.streams if name in self._memory]

    def _part(self, kind: str, name: str) -> Any:
        """A pane, number or chart; an error says in which it happened, and in which state."""
        try:
            if kind == "number" and self.lab.numbers[name] is idle:
                return self._idle_words()
            if kind == "chart" and isinstance(self.lab.charts[name], Sweep):
                return self.lab.charts[name].draw(self, name)
            return self._compute((kind, name))
        except Exception as error:
            where = f"in {kind} {name!r} of lab {self.lab.title!r} with {self.words()}"
            if where not in getattr(error, "__notes__", []):
                error.__notes__ = [*getattr(error, "__notes__", []), where]
            raise

    def _idle_words(self) -> str:
        controls = self.lab.controls
        return ", ".join(controls[name].label or name for name in self.idle) or "none"

    def _compute(self, name: Any) -> Any:
        step = self.lab.steps[name]
        for stream in step.streams:
            self._compute(stream)
        key = (
            *(self._inputs[control] for control in step.inputs),
            *(self._memory[stream].taken for stream in step.streams),
        )
        kept = self._memory.get(name)
        if kept is None or kept.key != key:
            inputs = {
                argument: self._inputs[n] if n in self._inputs else self._compute(n)
                for argument, n in step.needs.items()
            }
            if step.progress:
                inputs[PROGRESS] = self.progress
            if step.earlier:
                inputs[EARLIER] = self._past(step.streams)
            self._pause()
            kept = _Kept(key, step.function(**inputs))
            if name in self.lab.streams:
                self._begin(name, kept)
            elif isinstance(name, tuple):
                kept.value = self._checked(name[0], name[1], kept.value)
            self._memory[name] = kept
        while self._finish_streams and kept.rest is not None:
            self._next(name)
        return kept.value

    def _checked(self, kind: str, name: str, value: Any) -> Any:
        """The value of a pane or chart as a picture or a figure; TypeError for anything else."""
        where = f"lab {self.lab.title!r}, {kind} {name!r}"
        if kind == "pane" and not hasattr(value, "header"):
            from seglab.draw import paint

            try:
                return paint.auto(value)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{where}: {error}") from None
        sweeps = kind == "chart" and isinstance(self.lab.charts[name], Sweep)
        if kind == "chart" and not sweeps and not hasattr(value, "to_plotly_json"):
            module = type(value).__module__.partition(".")[0]
            raise TypeError(
                f"{where} gives a {type(value).__name__} of {module}; give a Plotly figure, such "
                f"as seglab.draw.plots.lines(...), or declare a Sweep"
            )
        return value

    def _begin(self, name: str, kept: _Kept) -> None:
        kept.rest = kept.value
        try:
            kept.value = next(kept.value)
        except StopIteration:
            raise ValueError(
                f"lab {self.lab.title!r}, stage {name!r} ended without a value; "
                f"let it yield at least once"
            ) from None
        self._keep_past(name)

    def _keep_past(self, name: str) -> None:
        """Keep what a live stream gave last before it begins anew."""
        kept = self._memory.get(name)
        if kept is not None and kept.taken and not self._finish_streams:
            past = (*self._past((name,)), kept.value)[-PAST:]
            self._memory[EARLIER, name] = _Kept((), past)

    def _past(self, streams: Iterable[str]) -> tuple[Any, ...]:
        kept = (self._memory.get((EARLIER, name)) for name in streams)
        return tuple(value for one in kept if one for value in one.value)

    def _next(self, name: str) -> bool:
        kept = self._memory[name]
        if kept.rest is None:
            return False
        self._pause()
        try:
            kept.value = next(kept.rest)
        except StopIteration:
            kept.rest = None
            return False
        except BaseException:
            # A generator that has raised is over: what it gave so far is no final value.
            self._memory.pop(name, None)
            raise
        kept.taken += 1
        return True

    def words(self) -> str:
        """The state as Python spells it."""
        controls = self.lab.controls
        return ", ".join(f"{n}={controls[n].text(value)}" for n, value in self.state.items())

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name} {value}" for name, value in self.numbers.items())
        return f"{self.lab.title}({self.words()}{' | ' if numbers else ''}{numbers})"


class _Lazy(Mapping[str, Any]):
    """A mapping whose values are computed on access."""

    def __init__(self, names: tuple[str, ...], compute: Callable[[Any], Any]) -> None:
        self._names = names
        self._compute = compute

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(f"there is no {name!r}; there are {', '.join(self._names) or 'none'}")
        return self._compute(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names  # Mapping's own would compute the value

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return repr(dict(self))
