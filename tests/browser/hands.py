"""Hands and eyes for the board, wherever it is shown: in a notebook, or on a slide."""

import base64
import time
from collections.abc import Callable
from typing import Any

import numpy as np

PATIENCE = 30.0  # seconds; what is waited for normally takes far less than one


class View:
    """A board in a page or frame. Panes go by the name that is seen beside them."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def root(self) -> Any:
        """The lab worked on."""
        return self.page.locator(".seglab-lab")

    def slider(self, label: str) -> Any:
        """The handle of the slider with this label."""
        row = self.root().locator(
            ".widget-inline-hbox", has=self.page.get_by_text(label, exact=True)
        )
        return row.locator(".noUi-handle").first

    def press(self, label: str, key: str, times: int = 1) -> None:
        """Move a slider by its keys."""
        handle = self.slider(label)
        handle.focus()
        for _ in range(times):
            handle.press(key)

    def pane(self, name: str) -> Any:
        """The figure with this caption."""
        return self.root().locator(f'xpath=.//figure[figcaption[normalize-space()="{name}"]]')

    def table(self, pane: str) -> list[list[str]]:
        """The texts of a pane that is a table, its columns' names first."""
        rows = self.pane(pane).locator("tr").all()
        return [row.locator("th, td").all_text_contents() for row in rows]

    def pixels(self, pane: str, which: int = 0) -> np.ndarray:
        """Content of the pane's canvas: uint8 [H, W, 4], one pixel a cell; a curtain has two."""
        size, data = (
            self.pane(pane)
            .locator("canvas.seglab-plane")
            .nth(which)
            .evaluate(
                """(canvas) => {
                    const {width, height} = canvas;
                    const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
                    let text = "";
                    for (let i = 0; i < data.length; i += 8192)
                      text += String.fromCharCode(...data.subarray(i, i + 8192));
                    return [[height, width], btoa(text)];
                }"""
            )
        )
        return np.frombuffer(base64.b64decode(data), np.uint8).reshape(*size, 4)

    def expect_pixels(self, pane: str, picture: Any, beside: bool = False) -> None:
        """Wait until the pane shows exactly this seglab.draw.paint.Picture.

        beside: a diagram may show more, of what the lab did before.
        """
        if picture.kind == "table":
            self._until(
                lambda: self.table(pane) == [list(picture.columns), *map(list, picture.rows)],
                f"table {pane!r} differs",
            )
            return
        if picture.kind == "diagram":
            said = self.pane(pane).locator("svg > [role=img]")
            wanted = f"{pane}: {picture.alt()}"

            def is_said() -> bool:
                text = str(said.get_attribute("aria-label"))
                return text == wanted or (beside and text.startswith(f"{wanted}; beside "))

            self._until(is_said, lambda: f"{pane!r}: {said.get_attribute('aria-label')}")
            if not picture.parts:
                return
        seen: list[np.ndarray] = []
        sides = [side for _, side in picture.parts] or [picture]

        def equal() -> bool:
            for which, side in enumerate(sides):
                seen[:] = [self.pixels(pane, which)]
                if not same(seen[0], side):
                    return False
            return True

        self._until(equal, lambda: f"pane {pane!r} differs: {difference(seen[0], sides[-1])}")

    def point(self, pane: str, row: int, column: int, click: bool = False) -> None:
        """Move the mouse to a pixel of the input, as the pane shows it, and maybe click."""
        sheet = self.pane(pane).locator(".seglab-sheet")
        sheet.scroll_into_view_if_needed()
        area = sheet.bounding_box()
        _, _, width, height = map(float, sheet.locator("> svg").get_attribute("viewBox").split())
        x = area["x"] + area["width"] * (column + 0.5) / width
        y = area["y"] + area["height"] * (row + 0.5) / height
        self.page.mouse.move(x, y)
        if click:
            self.page.mouse.click(x, y)

    def readout(self, pane: str) -> str:
        """The line beneath the pane."""
        return str(self.pane(pane).locator(".seglab-readout").inner_text()).strip()

    def numbers(self) -> dict[str, str]:
        """The numbers beneath the panes."""
        names = self.root().locator(".seglab-numbers dt").all_inner_texts()
        values = self.root().locator(".seglab-numbers dd")
        texts = values.evaluate_all(
            "(all) => all.map((dd) => (dd.querySelector('code') ?? dd).innerText)"
        )
        return dict(zip(names, texts, strict=True))

    def notice(self) -> str:
        """The sentence above the panes; empty when there is none."""
        banner = self.root().locator(".seglab-notice")
        return str(banner.inner_text()) if banner.is_visible() else ""

    def until(self, true: Callable[[], Any], message: str) -> None:
        """Wait until true() holds; AssertionError with the message when it never does."""
        self._until(true, message)

    def _until(self, true: Callable[[], Any], message: "str | Callable[[], str]") -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                raise AssertionError(message if isinstance(message, str) else message())
            self.page.wait_for_timeout(50)  # who asks oftener keeps the browser from its work


def same(pixels: np.ndarray, picture: Any) -> bool:
    """Compare canvas pixels with a Picture: its colours where there is a value, else clear."""
    if pixels.shape[:2] != picture.size:
        return False
    valued = np.ones(picture.size, bool) if picture.kind == "rgb" else picture.array != 255
    return bool(
        (pixels[valued, :3] == picture.rgb()[valued]).all()
        and (pixels[..., 3] == np.where(valued, 255, 0)).all()
    )


def difference(pixels: np.ndarray, picture: Any) -> str:
    """In words, how far canvas pixels are from a Picture."""
    if pixels.shape[:2] != picture.size:
        return f"{pixels.shape[:2]} on the screen, {picture.size} computed"
    unequal = (pixels[..., :3] != picture.rgb()).any(-1).sum()
    return f"{unequal} of {pixels.shape[0] * pixels.shape[1]} pixels"
