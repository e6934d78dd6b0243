"""The live view as a student meets it: a real JupyterLab, a real kernel, a real browser."""

import io
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image as Pillow
from small_labs import FRAGILE, LAB, SLOW, STREAM

from seglab import lessons

pytestmark = pytest.mark.browser

CELLS = ["from small_labs import FRAGILE, LAB\nfrom seglab import show", "lab = show(LAB)\nlab"]


def expect_state(notebook, lab=LAB, **state):
    """All panes show exactly what the lab computes in this state."""
    run = lab.at(**state)
    for name, picture in run.panes.items():
        notebook.expect_pixels(name, picture)
    wanted = {name: str(value) for name, value in run.numbers.items()}
    notebook.until(lambda: notebook.numbers() == wanted, f"{notebook.numbers()} is not {wanted}")
    return run


def test_the_pictures_follow_every_control(notebook):
    nb = notebook(CELLS)
    nb.run_all()
    expect_state(nb)
    assert nb.code("import sys; print('plotly' in sys.modules)") == "False\n"

    nb.press("window step f", "ArrowRight")
    expect_state(nb, f=16)
    nb.press("window step f", "ArrowLeft", times=3)  # faster than it is computed: the last counts
    expect_state(nb, f=2)
    nb.drag("window step f", 1.0)
    expect_state(nb, f=16)
    nb.drag("threshold", 0.7)
    expect_state(nb, f=16, threshold=0.7)
    nb.root().get_by_label("softmax").check()
    expect_state(nb, f=16, threshold=0.7, softmax=True)
    nb.root().locator("select").select_option("coffee")
    expect_state(nb, photo="coffee", f=16, threshold=0.7, softmax=True)
    nb.code("lab.controls['f'].value = 4")
    expect_state(nb, photo="coffee", f=4, threshold=0.7, softmax=True)
    assert nb.slider("window step f").get_attribute("aria-valuenow") == "1.0"
    slider = nb.page.get_by_role("slider", name="window step f")
    nb.until(lambda: slider.get_attribute("aria-valuetext") == "4", "the slider has no name")
    assert not nb.root().locator(".seglab-fallback").is_visible()
    nb.button("Reset").click()
    run = expect_state(nb)
    nb.root().locator(".widget-play button").first.click()
    expect_state(nb, f=16)
    assert nb.code("print(repr(lab))") == repr(LAB.at(f=16)) + "\n"
    assert str(run.numbers["windows"]) == "225"
    assert not nb.complaints()


def test_pointing_reads_every_pane_and_clicking_sets_the_pixel(notebook):
    nb = notebook(CELLS)
    nb.run_all()
    run = LAB.at()
    scores, labels = run.panes["first score"], run.panes["labels"]
    assert nb.readout("labels") == "15 × 15, one every 8 px · sees 16 × 16"

    nb.point("first score", 70, 101)  # window 8, 12: center 71.5, 103.5
    low, high = scores.range
    value = low + scores.array[8, 12] / 254 * (high - low)
    assert float(nb.readout("first score").replace("−", "-")) == pytest.approx(value, abs=0.05)
    assert nb.readout("labels") == labels.names[labels.array[8, 12]]
    assert nb.readout("image") == " ".join(map(str, run.panes["image"].array[70, 101]))
    field = nb.pane("image").locator("path.seglab-ink.seglab-field")
    assert field.get_attribute("d") == "M96 64h16v16h-16z"  # rows 64 to 79, columns 96 to 111
    assert not nb.pane("labels").locator("path.seglab-ink.seglab-field").get_attribute("d")
    nb.point("labels", 2, 2)
    assert nb.readout("labels") == "no value"
    assert not field.get_attribute("d")

    nb.point("image", 30, 90, click=True)
    expect_state(nb, at=(30, 90))
    nb.page.mouse.down()
    nb.point("image", 100, 20)
    nb.page.mouse.up()
    expect_state(nb, at=(100, 20))

    # The notebook would take arrows, Enter and Escape for itself.
    stage = nb.pane("labels").locator(".seglab-stage")
    nb.page.mouse.move(5, 5)
    stage.focus()
    for key in ("ArrowUp", "Shift+ArrowLeft", "ArrowRight"):
        stage.press(key)
    spoken = nb.root().locator(".seglab-spoken")
    nb.until(lambda: "; labels " in spoken.inner_text(), "nothing is spoken")
    stage.press("Enter")
    row, column = 56, 16  # from the middle cell (7, 7) to (6, 1), whose field is centered there
    expect_state(nb, at=(row, column))
    assert f"row {row}, column {column}" in nb.root().locator(".seglab-place").inner_text()
    stage.press("Escape")
    assert nb.readout("labels").startswith("15 × 15")
    assert nb.page.locator(".jp-Cell").count() == 2
    assert not nb.complaints()


