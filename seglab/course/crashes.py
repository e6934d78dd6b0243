"""An exception in a student's function, in words: which line, what, and what to do."""

import inspect
import re
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

# What an error's text says -> what to do about it.
_REMEDIES = {
    r"not implemented for '(U?Int\d*|Long|Short|Char|Byte)'|must be either a floating": (
        "this operation takes no whole numbers: convert with .float() before it"
    ),
    r"not implemented for 'Bool'": (
        "this operation takes no True and False: convert with .float() before it"
    ),
    r"expected scalar type|to have the same dtype|must have the same dtype|same data type": (
        "two dtypes meet here: convert one, such as with .float()"
    ),
    r"Boolean value of Tensor with (more than one|no) value|truth value of an array": (
        "`if` and `and` take one True or False, not a whole tensor"
    ),
}


def in_words(error: BaseException, function: Callable[..., Any]) -> str:
    """An exception that a student's function has raised, in words."""
    where = at(line_of_error(function, error))
    if isinstance(error, RecursionError):
        return f"it calls itself without end{where}"
    if isinstance(error, SystemExit):
        return f"it ends the program{where}: a function ends with `return`, not with exit"
    message = re.sub(r" at 0x[0-9a-fA-F]+", "", str(error).strip().partition("\n")[0])[:200]
    if isinstance(error, MemoryError) or ("memory" in message and "alloc" in message):
        return f"it asks for more memory than there is{where}"
    said = f"it stops{where} with {type(error).__name__}" + (f": {message}" if message else "")
    remedies = (remedy for text, remedy in _REMEDIES.items() if re.search(text, message))
    return said + "".join(f"; {remedy}" for remedy in remedies)


def is_unwritten(error: BaseException | None, function: Callable[..., Any]) -> bool:
    """True for a bare `raise NotImplementedError` of the function's own: a body to be written.

    torch raises NotImplementedError too, where a function exists but takes no such tensor.
    """
    if not isinstance(error, NotImplementedError) or error.args:
        return False
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and is_in(function, frames[-1])


def line_of_error(function: Callable[..., Any], error: BaseException) -> int | None:
    """The last line of the function's file on the way to the error."""
    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if is_in(function, frame)]
    return lines[-1] if lines else None


def line_of(function: Callable[..., Any], frame: FrameType | None) -> int | None:
    """The line of the function's file in which a frame is at work."""
    while frame is not None and not is_in(function, frame):
        frame = frame.f_back
    return None if frame is None else frame.f_lineno


def file_of(function: Callable[..., Any]) -> str:
    """The file of a function's code; empty where it has none."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return "" if code is None else str(code.co_filename)


def is_in(function: Callable[..., Any], frame: FrameType) -> bool:
    """True if a frame is of the function's file."""
    return frame.f_code.co_filename == file_of(function)


def at(line: int | None) -> str:
    """The words for a line, with a space before them; empty without one."""
    return "" if line is None else f" at line {line}"
