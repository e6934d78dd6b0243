"""A lab as one HTML file: the board of the notebook, fed from stored frames."""

import html
import json
import sys
import zlib
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from seglab._text import sentence
from seglab.board import assets
from seglab.files import AS_THE_READER, THEMES, Limits, Look, Output, Plan
from seglab.lab import Code, Control, Run, State
from seglab.page import _pane_records, _tour
from seglab.page._charts import Charts
from seglab.page._planes import Store
from seglab.page._units import in_units
from seglab.paper import alt, png, said, still
from seglab.types import Progress

# A slide shows about as many pixels.
LIMITS = Limits(budget=200, most=2000, enough=256, explored=True, themes=THEMES)

# What a security policy adds for the scripts of a page that computes: WebAssembly, and a worker.
COMPUTING = "'wasm-unsafe-eval'; worker-src blob:"

_HERE = Path(__file__).parent
_SCRIPT = _HERE / "start.js"
_WIDE, _HIGH = 1000, 900  # units of the poster, fit for a sheet of paper
_FINE = 2  # pixels of the poster's unit: sharp on paper
_KINDS = ("pane", "number")


class NothingComputedError(ValueError):
    """Refusal of a page that computes, of a lab of which no pane can be compiled."""


def write(plan: Plan, path: Path, px: int | None, progress: Progress, look: Look) -> None:
    """Write the page; see seglab.save."""
    path.write_text(document(plan, px, progress, look), encoding="utf-8", newline="\n")


def document(
    plan: Plan,
    px: int | None = None,
    progress: Progress = lambda done, total: None,
    look: Look = AS_THE_READER,
) -> str:
    """The page as text. It loads nothing, and runs no script but its own.

    The script is "async": it draws the first picture before the browser has read the runtime of a
    page that computes, which lies behind it.
    """
    store = Store()
    poster = _poster(plan)  # first: later the memory of the start, a training say, is gone
    if look.live:
        from seglab.page import _live  # late: it needs an extra

        live = _live.compiled(plan, progress)  # before what is stored: it may refuse
    lab = {**_declaration(plan, look), **_content(plan, store, px, progress)}
    lab["blobs"], planes = _join(store)
    later, entry, sheets, more = "", _SCRIPT, _sheets(), ""
    if look.live:
        lab["compiled"], later = live.table, _blocks(live.blocks)
        entry, sheets = _live.SCRIPT, [*sheets, _live.STYLE]
        more = f" {COMPUTING}"
    script, style = assets.join(entry), in_units("\n".join(sheets))
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src '{hash_of(style)}'; script-src '{hash_of(script)}'{more}"
    )
    stored = _blocks({"seglab-stored": _packed(lab), "seglab-planes": planes})
    title, summary = html.escape(plan.lab.title), html.escape(plan.lab.summary)
    theme = "" if look.theme == "auto" else f' data-theme="{look.theme}"'
    return f"""<!doctype html>
<html lang="en"{theme}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main class="seglab-lab seglab-page" data-prevent-swipe>
<header class="seglab-head"><h1>{title}</h1>{f"<p>{summary}</p>" if summary else ""}</header>
{poster}
</main>
{stored}<script type="module" async>{script}</script>
{later}</body>
</html>
"""


def frame_bytes(plan: Plan) -> int:
    """Bytes of what every page has, whatever it stores: its script, its style, its poster."""
    parts = assets.join(_SCRIPT), *_sheets(), _poster(plan)
    return sum(len(part.encode()) for part in parts)


def _sheets() -> list[str]:
    return [assets.STYLE, assets.INPUTS, (_HERE / "page.css").read_text(encoding="utf-8")]


