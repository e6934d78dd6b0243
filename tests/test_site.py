"""The course as a site: what a page shows of a notebook, links, docstrings, refusals."""

import html
import json
import re
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from typer.testing import CliRunner

from seglab import cli
from seglab.course import notebooks
from seglab.page import COMPUTING, apart
from seglab.site import Addresses, _cards, _sources, links, site
from seglab.site._notebooks import Card, Page

SPHINX = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a small course's site."""
    pytest.importorskip("myst_nb")
    pytest.importorskip("pydata_sphinx_theme")
    from small_sites import build

    return build(tmp_path_factory.mktemp("course")).parent


def text(made, name):
    return (made / name).read_text(encoding="utf-8")


# A page


@SPHINX
def test_a_lab_is_a_page_of_its_own_in_a_frame(made):
    page = text(made, "labs/01-threshold.html")
    assert page.count("<iframe") == 1
    assert 'src="../alone/01-threshold.html" title="Lab: Threshold"' in page
    assert 'id="seglab-stored"' in text(made, "alone/01-threshold.html")


@SPHINX
def test_no_page_and_no_file_holds_a_solution(made):
    held = "return picture &gt;= level", "return picture >= level", "(picture >= LEVEL).sum()"
    for file in made.rglob("*"):
        if file.suffix in {".html", ".ipynb", ".js", ".txt"}:
            said = re.sub(r"<[^>]+>", "", file.read_text(encoding="utf-8"))
            assert not [one for one in held if one in said], file
    page = re.sub(r"<[^>]+>", "", text(made, "labs/01-threshold.html"))
    assert "# your code here" in page
    assert "correct on 20 random cases" not in page


@SPHINX
def test_a_question_is_asked_and_answers_where_it_reveals(made):
    first, second = text(made, "labs/01-threshold.html"), text(made, "labs/02-your-level.html")
    assert first.count("<details") == 3
    assert "Nearly: the light falls off to one side." in first
    assert "b) it shrinks, or stays as it is" in second
    assert "No pixel comes in, some go." not in second


@SPHINX
def test_the_buttons_lead_to_the_notebook(made):
    page = text(made, "labs/02-your-level.html")
    rows = re.findall(r'<p class="seglab-run">(.*?)</p>', page)
    assert [re.sub("<.*?>", " ", row).split(":")[0].strip() for row in rows] == [
        "Run this notebook",
        "Write it in your own copy",
        "Write it in your own copy",
    ]
    for row in rows:
        assert "https://binder.example/v2/gh/you/course/HEAD?urlpath=lab/tree/02-your-level" in row
        assert "https://colab.example/github/you/course/blob/student/02-your-level.ipynb" in row
        assert ">Your hub</a>" in row
        assert 'href="../downloads/02-your-level.zip"' in row


@SPHINX
def test_a_download_has_what_the_notebook_needs_and_no_solution(made):
    with zipfile.ZipFile(made / "downloads" / "01-threshold.zip") as packed:
        assert set(packed.namelist()) == {"01-threshold.ipynb", "my_exercises.py", "my_lab.py"}
        book = packed.read("01-threshold.ipynb").decode()
    assert "your code here" in book
    assert "return picture >= level" not in book


@SPHINX
def test_the_constants_of_the_source_stand_in_the_text(made):
    assert "Yours is <strong>0.5</strong>" in text(made, "labs/02-your-level.html")


@SPHINX
def test_formulas_are_mathml_without_a_script(made):
    page = text(made, "labs/03-words.html")
    assert page.count("<math ") == 3
    assert not re.search(r"<script[^>]*mathjax", page, re.IGNORECASE)


@SPHINX
def test_links_lead_to_pages_and_pictures_or_are_words(made):
    page = text(made, "labs/03-words.html")
    assert 'href="02-your-level.html"' in page
    assert 'href="../guides/first.html#the-second-part"' in page
    assert "what is nowhere" in page
    assert "nowhere.ipynb" not in page
    picture = re.search(r'<img alt="a square" src="([^"]+)"', page)[1]
    assert (made / "labs" / picture).is_file()
    guide = text(made, "guides/first.html")
    assert 'href="../labs/01-threshold.html"' in guide
    assert "[a link in code](nowhere.md)" in re.sub("<.*?>", "", guide)


