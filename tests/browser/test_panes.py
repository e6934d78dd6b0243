"""The board's script alone: it draws the frames that a test makes."""

import pytest
import torch

from seglab.board import assets, frames
from seglab.draw import paint

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
