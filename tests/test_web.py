"""Compiled functions: their graphs give what torch gives; and the runtime that pages carry."""

import json
import tarfile
import zlib
from hashlib import sha256
from io import BytesIO
from runpy import run_path

import onnx
import pytest
import torch
import torch.nn.functional as F
from helpers import silent
from onnx.reference import ReferenceEvaluator

from seglab import lessons, save, scalars
from seglab.course import new
from seglab.lab import Choice, Lab, Photo, image_control, of
from seglab.page import NothingComputedError, explained
from seglab.web import Compiler, look, refresh
from seglab.web._compiler import Reason
from seglab.web._tracing import Fork, Problem, Tracer, Uncompiled
from seglab.web._trees import Slot, Text

SIDE = 12
GENERATOR = torch.Generator().manual_seed(0)
IMAGE = torch.rand(1, 3, SIDE, SIDE, generator=GENERATOR)
KERNEL = torch.rand(4, 3, 3, 3, generator=GENERATOR)


def loaded(program, number):
    """A graph with its weights in it."""
    model = onnx.load_model_from_string(program.graphs[number].data)
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            key = next(entry.value for entry in tensor.external_data if entry.key == "location")
            tensor.raw_data = program.weights[key]
            tensor.data_location = onnx.TensorProto.DEFAULT
            del tensor.external_data[:]
    return ReferenceEvaluator(model)


def computed(program, slot, image=IMAGE):
    """The value of a slot, by another runtime than that of pages."""
    if slot.call < 0:
        return image.numpy()
    graph, arguments = program.calls[slot.call]
    inputs = {
        f"i{i}": computed(program, Slot(*argument, (), torch.float32), image)
        for i, argument in enumerate(arguments)
    }
    return loaded(program, graph).run(None, inputs)[slot.output]


def traced(function):
    """A tracer, and the outcome of a function of the picture."""
    tracer = Tracer()
    source = Slot(-1, 0, tuple(IMAGE.shape), torch.float32)
    tracer.program.sources.append(SIDE)
    return tracer.program, tracer.called(function, {"x": source}, function)


FUNCTIONS = {
    "convolution": lambda x: F.conv2d(x, KERNEL, stride=2, dilation=2, padding=1),
    "transposed": lambda x: F.conv_transpose2d(x, KERNEL[:3], stride=2, padding=1),
    "unbatched": lambda x: F.conv2d(x[0], KERNEL),
    "pools": lambda x: F.max_pool2d(x, 3, 2) + F.avg_pool2d(x, 3, 2),
    "places": lambda x: F.max_pool2d(x, 2, return_indices=True)[1],
    "differences": lambda x: torch.rsub(x, 1, alpha=3) - torch.sub(x, x.mean(1), alpha=2),
    "quotients": lambda x: torch.div(x - 0.5, 0.3, rounding_mode="floor") + (x - 0.5) // 0.07,
    "enlarged": lambda x: F.interpolate(x, scale_factor=2.0, mode="bilinear"),
    "corners": lambda x: F.interpolate(x, (30, 5), mode="bilinear", align_corners=True),
    "shrunk": lambda x: F.interpolate(x, (5, 7), mode="bilinear", antialias=True),
    "nearest": lambda x: F.interpolate(x, scale_factor=3, mode="nearest"),
    "mirrored": lambda x: F.pad(x, (1, 2, 3, 0), mode="reflect"),
    "padded": lambda x: F.pad(x, (1, 2), value=torch.nan).nan_to_num(5),
    "best": lambda x: x.max(1).indices,
    "shares": lambda x: x.softmax(1).amax(1) - x.mean(1),
    "last shares": lambda x: (100 * x).softmax(-1),
    "sums": lambda x: (x > 0.5).sum() / x.numel(),
    "counts": lambda x: (x > 0.5).sum(1) + (x > 0.9).any(1) - (x > 0.1).all(1).long(),
    "chosen": lambda x: torch.where(x > x.mean(), 1, x.round()),
    "shape": lambda x: x.reshape(1, 3, 3, 4, SIDE).permute(0, 2, 1, 4, 3).flatten(1),
    "strided": lambda x: x[..., 1::3, :-2].flip(2),
    "windows": lambda x: x.unfold(2, 3, 2),
    "gathered": lambda x: x[:, :, torch.tensor([0, 5, 5])],
    "split": lambda x: torch.cat(x.split(1, 1)[::-1], 1) * torch.arange(3).view(3, 1, 1),
    "written": lambda x: written(x),
    "bytes": lambda x: x.mul(255).round().to(torch.uint8),
    "wide": lambda x: (x.double() - 1).square().mean().sqrt(),
}


