"""The joiner of the JavaScript modules: one script in one scope, in the order of the imports."""

import re
from pathlib import Path

import pytest

import seglab
from seglab.board import assets

PACKAGE = Path(seglab.__file__).parent
SOURCES = [path for path in sorted(PACKAGE.rglob("*.js")) if path.parent.name != "reveal"]
ENTRIES = [
    path for path in SOURCES if path.name in {"notebook.js", "start.js", "worker.js", "deck.js"}
]


@pytest.fixture
def write(tmp_path):
    """write(name="source", ...): files; returns the first one."""

    def written(**sources):
        for name, source in sources.items():
            (tmp_path / f"{name}.js").write_text(source, encoding="utf-8")
        return tmp_path / f"{next(iter(sources))}.js"

    return written


def test_what_is_imported_comes_first_and_once(write):
    entry = write(
        top='import { b } from "./left.js";\nimport { c } from "./right.js";\n'
        "export const d = b + c;\n",
        left='import { a } from "./base.js";\n\nexport const b = a;\n',
        right='import {\n  a,\n} from "./base.js";\n\nexport const c = a;\n',
        base="export const a = 1;\n",
    )
    lines = assets.join(entry).split("\n")
    assert [line for line in lines if line] == [
        *("const a = 1;", "const b = a;", "const c = a;", "export const d = b + c;")
    ]


def test_the_entry_keeps_its_default_export_and_remarks_stay_behind(write):
    entry = write(
        top='import { a } from "./base.js";\n\n/** @type {() => number} */\n'
        "export default () => a;\n",
        base='// What it is.\nexport const a = "// not a remark"; // but this stays\n',
    )
    assert assets.join(entry) == (
        'const a = "// not a remark"; // but this stays\n\nexport default () => a;\n'
    )


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (
            {
                "a": 'import { b } from "./b.js";\n',
                "b": 'import "./c.js";\n',
                "c": 'import "./b.js";\n',
            },
            r"b\.js -> c\.js -> b\.js: modules import in a circle",
        ),
        ({"a": 'import { b } from "./b.js";\n'}, r"a\.js imports 'b\.js', which is not there"),
        (
            {"a": 'import { b } from "./b.js";\n', "b": "const b = 1;\n"},
            r"a\.js imports 'b', which \./b\.js does not export",
        ),
        (
            {"a": 'import "./b.js";\nconst c = 1;\n', "b": "export function c() {}\n"},
            r"a\.js and b\.js both declare 'c'",
        ),
    ],
)
def test_what_cannot_be_joined_is_refused(write, sources, message):
    with pytest.raises(ValueError, match=message):
        assets.join(write(**sources))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.name)
def test_the_scripts_of_the_pages_stand_alone(entry):
    script = assets.join(entry)
    assert not re.search(r"^import\b|^ *//", script, re.MULTILINE)
    assert script == assets.join(entry)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_import_is_one_that_the_joiner_reads(path):
    source = path.read_text(encoding="utf-8")
    imports = re.findall(r"^import\b[^;]*;", source, re.MULTILINE)
    assert len(assets.IMPORT.findall(source)) == len(imports)
    assert all("." in found and " as " not in found for found in imports)
    assert not re.search(r"^export (\{|\*)(?! *\};)", source, re.MULTILINE)


def test_the_dialog_of_the_camera_has_no_colours_of_a_board_which_it_lies_outside_of():
    pytest.importorskip("onnx")
    from seglab.live import board
    from seglab.page import _live

    sheet = (Path(board.__file__).parent / "camera.css").read_text(encoding="utf-8")
    assert sheet in board.STYLE
    assert sheet in _live.STYLE
    assert "var(--seglab-" not in sheet
