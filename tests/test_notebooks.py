import json
import os
import re
import socket
import tempfile

import nbformat
import pytest
from jupyter_client.connect import LocalPortCache

from seglab import deck
from seglab.course import catalogue, copies, notebooks, solutions
from seglab.deck import lecture

LABS = sorted(notebooks.folder().glob("*.ipynb"))

SOLVED = '''def shift_of(row, column, f):
    """The shift and the cell."""
    # solution
    return row % f, column % f, row // f, column // f
    # end solution'''

UNSOLVED = '''def shift_of(row, column, f):
    """The shift and the cell."""
    ...  # your code here'''


def notebook(*sources):
    v4 = nbformat.v4
    cells = [v4.new_code_cell(source, id=f"cell{i}") for i, source in enumerate(sources)]
    return v4.new_notebook(cells=[v4.new_markdown_cell("# A lab", id="text"), *cells])


@pytest.fixture
def lab(tmp_path):
    """A notebook as an editor leaves it, with all that refresh has to clear away."""
    path = tmp_path / "08-lab.ipynb"
    book = notebook(
        "import os, sys, time",
        SOLVED,
        "shift_of(5, 6, 4)",
        "print(os.environ['OMP_NUM_THREADS'], os.environ['SEGLAB_DEVICE'])\n"
        "print('a warning', file=sys.stderr)",
        "print(f'in {time.perf_counter():.3f} s', object())",
    )
    book.metadata.update(widgets={"state": {}}, kernelspec={"name": "mine", "display_name": "x"})
    book.cells[1].metadata.update(tags=["slide"], execution={"iopub.execute_input": "today"})
    nbformat.write(book, path)
    return path


def test_refresh_gives_the_same_bytes_twice(lab):
    assert notebooks.refresh([lab]) == [lab]
    first = lab.read_bytes()
    notebooks.refresh([lab.parent])
    assert lab.read_bytes() == first

    book = notebooks.read(lab)
    assert book == notebooks.cleaned(book)
    assert [cell.execution_count for cell in book.cells[1:]] == [1, 2, 3, 4, 5]
    assert book.cells[3].outputs[0].data == {"text/plain": "(1, 2, 1, 1)"}
    assert [output.text for output in book.cells[4].outputs] == ["1 cpu\n"]
    assert book.cells[1].metadata == {"tags": ["slide"]}
    assert book.metadata.kernelspec == {"name": "mine", "display_name": "x"}
    assert "widgets" not in book.metadata


def test_refresh_leaves_what_other_tools_have_stored(lab):
    book = nbformat.read(lab, 4)
    theirs = {"authors": [{"name": "Ada"}], "otter": {"points": 3}, "toc": {"base_numbering": 1}}
    graded = {"nbgrader": {"grade": True, "grade_id": "a", "points": 2}, "collapsed": True}
    book.metadata.update(theirs)
    book.cells[0].metadata.update(graded)
    book.cells[2].metadata.update(graded)
    nbformat.write(book, lab)
    notebooks.refresh([lab])
    after = json.loads(lab.read_text())
    before = json.loads(nbformat.writes(book))
    del before["metadata"]["widgets"], before["cells"][1]["metadata"]["execution"]
    for one in (before, after):
        for cell in one["cells"]:
            cell.pop("outputs", None), cell.pop("execution_count", None)
    assert after == before


def test_a_students_copy_names_a_kernel_that_the_student_has(lab):
    copy = notebooks.student(notebooks.read(lab))
    assert copy.metadata.kernelspec.name == "python3"


def test_a_notebook_in_another_language_is_refused(lab):
    book = nbformat.read(lab, 4)
    book.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    nbformat.write(book, lab)
    before = lab.read_bytes()
    with pytest.raises(ValueError, match=r"08-lab\.ipynb is written in R; seglab runs .* Python"):
        notebooks.refresh([lab])
    assert lab.read_bytes() == before


def test_a_kernel_that_is_not_there_is_named(lab):
    note = notebooks.kernel_note(lab, notebooks.read(lab))
    assert "names the kernel 'mine', which this machine does not have" in note
    assert notebooks.kernel_note(lab, notebook("1")) == ""


def test_a_solution_that_is_not_closed_is_refused_before_anything_runs(tmp_path):
    path = tmp_path / "open.ipynb"
    notebooks.write(path, notebook("x = 1", "# solution\nx = 2"))
    with pytest.raises(ValueError, match=r"open\.ipynb: a `# solution` without `# end solution`"):
        notebooks.refresh([path])


