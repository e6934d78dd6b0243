"""The reference: a page for each public module, whose words are the docstrings."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

FOLDER = "reference"

_FRONT = (
    "seglab",
    "seglab.lab",
    "seglab.controls",
    "seglab.files",
    "seglab.types",
    "seglab.device",
)
_ROOMS = ("ops", "images", "nets", "draw")
_MORE = ("seglab.course.declarations", "seglab.course.results")


def modules() -> list[str]:
    """The public modules, in the order of the reference."""
    inside = [
        f"seglab.{room}.{found.name}"
        for room in _ROOMS
        for found in iter_modules(import_module(f"seglab.{room}").__path__)
        if not found.name.startswith("_")
    ]
    return [*_FRONT, *inside, *_MORE]


def write(source: Path) -> list[str]:
    """Write a page for each module, and their index."""
    folder = source / FOLDER
    folder.mkdir(parents=True)
    groups: dict[str, list[str]] = {}
    for name in modules():
        (folder / f"{name}.md").write_text(_page(import_module(name)), encoding="utf-8")
        groups.setdefault(_group(name), []).append(name)
    lines = ["# Reference", ""]
    for group, names in groups.items():
        lines += [f"## {group}", "", *map(_line, names), ""]
        lines += ["```{toctree}", ":hidden:", "", *names, "```", ""]
    (folder / "index.md").write_text("\n".join(lines), encoding="utf-8")
    return [f"{FOLDER}/index"]


def _line(name: str) -> str:
    """A module in the index: its name, and the first sentence about it."""
    words = (import_module(name).__doc__ or "").strip().partition("\n")[0]
    return f"- [{name}]({name}.md): {words.replace('*', chr(92) + '*')}"


def _group(name: str) -> str:
    words = {"ops": "Operators", "images": "Pictures", "nets": "Nets", "draw": "Drawing"}
    room = name.split(".")[1] if name.count(".") > 1 else ""
    return words.get(room, "Labs and courses")


def public(module: ModuleType) -> list[str]:
    """Names of the functions and classes that a module gives to others."""
    names = getattr(module, "__all__", None)
    if names is None:
        names = [
            name
            for name, value in vars(module).items()
            if getattr(value, "__module__", "") == module.__name__
        ]
    return sorted(n for n in names if not n.startswith("_") and callable(getattr(module, n)))


def _at_home_elsewhere(module: ModuleType, name: str) -> bool:
    """True for what another page lists too, and is made there: it has one entry in the index."""
    home = getattr(module, name).__module__.partition("._")[0]
    return home != module.__name__ and home in modules()


def _page(module: ModuleType) -> str:
    name = module.__name__
    listed = [f"   {one}" for one in public(module)]
    head = [f"# {name}", "", "```{eval-rst}", f".. automodule:: {name}", "", "```", ""]
    table = [
        "```{eval-rst}",
        f".. currentmodule:: {name}",
        "",
        ".. autosummary::",
        "   :nosignatures:",
    ]
    body = []
    for one in public(module):
        kind = "class" if isinstance(getattr(module, one), type) else "function"
        options = ["   :members:"] if kind == "class" else []
        if _at_home_elsewhere(module, one):
            options.append("   :no-index:")
        body += [f".. auto{kind}:: {one}", *options, ""]
    return (
        "\n".join([*head, *table, "", *listed, "", *body, "```", ""]) if listed else "\n".join(head)
    )
