"""The board's script and style: the notebook and the slides draw their frames with these."""

import re
from pathlib import Path

_HERE = Path(__file__).parent
IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)
_DECLARED = re.compile(r"^(export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
_REMARK = re.compile(r"^[ \t]*(?:/\*\*(?:[^*]|\*(?!/))*\*/|//[^\n]*)\n", re.MULTILINE)
_BLANK = re.compile(r"\n{3,}")


def join(entry: Path) -> str:
    """A module and all that it imports, in order, as one script with the entry's exports.

    All share one scope, so each name is declared once and imported under its own name. Remarks
    that stand on lines of their own, JSDoc types too, stay behind.
    Raises ValueError for a cycle, an unknown file or name, and a name that is declared twice.
    """
    entry = entry.resolve()
    sources: dict[Path, str] = {}
    _add(entry, (), sources, {})
    parts = [IMPORT.sub("", _REMARK.sub("", source)) for source in sources.values()]
    joined = "\n".join([*(_EXPORT.sub("", part) for part in parts[:-1]), parts[-1]])
    return _BLANK.sub("\n\n", joined).strip() + "\n"


def _add(
    path: Path, importers: tuple[Path, ...], sources: dict[Path, str], owners: dict[str, Path]
) -> None:
    """Put what a file imports before it into sources, then the file itself."""
    if path in importers:
        chain = (*importers[importers.index(path) :], path)
        raise ValueError(f"{' -> '.join(one.name for one in chain)}: modules import in a circle")
    if path in sources:
        return
    if not path.is_file():
        raise ValueError(f"{importers[-1].name} imports {path.name!r}, which is not there")
    source = path.read_text(encoding="utf-8")
    for names, target in IMPORT.findall(source):
        imported = (path.parent / target).resolve()
        _add(imported, (*importers, path), sources, owners)
        exported = {name for export, name in _DECLARED.findall(sources[imported]) if export}
        for name in filter(None, (name.strip() for name in names.split(","))):
            if name not in exported:
                raise ValueError(f"{path.name} imports {name!r}, which {target} does not export")
    for _, name in _DECLARED.findall(source):
        if owners.setdefault(name, path) != path:
            raise ValueError(f"{path.name} and {owners[name].name} both declare {name!r}")
    sources[path] = source


SCRIPT = join(_HERE / "board.js")
_STYLES = (
    "board", "theatre", "controls", "panes", "marks", "legends", "grids", "curtains", "tables",
    "numbers", "brush", "charts", "diagram",
)  # fmt: skip
STYLE = "\n".join((_HERE / f"{name}.css").read_text(encoding="utf-8") for name in _STYLES)
INPUTS = (_HERE / "inputs.css").read_text(encoding="utf-8")  # of controls outside a notebook
