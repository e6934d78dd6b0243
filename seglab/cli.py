"""The command line. Each command imports what it needs when it runs, so that --help is instant."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from seglab._files import refusal
from seglab._progress import bar

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
        _say(f"The installation is broken: {error}\nWhat to do: {sys.executable} -m seglab.doctor")
        return 1
    except ValueError as error:
        _say(str(error))
        return 2
    except OSError as error:
        _say(refusal(error))
        return 1
    except Exception as error:
        show = getattr(error, "show", None)  # a wrong option: click knows how to say it
        if show is None:
            raise
        show()
        return int(getattr(error, "exit_code", 2))
    return code if isinstance(code, int) else 0


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

    opened = None if name is None else lessons.stem(_number(Path(name).name))
    folder = folder.expanduser().resolve()
    for sentence in updates.update(folder):
        if not sentence.endswith(" is new"):
            _say(sentence)
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
        _say("The installed labs are students' copies without outputs: their cells are only run.")
        lax = True
    code = plugin.run(paths or [], lax=lax)
    for path, book in found:
        for sentence in lecture.advice(book):
            _say(f"{path}, as a lecture: {sentence}")
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
        _say(KINDS[shield])
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
        _say(f"{name}: the answer to a question is marked by `seglab grade` only")


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
        _say(f"{source}, as a lecture: {sentence}")
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

    chosen = [lessons.stem(_number(name)) for name in lab or []]
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


def _looked_over(paths: list[Path] | None) -> list[tuple[Path, Any]]:
    """The notebooks that are to run, once it is known that they can; says which kernel is not."""
    from seglab.course import notebooks

    found = [(path, notebooks.read(path)) for path in notebooks.find(paths or [])]
    for path, book in found:
        notebooks.need_python(path, book)
        notebooks.need_closed_solutions(path, book)
        notebooks.need_points(path, book)
        if note := notebooks.kernel_note(path, book):
            _say(note)
    return found


def _number(name: str) -> str:
    """'8' as '08', the way the labs are numbered."""
    return name.zfill(2) if name.isdigit() else name


def _run(command: list[str]) -> int:
    if os.name == "nt":  # Windows has no exec that keeps the console
        try:
            return subprocess.run(command, check=False).returncode
        except KeyboardInterrupt:
            return 130
    sys.stdout.flush()
    os.execv(command[0], command)


def _say(text: str) -> None:
    typer.echo(text, err=True)
