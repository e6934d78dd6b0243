"""Diagrams by hand: a knob is dragged, a shape clicked, by mouse and keys, in notebook and page."""

import pytest
from helpers import silent
from small_labs import DIAGRAMS

from seglab import save

from .saved import Slide

pytestmark = pytest.mark.browser

NET, SIZE = "the net", "the size"


@pytest.fixture(scope="module")
def page_of(tmp_path_factory):
    path = tmp_path_factory.mktemp("diagrams") / "net.html"
    save(DIAGRAMS, path, vary={"f": [1, 2, 4], "skip": None}, progress=silent)
    return path


@pytest.fixture(params=["notebook", "page"])
def lab(request, page_of):
    """The lab, live in a notebook or stored in a page without a network."""
    if request.param == "page":
        yield Slide(request.getfixturevalue("opened")(page_of))
        return
    opened = request.getfixturevalue("notebook")(
        ["from small_labs import DIAGRAMS\nfrom seglab import show\nshow(DIAGRAMS)"]
    )
    opened.run_all()
    yield opened
    assert opened.complaints() == []


def knob(lab):
    return lab.pane(NET).get_by_role("slider")


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def shows(lab, **state):
    run = DIAGRAMS.at(**state)
    for name in (NET, SIZE):
        lab.expect_pixels(name, run.panes[name])
    wanted = {name: str(value) for name, value in run.numbers.items()}
    lab.until(lambda: lab.numbers() == wanted, f"numbers {lab.numbers()} are not {wanted}")


def test_a_knob_is_dragged_to_its_stops_and_the_lab_follows(lab):
    shows(lab, f=1)
    lab.pane(NET).scroll_into_view_if_needed()
    svg = lab.pane(NET).locator(".seglab-diagram > svg").bounding_box()
    x, y = middle(knob(lab).locator("circle").last)
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    across = (svg["width"] - 16) / 6
    lab.page.mouse.move(x + 0.8 * across, y - 30, steps=3)  # nearest to 2, whatever the height
    shows(lab, f=2)
    lab.page.mouse.move(x + 3.2 * across, y, steps=3)
    lab.page.mouse.up()
    shows(lab, f=4)
    assert knob(lab).get_attribute("aria-valuetext") == "f is 4"


def test_a_knob_is_a_slider_for_the_keys(lab):
    knob(lab).focus()
    assert knob(lab).get_attribute("aria-label") == "step f"
    knob(lab).press("ArrowRight")
    shows(lab, f=2)
    knob(lab).press("ArrowUp")
    shows(lab, f=4)
    knob(lab).press("Home")
    shows(lab, f=1)
    knob(lab).press("Escape")
    assert knob(lab).evaluate("(node) => node !== document.activeElement")


def test_a_knob_is_answered_from_memory_while_the_kernel_is_busy(notebook):
    opened = notebook(
        [
            "from small_labs import DIAGRAMS\nfrom seglab import show\nlab = show(DIAGRAMS)\nlab",
            "import time",
        ]
    )
    opened.run_all()
    knob(opened).focus()
    for key, f in (("ArrowRight", 2), ("ArrowLeft", 1)):
        knob(opened).press(key)
        shows(opened, f=f)
    opened.begin("time.sleep(6); done = True")
    knob(opened).press("ArrowRight")
    shows(opened, f=2)
    assert not opened.is_done()
    opened.until(opened.is_done, "the kernel stays busy")
    opened.wait_idle()
    assert opened.code("print(lab.state['f'], done)").strip() == "2 True"
    assert opened.complaints() == []


def test_a_click_on_a_shape_sets_a_control(lab):
    line = lab.pane(NET).locator("path.seglab-stroked")
    line.scroll_into_view_if_needed()
    lab.page.mouse.click(*middle(line))
    shows(lab, f=1, skip=False)
    assert "seglab-dashed" in line.get_attribute("class")
    lab.page.mouse.click(*middle(line))
    shows(lab, f=1, skip=True)


def test_keys_go_from_part_to_part_and_read_them(lab):
    stage = lab.pane(NET).locator(".seglab-stage")
    stage.focus()
    read = []
    for _ in range(3):
        stage.press("ArrowRight")
        read.append(lab.readout(NET))
    assert read == ["encoder", "decoder", "skip"]
    stage.press("Enter")
    shows(lab, f=1, skip=False)
    stage.press("Escape")
    assert lab.readout(NET) == ""


def test_a_bar_leaves_its_last_place_behind(lab):
    bars = lab.pane(SIZE).locator("rect.seglab-ghost")
    assert bars.count() == 0
    knob(lab).focus()
    knob(lab).press("ArrowRight")
    lab.until(lambda: bars.count() == 1, "no ghost")
    track, ghost = (
        lab.pane(SIZE).locator("rect").nth(0).bounding_box(),
        bars.first.bounding_box(),
    )
    assert ghost["width"] / track["width"] == pytest.approx(1 / 6, abs=0.02)


def test_a_page_says_where_a_control_stands_that_it_does_not_hold(page_of, opened, tmp_path):
    path = tmp_path / "fixed.html"
    save(DIAGRAMS, path, vary={"f": [1, 2]}, fix={"skip": True}, progress=silent)
    slide = Slide(opened(path))
    line = slide.pane(NET).locator("path.seglab-stroked")
    slide.page.mouse.click(*middle(line))
    slide.until(lambda: slide.notice() == "In this page skip stands at True.", slide.notice())
    knob(slide).focus()
    knob(slide).press("End")  # 6 is not stored: the nearest is 2
    shows(slide, f=2)
    for key in ("Escape", "End"):
        assert knob(slide).get_attribute("aria-valuenow") == "1"  # the second of its stops
        knob(slide).press(key)
    shows(slide, f=2)
    assert knob(slide).get_attribute("aria-valuenow") == "1"
