"""The brush in JupyterLab: drawn with the mouse, with keys, and typed."""

import pytest

pytestmark = pytest.mark.browser

CELLS = [
    "import torch\n"
    "from seglab import show\n"
    "from seglab.draw import paint\n"
    "from seglab.lab import Brush, Lab, of\n"
    "panes = {'picture': lambda drawn: paint.rgb(torch.full((1, 3, 32, 32), 0.5))}\n"
    "LAB = Lab('t', {'drawn': Brush((32, 32))}, (), panes, {'strokes': of(len, 'drawn')})",
    "lab = show(LAB)\nlab",
]


def test_a_brush_draws_with_the_mouse_with_keys_and_as_text(notebook):
    nb = notebook(CELLS)
    nb.run_all()
    page, text = nb.page, nb.root().locator(".seglab-strokes input")

    def at(row, column):
        sheet = nb.pane("picture").locator(".seglab-sheet").bounding_box()
        return (
            sheet["x"] + (column + 0.5) * sheet["width"] / 32,
            sheet["y"] + (row + 0.5) * sheet["height"] / 32,
        )

    def becomes(value):
        page.wait_for_function(
            "([node, value]) => node.value === value", arg=[text.element_handle(), value]
        )

    page.mouse.click(*at(4, 6))
    becomes("object point 4:6")
    nb.root().get_by_role("button", name="background").click()
    page.mouse.move(*at(10, 10))
    page.mouse.down()
    for column in range(11, 21):
        page.mouse.move(*at(10, column))
    assert nb.pane("picture").locator("path.seglab-pen").first.get_attribute("d")
    page.mouse.up()
    becomes("object point 4:6; background line 10:10 10:13 10:16 10:19 10:20")
    nb.root().get_by_role("button", name="Undo").click()
    becomes("object point 4:6")
    nb.root().get_by_role("button", name="box").click()
    page.mouse.move(*at(2, 3))
    page.mouse.down()
    page.mouse.move(*at(9, 12))
    page.mouse.up()
    becomes("object point 4:6; background box 2:3 9:12")

    page.mouse.move(5, 5)
    nb.root().get_by_role("button", name="draw").click()
    nb.pane("picture").locator(".seglab-stage").focus()
    page.keyboard.press("1")
    page.mouse.move(*at(20, 20))
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    becomes("object point 4:6; background box 2:3 9:12; object point 22:19")
    page.keyboard.press("Backspace")
    becomes("object point 4:6; background box 2:3 9:12")
    nb.wait_idle()  # of two texts, a kernel that is busy with a third hears the last alone
    nb.until(lambda: nb.numbers()["strokes"] == "2", "the kernel does not hear of it")

    text.fill("object star 1:1")
    text.press("Enter")
    nb.root().get_by_text("stroke 1 is a 'star'; use point or line or box").wait_for()
    becomes("object point 4:6; background box 2:3 9:12")
    nb.root().get_by_role("button", name="Clear").click()
    becomes("")
    assert not nb.complaints()
