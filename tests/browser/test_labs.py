"""Every lab as a student meets it: its notebook run from top to bottom, then a slider moved."""

import pytest

from seglab import lessons
from seglab.controls import Choice, Layer, Photo
from seglab.course import notebooks
from seglab.lab import Run

from .jupyter import ROOT

pytestmark = pytest.mark.browser

LABS = lessons.catalogue()


def state_of(nb):
    """Values of the controls of the notebook's lab."""
    return eval(nb.code("print(lab.state)"), {"Layer": Layer})


def expect_lab(nb, lab, state):
    """Every pane on the screen is the one that the declaration gives in this state, at first."""
    run = Run(lab, lab.state(**state), finish_streams=False)
    for name, picture in run.panes.items():
        nb.expect_pixels(name, picture, beside=lab.steps["pane", name].earlier)
    wanted = {name: str(value) for name, value in run.numbers.items()}
    nb.until(lambda: nb.numbers() == wanted, f"{nb.numbers()} is not {wanted}")


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


@pytest.mark.parametrize("stem", LABS)
def test_an_untouched_copy_runs_and_follows_the_hand(notebook, stem, tmp_path):
    lab = LABS[stem]
    copy = tmp_path / f"{stem}.ipynb"
    notebooks.write(copy, notebooks.student(notebooks.read(ROOT / "labs" / copy.name)))
    nb = notebook(copy)
    nb.run_all()
    state = state_of(nb)
    expect_lab(nb, lab, state)
    found = slider_of(lab, state)
    if found:
        name, label, key, value = found
        nb.press(label, key)
        expect_lab(nb, lab, {**state, name: value})
    nb.button("Reset").click()
    expect_lab(nb, lab, {})
    assert not nb.complaints()


def test_the_mosaic_fills_in_under_the_mouse(notebook):
    lab = LABS["08-shift-and-stitch"]
    nb = notebook(["from seglab import show\nfrom seglab.lessons.shift_and_stitch import LAB\n"
                   "lab = show(LAB, photo='astronaut', shifts=1)\nlab"])  # fmt: skip
    nb.run_all()
    for fraction, shifts, share in ((0.0, 1, "1.6%"), (0.4, 12, "19.0%"), (1.0, 256, "100.0%")):
        nb.drag("shifts done", fraction)
        expect_lab(nb, lab, {"photo": "astronaut", "shifts": shifts})
        assert nb.numbers()["pixels answered"] == share
    nb.drag("downsampling factor f", 0.0)
    expect_lab(nb, lab, {"photo": "astronaut", "shifts": 256, "f": 2})
    assert nb.numbers()["max difference"] == "below 0.0001"
    assert not nb.complaints()


def test_a_broken_rule_shows_and_the_cost_is_measured(notebook):
    lab = LABS["09-a-trous"]
    nb = notebook(["from seglab import show\nfrom seglab.lessons.a_trous import LAB\n"
                   "lab = show(LAB)\nlab"])  # fmt: skip
    nb.run_all()
    assert float(nb.numbers()["max difference"]) > 1
    nb.root().get_by_label("dilations: preset").select_option("all but conv4")
    expect_lab(nb, lab, {"dilations": "all but conv4"})
    knob = nb.pane("taps of one score").get_by_role("slider").nth(5)
    for _ in range(3):
        knob.press("ArrowRight")
    nb.until(lambda: nb.numbers()["max difference"] == "below 0.0001", "the knob moves nothing")
    expect_lab(nb, lab, {"dilations": "up to conv4"})
    nb.button("Measure the cost").click()
    nb.root().locator(".js-plotly-plot .main-svg").first.wait_for(timeout=90_000)
    lines = nb.root().locator(".js-plotly-plot .legendtext").all_text_contents()
    assert lines == ["sliding window", "shift and stitch", "à trous", "fragments"]
    assert not nb.complaints()
