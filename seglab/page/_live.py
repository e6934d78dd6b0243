"""Parts of a page that computes by itself, for a picture of the visitor's own."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from seglab.files import Output, Plan
from seglab.lab import Lab, State
from seglab.page._page import NothingComputedError
from seglab.types import Progress
from seglab.web import Compiler, look, pack

_SEGLAB = Path(__file__).parents[1]
SCRIPT = _SEGLAB / "web" / "start.js"
STYLE = "\n".join(
    (_SEGLAB / name).read_text(encoding="utf-8") for name in ("web/web.css", "live/camera.css")
)


class Live(NamedTuple):
    """Content of a page that computes: its table, and its blocks of text by their id."""

    table: dict[str, Any]
    blocks: dict[str, str]


def compiled(plan: Plan, progress: Progress = lambda done, total: None) -> Live:
    """Compile the panes and numbers of a plan, and of what only its tour shows.

    Raises NothingComputedError where no pane can be compiled in the first state.
    """
    compiler = Compiler(plan.lab)
    looks: dict[str, int] = {}

    def put(output: Output, state: State) -> int:
        outcome = compiler.outcome((output.kind, output.name), state)
        text = json.dumps(look(output.kind, output.name, outcome), ensure_ascii=False)
        return looks.setdefault(text, len(looks))

    outputs = [o for o in plan.of_kind("pane", "number") if compiler.reaches((o.kind, o.name))]
    shown: dict[Output, dict[int, int]] = {output: {} for output in outputs}
    states = list(plan.distinct_states(outputs))
    for done, (state, new) in enumerate(states):
        progress(done, len(states))
        for output, index in new:
            shown[output][index] = put(output, state)
        if not done:
            panes = {n for o in outputs if o.kind == "pane" for n in shown[o].values()}
            _check_any_computed(plan.lab, [text for text, n in looks.items() if n in panes])
    progress(len(states), len(states))
    places = {name: place for place, name in enumerate(plan.varied)}

    def listed(kind: str) -> list[dict[str, Any] | None]:
        return [
            {
                "reach": [places[name] for name in output.depends_on],
                "shown": [shown[output][index] for index in plan.table(output)],
            }
            if output in shown
            else None
            for output in plan.of_kind(kind)
        ]

    def beside(kind: str, state: State) -> list[int | None]:
        return [put(o, state) if o in shown else None for o in plan.of_kind(kind)]

    extras = [
        {"panes": beside("pane", state), "numbers": beside("number", state)}
        for state in plan.outside()
    ]
    control = plan.lab.controls[compiler.image]
    value = plan.start[compiler.image]
    table, blocks = pack(compiler.program)
    told = {
        "stored": control.words(value),
        "table": table,
        "panes": listed("pane"),
        "numbers": listed("number"),
        "extras": extras,
        "looks": [json.loads(text) for text in looks],
    }
    return Live(told, blocks)


def _check_any_computed(lab: Lab, panes: Sequence[str]) -> None:
    """Raise NothingComputedError where each of these looks, as JSON, says why it is stored."""
    if all("why" in json.loads(text) for text in panes):
        raise NothingComputedError(
            f"no pane of lab {lab.title!r} can be computed in a page; leave live out "
            f"(`seglab save NAME OUT --live --explain` says what stands in the way)"
        )
