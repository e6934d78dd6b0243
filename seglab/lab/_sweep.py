"""A chart as data: a number of the lab against one of its controls."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isnan
from types import FunctionType
from typing import TYPE_CHECKING, Any

from seglab.lab._wiring import itself, of

if TYPE_CHECKING:
    from seglab.lab._declaration import Lab
    from seglab.lab._run import Run


def mean(values: Sequence[float]) -> float:
    """The mean of the values that are numbers; NaN where none is."""
    numbers = [float(value) for value in values if not isnan(value)]
    return sum(numbers) / len(numbers) if numbers else float("nan")


class Sweep:
    """A chart of a number against a control, drawn by moving the control over its values.

    function: of controls and stages, or a stage's name alone; gives a number, or name -> number
        for one line each.
    over: the control on the x axis. lines: a control with a line for each of its values.
    repeat: (control, n): each point is `combine` of what its first n values give, the mean unless
        given. fix: control -> value for the others; they stand as in the lab where not given.
    title: a text, or a function of controls and stages that gives one. x: the words under the
        axis, the control's label unless given. style: as in seglab.draw.plots.lines.
    """

    def __init__(
        self,
        function: Callable[..., Any] | str,
        *,
        over: str,
        lines: str | None = None,
        repeat: tuple[str, int] | None = None,
        combine: Callable[[list[Any]], Any] = mean,
        fix: Mapping[str, Any] | None = None,
        title: str | Callable[..., str] = "",
        x: str = "",
        y: str = "",
        **style: Any,
    ) -> None:
        self.function = of(itself, function) if isinstance(function, str) else function
        self.over = over
        self.lines = lines
        self.repeat = repeat
        self.combine = combine
        self.fix = dict(fix or {})
        self.title = title
        self.x = x
        self.y = y
        self.style = style

    @property
    def swept(self) -> tuple[str, ...]:
        """The controls that the chart moves or fixes itself."""
        names = [self.over, self.lines, self.repeat and self.repeat[0], *self.fix]
        return tuple(name for name in names if name)

    def check(self, lab: "Lab", what: str) -> None:
        """Raise ValueError for controls and values that the lab does not have."""
        try:
            for name in self.swept:
                lab.known(name)
            lab.state(**self._fixed(lab.state()))
            if any(not isinstance(v, int | float) for v in lab.controls[self.over].sweep()):
                raise ValueError(f"over={self.over!r} has values that are no numbers")
            if self.repeat and len(lab.controls[self.repeat[0]].sweep()) < self.repeat[1]:
                raise ValueError(f"repeat={self.repeat!r} asks for more values than it has")
        except ValueError as error:
            raise ValueError(f"lab {lab.title!r}, {what}: {error}") from None

    def draw(self, run: "Run", name: str) -> Any:
        """The figure for the state that the run is in."""
        from seglab.draw import plots

        control = run.lab.controls[self.over]
        series: dict[str, dict[float, float]] = {}
        for line, x, value in self._points(run, name):
            several = value.items() if isinstance(value, Mapping) else [("", value)]
            for part, y in several:
                if not isnan(y):
                    words = ", ".join(word for word in (line, part) if word)
                    series.setdefault(words or self.y, {})[x] = float(y)
        style = {"ticks": control.sweep(), **self.style}
        title = self.title if isinstance(self.title, str) else run.titles[name]
        return plots.lines(
            series, title=title, x=self.x or control.label or self.over, y=self.y, **style
        )

    def _points(self, run: "Run", name: str) -> Iterator[tuple[str, float, Any]]:
        controls = run.lab.controls
        lines = controls[self.lines].sweep() if self.lines else (None,)
        values = controls[self.over].sweep()
        repeated, times = self.repeat or ("", 1)
        seeds = controls[repeated].sweep()[:times] if repeated else (None,)
        fixed = self._fixed(run.state)
        total, done = len(lines) * len(values) * len(seeds), 0
        for x in values:
            for line in lines:
                answers = []
                for seed in seeds:
                    moved = {**fixed, self.over: x}
                    moved |= {self.lines: line} if self.lines else {}
                    moved |= {repeated: seed} if repeated else {}
                    answers.append(run.fork(**moved).swept(name))
                    done += 1
                    run.progress(done, total)
                words = controls[self.lines].words(line) if self.lines else ""
                yield words, x, self._combined(answers) if repeated else answers[0]

    def _fixed(self, state: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value(state[name]) if isinstance(value, FunctionType) else value
            for name, value in self.fix.items()
        }

    def _combined(self, answers: list[Any]) -> Any:
        if not isinstance(answers[0], Mapping):
            return self.combine(answers)
        return {part: self.combine([answer[part] for answer in answers]) for part in answers[0]}
