"""MediaPipe Selfie Segmentation: equal to the published file, wherever and however it is asked."""

import copy
import json
import math
import sys

import pytest
import selfie_oracle as oracle
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pretended_gpu import pretended_gpu
from torch import nn
from torch.nn import functional as F

from seglab.images import photos
from seglab.nets import registry, selfie, selfie_conversion, weights
from seglab.nets.blocks import Skip
from seglab.ops import dense, morphology, receptive_field

INPUTS = oracle.inputs()
EACH = pytest.mark.parametrize("name", INPUTS)


@pytest.fixture
def net():
    """A copy, on the CPU."""
    return copy.deepcopy(selfie.pretrained()).cpu()


def close(answer, wanted):
    """Within a thousandth, and the mask the same but for a thousandth of the pixels."""
    assert (answer - wanted).abs().max() < 1e-3
    assert ((answer > 0.5) != (wanted > 0.5)).float().mean() < 1e-3


# Equal to the published file


@EACH
def test_it_equals_the_published_file(net, name):
    pytest.importorskip("ai_edge_litert", reason="the stored answers serve")
    close(net(INPUTS[name]).sigmoid(), oracle.interpreted(INPUTS[name]))


@EACH
def test_it_equals_the_stored_answers(net, name):
    close(net(INPUTS[name]).sigmoid(), oracle.stored()[name])


def padded_above(net):
    net.stem[0] = nn.ZeroPad2d((1, 0, 1, 0))


def without_a_gate(net):
    net.stride16[3].gate = None


def with_another_activation(net):
    net.stride16[1].expand[1] = nn.SiLU()


def without_the_context(net):
    net.context.append(nn.Threshold(2.0, 1.0))


@pytest.mark.parametrize(
    "spoil", [padded_above, without_a_gate, with_another_activation, without_the_context]
)
@pytest.mark.parametrize("name", ["astronaut", "noise 0"])
def test_the_stored_answers_can_tell_nets_apart(net, spoil, name):
    spoil(net)
    with pytest.raises(AssertionError):
        close(net(INPUTS[name]).sigmoid(), oracle.stored()[name])


def test_the_stored_answers_hold_persons_background_and_doubt():
    for name, plane in oracle.stored().items():
        assert ((plane > 0.1) & (plane < 0.9)).float().mean() > 0.01, name
        assert plane.max() > 0.9, name
        assert plane.min() < 0.1, name


# Any picture


@settings(max_examples=8, deadline=None)
@given(height=st.integers(1, 300), width=st.integers(1, 300))
def test_a_picture_of_any_size_is_stretched_and_back(height, width):
    net, image = selfie.pretrained(), torch.rand(2, 3, height, width)
    answer = selfie.person(net, image.to(net.score.weight.device))
    assert answer.shape == (2, 1, height, width)
    assert 0 <= answer.min() <= answer.max() <= 1


def test_pictures_are_answered_one_by_one(net):
    batch = torch.cat([INPUTS["astronaut"], INPUTS["camera"]])
    alone = [selfie.person(net, image[None]) for image in batch]
    torch.testing.assert_close(selfie.person(net, batch), torch.cat(alone), rtol=1e-4, atol=1e-5)


def test_at_its_own_size_nothing_is_stretched(net):
    assert torch.equal(selfie.person(net, INPUTS["camera"]), net(INPUTS["camera"]).sigmoid())


def test_a_larger_photograph_gives_the_same_person(net):
    large = selfie.person(net, photos.original("astronaut").cpu())
    small = F.interpolate(large, (256, 256), mode="bilinear", antialias=True)
    assert ((small > 0.5) == (net(INPUTS["astronaut"]) > 0)).float().mean() > 0.99


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_the_answer_has_the_type_of_the_picture(net, dtype):
    wanted = selfie.person(net, INPUTS["astronaut"])
    answer = selfie.person(net, INPUTS["astronaut"].to(dtype))
    assert answer.dtype == dtype
    assert ((answer > 0.5) == (wanted > 0.5)).float().mean() > 0.98
    assert net.to(dtype)(INPUTS["camera"].to(dtype)).dtype == dtype


@pytest.mark.parametrize("kind", ["cuda", "mps"])
def test_the_net_and_its_answer_lie_on_the_device(kind, net):
    wanted = selfie.person(net, INPUTS["camera"])
    with pretended_gpu(kind) as place:
        answer = selfie.person(net.to(place), INPUTS["camera"].to(place))
        assert answer.device == place
        torch.testing.assert_close(answer.cpu(), wanted)