def upright_phone_photo(path):
    """20 megapixels, stored lying on its side: upright it is red above blue."""
    pixels = np.zeros((3648, 5472, 3), np.uint8)
    pixels[:, :2736, 0] = 250
    pixels[:, 2736:, 2] = 250
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees to see it
    Pillow.fromarray(pixels).save(path, quality=85, exif=exif)
    return path


def test_a_picture_of_ones_own(notebook, tmp_path):
    nb = notebook(CELLS)
    nb.run_all()
    chooser = nb.root().locator("input[type=file]")

    def shown_equals_kernel(name):
        nb.until(
            lambda: nb.code("print(lab.run.state['photo'])").strip() == name, f"{name} is not used"
        )
        digest = "__import__('hashlib').sha256(lab.run.panes['image'].rgb().tobytes()).hexdigest()"
        wanted = nb.code(f"print({digest})").strip()
        nb.until(
            lambda: sha256(nb.pixels("image")[..., :3].tobytes()).hexdigest() == wanted,
            f"the canvas does not show {name}",
        )

    chooser.set_input_files(upright_phone_photo(tmp_path / "phone.jpg"))
    shown_equals_kernel("phone.jpg")
    pixels = nb.pixels("image")
    assert pixels[10, 64, 0] > 200
    assert pixels[-10, 64, 2] > 200
    sent = int(nb.code("print(len(lab.run.state['photo'].data))"))
    assert sent < 2**20

    (tmp_path / "notes.png").write_bytes(b"not a picture")
    chooser.set_input_files(tmp_path / "notes.png")
    nb.until(lambda: "notes.png: " in nb.notice(), "garbage was not refused")
    shown_equals_kernel("phone.jpg")

    big = tmp_path / "scan.tif"
    big.write_bytes(bytes(9 * 2**20))
    chooser.set_input_files(big)
    nb.until(lambda: "scan.tif has 9 MB" in nb.notice(), "a large TIFF was not refused")

    deep = io.BytesIO()
    Pillow.fromarray(np.full((20, 30), 60000, np.uint16)).save(deep, "tiff")
    transfer = nb.page.evaluate_handle(
        """(bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "deep.tif"));
            return transfer;
        }""",
        list(deep.getvalue()),
    )
    stage = nb.pane("image").locator(".seglab-stage")
    stage.dispatch_event("dragover", {"dataTransfer": transfer})
    stage.dispatch_event("drop", {"dataTransfer": transfer})
    shown_equals_kernel("deep.tif")
    assert nb.notice() == ""
    nb.press("window step f", "ArrowRight")
    nb.until(lambda: nb.numbers()["windows"] == "49", "the slider is dead after an upload")
    nb.button("Reset").click()
    expect_state(nb)
    assert not nb.complaints()


def test_an_error_is_shown_and_the_next_step_clears_it(notebook):
    nb = notebook([CELLS[0], "lab = show(FRAGILE)\nlab"])
    nb.run_all()
    nb.press("k", "ArrowRight")
    nb.until(lambda: "choose an even k" in nb.notice(), "the error is not shown")
    assert "k = 3" in nb.notice()
    nb.expect_pixels("square", FRAGILE.at().panes["square"])
    nb.press("k", "ArrowRight")
    nb.expect_pixels("square", FRAGILE.at(k=4).panes["square"])
    assert nb.notice() == ""
    assert "choose an even k" in nb.code("lab.controls['k'].value = 3")
    nb.until(lambda: "choose an even k" in nb.notice(), "an error from a cell is not shown")


