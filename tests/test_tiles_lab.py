"""Lab 20: what its panes, numbers and questions say about tiles is so."""

import pytest
import torch
from reading import assert_is_photo

from seglab.draw.shapes import Bar, Handle, Thumbnail
from seglab.lessons import tiles as lesson
from seglab.lessons.tours.tiles import beyond
from seglab.nets import same_size
from seglab.nets.unet import UNet
from seglab.ops import receptive_field, tiles

LAB = lesson.LAB


def largest(run):
    return float(run.values["difference"].max())


@pytest.mark.parametrize("rule", lesson.RULES)
@pytest.mark.parametrize(
    ("net", "needed", "before"), [("plain", 5, 4), ("dilated", 20, 19), ("stride 8", 24, 16)]
)
def test_the_change_falls_to_0_at_the_margin_that_the_net_needs(net, needed, before, rule):
    for number in (0, 1):
        run = LAB.at(net=net, rule=rule, number=number, margin=needed)
        assert run.values["needed"] == needed
        assert largest(run) < 1e-4
        assert largest(run.fork(margin=before)) > 0.01
        seams = run.values["seams"]
        assert all(change < 1e-4 for margin, change in seams.items() if margin >= needed)
        assert min(change for margin, change in seams.items() if margin <= before) > 1e-3


def test_only_what_lies_nearer_to_a_seam_than_the_field_changes():
    run = LAB.at(margin=0)
    assert beyond(run, 20) < 1e-4
    assert beyond(run, 10) > 0.1
    assert beyond(run, 19) > 0
    # 24 x 24 scores of a tile of 64 x 64 see nothing but their tile: the option of the question.
    crop = run.values["crop"]
    part = run.values["model"](run.values["image"][(..., *crop.source)])
    whole = run.values["model"](run.values["image"])[(..., *crop.target)]
    same = ((part - whole).abs().amax(1) < 1e-5)[0]
    assert same[20:44, 20:44].all()
    assert not same[:20].all()
    assert 64 - 2 * 20 == 24


def test_the_seam_of_your_tile_is_the_difference_there():
    for margin in (0, 12, 40):
        run = LAB.at(margin=margin, pixel=(10, 200))
        there = run.values["difference"][(..., *run.values["crop"].target)]
        assert run.values["seams"][margin] == pytest.approx(float(there.max()), abs=1e-6)


def test_tiles_that_start_anywhere_are_wrong_far_from_their_seams_too():
    run = LAB.at(net="stride 8", margin=20, starts="any pixel")
    assert run.values["crop"].rows.start % 8 == 4
    assert beyond(run, 28) > 0.5
    assert largest(run.fork(starts="every 8th pixel")) < 1e-4


def test_no_margin_helps_the_selfie_net():
    for number in range(4):
        run = LAB.at(net="selfie", number=number, margin=40)
        assert largest(run) > 0.2
        assert run.values["changed"] > 0.001
        assert run.numbers["margin needed"] == "none helps: stride4.gate.0"


def test_the_diagram_shows_the_tile_what_it_sees_and_what_it_needs():
    run = LAB.at(margin=12)
    shown = run.panes["your tile"]
    bars = {(b.left, b.top, b.right, b.bottom): b for b in shown.shapes if isinstance(b, Bar)}
    assert {(64, 64, 128, 128), (52, 52, 140, 140), (44, 44, 148, 148)} <= set(bars)
    clicks = {bar.sets.value for bar in bars.values() if bar.sets}
    assert len(clicks) == 15
    for place in clicks:
        assert not run.values["crop"].holds(place)
        moved = run.fork(pixel=place).values["crop"]
        assert moved.holds(place)
    (handle,) = (shape for shape in shown.shapes if isinstance(shape, Handle))
    assert handle.control == "margin"
    assert handle.at.x == 64 - 12
    photo, found = (shape for shape in shown.shapes if isinstance(shape, Thumbnail))
    assert_is_photo(photo.picture, run.values["image"])
    assert_is_photo(found.picture, run.values["around"])


