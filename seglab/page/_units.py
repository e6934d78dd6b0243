"""A style sheet whose lengths follow the size of the text."""

import re

_DECLARATION = re.compile(r"^(\s*)([\w-]+):([^;{}]*);", re.MULTILINE)
_LENGTH = re.compile(r"(-?(?:\d*\.)?\d+)px")
_HAIRLINES = re.compile(r"border(?!-radius|-spacing)|outline|box-shadow|stroke|text-decoration")


def in_units(css: str) -> str:
    """Style sheet with n pixels as n units, `--seglab-unit`, a pixel where it is not set.

    Lines and shadows keep their pixels, and so do the conditions of @ rules.
    """
    return _DECLARATION.sub(_scaled, css)


def _scaled(found: re.Match[str]) -> str:
    indent, name, value = found.groups()
    if _HAIRLINES.match(name):
        return found[0]
    scaled = _LENGTH.sub(r"calc(\1 * var(--seglab-unit, 1px))", value)
    return f"{indent}{name}:{scaled};"