def written(x):
    out = x.new_full(x.shape, -1)
    out[..., ::2, 1::3] = x[..., ::2, 1::3]
    return out


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_graph_gives_what_torch_gives(name):
    program, slot = traced(FUNCTIONS[name])
    wanted = FUNCTIONS[name](IMAGE)
    found = torch.from_numpy(computed(program, slot).copy())
    assert found.dtype == wanted.dtype
    torch.testing.assert_close(found.reshape(wanted.shape), wanted, atol=1e-5, rtol=1e-5)


def test_a_number_becomes_a_text_with_a_place_in_it():
    program, text = traced(lambda x: f"{100 * scalars.real(x.mean()) / 2:.1f} of it")
    assert isinstance(text, Text)
    (slot, form), rest = text.pieces
    assert (form, rest) == (".1f", " of it")
    assert float(computed(program, slot)) == pytest.approx(50 * float(IMAGE.double().mean()))


def test_a_format_takes_the_number_out_of_a_tensor():
    words = of("{:.1f} and {}", "mean", "count")
    mean, count = IMAGE.mean(), (IMAGE > 0.5).sum()
    assert words(mean=mean, count=count) == f"{float(mean):.1f} and {int(count)}"
    program, text = traced(lambda x: words(mean=x.mean(), count=(x > 0.5).sum()))
    (first, form), word, (second, _) = text.pieces
    assert (form, word) == (".1f", " and ")
    assert float(computed(program, first)) == pytest.approx(float(mean))
    assert int(computed(program, second)) == int(count)


@pytest.mark.parametrize(("shift", "wanted"), [(-1.0, "low"), (0.0, "middle"), (1.0, "high")])
def test_a_decision_becomes_a_branch(shift, wanted):
    def named(x):
        mean = scalars.real(x.mean())
        return "low" if mean < 0 else "high" if mean > 1 else "middle"

    program, outcome = traced(named)
    while isinstance(outcome, Fork):
        holds = computed(program, outcome.condition, IMAGE + shift)
        outcome = outcome.yes if holds else outcome.no
    assert outcome == wanted


def test_a_whole_number_below_a_few_chooses_among_names():
    names = ("a", "b", "c")
    program, outcome = traced(
        lambda x: names[scalars.whole(x.mean((2, 3))[0].argmax(), below=len(names))]
    )
    brightest = IMAGE.clone()
    brightest[:, 1] += 1
    while isinstance(outcome, Fork):
        holds = computed(program, outcome.condition, brightest)
        outcome = outcome.yes if holds else outcome.no
    assert outcome == "b"


def test_what_does_not_depend_on_the_picture_is_known_at_once():
    kernel = torch.tensor([1.0, 2.0])
    program, outcome = traced(lambda x: (kernel * 2, scalars.real(kernel.sum()), x.shape[2]))
    assert outcome[0].tolist() == [2, 4]
    assert outcome[1:] == (3.0, SIDE)
    assert not program.calls


def test_a_refusal_of_the_lab_is_said_in_its_words():
    from seglab.ops import heatmap

    _, outcome = traced(lambda x: heatmap.softmax(x, -1))
    assert isinstance(outcome, Problem)
    assert outcome.text.startswith("temperature=-1 must be above 0")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: float(x.mean()), "it reads numbers of the picture in Python"),
        (lambda x: x.mean().tolist(), "it reads numbers of the picture in Python"),
        (lambda x: x.numpy(), "it goes through NumPy"),
        (lambda x: x[x > 0.5], "values picked out by a mask"),
        (lambda x: torch.fft.fft2(x).abs(), "has no counterpart"),
        (lambda x: torch.div(x - 1, 0.3, rounding_mode="trunc"), "a quotient rounded towards 0"),
        (lambda x: scalars.Unknown("the truth") + x, "it needs the truth"),
    ],
)
def test_what_cannot_be_compiled_says_why(function, words):
    with pytest.raises(Uncompiled) as caught:
        traced(function)
    assert words in str(caught.value)


