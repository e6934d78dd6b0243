"""A lab compiled for a page: what lies downstream of the visitor's picture, state by state."""

from collections.abc import Callable
from typing import Any, NamedTuple

from seglab.draw import paint
from seglab.lab import Lab, State, image_control
from seglab.user_photo import Visitor
from seglab.web._records import record
from seglab.web._tracing import Fork, Problem, Program, Tracer, Uncompiled
from seglab.web._trees import Deferred, has_unknown, slots

Name = tuple[str, str]  # kind and name of an output


class Reason(NamedTuple):
    """The sentence that says why an output is not compiled."""

    text: str


class Compiler:
    """Compiler of a lab's panes and numbers, for one state after the other.

    `image` is the control that the visitor's picture takes the place of; empty: there is none.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.image = image_control(lab)
        self._tracer = Tracer()
        self._visitor = Visitor("your picture", self._tracer.square)
        self._values: dict[Any, Any] = {}

    @property
    def program(self) -> Program:
        """Graphs, weights and calls of all that was compiled so far."""
        return self._tracer.program

    def reaches(self, output: Name) -> bool:
        """Tell whether the picture has a say in a pane or a number."""
        return self.image in self.lab.steps[output].reach

    def outcome(self, output: Name, state: State) -> Any:
        """Outcome of a pane or number in a state: a tree with slots, a Fork, a Problem or a Reason.

        A pane's value is the record of a picture, whose plane is a slot.
        """
        inputs = self._inputs(state)
        try:
            return self._value(output, inputs)
        except Uncompiled as error:
            return Reason(str(error))

    def _inputs(self, state: State) -> State:
        state = {**state, self.image: self._visitor}
        idle = self.lab.idle(state)
        controls = self.lab.controls
        return {name: controls[name].default if name in idle else v for name, v in state.items()}

    def _value(self, name: Any, inputs: State) -> Any:
        step = self.lab.steps[name]
        key = name, tuple(inputs[control] for control in step.reach)
        if key not in self._values:
            self._values[key] = self._computed(name, inputs)
        value = self._values[key]
        if isinstance(value, Reason):
            raise Uncompiled(value.text)
        return value

    def _computed(self, name: Any, inputs: State) -> Any:
        step = self.lab.steps[name]
        if step.streams:
            return Reason("it goes on with a stream, such as a training")
        try:
            given = {
                argument: inputs[n] if n in inputs else self._value(n, inputs)
                for argument, n in step.needs.items()
            }
            function = _finished(step.function, name, step.progress)
            visits = any(v is self._visitor for v in given.values())
            if not (slots(given) or visits or has_unknown(given)):
                return function(**given)
            outcome = self._tracer.called(function, given, name)
        except Uncompiled as error:
            return Reason(str(error))
        if isinstance(name, str) and isinstance(outcome, Fork | Problem):
            return Deferred(function, given)
        return outcome


def _finished(function: Callable[..., Any], name: Any, progress: bool) -> Callable[..., Any]:
    """The function with what the lab itself adds to it."""

    def run(**inputs: Any) -> Any:
        if progress:
            inputs["progress"] = lambda done, total: None
        value = function(**inputs)
        if isinstance(name, tuple) and name[0] == "pane":
            return record(paint.auto(value))
        if isinstance(name, tuple) and name[0] == "number" and not isinstance(value, str):
            return str(value)
        return value

    return run
