"""Every lab is seen whole: controls, numbers and panes, on the screens that students have."""

import json

import pytest

from seglab import lessons
from seglab.controls import Layers, Matrix

pytestmark = pytest.mark.browser

STEMS = list(lessons.catalogue())
SECOND = list(lessons.catalogue()["08-shift-and-stitch"].panes)[1]
LAPTOP, SMALL, LARGE = (
    (1280, 800),
    (1000, 700),
    (1920, 1080),
)  # with the file browser; without; with

# What is cut off or wraps, how tall all of it is, and how wide the panes are.
SEEN = """(root) => {
    const box = (node) => node.getBoundingClientRect();
    const screen = root.closest(".jp-WindowedPanel-outer, .jp-NotebookPanel-notebook");
    const whole = [...root.querySelectorAll(
        ".seglab-controls .widget-label, .seglab-controls button, .seglab-status")];
    const inside = [...root.querySelectorAll(
        ".seglab-controls > *, .seglab-numbers > *, .seglab-pane, .seglab-chart, .seglab-foot")];
    const [all, width] = [box(root), root.clientWidth];
    return {
        spare: screen.clientHeight - all.height,
        outside: inside.filter((node) => box(node).width && (
            box(node).right > all.right + 1 || box(node).bottom > all.bottom + 1))
            .map((node) => node.textContent.slice(0, 40)),
        cut: whole.filter((node) => node.scrollWidth > node.clientWidth + 1)
            .map((node) => node.textContent),
        wrapped: [...root.querySelectorAll(".seglab-caption")]
            .filter((node) => box(node).height > 20).map((node) => node.textContent),
        sides: [...root.querySelectorAll(".seglab-panes .seglab-stage")]
            .map((node) => Math.round(box(node).width)),
        figures: root.querySelectorAll("figure").length,
        above: box(root.querySelector(".seglab-numbers")).bottom
            <= box(root.querySelector(".seglab-area")).top + 1,
    };
}"""


def look(notebook, size, sidebar):
    """Looks of each lab in a window of this size, with or without the file browser.

    One at a time: a window's new size makes every lab that is shown arrange itself anew.
    """
    lab = notebook.lab
    notebook.show_only()
    lab.page.set_viewport_size({"width": size[0], "height": size[1]})
    open_now = lab.page.locator("#jp-left-stack").is_visible()
    if open_now != sidebar:
        lab.command("application:toggle-left-area")
    seen = {}
    for stem in STEMS:
        notebook.show_only(stem)
        notebook.work_on(stem)
        notebook.rest()
        seen[stem] = notebook.root().evaluate(SEEN)
    return seen


def has_an_editor(stem):
    """Tell whether a lab has a table among its controls, as tall as several of them."""
    controls = lessons.catalogue()[stem].controls.values()
    return any(
        isinstance(one, Layers) or (isinstance(one, Matrix) and len(one.default) > 1)
        for one in controls
    )


@pytest.mark.parametrize(
    ("size", "sidebar", "least"),
    [(LAPTOP, True, 120), (SMALL, False, 120), (SMALL, True, 120), (LARGE, True, 240)],
)
def test_every_lab_is_whole_on_one_screen(labs, size, sidebar, least):
    seen = look(labs, size, sidebar)
    wrong = {}
    for stem, what in seen.items():
        longer = 48 if (size, sidebar) == (SMALL, True) and has_an_editor(stem) else 0
        ok = (
            what["spare"] + longer >= 0
            and not (what["outside"] or what["cut"] or what["wrapped"])
            and min(what["sides"]) >= least
            and what["figures"] == len(lessons.catalogue()[stem].panes)
            and what["above"]
        )
        if not ok:
            wrong[stem] = what
    assert not wrong, json.dumps(wrong, indent=1)


