"""A gallery in a browser: its cards and the ways between its pages, light, dark and on a phone."""

import pytest
from small_labs import FRAGILE, GRIDS

from seglab.files.gallery import Also, gallery

from .test_deck import CONTRAST

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The index of a gallery of two labs, each with a film."""
    film = Also("Film", ".mp4", lambda stem, lab, path: path.write_bytes(b"film"))
    folder = tmp_path_factory.mktemp("gallery") / "site"
    return gallery(folder, {"01-fragile": FRAGILE, "02-grids": GRIDS}, also=(film,))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(scheme, site, opened):
    page = opened(site, color_scheme=scheme)
    found = page.evaluate(CONTRAST)
    assert found["texts"] >= 8
    assert found["ratio"] >= 4.5
    page.get_by_role("link", name="01").click()
    page.locator(".seglab-live").wait_for()
    assert page.evaluate(CONTRAST)["ratio"] >= 4.5


def test_there_is_a_way_to_a_lab_to_the_next_one_and_back(site, opened):
    page = opened(site)
    page.get_by_role("link", name="01").click()
    page.locator(".seglab-live").wait_for()
    page.get_by_role("link", name="02 ›").click()
    page.locator(".seglab-live").wait_for()
    assert page.url.endswith("/02-grids.html")
    page.get_by_role("link", name="‹ 01").click()
    page.get_by_role("link", name="All labs").click()
    assert page.url == site.as_uri()
    assert page.get_by_role("link", name="Film").count() == 2


def test_on_a_phone_nothing_is_wider_than_the_screen(site, opened):
    page = opened(site, viewport={"width": 390, "height": 844})
    for name in ("index", "01-fragile"):
        page.goto((site.parent / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ways = page.get_by_role("navigation", name="Gallery")
    assert ways.bounding_box()["height"] < 80


def test_the_ways_overlap_nothing(site, opened):
    page = opened(site.parent / "02-grids.html", viewport={"width": 1280, "height": 720})
    page.locator(".seglab-live").wait_for()
    covered = page.evaluate(
        """() => [...document.querySelectorAll(".seglab-ways a")].filter((link) => {
            const { x, y, width, height } = link.getBoundingClientRect();
            return [0.1, 0.5, 0.9].some(
                (at) => document.elementFromPoint(x + width * at, y + height / 2) !== link);
        }).length"""
    )
    assert covered == 0
