"""README's first picture: lab 16 as a saved page, taken in Chromium.

python docs/images/make.py
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from seglab import _browser, save
from seglab.lessons.your_photo import LAB

PICTURE = Path(__file__).parent / "lab-16.png"
WIDTH, BORDER = 1180, 12

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
