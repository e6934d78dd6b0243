"""Calls of check(), quiz() and show() in a cell's source; nothing of it is run."""

import ast
import re
from collections.abc import Iterable
from typing import NamedTuple

_ARGUMENTS = {
    "check": ("exercise", "function"),
    "quiz": ("question", "answer"),
    "show": ("lab", ""),
}
_MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)


class Call(NamedTuple):
    """One call. called: check, quiz or show. what: its first argument. answer: its second."""

    called: str
    what: ast.expr
    answer: ast.expr | None

    @property
    def name(self) -> str:
        """The name of what is asked for; empty where the call does not tell it.

        check(THRESHOLD, threshold) tells the name of the function, which is that of the exercise.
        """
        if isinstance(self.what, ast.Constant) and isinstance(self.what.value, str):
            return self.what.value
        answer = self.answer if self.called == "check" else None
        return answer.id if isinstance(answer, ast.Name) else ""


def tree_of(source: str) -> ast.Module | None:
    """The syntax tree of a cell without its magic lines; None for what is no Python."""
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except SyntaxError:
        return None


def of(tree: ast.Module | None) -> list[Call]:
    """The calls in a syntax tree, in their order."""
    nodes: Iterable[ast.AST] = () if tree is None else ast.walk(tree)
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    return [one for call in calls if (one := _of_call(call)) is not None]


def answered(source: str) -> list[Call]:
    """The calls in a cell that hand something in: a function to check, an answer to quiz."""
    return [call for call in of(tree_of(source)) if call.answer is not None]


def _of_call(call: ast.Call) -> Call | None:
    name = str(getattr(call.func, "id", getattr(call.func, "attr", "")))
    given = dict(zip(_ARGUMENTS.get(name, ()), call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    what, answer = (given.get(argument) for argument in _ARGUMENTS.get(name, ("", "")))
    return None if what is None else Call(name, what, answer)


def names_in(tree: ast.Module | None) -> set[str]:
    """Names that a cell reads."""
    nodes: Iterable[ast.AST] = () if tree is None else ast.walk(tree)
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def functions_in(tree: ast.Module | None) -> set[str]:
    """Names of the functions that a cell defines."""
    nodes: Iterable[ast.AST] = () if tree is None else ast.walk(tree)
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