def test_the_next_step_is_in_the_browser_before_the_kernel_answers(notebook):
    nb = notebook(CELLS)
    nb.run_all()
    nb.press("window step f", "ArrowLeft")
    expect_state(nb, f=4)
    nb.until(lambda: nb.code("print(len(lab.session.cache))") == "3\n", "2 is not sent ahead")
    nb.code("lab.session.worker.computing.acquire()")  # from here on the kernel computes nothing
    nb.press("window step f", "ArrowLeft")
    expect_state(nb, f=2)
    nb.press("window step f", "ArrowRight", times=2)
    expect_state(nb, f=8)  # shown before
    nb.press("window step f", "ArrowRight")  # never computed: the last picture stays
    nb.page.wait_for_timeout(100)
    expect_state(nb, f=8)
    assert nb.code("print(lab.session.shown.state['f'])") == "4\n"
    nb.code("lab.session.worker.computing.release()")
    expect_state(nb, f=16)
    assert nb.code("print(lab.run)") == repr(LAB.at(f=16)) + "\n"

    # What the kernel believes to be there and is not is asked for.
    nb.code(
        "session, run = lab.session, lab.run.step(softmax=True)\n"
        "session.cache.put(session.frame(run, session.cache.key(run.state)))"
    )
    nb.root().get_by_label("softmax").check()
    expect_state(nb, f=16, softmax=True)
    assert not nb.complaints()


def test_slow_work_leaves_the_kernel_free_and_stops(notebook):
    nb = notebook(["from small_labs import SLOW\nfrom seglab import show", "lab = show(SLOW)\nlab"])
    nb.run_all()
    bar = nb.root().locator(".seglab-progress")
    nb.press("k", "ArrowRight", times=7)
    nb.until(bar.is_visible, "no bar")
    assert nb.code("print(6 * 7)") == "42\n"
    assert bar.is_visible()
    nb.expect_pixels("square", SLOW.at(k=7).panes["square"])
    assert not bar.is_visible()
    nb.press("k", "ArrowRight")
    nb.until(bar.is_visible, "no bar")
    nb.lab.command("notebook:interrupt-kernel")
    nb.until(lambda: "Stopped." in nb.notice(), "it does not stop")
    nb.expect_pixels("square", SLOW.at(k=7).panes["square"])
    nb.press("k", "ArrowLeft", times=7)
    nb.expect_pixels("square", SLOW.at(k=1).panes["square"])
    assert nb.notice() == ""
    nb.press("k", "ArrowRight", times=2)
    nb.until(lambda: "3 is too many" in nb.notice(), "the error is not shown")
    assert nb.page.locator("[data-mime-type*=stderr]").count() == 0
    assert not nb.complaints()


def test_a_stream_is_started_stopped_and_resumed(notebook):
    nb = notebook(
        ["from small_labs import STREAM\nfrom seglab import show", "lab = show(STREAM)\nlab"]
    )
    nb.run_all()
    steps = lambda: int(nb.numbers()["steps"])  # noqa: E731 # a name for a reading
    assert steps() == 1
    nb.button("Start").first.click()
    nb.until(lambda: steps() > 1, "it does not start")
    nb.button("Stop").click()
    nb.button("Resume").wait_for()
    stopped = steps()
    assert 1 < stopped < 100
    nb.press("zoom", "ArrowRight")
    nb.until(lambda: "zoom=2" in nb.code("print(lab)"), "zoom does not follow")
    assert steps() == stopped
    nb.button("Resume").click()
    nb.until(lambda: steps() == 100, "it does not run to its end")
    nb.expect_pixels("way", STREAM.at(zoom=2).panes["way"])
    assert nb.button("Start").first.is_disabled()
    assert not nb.complaints()


def test_two_views_and_a_page_reload(notebook):
    nb = notebook([*CELLS, "lab"])
    nb.run_all()
    nb.press("window step f", "ArrowRight")
    expect_state(nb, f=16)
    nb.board = 1
    expect_state(nb, f=16)
    nb.point("image", 9, 8, click=True)
    expect_state(nb, f=16, at=(9, 8))
    nb.board = 0
    expect_state(nb, f=16, at=(9, 8))
    marks = nb.page.locator("path.seglab-ink.seglab-point")
    assert len({marks.nth(i).get_attribute("d") for i in range(6)}) == 1
    assert not nb.complaints()

    nb.lab.command("docmanager:save")
    nb.lab.load(nb.name)
    nb.wait_idle()
    expect_state(nb, f=16, at=(9, 8))
    nb.press("window step f", "ArrowLeft")
    expect_state(nb, f=8, at=(9, 8))


COUNTED = """() => {
    const before = URL.createObjectURL;
    window.large = 0;
    URL.createObjectURL = (blob) => ((window.large += blob.size > 1e6), before.call(URL, blob));
}"""  # scripts of megabytes


