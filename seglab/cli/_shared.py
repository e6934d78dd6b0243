"""Parts that several commands share: the app that they belong to, arguments, how to speak."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Image segmentation that you can take hold of: the labs and what keeps them in order.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# Arguments that several commands take.
Paths = Annotated[list[Path] | None, typer.Argument(help="Notebooks or folders; all labs if none.")]
Group = Annotated[
    str | None, typer.Option(help="With the constants that the notebook declares for a group.")
]
OutFolder = Annotated[Path, typer.Option("--out", "-o", help="The folder to write into.")]
HiddenSeed = Annotated[
    int | None, typer.Option(min=1, help="Of the hidden cases; a secret one if none.")
]
Theme = Annotated[str, typer.Option(help="light, dark, or auto: as the reader's is.")]


def number(name: str) -> str:
    """'8' as '08', the way the labs are numbered."""
    return name.zfill(2) if name.isdigit() else name


def say(text: str) -> None:
    typer.echo(text, err=True)
