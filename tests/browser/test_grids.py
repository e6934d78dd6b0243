"""Number grids, a curtain, a table, code and a matrix, with a mouse and with keys."""

import pytest
from small_labs import GRIDS

from .test_board import overflowing

pytestmark = pytest.mark.browser

CELLS = ["from small_labs import GRIDS\nfrom seglab import show", "lab = show(GRIDS)\nlab"]
LAB03 = "from seglab import show\nfrom seglab.lessons.convolution_arithmetic import LAB"


@pytest.fixture
def grids(notebook):
    nb = notebook(CELLS)
    nb.run_all()
    return nb


def lit(nb, pane, kind="link"):
    """The cells with an outline, as 'Mcolumn row'."""
    drawn = nb.pane(pane).locator(f"path.seglab-ink.seglab-{kind}").get_attribute("d") or ""
    return {box for box in drawn.split("h1v1h-1z") if box}


def tags(nb, pane):
    return nb.pane(pane).locator(".seglab-tags text").all_text_contents()


def arithmetic(nb):
    return nb.root().locator(".seglab-sum").inner_text().replace("\u00a0", " ")


def block(top, left, rows=3, columns=3):
    return {f"M{left + c} {top + r}" for r in range(rows) for c in range(columns)}


def test_pointing_at_an_output_lights_its_inputs_and_spells_the_sum_out(grids):
    nb = grids
    for name in GRIDS.panes:
        nb.expect_pixels(name, GRIDS.at().panes[name])
    assert nb.pane("output").locator(".seglab-texts text").all_text_contents() == [
        *("−2", "1", "1", "−8", "−1", "9", "4", "−6", "2")
    ]
    assert "Point at a cell" in arithmetic(nb)
    nb.point("output", 1, 1)
    assert lit(nb, "input") == block(2, 2)
    assert lit(nb, "kernel") == block(0, 0)
    assert lit(nb, "output", "source") == {"M1 1"}
    assert tags(nb, "input") == ["×1", "×0", "×−1", "×2", "×0", "×−2", "×1", "×0", "×−1"]
    assert arithmetic(nb) == (
        "output (1, 1) = 1·4 + 0·(−2) − 1·(−1) + 2·2 + 0·3 − 2·4 + 1·0 + 0·1 − 1·2 = −1"
    )
    assert nb.readout("output") == "−1"
    assert nb.readout("input") == "5 × 5, padded by 1"
    nb.page.mouse.move(5, 5)
    assert not lit(nb, "input")
    assert not nb.complaints()


def test_pointing_at_an_input_lights_every_output_that_needs_it(grids):
    nb = grids
    nb.point("input", 2, 2)  # (1, 1) without the padding
    assert lit(nb, "output") == block(0, 0, 2, 2)
    assert arithmetic(nb) == (
        "input (1, 1) = 4 is read by 4 outputs: "
        "(0, 0) as −1·4, (0, 1) as 1·4, (1, 0) as −1·4, (1, 1) as 1·4"
    )
    assert tags(nb, "output") == ["×−1", "×1", "×−1", "×1"]
    nb.point("input", 0, 0)
    assert arithmetic(nb).startswith("padding (−1, −1) = 0 is read by 1 output: (0, 0)")
    nb.code(
        "lab.controls['kernel'].value = [[0] * 7] * 3 + [[0, 0, 0, 2, 3, 0, 0]] + [[0] * 7] * 3"
    )
    nb.until(lambda: nb.pixels("kernel").shape[0] == 7, "the kernel does not grow")
    nb.point("output", 0, 0)  # more terms than can be read
    assert arithmetic(nb) == "output (0, 0) = 2·3 + 3·4 = 18 (and 47 terms with weight 0)"
    nb.code("lab.reset()")
    nb.until(lambda: nb.pixels("kernel").shape[0] == 3, "no reset")
    nb.point("kernel", 0, 2)
    assert lit(nb, "input") == {f"M{c} {r}" for r in (0, 2, 4) for c in (2, 4, 6)}
    nb.code("lab.set(i=6, p=0)")
    nb.until(lambda: "lost to flooring" in nb.pane("input").inner_text(), "no row is lost")
    nb.point("input", 5, 5)
    assert nb.readout("input") == "−2, lost"
    assert "is read by no output" in arithmetic(nb)
    assert not nb.complaints()