DEAF = """from seglab.live import figure
kind, questions = figure._kind(), []
hear = kind._asked
def hear_later(self, *asked):
    questions.append(asked)
    if len(questions) > 1:
        hear(self, *asked)
kind._asked = hear_later
"""  # once: so is a kernel whose figure is not quite ready


def test_a_chart_on_request_with_one_script_for_all_charts(notebook):
    nb = notebook([*CELLS, "show(LAB)"])
    nb.run_all()
    nb.page.evaluate(COUNTED)
    assert nb.code(DEAF) == ""
    for nb.board in range(2):
        nb.button("Measure the means").click()
        nb.root().locator(".js-plotly-plot .main-svg").first.wait_for()
        nb.until(lambda: nb.button("Measure the means").is_enabled(), "the button stays grey")
        nb.press("window step f", "ArrowRight")
        expect_state(nb, f=16)
    assert nb.page.evaluate("window.large") == 1
    assert nb.code("print([one[1]['kind'] for one in questions][:3])").split() == [
        "['script',",
        "'script',",
        "'state']",
    ]
    assert not nb.complaints()


HURRY = """() => {
    const before = AbortSignal.timeout;
    window.late = 0;
    AbortSignal.timeout = () => (window.late++, AbortSignal.abort());
    window.patient = () => { AbortSignal.timeout = before; };
}"""  # anywidget no longer waits for scripts


def test_scripts_that_come_too_late_hear_the_kernel_all_the_same(notebook):
    nb = notebook(["from seglab import lessons, show\nlab = show(lessons.find('11'))\nlab"])
    nb.page.evaluate(HURRY)
    try:
        nb.run_all()
        lab = lessons.find("11")
        expect_state(nb, lab)
        assert nb.root().locator(".seglab-controls .seglab-row").count() == 1
        nb.press("stride s", "ArrowRight")
        expect_state(nb, lab, s=3)
        nb.code("lab.set(kernel=((1, 2, 1),))")
        expect_state(nb, lab, s=3, kernel=((1.0, 2.0, 1.0),))
        taps = nb.root().locator(".seglab-controls .seglab-matrix-cells input")
        nb.until(lambda: [tap.input_value() for tap in taps.all()] == ["1", "2", "1"], "old taps")

        chart = "chart = list(lab.charts.values())[0]; chart.measure(); chart.wait()"
        title = nb.root().locator(".js-plotly-plot .gtitle")
        for s in (3, 4):
            nb.code(f"lab.set(s={s}); {chart}")
            nb.until(lambda s=s: f"stride {s}" in "".join(title.all_text_contents()), "no chart")
            assert nb.root().locator(".js-plotly-plot .legendtext").count() == 2
        assert nb.page.evaluate("window.late") > 3
    finally:
        nb.page.evaluate("window.patient()")
    assert not nb.complaints()


def test_it_fits_its_page(notebook, tmp_path):
    nb = notebook(CELLS)
    nb.run_all()
    for theme, width in [("Light", 1280), ("Light", 700), ("Dark", 1280)]:
        nb.lab.theme(f"JupyterLab {theme}")
        nb.page.set_viewport_size({"width": width, "height": 800})
        nb.page.wait_for_timeout(200)
        nb.page.screenshot(path=tmp_path / f"{theme}-{width}.png")
        assert not overflowing(nb), f"{theme}, {width} px"
        boxes = [
            stage.bounding_box() for stage in nb.root().locator(".seglab-panes .seglab-stage").all()
        ]
        assert len({(round(b["width"]), round(b["height"])) for b in boxes}) == 1
        assert all(b["width"] >= 120 for b in boxes)  # five panes and all else on one screen
    nb.lab.theme("JupyterLab Light")
    assert not nb.complaints()


def overflowing(nb):
    """Elements that would be cut off or get a scrollbar; what its tooltip says may be."""
    return nb.root().evaluate(
        """(root) => [root, ...root.querySelectorAll("*")]
            .filter((e) => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1)
            .filter((e) => getComputedStyle(e).overflowX !== "visible")
            .filter((e) => !e.closest(".seglab-spoken, .noUi-target, .seglab-sheet, select"))
            .filter((e) => !(e.closest("[title]")?.title ?? "").includes(e.textContent))
            .map((e) => e.tagName + "." + e.className + ": " + e.textContent.slice(0, 60))"""
    )
