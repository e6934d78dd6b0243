"""The command line, a file for each topic.

Each command imports what it needs when it runs, so that --help is instant.
"""

import io
import sys

import typer

from seglab._files import refusal
from seglab.cli._shared import app, say

# --help shows their commands in this order.
# isort: off
from seglab.cli import _labs, _course, _grading, _publishing, _nets  # noqa: F401
# isort: on


def main() -> int:
    """Run the command that sys.argv names; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a code page that lacks a letter
    try:
        code = app(standalone_mode=False)
    except typer.Exit as leaving:
        return leaving.exit_code
    except typer.Abort:
        return 130
    except (ImportError, RuntimeError) as error:
        if not isinstance(error, ImportError) and "torchvision::" not in str(error):
            raise
        say(f"The installation is broken: {error}\nWhat to do: {sys.executable} -m seglab.doctor")
        return 1
    except ValueError as error:
        say(str(error))
        return 2
    except OSError as error:
        say(refusal(error))
        return 1
    except Exception as error:
        show = getattr(error, "show", None)  # a wrong option: click knows how to say it
        if show is None:
            raise
        show()
        return int(getattr(error, "exit_code", 2))
    return code if isinstance(code, int) else 0
