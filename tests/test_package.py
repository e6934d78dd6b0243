"""The house as a whole: who imports whom, what is shipped, and what must be in step."""

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

import seglab

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "seglab"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# The floors of docs/architecture.md: a room imports only from floors below its own.
FLOORS = [
    {
        "_text",
        "_files",
        "_browser",
        "_progress",
        "_cgroup",
        "_torchvision",
        "layer",
        "stroke",
        "user_photo",
    },
    {"types", "device", "controls", "timing", "scalars"},
    {"ops", "images"},
    {"nets", "draw"},
    {"lab"},
    {"lessons", "board", "paper"},
    {"live", "files", "course", "doctor"},
    {"web"},
    {"page", "grade"},
    {"deck"},
    {"site"},
    {"cli"},
    {"__main__"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

TOP_LEVEL = {
    ".ci",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "README.md",
    "benchmarks",
    "deploy",
    "docs",
    "environment.yml",
    "hatch_build.py",
    "labs",
    "pyproject.toml",
    "seglab",
    "tests",
}


def tracked():
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.split("\0") if name]


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def room(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@cache
def imported(path, at_import_only=False):
    """The absolute names of the modules that a file imports."""
    return list(_imported(path, at_import_only))


def _imported(path, at_import_only):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    within = path.relative_to(ROOT).parts[:-1]
    nodes = tree.body if at_import_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = within[: len(within) - node.level + 1] if node.level else ()
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{name}.{alias.name}" for alias in node.names)


# The floors


def test_every_room_has_a_floor():
    assert {room(path) for path in modules()} - {"__init__"} <= set(FLOOR)


def test_the_page_on_the_house_lists_these_floors():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```\n(floor 0 .*?)^```", page, re.DOTALL | re.MULTILINE)
    floors = []
    for line in block.splitlines():
        number, words = re.fullmatch(r"(?:floor (\d+))? *(.*)", line).groups()
        if number:
            assert int(number) == len(floors)
            floors.append(set())
        # The rooms stand in the column before the first gap, or alone, one behind the other.
        rooms = re.findall(r"([\w]+)(?:\.py|/)(?=[,\s])", words.split("  ")[0] + " ")
        floors[-1] |= set(rooms)
    assert floors == FLOORS


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_the_floors_below(path):
    own = room(path)
    if own == "__init__":
        return  # the front door names rooms without entering them: see the tests below
    for name in imported(path):
        top, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if top != "seglab" or other not in FLOOR or other == own:
            continue
        assert FLOOR[other] < FLOOR[own], f"{own} (floor {FLOOR[own]}) imports {name}"


LIGHT = ["_browser.py", "_files.py", "_text.py", "doctor.py"]
LIGHT += [f"{room}/{p.name}" for room in ("controls", "lab") for p in (PACKAGE / room).glob("*.py")]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_with_an_underscore_is_imported_within_its_package_only(path):
    own = ".".join(path.relative_to(ROOT).parts[:-1])
    for name in imported(path):
        package, private, _ = name.partition("._")
        if private and package.partition(".")[0] == "seglab":
            assert own == package or own.startswith(f"{package}."), f"{path.name} imports {name}"


@pytest.mark.parametrize("name", LIGHT)
def test_these_need_the_standard_library_only(name):
    outside = {
        top
        for top in (found.partition(".")[0] for found in imported(PACKAGE / name, True))
        if top not in sys.stdlib_module_names and top != "seglab"
    }
    assert not outside


@pytest.mark.parametrize("library", ["anywidget"])
def test_only_the_live_view_makes_widgets(library):
    users = {
        room(path) for path in modules() if library in {n.split(".")[0] for n in imported(path)}
    }
    assert users <= {"live"}


def test_no_library_of_pictures_is_drawn_with_twice():
    for path in modules():
        assert not any(n.split(".")[0] == "matplotlib" for n in imported(path)), path


# Starting


@pytest.mark.parametrize("module", ["seglab", "seglab.cli", "seglab.doctor", "seglab.lab"])
def test_importing_the_front_does_not_import_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules or 'ipywidgets' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_first_picture_waits_for_neither_torchvision_nor_plotly():
    code = """if True:
        import sys
        from seglab import show
        from seglab.lessons.shift_and_stitch import LAB
        show(LAB)
        sys.exit(bool({"torchvision", "plotly"} & set(sys.modules)))
    """
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_front_door_leads_somewhere():
    for name in seglab.__all__:
        assert callable(getattr(seglab, name))
    with pytest.raises(AttributeError, match="no attribute 'shwo'; it has"):
        _ = seglab.shwo


# In step


def ranges(requirement):
    name, bounds = re.fullmatch(r"([A-Za-z0-9_.-]+)(.*)", requirement.replace(" ", "")).groups()
    return name.lower(), frozenset(filter(None, bounds.split(",")))


def test_environment_yml_and_pyproject_ask_for_the_same():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    conda = dict(ranges(line) for line in environment["dependencies"] if isinstance(line, str))
    (pip,) = (line["pip"] for line in environment["dependencies"] if isinstance(line, dict))
    assert pip == ["-e .[slides]"]
    assert conda.pop("python") == {PROJECT["project"]["requires-python"]}
    assert conda.pop("pip") == frozenset()
    conda["torch"] = conda.pop("pytorch")  # conda-forge's name for it
    assert conda == dict(ranges(line) for line in PROJECT["project"]["dependencies"])


def test_every_dependency_is_used():
    used = {name.split(".")[0] for path in modules() for name in imported(path)}
    labs = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "labs").glob("*.ipynb"))
    used |= set(re.findall(r'"(?:from|import) (\w+)', labs))
    names = {"pillow": "PIL", "scikit-image": "skimage"}
    # Run as programs by the command line, never imported at all.
    programs = {"jupyterlab", "nbval"}
    for requirement in PROJECT["project"]["dependencies"]:
        name = ranges(requirement)[0]
        assert name in programs or names.get(name, name) in used, name


