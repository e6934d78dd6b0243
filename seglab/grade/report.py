"""Reports: grades.csv for a spreadsheet, results.json for programs, a page for each student."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import seglab
from seglab._files import atomic
from seglab.course import brief
from seglab.grade.marking import Mark
from seglab.grade.shield import KINDS

PAGES = "students"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute such a cell
_CSS = """
:root { color-scheme: light dark; --line: #767676; --right: #1a7f64; --wrong: #b85c00; }
@media (prefers-color-scheme: dark) { :root { --right: #4cc9a4; --wrong: #ff9d4d; } }
html { background: Canvas; color: CanvasText; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: left;
  vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td { overflow-wrap: anywhere; }
.right, .wrong { color: var(--right); font-weight: bold; }
.wrong { color: var(--wrong); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid var(--line);
  padding: .4rem .8rem; }
"""


@dataclass(frozen=True)
class Graded:
    """One student's work on one assignment, marked.

    notes: what went wrong while it ran. printed: the beginning of what it printed.
    """

    student: str
    assignment: str
    notebook: str
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()
    printed: str = ""

    @property
    def points(self) -> float:
        """The points that were earned."""
        return sum(mark.points for mark in self.marks)

    @property
    def of(self) -> float:
        """The points that could be earned."""
        return sum(mark.of for mark in self.marks)


def write(out: Path, graded: Sequence[Graded], kind: str) -> None:
    """Write all reports into a folder; kind: of the shield."""
    by_student: dict[str, list[Graded]] = {}
    for one in graded:
        by_student.setdefault(one.student, []).append(one)
    _save(out / "grades.csv", table(by_student))
    _save(out / "results.json", json.dumps(data(by_student, kind), indent=1, ensure_ascii=False))
    (out / PAGES).mkdir(exist_ok=True)
    names = page_names(by_student)
    for student, works in by_student.items():
        _save(out / PAGES / names[student], page(student, works, kind))


def table(by_student: Mapping[str, Sequence[Graded]]) -> str:
    """The rows of grades.csv: a student each, with the points of each exercise."""
    columns = list(
        dict.fromkeys(
            (work.assignment, mark.name)
            for works in by_student.values()
            for work in works
            for mark in work.marks
        )
    )
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    heads = [f"{assignment}: {name}" for assignment, name in columns]
    writer.writerow(["student", "points", "of", *heads, "remarks"])
    for student, works in by_student.items():
        points = {(w.assignment, m.name): m.points for w in works for m in w.marks}
        total, of = sum(w.points for w in works), sum(w.of for w in works)
        remarks = "; ".join(dict.fromkeys(note for work in works for note in work.notes))
        numbers = [_number(points[column]) for column in columns]
        row = [student, _number(total), _number(of), *numbers, brief.cut(remarks, 1000)]
        writer.writerow([_harmless(cell) for cell in row])
    return file.getvalue()


def data(by_student: Mapping[str, Sequence[Graded]], kind: str) -> dict[str, Any]:
    """The content of results.json."""
    return {
        "seglab": seglab.__version__,
        "shield": {"kind": kind, "words": KINDS[kind]},
        "students": [
            {
                "student": student,
                "points": sum(work.points for work in works),
                "of": sum(work.of for work in works),
                "work": [
                    {
                        **asdict(work),
                        "marks": [{**asdict(m), "points": m.points} for m in work.marks],
                    }
                    for work in works
                ],
            }
            for student, works in by_student.items()
        ],
    }


def page(student: str, works: Sequence[Graded], kind: str) -> str:
    """A student's page: what was earned, and why not more."""
    total, of = sum(work.points for work in works), sum(work.of for work in works)
    parts = "".join(map(_work, works))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # Whatever a submission has printed, nothing of it runs or loads here.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>Grades of {escape(student)}</title><style>{_CSS}</style></head>"
        f"<body><main><h1>{escape(student)}</h1>"
        f"<p><strong>{_number(total)} of {_number(of)} points.</strong></p>{parts}"
        f"<p><small>{escape(KINDS[kind])} seglab {seglab.__version__}.</small></p>"
        "</main></body></html>\n"
    )


def page_names(students: Iterable[str]) -> dict[str, str]:
    """The names of the pages: those of the students, as any system can store them."""
    plain = {student: re.sub(r"[^\w.-]+", "_", student)[:80].strip(".") for student in students}
    often = Counter(name.lower() for name in plain.values())
    return {
        student: f"{name}.html"
        if name and often[name.lower()] == 1
        else f"{name}-{sha256(student.encode('utf-8', 'replace')).hexdigest()[:8]}.html"
        for student, name in plain.items()
    }


def _work(work: Graded) -> str:
    rows = "".join(map(_row, work.marks))
    notes = "".join(f"<li>{escape(note)}</li>" for note in work.notes)
    noted = f"<h3>While it ran</h3><ul>{notes}</ul>" if notes else ""
    printed = (
        f"<details><summary>What it printed</summary><pre>{escape(work.printed)}</pre></details>"
        if work.printed.strip()
        else ""
    )
    return (
        f"<section><h2>{escape(work.assignment)}</h2>"
        f"<p>{escape(work.notebook) or 'no notebook'}: "
        f"{_number(work.points)} of {_number(work.of)} points</p>"
        '<table><thead><tr><th scope="col">exercise</th><th scope="col">result</th>'
        '<th scope="col" class="number">points</th><th scope="col" class="number">of</th>'
        f'<th scope="col">why</th></tr></thead><tbody>{rows}</tbody></table>'
        f"{noted}{printed}</section>"
    )


def _row(mark: Mark) -> str:
    word, kind = ("✓ right", "right") if mark.passed else ("✗ not right", "wrong")
    return (
        f'<tr><th scope="row"><code>{escape(mark.name)}</code></th>'
        f'<td class="{kind}">{word}</td><td class="number">{_number(mark.points)}</td>'
        f'<td class="number">{_number(mark.of)}</td><td>{escape(mark.reason)}</td></tr>'
    )


def _number(value: float) -> str:
    return f"{value:.10g}"


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _save(path: Path, text: str) -> None:
    with atomic(path) as unfinished:
        unfinished.write_bytes(text.encode("utf-8", "replace"))
