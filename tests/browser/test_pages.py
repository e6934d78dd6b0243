"""Every lab's page where a lecturer shows it: whole, legible, and with its tour."""

import json
from dataclasses import replace

import pytest
from helpers import silent
from small_labs import LAB

from seglab import lessons, save
from seglab.draw import plots
from seglab.lab import Run, Try

from .saved import Slide

pytestmark = pytest.mark.browser

STEMS = list(lessons.catalogue())
TOUR = (
    Try("Move `f` to **16**.", set={"f": 16}, look="labels", then="Fewer windows."),
    Try("Which photograph?", set={"photo": "coffee"}, look="image", then="Coffee."),
    Try("And **softmax**?", set={"softmax": True}, then="Probabilities."),
)

# What scrolls or is cut, how large the texts are, and how much of the window the panes take.
SEEN = """() => {
    const box = (node) => node.getBoundingClientRect();
    const { scrollHeight, scrollWidth, clientHeight, clientWidth } = document.documentElement;
    const small = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        const drawn = !node.closest(
            "script, style, svg, option, .seglab-spoken, .seglab-thumbnails");
        if (!drawn || !walker.currentNode.data.trim() || !box(range).width) continue;
        const explains = node.closest(".seglab-area, .seglab-foot, .seglab-play, .seglab-was");
        const size = parseFloat(getComputedStyle(node).fontSize);
        if (size < (explains ? 14 : 16)) small.push([size, walker.currentNode.data.slice(0, 30)]);
    }
    const main = document.querySelector("main");
    const parts = [...main.querySelectorAll(
        ".seglab-controls > *, .seglab-numbers > *, .seglab-pane, .seglab-tour, .seglab-foot")];
    const panes = box(document.querySelector(".seglab-area"));
    const written = [...main.querySelectorAll(".seglab-controls > .seglab-control")].map((one) =>
        [...one.children].map(box).filter(({ width }) => width));
    const cross = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
        && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    return {
        crossed: written.flatMap((here, i) => written.slice(i + 1).flatMap((there) =>
            here.filter((a) => there.some((b) => cross(a, b))))).length,
        scrolls: scrollHeight > clientHeight || scrollWidth > clientWidth
            || box(main).bottom > innerHeight + 1,
        outside: parts.filter((node) => box(node).width && (
            box(node).right > innerWidth || box(node).bottom > innerHeight))
            .map((node) => node.textContent.slice(0, 30)),
        cut: [...main.querySelectorAll(".seglab-name, .seglab-control output, .seglab-group")]
            .filter((node) => node.scrollWidth > node.clientWidth + 1)
            .map((node) => node.textContent.slice(0, 30)),
        small,
        scaled: [...document.querySelectorAll("main, main *:not(svg *)")]
            .filter((node) => /scale/.test(node.style.transform)).length,
        share: panes.height * panes.width / (innerWidth * innerHeight),
        figures: main.querySelectorAll("figure.seglab-pane").length,
        folded: main.querySelectorAll(".seglab-thumbnails figure").length,
        sides: [...main.querySelectorAll(".seglab-panes .seglab-stage")].map((n) => box(n).width),
    };
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Each lab's page with all of its controls and its tour, but every state shows the first.

    Its charts have their buttons and hold nothing, and its training is the shortest: to measure and
    to train takes longer than all the rest.
    """
    folder = tmp_path_factory.mktemp("pages")
    chart = plots.lines({"line": {0: 0, 1: 1}}, title="chart", x="x", y="y", ticks=(0, 1))

    def stored(stem):
        path = folder / f"{stem}.html"
        if not path.exists():
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Run, "step", lambda run, **changes: run)
                lab = lessons.catalogue()[stem]
                lab = replace(lab, charts=dict.fromkeys(lab.charts, lambda: chart))
                short = {"steps": lab.controls["steps"].sweep()[0]} if lab.streams else {}
                save(lab, path, fix=short, px=128, progress=silent)
        return path

    return stored


