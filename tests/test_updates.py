"""Corrections brought into students' copies: what each side wrote is there afterwards."""

import subprocess
from copy import deepcopy

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seglab.course import branches, copies, merge, notebooks, updates

EXERCISE = '''def double(x):
    """Twice x."""
    # solution
    return 2 * x
    # end solution


check("double", double)'''


def book(cells):
    """A notebook of id → source: text where it begins with #, else code."""
    made = nbformat.v4.new_notebook()
    for key, source in cells.items():
        text = source.startswith("# ")
        make = nbformat.v4.new_markdown_cell if text else nbformat.v4.new_code_cell
        made.cells.append(make(source, id=key))
    return made


class Course:
    """A notebook of an instructor's, and the copy of it that one student has."""

    def __init__(self, folder, **cells):
        self.source, self.out = folder / "course" / "lab.ipynb", folder / "mine"
        self.copy = self.out / "lab.ipynb"
        self.source.parent.mkdir()
        notebooks.write(self.source, book(cells))
        copies.copy_labs(self.out, [self.source])

    def correct(self, **cells):
        notebooks.write(self.source, book(cells))

    def edit(self, change):
        """Change the student's copy: change(notebook)."""
        mine = notebooks.read(self.copy)
        change(mine)
        notebooks.write(self.copy, mine)

    def update(self):
        """The sentences of an update, without the copy's path."""
        return [s.removeprefix(f"{self.copy}: ") for s in updates.update(self.out, [self.source])]

    @property
    def cells(self):
        return {cell.id: cell.source for cell in notebooks.read(self.copy).cells}


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path, title="# A lab", text="# Old text", work=EXERCISE, end="# End")


def cell(notebook, key):
    return next(one for one in notebook.cells if one.id == key)


def write(key, source):
    return lambda mine: cell(mine, key).update(source=source)


def add(place, key, source):
    return lambda mine: mine.cells.insert(place, nbformat.v4.new_code_cell(source, id=key))


WORK = EXERCISE.replace("    # solution\n    return 2 * x\n    # end solution", "    return x + x")


def test_without_a_correction_nothing_is_said_and_nothing_written(course):
    course.edit(write("work", WORK))
    before = course.copy.read_bytes()
    assert course.update() == []
    assert course.copy.read_bytes() == before


def test_a_corrected_text_comes_and_the_students_cells_stay(course):
    course.edit(write("work", WORK))
    course.edit(add(2, "own", "my = 1"))
    course.correct(title="# A lab", text="# New text", work=EXERCISE, more="# More", end="# End")
    assert course.update() == ["the cell 'New text' was corrected", "the cell 'More' is new"]
    assert list(course.cells.items()) == [
        ("title", "# A lab"),
        ("text", "# New text"),
        ("own", "my = 1"),
        ("work", WORK),
        ("more", "# More"),
        ("end", "# End"),
    ]
    assert course.update() == []


def test_a_filled_in_solution_meets_a_corrected_task_on_the_line_beside_it(course):
    course.edit(write("work", WORK))
    course.edit(lambda mine: cell(mine, "work").update(execution_count=7))
    new = EXERCISE.replace("Twice x.", "Two times x.")
    course.correct(title="# A lab", text="# Old text", work=new, end="# End")
    assert course.update() == [
        "the cell 'def double(x):' was corrected; what you have changed in it stays"
    ]
    assert course.cells["work"] == WORK.replace("Twice x.", "Two times x.")
    assert cell(notebooks.read(course.copy), "work").execution_count is None


def test_lines_far_apart_are_merged(tmp_path):
    lines = "a = 1\nb = 2\nc = 3\nd = 4"
    course = Course(tmp_path, code=lines)
    course.edit(write("code", lines.replace("a = 1", "a = 7")))
    course.correct(code=lines.replace("d = 4", "d = 5"))
    assert course.update() == ["the cell 'a = 7' was corrected; what you have changed in it stays"]
    assert course.cells["code"] == "a = 7\nb = 2\nc = 3\nd = 5"


