"""The command that counts how the house is kept: what it counts, and what must not grow."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "benchmarks"))

import house  # noqa: E402


@pytest.fixture
def write(tmp_path):
    """write(path, text): a file of a house with nothing else in it."""

    def make(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path

    return make


def test_the_command_prints_one_row_for_each_number_and_needs_no_library():
    command = [sys.executable, "-S", "-I", ROOT / "benchmarks" / "house.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 2 + 7


def test_the_page_of_the_house_names_the_command():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert "python benchmarks/house.py" in page


def test_few_private_names_are_used_by_tests():
    assert len(house.private_reaches()) < 10


def test_lines_of_javascript_fit_a_screen():
    assert house.longest_line().lines <= 100


def test_a_private_name_counts_where_it_is_somebody_elses(write):
    root = write(
        "tests/test_a.py",
        "live._worker.rest()\n"
        "self._own\n"
        "self.board._send\n"
        "cls._own\n"
        "pair._replace(a=1)\n"
        "net.__call__\n"
        "live._repr_mimebundle_()\n"
        "'live._text'\n",
    )
    assert [place.split()[1] for place in house.private_reaches(root)] == [
        "live._worker",
        "self.board._send",
    ]


def test_a_question_for_a_controls_kind_counts_outside_controls(write):
    asked = "isinstance(c, Matrix | lab.Photo)\nisinstance(c, (int, Choice))\nisinstance(c, int)\n"
    write("seglab/controls/_a.py", asked)
    root = write("seglab/live/a.py", asked)
    assert house.asked_kinds(root) == ["seglab/live/a.py:1", "seglab/live/a.py:2"]


def test_a_lab_is_a_file_that_declares_one(write):
    write("seglab/lessons/__init__.py", "def find():\n    pass\n")
    root = write("seglab/lessons/one.py", "x = 1\n\nLAB = Lab(\n)\n")
    assert house.lessons(root) == {"one": 4}


def test_the_longest_function_of_python_comes_first(write):
    root = write(
        "seglab/a.py", "def f():\n    pass\n\nclass C:\n    def g(self):\n        x = 1\n\n"
    )
    write("seglab/b.py", "async def h():\n    pass\n    pass\n    pass\n")
    assert [(s.lines, s.where) for s in house.python_functions(root)] == [
        (4, "seglab/b.py:1 h"),
        (2, "seglab/a.py:1 f"),
        (2, "seglab/a.py:5 g"),
    ]


@pytest.mark.parametrize(
    ("source", "spans"),
    [
        ("function f(a) {\n  return {};\n}", [(1, 3)]),
        ("const f = (a) => {\n\n};\nconst g = (a) => a;", [(1, 3)]),
        ("class A {\n  #move(by = 1) {\n  }\n  get size() { return 1; }\n}", [(2, 3), (4, 4)]),
        ("if (a) {\n}\nfor (const b of c()) {\n}\nwhile (f(a)) {\n}", []),
        ("function f(\n  { a, b },\n  c,\n) {\n}", [(1, 5)]),
        ('function f() {\n  return "}" + `}` + /[}]/.source; // }\n}', [(1, 3)]),
        ("/* function f() { */\nexport default {\n  render() {\n  },\n};", [(3, 4)]),
        ("switch (a) {\n}\ntry {\n} catch (error) {\n}", []),
    ],
)
def test_functions_of_javascript_are_found_between_their_braces(source, spans):
    assert sorted(house.functions_of(source)) == spans
