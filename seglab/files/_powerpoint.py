"""A lab as a .pptx: one slide to show, and a hidden slide for each other state, joined by buttons.

A button is a link to a slide, which PowerPoint, Keynote and LibreOffice follow without a macro.
"""

import io
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image as Pillow

from seglab.files import optional_dependencies
from seglab.files._forecast import Limits
from seglab.files._images import forecast, pages
from seglab.files._look import Look
from seglab.files._plan import Plan
from seglab.lab import State
from seglab.paper import alt, line, text_layout
from seglab.paper.canvas import BLUE, INK, SHADE, SOFT, WHITE, Colour
from seglab.types import Progress

__all__ = ["LIMITS", "Button", "forecast", "layout", "write"]

LIMITS = Limits(budget=24, most=40)

_INCH = 914_400  # the file's unit is the EMU
_PAGE = 13.333, 7.5  # inches, 16:9
_MARGIN, _HEAD = 0.5, 0.95  # inches: at the sides, and down to the buttons
_TALL, _GAP, _ROW = 0.36, 0.1, 0.46  # inches of a button, between two, and of a row of them
_LETTER, _POINTS = 0.105, 13  # inches of a letter, about, and its size
_UNITS, _FINE = 1000, 1.9  # of a page, and pixels of a unit unless px says otherwise
_TITLE_ONLY = 5  # the layout of python-pptx's own template that has nothing but a title

_NOTE = (
    "How to use this slide: in the slide show, click a button to change a control; the buttons "
    "lead to hidden slides, one for each state of the lab. The next slide of your talk comes with "
    "the usual keys, from whichever state you are in. To take it into another deck, copy all "
    "slides, the hidden ones too."
)


class Button(NamedTuple):
    """A button: where it stands in inches, its text, and the control and value that it sets."""

    x: float
    y: float
    width: float
    text: str
    control: str
    value: Any


def write(plan: Plan, path: Path, px: int | None, progress: Progress, _look: Look) -> None:
    """Write the slides; px: the width of their pictures."""
    pptx = optional_dependencies.need("pptx")
    buttons, below = layout(plan)
    room = _PAGE[1] - below - 0.3
    wide = _PAGE[0] - 2 * _MARGIN
    height = round(_UNITS * room / wide)
    scale = px / _UNITS if px else _FINE
    made = pages(plan, _UNITS, height, scale, progress, heading=False)
    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = (round(side * _INCH) for side in _PAGE)
    deck.core_properties.title = text_layout.clean(plan.lab.title)
    deck.core_properties.author = "seglab"
    runs = list(zip(plan.runs(), made, strict=True))
    runs.sort(key=lambda pair: pair[0].state != plan.start)  # the one that is shown comes first
    slides = {}
    for run, page in runs:
        slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
        slides[key(run.state)] = slide
        if run.state != plan.start:
            slide._element.set("show", "0")
        _title(slide, text_layout.clean(plan.lab.title))
        _picture(slide, page, below, (wide, room), alt(run))
        slide.notes_slide.notes_text_frame.text = f"{_NOTE}\n{line(run)}"
    for run, _ in runs:
        slide = slides[key(run.state)]
        _labels(slide, plan, buttons)
        for button in buttons:
            there = plan.canonical({**run.state, button.control: button.value})
            here = button.value == run.state[button.control]
            _button(slide, button, slides[key(there)], here)
    deck.save(path)


def key(state: State) -> tuple[Any, ...]:
    """A state as a key."""
    return tuple(state.values())


def layout(plan: Plan) -> tuple[list[Button], float]:
    """The buttons' places, a row or more for each varied control; and the end of the rows."""
    left = _left(plan)
    buttons: list[Button] = []
    y = _HEAD
    for name, values in plan.varied.items():
        texts = [text_layout.clean(plan.lab.controls[name].words(value)) for value in values]
        widths = [max(0.5, 0.35 + _LETTER * len(text)) for text in texts]
        places = text_layout.flow(widths, _PAGE[0] - _MARGIN - left, _GAP)
        for (row, x), width, text, value in zip(places, widths, texts, values, strict=True):
            width = min(width, _PAGE[0] - _MARGIN - left)
            buttons.append(Button(left + x, y + row * _ROW, width, text, name, value))
        y += text_layout.rows(places) * _ROW
    return buttons, y + 0.1


def _left(plan: Plan) -> float:
    """The left edge of the buttons: right of the longest label."""
    longest = max((len(_label(plan, name)) for name in plan.varied), default=0)
    return _MARGIN + min(3.5, _LETTER * longest + 0.25)


def _label(plan: Plan, name: str) -> str:
    return text_layout.clean(plan.lab.controls[name].label or name)


def _emu(*inches: float) -> tuple[int, ...]:
    return tuple(round(length * _INCH) for length in inches)


def _rgb(colour: Colour) -> Any:
    return optional_dependencies.need("pptx").dml.color.RGBColor(*colour)


def _title(slide: Any, text: str) -> None:
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = _emu(
        _MARGIN, 0.25, _PAGE[0] - 2 * _MARGIN, 0.65
    )
    title.text_frame.text = text
    paragraph = title.text_frame.paragraphs[0]
    paragraph.alignment = optional_dependencies.need("pptx").enum.text.PP_ALIGN.LEFT
    paragraph.font.size, paragraph.font.bold = 28 * 12_700, True
    paragraph.font.color.rgb = _rgb(INK)
    _tight(title.text_frame)


def _picture(slide: Any, page: bytes, top: float, room: tuple[float, float], words: str) -> None:
    width, height = Pillow.open(io.BytesIO(page)).size
    scale = min(room[0] / width, room[1] / height)
    picture = slide.shapes.add_picture(
        io.BytesIO(page), *_emu(_MARGIN, top, width * scale, height * scale)
    )
    picture._element.nvPicPr.cNvPr.set("descr", words)


def _labels(slide: Any, plan: Plan, buttons: list[Button]) -> None:
    left = _left(plan)
    for name in plan.varied:
        y = next(button.y for button in buttons if button.control == name)
        box = slide.shapes.add_textbox(*_emu(_MARGIN, y, left - _MARGIN, _TALL))
        box.text_frame.text = _label(plan, name)
        box.text_frame.word_wrap = True  # else the text stands in the middle
        font = box.text_frame.paragraphs[0].font
        font.size, font.color.rgb = _POINTS * 12_700, _rgb(SOFT)
        _tight(box.text_frame)


def _button(slide: Any, button: Button, target: Any, here: bool) -> None:
    enum = optional_dependencies.need("pptx").enum
    shape = slide.shapes.add_shape(
        enum.shapes.MSO_SHAPE.ROUNDED_RECTANGLE,
        *_emu(button.x, button.y, button.width, _TALL),
    )
    shape.name = f"{text_layout.clean(button.control)} = {button.text}"
    shape.click_action.target_slide = target
    shape.fill.solid()
    shape.fill.fore_color.rgb = _rgb(BLUE if here else SHADE)
    shape.line.fill.background()
    shape.shadow.inherit = False
    shape.text_frame.text = button.text
    shape.text_frame.word_wrap = False
    paragraph = shape.text_frame.paragraphs[0]
    paragraph.alignment = enum.text.PP_ALIGN.CENTER
    paragraph.font.size, paragraph.font.bold = _POINTS * 12_700, here
    paragraph.font.color.rgb = _rgb(WHITE if here else INK)
    _tight(shape.text_frame)


def _tight(frame: Any) -> None:
    """Leave no space inside a frame, and center its text in its height."""
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = optional_dependencies.need("pptx").enum.text.MSO_ANCHOR.MIDDLE
