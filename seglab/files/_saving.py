"""save(): a lab in a file, by the file's suffix."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from seglab import device
from seglab._files import atomic
from seglab._progress import bar
from seglab.files import optional_dependencies
from seglab.files._forecast import Forecast, Limits, check_bytes, check_states
from seglab.files._look import Look, check_theme
from seglab.files._plan import Plan, Vary
from seglab.lab import Lab, image_control
from seglab.types import Progress

DEFAULT_MAX_BYTES = 5_000_000  # of a file for which nobody says what varies: a deck holds several
LIVE_MAX_BYTES = 2_500_000  # of what a page stores that carries the runtime besides
_SPELLED = 6  # so many values that are left out are listed one by one

# suffix -> the module that writes such files; by name, so that only one of them is loaded
WRITERS = {
    ".html": "seglab.page",
    ".gif": "seglab.files._gif",
    ".mp4": "seglab.files._video",
    ".png": "seglab.files._png",
    ".pptx": "seglab.files._powerpoint",
}


class Writer(Protocol):
    """A module of WRITERS."""

    LIMITS: Limits

    def forecast(self, plan: Plan, px: int | None) -> Forecast:
        """Judge what the file will hold and cost."""

    def write(
        self, plan: Plan, path: Path, px: int | None, progress: Progress, look: Look, /
    ) -> None:
        """Write the file, and tell how many states are done."""


def save(
    lab: Lab,
    path: str | os.PathLike[str],
    vary: Vary | None = None,
    fix: Mapping[str, Any] | None = None,
    px: int | None = None,
    force: bool = False,
    progress: Progress | None = None,
    theme: str = "auto",
    tour: bool = False,
    live: bool = False,
) -> Path:
    """Write a lab to a file that needs no kernel and no network; the suffix says what it is.

    lab: a Lab; or what show() gave, whose controls then say where it starts, and where the rest
        stands still.
    vary: control -> values, such as {"f": [2, 4, 8]}, or names of controls; seglab.files.Plan. A
        lab with a stream, such as a training, also has "moment": how far it is, 0 to 1.
    fix: control -> value. px: the longest side of a stored picture, in pixels; of what has whole
        pages (.png, .gif, .mp4, .pptx), a page's width. Where neither vary nor px is given, both
        are chosen so that the file stays small; a .png is then one state.
    force: also write more than 2,000 states (200 in a .gif, 60 on a .png, 40 in a .pptx) or 20 MB.
    progress: called as progress(done, total); a bar unless given.
    theme: light, dark, or auto: as the reader's system is.
    tour: the lab's tour: its states in order in place of what varies; a page has both, and then
        the keys of a clicker walk the tour.
    live: a page that computes by itself: a picture of the reader's own takes the place of the
        stored one, and never leaves the page. What cannot be compiled stays as it is stored, and
        says why. It needs the extra `web`, and adds about 5.2 MB.
    The states, size and time to expect are said first, and which values are left out where nobody
    says what varies. The file is written whole or not at all.
    Raises ValueError for a suffix, control, value, theme or tour that is not there, for live where
    there is no picture, and for too much.
    """
    path = Path(path).expanduser()
    writer = _writer(path)
    kind = f"a {path.suffix.lower()} file"
    check_theme(theme, writer.LIMITS.themes, kind)
    if px is not None and (isinstance(px, bool) or not isinstance(px, int) or px < 16):
        raise ValueError(f"px={px!r}; give the longest side in pixels, a whole number from 16")
    lab, start, fix = _as_lab(lab, vary, fix or {})
    if live:
        _check_live(lab, path)
    device.share_cores()
    walked = tour and not writer.LIMITS.explored
    plan = Plan(lab, vary, fix, writer.LIMITS.budget, start, walked)
    if tour:
        plan.need_tour()
    if not force:
        check_states(plan, writer.LIMITS.most, kind)
    forecast = writer.forecast(plan, px)
    enough = writer.LIMITS.enough
    most_bytes = LIVE_MAX_BYTES if live else DEFAULT_MAX_BYTES
    while enough and vary is None and forecast.bytes > most_bytes and plan.budget > 8:
        if px is None:
            px = enough
        else:
            plan = Plan(lab, vary, fix, plan.budget // 2, start)
        forecast = writer.forecast(plan, px)
    if not force:
        check_bytes(plan, forecast)
    said = [f"{n} = {plan.lab.controls[n].text(v)}" for n, v in plan.fixed.items()]
    said += [f"px = {px}"] if px else []
    print(f"{path.name}: {forecast}; fixed: {', '.join(said) or 'nothing'}", file=sys.stderr)
    if vary is None and not walked and plan.varied and (missing := left_out(plan, fix)):
        print(f"Left out: {missing}. To choose, say what varies.", file=sys.stderr)
    with atomic(path) as unfinished, bar("state", progress) as tell:
        writer.write(plan, unfinished, px, tell, Look(theme, tour, live))
    return path


def left_out(plan: Plan, fix: Mapping[str, Any]) -> str:
    """The values of controls that a plan leaves out, but for controls that are fixed."""
    words = []
    for name, control in plan.lab.controls.items():
        values = control.stored(plan.start[name])
        missing = [value for value in values if value not in plan.values[name]]
        if name in fix or not missing:
            continue
        if len(missing) <= _SPELLED:
            words.append(f"{name} = {', '.join(map(control.text, missing))}")
        else:
            words.append(f"{len(missing)} of {len(values)} values of {name}")
    return "; ".join(words)


def _check_live(lab: Lab, path: Path) -> None:
    """Refuse a file that cannot compute, and a lab that looks at no picture."""
    if path.suffix.lower() != ".html":
        raise ValueError(f"live=True is for a page; give {path.with_suffix('.html').name!r}")
    optional_dependencies.need("onnx")
    if not image_control(lab):
        raise ValueError(
            f"lab {lab.title!r} looks at no photograph, mosaic or scene; leave live out"
        )


def _as_lab(
    lab: Any, vary: Vary | None, fix: Mapping[str, Any]
) -> tuple[Lab, Mapping[str, Any], Mapping[str, Any]]:
    """The lab, where it starts, and what is fixed."""
    if isinstance(lab, Lab):
        return lab, {}, fix
    declared, state = getattr(lab, "lab", None), getattr(lab, "state", None)
    if not isinstance(declared, Lab) or not isinstance(state, dict):
        raise TypeError(f"save() takes a Lab, not {type(lab).__name__}; give a lesson's LAB")
    if vary is None:
        return declared, state, fix
    return declared, state, {**{n: v for n, v in state.items() if n not in vary}, **fix}


def _writer(path: Path) -> Writer:
    if path.suffix.lower() not in WRITERS:
        raise ValueError(
            f"{path.name!r} ends in {path.suffix!r}; a lab is saved as {', '.join(WRITERS)}"
        )
    if not path.parent.is_dir():
        raise ValueError(f"there is no folder {str(path.parent)!r}; make it first")
    if path.is_dir():
        raise ValueError(f"{str(path)!r} is a folder; give the name of a file")
    return cast(Writer, import_module(WRITERS[path.suffix.lower()]))
