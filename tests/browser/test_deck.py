"""A deck in the lecture hall: a file, a browser, a clicker, and no network."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
import tiny_deck

from seglab.cli import app
from seglab.course import notebooks
from seglab.deck import deck as write
from seglab.deck import print_pdf, slides

from .test_slides import Slide

pytestmark = pytest.mark.browser

FRAME = "section.present section.present iframe"
CUT_OFF = """() => sheets.map((sheet) => sheet.querySelector(".content")).filter((content) =>
    content.scrollHeight > content.clientHeight || content.scrollWidth > content.clientWidth
    || [...content.querySelectorAll("pre")].some((pre) => pre.scrollWidth > pre.clientWidth)
).map((content) => content.innerText.slice(0, 80))"""
BRIGHTNESS = """(here, selector) => {
    const element = document.querySelector(selector ?? here);
    const shades = getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number);
    return (shades[0] + shades[1] + shades[2]) / 765;
}"""
# The lowest ratio of text to what is behind it, as the Web's rules for access count it.
CONTRAST = """() => {
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map(
        (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    ).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            if (colour.length < 4 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    const written = [...document.querySelectorAll("body *:not(script, style)")].filter(
        (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
            && !one.closest("svg, .notes, canvas, .aria-status"));
    const ratios = written.map((one) => {
        const [a, b] = [parse(getComputedStyle(one).color), ground(one)].map(light);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
    return { ratio: Math.min(...ratios), texts: ratios.length };
}"""
TYPE = """(selector) => Math.min(...[...document.querySelectorAll(
    selector.split(", ").map((one) => "section.present section.present " + one).join(", "))].map(
    (one) => parseFloat(getComputedStyle(one).fontSize)))"""
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


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A deck whose second slide has long text, long code and long lines of output."""
    path = tmp_path_factory.mktemp("wide") / "deck.html"
    lines = "\n".join(f"line {n}: {'12 true, 12 found; ' * 5}" for n in range(8))
    output = nbformat.v4.new_output("stream", text=lines)
    source = "\n".join(f"value_{n} = compute_{n}(something)  # value {n}" for n in range(12))
    code = tiny_deck.cell("-", source)
    code.outputs = [output]
    text = f"**Much to say.** {'Many words stand here, and all of them are needed. ' * 9}"
    cells = [
        tiny_deck.cell("slide", "# Wide", code=False),
        tiny_deck.cell("slide", text, False),
        code,
    ]
    book = nbformat.v4.new_notebook(cells=cells)
    return write(book, path, lambda shown: shown)


@pytest.fixture
def opened(browser):
    """opened(path): a deck without a network; any request but for its own file fails the test."""
    contexts, wrong = [], []

    def open_one(path, query="", **options):
        screen = {"width": 1280, "height": 720}
        contexts.append(browser.new_context(**{"viewport": screen, "offline": True, **options}))
        page = contexts[-1].new_page()
        page.on(
            "request",
            lambda request: (
                re.split("[#?]", request.url)[0] == path.as_uri()
                or request.url.startswith(("data:", "about:"))
                or wrong.append(request.url)
            ),
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path.as_uri() + query)
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


def test_with_a_tour_the_clicker_asks_and_shows_before_it_turns(tmp_path, opened):
    cells = [
        tiny_deck.cell("slide", "# Tour", code=False),
        tiny_deck.cell("skip", tiny_deck.SETUP),
        tiny_deck.cell("slide", "show(LAB, k=4)"),
        tiny_deck.cell("slide", "## The end", code=False),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "tour.ipynb")
    path = tmp_path / "deck.html"
    app(["deck", str(tmp_path / "tour.ipynb"), "-o", str(path), "--tour"], standalone_mode=False)
    page = opened(path)
    page.keyboard.press("PageDown")
    slide = Slide(page, page.frame_locator(FRAME))
    for key, number in [
        ("PageDown", "25"),  # step 1, shown
        ("PageDown", "25"),  # step 2, asked
        ("ArrowRight", "9"),  # and shown
        ("PageUp", "25"),
        ("PageDown", "9"),
    ]:
        page.keyboard.press(key)
        slide.until(lambda n=number: slide.numbers() == {"numbers": n}, f"{key}: not {number}")
        assert at(page) == 2
    page.keyboard.press("PageDown")
    slide.until(lambda: at(page) == 3, "the end of the tour turns no slide")
    page.keyboard.press("PageUp")
    assert at(page) == 2


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


@pytest.mark.parametrize(("theme", "scheme"), [("dark", "light"), ("light", "dark")])
def test_a_theme_is_the_decks_and_its_labs_whatever_the_screen_prefers(
    theme, scheme, deck, tmp_path, opened
):
    path = tmp_path / "deck.html"
    text = deck.read_text(encoding="utf-8").replace('-theme="auto"', f'-theme="{theme}"', 1)
    path.write_text(text, encoding="utf-8")
    page = opened(path, color_scheme=scheme)
    assert (page.evaluate(BRIGHTNESS, "body") < 0.1) == (theme == "dark")
    page.evaluate("Reveal.slide(2, 0)")
    lab = page.frame_locator(FRAME)
    lab.locator(".seglab-live").wait_for()
    assert (lab.locator("body").evaluate(BRIGHTNESS, "body") < 0.1) == (theme == "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(scheme, deck, opened):
    page = opened(deck, color_scheme=scheme)
    assert page.evaluate(CONTRAST)["ratio"] >= 4.5
    assert page.evaluate(CONTRAST)["texts"] > 50
    page.evaluate("Reveal.slide(2, 0)")
    page.frame_locator(FRAME).locator(".seglab-live").wait_for()
    assert page.frame_locator(FRAME).locator("body").evaluate(CONTRAST)["ratio"] >= 4.5


def test_headings_have_one_size(deck, opened):
    sizes = opened(deck).evaluate(
        """() => [...document.querySelectorAll(".content h2:not(:has(+ h3)), .content h3")].map(
            (heading) => getComputedStyle(heading).fontSize)"""
    )
    assert len(sizes) > 4
    assert set(sizes) == {"38px"}


def test_code_is_folded_until_the_key_or_the_button_opens_it(wide, opened):
    page = opened(wide)
    page.evaluate("Reveal.slide(1)")
    code, text = page.locator("section.present .code"), page.locator("section.present .prose p")
    button = page.locator("section.present section.present [data-code]")
    assert text.is_visible()
    assert not code.is_visible()
    page.keyboard.press("c")
    assert code.is_visible()
    assert not text.is_visible()
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(TYPE, ".code pre, pre.output") >= 16
    assert button.get_attribute("aria-expanded") == "true"
    button.click()
    assert not code.is_visible()
    assert page.evaluate(TYPE, ".prose p, pre.output") >= 16


def test_paper_has_every_line(wide, opened):
    page = opened(wide, color_scheme="dark")
    before = page.evaluate("sheets.map((sheet) => sheet.innerHTML)")
    for _ in range(2):
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert page.evaluate(CUT_OFF) == []
        code, output = page.locator(".code pre").first, page.locator("pre.output").first
        assert "value 11" in code.inner_text()
        assert "line 7" in output.inner_text()
        frame = page.locator(".content").nth(1).bounding_box()
        for part in (code, output):
            box = part.bounding_box()
            assert box["y"] >= frame["y"]
            assert box["y"] + box["height"] <= frame["y"] + frame["height"]
        assert page.evaluate(BRIGHTNESS, "body") == 1
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("sheets.map((sheet) => sheet.innerHTML)") == before


@pytest.mark.parametrize("query", ["", "?print-pdf"])
def test_paper_has_the_labs_picture(query, deck, opened):
    page = opened(deck, query, color_scheme="dark")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 9
    assert len(re.findall(rb"/Subtype\s*/Image\b", printed)) >= 1
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    picture = page.locator(".still img").first.bounding_box()
    assert picture["width"] > 300
    assert picture["height"] > 200
    tops = [sheet.bounding_box()["y"] for sheet in page.locator(".sheet").all()]
    assert tops == [720 * n for n in range(9)]


def test_without_scripts_the_slides_stand_one_under_the_other(deck, browser):
    context = browser.new_context(
        viewport={"width": 1280, "height": 720}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(deck.as_uri())
    boxes = [sheet.bounding_box() for sheet in page.locator(".sheet").all()]
    assert len(boxes) == 9
    for above, below in pairwise(boxes):
        assert below["y"] >= above["y"] + above["height"] > above["y"] + 60
    assert page.locator(".still img").first.bounding_box()["height"] > 200
    assert page.locator(".code").first.is_visible()
    context.close()


def test_a_lab_that_plays_stops_when_its_slide_is_left(deck, opened):
    page = opened(deck)
    page.evaluate("Reveal.slide(2, 0)")
    slide = Slide(page, page.frame_locator(FRAME))
    slide.root().get_by_label("play k").click()
    slide.root().get_by_label("stop k").wait_for()
    page.keyboard.press("PageDown")
    page.keyboard.press("PageUp")
    slide.root().get_by_label("play k").wait_for(timeout=300)


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
