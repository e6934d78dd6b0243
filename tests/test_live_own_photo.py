"""The student's own file in a live lab: its numbers in the status line, its planes and contrast."""

import io

import numpy as np
import pytest
import tifffile
from live_view import parts

from seglab.draw import paint
from seglab.images import photos
from seglab.lab import Lab, Photo, of
from seglab.live.lab import LiveLab
from seglab.user_photo import UserPhoto


def image(photo):
    return photos.open(photo) if isinstance(photo, UserPhoto) else photos.load(photo, 32)


PANES = {"it": of(paint.rgb, "image")}
LAB = Lab("Own", {"photo": Photo("coins", "moon")}, (image,), PANES)


def stored(array, **how):
    file = io.BytesIO()
    tifffile.imwrite(file, array, **how)
    return file.getvalue()


@pytest.fixture
def stack():
    """Three pages of 12 bits, of which the last has one very bright pixel."""
    pages = np.full((3, 20, 30), 100, np.uint16) * np.arange(1, 4, dtype=np.uint16)[:, None, None]
    pages[:, :, 15:] += 50
    pages[2, 0, 0] = 4000
    return stored(pages, photometric="minisblack")


def view(live):
    photo = live.controls["photo"]
    (row,) = (w for w in parts(live) if photo in getattr(w, "children", ()))
    return photo, row.children[-1]


def test_a_stack_says_its_numbers_and_offers_its_planes(stack):
    live = LiveLab(LAB)
    chooser, beside = view(live)
    assert beside.children == ()
    live.upload("photo", "stack.tif", stack)
    assert live.board.frame["status"].endswith(" · black is 100 and white 150, one of 3 planes")
    assert beside.children == (beside.plane, beside.contrast)
    assert (beside.plane.min, beside.plane.max, beside.plane.value) == (1, 3, 1)

    beside.plane.value = 3
    assert chooser.value == UserPhoto("stack.tif", stack, plane=2)
    assert str(chooser.value) == "stack.tif (plane 3)"
    assert live.board.frame["status"].endswith("black is 300 and white 4000, one of 3 planes")
    assert live.run.panes["it"].array[5, 20, 0] == 3  # 50 of 3700, of 255

    beside.contrast.value = 0.5
    assert live.board.frame["status"].endswith("black is 300 and white 350, one of 3 planes")
    assert live.run.panes["it"].array[5, 20, 0] == 255
    assert chooser.value.cut == 0.5

    chooser.value = "moon"
    assert beside.children == ()
    assert "black" not in live.board.frame["status"]
    chooser.value = UserPhoto("stack.tif", stack, plane=1)
    assert (beside.plane.value, beside.contrast.value) == (2, 0)


def test_a_usual_picture_has_nothing_to_choose():
    live = LiveLab(LAB)
    live.upload("photo", "usual.tif", stored(np.zeros((9, 9), np.uint8)))
    assert view(live)[1].children == ()
    assert "black" not in live.board.frame["status"]


def test_the_cut_of_a_picture_is_a_percentile():
    data = stored(np.arange(1000, dtype=np.uint16).reshape(25, 40))
    assert photos.about(data).range == (0, 999)
    low, high = photos.about(data, cut=10).range
    assert (low, high) == pytest.approx(tuple(np.percentile(np.arange(1000), (10, 90))))
    image = photos.open(data, cut=10)
    assert float(image[0, 0, 0, 0]) == 0
    assert float(image[0, 0, -1, -1]) == 1
    assert float((image == 0).float().mean()) == pytest.approx(0.1, abs=0.002)
    own = UserPhoto("own.tif", data, cut=10)
    assert (photos.open(own) == image).all()
    assert own != UserPhoto("own.tif", data)
    assert photos.load(own, 20).max() == 1


@pytest.mark.parametrize(
    ("cut", "error", "words"),
    [
        ("1", TypeError, "cut='1' must be a number of percent"),
        (True, TypeError, "cut=True must be a number"),
        (50, ValueError, "cut=50 must be at least 0 and below 50"),
        (-1, ValueError, "cut=-1 must be at least 0"),
    ],
)
def test_a_cut_that_is_none_is_refused(cut, error, words):
    for call in (photos.open, photos.about):
        with pytest.raises(error, match=words):
            call(b"", cut=cut)


def test_a_plane_that_is_not_there_is_said_above_the_old_picture(stack):
    live = LiveLab(LAB)
    with pytest.raises(ValueError, match=r"plane=7 is not in 'stack.tif', which holds 3"):
        live.controls["photo"].value = UserPhoto("stack.tif", stack, plane=7)
