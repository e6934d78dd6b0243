"""Lab 03 against torch: the line it shows is run, and the sizes it names are tried."""

import re

import pytest
import torch
from torch import nn

from seglab.lessons.convolution_arithmetic import INPUT, KERNELS, LAB, OUTPUT

STATES = [
    {"i": 8},
    {"i": 7, "p": 1, "s": 1},
    {"i": 12, "s": 3, "d": 2, "kernel": "Sobel"},
    {"i": 11, "s": 4, "p": 4, "d": 3, "kernel": "blur, 5 × 5"},
    {"i": 5, "s": 2, "kernel": "box, 2 × 2"},
    {"i": 5, "transposed": True},
    {"i": 4, "transposed": True, "s": 3, "p": 2, "d": 2, "output_padding": 2, "kernel": "blur"},
    {"i": 6, "transposed": True, "s": 1, "d": 3, "output_padding": 1, "kernel": "box, 2 × 2"},
]


def torchs(run):
    """The layer that the shown line makes, with the lab's kernel."""
    layer = eval(run.numbers["PyTorch"], {"nn": nn})
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(run.state["kernel"]))
    return layer


def output_size(run):
    return int(run.numbers["output size"].rpartition("= ")[2])


@pytest.mark.parametrize("state", STATES)
def test_the_line_of_code_computes_what_is_shown(state):
    run = LAB.at(**state)
    with torch.no_grad():
        small = torchs(run)(run.values["numbers"][None, None])[0, 0]
        large = torchs(run)(run.values["image"][None, None].cpu())[0, 0]
    grid = run.panes[OUTPUT]
    inner = [slice(grid.border, side - grid.border) for side in grid.size]
    assert torch.equal(torch.tensor(grid.values[inner[0], inner[1]]).float(), small)
    assert torch.allclose(run.values["filtered"].cpu(), large, atol=1e-5)
    assert output_size(run) == len(small)


@pytest.mark.parametrize("state", STATES)
def test_the_formula_filled_in_gives_the_size(state):
    run = LAB.at(**state)
    formula, _, size = run.numbers["output size"].rpartition(" = ")
    python = formula.replace("⌊", "(").replace("⌋", ")").replace("−", "-").replace("·", "*")
    assert eval(python.replace("/", "//")) == int(size)


@pytest.mark.parametrize("state", STATES)
def test_the_inputs_named_are_all_that_give_this_size(state):
    run = LAB.at(**state)
    layer = torchs(run)
    found = []
    for i in range(1, 40):
        try:
            length = layer(torch.zeros(1, 1, i, i)).shape[-1]
        except RuntimeError:
            continue
        if length == output_size(run):
            found.append(i)
    named = re.findall(r"\d+", run.numbers["inputs that give this size"])
    assert list(map(int, named)) == found


@pytest.mark.parametrize("state", STATES[:5])
def test_what_is_lost_is_never_read_and_what_comes_before_is(state):
    run = LAB.at(**state)
    grid = run.panes[INPUT]
    rows, columns = grid.lost
    padded = torch.tensor(grid.values).float().requires_grad_()
    weight = torch.ones_like(run.values["weight"])
    s, d = run.state["s"], run.state["d"]
    out = torch.conv2d(padded[None, None], weight[None, None], stride=s, dilation=d)
    (read,) = torch.autograd.grad(out.sum(), padded)
    assert rows == columns
    assert (read[len(padded) - rows :] == 0).all()
    assert (read[:, len(padded) - columns :] == 0).all()
    assert read[len(padded) - rows - 1].any()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"i": 4, "kernel": "blur, 5 × 5"}, "size=4 is too small.*the kernel spans 5"),
        ({"i": 5, "d": 3}, "the kernel spans 7"),
        ({"transposed": True, "output_padding": 2}, "output_padding=2 must be"),
        ({"i": 3, "s": 1, "transposed": True, "p": 4}, "use padding <= 2"),
        ({"kernel": [[1, 2]]}, "1 rows and 2 columns; make it square"),
    ],
)
def test_a_size_that_cannot_be_says_why(state, words):
    with pytest.raises(ValueError, match=words):
        dict(LAB.at(**state).panes)


def test_the_first_kernel_shows_which_weight_is_which():
    weights = LAB.at().values["weight"].flatten().tolist()
    assert sorted(weights) == list(range(1, 10))
    run = LAB.at(i=3)
    window = run.values["numbers"].flatten()
    assert float(run.values["shown_output"]) == sum(map(float.__mul__, weights, window.tolist()))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"i": 7}, "nothing"),
        ({"i": 8}, "1 row, 1 column"),
        ({"i": 8, "p": 1}, "1 row, 1 column of padding"),
        ({"i": 8, "s": 3}, "2 rows, 2 columns"),
        ({"i": 8, "s": 3, "p": 1}, "1 row, 1 column of padding"),
        ({"i": 9, "s": 3, "p": 1}, "2 rows, 2 columns, 1 of each padding"),
    ],
)
def test_lost_rows_of_padding_are_not_rows_of_the_input(state, said):
    run = LAB.at(**state)
    assert run.numbers["lost to flooring"] == said
    image = torch.ones(1, 1, state["i"], state["i"], requires_grad=True)
    layer = torchs(run)
    (read,) = torch.autograd.grad(layer(image).sum(), image)
    unread = int((read[0, 0].sum(1) == 0).sum())
    assert unread == max(0, run.values["lost"] - state.get("p", 0))


