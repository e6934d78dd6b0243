"""A lab as a PNG: one state as a poster, all of a plan's states on one sheet, or a tour."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from math import ceil
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from seglab.draw import paint
from seglab.draw.picture import Picture
from seglab.files import _images
from seglab.files._forecast import Forecast, Limits
from seglab.files._images import HIGH, WIDE, Shown, shown
from seglab.files._look import Look
from seglab.files._plan import Output, Plan
from seglab.lab import Run
from seglab.paper import sheet, still
from seglab.types import Progress

__all__ = ["LIMITS", "contact", "forecast", "write"]

LIMITS = Limits(budget=1, most=60)

_POSTER, _SHEET = 900, 1400  # units of the page's width
_IN_A_ROW = 5  # panes
_FINE = 2  # pixels of a unit, unless px says otherwise


def forecast(plan: Plan, px: int | None = None) -> Forecast:
    """The size and time of a picture of this width."""

    def weigh(pages: Sequence[Shown]) -> int:
        file = BytesIO()
        _save(_drawn(plan, pages, px, lambda done, total: None), file)
        return len(file.getvalue())

    return _images.forecast(plan, weigh, row=min(_IN_A_ROW, len(plan)))


def write(plan: Plan, path: Path, px: int | None, progress: Progress, _look: Look) -> None:
    """Write a PNG: a state as a poster, all of the plan's states on one sheet, or a tour's steps.

    px: the width of the picture.
    """
    pages = shown(plan) if plan.tour else (Shown(run, (), 1) for run in plan.runs())
    _save(_drawn(plan, pages, px, progress), path)


def _save(page: np.ndarray, file: Path | BytesIO) -> None:
    Pillow.fromarray(page).save(file, "PNG", optimize=True)


def _drawn(plan: Plan, pages: Iterable[Shown], px: int | None, progress: Progress) -> np.ndarray:
    """Draw some of the plan's pages."""
    if plan.tour:
        return strip(plan, pages, px or _SHEET * _FINE, progress)
    if len(plan) > 1:
        return contact(plan, px or _SHEET * _FINE, progress, (page.run for page in pages))
    progress(0, 1)
    (page,) = pages
    drawn = still(page.run, width=_POSTER, scale=(px or 2 * _POSTER) / _POSTER)
    progress(1, 1)
    return drawn


def contact(
    plan: Plan, px: int, progress: Progress, runs: Iterable[Run] | None = None
) -> np.ndarray:
    """Draw all states on one sheet, or some: their panes, and a table of their numbers.

    px: the width of the sheet.
    """
    panes: dict[str, Picture | None] = {}
    still_ones = [output for output in plan.of_kind("pane") if not output.depends_on]
    moving = [output for output in plan.of_kind("pane") if output.depends_on]
    first = plan.run()
    for output in still_ones:
        panes[output.name] = _shown(first, output)
    lines: list[list[str]] = []
    for done, run in enumerate(plan.runs() if runs is None else runs):
        progress(done, len(plan))
        words = _state_words(plan, run)
        for output in moving:
            panes[f"{words}: {output.name}"] = _shown(run, output)
        values = [plan.lab.controls[n].words(run.state[n]) for n in plan.varied]
        lines.append(values + [_number(run, name) for name in plan.lab.numbers])
    progress(len(plan), len(plan))
    labels = [plan.lab.controls[n].label or n for n in plan.varied]
    panes["numbers"] = paint.table([*labels, *plan.lab.numbers], lines)
    fixed = [
        (plan.lab.controls[n].label or n, plan.lab.controls[n].words(value))
        for n, value in plan.fixed.items()
    ]
    return sheet(
        panes,
        title=plan.lab.title,
        summary=plan.lab.summary,
        controls=fixed,
        rows=_rows(panes, len(still_ones), len(lines)),
        width=_SHEET,
        scale=px / _SHEET,
    )


def strip(plan: Plan, pages: Iterable[Shown], px: int, progress: Progress) -> np.ndarray:
    """Draw the steps of a tour in two columns, each with its words; px pixels wide."""
    made: list[np.ndarray] = []
    for run, (caption, *_), _ in pages:
        if not caption.told:
            continue
        progress(len(made), len(plan))
        number = f"{len(made) + 1}. {caption.say}"
        made.append(still(
            run, captions=(caption._replace(say=number),), grow=False,
            heading=not made,  # the title stands once
            width=WIDE, height=HIGH, scale=px // 2 / WIDE,
        ))  # fmt: skip
    progress(len(plan), len(plan))
    rows = [made[at : at + 2] for at in range(0, len(made), 2)]
    return np.concatenate([_beside(row, px) for row in rows])


def _beside(pages: list[np.ndarray], px: int) -> np.ndarray:
    """Pages side by side on white."""
    tall = max(page.shape[0] for page in pages)
    sheet = np.full((tall, px, 3), 255, np.uint8)
    for number, page in enumerate(pages):
        left = number * (px // 2)
        sheet[: page.shape[0], left : left + page.shape[1]] = page
    return sheet


def _rows(panes: dict[str, Picture | None], still_ones: int, states: int) -> list[int]:
    """Rows in which each state's panes stand together, and those that never change come first."""
    tables = sum(isinstance(picture, paint.Table) for picture in panes.values())
    each = (len(panes) - tables - still_ones) // states
    if not each:
        return []
    beside = max(1, min(states, ceil(_IN_A_ROW / each)))
    rows = [still_ones] if still_ones else []
    rows += [each * min(beside, states - start) for start in range(0, states, beside)]
    return rows


def _shown(run: Run, output: Output) -> Picture | None:
    try:
        picture: Picture = run.panes[output.name]
    except Exception:  # an empty pane: this state has none
        return None
    return picture


def _number(run: Run, name: str) -> str:
    try:
        return str(run.numbers[name])
    except Exception:  # likewise
        return "–"


def _state_words(plan: Plan, run: Run) -> str:
    """A state in words: its varied controls, such as 'f 8, shifts 4'."""
    return ", ".join(
        f"{control.label or name} {control.words(run.state[name])}"
        for name, control in ((n, plan.lab.controls[n]) for n in plan.varied)
    )
