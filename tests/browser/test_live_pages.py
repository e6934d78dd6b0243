"""Pages that compute: what they show of a visitor's picture is what torch makes of it."""

import base64
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
from helpers import silent
from PIL import ExifTags, Image

from seglab import lessons, save
from seglab.deck import deck
from seglab.files import Plan
from seglab.images import photos
from seglab.lab import Run, image_control
from seglab.page import hash_of
from seglab.user_photo import UserPhoto, Visitor

from .saved import Slide

pytestmark = pytest.mark.browser

# Lab -> what varies in its page. A page holds many more states; these reach each kind of graph.
VARIED = {
    "03": {"s": [1, 2], "transposed": None},
    "04": {"layer": [1, 2]},
    "05": {"shown": ["grass", "brick"]},
    "06": {"softmax": None, "rule": None},
    "07": {"depth": [3, 5], "view": ["labels", "brick"]},
    "08": {"shifts": [5, 64], "sign": None},
    "09": {"f": [4, 8], "view": ["labels", "brick"]},
    "10": {"first": ["nearest", "max unpooling"], "f": [4, 8]},
    "12": {"shift": [0, 3], "gain8": [0, 1]},
    "16": {"threshold": [0.1, 0.5], "behind": None},
    "17": {"layer": [2], "channel": [3], "taken": ["nothing", "this channel"]},
}
SLOW = {"03", "04", "05", "07", "12"}  # whose graphs are much like those of the others
SLOW |= {"17"}  # and whose graphs are many
WHOLE = {"06", "16"}  # the states of the other labs' tours would be compiled besides
# Panes and numbers that no page computes: they need a gradient, the truth, or Python.
STAYS = {
    "04": {
        "connected pixels",
        "gradient",
        "over the edge",
        "without a path",
        "95% of the gradient",
    },
    "06": {"the cut"},
    "07": {"resolution, context, cost"},
    "10": {"stamp and add"},
    "12": {"boundaries", "mean IoU", "boundary IoU"},
}


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """A picture that no page has seen: a photograph that lies on its side, larger than a lab's."""
    import skimage

    folder = Path(skimage.__file__).parent / "data"
    path = tmp_path_factory.mktemp("pictures") / "mine.png"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # turned by a quarter
    Image.open(folder / "chelsea.png").convert("RGB").save(path, exif=exif)
    return path


@pytest.fixture(scope="module")
def page_of(tmp_path_factory):
    """page_of(number): the lab's page, made once."""
    folder = tmp_path_factory.mktemp("live")

    def made(number):
        path = folder / f"{number}.html"
        if not path.exists():
            lab = lessons.find(number)
            if number not in WHOLE:
                lab = replace(lab, tour=(), charts={})
            save(lab, path, vary=VARIED[number], px=64, progress=silent, live=True)
        return path

    return made


def address(plan, state):
    """The part of an address that leads to a state."""
    return "&".join(f"{n}={plan.lab.controls[n].spelling(state[n])}" for n in plan.varied)


def run_with(number, mine, /, **state):
    """The lab in a state, of the visitor's picture."""
    lab, photo = lessons.find(number), UserPhoto.read(mine)
    visitor = Visitor("mine", lambda size: photos.load(photo, size))
    return Run(lab, {**lab.state(**state), image_control(lab): visitor})


class Own(Slide):
    """A page in which a visitor's picture is shown."""

    def step(self):
        return int(self.frame.locator(".seglab-board").get_attribute("data-step") or 0)

    def take(self, path):
        before = self.step()
        self.frame.locator(".seglab-own input[type=file]").set_input_files(path)
        self.until(lambda: self.step() > before or self.notice(), "nothing is shown")

    def go(self, plan, state):
        told = address(plan, state)
        places = " ".join(str(v.index(state[n])) for n, v in plan.varied.items())
        self.page.evaluate("(told) => { location.hash = told; }", told)
        at = self.frame.locator(".seglab-page")
        self.until(lambda: at.get_attribute("data-state") == places, f"{told} is not shown")


