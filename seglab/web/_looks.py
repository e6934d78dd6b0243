"""Looks of panes and numbers as plain JSON, in which places stand for what a page computes."""

import json
from base64 import b64encode
from typing import Any

import numpy as np

from seglab.web._compiler import Reason
from seglab.web._tracing import Fork, Problem, Uncompiled
from seglab.web._trees import Slot, Text


def look(kind: str, name: str, outcome: Any) -> Any:
    """The look of an outcome of a Compiler: of a pane with its planes, or of a number."""
    if isinstance(outcome, Fork):
        yes, no = (look(kind, name, one) for one in (outcome.yes, outcome.no))
        return {"$if": ref(outcome.condition), "yes": yes, "no": no}
    if isinstance(outcome, Reason | Problem):
        return {"why": _plain(outcome.text)}
    try:
        found = _plain({**outcome, "name": name} if kind == "pane" else {"said": outcome})
        json.dumps(found, allow_nan=False)
    except (AttributeError, TypeError, ValueError, Uncompiled) as error:
        return {"why": f"it reads numbers of the picture in Python ({type(error).__name__})"}
    return found


def ref(slot: Slot) -> list[int]:
    """A slot as the page names it."""
    return [slot.call, slot.output]


def _plain(value: Any) -> Any:
    if isinstance(value, Slot):
        return {"$ref": ref(value)}
    if isinstance(value, Text):
        return {"$text": [p if isinstance(p, str) else [*ref(p[0]), p[1]] for p in value.pieces]}
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return {"$bytes": b64encode(np.ascontiguousarray(value).tobytes()).decode()}
    return value