@pytest.mark.parametrize("stem", STEMS)
def test_every_page_is_whole_and_legible_on_a_slide(stem, pages, opened):
    page = opened(pages(stem), viewport={"width": 1280, "height": 720})
    slide = Slide(page)
    lab = lessons.catalogue()[stem]
    slide.until(lambda: page.locator(".seglab-stage").count(), "nothing is shown")
    seen = page.evaluate(SEEN)
    said = json.dumps(seen, indent=1)
    assert not seen["scrolls"] and not seen["outside"] and not seen["scaled"], said  # noqa: PT018
    assert not seen["small"] and not seen["cut"] and not seen["crossed"], said  # noqa: PT018
    assert seen["figures"] == len(lab.panes), said
    assert seen["folded"] <= 1, said
    assert min(seen["sides"]) >= 140, said
    if len(lab.panes) <= 4:
        assert seen["share"] >= 0.4, said
    page.get_by_role("button", name="Next", exact=True).click()
    assert page.locator(".seglab-count").inner_text() == f"2 of {len(lab.tour)}"
    assert not page.evaluate(SEEN)["scrolls"]
    for width, height in [(760, 480), (1920, 1080)]:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(150)
        seen = page.evaluate(SEEN)
        assert not seen["scrolls"], json.dumps([width, seen], indent=1)
    assert min(seen["sides"]) >= 200, said


@pytest.fixture(scope="module")
def toured(tmp_path_factory):
    """A page with a tour that a clicker walks; photo and softmax are moved by the tour alone."""
    folder = tmp_path_factory.mktemp("tour")
    lab = replace(LAB, tour=TOUR)
    vary = {"f": [4, 8, 16], "threshold": [0.0, 0.9]}
    return save(lab, folder / "tour.html", vary, progress=silent, tour=True)


def said(page):
    """Answer of the step, where it is to be seen."""
    words = page.locator(".seglab-now")
    shown = not words.locator(".seglab-untold").count()
    return words.locator(".seglab-then").inner_text() if shown else ""


def lit(page):
    """List of what the tour lights, by its first words."""
    return [text.split("\n")[0] for text in page.locator(".seglab-pointed-at").all_inner_texts()]


def test_the_tour_sets_the_state_and_lights_what_it_speaks_of(toured, opened):
    page = opened(toured)
    slide = Slide(page)
    press = lambda name: page.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    assert page.get_by_role("button", name="Back", exact=True).is_disabled()
    assert (said(page), lit(page)) == ("", [])
    press("Show me")
    slide.expect(f=16)
    assert said(page) == "Fewer windows."
    assert lit(page) == ["window step f", "labels"]
    press("Next")
    slide.expect(f=16)
    assert (said(page), lit(page)) == ("", ["photo", "image"])
    press("Show me")
    slide.expect(f=16, photo="coffee")
    assert page.locator(".seglab-control-photo output").inner_text() == "coffee"
    press("Next")
    press("Show me")
    slide.expect(f=16, photo="coffee", softmax=True)
    assert page.get_by_role("button", name="Next", exact=True).is_disabled()
    slide.control("threshold").fill("1")  # on from what the page has of that state
    slide.expect(f=16, threshold=0.9)
    assert page.locator(".seglab-control-photo output").inner_text() == "astronaut"
    press("Back")
    press("Show me")
    slide.expect(f=16, photo="coffee")
    press("Reset")
    slide.expect()


def test_a_clicker_walks_the_tour_there_and_back(toured, opened):
    page = opened(toured)
    slide = Slide(page)
    states = [
        ("Fewer windows.", {"f": 16}),
        ("", {"f": 16}),
        ("Coffee.", {"f": 16, "photo": "coffee"}),
        ("", {"f": 16, "photo": "coffee"}),
        ("Probabilities.", {"f": 16, "photo": "coffee", "softmax": True}),
    ]
    for words, state in states:
        page.keyboard.press("PageDown")
        slide.expect(**state)
        assert said(page) == words
    page.keyboard.press("PageDown")  # there is no more
    slide.expect(**states[-1][1])
    for words, state in [*states[-2::-1], ("", {})]:
        page.keyboard.press("PageUp")
        slide.expect(**state)
        assert said(page) == words


