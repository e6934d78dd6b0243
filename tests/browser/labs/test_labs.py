"""Every lab as a student meets it: the cells of an untouched copy run, then a slider moved."""

import pytest

from seglab import lessons
from seglab.controls import Choice, Photo

pytestmark = pytest.mark.browser


def slider_of(lab, state):
    """A control that is a slider, and the value on its left or right."""
    for name, control in lab.controls.items():
        numbers = isinstance(control, Choice) and not isinstance(control, Photo)
        numbers = numbers and len(control.options) > 2
        if numbers and all(type(option) in (int, float) for option in control.options):
            at = control.options.index(state[name])
            key, to = ("ArrowLeft", at - 1) if at else ("ArrowRight", at + 1)
            return name, control.label or name, key, control.options[to]
    return None


@pytest.mark.parametrize("stem", lessons.catalogue())
def test_a_lab_follows_the_hand(labs, stem):
    labs.work_on(stem)
    state = labs.state()
    labs.expect(state)
    found = slider_of(labs.shown, state)
    if found:
        name, label, key, value = found
        labs.press(label, key)
        labs.expect({**state, name: value})
    labs.button("Reset").click()
    labs.expect({})


def test_the_mosaic_fills_in_under_the_mouse(labs):
    labs.work_on("08-shift-and-stitch")
    labs.set(photo="astronaut", shifts=1)
    for fraction, shifts, share in ((0.0, 1, "1.6%"), (0.4, 12, "19.0%"), (1.0, 256, "100.0%")):
        labs.drag("shifts done", fraction)
        labs.expect({"photo": "astronaut", "shifts": shifts})
        assert labs.numbers()["pixels answered"] == share
    labs.drag("downsampling factor f", 0.0)
    labs.expect({"photo": "astronaut", "shifts": 256, "f": 2})
    assert labs.numbers()["max difference"] == "below 0.0001"


def test_a_broken_rule_shows_and_the_cost_is_measured(labs):
    labs.work_on("09-a-trous")
    assert float(labs.numbers()["max difference"]) > 1
    labs.root().get_by_label("dilations: preset").select_option("all but conv4")
    labs.expect({"dilations": "all but conv4"})
    knob = labs.pane("taps of one score").get_by_role("slider").nth(5)
    for _ in range(3):
        before = knob.get_attribute("aria-valuenow")
        knob.press("ArrowRight")
        labs.until(lambda b=before: knob.get_attribute("aria-valuenow") != b, "the knob stays")
    labs.until(lambda: labs.numbers()["max difference"] == "below 0.0001", "the knob moves nothing")
    labs.expect({"dilations": "up to conv4"})
    labs.button("Measure the cost").click()
    labs.root().locator(".js-plotly-plot .legendtext").first.wait_for(timeout=90_000)
    lines = labs.root().locator(".js-plotly-plot .legendtext").all_text_contents()
    assert lines == ["sliding window", "shift and stitch", "à trous", "fragments"]
    labs.root().get_by_role("button", name="×").click()
