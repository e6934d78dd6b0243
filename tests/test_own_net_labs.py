"""A student's own net in the labs that take one."""

import pytest
import torch
import torchvision
from torch import nn

from seglab.lessons import a_trous, receptive_fields, shift_and_stitch


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
    assert run.numbers["max difference"] == 0.0
    assert run.panes["the passes, interleaved"].names == tuple(f"class {k}" for k in range(5))


def test_lab_09_makes_an_own_net_dense():
    run = a_trous.LAB.at(net=net())
    assert run.numbers["max difference"] == 0.0
    assert run.numbers["labels that differ"] == "0.0%"


@pytest.mark.parametrize("lab", [shift_and_stitch.LAB, a_trous.LAB])
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
    run = receptive_fields.LAB.at(net=torchvision.models.resnet18())
    assert run.numbers["field"] == "435 × 435"
    assert run.numbers["a unit every"] == "32 px"
    dict(run.panes)


def test_lab_04_refuses_a_layer_that_sees_everything():
    with pytest.raises(ValueError, match="sees the whole picture, through a global pooling"):
        dict(receptive_fields.LAB.at(net=torchvision.models.mobilenet_v3_small()).panes)
