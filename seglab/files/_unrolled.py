"""Streams in a file: where nothing goes on running, a control goes over some of their values."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from seglab.controls import Moment
from seglab.lab import Lab, of

SHARES = (0.0, 0.1, 0.25, 0.5, 1.0)  # of the way through a stream; most changes at its beginning
NAME = "moment"


def unrolled(lab: Lab) -> Lab:
    """A lab with each stream as a list of some of its values, and a control, "moment", for which.

    That control stands at the end, where a stream counts; it is called "moment_" where the lab has
    a "moment" of its own. A lab without streams, and one with a Moment, is returned as it is.
    """
    streams = lab.streams
    if not streams or any(isinstance(control, Moment) for control in lab.controls.values()):
        return lab
    name = NAME
    while name in lab.controls or name in lab.stages:
        name += "_"
    stages: dict[str, Any] = {}
    for stage, function in lab.stages.items():
        if stage in streams:
            kept = f"{stage}_{name}s"
            stages[kept] = _listing(function)
            stages[stage] = of(_at, kept, name)
        else:
            stages[stage] = function
    names = " and ".join(stage for stage in lab.stages if stage in streams).replace("_", " ")
    moment = Moment(*SHARES, label=f"{names}, so far")
    return replace(lab, controls={**lab.controls, name: moment}, stages=stages)


def streamed(lab: Lab) -> set[str]:
    """Controls that a stream of a lab depends on, unrolled or not."""
    moments = {name for name, control in lab.controls.items() if isinstance(control, Moment)}
    chosen = [step for step in lab.steps.values() if moments & set(step.needs.values())]
    chosen += [lab.steps[stream] for stream in lab.streams]
    return {name for step in chosen for name in step.reach} - moments


def _listing(function: Callable[..., Any]) -> Callable[..., dict[float, Any]]:
    """Function that runs a stream to its end and gives share -> value."""

    @wraps(function)
    def values(**inputs: Any) -> dict[float, Any]:
        found = list(function(**inputs))
        return {share: found[round(share * (len(found) - 1))] for share in SHARES}

    return values


def _at(values: dict[float, Any], share: float) -> Any:
    return values[share]