@pytest.mark.parametrize(
    ("readme", "title", "heading", "name"),
    [
        ("# Pixels\n\nA course.", "", "# Pixels", "Pixels"),
        ("# Pixels\n\nA course.", "Vision 1", "# Pixels", "Vision 1"),
        ("A course.", "", "# autumn", "autumn"),
        ("A course.", "Vision 1", "# Vision 1", "Vision 1"),
        (None, "", "# autumn", "autumn"),
        (None, "Vision 1", "# Vision 1", "Vision 1"),
    ],
)
def test_the_front_page_has_a_heading_and_the_site_a_title(readme, title, heading, name, tmp_path):
    labs, source = tmp_path / "autumn", tmp_path / "source"
    labs.mkdir()
    if readme is not None:
        (labs / "README.md").write_text(readme, encoding="utf-8")
    parts = _sources.Parts(course=False, title=title, guides=None, reference=False)
    book = new_notebook(cells=[new_markdown_cell("# 01 · Sums")])
    nbformat.write(book, labs / "01-sums.ipynb")
    _sources.write(source, {labs / "01-sums.ipynb": book}, parts, Addresses("", "", ""))
    front = (source / "index.md").read_text(encoding="utf-8")
    assert front.startswith(f"{heading}\n")
    assert front.count(heading) == 1
    assert ("A course." in front) == (readme is not None)
    assert json.loads((source / "site.json").read_text(encoding="utf-8"))["title"] == name


def test_the_list_and_the_cards_say_what_each_lab_is(tmp_path):
    pictures = [("05-sum-1.png", 'left "a"'), ("05-sum-2.png", "right")]
    cards = [Card("05-sum.html", "Sums & more", "Add <them> up.", pictures)]
    pages = [Page("05-sum", "05 · Sums", cards), Page("words", "Words alone", [])]
    (tmp_path / "labs").mkdir()
    assert _cards.write_list(pages, tmp_path) == ["labs/index"]
    lines = (tmp_path / "labs" / "index.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("- ")] == [
        "- [05 · Sums](05-sum.ipynb): Add <them> up.",
        "- [Words alone](words.ipynb)",
    ]
    assert _cards.write_gallery(pages, tmp_path) == ["gallery"]
    card = (tmp_path / "gallery.md").read_text(encoding="utf-8")
    drawn = re.findall(r'<img src="alone/([^"]+)" alt="([^"]*)"', card)
    assert [(file, html.unescape(alt)) for file, alt in drawn] == pictures
    assert '<h2><a href="alone/05-sum.html"><b>05</b> Sums &amp; more</a></h2>' in card
    assert "<p>Add &lt;them&gt; up.</p>" in card
    assert '<a href="labs/05-sum.html">The lesson' in card


@SPHINX
def test_the_front_page_is_the_readme_and_the_gallery_has_a_card(made):
    front = text(made, "index.html")
    assert "<h1>A course of your own" in front
    gallery = text(made, "gallery.html")
    assert gallery.count('<ul class="seglab-cards">') == 1
    assert gallery.count("<li><span") == 1
    assert len(list((made / "alone").glob("*.png"))) == gallery.count("<img")


@SPHINX
def test_what_is_searched_has_the_words_of_the_notebooks(made):
    index = text(made, "searchindex.js")
    assert '"labs/01-threshold"' in index
    assert "threshold" in index


@SPHINX
def test_a_site_is_replaced_and_anything_else_is_left_alone(made, tmp_path):
    assert (made / ".nojekyll").is_file()
    assert links.problems(made) == []
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="is not empty and holds no site"):
        site(tmp_path, [])
    with pytest.raises(ValueError, match="is a file"):
        site(tmp_path / "mine.txt", [])
    with pytest.raises(ValueError, match="there is no folder"):
        site(tmp_path / "no" / "site", [])


def plain(path, source):
    notebooks.write(path, new_notebook(cells=[new_markdown_cell(source)]))
    return path


