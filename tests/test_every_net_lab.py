"""Lab 16, every net: what is here answers and says so; any picture that can be read goes."""

import numpy as np
import pytest
import torch
import zoo_cache
from helpers import own_photo
from torchvision.models import segmentation

from seglab.lessons import every_net as lesson
from seglab.nets import answers, detections, zoo
from seglab.user_photo import UserPhoto

LAB = lesson.LAB
WORDS = lesson.WORDS
LRASPP = WORDS[zoo.LRASPP]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    zoo_cache.offline(monkeypatch, tmp_path)
    return tmp_path


@pytest.mark.parametrize("net", zoo.NETS)
@pytest.mark.parametrize("photo", [lesson.SCENE, lesson.MOSAIC])
def test_without_weights_a_small_net_stands_in_and_says_so(net, photo):
    run = LAB.at(net=WORDS[net], photo=photo)
    stand_in = run.values["used"]
    assert stand_in in answers.SHIPPED
    said = run.numbers["answered by"]
    name = WORDS[net].removesuffix(", for photographs")
    assert said.startswith(f"{WORDS[stand_in]}, because the weights of {name} are not here (")
    assert said.endswith("MB)")


def test_a_stand_in_shows_what_it_shows_alone():
    run, alone = (
        LAB.at(net=LRASPP, photo="astronaut"),
        LAB.at(net=WORDS[answers.FCN], photo="astronaut"),
    )
    for name, picture in run.panes.items():
        assert np.array_equal(picture.rgb(), alone.panes[name].rgb())


def test_with_weights_the_net_answers_itself(home, monkeypatch):
    torch.manual_seed(0)
    net = segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None)
    zoo_cache.fill(monkeypatch, home, zoo.LRASPP, net.state_dict())
    run = LAB.at(net=LRASPP, photo="chelsea", threshold=0)
    assert run.numbers["answered by"] == LRASPP
    answer = run.values["answer"]
    assert answer.classes == (answers.BACKGROUND, *answers.VOC)
    wanted = zoo.pretrained(zoo.LRASPP)(run.values["given"])
    wanted = torch.nn.functional.interpolate(wanted, lesson.SIZE, mode="bilinear").softmax(1)
    torch.testing.assert_close(answer.probability, wanted)
    assert all(picture.size == lesson.SIZE for picture in run.panes.values())
    assert LAB.idle(run.state) == ("f", "rates")


def test_a_damaged_file_is_an_error_and_no_stand_in(home, monkeypatch):
    path = zoo_cache.fill(monkeypatch, home, zoo.LRASPP, {"weight": torch.zeros(3)})
    path.write_bytes(b"half of it")
    with pytest.raises(ValueError, match="is damaged or cut short"):
        repr(LAB.at(net=LRASPP))


def test_of_eighty_classes_those_that_are_there_are_listed(monkeypatch):
    masks = torch.zeros(3, 128, 128, dtype=torch.bool)
    masks[0, :60, :60], masks[1, 40:80, 40:80], masks[2, 100:, 100:] = True, True, True
    names = zoo.classes(zoo.MASK_RCNN)
    labels = torch.tensor([names.index(name) for name in ("person", "airplane", "person")])
    found = detections.Detections(masks, labels, torch.tensor([0.9, 0.8, 0.4]))
    monkeypatch.setattr(zoo, "is_here", lambda _: True)
    monkeypatch.setattr(zoo, "pretrained", lambda *_, **__: torch.nn.Identity())
    monkeypatch.setattr(zoo, "objects", lambda *_: found)
    run = LAB.at(net=WORDS[zoo.MASK_RCNN], shown="aeroplane", threshold=0.5, pixel=(100, 100))
    assert run.values["answer"].classes == ("background", "person", "airplane")
    assert run.numbers["objects"] == "1 × person, 1 × airplane"
    assert run.numbers["at your point"] == "person 90%, airplane 80%, background 10%"
    assert run.numbers["heatmap of"] == "airplane"
    assert run.values["heat"].amax() == pytest.approx(0.8)
    labels = run.values["labels"][0]
    assert labels[10, 10] == labels[100, 100] == 1  # the surer one where two overlap
    assert labels[140, 140] == 2
    assert labels[250, 250] == 0  # 0.6 background against 0.4 person
    assert run.step(threshold=0.3).numbers["objects"] == "2 × person, 1 × airplane"