def test_what_both_have_changed_is_kept_beside_and_said(course):
    course.edit(write("text", "# My text"))
    course.correct(title="# A lab", text="# New text", work=EXERCISE, end="# End")
    assert course.update() == [
        "the cell 'My text' was corrected, and you have changed it; the new text is below it"
    ]
    assert list(course.cells)[:3] == ["title", "text", "text-new"]
    assert course.cells["text"] == "# My text"
    assert course.cells["text-new"] == updates.NEW_CELL + "# New text"
    assert course.update() == []
    course.correct(title="# A lab", text="# Newer text", work=EXERCISE, end="# End")
    course.update()
    assert course.cells["text-new"] == updates.NEW_CELL + "# New text"
    assert course.cells["text-new-2"] == updates.NEW_CELL + "# Newer text"


def test_code_that_is_kept_beside_is_not_executed(course):
    course.edit(write("work", "double = 3"))
    course.correct(title="# A lab", text="# Old text", work="double = 4", end="# End")
    course.update()
    beside = cell(notebooks.read(course.copy), "work-new")
    assert beside.cell_type == "markdown"
    assert "```python\ndouble = 4\n```" in beside.source


def test_without_git_nothing_is_lost(course, monkeypatch):
    def none(*_, **__):
        raise FileNotFoundError(2, "No such file")

    monkeypatch.setattr(merge.subprocess, "run", none)
    course.edit(write("text", "# Old text\nmine"))
    course.correct(title="# A lab", text="# New\n# Old text", work=EXERCISE, end="# End")
    assert "the new text is below it" in course.update()[0]


def test_cells_that_are_gone_go_unless_the_student_wrote_in_them(course):
    course.edit(write("work", WORK))
    course.correct(title="# A lab", end="# End")
    assert course.update() == [
        "the cell 'Old text' is no longer part of it",
        "the cell 'def double(x):' is no longer part of it; yours stays",
    ]
    assert list(course.cells) == ["title", "work", "end"]


def test_a_cell_that_the_student_deleted_stays_away_until_it_is_corrected(course):
    course.edit(lambda mine: mine.cells.remove(cell(mine, "text")))
    assert course.update() == []
    course.correct(title="# A lab", text="# New text", work=EXERCISE, end="# End")
    assert course.update() == [
        "the cell 'New text', which you had deleted, was corrected; it is there again"
    ]
    assert list(course.cells) == ["title", "text", "work", "end"]


def test_a_new_order_is_taken_over_and_own_cells_go_along(course):
    course.edit(add(3, "own", "my = 1"))
    course.correct(title="# A lab", work=EXERCISE, end="# End", text="# Old text")
    course.update()
    assert list(course.cells) == ["title", "work", "own", "end", "text"]


def test_the_students_order_stays(course):
    course.edit(lambda mine: mine.cells.reverse())
    course.correct(title="# A lab", work=EXERCISE, end="# End", text="# Old text", new="# New")
    course.update()
    assert [key for key in course.cells if key != "new"] == ["end", "work", "text", "title"]
    assert "new" in course.cells


def test_ids_that_an_editor_has_dropped_are_found_again(course):
    def forget(mine):
        for number, one in enumerate(mine.cells):
            one.id = f"made-up-{number}"

    course.edit(write("work", WORK))
    course.edit(add(1, "own", "my = 1"))
    course.edit(forget)
    course.correct(title="# A lab", text="# New text", work=EXERCISE, end="# End")
    assert course.update() == ["the cell 'New text' was corrected"]
    assert list(course.cells.values()) == ["# A lab", "my = 1", "# New text", WORK, "# End"]


def test_a_missing_copy_is_written_and_a_broken_one_stays(course):
    course.copy.write_text("half a noteb")
    assert course.update() == [
        f"{course.copy} is no notebook, or was cut off while it was saved; it stays as it is"
    ]
    assert course.copy.read_text() == "half a noteb"
    course.copy.unlink()
    assert course.update() == [f"{course.copy} is new"]