def test_what_is_no_picture_is_refused(net):
    with pytest.raises(TypeError, match="give floats from 0 to 1"):
        selfie.person(net, torch.zeros(1, 3, 8, 8, dtype=torch.uint8))
    with pytest.raises(ValueError, match=r"give \[B, 3, H, W\]"):
        selfie.person(net, torch.zeros(3, 8, 8))
    with pytest.raises(ValueError, match=r"100 x 64 pixels, .* ask selfie\.person"):
        net(torch.zeros(1, 3, 100, 64))


def test_the_net_is_the_same_each_time_and_not_to_be_trained():
    net = selfie.pretrained()
    assert net is selfie.pretrained()
    assert not net.training
    assert not any(p.requires_grad for p in net.parameters())
    assert sum(p.numel() for p in net.parameters()) == weights.figures("selfie")["parameters"]


# What the course says of it


def test_a_stride_with_padding_on_two_sides_moves_the_centers(net):
    for layer, stride, origin in (("stem", 2, 1), ("stride4", 4, 3), ("stride16", 16, 15)):
        field = receptive_field.of(net, layer)
        assert (field.stride, field.origin) == ((stride,) * 2, (origin,) * 2)
    assert receptive_field.of(net, "stem").size == (3, 3)
    assert receptive_field.of(net, "stride4").size == (torch.inf, torch.inf)


def test_it_is_not_made_dense_and_the_layer_is_named(net):
    with pytest.raises(ValueError, match=r"'stride4\.gate\.0' pools over the whole image"):
        dense.rarefy(net)
    assert receptive_field.of(net).size == (math.inf, math.inf)  # through the gates
    with pytest.raises(ValueError, match=r"'up8\.interpolate' makes a finer grid"):
        receptive_field.trace(net)
    with pytest.raises(ValueError, match=r"'up8\.interpolate' makes a finer grid"):
        dense.shift_and_stitch(net, INPUTS["astronaut"])


def test_its_last_layer_is_four_linear_functions_side_by_side(net):
    """No overlap, so that nothing is added twice, and yet four weights: a grid of 2 x 2."""
    before = []
    net.score.register_forward_pre_hook(lambda _, given: before.append(given[0]))
    scores = net(INPUTS["chelsea"])
    for row in (0, 1):
        for column in (0, 1):
            kernel = net.score.weight[:, :, row, column].T[..., None, None]  # [1, 16, 1, 1]
            one = F.conv2d(before[0], kernel)
            wanted = scores[..., row::2, column::2]
            torch.testing.assert_close(one + net.score.bias, wanted, rtol=1e-4, atol=1e-4)


def test_every_pixel_counts_and_those_nearby_count_most(net):
    seen = receptive_field.measured(net, INPUTS["astronaut"], (90, 110))
    assert (seen > 0).all()
    near, far = seen[26:155, 46:175].sum() / seen.sum(), seen[:, 239:].sum() / seen.sum()
    assert 0.5 < near < 0.65
    assert 0 < far < 0.1
    corner = receptive_field.measured(net, INPUTS["astronaut"], (8, 8))[246:, 246:]
    assert (corner > 0).all()
    for part in net.modules():  # without what pools over the picture, the field has an end
        if isinstance(part, nn.AdaptiveAvgPool2d):
            part.register_forward_hook(lambda *given: given[-1].detach())
    blind = receptive_field.measured(net, INPUTS["astronaut"], (8, 8))
    assert (blind[246:, 246:] == 0).all()


def test_a_threshold_of_one_half_is_the_argmax_of_two(net):
    score = net(INPUTS["camera"])
    two = torch.cat([torch.zeros_like(score), score], 1)
    torch.testing.assert_close(score.sigmoid()[:, 0], two.softmax(1)[:, 1])
    assert torch.equal(score.sigmoid()[:, 0] > 0.5, two.argmax(1) == 1)


@pytest.mark.parametrize("step", [1, 16])
def test_a_moved_window_changes_some_answers(net, step):
    wide = photos.load("astronaut", 288).cpu()
    still, moved = (net(wide[..., 16 + d : 272 + d, 16:272]).sigmoid() for d in (0, step))
    a, b = still[..., 16 + step : 240, 16:240], moved[..., 16 : 240 - step, 16:240]
    assert (a - b).abs().max() > 0.3
    assert ((a > 0.5) != (b > 0.5)).float().mean() < 0.005


