"""A notebook as a deck, read as text; tests/browser/test_deck.py turns its pages."""

import html
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
import tiny_deck

from seglab import deck
from seglab.course import catalogue, notebooks
from seglab.deck import _markdown as markdown
from seglab.deck import _notes as notes
from seglab.deck import display_formatters

VOID = {"br", "hr", "img", "input", "link", "meta", "source"}


class Outline(HTMLParser):
    """The slides of a deck: the classes and the text of each, and every attribute that there is."""

    def __init__(self, text):
        super().__init__()
        self.slides, self.attributes, self._open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, *one) for one in attributes]
        classes = (dict(attributes).get("class") or "").split()
        if "sheet" in classes:
            self.slides.append({"classes": classes, "text": "", "notes": "", "fragment": ""})
        if tag not in VOID:
            self._open.append(next((c for c in classes if c in ("notes", "fragment")), tag))

    def handle_endtag(self, tag):
        if tag not in VOID and self._open:
            self._open.pop()

    def handle_data(self, data):
        if not self.slides or "section" not in self._open:
            return
        places = [place for place in ("notes", "fragment") if place in self._open]
        self.slides[-1][(places or ["text"])[0]] += data


@pytest.fixture(scope="module")
def executed():
    """The tiny notebook with the outputs that a deck's kernel gives."""
    book = tiny_deck.notebook()
    del book.cells[-1]
    return notebooks.execute(book, Path(__file__), deck.EXTENSION)


@pytest.fixture(scope="module")
def text(executed, tmp_path_factory):
    """The deck of the tiny notebook."""
    path = tmp_path_factory.mktemp("deck") / "deck.html"
    given = []

    def execute(book):
        given.append(book)
        return deepcopy(executed)

    assert deck.deck(tiny_deck.notebook(), path, execute) == path
    assert "1 / 0" not in [cell.source for cell in given[0].cells], "what comes last is executed"
    assert list(path.parent.iterdir()) == [path]
    return path.read_text(encoding="utf-8")


def test_the_slides_are_what_the_metadata_says(text):
    slides = Outline(text).slides
    assert [slide["classes"][1:] for slide in slides] == [
        ["title"], [], ["full"], [], [], [], [], ["full"], [],
    ]  # fmt: skip
    assert "99 · Tiny &" in slides[0]["text"]
    assert "Say this aloud." in slides[2]["notes"]
    assert "How many numbers with k = 5?" in slides[2]["notes"]
    assert "There are 25." in slides[2]["notes"]
    assert "tensor(2.)" in slides[3]["fragment"]
    assert "a line of the output 8" in slides[4]["text"]
    assert "range(" not in slides[4]["text"]
    assert "show(" not in text[: text.index('id="seglab-pages"')]


def test_every_slide_that_shows_something_has_notes(text):
    slides = Outline(text).slides
    assert [bool(slide["notes"]) for slide in slides] == [True] * 8 + [False]
    assert "C opens the code" in slides[0]["notes"]
    assert "aside" in slides[0]["notes"]
    question = catalogue.question("00-how-many-labels")
    assert all(option.feedback in slides[1]["notes"] for option in question.options)
    assert "torch.ones(2).sum()" in slides[3]["notes"]
    assert "tensor(2.)" in slides[3]["notes"]


def test_notes_of_a_long_print_are_short(tmp_path):
    printed = nbformat.v4.new_output("stream", text="\n".join(f"line {n}" for n in range(40)))
    cell = nbformat.v4.new_code_cell("a < b", outputs=[printed])
    said = notes.of([cell], tmp_path, first=False)
    assert "a &lt; b" in said
    assert "line 23\nand 16 more lines" in said
    assert "line 24" not in said


@pytest.mark.parametrize("word", ["remove", "hide"])
def test_a_tag_hides_the_code_of_a_cell_or_what_it_prints(word, tmp_path):
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell("# A title", metadata={"slideshow": {"slide_type": "slide"}})]
    parts = ("input", "output", "nothing")
    for part in parts:
        printed = v4.new_output("stream", name="stdout", text=f"output of {part}\n")
        tags = [] if part == "nothing" else [f"{word}-{part}"]
        cells.append(v4.new_code_cell(f"source_{part}", outputs=[printed], metadata={"tags": tags}))
    path = deck.deck(v4.new_notebook(cells=cells), tmp_path / "deck.html", lambda book: book)
    (slide,) = Outline(path.read_text(encoding="utf-8")).slides
    words = [f"{what}{part}" for what in ("source_", "output of ") for part in parts]
    hidden = {"source_input", "output of output"}
    assert [one for one in words if one in slide["text"]] == [w for w in words if w not in hidden]


def test_a_theme_is_written_into_the_page(executed, text, tmp_path):
    assert '<html lang="en" class="paper" data-theme="auto">' in text
    path = deck.deck(
        tiny_deck.notebook(), tmp_path / "deck.html", lambda _: deepcopy(executed), theme="dark"
    )
    assert ' data-theme="dark">' in path.read_text(encoding="utf-8")[:100]
    with pytest.raises(ValueError, match="theme='sepia'; give one of auto, light, dark"):
        deck.deck(tiny_deck.notebook(), path, pytest.fail, theme="sepia")


def test_a_labs_picture_stands_beside_its_frame(text):
    source = [
        value for tag, name, value in Outline(text).attributes if (tag, name) == ("img", "src")
    ]
    posters = [value for value in source if value.startswith("data:image/png")]
    assert len(posters) == 2
    assert len(set(posters)) == 1


