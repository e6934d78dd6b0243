"""A lab as a .pptx: one slide to show, and a hidden slide for each other state, joined by buttons.

A button is a link to a slide, which PowerPoint, Keynote and LibreOffice follow without a macro.
"""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image as Pillow

from seglab._text import plain
from seglab.files import _images, optional_dependencies
from seglab.files._forecast import Forecast, Limits
from seglab.files._images import pages, shown
from seglab.files._look import Look
from seglab.files._plan import Plan, fingerprint
from seglab.lab import State
from seglab.paper import alt, line, said, text_layout
from seglab.paper.canvas import BLUE, INK, SHADE, SOFT, WHITE, Colour
from seglab.types import Progress

__all__ = ["LIMITS", "Button", "forecast", "layout", "write"]

LIMITS = Limits(budget=24, most=40)

_INCH = 914_400  # the file's unit is the EMU
_PAGE = 13.333, 7.5  # inches, 16:9
_MARGIN, _HEAD = 0.5, 0.95  # inches: at the sides, and down to the buttons
_WIDE = _PAGE[0] - 2 * _MARGIN
_TALL, _GAP, _ROW = 0.36, 0.1, 0.46  # inches of a button, between two, and of a row of them
_SAY, _FOOT, _A_LINE = 0.34, 0.42, 88  # inches of a line of a caption, and of the foot; letters
_LETTER, _POINTS = 0.105, 13  # inches of a letter, about, and its size
_UNITS, _FINE = 1000, 1.9  # of a page, and pixels of a unit unless px says otherwise
_SLIDE = 9_000  # bytes of a slide beside its picture, about
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


def forecast(plan: Plan, px: int | None = None) -> Forecast:
    """The size and time of slides whose pictures have this width."""
    scale = px / _UNITS if px else _FINE
    height = _units(_tour_room(plan)[1] if plan.tour else _room(layout(plan)[1]))

    slide = cache(_images.slide)

    def weigh(shown: Sequence[_images.Shown]) -> int:
        pages = [slide(page.run, _UNITS, height, scale) for page in shown]
        return sum(map(len, {*pages})) + _SLIDE * len(pages)  # equal pictures are stored once

    return _images.forecast(plan, weigh)


def write(plan: Plan, path: Path, px: int | None, progress: Progress, _look: Look) -> None:
    """Write the slides; px: the width of their pictures."""
    deck = optional_dependencies.need("pptx").Presentation()
    deck.slide_width, deck.slide_height = (round(side * _INCH) for side in _PAGE)
    deck.core_properties.title = text_layout.clean(plan.lab.title)
    deck.core_properties.author = "seglab"
    scale = px / _UNITS if px else _FINE
    if plan.tour:
        add_tour(deck, plan, scale, progress)
    else:
        _add_states(deck, plan, scale, progress)
    deck.save(path)


def _add_states(deck: Any, plan: Plan, scale: float, progress: Progress) -> None:
    buttons, below = layout(plan)
    room = _room(below)
    runs = pages(plan, _UNITS, _units(room), scale, progress)
    runs.sort(key=lambda pair: pair[0].state != plan.start)  # the one that is shown comes first
    slides: dict[tuple[Any, ...], Any] = {}
    looks: dict[tuple[Any, ...], bytes] = {}
    for run, page in runs:
        slide = new_slide(deck, text_layout.clean(plan.lab.title))
        slides[key(run.state)], looks[key(run.state)] = slide, fingerprint(run)
        if run.state != plan.start:
            slide._element.set("show", "0")
        add_picture(slide, page, below, (_WIDE, room), alt(run))
        slide.notes_slide.notes_text_frame.text = f"{_NOTE}\n{line(run)}"
    for run, _ in runs:
        slide = slides[key(run.state)]
        _labels(slide, plan, buttons)
        for button in buttons:
            there = key(plan.canonical({**run.state, button.control: button.value}))
            here = button.value == run.state[button.control]
            if here or not _repeats(plan, run.state, button, looks):
                _button(slide, button, slides[there], here)


