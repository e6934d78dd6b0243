"""Torchvision's nets: from the cache or not at all, checked, not unpickled; fetched when told."""

import os
from collections import namedtuple

import pytest
import torch
import zoo_cache
from torchvision.models import detection, get_weight, segmentation

from seglab import device
from seglab.nets import zoo

IMAGE = torch.rand(1, 3, 64, 72, generator=torch.Generator().manual_seed(0))
SEGMENTERS = (zoo.FCN, zoo.DEEPLAB, zoo.LRASPP)
EACH = pytest.mark.parametrize("name", zoo.NETS)


@pytest.fixture
def home(tmp_path, monkeypatch):
    zoo_cache.offline(monkeypatch, tmp_path)
    return tmp_path


def own(name, place="meta"):
    """Torchvision's own net of the name as its published weights need it; of shapes alone."""
    with torch.device(place):
        return _own(name)


def _own(name):
    if name == zoo.MASK_RCNN:
        return detection.maskrcnn_resnet50_fpn(weights=None, weights_backbone=None)
    extra = {} if name == zoo.LRASPP else {"aux_loss": True}
    make = getattr(segmentation, name)
    return make(weights=None, weights_backbone=None, num_classes=21, **extra).eval()


@pytest.fixture(scope="module")
def lraspp():
    """LRASPP as torchvision builds it, with weights that are all drawn."""
    torch.manual_seed(0)
    return own(zoo.LRASPP, "cpu")


# From the cache


@pytest.mark.parametrize("name", SEGMENTERS)
def test_the_net_from_the_cache_is_torchvisions_own(name, home, monkeypatch):
    reference = own(name)
    state = zoo_cache.drawn(reference)
    reference.load_state_dict(state, assign=True)
    zoo_cache.fill(monkeypatch, home, name, state)
    # The picture as torchvision's own recipe prepares it.
    prepared = get_weight(zoo_cache.WEIGHTS[name]).transforms(resize_size=None)(IMAGE)
    with torch.no_grad():
        wanted = reference(prepared)["out"]
    net = zoo.pretrained(name)
    assert zoo.is_here(name)
    assert wanted.std() > 0
    torch.testing.assert_close(net(IMAGE.to(device.default())).cpu(), wanted)
    assert net is zoo.pretrained(name)
    assert not net.training
    assert not any(p.requires_grad for p in net.parameters())


def test_mask_rcnn_from_the_cache_is_torchvisions_own(home, monkeypatch):
    state = {
        key: value
        for key, value in zoo_cache.drawn(own(zoo.MASK_RCNN)).items()
        if not key.endswith("num_batches_tracked")  # frozen norms count nothing
    }
    zoo_cache.fill(monkeypatch, home, zoo.MASK_RCNN, state)
    weights = get_weight(zoo_cache.WEIGHTS[zoo.MASK_RCNN])
    reference = detection.maskrcnn_resnet50_fpn(weights=weights, progress=False).eval()
    net = zoo.pretrained(zoo.MASK_RCNN).cpu()
    with torch.no_grad():
        for level, wanted in reference.backbone(IMAGE).items():
            torch.testing.assert_close(net.backbone(IMAGE)[level], wanted)
    eps = {m.eps for m in net.modules() if type(m).__name__ == "FrozenBatchNorm2d"}
    assert eps == {0.0}
    net.rpn._post_nms_top_n["testing"], net.roi_heads.detections_per_img = 20, 3  # or it is slow
    seen = []
    net.backbone.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape[2:]))
    found = zoo.objects(net, IMAGE)
    assert seen == [(64, 96)]  # filled up to whole cells of the coarsest map, but not enlarged
    assert len(found.labels) <= 3
    assert found.masks.shape == (len(found.labels), 64, 72)
    assert found.masks.dtype == torch.bool


