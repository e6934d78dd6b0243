"""seglab.images.mosaics: exact truth, disjoint splits, the same picture for the same seed."""

import pytest
import torch
from torch.nn import functional as F

from seglab.images import mosaics


def found_in(patch: torch.Tensor, photograph: torch.Tensor) -> torch.Tensor:
    """Columns of the photograph at which the patch [3, h, w] occurs, pixel for pixel."""
    _, height, width = photograph.shape
    _, h, w = patch.shape
    same = (photograph[:, : height - h + 1, : width - w + 1] == patch[:, :1, :1]).all(0)
    places = [
        (y, x)
        for y, x in same.nonzero().tolist()
        if torch.equal(photograph[:, y : y + h, x : x + w], patch)
    ]
    return torch.tensor([x for _, x in places])


def test_shapes_and_types():
    mosaic = mosaics.make(size=(96, 160))
    assert mosaic.image.shape == (1, 3, 96, 160)
    assert mosaic.labels.shape == mosaic.tiles.shape == (1, 96, 160)
    assert mosaic.image.dtype == torch.float32
    assert mosaic.labels.dtype == mosaic.tiles.dtype == torch.int64
    assert mosaic.classes == mosaics.CLASSES
    assert 0 <= mosaic.image.min() < mosaic.image.max() <= 1


def test_equal_seeds_give_equal_mosaics_whatever_the_global_state():
    one = mosaics.make(seed=3)
    torch.manual_seed(99)
    before = torch.get_rng_state()
    same = mosaics.make(seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(one.image, same.image)
    assert torch.equal(one.labels, same.labels)
    assert not torch.equal(one.labels, mosaics.make(seed=4).labels)


@pytest.mark.parametrize("seed", range(12))
def test_all_classes_occur_and_neighbours_differ(seed):
    mosaic = mosaics.make(seed)
    labels, tiles = mosaic.labels[0], mosaic.tiles[0]
    assert set(labels.unique().tolist()) == set(range(7))
    for a, b in ((slice(1, None), slice(None, -1)),):
        assert torch.equal(labels[a] != labels[b], tiles[a] != tiles[b])
        assert torch.equal(labels[:, a] != labels[:, b], tiles[:, a] != tiles[:, b])


@pytest.mark.parametrize("split", mosaics.SPLITS)
def test_each_tile_is_a_cut_out_of_its_own_textures_region(split):
    mosaic = mosaics.make(seed=1, split=split)
    image, tiles = mosaic.image[0].cpu(), mosaic.tiles[0].cpu()
    side = 15
    for tile in range(int(tiles.max()) + 1):
        inside = (tiles == tile).float()[None, None]
        whole = -F.max_pool2d(-inside, side, 1)[0, 0]
        y, x = whole.nonzero()[len(whole.nonzero()) // 2].tolist()
        name = mosaics.CLASSES[int(mosaic.labels[0, y, x])]
        patch = image[:, y : y + side, x : x + side]
        first = found_in(patch, mosaics.photo_of(name))
        owned = mosaics.columns(name, split)
        assert any(a <= column and column + side <= b for column in first for a, b in owned), name


@pytest.mark.parametrize("name", mosaics.CLASSES)
def test_the_splits_share_no_column(name):
    owned = {
        split: {x for first, end in mosaics.columns(name, split) for x in range(first, end)}
        for split in mosaics.SPLITS
    }
    assert not owned["train"] & owned["test"]
    width = mosaics.photo_of(name).shape[-1]
    assert max(owned["train"] | owned["test"]) == width - 1
    assert len(owned["train"]) > len(owned["test"]) > width / 3


def test_patches_come_from_their_class_and_split():
    for split in mosaics.SPLITS:
        image, labels = mosaics.patches(split, 14, 16, seed=2)
        assert image.shape == (14, 3, 16, 16)
        assert labels.tolist() == [*range(7), *range(7)]
        for patch, label in zip(image.cpu(), labels.tolist(), strict=True):
            name = mosaics.CLASSES[label]
            columns = found_in(patch, mosaics.photo_of(name))
            owned = mosaics.columns(name, split)
            assert any(a <= column and column + 16 <= b for column in columns for a, b in owned)


def test_patches_are_drawn_by_seed():
    one, same, other = (mosaics.patches("train", 20, 24, seed)[0] for seed in (5, 5, 6))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize(
    ("size", "tiles"), [((1, 1), None), ((3, 5), 40), ((20, 400), 1), ((300, 300), 1)]
)
def test_odd_sizes_are_filled(size, tiles):
    mosaic = mosaics.make(size=size, tiles=tiles)
    assert mosaic.image.shape[-2:] == size
    assert mosaic.image.isfinite().all()


def test_grey_photographs_stay_grey_and_colour_stays():
    for name in mosaics.CLASSES:
        part = mosaics.regions(name, "test")[0]
        assert bool((part[0] != part[1]).any()) == (name in {"tissue", "stars"})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mosaics.make(split="validation"), "split='validation' must be one of 'train'"),
        (lambda: mosaics.make(size=(0, 4)), r"size=\(0, 4\)"),
        (lambda: mosaics.make(tiles=0), "tiles=0"),
        (lambda: mosaics.patches("test", 7, 1000), "size=1000 must be 1 to"),
        (lambda: mosaics.patches("test", 0, 10), "n=0"),
        (lambda: mosaics.columns("sand", "test"), "name='sand'.*brick"),
    ],
)
def test_errors_name_argument_value_and_remedy(call, message):
    with pytest.raises(ValueError, match=message):
        call()