def test_a_question_stands_open_and_its_answer_waits(text):
    slide = Outline(text).slides[1]
    question = catalogue.question("00-how-many-labels")
    assert question.text in slide["text"]
    for option in question.options:
        assert option.text in slide["text"]
    right = [option for option in question.options if option.right]
    assert all(option.feedback in slide["fragment"] for option in right)
    assert not any(o.feedback in slide["fragment"] for o in question.options if not o.right)


def test_nothing_is_fetched_and_only_named_scripts_run(text):
    for tag, name, value in Outline(text).attributes:
        if name in ("src", "href", "poster", "srcset", "data") and tag != "a":
            assert value.startswith("data:"), (tag, name, value)
    policy = re.search(r'Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'")
    scripts = policy.partition("script-src")[2]
    assert "unsafe" not in scripts
    assert scripts.count("sha256-") == 3  # reveal, the deck, the labs'
    assert "cdn" not in text.lower()
    assert "MIT" in text
    assert "Permission is hereby granted" in text


def test_labs_are_pages_that_share_what_is_equal(text, executed):
    stored = re.search(r'id="seglab-pages">(.*?)</script>', text, re.DOTALL)[1]
    stored = json.loads(stored)
    pages = ["".join(stored["pieces"][piece] for piece in page) for page in stored["pages"]]
    shown = [
        output.data[display_formatters.LAB]
        for cell in executed.cells
        for output in cell.get("outputs", ())
        if display_formatters.LAB in output.get("data", {})
    ]
    assert len(shown) == 2
    assert pages == [shown[0]["page"]]  # both cells show the same
    assert shown[0]["title"] == "Squares <i>of</i> numbers"
    assert 'title="Squares &lt;i&gt;of&lt;/i&gt; numbers"' in text


def test_charts_are_drawn(text):
    assert '<div class="chart"><svg' in text


def test_a_refused_lab_is_named_and_no_file_is_left(executed, tmp_path):
    book = deepcopy(executed)
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            if display_formatters.LAB in output.get("data", {}):
                output.data[display_formatters.LAB] = {"title": "Squares", "problem": "thin k"}
    with pytest.raises(ValueError, match="Squares cannot be saved: thin k"):
        deck.deck(book, tmp_path / "deck.html", lambda shown: shown)
    assert not list(tmp_path.iterdir())


def test_a_failing_notebook_leaves_the_old_deck(tmp_path):
    out = tmp_path / "deck.html"
    out.write_text("old")

    def fail(book):
        raise ValueError("cell 1: ZeroDivisionError")

    with pytest.raises(ValueError, match="ZeroDivisionError"):
        deck.deck(tiny_deck.notebook(), out, fail)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("deck.pdf", "saved as .html"),
        ("nowhere/deck.html", "no folder"),
        ("folder.html", "is a folder"),
    ],
)
def test_a_path_that_cannot_be_written_is_refused_first(name, message, tmp_path):
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(ValueError, match=message):
        deck.deck(tiny_deck.notebook(), tmp_path / name, pytest.fail)


def test_a_notebook_without_slides_says_so(tmp_path):
    book = nbformat.v4.new_notebook(cells=[tiny_deck.cell("skip", "x = 1")])
    with pytest.raises(ValueError, match="no cell is shown"):
        deck.deck(book, tmp_path / "deck.html", pytest.fail)


@pytest.mark.parametrize("package", ["nbconvert", "latex2mathml"])
def test_a_missing_package_is_one_sentence(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ValueError, match=rf"{package}.*pip install 'seglab\[slides\]'"):
        deck.need()


def test_without_a_browser_there_is_no_pdf(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SEGLAB_CHROMIUM", raising=False)
    with pytest.raises(ValueError, match=r"no Chromium or Chrome on the path.*\?print-pdf"):
        deck.print_pdf(tmp_path / "deck.html", tmp_path / "deck.pdf")


# Text


def test_every_formula_of_the_course_is_read(capsys):
    seen = 0
    for path in sorted(notebooks.folder().glob("*.ipynb")):
        for cell in notebooks.read(path).cells:
            if cell.cell_type == "markdown":
                rendered = markdown.render(cell.source, path.parent)
                seen += rendered.count("<math")
                assert "$" not in rendered
                for math in re.findall(r"<math.*?</math>", rendered, re.DOTALL):
                    ElementTree.fromstring(math)
                    assert "\\" not in math, (path.name, math)
    assert seen > 30
    assert not capsys.readouterr().err


def test_a_formula_is_text_whatever_it_says(capsys):
    for tex in (r"\text{<img src=x onerror=alert(1)>}", "a < b", r"\frac{1}{<script>}"):
        math = markdown.formula(tex)
        assert "<img" not in math
        assert "<script" not in math
        ElementTree.fromstring(math)
    bad = "\\frac{<b>}{"
    assert markdown.formula(bad) == f"<code>{html.escape(bad)}</code>"
    assert "is shown as TeX" in capsys.readouterr().err


def test_what_runs_in_at_the_head_of_a_paragraph_is_a_heading(tmp_path):
    assert markdown.render("**Count once.** And then.", tmp_path) == (
        "<h3>Count once</h3>\n<p>And then.</p>\n"
    )
    assert "<h3>" not in markdown.render("**Count** once.", tmp_path)
    assert markdown.render("Press <kbd>Esc</kbd>.", tmp_path) == "<p>Press <kbd>Esc</kbd>.</p>\n"
