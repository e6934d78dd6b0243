"""seglab.nets.answers: every net gives one kind of answer, of the size that is asked for."""

import pytest
import torch
import zoo_cache
from torchvision.models import segmentation

from seglab import device
from seglab.images import mosaics, photos, scenes
from seglab.nets import answers, segmenters, selfie, textures, zoo
from seglab.nets.detections import Detections
from seglab.ops import dense
from seglab.types import NO_LABEL

SIZE = (96, 80)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    zoo_cache.offline(monkeypatch, tmp_path)
    return tmp_path


def some(size=(20, 30)):
    """Three objects of two classes, the last over the first."""
    masks = torch.zeros(3, *size, dtype=torch.bool)
    masks[0, :10, :10], masks[1, 12:, 12:], masks[2, 5:10, 5:10] = True, True, True
    return Detections(masks, torch.tensor([2, 1, 2]), torch.tensor([0.9, 0.8, 0.95]))


@pytest.mark.parametrize("net", answers.SHIPPED)
@pytest.mark.parametrize("side", [48, 97])
def test_every_shipped_net_answers_alike(net, side):
    image = scenes.make(2, (side, side)).image
    found = answers.answer(net, image, SIZE)
    count = len(found.classes)
    assert found.probability.shape == (1, count, *SIZE)
    assert 0 <= found.probability.min() <= found.probability.max() <= 1 + 1e-6
    if net != answers.MASK_RCNN:  # its classes are as likely as their objects are sure
        torch.testing.assert_close(
            found.probability.sum(1), torch.ones(1, *SIZE, device=found.probability.device)
        )
    if found.detections is not None:
        objects = found.detections
        assert objects.masks.shape == (len(objects.labels), *SIZE)
        assert objects.masks.dtype == torch.bool
        assert all(0 <= label < count for label in objects.labels)


def test_scores_are_enlarged_and_then_made_probabilities():
    image = scenes.make(2).image
    scores = segmenters.pretrained("fcn-16s")(image)
    wanted = torch.nn.functional.interpolate(scores, SIZE, mode="bilinear").softmax(1)
    found = answers.answer(answers.FCN, image, SIZE, output_stride=16)
    assert torch.equal(found.probability, wanted)
    assert (found.classes, found.detections) == (scenes.CLASSES, None)


def test_a_texture_net_answers_every_f_pixels():
    image = mosaics.make(2, (64, 64)).image
    every = dense.predict(textures.pretrained(16), image)
    found = answers.answer(answers.TEXTURES, image, (8, 8), output_stride=8)
    assert torch.equal(found.probability, every[..., 4::8, 4::8].softmax(1))
    assert len(found.detections.labels) == 0


def test_a_net_for_persons_knows_two_classes():
    image = photos.load("astronaut", 300)
    found = answers.answer(answers.SELFIE, image, SIZE)
    assert (found.classes, found.detections) == (("background", "person"), None)
    person = selfie.person(selfie.pretrained(), image)
    wanted = torch.nn.functional.interpolate(person, SIZE, mode="bilinear")[:, 0]
    assert torch.equal(found.heatmap(found.label("person")), wanted)
    assert found.objects(0.5, 40).labels.tolist() == [1]


def test_objects_alone_make_a_class_as_likely_as_its_best_object_is_sure():
    found = answers.of_objects(some(), ("background", "cat", "dog"), (20, 30))
    at = found.probability[0, :, [2, 15, 7, 2], [2, 20, 7, 25]]
    torch.testing.assert_close(
        at.T,
        torch.tensor([[0.1, 0, 0.9], [0.2, 0.8, 0], [0.05, 0, 0.95], [1.0, 0, 0]]),
    )


def test_without_an_object_all_is_background():
    nothing = some().pick(slice(0))
    found = answers.of_objects(nothing, ("background",), SIZE)
    assert torch.equal(found.probability, torch.ones(1, 1, *SIZE))
    assert found.detections.masks.shape == (0, *SIZE)


@pytest.mark.parametrize("factor", [2, 3, 4, 5])
def test_a_straight_edge_of_a_mask_stays_where_it_is(factor):
    masks = torch.zeros(2, 20, 30, dtype=torch.bool)
    masks[0, :10], masks[1, :, 7:] = True, True
    found = Detections(masks, torch.tensor([1, 1]), torch.ones(2))
    larger = answers.resized(found, (20 * factor, 30 * factor)).masks
    assert torch.equal(larger, masks.repeat_interleave(factor, 1).repeat_interleave(factor, 2))


def test_masks_of_their_size_stay_as_they_are():
    found = some()
    assert torch.equal(answers.resized(found, (20, 30)).masks, found.masks)
    twice = answers.resized(found, (40, 60)).masks
    # Enlarged twice, only pixels beside a border may fall to the other side.
    apart = twice[:, ::2, ::2] != found.masks
    assert apart.float().mean() < 0.05


def test_the_names_are_those_of_torchvision():
    assert zoo.classes(zoo.DEEPLAB)[1:] == answers.VOC
    coco = zoo.classes(zoo.MASK_RCNN)
    assert all(answers.COCO.get(name, name) in coco for name in answers.VOC)