def test_a_cell_that_takes_too_long_is_told_in_one_line(tmp_path, capfd):
    path = tmp_path / "slow.ipynb"
    book = notebook("x = 1", "import time\ntime.sleep(60)")
    wanted = r"slow\.ipynb, Cell 1 \('import time'\): it did not end within 2 seconds; "
    with pytest.raises(ValueError, match=wanted):
        notebooks.execute(book, path, timeout=2)
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(os.name != "posix", reason="sockets are ports")
def test_a_kernel_starts_though_others_take_the_ports(lab, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr(LocalPortCache, "find_available_port", lambda *_: port)
        assert notebooks.execute(notebook("print(1 + 1)"), lab).cells[-1].outputs[0].text == "2\n"


@pytest.mark.skipif(os.name != "posix", reason="sockets are ports")
def test_a_kernel_starts_where_the_names_of_sockets_would_be_too_long(lab, monkeypatch, tmp_path):
    long = tmp_path / ("a" * 120)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert notebooks.execute(notebook("print(1 + 1)"), lab).cells[-1].outputs[0].text == "2\n"


def test_a_failing_cell_is_named_and_the_file_stays(tmp_path):
    path = tmp_path / "broken.ipynb"
    notebooks.write(path, notebook("x = 1", "\nx / 0"))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"broken\.ipynb, Cell 1 .*ZeroDivisionError"):
        notebooks.refresh([path])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_views_scripts_and_warnings_are_not_stored():
    book = notebook("show(LAB)")
    view = "application/vnd.jupyter.widget-view+json"
    book.cells[1].outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="a"),
        nbformat.v4.new_output("stream", name="stderr", text="careful"),
        nbformat.v4.new_output("stream", name="stdout", text="b"),
        nbformat.v4.new_output("display_data", {view: {}, "text/plain": "Lab(f=8)"}),
        nbformat.v4.new_output("display_data", {view: {}}),
    ]
    stream, picture = notebooks.cleaned(book).cells[1].outputs
    assert stream.text == "ab"
    assert picture.data == {"text/plain": "Lab(f=8)"}


def test_missing_cell_ids_are_made_up_the_same_way_every_time(lab):
    data = json.loads(lab.read_text())
    for cell in data["cells"]:
        del cell["id"]
    lab.write_text(json.dumps(data | {"nbformat_minor": 4}))
    ids = [cell.id for cell in notebooks.read(lab).cells]
    assert ids == [cell.id for cell in notebooks.read(lab).cells]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cells": [{}]}', "ÿ"])
def test_what_is_no_notebook_is_named(tmp_path, text):
    path = tmp_path / "half.ipynb"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=r"half\.ipynb is no notebook"):
        notebooks.read(path)


