"""Commands that open the labs, list them, and find out what an installation lacks."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from seglab.cli._shared import app, number, say


@app.command()
def lab(
    name: Annotated[
        str | None, typer.Argument(help="A lab, such as 08 or shift-and-stitch.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where your copies of the labs live.")] = Path(
        "seglab-labs"
    ),
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    port: Annotated[int | None, typer.Option(help="The port to serve on.")] = None,
) -> int:
    """Open JupyterLab on your own copies of the labs; what you have written there is kept."""
    from seglab import lessons
    from seglab.course import updates

    opened = None if name is None else lessons.stem(number(Path(name).name))
    folder = folder.expanduser().resolve()
    for sentence in updates.update(folder):
        if not sentence.endswith(" is new"):
            say(sentence)
    return _run(jupyter(folder, opened, browser, port))


@app.command("list")
def list_() -> None:
    """The labs in course order."""
    from seglab.lessons import catalogue

    for stem, lab in catalogue().items():
        typer.echo(f"{stem:<32}{lab.title}")
        if lab.summary:
            typer.echo(f"{'':<32}{lab.summary}")


@app.command()
def doctor() -> int:
    """Versions, devices, and how to get what is missing."""
    from seglab import doctor as physician

    return physician.main()


def jupyter(
    folder: Path, opened: str | None = None, browser: bool = True, port: int | None = None
) -> list[str]:
    """The command that serves a folder in JupyterLab and opens one of its notebooks.

    Nothing of it asks the network: no news, no look for updates, no list of extensions.
    """
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={folder}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if opened is not None:
        command.append(f"--LabApp.default_url=/lab/tree/{opened}.ipynb")
    if not browser:
        command.append("--no-browser")
    if port is not None:
        command.append(f"--port={port}")
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")  # in a container there often is no other user
    return command


def _run(command: list[str]) -> int:
    if os.name == "nt":  # Windows has no exec that keeps the console
        try:
            return subprocess.run(command, check=False).returncode
        except KeyboardInterrupt:
            return 130
    sys.stdout.flush()
    os.execv(command[0], command)