def _repeats(plan: Plan, state: State, button: Button, looks: dict[tuple[Any, ...], bytes]) -> bool:
    """Tell whether a value shows what this slide or the button before it shows.

    A control without effect keeps its buttons: all of them lead to this slide.
    """
    if button.control in plan.lab.idle(state):
        return False
    values = plan.values[button.control]
    before = values[max(0, values.index(button.value) - 1)]

    def look(value: Any) -> bytes:
        return looks[key(plan.canonical({**state, button.control: value}))]

    same = [state[button.control], *([before] if before != button.value else [])]
    return look(button.value) in map(look, same)


def add_tour(deck: Any, plan: Plan, scale: float, progress: Progress) -> None:
    """Two slides for each step of the tour: what to try, and what is then to be seen."""
    top, room = _tour_room(plan)
    total = 2 * len(plan)
    for done, (run, (caption, *_), _) in enumerate(shown(plan)):
        progress(done, total)
        title = f"{text_layout.clean(plan.lab.title)} · {done // 2 + 1} of {len(plan)}"
        slide = new_slide(deck, title)
        box = (_MARGIN, _HEAD, _WIDE, _high(caption.say))
        add_words(slide, caption.say, box, 18, bold=True)
        if caption.told:
            below = _HEAD + _high(caption.say) + 0.06
            _bar(slide, below, _high(caption.then))
            box = (_MARGIN + 0.2, below, _WIDE - 0.2, _high(caption.then))
            add_words(slide, caption.then, box, 18)
        page = _images.slide(run, _UNITS, _units(room), scale)
        add_picture(slide, page, top, (_WIDE, room), alt(run))
        state = " · ".join(f"{name} {value}" for name, value in said(run))
        add_words(slide, state, (_MARGIN, _PAGE[1] - _FOOT, _WIDE, _FOOT), 11, colour=SOFT)
        told = caption.then if caption.told else f"{caption.say}\nThe next slide: {caption.then}"
        slide.notes_slide.notes_text_frame.text = f"{told}\n{line(run)}"
    progress(total, total)


def _room(below: float) -> float:
    """The height that buttons leave for a picture, in inches."""
    return _PAGE[1] - below - 0.3


def _tour_room(plan: Plan) -> tuple[float, float]:
    """Top of the picture of a tour's step, and the height that its words leave for it."""
    most = max(_high(plain(step.say)) + _high(plain(step.then)) for step, _ in plan.stops)
    top = _HEAD + most + 0.15
    return top, _PAGE[1] - top - _FOOT


def _units(height: float) -> int:
    """A picture's height in inches as units of its width."""
    return round(_UNITS * height / _WIDE)


def _high(text: str) -> float:
    """About how many inches a text of a caption takes."""
    return _SAY * (1 + len(text) // _A_LINE)


def _bar(slide: Any, top: float, tall: float) -> None:
    """A blue bar beside what is to be seen."""
    enum = optional_dependencies.need("pptx").enum
    bar = slide.shapes.add_shape(enum.shapes.MSO_SHAPE.RECTANGLE, *_emu(_MARGIN, top, 0.05, tall))
    bar.fill.solid()
    bar.fill.fore_color.rgb = _rgb(BLUE)
    bar.line.fill.background()
    bar.shadow.inherit = False


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


def new_slide(deck: Any, text: str) -> Any:
    """A slide with a title and nothing else."""
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
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
    return slide


def add_picture(slide: Any, page: bytes, top: float, room: tuple[float, float], words: str) -> None:
    """A PNG file on a slide, as large as the room in inches allows; words: what it shows."""
    width, height = Pillow.open(io.BytesIO(page)).size
    scale = min(room[0] / width, room[1] / height)
    picture = slide.shapes.add_picture(
        io.BytesIO(page), *_emu(_MARGIN, top, width * scale, height * scale)
    )
    picture._element.nvPicPr.cNvPr.set("descr", words)


def add_words(slide: Any, text: str, box: tuple[float, ...], points: int, **look: Any) -> None:
    """A text on a slide, in a box (left, top, width, height) in inches; look: bold, colour."""
    frame = slide.shapes.add_textbox(*_emu(*box)).text_frame
    frame.text = text_layout.clean(text)
    frame.word_wrap = True
    font = frame.paragraphs[0].font
    font.size, font.bold = points * 12_700, look.get("bold", False)
    font.color.rgb = _rgb(look.get("colour", INK))
    _tight(frame)
    frame.vertical_anchor = optional_dependencies.need("pptx").enum.text.MSO_ANCHOR.TOP


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
