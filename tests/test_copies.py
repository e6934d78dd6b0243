"""Students' copies: nothing of a solution in them, constants by group, files that go with them."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from seglab.course import catalogue, copies, notebooks, peeks

ROOT = Path(__file__).parents[1]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))


def notebook(*sources, **metadata):
    """A notebook of cells: text where it begins with #, else code."""
    book = nbformat.v4.new_notebook(metadata=metadata)
    for number, source in enumerate(sources):
        text = source.startswith("# ") and "solution" not in source
        make = nbformat.v4.new_markdown_cell if text else nbformat.v4.new_code_cell
        book.cells.append(make(source, id=f"cell{number}"))
    return book


@pytest.fixture
def write(tmp_path):
    """write(name, cells or text): a file of the instructor's folder."""
    (tmp_path / "course").mkdir()

    def make(name, *sources, **metadata):
        path = tmp_path / "course" / name
        path.parent.mkdir(exist_ok=True)
        if path.suffix == ".ipynb":
            notebooks.write(path, notebook(*sources, **metadata))
        else:
            path.write_bytes(sources[0] if isinstance(sources[0], bytes) else sources[0].encode())
        return path

    return make


# Solutions


def solution_lines(path):
    """Lines that stand in a lab between the marks of a solution, without what is trivial."""
    found = set()
    for cell in notebooks.read(path).cells:
        inside = False
        for line in cell.source.splitlines():
            if "# end solution" in line:
                inside = False
            if inside and len(line.strip()) > 12:
                found.add(line.strip())
            if line.strip() == "# solution":
                inside = True
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout, built without a network."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = out.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_every_lab_and_no_solution(wheel):
    shipped = [name for name in wheel if name.startswith("seglab/_labs/")]
    assert shipped == [f"seglab/_labs/{path.name}" for path in LABS]
    for name, path in zip(shipped, LABS, strict=True):
        book = nbformat.reads(wheel[name].decode(), as_version=4)
        nbformat.validate(book)
        assert "# solution" not in wheel[name].decode()
        sources = "\n".join(cell.source for cell in book.cells)
        assert sources.count("# your code here") >= 1 or not solution_lines(path)
        own = {line.strip() for line in sources.splitlines()}
        assert not solution_lines(path) & own
        assert all(not cell.get("outputs") for cell in book.cells)
        assert book.cells == notebooks.student(notebooks.read(path)).cells


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem[:2])
def test_a_students_copy_of_a_lab_holds_no_line_of_a_solution(path):
    text = json.dumps(copies.handout(path)[path.name])
    written = {line.strip() for line in json.loads(json.dumps(text)).split("\\n")}
    assert solution_lines(path)
    assert not solution_lines(path) & written
    assert "# solution" not in text


def test_a_python_file_goes_without_its_solutions(write, tmp_path):
    write("my_lab.py", "def f():\n    # solution\n    return 1\n    # end solution\n")
    write("kept.py", "x = 1\r\n")
    path = write("a.ipynb", "import my_lab, kept")
    copies.copy_labs(tmp_path / "out", [path])
    text = (tmp_path / "out" / "my_lab.py").read_text()
    assert text == "def f():\n    ...  # your code here\n"
    assert (tmp_path / "out" / "kept.py").read_bytes() == b"x = 1\r\n"


# What goes with a notebook


def test_files_that_are_named_go_with_it_and_no_others(write, tmp_path):
    write("photos/me.png", b"\x89PNG")
    write("data.csv", "1,2")
    write("more.csv", "3")
    write("unasked.csv", "4")
    write("other.ipynb", "1")
    write(".secret/key.txt", "5")
    (tmp_path / "outside.txt").write_text("6")
    write("my_lab.py", 'open("more.csv")')
    path = write(
        "a.ipynb",
        "# A picture ![me](photos/me.png), [next](other.ipynb)",
        "import my_lab\nopen('data.csv'), open('../outside.txt'), open('.secret/key.txt')",
        "open('/etc/hosts.conf'), 'no.such'",
    )
    written = copies.copy_labs(tmp_path / "out", [path])
    names = {file.relative_to(tmp_path / "out").as_posix() for file in written}
    assert names == {"a.ipynb", "photos/me.png", "data.csv", "my_lab.py", "more.csv"}
    assert (tmp_path / "out" / "photos" / "me.png").read_bytes() == b"\x89PNG"


def test_what_a_notebook_saves_is_not_handed_out_with_it(write, tmp_path):
    for name in ("mask.png", "lab.html", "given.png"):
        write(name, "made when the notebook ran")
    path = write(
        "a.ipynb",
        "# Masks",
        "path = masks.save(mine, 'mask.png')\nsave(LAB, 'lab.html')",
        "masks.load('mask.png'), masks.load('given.png')",
    )
    written = copies.copy_labs(tmp_path / "out", [path])
    assert {file.name for file in written} == {"a.ipynb", "given.png"}