def test_a_copy_without_memory_gets_the_new_version_beside_it(course):
    course.edit(lambda mine: mine.metadata.pop("seglab"))
    assert course.update() == []  # nothing differs, so from now on it has one
    course.edit(lambda mine: mine.metadata.pop("seglab"))
    course.edit(write("work", WORK))
    place = course.copy.with_suffix(".new.ipynb")
    assert course.update() == [
        f"{course.copy} does not tell what you have changed in it; the new version is {place}"
    ]
    assert course.cells["work"] == WORK
    course.correct(title="# A lab", text="# New text", work=EXERCISE, end="# End")
    assert course.update() == [f"{place}: the cell 'New text' was corrected"]


def test_files_that_go_with_a_notebook_are_corrected_too(tmp_path):
    course = Course(tmp_path, code="import lab_a, lab_b, lab_c\n'd.bin', 'e.bin'")
    folder, lines = course.source.parent, "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n"
    new = lines.replace("e = 5", "e = 6")
    for name in ("lab_a.py", "lab_b.py", "lab_c.py"):
        (folder / name).write_text(lines)
    for name in ("d.bin", "e.bin"):
        (folder / name).write_bytes(b"\xff1")
    course.copy.unlink()
    course.update()
    mine = {name: course.out / name for name in ("lab_a.py", "lab_b.py", "lab_c.py", "e.bin")}
    mine["lab_b.py"].write_text(lines.replace("a = 1", "a = 7"))
    mine["lab_c.py"].write_text(lines.replace("e = 5", "e = 7"))
    mine["e.bin"].write_bytes(b"\xff7")
    for name in ("lab_a.py", "lab_b.py", "lab_c.py"):
        (folder / name).write_text(new)
    for name in ("d.bin", "e.bin"):
        (folder / name).write_bytes(b"\xff2")
    said = course.update()
    assert sorted(s.partition(" was ")[2].partition("; the new")[0] for s in said) == [
        "corrected",
        "corrected",
        "corrected, and you have changed it",
        "corrected, and you have changed it",
        "corrected; what you have changed in it stays",
    ]
    assert mine["lab_a.py"].read_text() == new
    assert mine["lab_b.py"].read_text() == new.replace("a = 1", "a = 7")
    assert mine["lab_c.py"].read_text() == lines.replace("e = 5", "e = 7")
    assert (course.out / "lab_c.new.py").read_text() == new
    assert (course.out / "e.new.bin").read_bytes() == b"\xff2"
    assert course.update() == []


def test_a_group_stays_the_students_own(tmp_path):
    folder = tmp_path / "course"
    folder.mkdir()
    source = book({"set": "LEVEL = 1", "text": "# Above {{LEVEL}}"})
    source.cells[0].metadata.tags = ["parameters"]
    source.metadata.seglab = {"groups": {"a": {"LEVEL": 2}}}
    notebooks.write(folder / "lab.ipynb", source)
    copies.copy_labs(tmp_path / "mine", [folder / "lab.ipynb"], "a")
    source.cells[1].source = "# All above {{LEVEL}}"
    notebooks.write(folder / "lab.ipynb", source)
    updates.update(tmp_path / "mine", [folder / "lab.ipynb"])
    mine = notebooks.read(tmp_path / "mine" / "lab.ipynb")
    assert [one.source for one in mine.cells] == ["LEVEL = 2", "# All above 2"]


# Laws

WORDS = st.lists(st.sampled_from(["a", "b", "c", "...  # your code here"]), max_size=4)
BASE = st.dictionaries(st.sampled_from("uvwxyz"), WORDS, max_size=5)