def test_a_net_at_another_stride_has_the_same_weights(home, monkeypatch):
    zoo_cache.fill(monkeypatch, home, zoo.DEEPLAB, zoo_cache.drawn(own(zoo.DEEPLAB)))
    fine = zoo.pretrained(zoo.DEEPLAB, output_stride=8)
    coarse = zoo.pretrained(zoo.DEEPLAB, output_stride=32, rates=(3, 6, 9))
    image = IMAGE.to(device.default())
    for (name, a), (other, b) in zip(
        fine.state_dict().items(), coarse.state_dict().items(), strict=True
    ):
        assert name == other
        assert a.equal(b)
    assert fine.net.backbone(image)["out"].shape[2:] == (8, 9)
    assert coarse.net.backbone(image)["out"].shape[2:] == (2, 3)
    assert fine(image).shape == coarse(image).shape == (1, 21, 64, 72)


def test_replacing_strides_by_dilation_keeps_every_answer():
    maps = {}
    for stride in zoo.OUTPUT_STRIDES:
        with torch.device("meta"):
            body = zoo.build(zoo.FCN, stride).eval().net.backbone
        body.load_state_dict(zoo_cache.drawn(body), assign=True)
        with torch.no_grad():
            maps[stride] = body(IMAGE[..., :64])["out"]
    largest = float(maps[32].abs().max())
    assert maps[8].std() > 0
    for stride in (8, 16):
        step = 32 // stride
        torch.testing.assert_close(
            maps[stride][..., ::step, ::step], maps[32], rtol=1e-4, atol=1e-5 * largest
        )


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (33, 1)])
def test_pictures_of_a_pixels_width(lraspp, home, monkeypatch, size):
    zoo_cache.fill(monkeypatch, home, zoo.LRASPP, lraspp.state_dict())
    scores = zoo.pretrained(zoo.LRASPP)(torch.rand(1, 3, *size, device=device.default()))
    assert scores.shape == (1, 21, *size)
    assert scores.isfinite().all()


@EACH
def test_nothing_is_fetched_unasked(name, home):
    assert not zoo.is_here(name)
    with pytest.raises(ValueError, match=rf"zoo\.download\('{name}'\) fetches them \(\d+ MB\)"):
        zoo.pretrained(name)


@pytest.mark.parametrize("damage", [lambda data: data[:-100], lambda data: data[:-1] + b"?"])
def test_a_damaged_file_is_refused_unread(lraspp, home, monkeypatch, damage):
    path = zoo_cache.fill(monkeypatch, home, zoo.LRASPP, lraspp.state_dict())
    path.write_bytes(damage(path.read_bytes()))
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was parsed"))
    with pytest.raises(ValueError, match="is damaged or cut short"):
        zoo.pretrained(zoo.LRASPP)


