"""Lab 04: the presets' numbers, and the stack of layers as numbers, as a net and as an editor."""

import json

import pytest
import torch
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from live_view import messages

from seglab import show
from seglab.draw import paint
from seglab.lab import Layer
from seglab.lessons import receptive_fields as lesson
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


def read_from(stack, values):
    """Columns of each map with a gradient from the unit, pixels first: torch's own answer."""
    maps = [torch.ones(1, 3, 512, 512, requires_grad=True)]
    for layer in nets.uniform(stack):
        maps.append(layer(maps[-1]))
        maps[-1].retain_grad()
    maps[-1][0, 0][values["unit"]].backward()
    return [one.grad.abs().sum((0, 1, 2)).nonzero().flatten().tolist() for one in maps]


@pytest.mark.parametrize("stack", [*some_stacks(), PRESETS["AlexNet"], PRESETS["dilated 2-2-2"]])
@pytest.mark.parametrize("pixel", [(300, 141), (0, 509)])
def test_the_side_view_reads_what_has_a_gradient(stack, pixel):
    run = LAB.at(stack=stack, pixel=pixel)
    values, picture = run.values, run.panes["side view"]
    read = read_from(stack, values)
    assert values["layers"].units(len(stack), values["unit"][1]) == read
    places = [(0, 1), *((field.origin[1], field.stride[1]) for field in values["layers"].fields)]
    for row, (units, (first, step)) in enumerate(zip(read, places, strict=True)):
        wanted = {first + unit * step for unit in units}
        filled = {dot.x for dot in of_kind(picture, "dot") if dot.y == row and not dot.hollow}
        runs = [line for line in of_kind(picture, "line") if line.width == 4]
        ends = [(line.points[0][0], line.points[1][0]) for line in runs if line.points[0][1] == row]
        assert bool(filled) != bool(ends)
        if filled:
            assert filled == wanted
        else:
            every = range(values["layers"].sizes[row])
            inside = {first + unit * step for unit in every}
            assert {x for x in inside if any(a < x < b for a, b in ends)} == wanted
    assert run.fork(weights="equal").panes["side view"].header() == picture.header()


def of_kind(picture, kind):
    return [shape for shape in picture.shapes if shape.kind == kind]


@pytest.mark.parametrize("stack", ["dilated 2-2-2", "three 3 × 3", "AlexNet"])
def test_each_line_of_the_side_view_is_a_path(stack):
    run = LAB.at(stack=stack)
    fields = run.values["layers"].fields
    places = [(0, 1), *((field.origin[1], field.stride[1]) for field in fields)]
    lines = [line for line in of_kind(run.panes["side view"], "line") if line.colour == "accent"]
    assert lines
    for line in lines:
        (x, y), *ends = line.points
        layer = PRESETS[stack][y - 1]
        modules = nets.uniform([layer._replace(padding=0)])
        image = torch.ones(1, 3, layer.dilation * layer.kernel_size, 400, requires_grad=True)
        unit = 20
        modules(image)[..., unit].sum().backward()
        taps = image.grad.abs().sum((0, 1, 2)).nonzero().flatten() - unit * layer.stride
        (first, step), own = places[y - 1], (x - places[y][0]) / places[y][1]
        wanted = {first + step * (own * layer.stride + int(t) - layer.padding) for t in taps}
        assert {end[0] for end in ends if end[1] == y - 1} == wanted


def test_the_knob_of_the_side_view_stands_at_the_unit_of_each_layer():
    run = LAB.at(stack="VGG-16", pixel=(190, 77), layer=12)
    (knob,) = of_kind(run.panes["side view"], "handle")
    assert knob.control == "layer"
    assert knob.now == 12
    for x, y, layer in knob.stops:
        values = run.fork(layer=layer).values
        assert (x, y) == (values["field"].center(*values["unit"])[1], layer)


def test_layers_of_a_net_of_ones_own_are_seen_from_the_side_too():
    net = torch.nn.Sequential(conv_of(5, 2), conv_of(3, 1))
    picture = LAB.at(net=net).panes["side view"]
    (funnel,) = of_kind(picture, "area")
    xs = [x for x, y in funnel.points if y == 0]
    assert max(xs) - min(xs) + 1 == 9  # 5 + (3 - 1) 2
    assert not of_kind(picture, "dot")


def conv_of(kernel_size, stride):
    return torch.nn.Conv2d(3, 3, kernel_size, stride)


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
    panes = message["state"]["frame"]["panes"]
    place = [one["name"] for one in panes].index("your unit's field")
    pane = panes[place]
    assert pane.keys() >= {"name", "marks"}
    assert not pane.keys() & {"kind", "plane", "palette"}
    assert ["frame", "panes", place, "plane"] not in message["buffer_paths"]
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


@given(*[st.integers(-40, 60)] * 2, *[st.integers(1, 90)] * 2)
def test_a_window_has_the_field_in_it_with_a_margin(top, left, height, width):
    place = lesson.window((top, left, top + height, left + width))
    margin = max(2, max(height, width) // 8)
    assert (top - place.top, left - place.left) == (margin, margin)
    assert 0 <= place.side - (max(height, width) + 2 * margin) <= 1