def test_in_a_frame_a_clicker_leaves_by_the_tours_end_and_hears_its_deck(toured, opened):
    outer = toured.parent / "outer.html"
    outer.write_text(
        "<!doctype html><title>host</title><script>window.heard = [];"
        "onmessage = ({ data }) => heard.push(JSON.parse(data).method);</script>"
        f'<iframe title="lab" width="960" height="600" src="{toured.name}"></iframe>',
        encoding="utf-8",
    )
    page = opened(outer)
    slide = Slide(page, page.frame_locator("iframe"))
    send = "(what) => frames[0].postMessage(JSON.stringify({ seglab: what }), '*')"
    page.evaluate(send, "next")
    slide.expect(f=16)
    page.evaluate(send, "prev")
    slide.expect()
    page.evaluate(send, "prev")
    slide.until(lambda: page.evaluate("heard") == ["prev"], "the deck is not told of the start")
    slide.control("window step f").focus()
    for _ in range(6):
        page.keyboard.press("PageDown")
    slide.until(lambda: page.evaluate("heard") == ["prev", "next"], "nor of the end")


def test_an_article_around_a_page_scrolls_by_the_first_press(folder, opened):
    outer = folder / "article.html"
    frame = '<iframe title="lab" width="760" height="480" src="slide.html"></iframe>'
    outer.write_text(
        f"<!doctype html><title>article</title>{frame}<p style='height: 3000px'>long</p>",
        encoding="utf-8",
    )
    page = opened(outer, viewport={"width": 800, "height": 600})
    slide = Slide(page, page.frame_locator("iframe"))
    slide.root().locator("h1").click()
    page.keyboard.press("PageDown")
    slide.until(lambda: page.evaluate("scrollY") > 100, "the press is swallowed")


def test_an_address_opens_a_state_and_follows(toured, opened):
    page = opened(toured)
    slide = Slide(page)
    at = lambda: page.evaluate("location.hash")  # noqa: E731
    slide.control("window step f").fill("0")
    slide.until(lambda: at() == "#f=4", at())
    page.evaluate("location.hash = '#f=16&threshold=0.9'")
    slide.expect(f=16, threshold=0.9)
    page.evaluate("location.hash = '#tour=2'")
    slide.expect(f=16, photo="coffee")
    assert said(page) == "Coffee."
    page.goto("about:blank")
    page.goto(f"{toured.as_uri()}#f=5&threshold=0.9")
    slide.expect(threshold=0.9)
    assert slide.notice() == "f=5 is not in this page; f is 4, 8 or 16."
    slide.control("window step f").fill("2")
    slide.expect(f=16, threshold=0.9)
    assert not slide.notice()
    slide.until(lambda: at() == "#f=16&threshold=0.9", at())
    page.get_by_role("button", name="Reset").click()
    slide.until(lambda: at() == "", at())


def test_a_pane_grows_and_goes_back_and_a_chart_stands_at_its_side(folder, opened):
    page = opened(folder / "slide.html", viewport={"width": 1280, "height": 720})
    slide = Slide(page)
    stage = slide.pane("labels").locator(".seglab-stage")
    wide = lambda: stage.bounding_box()["width"]  # noqa: E731
    before = wide()
    stage.focus()
    page.keyboard.press("e")
    slide.until(lambda: wide() > 1.1 * before, "the pane does not grow")
    page.keyboard.press("Escape")
    slide.until(lambda: wide() == before, "the pane does not go back")
    page.keyboard.press("f")
    slide.until(lambda: page.locator(".seglab-theatre").count(), "the window is not filled")
    slide.expect()
    page.keyboard.press("Escape")
    slide.until(lambda: not page.locator(".seglab-theatre").count(), "Escape does not leave")
    page.get_by_role("button", name="Measure the means").click()
    chart = page.locator(".seglab-drawing svg")
    slide.until(lambda: wide() < before, "the panes make no room")
    drawn = chart.bounding_box()
    assert drawn["x"] >= slide.pane("labels").bounding_box()["x"] + wide()
    assert drawn["y"] + drawn["height"] <= 720
    assert not page.evaluate(SEEN)["scrolls"]
    page.get_by_role("button", name="Close Measure the means").click()
    slide.until(lambda: wide() == before, "the room is not given back")


def test_on_a_telephone_controls_stay_in_sight(toured, opened):
    page = opened(toured, viewport={"width": 390, "height": 700})
    slide = Slide(page)
    page.mouse.wheel(0, 900)
    slide.until(lambda: page.evaluate("scrollY") > 300, "a telephone scrolls")
    area = slide.control("window step f").bounding_box()
    assert 0 <= area["y"] <= 200
    assert page.evaluate("document.documentElement.scrollWidth") == 390
