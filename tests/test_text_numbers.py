"""Numbers with a point or in percent in a notebook's text: each is printed there, or has its test.

The outputs are stored, and run anew by nbval; so what is printed is what the code gives.
"""

import json
import re
from pathlib import Path

import pytest

from seglab.course import notebooks

TEXTS = {path.stem: path for path in sorted(notebooks.folder().glob("*.ipynb"))}
NUMBER = re.compile(r"(?<![\w.,])(\d+\.\d+|\d+(?= ?%))( ?%)?")
PRINTED = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)( ?%)?")
# What is no number of the lab: code, addresses, and the sections of papers.
ASIDE = re.compile(r"```.*?```|https?://\S+|\bsections? [\d.]+", re.DOTALL)
# Others have measured it, or it is a definition or a goal.
GIVEN = {
    "01-grouping-pixels": ["2.3"],
    "02-semantic-instance-panoptic": ["0.55"],
    "12-skip-connections": ["59.4", "62.4", "62.7", "63.6", "65.0", "65.5"],
    "14-measuring": ["2%", "0.5%"],
    "15-finding-instances": ["0.95"],
    "16-your-photo": [
        *("96.48%", "95.71%", "97.59%", "96.57%", "95.64%", "96.74%", "96.25%", "96.86%"),
        *("98.74%", "4.4%", "3.3%"),
    ],
    "21-clicks": ["0.95", "20.0", "22.1", "34.9", "239.7"],
}
# No cell prints it: the test that computes it.
ELSEWHERE = {
    ("08-shift-and-stitch", "62.5"): "test_a_pass_over_all_that_is_left_costs_a_little_more",
    ("18-many-resolutions", "0.004"): "test_what_the_text_says_of_ending_the_net_is_so",
    ("18-many-resolutions", "98%"): "test_what_the_text_says_of_ending_the_net_is_so",
    ("21-clicks", "1.6"): "test_the_notebook_tells_the_recorded_figures",
    ("21-clicks", "2.8"): "test_the_notebook_tells_the_recorded_figures",
    ("21-clicks", "0.90"): "test_the_notebook_tells_the_recorded_figures",
}


def told(book):
    """Numbers of the text, with their sign of percent."""
    texts = (ASIDE.sub("", cell.source) for cell in book.cells if cell.cell_type == "markdown")
    return [number + sign.strip() for text in texts for number, sign in NUMBER.findall(text)]


def printed(book):
    """Everything that code cells hold and print, as one text."""
    parts = []
    for cell in book.cells:
        if cell.cell_type == "code":
            parts.append(cell.source)
            for output in cell.outputs:
                texts = {kind: v for kind, v in output.get("data", {}).items() if "text" in kind}
                parts.append(output.get("text", "") + json.dumps(texts))
    return "\n".join(parts)


def is_read(number, text):
    """Tell whether a number is among those of a text, once they are rounded to its digits."""
    wanted, is_share = number.rstrip("%"), number.endswith("%")
    digits = len(wanted.partition(".")[2])
    for other, sign in PRINTED.findall(text):
        times = 100 if is_share and not sign else 1
        longer = times > 1 or len(other.partition(".")[2]) >= digits
        if longer and f"{times * float(other):.{digits}f}" == wanted:
            return True
    return False


@pytest.mark.parametrize("stem", TEXTS)
def test_a_number_of_the_text_is_printed_in_its_notebook(stem):
    book = notebooks.read(TEXTS[stem])
    known = {number for other, number in ELSEWHERE if other == stem} | {*GIVEN.get(stem, ())}
    text = printed(book)
    assert [one for one in told(book) if one not in known and not is_read(one, text)] == []


def test_what_is_not_printed_stands_in_the_text_and_has_its_test():
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py"))
    for (stem, number), name in ELSEWHERE.items():
        assert number in told(notebooks.read(TEXTS[stem])), (stem, number)
        assert f"def {name}(" in tests
    for stem, numbers in GIVEN.items():
        assert set(numbers) <= set(told(notebooks.read(TEXTS[stem])))
