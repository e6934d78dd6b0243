"""Commands that keep the notebooks of a course in order, and make copies of them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from seglab.cli._shared import Group, Paths, app, say


@app.command()
def check(
    paths: Paths = None,
    lax: Annotated[
        bool, typer.Option("--lax", help="Only run the cells; do not compare the outputs.")
    ] = False,
) -> int:
    """Run notebooks and compare every output with the stored one (nbval).

    Then says what the slides of each one lack as a lecture; that alone is no failure.
    """
    from seglab.course import notebooks, plugin
    from seglab.deck import lecture

    found = _looked_over(paths)
    if not paths and not lax and notebooks.are_copies():
        say("The installed labs are students' copies without outputs: their cells are only run.")
        lax = True
    code = plugin.run(paths or [], lax=lax)
    for path, book in found:
        for sentence in lecture.advice(book):
            say(f"{path}, as a lecture: {sentence}")
    return code


@app.command()
def refresh(
    paths: Paths = None,
) -> None:
    """Run notebooks and store their outputs anew: the one way in which outputs are made."""
    from seglab.course import notebooks

    _looked_over(paths)
    for path in notebooks.refresh(paths or []):
        typer.echo(path)


@app.command()
def student(
    out: Annotated[
        Path | None, typer.Argument(help="The folder to write into; with --branch, a notebook.")
    ] = None,
    paths: Paths = None,
    group: Group = None,
    update: Annotated[
        bool, typer.Option("--update", help="Bring corrections into copies that are there.")
    ] = False,
    branch: Annotated[
        str | None, typer.Option(help="Commit the copies to this branch; no folder is written.")
    ] = None,
) -> None:
    """Write student copies of notebooks: without solutions, without outputs.

    The files beside a notebook that it imports or names are copied with it.
    """
    from seglab.course import branches, copies, updates

    paths = paths or []
    if branch is not None:
        if update:
            raise ValueError("--update is for a folder, and --branch for none; give one of them")
        typer.echo(branches.write(branch, [out, *paths] if out else [], group))
        return
    if out is None:
        raise typer.BadParameter("a folder to write into is missing", param_hint="OUT")
    write = updates.update if update else copies.copy_labs
    for line in write(out, paths, group):
        typer.echo(line)


@app.command()
def solutions(
    out: Annotated[Path, typer.Argument(help="The folder to write into.")],
    paths: Paths = None,
    group: Group = None,
) -> None:
    """Write notebooks for assistants: solutions, and answers to every question and tour."""
    from seglab.course import explained

    for path in explained.write(out, paths or [], group):
        typer.echo(path)


@app.command("new-course")
def new_course(
    out: Annotated[Path, typer.Argument(help="The folder to make; it must not be there yet.")],
    repository: Annotated[
        str,
        typer.Option(help="OWNER/NAME on GitHub: the README opens its notebooks on Binder, Colab."),
    ] = "",
) -> None:
    """Write a course of your own: two notebooks, a lab, exercises, a check for GitHub, a README."""
    from seglab.course import new

    for path in new.write(out, repository):
        typer.echo(path)


@app.command()
def notes(
    out: Annotated[Path, typer.Argument(help="The Markdown file to write.")],
    paths: Paths = None,
) -> None:
    """Write instructors' notes on notebooks: goals, time, what to ask, what goes wrong."""
    from seglab.course import notes as guide

    typer.echo(guide.write(out, paths or []))


def _looked_over(paths: list[Path] | None) -> list[tuple[Path, Any]]:
    """The notebooks that are to run, once it is known that they can; says which kernel is not."""
    from seglab.course import notebooks

    found = [(path, notebooks.read(path)) for path in notebooks.find(paths or [])]
    for path, book in found:
        notebooks.need_python(path, book)
        notebooks.need_closed_solutions(path, book)
        notebooks.need_points(path, book)
        if note := notebooks.kernel_note(path, book):
            say(note)
    return found
