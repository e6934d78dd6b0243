"""deck(): a notebook as one reveal.js file that needs no kernel, no server and no network."""

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from seglab import _browser
from seglab._files import atomic
from seglab.board import assets
from seglab.deck import _notes, display_formatters
from seglab.files import THEMES, optional_dependencies
from seglab.page import COMPUTING, hash_of
from seglab.paper import charts

Notebook = Any  # nbformat.NotebookNode, which has no types

EXTENSION = display_formatters.__name__
# By whether a clicker walks the tours of labs, and whether labs compute.
_EXTENSIONS = {
    (False, False): EXTENSION,
    (True, False): "seglab.deck.walked_formatters",
    (False, True): "seglab.deck.computing_formatters",
    (True, True): "seglab.deck.walked_computing_formatters",
}
_COMPUTES = 'id="seglab-runtime"'  # in the page of a lab that computes
CELL_TIMEOUT = 900  # seconds: a cell that shows a lab computes all its states
MOST_BYTES = 30_000_000
CHART = "application/vnd.plotly.v1+json"

_HERE = Path(__file__).parent
_SHOWN = (  # the first that an output has is shown
    display_formatters.LAB,
    display_formatters.QUIZ,
    CHART,
    "text/html",
    "image/svg+xml",
    "text/markdown",
    "image/png",
    "image/jpeg",
    "text/latex",
    "text/plain",
)
_PIECES = re.compile(r"(<style>.*?</style>|<script.*?</script>)", re.DOTALL)
_MODULE = re.compile(r'<script type="module" async>(.*)</script>', re.DOTALL)
_POSTER = re.compile(
    r'<section class="seglab-poster"><img alt="([^"]*)" src="([^"]*)"[^>]*><p>(.*?)</p>', re.DOTALL
)
_TAG = re.compile(r"`([^`]*)`|<small>.*?</small>|<!--.*?-->|</?[a-zA-Z][^<>]*>")
_HEADING = re.compile(r"^#\s+(.+)$", re.MULTILINE)


