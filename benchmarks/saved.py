"""Saved labs in headless Chromium: each is measured by itself, and opened more than once."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from measuring import Parts

from seglab import _browser

T = TypeVar("T")
# When there are pictures is noted; `await soon()` leaves the page no rest in which to draw ahead.
SCRIPT = """
const look = () => {
  if (document.querySelector('.seglab-board')?.dataset.step !== undefined)
    window.ready = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
window.soon = () => new Promise((next) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = next;
  channel.port2.postMessage(0);
});
"""


def each(labs: Iterable[str], measure: Callable[[Any, str, Path], T]) -> tuple[list[T], Parts]:
    """Findings of `measure(browser, lab, folder)` on each lab, and the parts that it ran in."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_browser.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        found, parts = [], Parts()
        for lab in labs:
            with parts.part(f"lab {lab}"):
                found.append(measure(browser, lab, Path(folder)))
        browser.close()
    return found, parts


def opened(browser: Any, path: Path, times: int, **how: Any) -> tuple[Any, list[float]]:
    """The page of a saved lab, opened so many times, and the seconds to its first pictures.

    how: keywords of the browser's context. The last page stays open, for its reader to close.
    """
    seconds = []
    for left in reversed(range(times)):
        context = browser.new_context(viewport={"width": 1200, "height": 800}, **how)
        page = context.new_page()
        page.add_init_script(SCRIPT)
        page.goto(path.as_uri())
        page.wait_for_function("() => window.ready")
        seconds.append(page.evaluate("() => window.ready") / 1000)
        if left:
            context.close()
    return page, seconds
