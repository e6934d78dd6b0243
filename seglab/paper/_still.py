"""A state of a lab as one still picture: the board without a browser."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image as Pillow

from seglab._text import sentence
from seglab.draw.picture import Picture
from seglab.lab import Code, Run
from seglab.paper import text_layout
from seglab.paper._captions import Caption
from seglab.paper._figures import Point
from seglab.paper._sheet import sheet

_RARE = 96  # of 256 colours
_WHITE = 248  # what is lighter is white


def still(
    run: Run,
    *,
    heading: bool = True,
    captions: Sequence[Caption] = (),
    foot: str = "",
    grow: bool = True,
    width: int = 900,
    height: int = 700,
    scale: float = 1,
) -> np.ndarray:
    """All panes and numbers of a run on a light page, uint8 [H, W, 3].

    heading: with the lab's title and the values of its controls. captions: the words of a tour's
    step, in place of the lab's summary, and those of its other steps. grow, width, height,
    scale: as in seglab.paper.sheet. Where a pane or a number fails, a sentence above the panes says
    why.
    """
    lab = run.lab
    problems: dict[str, str] = {}
    panes: dict[str, Picture | None] = {}
    numbers: list[tuple[str, Any]] = []
    for name in lab.panes:
        try:
            panes[name] = run.panes[name]
        except Exception as error:  # said above the panes, as in the notebook
            problems.setdefault(str(error), sentence(error))
            panes[name] = None
    for name in lab.numbers:
        try:
            numbers.append((name, run.numbers[name]))
        except Exception as error:  # likewise
            problems.setdefault(str(error), sentence(error))
    return sheet(
        panes,
        title=lab.title if heading else "",
        summary=lab.summary if heading and not captions else "",
        captions=captions,
        controls=said(run) if heading else (),
        numbers=[(name, str(value)) for name, value in numbers if not isinstance(value, Code)],
        codes=[(name, str(value)) for name, value in numbers if isinstance(value, Code)],
        notice=" ".join(problems.values()),
        foot=foot,
        point=next(
            (
                Point(run.state[name], control.size)
                for name, control in lab.controls.items()
                if control.size
            ),
            None,
        ),
        grow=grow,
        width=width,
        height=height,
        scale=scale,
    )


def alt(run: Run) -> str:
    """All that is on a run's picture in words."""
    words = [line(run)]
    for name in run.lab.panes:
        try:
            words.append(f"{text_layout.clean(name)}: {text_layout.clean(run.panes[name].alt())}")
        except Exception:  # the picture says why
            words.append(f"{text_layout.clean(name)}: no picture")
    return ". ".join(words)


def line(run: Run) -> str:
    """A run's one line, or its state alone where the lab refuses it."""
    try:
        return text_layout.clean(run)
    except Exception as error:  # the picture says so too
        words = ", ".join(f"{name} {value}" for name, value in said(run))
        return text_layout.clean(f"{run.lab.title} ({words}): {sentence(error)}")


def said(run: Run) -> list[tuple[str, str]]:
    """The controls of a run as a reader sees them: (label, value)."""
    return [
        (control.label or name, control.words(run.state[name]))
        for name, control in run.lab.controls.items()
    ]


def palette(picture: np.ndarray) -> np.ndarray:
    """256 colours for a picture, uint8 [256, 3]: most for what there is much of, some for the rest.

    White is one of them, and nothing else is nearly white: paper stays paper.
    """
    page = Pillow.fromarray(picture)
    thin = Pillow.fromarray(np.ascontiguousarray(picture[::3, ::3]))
    common = thin.quantize(255 - _RARE, Pillow.Quantize.MEDIANCUT)
    rare = page.quantize(_RARE, Pillow.Quantize.FASTOCTREE)  # such as the end of a colour bar
    table = np.array((common.getpalette() or []) + (rare.getpalette() or []), np.uint8)
    table = table.reshape(-1, 3)
    table[(table > _WHITE).all(1)] = 255
    return np.concatenate([table, np.full((256 - len(table), 3), 255, np.uint8)])


def reduced(picture: np.ndarray, colours: np.ndarray) -> Pillow.Image:
    """A picture in the nearest of these colours, with a palette."""
    # Pillow's own mapping to a palette is off by several levels; 32 levels a channel are not.
    red, green, blue = (np.right_shift(picture[..., i], 3, dtype=np.uint16) for i in range(3))
    cells = (red << 10) | (green << 5) | blue
    used = np.flatnonzero(np.bincount(cells.ravel(), minlength=1 << 15))
    middles = (np.stack([used >> 10, used >> 5 & 31, used & 31], 1) * 8 + 4).astype(np.float32)
    table = colours.astype(np.float32)
    away = (table**2).sum(1) - 2 * middles @ table.T  # and the middle's own square
    nearest = np.zeros(1 << 15, np.uint8)
    nearest[used] = away.argmin(1)
    plane = Pillow.fromarray(nearest[cells])
    plane.putpalette(colours.ravel().tolist())
    return plane


def png(picture: np.ndarray) -> bytes:
    """A picture, uint8 [H, W, 3], as a small PNG of at most 256 colours."""
    buffer = io.BytesIO()
    reduced(picture, palette(picture)).save(buffer, "PNG")
    return buffer.getvalue()