def codes(pixels, picture):
    """Distance of each pixel from a Picture, in codes; of colours, in steps of 255."""
    assert pixels.shape[:2] == picture.size
    if picture.kind == "rgb":
        return np.abs(pixels[..., :3].astype(int) - picture.array).max(-1)
    none = picture.array == 255
    palette = picture.palette.astype(int)
    away = np.full(picture.size, 255)
    for shift in (0, 1, -1):
        code = np.clip(picture.array.astype(int) + shift, 0, len(palette) - 1)
        same = (pixels[..., :3] == palette[code]).all(-1) & ~none
        away[same] = np.minimum(away[same], abs(shift))
    away[none & (pixels[..., 3] == 0)] = 0
    return away


def expect(slide, run, stays, where):
    """Panes and numbers are those of a run: labels nearly all, other planes within one code."""
    said = slide.numbers()
    for name in run.numbers:
        if name not in stays:
            assert said[name] == str(run.numbers[name]), (where, name)
    for name in run.panes:
        if slide.pane(name).get_attribute("data-why"):
            assert name in stays, (where, name, slide.pane(name).get_attribute("data-why"))
            continue
        picture = run.panes[name]
        if picture.kind == "diagram":
            told = slide.pane(name).locator("svg > [role=img]").get_attribute("aria-label")
            assert told == f"{name}: {picture.alt()}", where
            if not picture.parts:
                continue
        for which, side in enumerate([side for _, side in picture.parts] or [picture]):
            if side.kind not in ("rgb", "labels", "scalar"):
                continue
            away = codes(slide.pixels(name, which), side)
            if side.kind == "labels":
                assert (away == 0).mean() >= 0.999, (where, name, (away > 0).mean())
            else:
                assert away.max() <= 1, (where, name, away.max())


@pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=[pytest.mark.slow] if n in SLOW else []) for n in VARIED],
)
def test_a_page_computes_what_torch_does(number, page_of, picture, opened):
    page = opened(page_of(number), computes=True)
    slide = Own(page)
    slide.take(picture)
    assert not slide.notice()
    plan = Plan(lessons.find(number), VARIED[number])
    for state in plan.states():
        slide.go(plan, state)
        run = run_with(number, picture, **state)
        expect(slide, run, STAYS.get(number, set()), state)
    page.get_by_role("button", name=re.compile("Back to")).click()
    slide.until(lambda: not page.locator(".seglab-stays").count(), "the stored one is not back")


HURRY = """async ([addresses, wait]) => {
    for (const address of addresses) {
        location.hash = address;
        await new Promise((done) => setTimeout(done, wait));
    }
}"""


def test_addresses_that_come_fast_end_in_the_last_one(page_of, picture, opened):
    """Also while the page computes the neighbours of where it stood."""
    slide = Own(opened(page_of("06"), computes=True))
    slide.take(picture)
    plan = Plan(lessons.find("06"), VARIED["06"])
    first, *_, last = states = list(plan.states())
    for wait in (0, 15, 60):  # milliseconds; the page begins ahead after 40
        slide.page.evaluate(HURRY, [[address(plan, state) for state in states], wait])
        slide.go(plan, last)
        expect(slide, run_with("06", picture, **last), STAYS["06"], wait)
        slide.go(plan, first)


# A file reaches a page on other ways too; each is an event that a browser makes of a hand.
HAND = """([way, name, text]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], name, { type: "image/png" }));
    const more = { bubbles: true, cancelable: true };
    if (way === "paste") {
        document.body.dispatchEvent(new ClipboardEvent("paste", { ...more, clipboardData: files }));
        return;
    }
    const pane = document.querySelector(".seglab-pane .seglab-stage");
    for (const type of ["dragenter", "dragover", "drop"])
        pane.dispatchEvent(new DragEvent(type, { ...more, dataTransfer: files }));
}"""


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_picture_that_is_pasted_or_dropped_is_answered(way, page_of, picture, opened):
    page = opened(page_of("16"), computes=True)
    slide = Own(page)
    before = slide.step()
    text = base64.b64encode(picture.read_bytes()).decode()
    page.evaluate(HAND, [way, picture.name, text])
    slide.until(lambda: slide.step() > before, "nothing is shown")
    expect(slide, run_with("16", picture), set(), way)


