"""Relations between pictures: who answers for a pixel, and what shows the same thing."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from seglab import lessons
from seglab.board import frames
from seglab.draw import paint
from seglab.draw.marks import Box
from seglab.draw.relations import Group, Tiles, whole
from seglab.ops import dense, receptive_field
from seglab.ops.dense import Answer, Interleaving
from seglab.ops.instances import ids

SIDES = st.integers(1, 40)


def pixels_of(passes):
    """Every pixel of the map."""
    return [(row, column) for row in range(passes.size[0]) for column in range(passes.size[1])]


def answers_of(passes):
    """Every score of every pass, from the definition: part (y, x) is what [y::f, x::f] takes."""
    f, (height, width) = passes.stride, passes.size
    return [
        Answer((y, x), (row, column))
        for y in range(f)
        for x in range(f)
        for row in range(len(range(y, height, f)))
        for column in range(len(range(x, width, f)))
    ]


@given(st.integers(1, 9), SIDES, SIDES)
def test_each_pixel_of_the_map_is_one_pixel_of_the_sheet(f, height, width):
    passes = Interleaving(f, (height, width))
    answers = [passes.answer(pixel) for pixel in pixels_of(passes)]
    assert sorted(answers) == sorted(answers_of(passes))
    assert [passes.pixel(answer) for answer in answers] == pixels_of(passes)
    places = {passes.on_sheet(answer) for answer in answers}
    assert len(places) == height * width
    assert all(0 <= place[i] < f * passes.tile[i] for place in places for i in (0, 1))


@given(st.integers(1, 9), SIDES, SIDES)
def test_with_the_wrong_sign_no_pixel_has_two_scores(f, height, width):
    passes = Interleaving(f, (height, width), forwards=False)
    answers = {pixel: passes.answer(pixel) for pixel in pixels_of(passes)}
    for pixel, answer in answers.items():
        assert answer is None or passes.pixel(answer) == pixel
    placed = [answer for answer in answers_of(passes) if passes.pixel(answer)]
    assert sorted(placed) == sorted(answer for answer in answers.values() if answer)


def test_nothing_answers_outside_the_map():
    passes = Interleaving(4, (10, 9))
    assert passes.answer((-1, 0)) is None
    assert passes.answer((0, 9)) is None
    assert passes.pixel(Answer((2, 0), (2, 0))) is None  # row 10
    assert passes.pixel(Answer((4, 0), (0, 0))) is None


@pytest.mark.parametrize("forwards", [True, False])
@pytest.mark.parametrize("size", [(23, 19), (16, 30)])
def test_the_map_and_the_sheet_of_a_net_hold_the_same_scores(forwards, size):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.MaxPool2d(3, 2), nn.Conv2d(2, 1, 2, stride=2))
    passes = dense.Passes(net.eval(), torch.rand(1, 3, *size))
    done = 11  # of 16
    stitched, sheet = passes.stitched(done, forwards)[0, 0], passes.side_by_side(done)[0, 0]
    lies = passes.interleaving(forwards)
    assert lies.stride == 4
    for pixel in pixels_of(lies):
        answer = lies.answer(pixel)
        if answer is None:
            assert stitched[pixel].isnan()
        else:
            shown = sheet[lies.on_sheet(answer)]
            assert torch.equal(stitched[pixel].nan_to_num(7), shown.nan_to_num(7))


def test_a_sheet_says_how_it_lies_on_its_image():
    net = nn.Sequential(nn.Conv2d(3, 1, 4, stride=2)).eval()
    passes = dense.Passes(net, torch.rand(1, 3, 9, 12))
    tiles = Tiles("map", passes.interleaving(), (9, 12), receptive_field.of(net))
    plain = paint.scalar(passes.side_by_side())
    sheet = plain.related(tiles=tiles)
    assert sheet.array is plain.array
    assert "tiles" not in plain.header()
    assert sheet.header()["tiles"] == {
        "map": "map",
        "size": [6, 9],
        "forwards": True,
        "frame": [9, 12],
        "field": {"size": [4, 4], "stride": [2, 2], "padding": [0, 0], "origin": [1.5, 1.5]},
    }


def test_a_frame_holds_what_its_pictures_mean():
    map_ = paint.labels(torch.zeros(1, 2, 2, dtype=torch.int64), ("a",))
    pane = frames.pane("m", map_.related(group=whole("skip", 8, ["gain8"]), space="frequency"))
    assert pane["space"] == "frequency"
    assert pane["group"] == {
        **{"name": "skip", "by": "picture", "ids": [8], "marks": []},
        "controls": ["gain8"],
    }


def test_a_group_is_refused_with_marks_for_other_things():
    with pytest.raises(ValueError, match=r"1 entries for 2 ids by='mark'"):
        Group("layer", (1, 2), "mark", (Box(0, 0, 1, 1),))
    with pytest.raises(ValueError, match=r"1 entries for 1 ids by='code'"):
        Group("layer", (1,), marks=(Box(0, 0, 1, 1),))
    with pytest.raises(ValueError, match=r"by='colour' must be one of code"):
        Group("layer", (1,), "colour")


def test_the_codes_of_objects_are_their_numbers():
    numbers = torch.tensor([[[0, 7, 7], [3, 3, 0]]])
    tone = paint.instance_shades(numbers)
    picture = paint.objects(numbers, [0, 1], ("disc", "star"), tone)
    shown = [[picture.group.ids[code] for code in row] for row in picture.array]
    assert shown == [[None, 7, 7], [3, 3, None]]


def test_objects_without_names_of_their_own_hang_together_with_none():
    numbers = torch.arange(1, 401).view(1, 20, 20)
    tone = paint.instance_shades(numbers)
    assert paint.objects(numbers, [0] * 400, ("disc",), tone).group is None


@pytest.mark.parametrize("state", [{}, {"net": "Mask R-CNN", "threshold": 0.05}, {"objects": 0}])
def test_a_box_of_lab_15_has_the_number_of_its_object(state):
    run = lessons.catalogue()["15-finding-instances"].at(**state)
    boxes, objects = run.panes["boxes and scores"], run.panes["objects"]
    assert len(boxes.group.ids) == len(boxes.marks)
    shown = [number for number in boxes.group.ids if number is not None]
    assert sorted(shown) == ids(run.values["numbered"]).tolist()
    assert set(shown) == {number for number in objects.group.ids if number is not None}
    for number, box in zip(boxes.group.ids, boxes.marks, strict=True):
        if number is not None:
            rows, columns = np.nonzero(objects.array == objects.group.ids.index(number))
            assert box.top <= rows.min() <= rows.max() <= box.bottom
            assert box.left <= columns.min() <= columns.max() <= box.right


def test_a_layer_of_lab_4_has_its_field_and_its_row():
    run = lessons.catalogue()["04-receptive-fields"].at(pixel=(100, 300))
    photograph, side = run.panes["your unit's field"], run.panes["side view"]
    chosen = photograph.group.marks[run.values["number"] - 1]
    shown = photograph.marks[-1]
    assert (chosen.top, chosen.left, chosen.bottom, chosen.right) == (
        *(shown.top, shown.left, shown.bottom, shown.right),
    )
    assert {n for n in side.group.ids if n} == set(photograph.group.ids)
    rows = {shape.points[0][1] for shape in side.shapes if shape.kind == "line" and shape.thing}
    assert rows == set(photograph.group.ids)
    assert all(
        shape.points[0][1] == thing
        for shape, thing in zip(side.shapes, side.group.ids, strict=True)
        if thing and shape.kind == "line"
    )


def test_your_pixel_names_the_pass_that_stands_there_and_whether_it_is_done():
    lab = lessons.catalogue()["08-shift-and-stitch"]
    assert lab.at().numbers["your pixel"] == "pass (3, 3), score (13, 13): not done yet"
    assert lab.at(shifts=64).numbers["your pixel"] == "pass (3, 3), score (13, 13)"
    assert lab.at(shifts=64, sign="wrong").numbers["your pixel"] == "pass (5, 5), score (13, 13)"
    after_24 = [lab.at(shifts=24, pixel=at).numbers["your pixel"] for at in ((23, 28), (24, 21))]
    assert after_24 == [
        "pass (2, 7), score (0, 0)",
        "pass (3, 0), score (0, 0): not done yet",  # the 25th
    ]
    assert lab.at(pixel=(20, 20)).numbers["your pixel"].startswith("no pass: its field")
    last = lab.at(shifts=64, sign="wrong", pixel=(234, 234))  # rows 213: pass 3, which ends at 211
    assert last.values["stitched"][0, 0, -1, -1].isnan() == (
        last.numbers["your pixel"] == "no pass has a score for it"
    )
