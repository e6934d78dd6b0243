"""A student's page in a browser: read by axe-core, light and dark."""

import pytest

from seglab._browser import find
from seglab.grade import report
from seglab.grade.marking import Mark
from seglab.grade.report import Graded

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MARKS = (
    Mark("interleave", 0, 3, "rows and columns are swapped"),
    Mark("shift_of", 1, 1, "correct"),
)
WORK = Graded("Anna", "08-shift-and-stitch", "a.ipynb", MARKS, ("cell 5: it hangs",), "printed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_on_the_page_is_hard_to_read(tmp_path, scheme):
    sync_api = pytest.importorskip("playwright.sync_api")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    executable = find()
    if executable is None:
        pytest.skip("no Chromium")
    path = tmp_path / "anna.html"
    path.write_text(report.page("Anna", [WORK], "namespaces"), encoding="utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        # axe-core itself is a script, which the page's own rule would keep out.
        page = browser.new_context(color_scheme=scheme, bypass_csp=True).new_page()
        page.goto(path.as_uri())
        found = axe.run(page)
        browser.close()
    assert found.violations_count == 0, found.generate_report()
