"""A student's page in a browser: read by axe-core, light and dark."""

import pytest

from seglab.grade import report
from seglab.grade.marking import Mark
from seglab.grade.report import Graded

pytestmark = pytest.mark.browser
MARKS = (
    Mark("interleave", False, 3, "rows and columns are swapped"),
    Mark("shift_of", True, 1, "correct"),
)
WORK = Graded("Anna", "08-shift-and-stitch", "a.ipynb", MARKS, ("cell 5: it hangs",), "printed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_on_the_page_is_hard_to_read(browser, tmp_path, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    path = tmp_path / "anna.html"
    path.write_text(report.page("Anna", [WORK], "namespaces"), encoding="utf-8")
    # axe-core itself is a script, which the page's own rule would keep out.
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(path.as_uri())
    found = axe.run(page)
    context.close()
    assert found.violations_count == 0, found.generate_report()