def test_a_click_pins_a_cell_and_keys_move_it(grids):
    nb = grids
    nb.point("output", 1, 1, click=True)
    nb.point("output", 0, 0)
    assert arithmetic(nb).startswith("output (1, 1)")
    nb.press("stride", "ArrowRight")  # stride 1: the cell stays pinned over a redraw
    nb.until(lambda: lit(nb, "input") == block(1, 1), "the pinned cell does not follow the stride")
    stage = nb.pane("output").locator(".seglab-stage")
    stage.press("ArrowRight")
    assert arithmetic(nb).startswith("output (1, 2)")
    stage.press("Escape")
    nb.page.mouse.move(5, 5)
    stage.press("Escape")
    assert "Point at a cell" in arithmetic(nb)

    nb.page.mouse.move(5, 5)
    stage.focus()
    stage.press("ArrowUp")
    assert arithmetic(nb).startswith("output (")
    spoken = nb.root().locator(".seglab-spoken")
    nb.until(lambda: spoken.inner_text().startswith("output ("), "the sum is not spoken")
    stage.press("Enter")
    nb.point("input", 0, 0)
    assert arithmetic(nb).startswith("output (")
    nb.point("output", 4, 4, click=True)
    nb.point("output", 4, 4, click=True)  # the second click lets go
    nb.page.mouse.move(5, 5)
    assert "Point at a cell" in arithmetic(nb)
    assert nb.page.locator(".jp-Cell").count() == 2
    assert not nb.complaints()


def test_the_kernel_walks(grids):
    nb = grids
    after = nb.root().get_by_role("button", name="Next cell")
    after.click()
    assert arithmetic(nb).startswith("output (0, 0)")
    after.click()
    assert (lit(nb, "input"), lit(nb, "output", "source")) == (block(0, 2), {"M1 0"})
    nb.root().get_by_role("button", name="Previous cell").click()
    assert arithmetic(nb).startswith("output (0, 0)")
    walk = nb.root().get_by_role("button", name="Walk the kernel over the cells")
    walk.click()
    assert walk.inner_text() == "Stop"
    nb.until(lambda: "(0, 0)" not in arithmetic(nb), "the kernel does not walk")
    walk.click()
    assert walk.inner_text() == "Walk"
    assert not nb.complaints()


def test_the_curtain_is_drawn_by_mouse_and_by_keys(grids):
    nb = grids
    both = nb.pane("both")
    divider = both.get_by_role("slider", name="Divider between fine and coarse")
    divider.scroll_into_view_if_needed()
    area = both.locator(".seglab-sheet").bounding_box()
    box = divider.bounding_box()
    y = box["y"] + box["height"] / 2
    nb.page.mouse.move(box["x"] + box["width"] / 2, y)
    nb.page.mouse.down()
    nb.page.mouse.move(area["x"] + 0.25 * area["width"], y, steps=4)
    nb.page.mouse.up()
    assert divider.get_attribute("aria-valuenow") == "25"
    nb.page.mouse.move(5, 5)  # all is on one screen: the pointer would go on reading the pane
    clip = both.locator("canvas.seglab-over").evaluate("(c) => c.style.clipPath")
    assert clip.startswith("inset(0")
    nb.press("stride", "ArrowRight")
    nb.until(lambda: "5 × 5" in both.locator(".seglab-side").last.inner_text(), "no redraw")
    assert divider.get_attribute("aria-valuenow") == "25"  # it stays where the hand left it
    for key, now in [("ArrowRight", 27), ("Shift+ArrowRight", 37), ("End", 100), ("Home", 0)]:
        divider.press(key)
        assert divider.get_attribute("aria-valuenow") == str(now)
    nb.point("both", 2, 3)
    fine, coarse = both.locator(".seglab-readout").all_inner_texts()
    assert (fine.strip(), coarse.strip()) == ("4", "4")
    divider.press("Escape")
    assert not divider.evaluate("(d) => d === document.activeElement")
    assert not nb.complaints()


def test_a_table_is_a_table(grids):
    nb = grids
    table = nb.root().get_by_role("table", name="layers")
    assert table.get_by_role("columnheader").all_inner_texts() == [
        *("layer", "size", "stride", "padding")
    ]
    row = table.locator("tr[aria-current=true]")
    assert row.locator("td").all_inner_texts() == ["conv1", "3", "2", "1"]
    nb.press("stride", "ArrowRight")
    nb.until(
        lambda: row.locator("td").all_inner_texts() == ["conv1", "3", "1", "1"],
        "the table does not follow",
    )


def test_a_line_of_code_is_copied_or_selected(grids):
    nb = grids
    line = nb.root().locator(".seglab-code code")
    assert line.inner_text() == "nn.Conv2d(1, 1, 3, stride=2, padding=1)"
    nb.page.evaluate(
        """() => { window.copied = []; Object.defineProperty(navigator, "clipboard", {
            configurable: true, value: {writeText: async (text) => window.copied.push(text)}}) }"""
    )
    nb.button("Copy").click()
    nb.until(lambda: "Copied" in nb.root().locator(".seglab-code").inner_text(), "nothing is said")
    assert nb.page.evaluate("() => window.copied") == [line.inner_text()]
    nb.page.evaluate(
        "() => Object.defineProperty(navigator, 'clipboard', {configurable: true, value: null})"
    )
    nb.button("Copy").click()
    nb.until(
        lambda: nb.page.evaluate("() => getSelection().toString()") == line.inner_text(),
        "the line is not selected",
    )
    assert "Selected" in nb.root().locator(".seglab-code").inner_text()
    assert not nb.complaints()