@SPHINX
def test_a_text_that_sphinx_cannot_read_is_refused(tmp_path):
    pytest.importorskip("myst_nb")
    pytest.importorskip("pydata_sphinx_theme")
    book = plain(tmp_path / "a.ipynb", "# A\n\n```{nonsense}\n```\n")
    with pytest.raises(ValueError, match=r"the texts have 1 problem:\n- .*nonsense"):
        site(tmp_path / "site", [book])
    assert not (tmp_path / "site").exists()


@SPHINX
def test_guides_and_reference_are_made_without_a_warning(tmp_path):
    pytest.importorskip("myst_nb")
    pytest.importorskip("pydata_sphinx_theme")
    book = plain(tmp_path / "a.ipynb", "# A\n\nOnly words.\n")
    made = site(tmp_path / "site", [book], title="A site", reference=True).parent
    page = re.sub("<.*?>", "", text(made, "reference/seglab.ops.heatmap.html"))
    assert "softmax(scores: Scores, temperature: float = 1.0)" in page
    assert "Guo et al." in page
    assert "Annotated" not in page
    assert 'href="teaching.html"' in text(made, "guides/index.html")
    assert not (made / "gallery.html").exists()
    title = re.search(r"<title>(.*?)</title>", text(made, "labs/a.html"), re.DOTALL)[1]
    assert re.fullmatch(r"\s*A\W+A site\s*", html.unescape(title))


# Refusals


def test_a_missing_package_is_named_with_what_installs_it(tmp_path, monkeypatch):
    monkeypatch.setattr("seglab.site._site.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install 'seglab\[docs\]'"):
        site(tmp_path / "site", [])


