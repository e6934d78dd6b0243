"""Spellings of a command line: a lab, and the values of its controls."""

import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from seglab import lessons
from seglab._text import suggestion
from seglab.lab import Lab


def find(text: str) -> Lab:
    """The lab that '08', 'shift-and-stitch', 'package.module:LAB' or 'my_lab.py' means.

    After a module or file, the lab's own name may be left out where it is LAB: 'my_lab.py:OTHER'.
    Raises ValueError for a lab, file, module or name that is not there.
    """
    place, colon, name = text.rpartition(":")
    if not place or name.endswith(".py") or "/" in name or "\\" in name:  # as in C:\my_lab.py
        place, colon, name = text, "", ""
    if place.endswith(".py"):
        module = _file(Path(place).expanduser())
    elif colon:
        module = _module(place)
    else:
        return lessons.find(text.zfill(2) if text.isdigit() else text)
    name = name or "LAB"
    found = getattr(module, name, None)
    if not isinstance(found, Lab):
        labs = [other for other, value in vars(module).items() if isinstance(value, Lab)]
        raise ValueError(
            f"{place} has no lab {name!r}; {suggestion(name, labs)}"
            f"its labs are {', '.join(labs) or 'none'}"
        )
    return found


def _file(path: Path) -> ModuleType:
    """A file as a module; it may import the files beside it."""
    spec = spec_from_file_location(path.stem, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise ValueError(f"there is no file {str(path)!r}; check the path")
    module = module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)  # where a dataclass looks its own module up
    _search(path.parent)
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise ValueError(f"{path} imports what is not there: {error}") from error
    return module


def _module(name: str) -> ModuleType:
    """A module by its name, installed or in the folder at hand."""
    _search(Path.cwd())
    try:
        return import_module(name)
    except ImportError as error:
        raise ValueError(
            f"{name!r} cannot be imported: {error}; give a module, or the path of a .py file"
        ) from error


def _search(folder: Path) -> None:
    if str(folder.resolve()) not in sys.path:
        sys.path.insert(0, str(folder.resolve()))


def fix(lab: Lab, options: Iterable[str]) -> dict[str, Any]:
    """The meaning of '--fix photo=astronaut' for a lab: control -> value.

    Raises ValueError for an unknown control and for words that are none of its values.
    """
    fixed = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not equals:
            raise ValueError(f"--fix {option} gives no value; write --fix {option}=VALUE")
        control = lab.known(name)
        if name in fixed:
            raise ValueError(f"--fix {name} is given twice; give one value, --fix {option}")
        try:
            fixed[name] = control.parse(text)
        except ValueError as error:
            raise ValueError(f"{name}={text}: {error}") from None
    return fixed


def vary(lab: Lab, options: Iterable[str]) -> dict[str, Any]:
    """The meaning of '--vary f=2,4,8' for a lab: control -> values, or None for all it has.

    A pixel's positions are row:column, and one number n stands for an n × n grid of them. The
    values of a control that is named again are added.
    """
    varied: dict[str, Any] = {}
    for option in options:
        name, equals, text = option.partition("=")
        control = lab.known(name)
        try:
            values = control.parse_all(text) if equals else None
        except ValueError as error:
            raise ValueError(f"{name}={text}: {error}") from None
        if name not in varied:
            varied[name] = values
        elif isinstance(values, list) and isinstance(varied[name], list):
            varied[name] += [value for value in values if value not in varied[name]]
        else:
            raise ValueError(f"--vary {name} is given twice; give all of its values at once")
    return varied
