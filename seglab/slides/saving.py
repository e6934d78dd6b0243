"""save(): a lab in a file, by the file's suffix."""

import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from seglab import device
from seglab._files import atomic
from seglab._progress import bar
from seglab.lab import Lab
from seglab.slides import stills
from seglab.slides.plan import Forecast, Plan, Vary
from seglab.types import Progress

COMFORTABLE = 5_000_000  # bytes of a file that nobody asked for in particular: a deck holds several
_ENOUGH = 256  # pixels of a picture on a slide, which shows about as many

# suffix -> "module:function" of a writer, function(plan, path, px, progress)
WRITERS = {
    ".html": "seglab.slides.page:write",
    ".gif": "seglab.slides.stills:write_gif",
    ".mp4": "seglab.slides.film:write",
    ".png": "seglab.slides.stills:write",
    ".pptx": "seglab.slides.powerpoint:write",
}


def save(
    lab: Lab,
    path: str | os.PathLike[str],
    vary: Vary | None = None,
    fix: Mapping[str, Any] | None = None,
    px: int | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write a lab to a file that needs no kernel and no network; the suffix says what it is.

    lab: a Lab; or what show() gave, whose controls then say where it starts, and where the rest
        stands still.
    vary: control -> values, such as {"f": [2, 4, 8]}, or names of controls; seglab.slides.plan.
    fix: control -> value. px: the longest side of a stored picture, in pixels; of what has whole
        pages (.png, .gif, .mp4, .pptx), a page's width. Where neither vary nor px is given, both
        are chosen so that the file stays small; a .png is then one state.
    force: also write more than 2,000 states (200 in a .gif, 60 on a .png, 40 in a .pptx) or 20 MB.
    progress: called as progress(done, total); a bar unless given.
    The states, size and time to expect are said first. The file is written whole or not at all.
    Raises ValueError for a suffix, control or value that is not there, and for too much.
    """
    path = Path(path).expanduser()
    write = _writer(path)
    if px is not None and (isinstance(px, bool) or not isinstance(px, int) or px < 16):
        raise ValueError(f"px={px!r}; give the longest side in pixels, a whole number from 16")
    lab, start, fix = _as_lab(lab, vary, fix or {})
    device.share_cores()
    suffix = path.suffix.lower()
    if suffix in stills.FILES:
        plan = Plan(lab, vary, fix, stills.FILES[suffix].budget, start)
        plan.check(force=force, most=stills.FILES[suffix].most, what=f"a {suffix} file")
        forecast = stills.forecast(plan, px)
        stills.check(forecast, force)
    else:
        plan, forecast, px = _page(lab, vary, fix, start, px, force)
    said = [f"{n} = {lab.controls[n].text(v)}" for n, v in plan.fixed.items()]
    said += [f"px = {px}"] if px else []
    print(f"{path.name}: {forecast}; fixed: {', '.join(said) or 'nothing'}", file=sys.stderr)
    with atomic(path) as unfinished, bar("state", progress) as tell:
        write(plan, unfinished, px, tell)
    return path


def _page(
    lab: Lab,
    vary: Vary | None,
    fix: Mapping[str, Any],
    start: Mapping[str, Any],
    px: int | None,
    force: bool,
) -> tuple[Plan, Forecast, int | None]:
    """The states of a page, and the pixels of its pictures."""
    plan = Plan(lab, vary, fix, start=start)
    plan.check(force=force)
    forecast = plan.forecast(px=px)
    while vary is None and forecast.bytes > COMFORTABLE and plan.budget > 8:
        if px is None:
            px = _ENOUGH
        else:
            plan = Plan(lab, vary, fix, plan.budget // 2, start)
        forecast = plan.forecast(px=px)
    plan.check(forecast, force=force)
    return plan, forecast, px


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


def _writer(path: Path) -> Callable[[Plan, Path, int | None, Progress], None]:
    if path.suffix.lower() not in WRITERS:
        raise ValueError(
            f"{path.name!r} ends in {path.suffix!r}; a lab is saved as {', '.join(WRITERS)}"
        )
    if not path.parent.is_dir():
        raise ValueError(f"there is no folder {str(path.parent)!r}; make it first")
    if path.is_dir():
        raise ValueError(f"{str(path)!r} is a folder; give the name of a file")
    module, _, function = WRITERS[path.suffix.lower()].partition(":")
    found: Callable[[Plan, Path, int | None, Progress], None] = getattr(
        import_module(module), function
    )
    return found
