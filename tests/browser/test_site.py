"""A site in a browser that reaches no other host: axe-core, a telephone, keys, light and dark."""

import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image

from seglab.course.template.my_lab import LAB
from seglab.user_photo import UserPhoto

from .saved import Slide

pytestmark = pytest.mark.browser
PAGES = (
    "index.html",
    "labs/index.html",
    "labs/01-threshold.html",
    "labs/02-your-level.html",
    "labs/03-words.html",
    "guides/first.html",
    "gallery.html",
    "search.html",
)
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
GROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a small course's site, whose lab computes."""
    for module in ("myst_nb", "pydata_sphinx_theme", "onnx"):
        pytest.importorskip(module)
    from small_sites import build

    return build(tmp_path_factory.mktemp("course"), live=True).parent


class Quiet(SimpleHTTPRequestHandler):
    """A web host without a log."""

    def log_message(self, *words):
        """Say nothing."""


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """The file of a picture that no page has seen: grey stones, far from the lab's level."""
    path = tmp_path_factory.mktemp("pictures") / "mine.png"
    stones = np.random.default_rng(0).choice(np.uint8([30, 220]), (32, 32))
    Image.fromarray(np.kron(stones, np.ones((8, 8), np.uint8))).convert("RGB").save(path)
    return path


@pytest.fixture(scope="module")
def host(site):
    """The address of a web host that serves the site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page_of(host, browser):
    """page_of(name): a page of the site; a request to another host, or an error, fails the test."""
    contexts, wrong = [], []

    def open_one(name, **options):
        contexts.append(
            browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        )
        page = contexts[-1].new_page()
        page.on("request", lambda asked: is_own(asked.url) or wrong.append(asked.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.goto(f"{host}/{name}")
        return page

    def is_own(address):
        return address.startswith((f"{host}/", "data:", "about:", "blob:"))

    yield open_one
    for context in contexts:
        context.close()
    assert not wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_bars_the_way(name, scheme, page_of):
    from axe_playwright_python.sync_playwright import Axe

    page = page_of(name, color_scheme=scheme)
    page.wait_for_load_state("networkidle")
    # Of style sheets that it fetches again, it takes the addresses for those of the page.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("width", "height"), [(390, 844), (640, 400)], ids=["a telephone", "at 200%"]
)
def test_a_narrow_page_is_not_moved_sideways(name, width, height, page_of):
    page = page_of(name, viewport={"width": width, "height": height})
    page.wait_for_load_state("networkidle")
    assert page.evaluate(WIDER) <= 0


def framed(page):
    page.locator("iframe").scroll_into_view_if_needed()
    return Slide(page, page.frame_locator("iframe"))


def test_the_lab_works_in_its_frame(page_of):
    lab = framed(page_of("labs/01-threshold.html"))
    before = lab.numbers()["object"]
    lab.control("level").focus()
    lab.page.keyboard.press("End")
    lab.until(lambda: lab.numbers()["object"] == "0.0%", "the last level leaves some object")
    assert before != "0.0%"


def test_the_lab_works_from_a_disk_too(site, opened):
    page = opened(site / "labs" / "01-threshold.html", within=site, color_scheme="dark")
    lab = framed(page)
    assert lab.numbers()["object"].endswith("%")
    assert lab.frame.locator("html").get_attribute("data-theme") == "dark"


def answered(lab, picture):
    """A picture of one's own is put into the lab, which shows what torch makes of it."""
    lab.frame.locator(".seglab-own input[type=file]").set_input_files(picture)
    lab.frame.get_by_role("button", name="Back to").wait_for()
    assert not lab.notice()
    lab.expect_pixels("mask", LAB.at(photo=UserPhoto.read(picture)).panes["mask"])


def test_the_lab_answers_a_picture_of_the_readers_own_at_an_address(page_of, picture):
    page = page_of("labs/01-threshold.html")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    lab = framed(page)
    assert not [url for url in asked if "seglab-runtime" in url]  # not before it is needed
    answered(lab, picture)
    assert len([url for url in asked if "seglab-runtime" in url]) == 1


def test_the_lab_answers_a_picture_of_the_readers_own_from_a_disk(site, picture, opened):
    page = opened(site / "labs" / "01-threshold.html", within=site, computes=True)
    answered(framed(page), picture)


def test_a_lab_whose_runtime_is_not_there_says_so(site, picture, tmp_path, browser):
    (tmp_path / "alone").mkdir()
    page = shutil.copy(site / "alone" / "01-threshold.html", tmp_path / "alone")
    context = browser.new_context()
    shown = context.new_page()
    shown.goto(Path(page).as_uri())
    lab = Slide(shown)
    before = lab.numbers()
    lab.frame.locator(".seglab-own input[type=file]").set_input_files(picture)
    lab.until(lambda: "its runtime is not beside it" in lab.notice(), lab.notice())
    assert lab.numbers() == before
    context.close()


@pytest.mark.parametrize("prefers", ["light", "dark"])
def test_the_lab_is_as_light_as_the_page_whatever_the_system_prefers(prefers, page_of):
    page = page_of("labs/01-threshold.html", color_scheme=prefers)
    lab = framed(page)
    seen = []
    for theme in ("light", "dark", "light"):
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        body = lab.frame.locator("html")
        lab.until(
            lambda theme=theme, body=body: body.get_attribute("data-theme") == theme,
            f"the lab is not {theme}",
        )
        seen.append(body.evaluate(f"() => {GROUND}"))
    assert seen[0] == seen[2] == "rgb(255, 255, 255)"
    assert seen[1] == "rgb(22, 24, 28)"


def test_a_question_answers_by_the_keyboard(page_of):
    page = page_of("labs/01-threshold.html")
    page.get_by_text("a) coins", exact=True).focus()
    feedback = page.get_by_text("Nearly: the light falls off to one side.")
    assert not feedback.is_visible()
    page.keyboard.press("Enter")
    feedback.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_text("Her suit, her face and the flag have all the levels.").wait_for()
    assert not feedback.is_visible()


def test_a_search_finds_the_page(page_of):
    page = page_of("search.html?q=threshold")
    link = page.locator("#search-results a", has_text="01 · Threshold").first
    link.wait_for()
    link.click()
    page.get_by_role("heading", name="01 · Threshold").wait_for()


def test_there_is_a_way_to_the_next_page_and_back(page_of):
    page = page_of("labs/01-threshold.html")
    page.locator("a.right-next").click()
    page.get_by_role("heading", name="02 · Your level").wait_for()
    page.locator("a.left-prev").click()
    page.get_by_role("heading", name="01 · Threshold").wait_for()


def test_paper_has_the_text_and_no_buttons(page_of):
    page = page_of("labs/01-threshold.html")
    assert page.locator(".seglab-run").first.is_visible()
    page.emulate_media(media="print")
    assert not page.locator(".seglab-run").first.is_visible()
    assert page.get_by_text("The oldest way to segment").is_visible()
