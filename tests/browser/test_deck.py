"""A deck in the lecture hall: a file, a browser, a clicker, and no network."""

import re
from pathlib import Path

import nbformat
import pytest
import tiny_deck

from seglab.cli import app
from seglab.course import notebooks
from seglab.deck import print_pdf, slides

from .test_slides import Slide

pytestmark = pytest.mark.browser

FRAME = "section.present section.present iframe"
CUT_OFF = """() => sheets.map((sheet) => sheet.querySelector(".content")).filter((content) =>
    content.scrollHeight > content.clientHeight || content.scrollWidth > content.clientWidth
    || [...content.querySelectorAll("pre")].some((pre) => pre.scrollWidth > pre.clientWidth)
).map((content) => content.innerText.slice(0, 80))"""
SMALLEST = """() => Math.min(...sheets.map((sheet) =>
    parseFloat(getComputedStyle(sheet.querySelector(".content")).fontSize)))"""


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    """The deck of the tiny notebook."""
    folder = tmp_path_factory.mktemp("deck")
    nbformat.write(tiny_deck.notebook(), folder / "tiny.ipynb")
    app(
        ["deck", str(folder / "tiny.ipynb"), "-o", str(folder / "deck.html")], standalone_mode=False
    )
    return folder / "deck.html"


@pytest.fixture
def opened(browser):
    """opened(path): a deck without a network; any request but for its own file fails the test."""
    contexts, wrong = [], []

    def open_one(path, **options):
        screen = {"width": 1280, "height": 720}
        contexts.append(browser.new_context(**{"viewport": screen, "offline": True, **options}))
        page = contexts[-1].new_page()
        page.on(
            "request",
            lambda request: (
                request.url.partition("#")[0] == path.as_uri()
                or request.url.startswith(("data:", "about:"))
                or wrong.append(request.url)
            ),
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path.as_uri())
        page.locator("body.ready").wait_for()
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not wrong


def at(page):
    """The number of the slide on the screen, from 1."""
    number = page.locator("section.present section.present .number").inner_text()
    return int(number.partition(" /")[0])


def every_slide(page):
    """Turn to every slide, fragments included."""
    count = page.evaluate("sheets.length")
    for _ in range(count * 3):
        page.evaluate(CUT_OFF)
        if at(page) == count and not page.evaluate("Reveal.availableFragments().next"):
            return
        page.keyboard.press("PageDown")
    raise AssertionError("the end is never reached")


def test_the_clicker_turns_the_slides_and_the_lab_in_them_works(deck, opened):
    page = opened(deck)
    assert at(page) == 1
    for _ in range(3):  # the question's answer comes between
        page.keyboard.press("PageDown")
    assert at(page) == 3
    slide = Slide(page, page.frame_locator(FRAME))
    assert slide.root().bounding_box()["width"] > 1200
    slide.until(lambda: slide.numbers() == {"numbers": "16"}, "it does not start as it was shown")
    slide.control("k").focus()
    page.keyboard.press("ArrowRight")
    slide.until(lambda: slide.numbers() == {"numbers": "25"}, "the slider does nothing")
    assert at(page) == 3
    page.keyboard.press("PageDown")
    slide.until(lambda: at(page) == 4, "PageDown does not reach the deck")
    page.keyboard.press("ArrowLeft")
    assert at(page) == 3
    page.locator("section.present section.present [data-go=next]").click()
    assert at(page) == 4


def test_nothing_is_cut_off_and_nothing_of_the_notebook_runs(deck, opened):
    page = opened(deck)
    assert page.evaluate(CUT_OFF) == []
    every_slide(page)
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate("window.owned") is None
    page.evaluate("Reveal.slide(2, 1)")
    assert page.locator("section.present math mfrac").bounding_box()["height"] > 20


def test_notes_have_a_window_of_their_own(deck, opened):
    page = opened(deck)
    page.evaluate("Reveal.slide(2, 0)")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    presenter = popup.value
    presenter.get_by_text("Say this aloud.").wait_for()
    assert "Slide 3 of 9" in presenter.locator("p").first.inner_text()
    assert presenter.get_by_text("Next: What fits").is_visible()
    presenter.keyboard.press("PageDown")
    assert at(page) == 4
    assert presenter.get_by_text("Say this aloud.").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way(scheme, deck, opened):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(deck, color_scheme=scheme)
    page.evaluate("Reveal.slide(1)")
    found = Axe().run(page).response["violations"]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def test_a_page_of_paper_for_each_slide(deck, tmp_path):
    path = print_pdf(deck, tmp_path / "deck.pdf")
    pages = re.findall(rb"/Type\s*/Page\b", path.read_bytes())
    assert len(pages) == 9
    assert list(tmp_path.iterdir()) == [path]


def test_a_lab_is_a_lecture(tmp_path, opened):
    source = next(Path(notebooks.folder()).glob("00-*.ipynb"))
    path = tmp_path / "lecture.html"
    app(["deck", str(source), "-o", str(path)], standalone_mode=False)
    assert path.stat().st_size < 5_000_000
    page = opened(path)
    assert page.evaluate("sheets.length") == len(slides(notebooks.read(source)))
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(SMALLEST) >= 18
    every_slide(page)
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate("[...document.querySelectorAll('iframe')].every((one) => one.srcdoc)")