def test_a_pane_and_a_lab_grow_and_go_back_by_keys(labs):
    labs.work_on("08-shift-and-stitch")
    root, page = labs.root(), labs.page
    stage = labs.pane(SECOND).locator(".seglab-stage")
    state = labs.state()
    wide = lambda: stage.bounding_box()["width"]  # noqa: E731 # a name for a reading
    before = wide()

    stage.focus()
    page.keyboard.press("e")
    labs.until(lambda: wide() > 1.3 * before, "the pane does not grow")
    others = len(lessons.catalogue()["08-shift-and-stitch"].panes) - 1
    assert root.locator(".seglab-thumbnails figure").count() == others
    assert stage.evaluate("(e) => e === document.activeElement")
    root.locator(".seglab-thumbnails figure").first.click()
    labs.until(lambda: wide() < before, "the other pane does not take its place")
    page.keyboard.press("Escape")
    labs.until(lambda: wide() == before, "the panes do not go back")

    stage.focus()
    page.keyboard.press("f")
    filled = "(e) => e.matches('.seglab-theatre') && e.getBoundingClientRect().width"
    labs.until(lambda: root.evaluate(filled) == 1280, "the window is not filled")
    top = "(e) => e.contains(document.elementFromPoint(640, 20))"
    assert root.evaluate(top), "something lies over the lab"
    labs.until(lambda: wide() > 1.2 * before, "the panes do not use the window")
    labs.press("shifts done", "ArrowLeft")
    page.keyboard.press("e")
    page.keyboard.press("Escape")
    labs.until(lambda: not root.evaluate(filled), "Escape does not leave")
    labs.until(lambda: wide() == before, "the panes keep their size")
    assert labs.state() != state
    root.get_by_role("button", name="Fill the window").click()
    labs.until(lambda: root.evaluate(filled), "the button does nothing")
    page.keyboard.press("Escape")


def test_a_number_that_changes_is_marked_with_what_it_was(labs):
    labs.work_on("08-shift-and-stitch")
    root = labs.root()
    where = "(all) => all.map((e) => { const b = e.getBoundingClientRect(); return [b.x, b.y]; })"
    numbers = root.locator(".seglab-numbers dt")
    was, before = labs.numbers()["pixels answered"], numbers.evaluate_all(where)
    labs.press("shifts done", "ArrowLeft")
    changed = root.locator(".seglab-changed", has_text="pixels answered")
    changed.wait_for()
    assert changed.locator(".seglab-was").inner_text() == was
    assert numbers.evaluate_all(where) == before
    changed.wait_for(state="detached")
    assert labs.numbers()["pixels answered"] != was


CHARTED = """(root) => {
    const box = (node) => node.getBoundingClientRect();
    const [plot, lab] = [box(root.querySelector(".js-plotly-plot")), box(root)];
    const area = box(root.querySelector(".seglab-area"));
    const button = box(root.querySelector(".seglab-charts button"));
    const says = root.querySelector(".seglab-panel .seglab-says");
    return {
        beside: plot.left >= area.right,
        inside: plot.right <= lab.right && plot.bottom <= Math.min(lab.bottom, button.top),
        top: plot.top - box(root.querySelector(".seglab-numbers")).top,
        cut: says.scrollWidth > says.clientWidth + 1,
    };
}"""


@pytest.mark.parametrize("stem", ["11-checkerboards", "01-grouping-pixels"])
def test_a_chart_stands_beside_the_panes_and_all_of_it_is_seen(labs, stem):
    labs.work_on(stem)
    chart = f"list(labs[{stem!r}].charts.values())[0]"
    labs.code(f"{chart}.measure(); {chart}.wait()")
    root = labs.root()
    labs.until(lambda: root.locator(".js-plotly-plot").count(), "no chart opens")
    labs.page.wait_for_timeout(600)
    seen, whole = root.evaluate(CHARTED), root.evaluate(SEEN)
    assert seen["beside"], seen
    assert seen["inside"], seen
    assert 0 <= seen["top"] < 100, seen
    assert not seen["cut"]
    assert whole["spare"] >= 0
    assert [whole["outside"], whole["cut"], whole["wrapped"]] == [[], [], []]
    root.get_by_role("button", name="×").click()
    labs.until(lambda: not root.locator(".seglab-charted").count(), "the chart does not close")