@pytest.mark.parametrize(
    ("address", "words"),
    [("hub.org/{name}", "begin it with https://"), ("https://hub.org/", "write {name} where")],
)
def test_an_address_that_leads_nowhere_is_refused(address, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Addresses(hub=address).check()


def test_the_name_of_a_file_is_spelled_for_an_address():
    ways = Addresses(hub="https://hub.org/{name}")
    assert list(ways.of("my lab.ipynb")) == [("Your hub", "https://hub.org/my%20lab.ipynb")]


def test_the_command_passes_its_options_on(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("seglab.site.site", lambda *given: asked.append(given) or Path("index"))
    options = [
        "--title",
        "T",
        "--hub",
        "https://h/{name}",
        "--workers",
        "3",
        "--reference",
        "--live",
    ]
    ran = CliRunner().invoke(cli.app, ["site", "out", "a.ipynb", *options])
    assert ran.output.strip().endswith("index")
    (given,) = asked
    ways = Addresses(hub="https://h/{name}")
    assert given[:-1] == (Path("out"), [Path("a.ipynb")], "T", None, True, ways, True, 3)


def test_two_notebooks_of_one_name_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("seglab.site._site.find_spec", lambda name: True)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        plain(tmp_path / folder / "x.ipynb", "# X")
    with pytest.raises(ValueError, match=r"two notebooks are called x\.ipynb"):
        site(tmp_path / "site", [tmp_path / "a", tmp_path / "b"])


# Labs that compute


@SPHINX
def test_a_lab_computes_in_the_page_where_it_looks_at_a_picture():
    pytest.importorskip("onnx")
    from small_labs import GRIDS

    from seglab import show
    from seglab.course.template.my_lab import LAB as THRESHOLD
    from seglab.site.display_formatters import LAB, lab

    runtime = 'id="seglab-runtime"'
    assert runtime in lab(show(THRESHOLD), computing=True)[LAB]["page"]
    assert runtime not in lab(show(THRESHOLD))[LAB]["page"]
    stored = lab(show(GRIDS), computing=True)[LAB]
    assert 'id="seglab-stored"' in stored["page"]
    assert runtime not in stored["page"]


@SPHINX
def test_a_lab_of_which_nothing_can_be_compiled_asks_for_no_picture():
    pytest.importorskip("onnx")
    from seglab import show
    from seglab.images import photos
    from seglab.lab import Lab, Photo
    from seglab.site.display_formatters import LAB, lab

    def dark(photo):
        image = photos.load(photo, 16)
        return image * float(image.mean())

    only = Lab("Dark", {"photo": Photo("coins", "coffee")}, (dark,), panes={"dark": "dark"})
    page = lab(show(only), computing=True)[LAB]["page"]
    assert 'id="seglab-stored"' in page
    assert 'id="seglab-runtime"' not in page


def test_the_runtime_of_pages_lies_beside_them_once():
    block = '<script type="application/octet-stream" id="seglab-{}">{}</script>'
    blocks = [block.format("worker", "f('</p>')"), block.format("runtime", "AAAA")]
    policy = f"script-src 'sha256-a' {COMPUTING}"

    def page(*blocks):
        return "\n".join(["<head>", policy, "</head>", "<body>", *blocks, "</body>"])

    ways = [apart(page(block.format("graphs", n), *blocks), "../s/") for n in "01"]
    assert ways[0][1] == ways[1][1]
    for n, (lean, (name, text)) in enumerate(ways):
        assert block.format("graphs", n) in lean
        assert "f('</p>')" not in lean
        assert "AAAA" not in lean
        assert f'href="../s/{name}"' in lean
        assert "script-src 'sha256-a' 'self' file: 'wasm-unsafe-eval'; worker-src blob:" in lean
        told = json.loads(text.partition(" = ")[2].rstrip(";\n"))
        assert told == {"seglab-worker": "f('</p>')", "seglab-runtime": "AAAA"}
        assert re.fullmatch(r"seglab-runtime-[0-9a-f]{12}\.js", name)
    stored = page(block.format("stored", 0))
    assert apart(stored, "../s/") == (stored, None)


# Links


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<a href="b.html">b</a>', "a.html links to b.html, which is not there"),
        ('<a href="#x">x</a>', "a.html links to #x, where nothing is called so"),
        ('<img src="a.png">', "a.html links to a.png, which is not there"),
        ('<script src="https://cdn.org/a.js"></script>', "a.html loads https://cdn.org/a.js"),
        ('<link rel="stylesheet" href="//cdn.org/a.css">', "a.html loads //cdn.org/a.css"),
        ('<img srcset="https://cdn.org/a.png 2x">', "a.html loads https://cdn.org/a.png"),
        ("<style>@import 'https://cdn.org/a.css'</style>", "a.html loads @import"),
        ('<p style="background: url(https://cdn.org/a.png)">', "a.html loads background"),
    ],
)
def test_what_is_wrong_with_a_page_is_said(tmp_path, html, said):
    (tmp_path / "a.html").write_text(html)
    (found,) = links.problems(tmp_path)
    assert found.startswith(said)


def test_what_is_well_is_not_said(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "index.html").write_text('<p id="the part">x</p>')
    (tmp_path / "a.html").write_text(
        '<a href="sub/#the%20part">b</a><a href="https://other.org">c</a><a href="a.html">d</a>'
        '<a name="y"></a><a href="#y"></a><img src="data:image/png;base64,AA">'
        '<link rel="canonical" href="https://my.org/a.html"><a href="mailto:me@my.org">e</a>'
    )
    assert links.problems(tmp_path) == []


def test_a_style_that_loads_from_another_host_is_said(tmp_path):
    (tmp_path / "a.css").write_text("@font-face { src: url('https://fonts.org/a.woff') }")
    assert links.problems(tmp_path) == ["a.css loads from another host"]


# Docstrings


def test_docstrings_are_taken_as_they_are_written():
    extension = pytest.importorskip("seglab.site.extension")
    lines = ["Sum of *all* s_ and |x| in `a * b_`.", "", "case(i): the arguments", "    of case i."]
    assert extension.restructured([*lines, "name: of it."]) == [
        r"Sum of \*all\* s\_ and \|x\| in `a * b_`.",
        "",
        "- case(i): the arguments",
        "  of case i.",
        "- name: of it.",
        "",
    ]
    example = [">>> 2 * 3", "6"]
    assert extension.restructured(example) == [*example, ""]
