"""Lab 04: the presets' numbers, and the stack of layers as numbers, as a net and as an editor."""

import json

import pytest
import torch
import traitlets
from live_view import messages

from seglab import show
from seglab.draw import paint
from seglab.lab import Layer
from seglab.lessons.receptive_fields import LAB
from seglab.nets import stacks as nets
from seglab.nets.stacks import PRESETS, conv
from seglab.ops import arithmetic, receptive_field


@pytest.mark.parametrize(
    ("stack", "layer", "size", "stride"),
    [
        ("three 3 × 3", 3, 7, 1),
        ("AlexNet", 8, 195, 32),
        ("AlexNet", 9, 355, 32),
        ("VGG-16", 18, 212, 32),
        ("VGG-16", 19, 404, 32),
        ("ResNet-18, main path", 18, 435, 32),
        *(("dilated 1-2-4-8", n, 2 ** (n + 1) - 1, 1) for n in (1, 2, 3, 4)),
        ("dilated 2-2-2", 3, 13, 1),
    ],
)
def test_the_presets_have_their_known_fields(stack, layer, size, stride):
    field = LAB.at(stack=stack, layer=layer).values["field"]
    assert (field.size, field.stride) == ((size, size), (stride, stride))


def test_equal_dilations_leave_holes_and_doubling_ones_do_not():
    for stack, seen in (("dilated 2-2-2", 49), ("dilated 1-2-4-8", 31**2)):
        values = LAB.at(stack=stack).values
        assert int(values["paths"].sum()) == seen
        assert bool((values["effective"].gradient[~values["paths"]] == 0).all())
        assert int((values["effective"].gradient > 0).sum()) == seen


def some_stacks():
    generator = torch.Generator().manual_seed(0)

    def draw(low, high):
        return int(torch.randint(low, high, (), generator=generator))

    for _ in range(25):
        layers = []
        for _ in range(draw(1, 6)):
            kernel_size = draw(1, 5)
            kind = ("conv", "conv", "pool")[draw(0, 3)]
            padding = draw(0, kernel_size // 2 + 1)
            layers.append(Layer(kind, kernel_size, draw(1, 3), padding, draw(1, 3)))
        yield tuple(layers)


@pytest.mark.parametrize("stack", [*some_stacks(), PRESETS["ResNet-18, main path"]])
def test_the_part_that_is_computed_gives_the_gradient_of_the_whole(stack):
    for pixel in ((300, 141), (0, 511)):
        values = LAB.at(stack=stack, pixel=pixel, weights="equal").values
        whole = receptive_field.measured(nets.uniform(stack), values["image"], values["unit"])
        found = values["effective"].gradient * float(whole.sum())
        assert torch.allclose(found, whole, atol=1e-6 * float(whole.max()))
        assert torch.equal(whole > 0, values["paths"])
        assert values["layers"].sizes[-1] == nets.uniform(stack)(values["image"]).shape[-1]


def test_the_unit_is_the_nearest():
    values = LAB.at(stack="VGG-16", pixel=(190, 0)).values
    assert values["unit"] == (2, 0)
    assert values["field"].center(*values["unit"]) == (175.5, 111.5)


def test_the_photograph_is_marked_and_not_painted_over():
    run = LAB.at(stack="VGG-16", pixel=(190, 0))
    picture = run.panes["your unit's field"]
    assert (picture.array == paint.rgb(run.values["image"]).array).all()
    *dots, box = picture.marks
    field, sizes = run.values["field"], run.values["layers"].sizes
    every = [field.center(u, v) for u in range(sizes[-1]) for v in range(sizes[-1])]
    assert [(dot.row, dot.column) for dot in dots] == every
    assert (box.top, box.left) == (175.5 - 202, 111.5 - 202)  # the middle of a field of 404
    assert (box.bottom - box.top, box.right - box.left) == (404, 404)


def test_centers_that_could_not_be_told_apart_are_not_marked():
    assert len(LAB.at(stack="dilated 1-2-4-8").values["centers"]) == 0
    assert len(LAB.at(stack="AlexNet", layer=2).values["centers"]) == 0  # 8 pixels apart
    assert len(LAB.at(stack="AlexNet", layer=4).values["centers"]) == 31**2  # 16


@pytest.mark.parametrize(("stack", "layer"), [("VGG-16", 24), ("dilated 2-2-2", 24)])
def test_a_click_sends_marks_and_not_the_photograph(stack, layer, monkeypatch):
    live = show(LAB, stack=stack, layer=layer)
    sent = messages(live, monkeypatch)
    live.set(pixel=(300, 141))
    (message,) = sent
    pane = message["state"]["frame"]["panes"][0]
    assert pane.keys() >= {"name", "marks"}
    assert not pane.keys() & {"kind", "plane", "palette"}
    assert ["frame", "panes", 0, "plane"] not in message["buffer_paths"]
    assert len(json.dumps(pane)) < 50_000


def test_a_stack_cut_off_keeps_its_weights():
    stack = PRESETS["AlexNet"]
    whole, part = nets.untrained(stack), nets.untrained(stack[:5])
    assert torch.equal(whole.conv5.weight, part.conv5.weight)
    assert not torch.equal(whole.conv5.weight, nets.untrained(stack, seed=1).conv5.weight)


def test_what_cannot_be_names_the_layer():
    with pytest.raises(ValueError, match=r"layer 2 \(conv\): .* too small"):
        arithmetic.stack_sizes((conv(3), conv(9, dilation=70)), 512)


def test_the_editor_sets_the_stack_with_one_redraw():
    live = show(LAB, stack="dilated 2-2-2")
    editor = live.controls["stack"]
    drawn = []
    live.session.drawn.append(lambda run, at_once: drawn.append(run.state["stack"]))
    editor.set_state({"rows": [["conv", 5, 1, 2, 1], ["pool", 2, 2, 0, 1]]})
    editor.value = "VGG-16"
    assert drawn == [(Layer("conv", 5, 1, 2), Layer("pool", 2, 2)), PRESETS["VGG-16"]]
    assert editor.rows[-1] == ["conv", 7, 1, 0, 1]
    assert live.state["stack"] == PRESETS["VGG-16"]


@pytest.mark.parametrize("rows", [[], [["conv", 0, 1, 0, 1]], [["dense", 3]], [[]]])
def test_the_editor_goes_back_from_what_is_no_stack(rows):
    editor = show(LAB, stack="dilated 2-2-2").controls["stack"]
    before = editor.rows
    with pytest.raises((traitlets.TraitError, TypeError)):
        editor.set_state({"rows": rows})
    assert editor.rows == before
    assert editor.value == PRESETS["dilated 2-2-2"]


def test_a_stack_that_cannot_be_is_said_and_the_picture_stays():
    live = show(LAB, stack="dilated 2-2-2")
    last = live.board.frame["step"]
    with pytest.raises(ValueError, match="layer 1"):
        live.controls["stack"].set_state({"rows": [["conv", 99, 1, 0, 9]]})
    assert live.board.notice["text"].startswith("layer 1 (conv)")
    assert "stack = conv 99 d9" in live.board.notice["detail"]
    assert live.board.frame["step"] == last
