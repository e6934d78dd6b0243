"""A control's values as words on the command line."""

from collections.abc import Iterable
from typing import Any

from seglab.lab import Lab


def fix(lab: Lab, options: Iterable[str]) -> dict[str, Any]:
    """What '--fix photo=astronaut' means: control -> value.

    Raises ValueError for an unknown control and for words that are none of its values.
    """
    fixed = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not equals:
            raise ValueError(f"--fix {option} gives no value; write --fix {option}=VALUE")
        control = lab.known(name)
        try:
            fixed[name] = control.parse(text)
        except ValueError as error:
            raise ValueError(f"{name}={text}: {error}") from None
    return fixed


def vary(lab: Lab, options: Iterable[str]) -> dict[str, Any]:
    """What '--vary f=2,4,8' means: control -> values, or None for all that it has.

    A pixel's positions are row:column, and one number n stands for an n × n grid of them.
    """
    varied: dict[str, Any] = {}
    for option in options:
        name, equals, text = option.partition("=")
        control = lab.known(name)
        try:
            varied[name] = control.parse_all(text) if equals else None
        except ValueError as error:
            raise ValueError(f"{name}={text}: {error}") from None
    return varied
