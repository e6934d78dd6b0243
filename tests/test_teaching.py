"""The plans of docs/teaching.md: labs, minutes and exercises are those of the notebooks."""

import re
from pathlib import Path

import pytest

from seglab.course import notebooks, notes, points

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
LABS = {path.name[:2]: notebooks.read(path) for path in sorted((ROOT / "labs").glob("*.ipynb"))}
MINUTES = {number: notes.time(book) for number, book in LABS.items()}


def rows(heading):
    """The rows of the table below a heading, without its head."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("number", LABS)
def test_a_lab_has_its_minutes_and_its_exercises(number):
    (row,) = [row for row in rows("The labs") if row[0].startswith(f"{number} ")]
    _, minutes, needed, asked = row
    assert int(minutes) == MINUTES[number]
    assert re.findall(r"`(\w+)`", asked) == list(points(LABS[number]))
    assert all(other < number for other in re.findall(r"\d\d", needed))


def test_six_weeks_hold_every_lab_once_and_their_minutes_add_up():
    planned = [re.findall(r"\d\d", row[2]) for row in rows("Seven weeks")]
    assert [number for week in planned for number in week] == list(LABS)
    assert [int(row[3]) for row in rows("Seven weeks")] == [
        sum(MINUTES[number] for number in week) for week in planned
    ]


def test_the_minutes_of_one_day_add_up_and_fit():
    for time, labs, minutes in rows("One day"):
        assert int(minutes) == sum(MINUTES[number] for number in re.findall(r"\d\d", labs))
        (h, m), (to_h, to_m) = (map(int, t.split(":")) for t in re.findall(r"\d+:\d+", time))
        assert int(minutes) <= 60 * to_h + to_m - 60 * h - m


def test_one_day_goes_through_the_labs_in_order():
    order = re.findall(r"\d\d", " ".join(row[1] for row in rows("One day")))
    assert order == sorted(order)