def deck(
    notebook: Notebook,
    path: str | os.PathLike[str],
    execute: Callable[[Notebook], Notebook],
    folder: str | os.PathLike[str] = ".",
    theme: str = "auto",
    tour: bool = False,
) -> Path:
    """Write a notebook's slides, chosen by the standard slideshow metadata, to one HTML file.

    notebook: as nbformat reads it. execute: gives an executed copy, from a kernel that has loaded
    the IPython extension of extension(tour, live); what comes after the last cell shown is not
    executed. folder: where pictures lie that the text names. theme: light, dark, or auto for what
    the viewer's screen prefers; paper is always light. tour: whether a clicker walks the tour of a
    slide's lab before it turns the slide. The file is written whole or not at all.
    Raises ValueError where a package is missing, no cell is shown, or a lab cannot be saved.
    """
    path = html_file(path)
    check_theme(theme)
    need()
    shown = _upto_last_shown(notebook)
    ready, pieces = _staged(execute(shown), Path(folder))
    text = _document(ready, pieces, Path(folder), theme, tour)
    if len(text) > MOST_BYTES:
        size = f"{len(text) / 1e6:.0f} MB"
        print(f"{path.name} has {size}: leave a lab out with `skip`", file=sys.stderr)
    with atomic(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
    return path


def extension(tour: bool, live: bool = False) -> str:
    """The IPython extension under which a notebook's labs come out as pages.

    tour: see deck(). live: whether they compute, for a picture that is taken in the hall.
    """
    return _EXTENSIONS[tour, live]


def html_file(path: str | os.PathLike[str]) -> Path:
    """The path of a deck; ValueError where none can be written."""
    path = Path(path).expanduser()
    if path.suffix.lower() != ".html":
        raise ValueError(f"{path.name!r} ends in {path.suffix!r}; a deck is saved as .html")
    if not path.parent.is_dir():
        raise ValueError(f"there is no folder {str(path.parent)!r}; make it first")
    if path.is_dir():
        raise ValueError(f"{str(path)!r} is a folder; give the name of a file")
    return path


def check_theme(theme: str) -> None:
    """Raise ValueError for a theme that there is not."""
    if theme not in THEMES:
        raise ValueError(f"theme={theme!r}; give one of {', '.join(THEMES)}")


def need() -> None:
    """Raise ValueError, with the command that installs it, where a package is missing."""
    for name in ("nbconvert", "latex2mathml"):
        optional_dependencies.need(name)


# From cells to slides


def slide_type(cell: Any) -> str:
    """slide, subslide, fragment, notes, skip, or - for what goes on with the slide before it."""
    kind = (cell.metadata.get("slideshow") or {}).get("slide_type") or "-"
    return str(kind)


def slides(notebook: Notebook) -> list[list[Any]]:
    """The cells of each slide, without those that are skipped; the first one begins a slide."""
    groups: list[list[Any]] = []
    for cell in notebook.cells:
        kind = slide_type(cell)
        if kind == "skip":
            continue
        if kind in ("slide", "subslide") or (not groups and kind != "notes"):
            groups.append([])
        if groups:
            groups[-1].append(cell)
    return groups


def _upto_last_shown(notebook: Notebook) -> Notebook:
    notebook = deepcopy(notebook)
    while notebook.cells and slide_type(notebook.cells[-1]) == "skip":
        del notebook.cells[-1]
    if not slides(notebook):
        raise ValueError("no cell is shown: give some the slide type `slide` in their metadata")
    return notebook


def _staged(notebook: Notebook, folder: Path) -> tuple[Notebook, dict[str, Any]]:
    """The executed notebook with its labs' pages taken out; the pages, in pieces told apart."""
    pieces: dict[str, int] = {}
    pages: list[list[int]] = []
    for number, group in enumerate(slides(notebook)):
        group[0].metadata["kind"] = _kind(group, first=number == 0)
        group[0].metadata["to_say"] = _notes.of(group, folder, first=number == 0)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if display_formatters.QUIZ in data or display_formatters.LAB in data:
                cell.metadata["transient"] = {"remove_source": True}
            if (lab := data.get(display_formatters.LAB)) is None:
                continue
            if "problem" in lab:
                raise ValueError(f"{lab['title']} cannot be saved: {lab['problem']}")
            texts = filter(None, _PIECES.split(lab["page"]))
            page = [pieces.setdefault(text, len(pieces)) for text in texts]
            if page not in pages:
                pages.append(page)
            if (poster := _POSTER.search(lab["page"])) is not None:
                lab["poster"] = dict(zip(("alt", "source", "state"), poster.groups(), strict=True))
            lab["page"] = pages.index(page)
    return notebook, {"pieces": list(pieces), "pages": pages}


def _kind(group: list[Any], first: bool) -> str:
    """The look of a slide: `full` where a lab has it for itself."""
    cells = [cell for cell in group if slide_type(cell) != "notes"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    shown = [output.get("data", {}) for output in outputs if output.get("name") != "stderr"]
    text = any(cell.cell_type != "code" for cell in cells)
    if shown and not text and all(display_formatters.LAB in data for data in shown):
        return "full"
    return "title" if first and text and _HEADING.search(group[0].source) else ""


# The file


def _document(
    notebook: Notebook, pages: dict[str, Any], folder: Path, theme: str, tour: bool
) -> str:
    from jinja2 import pass_context
    from nbconvert.exporters import TemplateExporter
    from nbconvert.filters import Highlight2HTML
    from traitlets.config import Config

    from seglab.deck import _markdown

    config = Config()
    config.NbConvertBase.display_data_priority = list(_SHOWN)
    config.CoalesceStreamsPreprocessor.enabled = True
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_input_tags = {"remove-input", "hide-input"}
    config.TagRemovePreprocessor.remove_all_outputs_tags = {"remove-output", "hide-output"}
    exporter = TemplateExporter(  # HTMLExporter reads its HTML again, and changes it
        config=config,
        template_name="seglab-deck",
        template_extension=".html.j2",
        extra_template_basedirs=[str(_HERE / "templates")],
    )

    @pass_context  # type: ignore[untyped-decorator, unused-ignore]
    def text(context: Any, source: str) -> str:
        return _markdown.render(source, folder, context["cell"].get("attachments"))

    exporter.register_filter("prose", text)
    exporter.register_filter("highlight_code", Highlight2HTML(pygments_lexer="ipython3"))
    exporter.register_filter("unsectioned", _markdown.unsectioned)
    exporter.register_filter("chart", _chart)
    frame = {"theme": theme, "tour": tour, **_frame(notebook, pages)}
    body: str = exporter.from_notebook_node(notebook, resources={"deck": frame})[0]
    return body


def _frame(notebook: Notebook, pages: dict[str, Any]) -> dict[str, Any]:
    """The values that the template needs besides the cells."""
    reveal, script = _read("reveal/reveal.js"), assets.join(_HERE / "deck.js")
    modules = [match[1] for piece in pages["pieces"] if (match := _MODULE.fullmatch(piece))]
    allowed = " ".join(f"'{hash_of(text)}'" for text in (reveal, script, *modules))
    if any(_COMPUTES in piece for piece in pages["pieces"]):
        allowed += f" {COMPUTING}"
    heading = next(
        (
            match[1]
            for cell in notebook.cells
            if cell.cell_type == "markdown" and (match := _HEADING.search(cell.source))
        ),
        "Slides",
    )
    return {
        "title": _plain(heading),
        # Frames inherit it: a lab's own scripts are named, and nothing in the notebook is run.
        "policy": (
            "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
            f"style-src 'unsafe-inline'; script-src {allowed}"
        ),
        "licence": _read("reveal/LICENSE"),
        "reveal_style": _read("reveal/reveal.css"),  # for a screen: paper is laid out by deck.css
        "style": _read("deck.css"),
        "reveal": reveal,
        "script": script,
        "pages": json.dumps(pages, ensure_ascii=False).replace("<", "\\u003c"),
        "types": {"lab": display_formatters.LAB, "quiz": display_formatters.QUIZ, "chart": CHART},
    }


def _plain(heading: str) -> str:
    """The words of a heading in Markdown: without tags and small print; code keeps its tags."""
    return html.unescape(_TAG.sub(lambda found: html.escape(found[1] or ""), heading)).strip()


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _chart(drawn: dict[str, Any]) -> str:
    from plotly.graph_objects import Figure

    drawing = charts.svg(Figure(drawn["data"], drawn.get("layout")), "chart")
    if not drawing:
        print("A chart is left out: it is of a kind that slides do not draw", file=sys.stderr)
    return drawing


# Paper


def print_pdf(deck: Path, path: Path, browser: str | None = None) -> Path:
    """Print a deck to a PDF, one page a slide, with the Chromium or Chrome of this machine.

    Raises ValueError where there is none, or where it prints nothing.
    """
    program = browser or _browser.find()
    if program is None:
        raise ValueError(
            f"no Chromium or Chrome on the path to print with; open {deck.name}?print-pdf in a "
            "browser and print that, or set SEGLAB_CHROMIUM"
        )
    with atomic(path) as unfinished, TemporaryDirectory() as profile:
        command = [
            *(program, "--headless", "--disable-gpu", f"--user-data-dir={profile}"),
            *("--no-pdf-header-footer", "--print-to-pdf-no-header", "--virtual-time-budget=20000"),
            f"--print-to-pdf={unfinished.resolve()}",
            f"{deck.resolve().as_uri()}?print-pdf",
        ]
        if getattr(os, "geteuid", lambda: 1)() == 0:
            command.insert(1, "--no-sandbox")  # in a container there often is no other user
        ended = subprocess.run(command, capture_output=True, timeout=300, check=False)
        if not unfinished.exists():
            last = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise ValueError(f"{program} printed nothing: {''.join(last) or ended.returncode}")
    return path