def hash_of(text: str) -> str:
    """The hash by which a page's security policy lets a script or a style in."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _blocks(texts: Mapping[str, str]) -> str:
    """Blocks of text that a page holds, by their id."""
    return "".join(
        f'<script type="application/octet-stream" id="{name}">{text}</script>\n'
        for name, text in texts.items()
    )


def _packed(value: Any) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return b64encode(packer.compress(text.encode()) + packer.flush()).decode()


def _join(store: Store) -> tuple[list[list[int]], str]:
    """The place of each plane in the joined base64 text, with what undoes its filter; the text."""
    table, texts, place = [], [], 0
    for blob in store.blobs:
        text = b64encode(blob.data).decode()
        table.append([place, place + len(text), *blob[1:]])
        place += len(text)
        texts.append(text)
    return table, "".join(texts)


# The lab


def _declaration(plan: Plan, look: Look) -> dict[str, Any]:
    pixel, size = next(((n, c.size) for n, c in plan.lab.controls.items() if c.size), ("", (0, 0)))
    told = _tour.told(plan)
    apart = {pixel, *(control["name"] for control in told)}
    fixed = [
        f"{plan.lab.controls[name].label or name}: {plan.lab.controls[name].words(value)}"
        for name, value in plan.fixed.items()
        if name not in apart
    ]
    return {
        "controls": [
            _control(name, plan.lab.controls[name], values, plan.start[name])
            for name, values in plan.varied.items()
        ],
        "idle": list(_idle(plan)),
        "fixed": " · ".join(fixed),
        "stands": [[n, plan.lab.controls[n].spelling(value)] for n, value in plan.fixed.items()],
        "told": told,
        "tour": {"steps": _tour.steps(plan), "clicker": look.tour},
        "pixel": {"at": list(plan.start[pixel]), "size": list(size)} if pixel else None,
    }


def _idle(plan: Plan) -> Iterable[dict[str, Any]]:
    """For each control without effect at times, 1 or 0 in each state of those that decide it."""
    numbers = {name: number for number, name in enumerate(plan.varied)}
    names = tuple(name for name in plan.varied if name in plan.lab.conditional)
    idle = [plan.lab.idle(state) for state in plan.combinations(names)]
    for name in names:
        shown = [int(name in without) for without in idle]
        if any(shown):
            reach = [numbers[other] for other in names]
            yield {"name": name, "control": numbers[name], "reach": reach, "shown": shown}


def _control(name: str, control: Control, values: tuple[Any, ...], start: Any) -> dict[str, Any]:
    widget = control.widget(values)
    return {
        "name": name,
        "label": control.label or name,
        "kind": widget.kind,
        "texts": list(widget.texts),
        "spelled": [control.spelling(value) for value in values],
        "start": values.index(start),
        "play": widget.play,
        "values": _places(widget.kind, control, values),
    }


def _places(kind: str, control: Control, values: tuple[Any, ...]) -> list[Any]:
    """The values that a toggle's box and a click are compared with; none for other kinds."""
    if kind == "toggle":
        return [int(value) for value in values]
    return [control.key(value) for value in values] if kind == "pixel" else []


def _content(plan: Plan, store: Store, px: int | None, progress: Progress) -> dict[str, Any]:
    """The outputs in each state; equal panes are stored once."""
    shown: dict[Output, dict[int, Any]] = {output: {} for output in plan.outputs}
    panes: dict[str, int] = {}
    problems: dict[str, tuple[int, str]] = {}  # what failed, whichever pane it was seen in

    def put(output: Output, run: Run) -> int | list[str]:
        try:
            if output.kind == "number":
                value = run.numbers[output.name]
                return [str(value), *(["code"] if isinstance(value, Code) else [])]
            record = _pane_records.pane(output.name, run.panes[output.name], store, px)
        except Exception as error:  # as in the notebook: a sentence, and the pictures stay
            problem = problems.setdefault(str(error), (len(problems), sentence(error)))
            return -1 - problem[0]
        return panes.setdefault(json.dumps(record, ensure_ascii=False, allow_nan=False), len(panes))

    states = list(plan.distinct_states(plan.of_kind("pane", "number")))
    total = len(states) + len(plan.outside())
    run = plan.run()
    for done, (state, outputs) in enumerate(states):
        progress(done, total)
        run = run.step(**state)
        for output, index in outputs:
            shown[output][index] = put(output, run)
    drawn = Charts(plan)

    def beside(state: State) -> dict[str, list[Any]]:
        nonlocal run, done
        done += 1
        progress(done, total)
        run = run.step(**state)
        parts = {f"{kind}s": [put(o, run) for o in plan.of_kind(kind)] for kind in _KINDS}
        return {**parts, "charts": drawn.at(state)}

    extras = _tour.extras(plan, beside)
    progress(total, total)
    sentences = [words for _, words in problems.values()]
    for problem in sentences:
        print(f"In some states the slide only says: {problem}", file=sys.stderr)
    places = {name: place for place, name in enumerate(plan.varied)}

    def table(kind: str) -> list[dict[str, Any]]:
        return [
            {
                "name": output.name,
                "reach": [places[name] for name in output.depends_on],
                "shown": [shown[output][index] for index in plan.table(output)],
            }
            for output in plan.of_kind(kind)
        ]

    return {
        "panes": table("pane"),
        "numbers": table("number"),
        "pictures": [json.loads(record) for record in panes],
        "problems": sentences,
        "extras": extras,
        "charts": drawn.tables(places),
    }


# The poster, for paper and for where no script runs


def _poster(plan: Plan) -> str:
    run = plan.run()
    picture = still(run, heading=False, grow=False, width=_WIDE, height=_HIGH, scale=_FINE)
    source = f"data:image/png;base64,{b64encode(png(picture)).decode()}"
    width, height = (round(side / _FINE) for side in picture.shape[1::-1])
    state = ", ".join(f"{name} {value}" for name, value in said(run))
    return (
        '<section class="seglab-poster">'
        f'<img alt="{html.escape(alt(run))}" src="{source}" width="{width}" height="{height}">'
        f"<p>{html.escape(state)}</p>"
        "<p>One state of the lab: its controls move on a screen, where scripts may run.</p>"
        "</section>"
    )
