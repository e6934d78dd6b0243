"""Files that an installation gives to Jupyter's tools: pictures that stand in, with words."""

import html
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from small_labs import LAB

import seglab
from seglab import show

LIVE = Path(seglab.__file__).parent / "live"


@pytest.fixture(scope="module")
def stored():
    """A notebook whose cell has shown a lab."""
    data, metadata = show(LAB)._repr_mimebundle_()
    assert metadata["seglab"] == {"still": True}  # what the extension of JupyterLab looks for
    output = nbformat.v4.new_output(
        "execute_result", data=data, metadata=metadata, execution_count=1
    )
    cell = nbformat.v4.new_code_cell("lab", outputs=[output], execution_count=1)
    return nbformat.v4.new_notebook(cells=[cell])


def test_nbconvert_keeps_the_words_of_a_picture(stored, tmp_path, monkeypatch):
    nbconvert = pytest.importorskip("nbconvert")
    shutil.copytree(LIVE / "nbconvert", tmp_path / "nbconvert" / "templates" / "seglab")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    page, _ = nbconvert.HTMLExporter(template_name="seglab").from_notebook_node(stored)
    (alt,) = [part.split('"')[0] for part in page.split('<img alt="')[1:]]
    assert html.unescape(alt) == repr(LAB.at())
    assert stored.cells[0].outputs[0].data["image/png"].strip()[:60] in page


def test_of_nbconverts_own_templates_one_keeps_the_words(stored):
    nbconvert = pytest.importorskip("nbconvert")
    pages = {
        name: nbconvert.HTMLExporter(template_name=name).from_notebook_node(stored)[0]
        for name in ("classic", "lab")
    }
    pictures = {name: page.partition("<img")[2].partition(">\n")[0] for name, page in pages.items()}
    assert repr(LAB.at()) in html.unescape(pictures["classic"])
    assert LAB.title not in html.unescape(pictures["lab"]), "docs/hosts.md says that it has none"


def test_the_extension_of_jupyterlab_is_loaded_from_the_file_that_it_names():
    package = json.loads((LIVE / "labextension" / "package.json").read_text())
    build = package["jupyterlab"]["_build"]
    assert package["name"] == "seglab"  # JupyterLab looks for a container of this name
    assert (LIVE / "labextension" / build["load"]).is_file()
    assert build["extension"] == "./extension"