@st.composite
def versions(draw):
    """Cells as handed out, as the student has them, and as they were corrected."""
    base = draw(BASE)

    def edited(own):
        cells = {k: v for k, v in base.items() if draw(st.integers(0, 4))}
        cells |= {k: draw(WORDS) for k in cells if draw(st.booleans())}
        cells |= {f"{own}{k}": draw(WORDS) for k in draw(st.sets(st.integers(0, 2), max_size=2))}
        keys = list(cells)
        order = draw(st.permutations(keys)) if draw(st.booleans()) else keys
        # Every line of a version is marked, so that it can be told from all others.
        return {
            k: [w if k in base and w in base[k] else f"{w}-{own}" for w in cells[k]] for k in order
        }

    made = (base, edited("mine"), edited("new"))
    return [book({k: "\n".join(lines) for k, lines in cells.items()}) for cells in made]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(versions())
def test_no_line_of_the_student_is_lost_and_no_correction_is_silent(three):
    base, mine, new = three
    after = deepcopy(mine)
    updates.merge(after, base.cells, new)
    handed_out = {one.id: one.source for one in base.cells}
    there = {one.id: one.source for one in after.cells}
    assert len(there) == len(after.cells)
    everything = "\n".join(there.values()).splitlines()
    for one in mine.cells:
        for line in one.source.splitlines():
            if line.endswith("-mine"):
                assert line in everything
    for one in new.cells:
        if handed_out.get(one.id) != one.source:
            assert all(line in everything for line in one.source.splitlines() if "-new" in line)
    again = deepcopy(after)
    assert updates.merge(again, new.cells, new) == []
    assert [one.source for one in again.cells] == [one.source for one in after.cells]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(versions())
def test_an_untouched_copy_becomes_the_new_version(three):
    base, _, new = three
    after = deepcopy(base)
    updates.merge(after, base.cells, new)
    assert after.cells == new.cells


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(versions())
def test_without_a_correction_the_students_version_stays(three):
    base, mine, _ = three
    after = deepcopy(mine)
    assert updates.merge(after, base.cells, base) == []
    assert [one.source for one in after.cells] == [one.source for one in mine.cells]


# A branch


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """git(words): the course as a repository."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A Teacher")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "teacher@example.org")

    def git(*words):
        done = subprocess.run(
            ["git", *words], cwd=tmp_path / "course", check=True, capture_output=True, text=True
        )
        return done.stdout

    return git


def test_a_branch_holds_the_copies_and_has_never_held_a_solution(course, repository):
    repository("init", "-q", "-b", "main")
    repository("add", "."), repository("commit", "-q", "-m", "x")
    said = branches.write("student", [course.source])
    assert said.startswith("the branch student holds the copies, as ")
    assert repository("ls-tree", "-r", "--name-only", "student") == "lab.ipynb\n"
    assert repository("status", "--porcelain") == ""
    assert branches.write("student", [course.source]) == (
        "the branch student holds these copies already"
    )
    (course.source.parent / "my_lab.py").write_text("x = 1\n")
    course.correct(title="# A lab", text="import my_lab", work=EXERCISE)
    branches.write("student", [course.source])
    assert repository("rev-list", "--count", "student") == "2\n"
    assert repository("ls-tree", "-r", "--name-only", "student").split() == [
        "lab.ipynb",
        "my_lab.py",
    ]
    assert "return 2 * x" in repository("log", "-p", "main")
    assert "return 2 * x" not in repository("log", "-p", "student")


def test_a_branch_that_git_refuses_is_one_sentence(course, repository):
    with pytest.raises(ValueError, match=r"git rev-parse in .*not a git repository"):
        branches.write("student", [course.source])
    repository("init", "-q", "-b", "main")
    repository("add", "."), repository("commit", "-q", "-m", "x")
    with pytest.raises(
        ValueError, match="the branch 'main' holds the solutions: it is checked out"
    ):
        branches.write("main", [course.source])
    with pytest.raises(ValueError, match=r"'a\.\.b' is no name of a branch"):
        branches.write("a..b", [course.source])
