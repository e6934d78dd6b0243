"""Tour of a page: its steps, and the states that they set beside those that vary."""

from collections.abc import Callable
from typing import Any

from seglab._text import pieces
from seglab.files import Plan
from seglab.lab import Control, State

Shown = Callable[[State], dict[str, list[Any]]]


def steps(plan: Plan) -> list[dict[str, Any]]:
    """Each step: its words in pieces, the controls that it sets, where to look, and its state.

    at: the places of the varied controls. extra: the number among the states outside, or -1.
    """
    outside = plan.outside()
    found = []
    for step, stop in plan.stops:
        state = plan.canonical(stop)
        look = [[("", "Look at "), ("b", step.look), ("", ".")]] if step.look else []
        found.append(
            {
                "say": pieces(step.say) + look,
                "then": pieces(step.then),
                "look": step.look,
                "sets": list(step.set),
                "at": _places(plan, state),
                "extra": outside.index(state) if state in outside else -1,
            }
        )
    return found


def told(plan: Plan) -> list[dict[str, Any]]:
    """The controls that only the tour moves, with what they say."""
    found = []
    for name, value in plan.fixed.items():
        control = plan.lab.controls[name]
        if control.size:
            continue  # it is seen in the panes
        values = dict.fromkeys([value, *(state[name] for state in plan.outside())])
        if len(values) > 1:
            texts = [control.words(other) for other in values]
            found.append({"name": name, "label": control.label or name, "texts": texts})
    return found


def extras(plan: Plan, shown: Shown) -> list[dict[str, Any]]:
    """The states outside, in order: what the controls say there, and what is shown.

    off: the varied controls at a value that the page does not have, each with its words.
    """
    pixel = next((name for name, control in plan.lab.controls.items() if control.size), None)
    spoken = told(plan)
    found = []
    for state in plan.outside():
        idle = plan.lab.idle(state)
        off = [
            [number, plan.lab.controls[name].words(state[name])]
            for number, (name, values) in enumerate(plan.varied.items())
            if state[name] not in values
        ]
        said = [plan.lab.controls[one["name"]].words(state[one["name"]]) for one in spoken]
        found.append(
            {
                "at": _places(plan, state),
                "off": off,
                "told": [one["texts"].index(text) for one, text in zip(spoken, said, strict=True)],
                "idle": [number for number, name in enumerate(plan.varied) if name in idle],
                "pixel": list(state[pixel]) if pixel else None,
                **shown(state),
            }
        )
    return found


def _places(plan: Plan, state: State) -> list[int]:
    """The place of each varied control; the nearest, where its value is not among those."""
    return [
        values.index(_nearest(plan.lab.controls[name], values, state[name], plan.start[name]))
        for name, values in plan.varied.items()
    ]


def _nearest(control: Control, values: tuple[Any, ...], wanted: Any, start: Any) -> Any:
    """The value of a control that is nearest in its order; the start where it has none."""
    if wanted in values:
        return wanted
    order = list(control.sweep())
    if wanted not in order or any(value not in order for value in values):
        return start
    return min(values, key=lambda value: abs(order.index(value) - order.index(wanted)))
