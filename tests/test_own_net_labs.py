"""A student's own net in the labs that take one."""

import pytest
import torch
from torch import nn

from seglab.lessons import a_trous, shift_and_stitch


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
