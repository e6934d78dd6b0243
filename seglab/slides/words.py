"""A control's values as words on the command line."""

from collections.abc import Iterable
from typing import Any

from seglab.lab import Choice, Control, Lab, Pixel


def fix(lab: Lab, options: Iterable[str]) -> dict[str, Any]:
    """What '--fix photo=astronaut' means: control -> value.

    Raises ValueError for an unknown control and for words that are none of its values.
    """
    fixed = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not equals:
            raise ValueError(f"--fix {option} gives no value; write --fix {option}=VALUE")
        fixed[name] = _value(lab, name, text)
    return fixed


def vary(lab: Lab, options: Iterable[str]) -> dict[str, Any]:
    """What '--vary f=2,4,8' means: control -> values, or None for all that it has.

    A pixel's positions are row:column, and one number n stands for an n × n grid of them.
    """
    varied: dict[str, Any] = {}
    for option in options:
        name, equals, text = option.partition("=")
        control = _control(lab, name)
        if not equals:
            varied[name] = None
        elif isinstance(control, Pixel) and text.isdigit():
            varied[name] = int(text)
        else:
            varied[name] = [_value(lab, name, part) for part in _parts(control, text)]
    return varied


def _control(lab: Lab, name: str) -> Control:
    if name not in lab.controls:
        lab.state(**{name: None})  # it says which there are
    return lab.controls[name]


def _parts(control: Control, text: str) -> list[str]:
    """The values between the commas; an option's own commas stay."""
    parts = text.split(",")
    known = _spellings(control)
    merged: list[str] = []
    while parts:
        whole = [n for n in range(len(parts), 1, -1) if ",".join(parts[:n]).strip() in known]
        merged.append(",".join(parts[: whole[0] if whole else 1]).strip())
        del parts[: whole[0] if whole else 1]
    return merged


def _spellings(control: Control) -> dict[str, Any]:
    if isinstance(control, Choice):
        shown = {control.show(option): option for option in control.options}
        return shown | {str(option): option for option in control.options}
    return {} if isinstance(control, Pixel) else dict(control.presets)


def _value(lab: Lab, name: str, text: str) -> Any:
    control = _control(lab, name)
    known = _spellings(control)
    if text in known:
        return known[text]
    if isinstance(control, Pixel):
        try:
            row, column = map(int, text.split(":"))
        except ValueError:
            raise ValueError(
                f"{name}={text}: write a pixel as row:column, such as 96:150"
            ) from None
        return lab.state(**{name: (row, column)})[name]
    raise ValueError(f"{name}={text}: {name} is one of {', '.join(known)}")
