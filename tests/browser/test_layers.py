"""The editor of a stack of layers, worked by hand in a real JupyterLab."""

import pytest

pytestmark = pytest.mark.browser

CELLS = [
    "from seglab import show\nfrom seglab.lessons.receptive_fields import LAB",
    "lab = show(LAB, stack='dilated 2-2-2')\nlab",
]


def test_layers_are_edited_from_the_keyboard(notebook):
    nb = notebook(CELLS)
    nb.run_all()

    def field_is(size):
        nb.until(lambda: nb.numbers()["field"] == f"{size} × {size}", f"the field is not {size}")

    field_is(13)
    dilation = nb.root().get_by_label("layer 3, dilation")
    dilation.focus()
    dilation.press("ArrowUp")
    field_is(15)
    assert nb.root().locator(".seglab-stack select").first.input_value() == "your own"
    kernel = nb.root().get_by_label("layer 1, kernel size")
    kernel.fill("")
    kernel.press_sequentially("5")
    kernel.press("Enter")
    field_is(19)
    for name, size in (("Add after", 21), ("Remove", 19), ("Later", 19), ("Add after", 21)):
        nb.root().get_by_role("button", name=name).press("Enter")
        field_is(size)
    kernels = "print([layer.kernel_size for layer in lab.controls['stack'].value])"
    assert nb.code(kernels).startswith("[3, 5, 3, 3]")
    nb.root().get_by_label("layer 3, conv; press for pool").press("Enter")
    nb.until(
        lambda: "'pool'" in nb.code("print(lab.run.state['stack'])"), "the kind has not changed"
    )
    wide = nb.root().get_by_label("layer 2, kernel size")
    wide.fill("")
    wide.press_sequentially("0")
    wide.press("Enter")
    nb.until(lambda: wide.input_value() == "1", "a kernel of 0 was taken")
    nb.root().locator(".seglab-stack select").first.select_option("VGG-16")
    field_is(404)
    nb.code("lab.controls['stack'].value = 'AlexNet'")
    field_is(355)
    assert nb.root().locator(".seglab-stack select").first.input_value() == "AlexNet"
    assert not nb.complaints()


def test_what_cannot_be_is_said(notebook):
    nb = notebook(CELLS)
    nb.run_all()
    kernel = nb.root().get_by_label("layer 2, kernel size")
    dilation = nb.root().get_by_label("layer 2, dilation")
    for box, number in ((dilation, "30"), (kernel, "30")):
        box.fill("")
        box.press_sequentially(number)
        box.press("Tab")
    nb.until(lambda: "layer 2 (conv): " in nb.notice(), "the sentence is missing")
    kernel.fill("")
    kernel.press_sequentially("3")
    kernel.press("Tab")
    nb.until(lambda: nb.notice() == "", "the sentence has stayed")
    assert not nb.complaints()