def test_a_class_is_found_under_both_its_names():
    found = answers.Answer(("background", "airplane", "cat"), torch.zeros(1, 3, 1, 1), None)
    assert [found.label(n) for n in ("aeroplane", "airplane", "cat", "background")] == [1, 1, 2, 0]
    assert found.label("dog") is None


def test_a_heatmap_is_of_one_class_and_empty_for_one_never_taught():
    found = answers.of_objects(some(), ("background", "cat", "dog"), (20, 30))
    assert torch.equal(found.heatmap(2), found.probability[:, 2])
    assert found.heatmap(None).shape == (1, 20, 30)
    assert found.heatmap(None).isnan().all()


def test_classes_at_a_point_come_likeliest_first():
    found = answers.of_objects(some(), ("background", "cat", "dog"), (20, 30))
    ranked = found.ranked((15, 20))
    assert [name for name, _ in ranked] == ["cat", "background", "dog"]
    assert [share for _, share in ranked] == pytest.approx([0.8, 0.2, 0])
    assert found.ranked((15, 20), 1) == ranked[:1]
    assert len(found.ranked((15, 20), 9)) == 3


def test_a_pixel_without_a_likely_class_has_no_label():
    found = answers.of_objects(some(), ("background", "cat", "dog"), (20, 30))
    at = [2, 15, 7, 2], [2, 20, 7, 25]
    assert found.labels(0)[0][at].tolist() == [2, 1, 2, 0]
    assert found.labels(0.85)[0][at].tolist() == [2, NO_LABEL, 2, 0]


def test_objects_are_those_that_the_net_found_at_a_score():
    found = answers.of_objects(some(), ("background", "cat", "dog"), (20, 30))
    assert found.objects(0.85).labels.tolist() == [2, 2]
    assert torch.equal(found.objects(0.85, min_size=50).masks, some().masks[[0, 2]])


def test_objects_of_labelled_pixels_are_their_connected_pieces():
    probability = torch.zeros(1, 2, 6, 8)
    probability[0, 1, :2, :2], probability[0, 1, 4:, 4:] = 0.9, 0.7  # 4 pixels, and 8
    probability[:, 0] = 1 - probability[:, 1]
    found = answers.Answer(("background", "cat"), probability, None)
    assert found.objects(0.5).scores.tolist() == pytest.approx([0.9, 0.7])
    assert found.objects(0.5, min_size=5).masks.sum((1, 2)).tolist() == [8]
    assert found.objects(0.8).masks.sum((1, 2)).tolist() == [4]


@pytest.mark.parametrize("weights", [False, True])
def test_a_net_without_weights_is_replaced(weights, monkeypatch):
    monkeypatch.setattr(zoo, "is_here", lambda _: weights)
    here = {net: answers.here(net, answers.TEXTURES) for net in answers.NETS}
    missing = {} if weights else dict.fromkeys(zoo.NETS, answers.TEXTURES)
    if not weights:
        missing[zoo.MASK_RCNN] = answers.MASK_RCNN
    assert here == {net: missing.get(net, net) for net in answers.NETS}


@pytest.mark.parametrize("wrong", [("resnet", answers.FCN), (zoo.FCN, zoo.LRASPP)])
def test_only_known_nets_are_looked_for_and_only_shipped_ones_stand_in(wrong):
    with pytest.raises(ValueError, match=r"'(resnet|lraspp_\w+)' must be one of fcn, unet"):
        answers.here(*wrong)


def test_settings_are_those_that_change_an_answer():
    assert answers.settings(answers.UNET) == ()
    assert answers.settings(zoo.DEEPLAB) == ("output_stride", "rates")
    image = scenes.make(2).image
    coarse, fine = (answers.answer(answers.FCN, image, SIZE, output_stride=f) for f in (32, 8))
    assert not torch.allclose(coarse.probability, fine.probability, atol=0.1)


def test_a_net_of_the_zoo_reports_how_far_it_is(home, monkeypatch):
    torch.manual_seed(0)
    net = segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None)
    zoo_cache.fill(monkeypatch, home, zoo.LRASPP, net.state_dict())
    heard = []
    image = scenes.make(2).image.to(device.default())
    found = answers.answer(zoo.LRASPP, image, SIZE, lambda *step: heard.append(step))
    assert found.classes == (answers.BACKGROUND, *answers.VOC)
    assert heard[-1] == (len(heard), len(heard))


@pytest.mark.parametrize(
    ("net", "chosen", "told"),
    [
        ("fcn-8s", {}, "net='fcn-8s' must be one of fcn, unet, textures"),
        (answers.UNET, {"output_stride": 8}, "net='unet' has no output_stride; it has no setting"),
        (answers.FCN, {"rates": (1, 2, 3)}, "net='fcn' has no rates; it has output_stride"),
        (answers.FCN, {"output_stride": 4}, "fcn-4s"),
        (zoo.FCN, {}, "are not on this machine: zoo.download"),
    ],
)
def test_what_is_not_there_is_refused(net, chosen, told):
    with pytest.raises(ValueError, match=told):
        answers.answer(net, scenes.make(2, (32, 32)).image, SIZE, **chosen)


def test_one_picture_at_a_time():
    with pytest.raises(ValueError, match="image holds 2 pictures"):
        answers.answer(answers.UNET, torch.rand(2, 3, 32, 32), SIZE)
