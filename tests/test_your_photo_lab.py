"""Lab 16: the person, the mask, the cut-out and the line of what is kept, computed once more."""

import numpy as np
import pytest
import torch
from helpers import own_photo

from seglab import device
from seglab.draw.shapes import Handle
from seglab.images import photos
from seglab.lessons import your_photo as lesson
from seglab.nets import selfie
from seglab.user_photo import UserPhoto

LAB = lesson.LAB
PHOTOS = LAB.controls["photo"].sweep()


def alone(photo):
    """Probability of a person by the bare net, as an array."""
    net = selfie.pretrained()
    return net(photos.load(photo).to(device.default())).sigmoid()[0, 0].cpu().numpy()


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.95])
def test_the_panes_show_what_the_net_says(photo, threshold):
    run = LAB.at(photo=photo, threshold=threshold, behind="white")
    wanted = alone(photo)
    heat = run.panes["probability"]
    assert np.abs(heat.array / 254 - wanted).max() < 0.003  # 255 codes, the last is no value
    mask = wanted >= threshold
    assert np.array_equal(run.panes["mask"].array == 1, mask)
    cut, given = run.panes["cut-out"].rgb(), run.panes["photograph"].rgb()
    assert np.array_equal(cut[mask], given[mask])
    assert (cut[~mask] == 255).all()
    assert run.numbers["called a person"] == f"{mask.mean():.0%} of the picture"
    unsure = (wanted > 0.1) & (wanted < 0.9)
    assert run.numbers["unsure (10 to 90%)"] == f"{unsure.mean():.0%} of the picture"


def test_behind_the_person_the_picture_is_blurred_and_the_person_is_not():
    run = LAB.at(behind="blurred")
    mask = run.panes["mask"].array == 1
    cut, given = (run.panes[name].rgb().astype(int) for name in ("cut-out", "photograph"))
    assert np.array_equal(cut[mask], given[mask])

    def roughness(picture):
        steps = np.abs(np.diff(picture, axis=1)).mean(2)
        return steps[~mask[:, 1:] & ~mask[:, :-1]].mean()

    assert roughness(cut) < roughness(given) / 3
    assert abs(cut[~mask].mean() - given[~mask].mean()) < 20


@pytest.mark.parametrize("photo", PHOTOS)
def test_the_line_counts_pixels_and_its_knob_stands_on_it(photo):
    run = LAB.at(photo=photo, threshold=0.7)
    (handle,) = (s for s in run.panes["how much is kept"].shapes if isinstance(s, Handle))
    wanted = alone(photo)
    assert handle.control == "threshold"
    assert handle.at[0] == handle.now == 0.7
    for x, y, value in handle.stops:
        assert x == value
        assert y == pytest.approx((wanted >= value).mean(), abs=1e-3)
    heights = [y for _, y, _ in handle.stops]
    assert heights == sorted(heights, reverse=True)
    assert f"{(wanted >= 0.7).mean():.0%} at 0.7" in run.panes["how much is kept"].says


def test_only_another_photograph_runs_the_net(monkeypatch):
    run = LAB.at()
    repr(run)
    monkeypatch.setattr(selfie, "person", lambda *_: pytest.fail("the net was run"))
    for change in ({"threshold": 0.9}, {"behind": "blurred"}, {"pixel": (3, 4)}):
        assert len(list(run.step(**change).panes.values())) == len(LAB.panes)


def test_persons_are_found_and_things_fool_the_net():
    """The course says so, in the tour and in the text."""
    shares = {photo: LAB.at(photo=photo).values["shares"] for photo in PHOTOS}
    unsure = {photo: LAB.at(photo=photo).values["unsure"] for photo in PHOTOS}
    for person in ("astronaut", "camera"):
        assert shares[person][0.05] - shares[person][0.95] < 0.07
        assert unsure[person] < 0.07
    assert unsure["chelsea"] > 0.5
    assert shares["coffee"][0.95] > 0.55
    assert shares["retina"][0.95] > 0.75


@pytest.mark.parametrize(
    "array",
    [
        np.full((300, 200, 3), 128, np.uint8),  # nothing to be seen
        np.arange(400, dtype=np.uint8).reshape(400, 1),
        np.zeros((1, 1, 3), np.uint8),
    ],
)
def test_pictures_of_nothing_and_of_a_pixels_width(array):
    run = LAB.at(photo=own_photo(array))
    assert run.values["person"].shape == (1, 1, 256, 256)
    assert torch.isfinite(run.values["person"]).all()
    assert len(list(run.panes.values())) == len(LAB.panes)


def test_what_is_no_picture_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="is no picture that can be read"):
        repr(LAB.at(photo=UserPhoto("notes.txt", b"dear diary")))


def test_labs_for_a_photograph_of_your_own_offer_the_camera():
    from seglab import lessons

    labs = (lessons.catalogue() | lessons.further()).items()
    offered = {stem for stem, lab in labs if any(c.offers_camera for c in lab.controls.values())}
    assert offered == {"16-your-photo", "21-clicks"}