def test_the_version_is_the_same_everywhere():
    version = PROJECT["project"]["version"]
    assert seglab.__version__ == version
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    own = PROJECT["project"]["license"].partition(" AND ")[0]  # before that of a shipped net
    assert (cited["version"], cited["license"]) == (version, own)
    teaching = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    assert f"{cited['title'].replace(':', ',')}. Version {version}, " in teaching


def test_the_readme_and_continuous_integration_say_the_same():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in ('-m pip install -e ".[test]"', ".venv/bin/python -m pytest"):
        assert command in readme
        if "install" not in command:
            assert script.rstrip().endswith(command)


def test_the_oldest_python_is_one():
    from seglab import doctor

    oldest = ".".join(map(str, doctor.OLDEST_PYTHON))
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["linux"]["strategy"]["matrix"]["python"][0] == oldest


def test_the_licences_of_others_go_with_the_wheel():
    project = PROJECT["project"]
    kept = {path for pattern in project["license-files"] for path in ROOT.glob(pattern)}
    weights = PACKAGE / "nets" / "weights"
    assert set(weights.glob("*.txt")) <= kept
    licences = {
        entry["origin"]["licence"]
        for entry in json.loads((weights / "index.json").read_text()).values()
        if "origin" in entry
    }
    assert {"MIT", *licences} == set(project["license"].split(" AND "))


# What is in the repository


def test_the_top_folder_holds_nothing_unexpected():
    assert {name.partition("/")[0] for name in tracked()} <= TOP_LEVEL


def test_no_file_names_the_address_of_a_registry():
    owners = ["pypi", "pythonhosted", "npmjs", "debian", "anaconda", "conda"]
    hosts = [f"{owner}.org" for owner in owners]
    for name in tracked():
        path = ROOT / name
        if path.suffix in {".safetensors", ".png", ".gif"} or not path.exists():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not [host for host in hosts if host in text], name


def test_no_shipped_file_is_large():
    for name in tracked():
        path = ROOT / name
        if path.exists():
            assert path.stat().st_size <= 2_000_000, name


def test_the_pages_link_to_files_that_are_there():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


# Docstrings

ASKING = {"How", "If", "What", "When", "Where", "Whether", "Which", "Who", "Whose", "Why"}


def unfit(text):
    """True for a docstring that begins with a question word or 'The same', or asks."""
    sentence = text.strip().partition("\n")[0]
    word = re.match(r"\W*(\w*)", sentence)[1]
    return word in ASKING or sentence.startswith("The same") or sentence.endswith("?")


def docstrings(path):
    """File, line and text of every docstring of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield str(path.relative_to(ROOT)), node.body[0].lineno, text


@pytest.mark.parametrize("room", ["seglab", "tests", "benchmarks"])
def test_docstrings_begin_with_a_noun_or_a_verb(room):
    texts = [found for path in (ROOT / room).rglob("*.py") for found in docstrings(path)]
    assert len(texts) > 10
    assert [(path, line, text) for path, line, text in texts if unfit(text)] == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("What a control sets.", True),
        ("The same field, but larger.", True),
        ("Is Python new enough?", True),
        ("`Where` the labs are.", True),
        ("Number of pixels with the label k.", False),
        ("Whatever is found, sorted.", False),
        ("The labels of a map.\n\nWhat else is there?", False),
    ],
)
def test_unfit_beginnings_are_told_from_others(text, wrong):
    assert unfit(text) is wrong
