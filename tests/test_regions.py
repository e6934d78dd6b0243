import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import deltaE_cie76, rgb2lab
from skimage.segmentation import flood

from seglab.ops import cluster


def test_distance_is_delta_e():
    image = torch.rand(1, 3, 5, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    distance = cluster.colour_distance(cluster.cielab(image), (2, 3))
    lab = rgb2lab(image[0].permute(1, 2, 0).numpy())
    expected = torch.from_numpy(deltaE_cie76(lab, lab[2, 3]))
    torch.testing.assert_close(distance[0], expected)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(2, 12), st.floats(0, 1))
def test_grow_agrees_with_flood_fill(seed, height, width, tolerance):
    values = torch.rand(1, height, width, generator=torch.Generator().manual_seed(seed))
    at = (seed % height, seed % width)
    values[0, at[0], at[1]] = 0
    region = cluster.grow_region(values, at, tolerance)
    similar = (values[0] <= tolerance).numpy()
    assert (region[0].numpy() == flood(similar, at, connectivity=2)).all()


def smallest_largest(values, at):
    """The smallest tolerance of each pixel: neighbours pass on the better path until none does."""
    height, width = values.shape
    joins = {(r, c): float("inf") for r in range(height) for c in range(width)}
    joins[at] = float(values[at])
    changed = True
    while changed:
        changed = False
        for (r, c), now in joins.items():
            near = [(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
            best = max(min(joins[n] for n in near if n in joins), float(values[r, c]))
            if best < now:
                joins[r, c], changed = best, True
    return joins


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 7), st.integers(2, 7))
def test_a_pixel_joins_at_the_largest_distance_of_its_best_path(seed, height, width):
    random = torch.Generator().manual_seed(seed)
    values = torch.randint(1, 9, (1, height, width), generator=random).float()
    at = (seed % height, seed % width)
    values[0, at[0], at[1]] = 0
    joining = cluster.joining_tolerance(values, at)
    for (row, column), tolerance in smallest_largest(values[0], at).items():
        assert float(joining[0, row, column]) == tolerance
    for tolerance in range(10):
        assert cluster.grow_region(values, at, tolerance).equal(joining <= tolerance)


def test_the_largest_leap_is_through_the_gate():
    values = torch.full((1, 9, 12), 1.0)
    values[0, :, 5] = 9  # a wall
    values[0, 6, 5] = 4  # its gate
    values[0, 3, 3] = 0
    leap = cluster.largest_leap(cluster.joining_tolerance(values, (3, 3)))
    assert leap == (4, 6 * 9 + 1, (6, 5))
    walled = cluster.largest_leap(cluster.joining_tolerance(values.clamp(max=1), (3, 3)))
    assert (walled.tolerance, walled.pixels) == (1, 9 * 12 - 1)
    alone = cluster.largest_leap(torch.zeros(1, 1, 1))
    assert alone == (0, 1, (0, 0))


def test_a_leap_is_that_of_one_picture():
    with pytest.raises(ValueError, match="joining holds 2 pictures; give one"):
        cluster.largest_leap(torch.zeros(2, 3, 3))


def test_a_seed_that_is_not_similar_to_itself_gives_no_region():
    assert not cluster.grow_region(torch.full((1, 3, 3), torch.nan), (1, 1), 5).any()


def test_the_region_grows_with_the_tolerance():
    values = torch.rand(1, 20, 20, generator=torch.Generator().manual_seed(1))
    sizes = [int(cluster.grow_region(values, (4, 4), t).sum()) for t in (0.3, 0.5, 0.7, 1.0)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 400


@pytest.mark.parametrize("at", [(-1, 0), (0, 9), (5, 0)])
def test_outside_is_refused(at):
    with pytest.raises(ValueError, match="lies outside the 5 by 9 picture"):
        cluster.grow_region(torch.zeros(1, 5, 9), at, 1)


def test_wrong_shape_and_tolerance_are_refused():
    with pytest.raises(ValueError, match="image has shape"):
        cluster.cielab(torch.zeros(3, 5, 5))
    with pytest.raises(ValueError, match="tolerance=-1"):
        cluster.grow_region(torch.zeros(1, 5, 5), (0, 0), -1)


def test_exact_colours_are_those_of_64_bits():
    image = torch.rand(1, 3, 40, 40, generator=torch.Generator().manual_seed(2))
    exact = cluster.cielab(image, exact=True)
    assert exact.dtype == image.dtype
    theirs = rgb2lab(image[0].permute(1, 2, 0).double().numpy())
    assert torch.equal(exact[0].permute(1, 2, 0), torch.from_numpy(theirs).float())
    assert not torch.equal(exact, cluster.cielab(image))