@pytest.mark.parametrize("photo", ["astronaut", "camera"])
def test_where_it_is_unsure_the_four_pixels_of_a_block_lie_apart(net, photo):
    scores = net(INPUTS[photo])
    four = torch.stack([scores[..., i::2, j::2] for i in (0, 1) for j in (0, 1)])
    unsure = (four.sigmoid().mean(0) - 0.5).abs() < 0.4
    spread = four.sigmoid().amax(0) - four.sigmoid().amin(0)
    assert spread[unsure].mean() > 0.15 > 0.01 > spread[~unsure].mean()
    apart = four.amax(0) - four.amin(0)
    assert apart[~unsure].mean() > 10 * apart[unsure].mean()


def test_the_skip_of_stride_4_says_what_and_the_others_where(net):
    image = INPUTS["astronaut"]
    whole = selfie.person(net, image) > 0.5
    near = morphology.edge(whole[:, 0].long(), 4, border=False)[:, None]

    def harm(stride, skip):
        changed = (selfie.person(net, image, {stride: skip}) > 0.5) != whole
        return float(changed.float().mean()), float((changed & near).sum() / changed.sum())

    cut = {stride: harm(stride, Skip(gain=0)) for stride in selfie.SKIPS}
    assert cut[4][0] > 5 * max(cut[8][0], cut[2][0])
    assert cut[4][1] < 0.2 < 0.7 < min(cut[8][1], cut[2][1])
    for stride in selfie.SKIPS:
        assert harm(stride, Skip(shift=(1, 1)))[1] > 0.7


def test_a_skip_can_be_cut_and_shifted(net):
    image = INPUTS["astronaut"]
    whole = selfie.person(net, image)
    for stride in selfie.SKIPS:
        for skip in (Skip(gain=0), Skip(shift=(4, 0))):
            assert not torch.equal(selfie.person(net, image, {stride: skip}), whole)
        assert torch.equal(selfie.person(net, image, {stride: Skip()}), whole)
    with pytest.raises(ValueError, match="it has 8, 4, 2"):
        selfie.person(net, image, {16: Skip(gain=0)})


# From the published file


def test_the_conversion_gives_the_shipped_bytes(tmp_path, capsys):
    pytest.importorskip("tflite")
    registry.convert("selfie", oracle.FILE, tmp_path)
    made, shipped = (
        json.loads((folder / "index.json").read_text())["selfie"]
        for folder in (tmp_path, weights.FOLDER)
    )
    assert made == shipped
    assert capsys.readouterr().out == f"106401 weights, written to {tmp_path}\n"
    assert weights.origin("selfie") == selfie_conversion.ORIGIN


def test_another_file_is_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "model.tflite"
    path.write_bytes(oracle.FILE.read_bytes()[:-1] + b"?")
    monkeypatch.setitem(sys.modules, "tflite", None)  # it cannot be parsed
    with pytest.raises(ValueError, match=r"is not the selfie_segmentation\.tflite of npm package"):
        registry.convert("selfie", path, tmp_path)
    with pytest.raises(ValueError, match=r"file=.* cannot be read .*: check the path"):
        registry.convert("selfie", tmp_path / "nothing", tmp_path)
    with pytest.raises(ValueError, match="name='selfy' has no conversion: there is selfie"):
        registry.convert("selfy", path, tmp_path)


def test_without_its_reader_the_command_is_said(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tflite", None)
    with pytest.raises(ValueError, match=r"pip install 'seglab\[convert\]'"):
        registry.convert("selfie", oracle.FILE, tmp_path)


@pytest.mark.parametrize("name", registry.CONVERTED)
def test_weights_of_others_come_with_their_licence(name):
    origin = weights.origin(name)
    assert origin.keys() == {"source", "version", "file", "sha256", "licence"}
    notice = (weights.FOLDER / f"{name}-NOTICE.txt").read_text(encoding="utf-8")
    for key in ("version", "file", "sha256"):
        assert origin[key] in notice
    assert "Apache License" in (weights.FOLDER / f"{name}-LICENSE.txt").read_text(encoding="utf-8")


def test_no_other_weights_come_from_elsewhere():
    assert {name for name in weights.names() if weights.origin(name)} == set(registry.CONVERTED)


def test_layers_are_in_the_order_of_the_file():
    pytest.importorskip("tflite")
    state = selfie_conversion.read(oracle.FILE)
    assert {value.dtype for value in state.values()} == {torch.float16}
    assert state.keys() == selfie.SelfieNet().state_dict().keys()
    assert not any(isinstance(part, nn.BatchNorm2d) for part in selfie.SelfieNet().modules())
