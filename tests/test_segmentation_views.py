"""Stuff and things of one picture: its segments, names and pictures in three views."""

import dataclasses

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seglab.draw import paint
from seglab.ops import instances
from seglab.ops.instances import INSTANCE, PANOPTIC, SEMANTIC, Segmentation


def by_hand():
    """Grass and gravel; two discs, and a star that the labels call a disc in half."""
    return Segmentation(
        ground=torch.tensor([[[0, 0, 1, 1, 1, 1]]]),
        labels=torch.tensor([[[0, 1, 1, 0, 2, 1]]]),
        instances=torch.tensor([[[0, 3, 7, 0, 9, 9]]]),
        stuff=("grass", "gravel"),
        things=("disc", "star"),
    )


def test_three_views_by_hand():
    given = by_hand()
    assert given.names == ("grass", "gravel", "disc", "star")
    assert given.object_classes.tolist() == [1, 1, 1]
    assert given.semantic.tolist() == [[[0, 2, 2, 1, 3, 2]]]
    assert given.panoptic.tolist() == [[[0, 2, 2, 1, 2, 2]]]
    assert given.segments(SEMANTIC).tolist() == [[[1, 3, 3, 2, 4, 3]]]
    assert given.segments(INSTANCE).tolist() == [[[0, 3, 7, 0, 9, 9]]]
    assert given.segments(PANOPTIC).tolist() == [[[1, 5, 9, 2, 11, 11]]]


def test_names_by_hand():
    names = {view: [by_hand().name(view, (0, c)) for c in range(6)] for view in instances.VIEWS}
    assert names[SEMANTIC] == ["grass", "disc", "disc", "gravel", "star", "disc"]
    assert names[INSTANCE] == ["no object", "disc 3", "disc 7", "no object", "star 9", "disc 9"]
    assert names[PANOPTIC] == ["grass", "disc 3", "disc 7", "gravel", "star 9", "disc 9"]


def test_the_segment_at_a_pixel_by_hand():
    at = (0, 1)
    assert by_hand().segment(SEMANTIC, at).tolist() == [[False, True, True, False, False, True]]
    assert by_hand().segment(INSTANCE, at).tolist() == [[False, True] + [False] * 4]
    assert not by_hand().segment(INSTANCE, (0, 0)).any()
    assert by_hand().segment(PANOPTIC, (0, 0)).tolist() == [[True] + [False] * 5]


@given(st.lists(st.tuples(*(st.integers(0, n) for n in (2, 3, 4))), min_size=1, max_size=12))
def test_every_pixel_is_in_one_panoptic_segment_and_that_is_an_object_or_of_one_stuff(pixels):
    ground, labels, numbers = torch.tensor(pixels).T[:, None, None]
    given = Segmentation(ground, labels, numbers, ("a", "b", "c"), ("x", "y", "z"))
    segments = given.segments(PANOPTIC)
    assert segments.min() > 0
    for one in segments.unique():
        inside = segments == one
        objects = numbers[inside].unique()
        assert len(objects) == 1
        if not objects:
            assert len(ground[inside].unique()) == 1
    assert len(segments.unique()) == len(instances.ids(numbers)) + len(
        ground[numbers == 0].unique()
    )


def test_another_view_is_refused():
    for asked in (
        lambda: by_hand().segments("both"),
        lambda: by_hand().name("both", (0, 0)),
        lambda: paint.segmentation(by_hand(), "both", torch.zeros(10).long()),
    ):
        with pytest.raises(ValueError, match="view='both' must be one of semantic, instance, pan"):
            asked()


def test_what_is_replaced_is_worked_out_anew():
    given = by_hand()
    assert given.object_classes.tolist() == [1, 1, 1]
    without = dataclasses.replace(given, instances=torch.zeros_like(given.instances))
    assert without.object_classes.tolist() == []
    assert without.panoptic.equal(given.ground)


def test_pictures_of_the_three_views():
    given = by_hand()
    tone = paint.instance_shades(given.instances)
    semantic = paint.segmentation(given, SEMANTIC, tone)
    assert semantic.names == given.names
    assert semantic.array.tolist() == given.semantic[0].tolist()
    instance = paint.segmentation(given, INSTANCE, tone)
    assert instance.names == ("no object", "disc", "star", "disc 3", "disc 7", "disc 9")
    assert instance.array.tolist() == [[0, 3, 4, 0, 5, 5]]
    panoptic = paint.segmentation(given, PANOPTIC, tone)
    assert panoptic.names[:2] == given.stuff
    assert panoptic.array.tolist() == [[0, 4, 5, 1, 6, 6]]
