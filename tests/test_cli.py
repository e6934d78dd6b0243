import io
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from helpers import child_environment
from typer.testing import CliRunner

from seglab import cli, lessons
from seglab.cli import _labs
from seglab.course import branches, notebooks, plugin
from seglab.files import cli_values
from seglab.grade.limits import Limits
from seglab.nets import registry
from seglab.site.addresses import Addresses

ROOT = Path(__file__).parents[1]


def run(*arguments):
    """Run `seglab ...` in this process: exit code and output."""
    return CliRunner().invoke(cli.app, list(arguments))


def seglab(*arguments, cwd=ROOT, **environment):
    """`python -m seglab ...` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "seglab", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=child_environment(**{"COLUMNS": "200", **environment}),
    )


@pytest.fixture
def main(monkeypatch, capsys):
    """Run `seglab ...` as its own main does: exit code, and what it says as an error."""

    def main(*arguments):
        monkeypatch.setattr(sys, "argv", ["seglab", *map(str, arguments)])
        code = cli.main()
        return code, capsys.readouterr().err.strip()

    return main


@pytest.fixture
def executed(monkeypatch):
    """The commands that would have been executed."""
    commands = []
    monkeypatch.setattr(_labs, "_run", lambda command: commands.append(command) or 0)
    return commands


def shipped():
    return [path.name for path in notebooks.find([])]


# Help


def test_help_names_every_command_and_loads_nothing_heavy():
    said = seglab("--help")
    assert said.returncode == 0
    for command in ("lab", "list", "check", "refresh", "student", "train", "convert", "doctor"):
        assert re.search(rf"\b{command}\b", said.stdout), command


@pytest.mark.parametrize("arguments", [["nothing"], ["lab", "--nothing"], ["train"], ["student"]])
def test_a_wrong_call_is_one_sentence_and_code_2(arguments, main):
    code, said = main(*arguments)
    assert code == 2
    assert "Error" in said
    assert "Traceback" not in said


def test_a_wrong_call_is_the_exit_code_of_the_process():
    said = seglab("nothing")
    assert said.returncode == 2
    assert "Error" in said.stderr
    assert "Traceback" not in said.stderr


# lab


def test_lab_copies_the_labs_and_serves_them(tmp_path, executed):
    folder = tmp_path / "my labs"
    assert run("lab", "--folder", str(folder)).exit_code == 0
    assert sorted(p.name for p in folder.iterdir()) == shipped()
    (command,) = executed
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={folder}" in command
    assert "--no-browser" not in command
    assert not any("default_url" in word for word in command)


def test_lab_asks_the_network_for_nothing(tmp_path, executed):
    run("lab", "--folder", str(tmp_path))
    assert {
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    } <= set(executed[0])


@pytest.mark.parametrize(
    "name", ["8", "08", "shift-and-stitch", "shift_and_stitch", "labs/08-shift-and-stitch.ipynb"]
)
def test_lab_opens_the_lab_that_a_name_means(tmp_path, executed, name):
    run("lab", name, "--folder", str(tmp_path), "--no-browser", "--port", "8899")
    assert "--LabApp.default_url=/lab/tree/08-shift-and-stitch.ipynb" in executed[0]
    assert {"--no-browser", "--port=8899"} <= set(executed[0])


def test_an_unknown_lab_is_refused_with_the_nearest_before_anything_is_written(tmp_path, main):
    code, said = main("lab", "shift-and-stich", "--folder", tmp_path / "labs")
    assert code == 2
    assert "there is no lab 'shift-and-stich'; did you mean '08-shift-and-stitch'" in said
    assert "Traceback" not in said
    assert not (tmp_path / "labs").exists()


def test_lab_keeps_what_the_student_wrote(tmp_path, executed):
    run("lab", "--folder", str(tmp_path))
    mine, gone = (tmp_path / name for name in shipped()[:2])
    mine.write_text("my work")
    gone.unlink()
    run("lab", "--folder", str(tmp_path))
    assert mine.read_text() == "my work"
    assert gone.exists()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no root")
@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_only_root_needs_leave_to_be_root(monkeypatch, user, allowed):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert ("--allow-root" in _labs.jupyter(Path("x"))) == allowed


@pytest.mark.skipif(os.name == "nt", reason="there the server is a child of a child")
def test_a_real_server_answers_with_the_labs_and_without_news(tmp_path):
    name = shipped()[0]
    server = subprocess.Popen(
        [sys.executable, "-m", "seglab", "lab", "0", "--no-browser", "--folder", str(tmp_path)],
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=child_environment(JUPYTER_CONFIG_DIR=str(tmp_path / "none")),
    )
    try:
        found = None
        while not found:
            line = server.stdout.readline()
            assert line, "the server ended"
            found = re.search(r"http://127\.0\.0\.1:(\d+)/\S*?token=(\w+)", line)
        base, token = f"http://127.0.0.1:{found[1]}", found[2]
        page = json.loads(re.search(r"(\{.*?\})\s*</script>", get(base, "/lab", token), re.S)[1])
        assert page["news"] == {"disabled": True}
        listed = json.loads(get(base, "/api/contents", token))["content"]
        assert {entry["name"] for entry in listed} >= set(shipped())
        opened = get(base, f"/lab/tree/{name}", token)
        assert f'"treePath": "{name}"' in opened
    finally:
        server.terminate()
        server.communicate(timeout=30)


def get(base, path, token):
    request = urllib.request.Request(base + path, headers={"Authorization": f"token {token}"})
    for _ in range(100):
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.read().decode()
        except ConnectionRefusedError:
            time.sleep(0.1)
        except urllib.error.URLError as error:  # the address is printed a moment too soon
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)
    raise AssertionError("the server never listened")


# list, check, refresh, student, train


def test_list_shows_the_labs_in_course_order():
    said = run("list")
    assert said.exit_code == 0, said.exception
    stems = [line.split()[0] for line in said.stdout.splitlines() if not line.startswith(" ")]
    assert stems == sorted(stems)
    assert {Path(name).stem for name in shipped()} == set(stems)


@pytest.fixture
def slide(tmp_path):
    """A notebook of one slide."""
    cell = nbformat.v4.new_markdown_cell("# T", metadata={"slideshow": {"slide_type": "slide"}})
    notebooks.write(tmp_path / "a.ipynb", nbformat.v4.new_notebook(cells=[cell]))
    return tmp_path / "a.ipynb"


@pytest.mark.parametrize(("options", "lax"), [([], False), (["--lax"], True)])
def test_check_hands_on_what_it_was_given(monkeypatch, slide, options, lax):
    calls = []
    monkeypatch.setattr(plugin, "run", lambda paths, lax: calls.append((paths, lax)) or 0)
    run("check", str(slide), str(slide.parent), *options)
    assert calls == [([slide, slide.parent], lax)]


def test_the_installed_labs_have_no_outputs_to_compare(monkeypatch, slide):
    calls = []
    monkeypatch.setattr(notebooks, "_PACKAGE", slide.parent)
    (slide.parent / "_labs").mkdir()
    slide.rename(slide.parent / "_labs" / slide.name)
    monkeypatch.setattr(plugin, "run", lambda paths, lax: calls.append(lax) or 0)
    said = run("check")
    assert said.stderr.startswith("The installed labs are students' copies without outputs")
    assert calls == [True]
    with pytest.raises(ValueError, match="students' copies without outputs; give the notebooks"):
        notebooks.refresh()


def test_check_refuses_points_that_no_grader_could_give(slide, main):
    book = notebooks.read(slide)
    book.cells.append(nbformat.v4.new_code_cell("1", metadata={"seglab": {"points": 2}}))
    notebooks.write(slide, book)
    code, said = main("check", slide)
    assert code == 2
    assert said.startswith(f"{slide}: cell 2 (")
    assert "has points 2 and no check" in said


def test_check_says_in_sentences_what_the_slides_lack(monkeypatch, slide):
    monkeypatch.setattr(plugin, "run", lambda paths, lax: 0)
    said = run("check", str(slide))
    assert said.exit_code == 0
    assert (
        f"{slide}, as a lecture: the number of slides is 1, and a lecture has 8 to 12"
        in said.stderr
    )


def test_deck_says_so_too_and_writes_it_all_the_same(monkeypatch, slide, tmp_path):
    out = tmp_path / "deck.html"
    monkeypatch.setattr("seglab.deck.deck", lambda notebook, path, *_: path.touch())
    said = run("deck", str(slide), "-o", str(out))
    assert said.exit_code == 0, said.exception
    assert f"{slide}, as a lecture: the number of slides is 1, and a lecture has" in said.stderr
    assert out.exists()


def test_check_fails_when_a_notebook_does(monkeypatch):
    monkeypatch.setattr(plugin, "run", lambda paths, lax: 1)
    monkeypatch.setattr(sys, "argv", ["seglab", "check"])
    assert cli.main() == 1


def test_check_of_nothing_names_the_path(tmp_path, main):
    code, said = main("check", tmp_path / "nothing.ipynb")
    assert code == 2
    assert "no notebook at" in said
    assert "Traceback" not in said


def test_refresh_names_what_it_ran(monkeypatch, slide):
    monkeypatch.setattr(notebooks, "refresh", lambda paths: paths or [Path("all.ipynb")])
    assert run("refresh").stdout == "all.ipynb\n"
    assert run("refresh", str(slide), str(slide.parent)).stdout == f"{slide}\n{slide.parent}\n"


def test_student_names_what_it_wrote(tmp_path):
    out = tmp_path / "handout"
    said = run("student", str(out))
    assert said.stdout.splitlines() == [str(out / name) for name in shipped()]
    assert run("student", str(out)).stdout == ""


def test_student_takes_any_notebook(tmp_path, slide):
    out = tmp_path / "handout"
    assert run("student", str(out), str(slide)).stdout == f"{out / 'a.ipynb'}\n"


def test_student_brings_corrections_into_copies(tmp_path, slide):
    out = tmp_path / "handout"
    run("student", str(out), str(slide))
    book = notebooks.read(slide)
    book.cells[0].source = "# U"
    notebooks.write(slide, book)
    assert run("student", str(out), str(slide)).stdout == ""
    said = run("student", str(out), str(slide), "--update").stdout
    assert said == f"{out / 'a.ipynb'}: the cell 'U' was corrected\n"


def test_lab_brings_corrections_too_and_says_so(tmp_path, executed, monkeypatch):
    run("lab", "--folder", str(tmp_path))
    copy = tmp_path / shipped()[0]
    book = notebooks.read(copy)
    book.metadata.seglab.handed_out.cells[0].source = book.cells[0].source = "# An old text"
    notebooks.write(copy, book)
    said = run("lab", "--folder", str(tmp_path))
    assert re.fullmatch(rf"{re.escape(str(copy))}: the cell '.*' was corrected\n", said.stderr)
    assert "An old text" not in copy.read_text()


def test_a_branch_is_written_without_a_folder(monkeypatch, slide, main):
    calls = []
    monkeypatch.setattr(branches, "write", lambda *given: calls.append(given) or "done")
    assert run("student", "--branch", "student", str(slide)).stdout == "done\n"
    assert run("student", "--branch", "student").exit_code == 0
    assert calls == [("student", [slide], None), ("student", [], None)]
    assert main("student", "out", "--branch", "s", "--update")[0] == 2


# A command, what it calls, and what each of its options must be there.
HANDED_ON = [
    (
        "grade work -o out --notebook a.ipynb --container image --unshielded --workers 3 --seed 7 "
        "--seconds 11 --memory 22 --disk 33",
        "seglab.grade.session.grade",
        {
            "folder": Path("work"), "out": Path("out"), "notebooks_asked": [Path("a.ipynb")],
            "limits": Limits(seconds=11, memory=22, disk=33), "container": "image",
            "unshielded": True, "workers": 3, "seed": 7,
        },
    ),
    (
        "export 08.ipynb -o out --to otter --seed 7",
        "seglab.course.export.write",
        {"out": Path("out"), "to": "otter", "seed": 7},
    ),
    (
        "save 08 out.html --vary f=2,4 --fix photo=coffee --px 77 --force --theme dark --tour",
        "seglab.files.save",
        {
            "lab": lessons.find("08"), "path": Path("out.html"), "vary": {"f": [2, 4]},
            "fix": {"photo": "coffee"}, "px": 77, "force": True, "theme": "dark", "tour": True,
            "live": False,
        },
    ),
    ("save 08 out.html --live", "seglab.files.save", {"live": True, "tour": False, "force": False}),
    (
        "deck 08.ipynb -o out.html --theme dark --tour",
        "seglab.deck.beside.lecture",
        {"path": Path("out.html"), "theme": "dark", "tour": True, "live": False},
    ),
    (
        "deck 08.ipynb -o out.html --live",
        "seglab.deck.beside.lecture",
        {"theme": "auto", "tour": False, "live": True},
    ),
    (
        "gallery out --lab 08 --theme dark",
        "seglab.files.gallery.gallery",
        {"out": Path("out"), "theme": "dark", "labs": {"08-shift-and-stitch": lessons.find("08")}},
    ),
    (
        "solutions out a.ipynb --group b",
        "seglab.course.explained.write",
        {"out": Path("out"), "paths": [Path("a.ipynb")], "group": "b"},
    ),
    (
        "student out a.ipynb --group b",
        "seglab.course.copies.copy_labs",
        {"out": Path("out"), "paths": [Path("a.ipynb")], "group": "b"},
    ),
    (
        "student out a.ipynb --group b --update",
        "seglab.course.updates.update",
        {"out": Path("out"), "paths": [Path("a.ipynb")], "group": "b"},
    ),
    (
        "new-course out --repository you/course",
        "seglab.course.new.write",
        {"out": Path("out"), "repository": "you/course"},
    ),
    (
        "site out a.ipynb --title T --guides g --binder b/{name} --colab c/{name} --hub h/{name} "
        "--workers 3",
        "seglab.site.site",
        {
            "out": Path("out"), "paths": [Path("a.ipynb")], "title": "T", "guides": Path("g"),
            "reference": None, "addresses": Addresses("b/{name}", "c/{name}", "h/{name}"),
            "live": False, "workers": 3,
        },
    ),
    (
        "notes N.md a.ipynb",
        "seglab.course.notes.write",
        {"out": Path("N.md"), "paths": [Path("a.ipynb")]},
    ),
    ("notes N.md", "seglab.course.notes.write", {"out": Path("N.md"), "paths": []}),
    (
        "convert selfie a.tflite --out out",
        "seglab.nets.registry.convert",
        {"name": "selfie", "file": Path("a.tflite"), "out": Path("out")},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("line", "target", "wanted"), HANDED_ON, ids=[one[0] for one in HANDED_ON])
def test_each_option_of_a_command_arrives_where_it_is_meant(
    line, target, wanted, monkeypatch, tmp_path, slide
):
    monkeypatch.chdir(tmp_path)
    Path("out.html").touch()
    calls = []
    module, name = target.rsplit(".", 1)
    called = getattr(import_module(module), name)

    def heard(*given, **named):
        calls.append(signature(called).bind(*given, **named).arguments)
        return Path("out.html") if "save" in target else []

    monkeypatch.setattr(target, heard)
    words = [str(slide) if word == "08.ipynb" else word for word in line.split()]
    ran = run(*words)
    assert ran.exception is None, ran.output
    (given,) = calls
    assert {name: given[name] for name in wanted} == wanted


def test_every_command_that_hands_options_on_is_heard():
    elsewhere = {"lab", "list", "doctor", "train", "check", "refresh"}
    heard = {line.split()[0] for line, _, _ in HANDED_ON}
    assert {
        command.name or command.callback.__name__ for command in cli.app.registered_commands
    } == (heard | elsewhere)


def test_train_trains_with_the_seed(monkeypatch):
    calls = []
    family = SimpleNamespace(train_and_save=calls.append)
    monkeypatch.setattr(registry, "family", lambda name: calls.append(name) or family)
    run("train", "textures", "--seed", "3")
    assert calls == ["textures", 3]


def test_an_unknown_net_is_refused_with_those_there_are(main):
    code, said = main("train", "texture")
    assert code == 2
    assert "textures" in said
    assert "Traceback" not in said


# What goes wrong


@pytest.mark.parametrize(
    "error",
    [ImportError("No module named 'torch'"), RuntimeError("operator torchvision::nms ...")],
)
def test_a_broken_installation_leads_to_the_doctor(monkeypatch, capsys, error):
    def broken(**_):
        raise error

    monkeypatch.setattr(cli, "app", broken)
    assert cli.main() == 1
    said = capsys.readouterr().err
    assert str(error) in said
    assert f"{sys.executable} -m seglab.doctor" in said


def test_an_error_of_our_own_is_not_hidden(monkeypatch):
    def broken(**_):
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        cli.main()


# What the system does not let us do


@pytest.mark.parametrize("page", ["cp1252", "cp1250", "cp1251", "cp932", "cp437"])
def test_the_list_is_printed_on_any_code_page(page, main, monkeypatch):
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, page, write_through=True))
    assert main("list") == (0, "")
    assert len(printed.getvalue().decode(page).splitlines()) == 2 * len(shipped())


def test_the_list_is_printed_by_a_process_whose_code_page_lacks_letters():
    said = seglab("list", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert said.returncode == 0
    assert len(said.stdout.splitlines()) == 2 * len(shipped())
    assert said.stderr == ""


def test_values_of_a_control_that_is_named_twice_are_added():
    lab = cli_values.find("00")
    assert cli_values.vary(lab, ["tolerance=25", "photo", "tolerance=15,25"]) == {
        "tolerance": [25, 15],
        "photo": None,
    }


@pytest.mark.parametrize("options", [["photo", "photo=coffee"], ["photo=coffee", "photo"]])
def test_all_values_and_some_of_them_are_not_asked_for_at_once(options):
    with pytest.raises(ValueError, match="--vary photo is given twice; give all of its values"):
        cli_values.vary(cli_values.find("00"), options)


def test_a_control_is_fixed_once():
    with pytest.raises(ValueError, match="--fix photo is given twice; give one value"):
        cli_values.fix(cli_values.find("00"), ["photo=coffee", "photo=rocket"])


def test_a_name_that_is_too_long_is_one_sentence(main, tmp_path):
    out = tmp_path / f"{'y' * 300}.html"
    code, said = main("save", "00", out, "--px", "16", "--vary", "tolerance=25")
    assert code == 1
    assert "has a name that is too long; give a shorter one" in said.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_is_meant_is_one_sentence(main, tmp_path, executed):
    (tmp_path / "labs").write_text("mine")
    for command in (("student", tmp_path / "labs"), ("lab", "--folder", tmp_path / "labs")):
        code, said = main(*command)
        assert code in (1, 2)
        assert str(tmp_path / "labs") in said
        assert len(said.splitlines()) == 1
    assert executed == []
    assert (tmp_path / "labs").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_one_sentence(main, tmp_path, monkeypatch):
    def refuses(self, *_, **__):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "write_bytes", refuses)
    code, said = main("student", tmp_path / "out", notebooks.find([])[0])
    assert (code, len(said.splitlines())) == (1, 1)
    assert "is not yours to read or write; choose another folder" in said
    assert list((tmp_path / "out").iterdir()) == []


def test_check_and_refresh_name_a_kernel_that_is_not_there(monkeypatch, tmp_path, main):
    path = tmp_path / "mine.ipynb"
    book = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "no-such-kernel", "display_name": "x"}}
    )
    notebooks.write(path, book)
    monkeypatch.setattr(plugin, "run", lambda *_, **__: 0)
    monkeypatch.setattr(notebooks, "refresh", lambda paths: paths)
    for command in ("check", "refresh"):
        code, said = main(command, path)
        assert code == 0
        assert "mine.ipynb names the kernel 'no-such-kernel', which this machine does not" in said
        assert "choose a kernel in JupyterLab and save" in said
    book.cells = [nbformat.v4.new_code_cell("# solution\nx = 1", id="a")]
    notebooks.write(path, book)
    code, said = main("check", path)
    assert code == 2
    assert "a `# solution` without `# end solution`" in said