def test_a_path_without_a_notebook_is_named(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere.ipynb"):
        with pytest.raises(ValueError, match="no notebook at"):
            notebooks.find([path])


@pytest.mark.parametrize(
    ("source", "copy"),
    [
        (SOLVED, UNSOLVED),
        ("a = 1\n\nprint(a)", "a = 1\n\nprint(a)"),
        (
            "# solution\nx = 1\n# end solution\ny = 2\n#  Solution\nz = 3\n# End solution",
            "...  # your code here\ny = 2\n...  # your code here",
        ),
        ("#solution\nx = 1\n### End of solution.\ny", "...  # your code here\ny"),
        ("%time\nx = 1", "%time\nx = 1"),
        ("", ""),
    ],
)
def test_a_solution_gives_way_to_one_line(source, copy):
    assert solutions.without_solutions(source) == copy


@pytest.mark.parametrize(
    "source",
    [
        "# solution\nx = 1",
        "x = 1\n# end solution",
        "# solution\n# solution\n# end solution",
        "# solution\nfor i in x:\n# end solution\n    print(i)",
    ],
)
def test_a_solution_that_does_not_come_out_is_refused(source):
    with pytest.raises(ValueError, match=r"in: |without its solution"):
        solutions.without_solutions(source)


def test_copies_have_no_outputs_and_replace_nothing(lab, tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "folder", lambda: lab.parent)
    out = tmp_path / "mine" / "deep"
    (copy,) = copies.copy_labs(out)
    book = notebooks.read(copy)
    assert book.cells[2].source == UNSOLVED
    assert all(cell.execution_count is None and not cell.outputs for cell in book.cells[1:])
    assert [cell.id for cell in book.cells] == [cell.id for cell in notebooks.read(lab).cells]

    copy.write_text("what the student wrote")
    assert copies.copy_labs(out) == []
    assert copy.read_text() == "what the student wrote"


MINE = {
    "mine.ipynb": "import os, my_lab as lab\n%time 1 + 1\nfrom my_other.part import x",
    "my_lab.py": "from my_data import DATA\n",
    "my_data.py": "DATA = 3\n",
    "my_other.py": "",
    "unasked.py": "",
    "os.py": "",
}


@pytest.fixture
def mine(tmp_path):
    """An own notebook with own modules beside it."""
    for name, text in MINE.items():
        if name.endswith(".py"):
            (tmp_path / name).write_text(text)
    notebooks.write(tmp_path / "mine.ipynb", notebook(MINE["mine.ipynb"], SOLVED))
    return tmp_path / "mine.ipynb"


def test_with_an_own_notebook_go_the_files_that_it_imports(mine, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "my_data.py").write_text("DATA = 4\n")
    written = copies.copy_labs(tmp_path / "out", [mine])
    assert written[0].name == "mine.ipynb"
    assert {path.name for path in written[1:]} == {"my_lab.py", "my_other.py", "os.py"}
    assert "# solution" not in written[0].read_text()
    assert (tmp_path / "out" / "my_lab.py").read_text() == MINE["my_lab.py"]
    assert (tmp_path / "out" / "my_data.py").read_text() == "DATA = 4\n"


def test_a_copy_beside_its_source_is_refused(mine, tmp_path):
    with pytest.raises(ValueError, match=r"is the folder of mine\.ipynb itself; give another one"):
        copies.copy_labs(tmp_path, [mine])


def test_a_solution_that_does_not_come_out_names_the_notebook(tmp_path):
    notebooks.write(tmp_path / "mine.ipynb", notebook("# solution\nx = 1"))
    with pytest.raises(ValueError, match=r"mine\.ipynb: a `# solution` without"):
        copies.copy_labs(tmp_path / "out", [tmp_path / "mine.ipynb"])
    assert not (tmp_path / "out").exists()


def test_an_untouched_copy_runs_and_says_not_yet(tmp_path):
    source = notebook(
        SOLVED,
        "from seglab import check, quiz\nquiz('08-how-many-passes')",
        "check('shift_of', shift_of)",
    )
    book = notebooks.execute(notebooks.student(source), tmp_path / "lab.ipynb")
    question, answer = (cell.outputs[0].data for cell in book.cells[2:])
    assert question["text/plain"].startswith(("Predict: ", "Check yourself: "))
    assert answer["text/plain"].startswith("shift_of: not yet - it returns nothing")
    assert "<details" in question["text/html"]
    assert "not yet" in answer["text/html"]


def test_no_labs_at_all_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "_PACKAGE", tmp_path / "seglab")
    with pytest.raises(ValueError, match="no labs beside"):
        notebooks.folder()


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_a_lab_is_stored_as_refresh_leaves_it(path):
    book = notebooks.read(path)
    counts = [cell.execution_count for cell in book.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert book == notebooks.cleaned(book)


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem[:2])
def test_a_lab_is_a_lecture_of_about_ten_slides(path):
    book = notebooks.read(path)
    slides = deck.slides(book)
    assert lecture.advice(book) == []
    assert 8 <= len(slides) <= 12
    assert any("show(LAB" in slide[0].source for slide in slides)
    copy = notebooks.student(book)
    assert [len(slide) for slide in deck.slides(copy)] == [len(slide) for slide in slides]


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem[:2])
def test_questions_stand_under_their_heading_and_none_after_further(path):
    section, asked = "", []
    for cell in notebooks.read(path).cells:
        headings = re.findall(r"^## (.+)", cell.source, re.MULTILINE)
        section = headings[-1] if cell.cell_type == "markdown" and headings else section
        for name in re.findall(r"^quiz\(\"(.+)\"\)", cell.source, re.MULTILINE):
            heading = catalogue.question(name).heading
            # A prediction may also come right before the cell that shows the answer.
            assert section == heading or (heading, section) == ("Predict", "Explain"), name
            asked.append(heading)
    assert {"Predict", "Check yourself"} <= set(asked)
    assert section == "Further"


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem[:2])
def test_after_all_cells_a_lab_stands_where_its_tour_begins(path):
    code = "\n".join(cell.source for cell in notebooks.read(path).cells)
    moves = [found.end() for found in re.finditer(r"\blab\.(set\(|controls\[|step\()", code)]
    resets = [found.start() for found in re.finditer(r"\blab\.reset\(\)", code)]
    assert max(moves, default=-1) < max(resets, default=0)


def lectured(*cells):
    """A notebook of (slide type, source): text where it begins with #, else code."""
    book = nbformat.v4.new_notebook()
    for kind, source in cells:
        make = nbformat.v4.new_markdown_cell if source[0] == "#" else nbformat.v4.new_code_cell
        book.cells.append(
            make(source, metadata={"slideshow": {"slide_type": kind}} if kind else {})
        )
    return book


GOOD = [("slide", "# Title"), ("slide", "show(LAB)"), *[("slide", "## More")] * 6]


@pytest.mark.parametrize(
    ("cells", "sentences"),
    [
        (GOOD, []),
        ([("", "## Text"), ("", "show(LAB)")], []),
        (GOOD[:3], ["the number of slides is 3, and a lecture has 8 to 12; set the slide type"]),
        (GOOD[1:] + GOOD[:1], ["the first slide has no title; begin it with a text cell"]),
        (
            [*GOOD[:2], ("-", "show(LAB, f=8)"), *GOOD[2:]],
            ["cell 2 shows a lab in the middle of a slide; give it the slide type `slide`"],
        ),
        ([*GOOD, ("-", "x = 1\n# solution")], ["cell 2 shows a solution; give it the slide type"]),
        ([GOOD[0], *GOOD[2:], GOOD[2]], ["no slide shows a lab; give the cell with show(LAB)"]),
        ([("skip", "# Title")], ["the number of slides is 0", "no slide shows a lab"]),
    ],
)
def test_the_advice_on_a_lecture_is_in_sentences(cells, sentences):
    said = lecture.advice(lectured(*cells))
    assert len(said) == len(sentences)
    assert all(map(str.startswith, said, sentences))
