"""Commands that train the shipped nets again, and convert published ones."""

from pathlib import Path
from typing import Annotated

import typer

from seglab.cli._shared import app


@app.command()
def train(
    name: Annotated[str, typer.Argument(help="The nets to train, such as textures.")],
    seed: Annotated[int, typer.Option(help="The same seed trains the same net.")] = 0,
) -> None:
    """Train the shipped networks again, and print how well they do on held-out pictures."""
    from seglab.nets import registry

    registry.family(name).train_and_save(seed)


@app.command()
def convert(
    name: Annotated[str, typer.Argument(help="The net, such as selfie.")],
    file: Annotated[Path, typer.Argument(help="Its published file, such as a .tflite.")],
    out: Annotated[Path | None, typer.Option(help="A folder, else the package's own.")] = None,
) -> None:
    """Convert a net that others have trained and published; nothing is fetched."""
    from seglab.nets import registry

    registry.convert(name, file, out)
