"""List of what a page computes of a lab by itself, pane by pane, and of what stands in the way."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from seglab.files import Output, Plan
from seglab.lab import Lab
from seglab.web import Compiler, look


def explained(lab: Lab, vary: Any = None, fix: Mapping[str, Any] | None = None) -> str:
    """A line for each pane and number: compiled, or why not; and in how many of its states.

    vary, fix: as in seglab.save. Raises ValueError for a lab that looks at no picture.
    """
    compiler, plan = Compiler(lab), Plan(lab, vary, fix)
    outputs = plan.of_kind("pane", "number")
    found: dict[Output, Counter[str]] = {output: Counter() for output in outputs}
    reached = [o for o in outputs if compiler.reaches((o.kind, o.name))]
    for state, new in plan.distinct_states(reached):
        for output, _ in new:
            outcome = compiler.outcome((output.kind, output.name), state)
            found[output][_why(look(output.kind, output.name, outcome))] += 1
    wide = max(len(output.name) for output in outputs)
    lines = [f"{lab.title}: a picture of your own takes the place of {compiler.image!r}."]
    for output, counts in found.items():
        said = "stays: the picture has no say in it" if output not in reached else _said(counts)
        lines.append(f"{output.kind:6}  {output.name:{wide}}  {said}")
    return "\n".join(lines)


def _why(shown: Any) -> str:
    """Reason for which a look is stored; empty for one that is computed."""
    if not isinstance(shown, dict) or "why" not in shown:
        return ""
    why = shown["why"]
    return why if isinstance(why, str) else "".join(p for p in why["$text"] if isinstance(p, str))


def _said(counts: Counter[str]) -> str:
    total = counts.total()
    if counts[""] == total:
        return "compiled"
    reasons = "; ".join(
        why if count == total else f"{why} ({count} of {total} states)"
        for why, count in counts.most_common()
        if why
    )
    return f"stored: {reasons}" if not counts[""] else f"compiled, but stored where {reasons}"
