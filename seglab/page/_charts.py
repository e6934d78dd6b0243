"""Charts of a page: one for each state if that is quick, else the one of the start."""

from contextlib import suppress
from time import perf_counter
from typing import Any

from seglab.files import Output, Plan
from seglab.lab import Run, State
from seglab.paper import charts

_TIMES = "milliseconds"  # on the axis of a chart of what was measured
_SECONDS = 20.0  # what takes longer to measure in every state is measured in one


class Charts:
    """The charts of a plan's states as SVG texts, each with a line that says of which state it is.

    That line is empty where a chart follows the controls. An empty text stands for a state without
    a chart.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._one: dict[Output, str] = {}  # of those that are measured once
        self._each: dict[Output, dict[int, str]] = {}
        self._measured: set[str] = set()  # the names of those that show times
        for output in plan.of_kind("chart"):
            started = perf_counter()
            first = self._drawn(plan.run(), output.name)
            states = plan.count(output) + len(plan.outside())
            if (perf_counter() - started) * states > _SECONDS:
                self._one[output] = first
            else:
                self._each[output] = self._all(output)

    def _all(self, output: Output) -> dict[int, str]:
        run = self._plan.run()
        svgs = {}
        for state, ((_, index),) in self._plan.distinct_states([output]):
            run = run.step(**state)
            svgs[index] = self._drawn(run, output.name)
        return svgs

    def at(self, state: State) -> list[str]:
        """Each chart that the page has in a state that is none of those that vary."""
        run = self._plan.run().step(**state)
        return [self._one.get(o) or self._drawn(run, o.name) for o in self._kept()]

    def tables(self, places: dict[str, int]) -> list[dict[str, Any]]:
        """Each chart that the page has; places: the numbers of the varied controls."""
        return [
            {
                "name": output.name,
                "at": self._where(output),
                "reach": [places[name] for name in self._reach(output)],
                "shown": self._shown(output),
            }
            for output in self._kept()
        ]

    def _kept(self) -> list[Output]:
        return [output for output in self._plan.of_kind("chart") if any(self._shown(output))]

    def _shown(self, output: Output) -> list[str]:
        if output in self._one:
            return [self._one[output]]
        return [self._each[output][index] for index in self._plan.table(output)]

    def _reach(self, output: Output) -> tuple[str, ...]:
        return () if output in self._one else output.depends_on

    def _where(self, output: Output) -> str:
        """Of which state a chart is, in words, and whose times it shows."""
        controls, start = self._plan.lab.controls, self._plan.start
        names = output.depends_on if output in self._one else ()
        words = [
            f"{controls[name].label or name} {controls[name].words(start[name])}" for name in names
        ]
        said = f"at {', '.join(words)}" if words else ""
        made = "measured where this page was made" if output.name in self._measured else ""
        return "; ".join(filter(None, [said, made]))

    def _drawn(self, run: Run, name: str) -> str:
        """A chart as SVG; empty where the lab refuses the state or the kind is not drawn."""
        with suppress(Exception):  # the panes of that state say why
            figure = run.charts[name]
            if charts.upright(figure) == _TIMES:
                self._measured.add(name)
            return charts.svg(figure, name)
        return ""
