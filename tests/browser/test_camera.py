"""The camera of lab 16: asked for on a click only, and off again whatever happens."""

import pytest

from . import jupyter

CELLS = [
    "from seglab import show\nfrom seglab.lessons.your_photo import LAB",
    "lab = show(LAB)\nlab",
]
# Counts what is asked, and keeps what is given.
WATCHED = """() => {
    window.streams = []; window.asked = 0;
    const devices = navigator.mediaDevices, ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wanted) => {
        window.asked += 1;
        const stream = await ask(wanted);
        window.streams.push(stream);
        return stream;
    };
}"""
LIVE = """() => window.streams.flatMap((stream) => stream.getTracks())
    .filter((track) => track.readyState === "live").length"""


@pytest.fixture(scope="module")
def jupyterlab(whole_browser, server):
    with jupyter.browse(server, browser=whole_browser) as lab:
        yield lab


@pytest.fixture
def nb(notebook):
    book = notebook(CELLS)
    book.run_all()
    book.page.evaluate(WATCHED)
    yield book
    book.page.context.clear_permissions()


def photo(nb):
    return nb.code("print(lab.run.state['photo'])").strip()


def test_a_photograph_is_taken_when_the_student_says_so(nb):
    nb.page.context.grant_permissions(["camera"])
    assert nb.page.evaluate("window.asked") == 0
    camera, dialog = nb.button("Camera…"), nb.page.locator("dialog")
    camera.click()
    nb.until(lambda: nb.page.evaluate(LIVE) == 1, "the camera is not on")
    dialog.get_by_role("button", name="Cancel").click()
    nb.until(lambda: nb.page.evaluate(LIVE) == 0, "the camera stays on")
    nb.until(lambda: dialog.count() == 0, "the dialog stays")
    assert photo(nb) == "astronaut"
    camera.click()
    nb.until(
        lambda: nb.page.evaluate("document.querySelector('dialog video')?.videoWidth > 0"),
        "the camera shows nothing",
    )
    dialog.get_by_role("button", name="Take the photograph").click()
    nb.until(lambda: photo(nb) == "photograph.png", "the photograph is not used")
    nb.until(lambda: nb.page.evaluate(LIVE) == 0, "the camera stays on")
    assert dialog.count() == 0
    assert nb.page.evaluate("window.asked") == 2
    # The pretended camera shows green.
    assert nb.code("print(int(lab.run.values['picture'].mean((0, 2, 3)).argmax()))").strip() == "1"
    assert not nb.complaints()


def test_a_camera_that_is_not_allowed_is_one_sentence(nb):
    nb.page.context.clear_permissions()
    nb.button("Camera…").click()
    nb.until(lambda: "The camera is not allowed here" in nb.notice(), "nothing is said")
    assert nb.page.locator("dialog").count() == 0
    assert photo(nb) == "astronaut"
    assert nb.button("Camera…").is_enabled()