def test_only_the_answer_runs_a_net(monkeypatch):
    run = LAB.at()
    repr(run)
    monkeypatch.setattr(answers, "answer", lambda *_, **__: pytest.fail("a net was run"))
    for change in (
        {"threshold": 0.9},
        {"shown": "disc"},
        {"pixel": (3, 4)},
        {"rates": (6, 12, 18)},
    ):
        assert len(list(run.step(**change).panes.values())) == len(LAB.panes)


@pytest.mark.parametrize("net", [answers.UNET, answers.PANOPTIC_DEEPLAB, answers.MASK_RCNN])
def test_a_setting_that_a_net_has_not_runs_it_no_more(net, monkeypatch):
    run = LAB.at(net=WORDS[net])
    repr(run)
    monkeypatch.setattr(answers, "answer", lambda *_, **__: pytest.fail("a net was run"))
    moved = run.step(f=32, rates=(6, 12, 18))
    assert LAB.idle(moved.state) == ("f", "rates")
    assert dict(moved.numbers) == dict(run.numbers)
    for name, picture in moved.panes.items():
        assert np.array_equal(picture.rgb(), run.panes[name].rgb())


def test_each_net_is_right_at_the_size_that_it_knows():
    def right(**state):
        return float(LAB.at(**state).numbers["against the truth"].partition("%")[0])

    assert right(photo="scene", side=128) > 90 > right(photo="scene", side=256) > right(side=512)
    mosaic = {"photo": "mosaic", "net": WORDS[answers.TEXTURES]}
    assert right(**mosaic, side=256) > 85 > right(**mosaic, side=128)


def test_a_smaller_stride_draws_finer_boundaries():
    rights = [
        float(LAB.at(photo="scene", f=f).numbers["against the truth"].partition("%")[0])
        for f in (8, 16, 32)
    ]
    assert rights == sorted(rights, reverse=True)


def test_a_class_that_the_net_was_never_taught_has_no_heat():
    run = LAB.at(shown="cat")
    assert run.values["heat"].isnan().all()
    assert run.numbers["heatmap of"] == "cat: it was never taught that"
    assert run.panes["heatmap of one class"].alt().endswith("nothing has a value yet")


@pytest.mark.parametrize(
    "array",
    [
        np.full((300, 200, 3), 128, np.uint8),  # nothing to be seen
        np.arange(400, dtype=np.uint8).reshape(400, 1),
        np.zeros((1, 1, 3), np.uint8),
    ],
)
@pytest.mark.parametrize("net", answers.SHIPPED)
def test_pictures_of_nothing_and_of_a_pixels_width(array, net):
    run = LAB.at(photo=own_photo(array), net=WORDS[net], threshold=0.9)
    assert "nobody has labelled this picture" in repr(run)
    assert all(picture.size == lesson.SIZE for picture in run.panes.values())


def test_twenty_megapixels():
    ramp = np.linspace(0, 255, 5000, dtype=np.uint8)
    run = LAB.at(photo=own_photo(np.tile(ramp, (4000, 1)), "JPEG"))
    assert run.values["given"].shape == (1, 3, 128, 128)
    assert len(list(run.panes.values())) == len(LAB.panes)


def test_what_is_no_picture_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="is no picture that can be read"):
        repr(LAB.at(photo=UserPhoto("notes.txt", b"dear diary")))


@pytest.mark.parametrize("net", [answers.FCN, answers.UNET])  # f has an effect, and none
def test_costs_are_charted_without_weights(net, monkeypatch):
    def counted(name, size, stride):
        assert size == (256, 256)
        return {zoo.FCN: 3e9, zoo.DEEPLAB: 5e9}[name] * 32 / stride

    monkeypatch.setattr(zoo, "multiply_adds", counted)
    monkeypatch.setattr(answers, "answer", lambda *_, **__: pytest.fail("a net was run"))
    figure = LAB.at(net=WORDS[net], side=256).charts["Count what the output stride costs"]
    points = {trace.name: dict(zip(trace.x, trace.y, strict=True)) for trace in figure.data}
    assert points == {
        zoo.FCN: {8: 12, 16: 6, 32: 3},
        zoo.DEEPLAB: {8: 20, 16: 10, 32: 5},
    }
    assert figure.layout.title.text == "A picture of 256 × 256 pixels"
