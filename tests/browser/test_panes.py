"""The board's script alone: it draws the frames that a test makes."""

import numpy as np
import pytest
import torch

from seglab.board import assets, frames
from seglab.draw import paint
from seglab.draw.marks import Box, Dot

pytestmark = pytest.mark.browser

OPEN = """async (script) => {
  const url = URL.createObjectURL(new Blob([script], {type: 'text/javascript'}));
  window.board = new (await import(url)).Board(document.body);
}"""


@pytest.fixture
def draw(browser):
    """draw(script, pane=picture, ...): what the script says once these pictures are drawn."""
    page = browser.new_page()
    page.set_content(f"<style>{assets.STYLE}</style>")
    page.evaluate(OPEN, assets.SCRIPT)

    def plain(value):
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        if isinstance(value, list | bytes | memoryview):
            return [plain(one) for one in value]
        return value

    def drawn(script, **pictures):
        frame = plain(frames.frame(pictures, {}))
        # In one go: a board that hears of a new size draws itself anew.
        return page.evaluate(f"(frame) => {{ board.draw(frame); return {script}; }}", frame)

    yield drawn
    page.close()


def test_a_pane_that_takes_the_place_of_a_curtain_is_not_smoothed(draw):
    left, right = (paint.rgb(torch.rand(1, 3, 8, 8)) for _ in range(2))
    rendered = "[...document.querySelectorAll('.seglab-plane')].map((c) => c.style.imageRendering)"
    assert draw(rendered, map=paint.curtain(left, right, ("left", "right"))) == ["pixelated"] * 2
    assert draw(rendered, map=left) == ["pixelated"]


def test_marks_lie_where_their_pixels_are_and_move_without_a_repaint(draw):
    picture = paint.rgb(torch.rand(1, 3, 16, 32))
    first = picture.with_marks(Box(3.5, 7.5, 7.5, 15.5), Dot(11, 23, (200, 0, 0), "chosen"))
    count = """(() => {
        const { putImageData } = CanvasRenderingContext2D.prototype;
        window.painted = 0;
        CanvasRenderingContext2D.prototype.putImageData = function (...all) {
            window.painted++;
            putImageData.apply(this, all);
        };
    })()"""
    where = """(() => {
        const sheet = document.querySelector(".seglab-sheet").getBoundingClientRect();
        const share = (node) => {
            const { left, top, right, bottom } = node.getBoundingClientRect();
            return [
                (top - sheet.top) / sheet.height, (left - sheet.left) / sheet.width,
                (bottom - sheet.top) / sheet.height, (right - sheet.left) / sheet.width,
            ];
        };
        return {
            painted: window.painted,
            strokes: [...document.querySelectorAll(".seglab-mark")].map(share),
            text: [...document.querySelectorAll(".seglab-mark-text")].map(
                (node) => [node.textContent, ...share(node)]),
        };
    })()"""
    draw(count, image=picture)
    found = draw(where, image=first)
    assert found["painted"] == 0  # the same bytes: only marks are new
    casing, ink, *dots = found["strokes"]
    for box in (casing, ink):
        assert np.allclose(box, [4 / 16, 8 / 32, 8 / 16, 16 / 32], atol=0.002)
    for dot in dots:
        assert np.allclose(dot, [11.5 / 16, 23.5 / 32] * 2, atol=0.002)
    ((text, top, left, bottom, _),) = found["text"]
    assert text == "chosen"
    assert np.isclose((top + bottom) / 2, 11.5 / 16, atol=0.01)
    assert left > 23.5 / 32

    moved = draw(where, image=picture.with_marks(Dot(0, 31, text="a corner")))
    assert moved["painted"] == 0
    assert len(moved["strokes"]) == 2
    ((_, top, _, _, right),) = moved["text"]
    assert top >= -0.001
    assert right <= 1.001

    assert not draw(where, image=picture)["strokes"]


def test_marks_of_a_curtain_end_at_its_divider(draw):
    sides = (paint.rgb(torch.rand(1, 3, 8, 8)).with_marks(Dot(1, 1)) for _ in range(2))
    curtain = paint.curtain(*sides, ("left", "right")).with_marks(Dot(4, 4, text="both"))
    clips = draw(
        """[...document.querySelectorAll(".seglab-marks")].map((node) => node.style.clipPath)""",
        map=curtain,
    )
    assert clips == ["inset(0px 50% 0px 0px)", "inset(0px 0px 0px 50%)", ""]
