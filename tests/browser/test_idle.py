"""Controls without effect, a tour, and a student's own net, in a real JupyterLab."""

import pytest
from small_labs import EDITORS, NETS

pytestmark = pytest.mark.browser

NAMES = "from torch import nn\nfrom small_labs import EDITORS, NETS\nfrom seglab import show"


def says(row):
    """True if a row of the controls says under the mouse that it has no effect."""
    row.hover()
    said = row.evaluate("(node) => getComputedStyle(node, '::after').content")
    return said == '"no effect here"'


def test_a_tour_is_walked_with_the_keyboard_and_greys_what_has_no_say(notebook):
    nb = notebook([NAMES, "lab = show(EDITORS)\nlab"])
    nb.run_all()
    root = nb.root()
    stack = root.locator(".seglab-stack")
    assert nb.slider("f").get_attribute("disabled") is None
    assert not stack.evaluate("(node) => node.inert")
    assert "1 of 2" in root.inner_text()
    nb.button("Show me").press("Enter")
    nb.until(lambda: "Nothing has a say." in root.inner_text(), "the tour says nothing")
    lit = root.locator(".seglab-pointed-at")
    nb.until(lambda: lit.count() == 2, "a control and a number are not lit")
    assert root.locator(".seglab-pointed-at.seglab-control-on").count() == 1
    assert root.locator(".seglab-numbers > .seglab-pointed-at dt").inner_text() == "n"
    assert nb.numbers()["n"] == "1"
    nb.until(lambda: stack.evaluate("(node) => node.inert"), "the stack can be edited")
    assert root.locator(".seglab-matrix").evaluate("(node) => node.inert")
    assert root.get_by_label("row", exact=False).first.is_disabled()
    assert root.locator("select").first.is_disabled()
    assert nb.button("Your own").is_disabled()
    assert root.locator(".widget-slider .noUi-target").get_attribute("disabled") is not None
    for greyed in (stack, root.locator("select").first, nb.slider("f")):
        assert says(greyed.locator("xpath=ancestor::*[contains(@class,'seglab-idle')]"))
    assert not says(root.locator(".widget-checkbox"))
    nb.button("Next").press("Enter")
    nb.until(lambda: "2 of 2" in root.inner_text(), "the tour stays")
    assert nb.button("Next").is_disabled()
    nb.button("Show me").press("Enter")
    nb.until(lambda: nb.numbers()["n"] == "4", "the second step is not set")
    nb.until(lambda: not stack.evaluate("(node) => node.inert"), "the stack stays greyed")
    nb.expect_pixels("p", EDITORS.at(f=4).panes["p"])
    assert root.locator(".seglab-idle").count() == 0
    assert not nb.complaints()


def test_an_own_net_is_chosen_in_the_drop_down_and_a_refused_one_is_said(notebook):
    nb = notebook([NAMES, "lab = show(NETS)\nlab"])
    nb.run_all()
    nb.code("lab.controls['model'].value = nn.Conv2d(1, 2, 5)")
    menu = nb.root().locator("select").first
    nb.until(lambda: menu.input_value() == "own Conv2d", "the drop-down does not follow")
    assert nb.code("print(lab)") == "Nets(model=own Conv2d, bias=0)\n"
    assert "no single input channel" in nb.code("lab.controls['model'].value = nn.Conv2d(3, 1, 1)")
    nb.until(lambda: "no single input channel" in nb.notice(), "the error is not shown")
    menu.select_option("large")
    nb.expect_pixels("p", NETS.at(model="large").panes["p"])
    assert nb.notice() == ""
    menu.select_option("own Conv2d (2)")
    nb.until(lambda: "no single input channel" in nb.notice(), "the error is not shown again")
    nb.expect_pixels("p", NETS.at(model="large").panes["p"])
    menu.select_option("own Conv2d")
    nb.until(lambda: "own Conv2d," in nb.code("print(lab)"), "the own net is not taken")
    assert not nb.complaints()
