"""Torch's cache with weights that a test has made: real nets, drawn numbers, true hashes."""

import io
from hashlib import sha256

import torch
from torchvision.models import get_weight

from seglab.nets import zoo

WEIGHTS = {
    zoo.FCN: "FCN_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1",
    zoo.DEEPLAB: "DeepLabV3_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1",
    zoo.LRASPP: "LRASPP_MobileNet_V3_Large_Weights.COCO_WITH_VOC_LABELS_V1",
    zoo.MASK_RCNN: "MaskRCNN_ResNet50_FPN_Weights.COCO_V1",
}


def drawn(net, seed=0):
    """A state for the net, one number for each output channel, so that its file is small.

    The net may be without numbers itself (on torch's meta device).
    """
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, value in net.state_dict().items():
        if not value.is_floating_point():
            state[name] = torch.zeros(value.shape, dtype=value.dtype)
            continue
        rows = torch.rand(len(value), *[1] * (value.ndim - 1), generator=generator)
        if value.ndim > 1:
            rows = (rows - 0.5) * (2 / value[0].numel()) ** 0.5
        state[name] = rows.expand(value.shape)
    return state


def pack(state):
    """The bytes of a file of weights, and the ending of its name that its hash gives it."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    data = buffer.getvalue()
    return data, f"-{sha256(data).hexdigest()[:8]}.pth"


def point(monkeypatch, name, url):
    """Let torchvision believe that the net's weights lie there."""
    monkeypatch.setattr(get_weight(WEIGHTS[name]).value, "url", url)


def fill(monkeypatch, home, name, state):
    """Make `home` torch's, with these weights of the net in its cache; returns the file."""
    monkeypatch.setenv("TORCH_HOME", str(home))
    data, ending = pack(state)
    path = home / "hub" / "checkpoints" / f"{name}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    point(monkeypatch, name, f"https://weights.invalid/models/{path.name}")
    return path


def offline(monkeypatch, home):
    """Make `home` torch's, and fail whatever asks the network for something."""

    def refuse(*_):
        raise AssertionError("the network was asked")

    monkeypatch.setenv("TORCH_HOME", str(home))
    monkeypatch.setattr("torch.hub.urlopen", refuse)