def test_a_matrix_is_edited_with_keys(grids):
    nb = grids
    matrix = nb.root().get_by_role("group", name="kernel", exact=True).first
    cell = lambda row, column: matrix.get_by_label(f"row {row}, column {column}")  # noqa: E731 # a name for a place
    preset, size = matrix.locator("select").all()

    def kernel():
        return nb.code("print(lab.run.state['kernel'])").strip()

    cell(0, 0).focus()
    cell(0, 0).press("ArrowDown")
    cell(1, 0).press("ArrowRight")
    assert cell(1, 1).evaluate("(c) => c === document.activeElement")
    drawn = int(nb.root().locator(".seglab-board").get_attribute("data-step"))
    cell(1, 1).fill("-0,5")
    cell(1, 1).press("Enter")
    wanted = "((1.0, 0.0, -1.0), (2.0, -0.5, -2.0), (1.0, 0.0, -1.0))"
    nb.until(lambda: kernel() == wanted, "the kernel is not the one that was typed")
    nb.expect_pixels("kernel", GRIDS.at(kernel=eval(wanted)).panes["kernel"])
    step = int(nb.root().locator(".seglab-board").get_attribute("data-step"))
    assert step == drawn + 1  # one redraw
    assert preset.input_value() == ""
    assert "your own" in preset.inner_text()

    cell(0, 1).fill("two")
    cell(0, 1).press("Tab")
    assert "“two” is no number" in matrix.inner_text()
    assert cell(0, 1).get_attribute("aria-invalid") == "true"
    assert cell(0, 2).evaluate("(c) => c === document.activeElement")
    assert kernel() == wanted
    cell(0, 1).fill("1/9")
    cell(0, 1).press("Tab")
    nb.until(lambda: f"{1 / 9}" in kernel(), "1/9 is not read")
    assert "no number" not in matrix.inner_text()

    preset.select_option("blur")
    nb.until(lambda: cell(2, 2).input_value() == "1/9", "the preset is not shown")
    size.select_option("2")
    nb.until(lambda: matrix.locator("input").count() == 4, "the grid keeps its size")
    nb.until(lambda: kernel().count("0.11") == 4, "the kernel keeps its size")
    nb.code("lab.controls['kernel'].value = 'edge'")
    nb.until(lambda: matrix.locator("input").count() == 9, "code does not set the cells")
    assert preset.input_value() == "edge"
    assert nb.page.locator(".jp-Cell").count() == 2
    assert not nb.complaints()


def test_a_transposed_kernel_walks_over_the_input_and_bad_sizes_are_said(notebook):
    nb = notebook([LAB03, "lab = show(LAB, i=4, transposed=True, p=1)\nlab"])
    nb.run_all()
    nb.root().get_by_role("button", name="Next cell").click()
    assert arithmetic(nb).startswith("input (0, 0) = 6 adds to 9 outputs: (−1, −1) as 1·6")
    assert lit(nb, "output") == block(0, 0)
    nb.press("stride s", "ArrowRight")
    nb.root().get_by_role("button", name="Next cell").click()
    nb.until(lambda: lit(nb, "output") == block(0, 3), "the next stamp does not stand 3 further")
    nb.point("output", 0, 0)
    nb.page.keyboard.press("Escape")
    seen = nb.pixels("output")
    nb.press("output padding a", "ArrowRight", times=3)
    nb.until(lambda: "output_padding=3 must be" in nb.notice(), "a bad size is not said")
    assert "kernel = 1 to 9" in nb.notice()
    assert nb.pixels("output").shape[0] >= seen.shape[0]
    nb.button("Reset").click()
    nb.until(lambda: nb.notice() == "", "the notice stays")


def test_grids_fit_their_page(notebook):
    nb = notebook([LAB03, "lab = show(LAB, p=2, kernel='blur, 5 × 5')\nlab"])
    nb.run_all()
    nb.point("output", 1, 1, click=True)
    for theme, width in [("Light", 1280), ("Dark", 700)]:
        nb.lab.theme(f"JupyterLab {theme}")
        nb.page.set_viewport_size({"width": width, "height": 800})
        nb.page.wait_for_timeout(200)
        assert not overflowing(nb), f"{theme}, {width} px"
        for name in ("input", "kernel", "output"):
            sheet = nb.pane(name).locator(".seglab-sheet").bounding_box()
            rows, columns = nb.pixels(name).shape[:2]
            cells = sheet["height"] / rows, sheet["width"] / columns
            assert cells[0] == pytest.approx(cells[1], rel=0.02)  # cells are square
            if cells[0] >= 8:  # smaller ones fill a thumbnail
                assert cells[0] == pytest.approx(round(cells[0]), abs=0.1)
    nb.lab.theme("JupyterLab Light")
    nb.page.set_viewport_size({"width": 1280, "height": 800})
    assert not nb.complaints()