def test_a_lab_tells_pane_by_pane_what_a_page_computes():
    from seglab.images import photos

    def darker(photo, level):
        return photos.load(photo, 16) * level

    lab = Lab(
        title="two",
        controls={"photo": Photo("coffee", "coins"), "level": Choice(0.5, 1.0)},
        stages=(darker,),
        panes={"darker": "darker", "doubled": lambda darker: darker * float(darker.mean())},
        numbers={"level": lambda level: f"{level}", "mean": lambda darker: f"{darker.mean():.2f}"},
    )
    assert image_control(lab) == "photo"
    lines = explained(lab).splitlines()
    assert [line.split("  ")[-1].strip() for line in lines[1:]] == [
        "compiled",
        "stored: it reads numbers of the picture in Python",
        "stays: the picture has no say in it",
        "stored: it reads numbers of the picture in Python",
    ]
    compiler = Compiler(lab)
    shown = look("pane", "darker", compiler.outcome(("pane", "darker"), lab.state(level=0.5)))
    assert shown["size"] == [16, 16]
    assert json.dumps(shown)


def test_the_lab_of_a_new_course_computes_as_it_is():
    lines = explained(run_path(str(new.TEMPLATE / "my_lab.py"))["LAB"]).splitlines()
    assert {line.split("  ")[-1].strip() for line in lines[1:]} == {"compiled"}
    assert len(lines) == 4


@pytest.mark.parametrize("number", ["00", "21"])
def test_a_lab_of_which_no_pane_can_be_compiled_is_refused(number, tmp_path):
    lab = lessons.find(number)
    fix = {name: lab.state()[name] for name in lab.controls}
    with pytest.raises(NothingComputedError, match="can be computed in a page; leave live out"):
        save(lab, tmp_path / "x.html", fix=fix, live=True, progress=silent)
    assert not list(tmp_path.iterdir())


def test_what_needs_the_truth_alone_is_stored_with_the_reason():
    """A stage hands on the labels of a scene, of which the next one asks what only tensors have."""
    compiler = Compiler(lessons.find("02"))
    outcome = compiler.outcome(("pane", "found segments"), compiler.lab.state())
    assert outcome == Reason("it needs what a picture of your own does not have, such as the truth")


def test_states_that_differ_elsewhere_share_their_graphs():
    compiler = Compiler(lessons.find("16"))
    start = compiler.lab.state()
    for level in (0.1, 0.5):
        compiler.outcome(("pane", "mask"), {**start, "threshold": level})
    once = len(compiler.program.graphs)
    weights = dict(compiler.program.weights)
    compiler.outcome(("pane", "cut-out"), {**start, "threshold": 0.5})
    assert len(compiler.program.graphs) <= once + 2
    assert compiler.program.weights == weights


# The runtime


def test_the_runtime_is_what_its_record_says():
    record = json.loads((refresh.FOLDER / "runtime.json").read_text(encoding="utf-8"))
    for name, told in record["files"].items():
        parts = [(refresh.FOLDER / f"{name}.z{n}").read_bytes() for n in range(told["parts"])]
        data = zlib.decompress(b"".join(parts), -15)
        assert (len(data), sha256(data).hexdigest()) == (told["bytes"], told["sha256"])
    assert (refresh.FOLDER / "onnxruntime-web-LICENSE.txt").is_file()


def packed(path, files):
    with tarfile.open(path, "w:gz") as package:
        for name, data in files.items():
            told = tarfile.TarInfo(f"package/{name}")
            told.size = len(data)
            package.addfile(told, BytesIO(data))
    return path


def test_the_runtime_is_refreshed_from_a_tarball_of_npm(tmp_path):
    about = {"name": refresh.PACKAGE, "license": "MIT", "version": "9.9.9"}
    files = {
        "package.json": json.dumps(about).encode(),
        f"dist/{refresh.SCRIPT}": b"export{a as b};",
        f"dist/{refresh.BINARY}": bytes(range(256)) * 9,
    }
    record = refresh.refresh(packed(tmp_path / "a.tgz", files), tmp_path / "out")
    assert record["version"] == "9.9.9"
    data = (tmp_path / "out" / f"{refresh.BINARY}.z0").read_bytes()
    assert zlib.decompress(data, -15) == files[f"dist/{refresh.BINARY}"]
    del files[f"dist/{refresh.BINARY}"]
    with pytest.raises(ValueError, match="give another version"):
        refresh.refresh(packed(tmp_path / "b.tgz", files), tmp_path / "out")
    files["package.json"] = json.dumps({**about, "name": "other"}).encode()
    with pytest.raises(ValueError, match="holds other under MIT"):
        refresh.refresh(packed(tmp_path / "c.tgz", files), tmp_path / "out")
