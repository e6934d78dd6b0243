"""A small notebook with all that a deck has to show, and much that it must not."""

from nbformat import v4

HOSTILE = '"></title></script><script>window.owned = 1</script><img src=data: onerror="owned = 1">'

SETUP = """
import torch
from seglab import quiz, show
from seglab.draw import paint
from seglab.lab import Choice, Lab, Try

def squares(k):
    return torch.arange(float(k * k)).reshape(k, k) / 16

LAB = Lab(
    title="Squares <i>of</i> numbers",
    controls={"k": Choice(2, 3, 4, 5, play=True)},
    stages=(squares,),
    panes={"squares": lambda squares: paint.scalar(squares, low=0, high=1)},
    numbers={"numbers": lambda k: k * k},
    tour=(
        Try("How many numbers with **k** = 5?", {"k": 5}, "squares", then="There are *25*."),
        Try("And with 3?", {"k": 3}, "numbers", then="Nine."),
    ),
)
"""
LINES = "\n".join(f"for line in range({n}): print('a line of the output', line)" for n in (9, 9))
FORMULA = r"**What fits.** So often it fits: $$o = \left\lfloor \frac{i - k}{s} \right\rfloor + 1$$"


def cell(kind, source, code=True, **metadata):
    """A cell with its slide type."""
    make = v4.new_code_cell if code else v4.new_markdown_cell
    metadata = {"slideshow": {"slide_type": kind}, **metadata}
    return make(source, id=f"cell-{abs(hash(source)) % 10**8}", metadata=metadata)


def notebook():
    """Nine slides: the title, a question, two labs, text, code, charts, raw HTML, an ending."""
    return v4.new_notebook(
        cells=[
            cell("slide", "# 99 · Tiny & <small>aside</small>\n\nA lead.\n\n- an aim", code=False),
            cell("skip", SETUP),
            cell("slide", "## Predict", code=False),
            cell("-", 'quiz("00-how-many-labels")'),
            cell("slide", "lab = show(LAB, k=4)\nlab"),
            cell("notes", "Say **this** aloud.", code=False),
            cell("subslide", FORMULA, code=False),
            cell("fragment", "torch.ones(2).sum()"),
            cell("subslide", LINES, tags=["remove-input"]),
            cell("slide", "import plotly.graph_objects as go\ngo.Figure(go.Scatter(y=[1, 3, 2]))"),
            cell("slide", f"{HOSTILE}\n\n<section>\n\ninside\n\n</section>", code=False),
            cell("-", f"from IPython.display import HTML\nHTML({HOSTILE!r})"),
            cell("slide", "lab"),
            cell("slide", "## The end", code=False),
            cell("skip", "1 / 0"),
        ]
    )