class Program:
    """Unpickled, it makes a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def test_a_program_in_a_file_is_not_run(home, monkeypatch):
    zoo_cache.fill(monkeypatch, home, zoo.LRASPP, {"weight": Program(home / "made")})
    with pytest.raises(ValueError, match="holds something else than weights"):
        zoo.pretrained(zoo.LRASPP)
    assert not (home / "made").exists()


# Fetching


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A folder that torchvision fetches LRASPP from, with a state too small to be a net."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    data, ending = zoo_cache.pack({"weight": torch.arange(4000.0)})
    path = tmp_path / f"lraspp{ending}"
    path.write_bytes(data)
    zoo_cache.point(monkeypatch, zoo.LRASPP, path.as_uri())
    return path


def test_a_download_says_its_size_and_shows_its_progress(server, capsys):
    path = zoo.download(zoo.LRASPP)
    assert path == zoo.file(zoo.LRASPP)
    assert path.read_bytes() == server.read_bytes()
    said = capsys.readouterr()
    assert said.out.startswith("lraspp_mobilenet_v3_large: 13 MB from ")
    assert "100%" in said.err
    server.unlink()
    assert zoo.download(zoo.LRASPP) == path  # what is here is not fetched again
    assert "is here already" in capsys.readouterr().out


def test_a_damaged_file_is_fetched_again(server):
    path = zoo.download(zoo.LRASPP, progress=False)
    path.write_bytes(b"half of it")
    zoo.download(zoo.LRASPP, progress=False)
    assert path.read_bytes() == server.read_bytes()


def test_a_file_that_arrives_damaged_is_not_kept(server):
    server.write_bytes(server.read_bytes()[:-7])
    with pytest.raises(ValueError, match="arrived damaged"):
        zoo.download(zoo.LRASPP, progress=False)
    assert not list(zoo.file(zoo.LRASPP).parent.iterdir())


def test_without_a_network_the_file_and_its_place_are_named(server):
    server.unlink()
    with pytest.raises(ValueError, match=r"cannot be fetched .*: check the network") as error:
        zoo.download(zoo.LRASPP, progress=False)
    assert str(zoo.file(zoo.LRASPP)) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_full_disk_is_seen_before(server, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(zoo, "disk_usage", lambda _: usage(10, 10, 2_000_000))
    with pytest.raises(ValueError, match=r"needs 13 MB and .* has 2 MB left"):
        zoo.download(zoo.LRASPP)


# Counting


@pytest.mark.parametrize("name", SEGMENTERS)
def test_costs_and_parameters_are_those_that_torchvision_states(name):
    stated = get_weight(zoo_cache.WEIGHTS[name]).meta
    cost, parameters = zoo.multiply_adds(name, (520, 520)), zoo.parameters(name)
    if name != zoo.LRASPP:  # torchvision counts the auxiliary head too
        cost += 65 * 65 * (1024 * 256 * 9 + 256 * 21)
        parameters += 1024 * 256 * 9 + 2 * 256 + 256 * 21 + 21
    assert parameters == stated["num_params"]
    assert cost / 1e9 == pytest.approx(stated["_ops"], abs=2e-3)


def test_the_table_lists_every_net():
    lines = zoo.table().splitlines()
    assert [line.split()[0] for line in lines] == ["net", *zoo.NETS]
    assert [line.split()[-1] for line in lines[1:]] == ["20", "20", "20", "80"]
    assert len({len(line) for line in lines}) == 1


def test_every_convolution_reports_and_then_is_quiet(lraspp):
    heard = []
    with torch.no_grad(), zoo.reporting(lraspp, lambda *step: heard.append(step)):
        lraspp(IMAGE)
    assert heard[-1] == (len(heard), len(heard))

    def stop(*_):
        raise InterruptedError

    with pytest.raises(InterruptedError), torch.no_grad(), zoo.reporting(lraspp, stop):
        lraspp(IMAGE)
    lraspp(IMAGE)  # no hook is left to stop it


# Bad input


def test_what_a_net_cannot_is_refused():
    with pytest.raises(ValueError, match=r"name='unet' must be one of fcn_resnet50"):
        zoo.build("unet")
    with pytest.raises(ValueError, match="output_stride=4 is none that fcn_resnet50 has; use 8,"):
        zoo.build(zoo.FCN, 4)
    with pytest.raises(ValueError, match="leave it out"):
        zoo.build(zoo.MASK_RCNN, 16)
    with pytest.raises(ValueError, match=r"rates=\(6, 0, 2\) must be 3 dilations"):
        zoo.build(zoo.DEEPLAB, rates=(6, 0, 2))
    with pytest.raises(ValueError, match="depends on the picture"):
        zoo.multiply_adds(zoo.MASK_RCNN, (64, 64))
    with pytest.raises(ValueError, match="image holds 2 pictures"):
        zoo.objects(None, torch.rand(2, 3, 8, 8))
    with pytest.raises(TypeError, match="give floats from 0 to 1"):
        zoo.build(zoo.LRASPP)(torch.zeros(1, 3, 8, 8, dtype=torch.uint8))


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_net_lies_where_pictures_do(lraspp, home, monkeypatch):
    zoo_cache.fill(monkeypatch, home, zoo.LRASPP, lraspp.state_dict())
    scores = []
    for place in ("cpu", "cuda"):
        monkeypatch.setattr(device, "_chosen", torch.device(place))
        scores.append(zoo.pretrained(zoo.LRASPP)(IMAGE.to(place)))
        assert scores[-1].device.type == place
    torch.testing.assert_close(scores[1].cpu(), scores[0], rtol=1e-2, atol=1e-2)