def test_a_copy_remembers_how_it_was_handed_out(write):
    write("data.bin", b"\xff\xfe")
    write("my_lab.py", "x = 1\n")
    path = write("a.ipynb", "# Text", "import my_lab\n'data.bin'", "# solution\n1\n# end solution")
    ours = copies.handout(path)["a.ipynb"].metadata.seglab.handed_out
    assert [cell.source for cell in ours.cells][2] == "...  # your code here"
    assert ours.files["my_lab.py"] == "x = 1\n"
    assert ours.files["data.bin"].startswith("sha256:")


# Groups

GROUPS = {"a": {"LEVEL": 0.25, "NAME": "it's"}, "b": {"LEVEL": [1, None], "NAME": 'a "b"'}}


@pytest.fixture
def grouped(write):
    path = write(
        "a.ipynb",
        "# Take all above {{LEVEL}} of {{ NAME }}, not {{OTHER}}",
        'LEVEL = (\n    0.5  # the "ß"\n)\nNAME: str = "coins"; OTHER = len("x")',
        "print(LEVEL)  # not {{LEVEL}}",
        seglab={"groups": GROUPS, "mine": 1},
    )
    book = notebooks.read(path)
    book.cells[1].metadata.tags = ["parameters"]
    notebooks.write(path, book)
    return path


@pytest.mark.parametrize("group", ["a", "b", None])
def test_a_group_has_its_constants_in_code_and_text(grouped, group):
    book = copies.handout(grouped, group)["a.ipynb"]
    values = {"LEVEL": 0.5, "NAME": "coins"} if group is None else GROUPS[group]
    names = {}
    exec(book.cells[1].source, names)
    assert {name: names[name] for name in values} == values
    assert names["OTHER"] == 1
    text = f"# Take all above {values['LEVEL']} of {values['NAME']}, not {{{{OTHER}}}}"
    assert book.cells[0].source == text
    assert book.cells[2].source == "print(LEVEL)  # not {{LEVEL}}"
    assert book.metadata.seglab.get("group") == group


def test_no_group_sees_the_constants_of_another(grouped):
    assert "groups" not in copies.handout(grouped, "a")["a.ipynb"].metadata.seglab
    assert "None" not in json.dumps(copies.handout(grouped, "a")["a.ipynb"])


def test_a_group_that_is_not_declared_is_refused(grouped, write):
    with pytest.raises(ValueError, match=r"a\.ipynb: there is no group 'c'; there are a, b"):
        copies.handout(grouped, "c")
    with pytest.raises(ValueError, match="no group 'c'; the notebook declares none"):
        copies.handout(write("b.ipynb", "1"), "c")


def test_a_constant_that_no_cell_assigns_is_refused(write):
    path = write("a.ipynb", "LEVEL = 1", seglab={"groups": {"a": {"LEVEL": 2}}})
    with pytest.raises(ValueError, match="group 'a' sets LEVEL, which no cell with the tag"):
        copies.handout(path, "a")


# Looking at the references


@pytest.mark.parametrize(
    ("source", "phrase"),
    [
        ("from seglab.course.exercises.lab08 import interleave", "imports seglab.course.exercises"),
        ("from seglab.course import catalogue", "imports seglab.course.catalogue"),
        ("import seglab.course.checks as c", "imports seglab.course.checks"),
        ("import seglab\nf = seglab.course.exercises.lab08.interleave", "line 2 uses seglab.cou"),
        ("f = e['interleave'].reference", "uses .reference"),
        ("getattr(e, 'reference')", "asks for 'reference' by its name"),
        ("import importlib", "imports importlib"),
        ("m = __import__('se' + 'glab')", "calls __import__()"),
        ("eval('1')", "calls eval()"),
        ("open('/x/seglab/course/exercises/lab08.py')", "names a file of seglab.course"),
        ("!cat $(pip show seglab)/seglab/course/exercises/lab08.py", "reads a file of seglab.cou"),
        ("x = 1\nseglab.course.catalogue.exercise??", "line 2 reads a file of seglab.course"),
        ("check = lambda *_: True", "replaces check"),
        ("def quiz(*_):\n    pass", "replaces quiz"),
        ("seglab.check = None", "replaces seglab.check"),
        ("check.__globals__", "uses .__globals__"),
        ("import sys\nsys.modules['x']", "line 2 uses sys.modules"),
        ("this is no python\nfrom seglab.course.exercises import lab08", "line 2 names a file"),
    ],
)
def test_a_look_at_the_references_is_noticed(source, phrase):
    assert any(phrase in found for found in peeks.peeks(source)), peeks.peeks(source)


def test_no_reference_of_an_exercise_is_a_look():
    for name, exercise in catalogue.exercises().items():
        path = Path(exercise.reference.__code__.co_filename)
        source = path.read_text(encoding="utf-8")
        assert not [p for p in peeks.peeks(source) if "replaces" in p or "calls" in p], name


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem[:2])
def test_no_lab_looks_at_the_references(path):
    for cell in notebooks.read(path).cells:
        if cell.cell_type == "code":
            assert peeks.peeks(cell.source) == [], cell.source
