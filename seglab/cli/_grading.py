"""Commands that mark a folder of submissions, or export exercises to other graders."""

from pathlib import Path
from typing import Annotated

import typer

from seglab._progress import bar
from seglab.cli._shared import HiddenSeed, OutFolder, app, say


@app.command()
def grade(
    submissions: Annotated[
        Path, typer.Argument(help="A folder: a notebook, or a folder, for each student.")
    ],
    out: OutFolder,
    notebook: Annotated[
        list[Path] | None,
        typer.Option(help="Your notebook with the exercises; the labs handed in if none."),
    ] = None,
    container: Annotated[
        str, typer.Option(help="Run each submission in this image, with docker or podman.")
    ] = "",
    unshielded: Annotated[
        bool, typer.Option("--unshielded", help="Run submissions with your rights, if need be.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many at once; as many as cores if none.")
    ] = None,
    seed: HiddenSeed = None,
    seconds: Annotated[float, typer.Option(help="The time of one submission.")] = 300,
    memory: Annotated[int, typer.Option(help="The memory of one submission, in MB.")] = 3000,
    disk: Annotated[int, typer.Option(help="What one submission may write, in MB.")] = 200,
) -> None:
    """Mark a folder of submissions: each runs shielded, and is compared from outside.

    Writes grades.csv, results.json and a page for each student. Run it again to go on after a stop:
    what is finished is kept.
    """
    from seglab.grade import session
    from seglab.grade.limits import Limits
    from seglab.grade.shield import KINDS

    limits = Limits(seconds=seconds, memory=memory, disk=disk)
    with bar("submission") as progress:
        shield = session.grade(
            submissions, out, notebook or [], limits, container, unshielded, workers, seed, progress
        )
    if shield == "limits":
        say(KINDS[shield])
    typer.echo(out / "grades.csv")


@app.command()
def export(
    notebook: Annotated[Path, typer.Argument(help="Your notebook, with its solutions.")],
    out: OutFolder,
    to: Annotated[str, typer.Option(help="The other grader: nbgrader or otter.")],
    seed: HiddenSeed = None,
) -> None:
    """Write a notebook for another grader: nbgrader's source version, or otter's master."""
    from seglab.course import export as exports
    from seglab.course import notebooks

    (path,) = notebooks.find([notebook])[:1]
    for written in exports.write(path, out, to, seed):
        typer.echo(written)
    for name in exports.left_out(notebooks.read(path)):
        say(f"{name}: the answer to a question is marked by `seglab grade` only")
