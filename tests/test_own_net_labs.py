"""A student's own net in the labs that take one."""

import pytest
import torch
import torchvision
from torch import nn

from seglab import show
from seglab.lessons import a_trous, receptive_fields, shift_and_stitch, upsampling


def net(stride=4, classes=5):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(3, 6, 5, stride=2),
            nn.ReLU(),
            nn.MaxPool2d(stride // 2),
            nn.Conv2d(6, classes, 3),
        ).eval()


def with_head():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4, 2))


def test_lab_08_takes_stride_and_classes_from_the_net():
    run = shift_and_stitch.LAB.at(net=net(), shifts=16)
    assert run.idle == ("f", "view")
    assert run.numbers["passes"] == "16 of 16"
    assert run.numbers["pixels answered"] == "100.0%"
    assert run.numbers["max difference"] == "below 0.0001"
    assert run.panes["the passes, interleaved"].names == tuple(f"class {k}" for k in range(5))


def test_lab_09_makes_an_own_net_dense():
    run = a_trous.LAB.at(net=net())
    assert run.numbers["max difference"] == "below 0.0001"
    assert run.numbers["labels that differ"] == "0.0%"


@pytest.mark.parametrize("lab", [shift_and_stitch.LAB, a_trous.LAB, upsampling.LAB])
def test_a_net_that_cannot_be_used_is_refused_with_its_layer(lab):
    with pytest.raises(ValueError, match="'1'"):
        dict(lab.at(net=with_head()).panes)


def test_lab_04_looks_into_an_own_net_layer_by_layer():
    run = receptive_fields.LAB.at(net=net(), layer=2, pixel=(100, 57))
    assert run.idle == ("stack", "weights")
    assert run.numbers["layer"] == "2 of 3 (MaxPool2d)"
    assert run.numbers["field"] == "7 × 7"  # 5 + (2 - 1) · 2
    assert run.numbers["a unit every"] == "4 px"
    field = run.values["field"]
    row, column = field.center(*run.values["unit"])
    assert abs(row - 100) <= 2
    assert abs(column - 57) <= 2
    assert 0 < int(run.values["paths"].sum()) <= 49


def test_lab_04_takes_a_whole_classifier():
    run = receptive_fields.LAB.at(net=torchvision.models.resnet18(), layer=24)
    assert run.numbers["field"] == "435 × 435"
    assert run.numbers["a unit every"] == "32 px"
    dict(run.panes)


def test_lab_04_refuses_a_layer_that_sees_everything():
    with pytest.raises(ValueError, match="sees the whole picture, through a global pooling"):
        dict(receptive_fields.LAB.at(net=torchvision.models.mobilenet_v3_small()).panes)


@pytest.mark.parametrize("where", ["scores", "probabilities"])
def test_lab_10_upsamples_an_own_net_without_a_truth(where):
    run = upsampling.LAB.at(net=net(), where=where)
    assert run.idle == ("f", "align")
    assert run.numbers["size"] == "64 × 64 → 256 × 256"  # a stride of 4
    assert run.numbers["parameters"] == "64 (8 × 8)"  # a kernel of 2f
    assert run.numbers["type"] == run.numbers["compared with"] == "truth unknown"
    assert dict(run.panes["all seven types"].parts)["input"].names == tuple(
        f"class {k}" for k in range(5)
    )
    error = run.panes["error"]
    assert error.size == (256, 256)
    assert error.alt().endswith("nothing has a value yet")


def test_lab_10_judges_an_own_net_of_as_many_classes_as_the_mosaic():
    run = upsampling.LAB.at(net=net(classes=7))
    right = (run.values["decided"] == run.values["mosaic"].labels).float().mean()
    assert run.numbers["type"] == f"{right:.1%} right"
    assert not run.panes["error"].alt().endswith("nothing has a value yet")


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"weights": "learned"}, "weights='learned' are the texture net's; choose bilinear or ran"),
        ({"where": "features"}, "does not end in a 1 x 1 convolution, .* or upsample its scores"),
    ],
)
def test_lab_10_refuses_what_only_the_texture_net_has(chosen, reason):
    with pytest.raises(ValueError, match=reason):
        dict(upsampling.LAB.at(net=net(), **chosen).panes)


def test_lab_10_takes_the_features_of_an_own_net_that_ends_in_a_classifier():
    own = nn.Sequential(*net(), nn.Conv2d(5, 7, 1)).eval()
    features = upsampling.LAB.at(net=own, where="features", first="nearest")
    scores = features.step(where="scores")
    assert features.values["coarse"].shape[1] == 5
    # A 1 x 1 convolution and repeating pixels may change places.
    torch.testing.assert_close(features.values["upsampled"], scores.values["upsampled"])


def test_lab_10_asks_no_net_about_a_photograph():
    plain = upsampling.LAB.at(source="coffee", f=4)
    run = upsampling.LAB.at(source="coffee", f=4, net=net(stride=2), weights="learned")
    assert "net" in run.idle
    assert "f" not in run.idle
    assert run.numbers["size"] == plain.numbers["size"] == "64 × 64 → 256 × 256"
    assert (
        upsampling.LAB.at(source="coffee", net=with_head()).numbers["type"].startswith("RMS error")
    )


def test_the_live_lab_goes_on_after_a_net_that_it_refuses():
    live = show(shift_and_stitch.LAB, shifts=1)
    before = live.board.frame["panes"]
    with pytest.raises(ValueError, match="'1'"):
        live.controls["net"].value = with_head()
    assert live.board.notice["kind"] == "error"
    assert live.board.frame["panes"] == before
    live.controls["net"].value = net()
    assert live.run.numbers["passes"] == "1 of 16"
    live.controls["net"].value = "texture net"
    assert live.run.numbers["passes"] == "1 of 64"
