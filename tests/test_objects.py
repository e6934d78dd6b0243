"""Pictures of objects: their colours, names and legends."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglab.draw import paint, palettes
from seglab.ops import instances

laws = settings(deadline=None, derandomize=True, max_examples=20)
THINGS = ("disc", "ring")


def cells(side, step, seed=0):
    """A picture full of objects: the cell of each of some random points, int64 [1, H, W]."""
    points = torch.rand(step, 2, generator=torch.Generator().manual_seed(seed)) * side
    place = torch.stack(
        torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij"), -1
    ).float()
    nearest = torch.cdist(place.view(-1, 2), points).argmin(1)
    return nearest.view(1, side, side) + 1


def on(found, kinds=None, names=("no object",)):
    tone = paint.instance_shades(found)
    count = len(instances.ids(found))
    kinds = [0] * count if kinds is None else kinds
    return paint.objects_on(torch.zeros_like(found), names, found, kinds, THINGS, tone)


@laws
@given(st.integers(1, 25), st.integers(0, 999))
def test_neighbours_of_one_class_differ_in_tone(count, seed):
    found = cells(24, count, seed)
    tone = paint.instance_shades(found, reach=1)
    pairs = instances.neighbours(found).tolist()
    degree = torch.bincount(torch.tensor(pairs).flatten().long(), minlength=count + 1)
    for a, b in pairs:
        if degree[max(a, b)] < 5:
            assert tone[a] != tone[b]


def test_the_same_object_has_one_colour_in_two_maps_and_differs_in_both():
    one, other = torch.zeros(2, 1, 8, 20, dtype=torch.int64)
    one[..., :4], one[..., 5:9] = 1, 2
    other[..., :4], other[..., 5:9] = 1, 6
    tone = paint.instance_shades(one, other)
    assert len(tone) == 7
    assert tone[1] != tone[2]
    assert tone[1] != tone[6]
    first, second = (
        paint.objects_on(m * 0, ("none",), m, [0, 0], THINGS, tone).rgb() for m in (one, other)
    )
    assert (first[:, :4] == second[:, :4]).all()


def test_codes_names_and_colours_by_hand():
    found = torch.tensor([[[0, 3, 3, 7]]])
    ground = torch.tensor([[[1, 0, 0, 0]]])
    tone = torch.tensor([0] * 8)
    picture = paint.objects_on(ground, ("brick", "grass"), found, [0, 1], THINGS, tone)
    assert picture.array.tolist() == [[1, 4, 4, 5]]
    assert picture.names == ("brick", "grass", *THINGS, "disc 3", "ring 7")
    assert picture.header()["listed"] == 4
    assert picture.header()["kind"] == "labels"
    assert picture.alt() == "1 by 4, 2 objects on 75% of the picture"
    # The first tone of a class is the colour that its label has in every other lab.
    labels = palettes.labels(3)
    assert picture.rgb()[0, 1:].tolist() == [*[labels[1].tolist()] * 2, labels[2].tolist()]
    semantic = paint.stuff_layer(torch.tensor([[[1, 2, 2, 3]]]), ("brick", "grass"), THINGS)
    assert (semantic.rgb() == picture.rgb()).all()
    assert semantic.names == ("brick", "grass", *THINGS)


@pytest.mark.parametrize("count", [0, 1, 251, 252, 500])
def test_any_number_of_objects_finds_a_code(count):
    found = torch.zeros(1, 30, 60, dtype=torch.int64)
    places = [(r, c) for r in range(30) for c in range(0, 60, 2)][:count]
    for number, (row, column) in enumerate(places, 1):
        found[0, row, column] = number
    picture = on(found, [n % 2 for n in range(count)])
    assert len(picture.names) == len(picture.palette) <= palettes.NO_VALUE
    assert (picture.array < len(picture.names)).all()
    assert ((picture.array > 0) == (found[0] > 0).numpy()).all()
    assert picture.count == count
    for number, (row, column) in enumerate(places[:5], 1):
        kind = THINGS[(number - 1) % 2]
        name = picture.names[picture.array[row, column]]
        assert name == (f"{kind} {number}" if count < 252 else kind)


def test_shades_can_be_told_apart_without_hue():
    """In lightness alone, as in a black and white print."""
    for kind in range(len(palettes.labels(7)) - 1):
        found = torch.tensor([[[5, 0, 1, 0, 2, 0, 3, 0, 4]]])
        tone = torch.arange(6) % 5
        names = tuple(str(n) for n in range(6))
        rgb = paint.objects_on(found * 0, ("none",), found, [kind] * 5, names, tone).rgb()
        light = np.sort(rgb[0, ::2].astype(float) @ [0.2126, 0.7152, 0.0722])
        assert (np.diff(light) > 6).all()


def test_agreement_by_hand():
    true, found = torch.tensor([[0, 1, 0, 1]]).bool(), torch.tensor([[0, 0, 1, 1]]).bool()
    picture = paint.agreement(found, true)
    names = [picture.names[code] for code in picture.array[0]]
    assert names == ["outside", "true only", "found only", "both"]