@pytest.mark.parametrize("pixel", [(96, 96), (20, 130), (200, 3)])
def test_the_words_of_a_tile_say_its_rows_first(pixel):
    run = LAB.at(margin=12, pixel=pixel)
    top, left = (64 * (at // 64) for at in pixel)
    rows, columns = ((max(first - 12, 0), min(first + 76, 256)) for first in (top, left))
    tall, wide = rows[1] - rows[0], columns[1] - columns[0]
    shown = run.panes["your tile"]
    said = [one.says for one in shown.shapes if "the net sees" in one.says]
    assert said == [f"the net sees {tall} x {wide} pixels"]
    assert shown.says == (
        f"A tile of 64 x 64 pixels with a margin of 12: the net sees rows {rows[0]} to "
        f"{rows[1] - 1} and columns {columns[0]} to {columns[1] - 1}; it needs a margin of 20"
    )


def test_beyond_its_margin_a_tile_finds_what_the_rule_puts_there():
    at = {"margin": 12, "pixel": (20, 230)}
    whole, shown = LAB.at(**at).values["image"], {}
    for rule in lesson.RULES:
        shown[rule] = LAB.at(**at, rule=rule).values["around"]
        assert shown[rule].shape == (1, 3, 104, 104)
        # The tile is rows 0 to 63 and columns 192 to 255; 12 more are real below and on the left.
        assert torch.equal(shown[rule][..., 20:96, 8:84], whole[..., :76, 180:])
    assert (shown["zeros"][..., :20, :] == 0.5).all()
    assert (shown["zeros"][..., 84:] == 0.5).all()
    assert (shown["repeat"][..., 20:96, 84:] == whole[..., :76, 255:]).all()
    assert torch.equal(shown["mirror"][..., 20:96, 84:], whole[..., :76, 235:255].flip(-1))
    assert torch.equal(shown["mirror"][..., 96:, 8:84], whole[..., 67:75, 180:].flip(-2))


def test_the_mistakes_are_those_of_the_whole_and_those_of_the_seams():
    run = LAB.at(margin=5)
    kinds = run.values["mistakes"]
    answer, alone = run.values["tiled"].argmax(1), run.values["whole"].argmax(1)
    truth = run.values["truth"]
    assert torch.equal(kinds > 0, answer != truth)
    assert torch.equal(kinds == 2, (answer != truth) & (answer != alone))
    assert (kinds == 2).any()
    assert not (LAB.at(margin=20).values["mistakes"] == 2).any()


def test_a_mirror_image_is_better_at_the_border_than_zeros():
    zeros, mirror = (LAB.at(rule=rule, margin=20).values["right"] for rule in ("zeros", "mirror"))
    assert mirror[0] > zeros[0] + 0.04
    assert abs(mirror[1] - zeros[1]) < 0.02


# Questions


def test_fifty_layers_have_a_margin_of_50():
    net = torch.nn.Sequential(*(torch.nn.Conv2d(1, 1, 3, padding=1) for _ in range(50)))
    assert receptive_field.of(net).size == (101, 101)
    assert tiles.plan(net, (400, 400), 150).margin == (50, 50)


def test_a_unet_with_four_pools_starts_at_multiples_of_16_and_has_a_margin():
    cuts = tiles.plan(UNet(2, widths=(1,) * 5).eval(), (1600, 1600), 512)
    assert cuts.alignment == (16, 16)
    assert 90 < cuts.margin[0] < 100
    assert 100 % 16 != 0


# The nets


@pytest.mark.parametrize("name", ["plain", "d4", "f8", "f16"])
def test_the_padded_net_is_the_net_where_the_border_is_far(name):
    net = same_size.pretrained(name)
    image = torch.rand(1, 3, 160, 144, device=next(net.parameters()).device)
    scores = net(image)
    assert scores.shape == (1, 7, 160, 144)
    bare = torch.nn.Sequential(*(m for n, m in net.layers.named_children() if "_pad" not in n))
    alone = bare(image)
    rows, columns = ((a - b) // 2 for a, b in zip(scores.shape[2:], alone.shape[2:], strict=True))
    if net.stride == 1:
        inner = scores[..., rows : rows + alone.shape[2], columns : columns + alone.shape[3]]
        assert torch.allclose(inner, alone, atol=1e-4)
    top, left, bottom, right = receptive_field.of(net).box(80, 80)
    block = 80 // net.stride * net.stride
    middle = block + (net.stride - 1) / 2
    assert abs((top + bottom) / 2 - middle) <= 0.5
    assert abs((left + right) / 2 - middle) <= 0.5


def test_any_size_has_a_score_for_every_pixel():
    net = same_size.pretrained("f8", "mirror")
    assert net(torch.rand(1, 3, 83, 101)).shape == (1, 7, 83, 101)
    with pytest.raises(ValueError, match="rule='wrap' must be one of zeros, mirror, repeat"):
        same_size.pretrained("f8", "wrap")
