"""README's pictures: lab 16 as a saved page, taken in Chromium; the passes of lab 08 as a film.

python docs/images/make.py
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from seglab import _browser, save
from seglab.lessons.shift_and_stitch import LAB as SHIFTS
from seglab.lessons.your_photo import LAB

PICTURE, FILM = (Path(__file__).parent / name for name in ("lab-16.png", "lab-08.gif"))
WIDTH, BORDER, FILM_WIDTH = 1180, 12, 800

save(SHIFTS, FILM, vary=["shifts"], fix={"photo": "astronaut"}, px=FILM_WIDTH)

with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
    path = Path(folder) / "page.html"
    save(LAB, path, progress=lambda done, total: None)
    browser = playwright.chromium.launch(executable_path=_browser.find())
    page = browser.new_page(viewport={"width": WIDTH, "height": 600})
    page.goto(path.as_uri())
    page.wait_for_selector("[data-step]")
    page.wait_for_timeout(1000)  # until the last pane is drawn
    end = page.evaluate(
        "() => document.querySelector('.seglab-board').getBoundingClientRect().bottom"
    )
    page.screenshot(path=PICTURE, clip={"x": 0, "y": 0, "width": WIDTH, "height": end + BORDER})
    browser.close()
