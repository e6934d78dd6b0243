"""Commands that write labs for where no kernel runs: files, decks, a gallery, a site."""

from pathlib import Path
from typing import Annotated

import typer

from seglab._progress import bar
from seglab.cli._shared import Paths, Theme, app, number, say


@app.command()
def save(
    name: Annotated[
        str, typer.Argument(help="A lab, such as 08; or your own, my_lab.py or module:LAB.")
    ],
    out: Annotated[Path, typer.Argument(help="The file to write; its suffix says what.")],
    vary: Annotated[
        list[str] | None,
        typer.Option(help="A control and its values, f=2,4,8; the name alone for all it has."),
    ] = None,
    fix: Annotated[
        list[str] | None,
        typer.Option(help="A control and its value, photo=astronaut or photo=me.jpg."),
    ] = None,
    px: Annotated[int | None, typer.Option(help="The longest side of a stored picture.")] = None,
    force: Annotated[bool, typer.Option("--force", help="However large it gets.")] = False,
    theme: Theme = "auto",
    tour: Annotated[
        bool, typer.Option("--tour", help="The lab's tour; on a page, walked by a clicker.")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="A page that computes, for a reader's own picture.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Only say what --live compiles, and what it cannot.")
    ] = False,
) -> None:
    """Write a lab to a file that needs no kernel and no network: a slide, a picture, a film."""
    from seglab.files import cli_values, unrolled
    from seglab.files import save as write

    lab = unrolled(cli_values.find(name))
    varied = cli_values.vary(lab, vary) if vary else None
    fixed = cli_values.fix(lab, fix or [])
    if explain:
        from seglab.page import explained

        typer.echo(explained(lab, varied, fixed))
        return
    path = write(lab, out, varied, fixed, px, force, theme=theme, tour=tour, live=live)
    typer.echo(f"{path}: {path.stat().st_size / 1e6:.2g} MB")


@app.command()
def deck(
    notebook: Annotated[Path, typer.Argument(help="A notebook whose cells have slide types.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="Also print it, beside the file.")] = False,
    theme: Annotated[str, typer.Option(help="light, dark, or auto: as the screen's is.")] = "auto",
    tour: Annotated[
        bool, typer.Option("--tour", help="A clicker walks the labs' tours before it turns.")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Labs compute, for a picture taken in the hall.")
    ] = False,
) -> None:
    """Write a notebook's slides as one file that needs no kernel and no network (reveal.js)."""
    from seglab import deck as decks
    from seglab.course import notebooks
    from seglab.deck import beside, lecture

    (source,) = notebooks.find([notebook])[:1]
    out = decks.html_file(out)
    decks.check_theme(theme)
    decks.need()
    book = notebooks.read(source)
    for sentence in lecture.advice(book):
        say(f"{source}, as a lecture: {sentence}")
    with bar("cell") as progress:
        beside.lecture(source, out, theme, tour, progress, live)
    typer.echo(f"{out}: {out.stat().st_size / 1e6:.2g} MB")
    if pdf:
        typer.echo(decks.print_pdf(out, out.with_suffix(".pdf")))


@app.command()
def gallery(
    out: Annotated[Path, typer.Argument(help="The folder to write; a gallery there is replaced.")],
    lab: Annotated[
        list[str] | None, typer.Option(help="A lab, such as 08; all labs if none.")
    ] = None,
    also: Annotated[
        list[str] | None, typer.Option(help="More of each lab, linked: deck, mp4, gif, pptx.")
    ] = None,
    theme: Theme = "auto",
) -> None:
    """Write a page of all labs as slides, which any web host serves and a browser opens."""
    from seglab import lessons
    from seglab.deck import beside
    from seglab.files.gallery import gallery as write

    chosen = [lessons.stem(number(name)) for name in lab or []]
    labs = {stem: each for stem, each in lessons.catalogue().items() if stem in (chosen or [stem])}
    with bar("lab") as progress:
        page = write(out, labs, progress, theme, beside.files(also or [], theme))
    typer.echo(page)


@app.command()
def site(
    out: Annotated[Path, typer.Argument(help="The folder to write; a site there is replaced.")],
    paths: Paths = None,
    title: Annotated[str, typer.Option(help="Of the site, else of the README there.")] = "",
    guides: Annotated[
        Path | None, typer.Option(help="A folder of Markdown files, which become pages.")
    ] = None,
    reference: Annotated[
        bool, typer.Option("--reference", help="Also seglab's guides and reference, if not there.")
    ] = False,
    binder: Annotated[
        str, typer.Option(help="Address of a notebook on Binder, with {name} for its file.")
    ] = "",
    colab: Annotated[str, typer.Option(help="The same on Google Colab.")] = "",
    hub: Annotated[str, typer.Option(help="The same on your JupyterHub.")] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Labs compute in the page, on a reader's picture.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Notebooks at once; as many as cores if none.")
    ] = None,
) -> None:
    """Write the course, or notebooks of your own, as a site: pages with live labs, all offline."""
    from seglab import site as sites

    addresses = sites.Addresses(binder, colab, hub)
    with bar("notebook") as progress:
        page = sites.site(
            out, paths, title, guides, reference or None, addresses, live, workers, progress
        )
    typer.echo(page)