def test_a_photograph_is_taken_on_a_click_and_never_leaves_the_page(page_of, opened, whole_browser):
    page = opened(page_of("16"), computes=True, chosen=whole_browser, permissions=["camera"])
    slide = Own(page)
    before = slide.step()
    page.get_by_role("button", name="Camera").click()
    video = "() => document.querySelector('dialog video')?.videoWidth > 0"
    slide.until(lambda: page.evaluate(video), "the camera shows nothing")
    page.get_by_role("button", name="Take the photograph").click()
    slide.until(lambda: slide.step() > before, "nothing is shown")
    assert page.locator("dialog").count() == 0
    # The pretended camera shows green.
    shown = slide.pixels(next(iter(lessons.find("16").panes)), 0)[..., :3]
    assert shown.reshape(-1, 3).mean(0).argmax() == 1


def test_labs_of_a_deck_answer_a_picture_of_the_hall_each(page_of, picture, tmp_path, opened):
    pytest.importorskip("nbconvert")
    from seglab.deck.display_formatters import LAB

    shown = ["16", "06"]
    cells = []
    for number in shown:
        text = page_of(number).read_text(encoding="utf-8")
        cell = nbformat.v4.new_code_cell(
            "show(LAB)", metadata={"slideshow": {"slide_type": "slide"}}
        )
        data = {LAB: {"title": lessons.find(number).title, "page": text, "tour": []}}
        cell.outputs = [nbformat.v4.new_output("display_data", data)]
        cells.append(cell)
    book = nbformat.v4.new_notebook(cells=cells)
    path = deck(book, tmp_path / "deck.html", lambda whole: whole)
    assert path.stat().st_size < page_of("16").stat().st_size + 1e6  # one runtime for both
    page = opened(path, computes=True, viewport={"width": 1280, "height": 720})
    for number in shown:
        element = page.wait_for_selector("section.present iframe")
        slide = Own(page, element.content_frame())
        slide.take(picture)
        assert not slide.notice()
        expect(slide, run_with(number, picture), STAYS.get(number, set()), number)
        page.keyboard.press("PageDown")


def test_a_file_that_is_no_picture_is_told_and_nothing_is_lost(page_of, tmp_path, opened):
    page = opened(page_of("16"), computes=True)
    slide = Own(page)
    before = slide.numbers()
    for name, data, words in [
        ("empty.png", b"", "'empty.png' is empty (0 bytes): choose the file again"),
        ("text.png", b"no picture", "'text.png' is no picture that can be read"),
    ]:
        (tmp_path / name).write_bytes(data)
        slide.take(tmp_path / name)
        slide.until(lambda words=words: words in slide.notice(), slide.notice())
        with pytest.raises(ValueError, match=re.escape(words)):
            photos.open(tmp_path / name)
    assert slide.numbers() == before


def test_a_page_that_computes_is_the_same_each_time_and_lets_in_its_own_scripts(page_of, tmp_path):
    first = page_of("16").read_text(encoding="utf-8")
    again = save(
        lessons.find("16"),
        tmp_path / "a.html",
        vary=VARIED["16"],
        px=64,
        progress=silent,
        live=True,
    )
    assert again.read_text(encoding="utf-8") == first
    assert len(first.encode()) <= 8_000_000
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', first)
    (script,) = re.findall(r'<script type="module" async>(.*?)</script>', first, re.DOTALL)
    assert first.index(script) < first.index('id="seglab-runtime"')  # which it need not wait for
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'{hash_of(script)}' 'wasm-unsafe-eval'"
    assert rules["worker-src"] == "blob:"