def test_the_kernels_are_what_they_are_called():
    sums = {name: sum(map(sum, rows)) for name, rows in KERNELS.items()}
    assert sums["Sobel"] == sums["Laplacian"] == 0
    for name in ("identity", "sharpen", "blur", "blur, 5 × 5"):
        assert sums[name] == pytest.approx(1)
    same = LAB.at(kernel="identity", s=1, p=1)
    assert torch.equal(same.values["filtered"], same.values["image"])


ROWS = "windows in a row"


def bars(run, says):
    """Bars of the ruler whose words begin so."""
    return [s for s in run.panes[ROWS].shapes if s.kind == "bar" and s.says.startswith(says)]


def cells_of(says):
    return list(map(int, re.findall(r"-?\d+", says.partition(": cells ")[2])))


@pytest.mark.parametrize("state", STATES[:5])
def test_each_window_of_the_ruler_reads_what_torch_reads(state):
    run = LAB.at(**state)
    s, p, d, k = (*(run.state[name] for name in "spd"), run.values["k"])
    line = torch.zeros(1, 1, run.state["i"] + 2 * p, requires_grad=True)
    out = torch.conv1d(line, torch.ones(1, 1, k), stride=s, dilation=d)[0, 0]
    windows = bars(run, "window")
    assert len(windows) == len(out) == output_size(run)
    taps = {
        (b.left, b.right, b.top) for b in run.panes[ROWS].shapes if b.kind == "bar" and not b.says
    }
    read = torch.zeros(line.shape[-1])
    for window, value in zip(windows, out, strict=True):
        (gradient,) = torch.autograd.grad(value, line, retain_graph=True)
        there = gradient[0, 0].nonzero().flatten()
        read += gradient[0, 0]
        assert cells_of(window.says) == (there - p).tolist()
        middle = (window.top + window.bottom) / 2
        for cell in cells_of(window.says):
            assert any(
                cell < left < right < cell + 1 and abs(top - middle) < 0.5
                for left, right, top in taps
            )
    lost = [int(bar.says.split()[-1]) + p for bar in bars(run, "lost")]
    unread = [at for at in range(len(read)) if at > int(read.nonzero().max()) and not read[at]]
    assert lost == unread


@pytest.mark.parametrize("state", STATES)
def test_the_lengths_of_the_ruler_add_up_to_the_formula(state):
    run = LAB.at(**state)
    i, s, p, k, d = (
        run.state["i"],
        run.state["s"],
        run.state["p"],
        run.values["k"],
        run.state["d"],
    )
    lengths = [
        round(bar.right - bar.left + 0.08)
        for bar in run.panes[ROWS].shapes
        if bar.kind == "bar" and bar.hollow and bar.colour == "ink"
    ]
    steps, window = (
        (lengths[:-1], lengths[-1]) if run.state["transposed"] else (lengths[1:], lengths[0])
    )
    assert window == d * (k - 1) + 1
    assert set(steps) <= {s}
    if run.state["transposed"]:
        more = run.state["output_padding"]
        assert sum(lengths) + more - 2 * p == len(bars(run, "output")) == output_size(run)
        cut = [int(bar.says.split()[-1]) for bar in bars(run, "cut off")]
        assert cut == [*range(p), *range(p + output_size(run), output_size(run) + 2 * p)]
        return
    assert len(lengths) == output_size(run)
    left = i + 2 * p - sum(lengths)
    assert 0 <= left < s
    assert left == run.values["lost"] == len(bars(run, "lost"))
    assert run.panes[ROWS].says.endswith(f"so there are {len(lengths)} windows; left over: {left}")


def test_the_knobs_of_the_ruler_stand_at_what_they_set():
    run = LAB.at(p=1, d=2, s=3, i=9)
    for name in ("i", "s", "d"):
        for value in run.lab.controls[name].options:
            moved = run.fork(**{name: value})
            shapes = moved.panes[ROWS].shapes
            (knob,) = (
                shape for shape in shapes if shape.kind == "handle" and shape.control == name
            )
            assert knob.now == value
            assert knob.values == run.lab.controls[name].options
            windows = [cells_of(bar.says) for bar in bars(moved, "window")]
            first = windows[0]
            assert (
                knob.at.x
                == {
                    "i": value,
                    "s": first[-1] + 1 + value,
                    "d": first[1] + 0.5,
                }[name]
            )
            if name == "s" and len(windows) > 1:
                assert windows[1][-1] + 1 == knob.at.x
