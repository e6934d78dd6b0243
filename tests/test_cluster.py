"""The oracles are scikit-learn, scikit-image, SciPy, and definitions written out with loops."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglab.images import mosaics
from seglab.ops import cluster

laws = settings(deadline=None, derandomize=True, max_examples=20)
few = settings(laws, max_examples=6)  # where one example takes many steps
seeds, sides, counts = st.integers(0, 999), st.integers(1, 9), st.integers(1, 9)


def random(*shape, seed=0, dtype=torch.float64):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def maps(height, width, count, seed=0):
    return torch.randint(
        count, (1, height, width), generator=torch.Generator().manual_seed(seed)
    ).long()


def halves(side=32):
    """Black on the left, white on the right."""
    image = torch.zeros(1, 3, side, side)
    image[..., side // 2 :] = 1
    return image


def dense(labels):
    """True if the labels of each picture are 0 to n - 1."""
    return all(one.unique().tolist() == list(range(int(one.max()) + 1)) for one in labels)


def same_groups(one, other):
    """True if two label maps differ in the numbers alone."""
    pairs = torch.stack([one.flatten(), other.flatten()]).unique(dim=1).shape[1]
    return pairs == len(one.unique()) == len(other.unique())


METHODS = {
    "k-means": lambda x: cluster.kmeans(x, 4),
    "mean shift": lambda x: cluster.mean_shift(x, 20),
    "SLIC": lambda x: cluster.slic(x, 16),
    "Felzenszwalb": lambda x: cluster.felzenszwalb(x, 10),
    "watershed": lambda x: cluster.gradient_watershed(x, 16),
    "normalised cut": lambda x: cluster.cut_superpixels(x, cluster.slic(x, 16), 4, 20),
}
method = pytest.mark.parametrize("group", METHODS.values(), ids=METHODS)
sows = {"SLIC", "watershed"}  # these begin with a grid of places, whatever is there


# features


@laws
@given(seeds, sides, sides)
def test_lab_is_scikit_images(seed, height, width):
    from skimage import color

    image = random(2, 3, height, width, seed=seed) ** 3  # dark colours too: they have a branch
    theirs = color.rgb2lab(image.permute(0, 2, 3, 1).numpy())
    np.testing.assert_allclose(cluster.cielab(image).permute(0, 2, 3, 1), theirs, atol=1e-9)


def test_gabor_is_scikit_images():
    from scipy import ndimage
    from skimage import filters

    image = mosaics.make().image[..., 60:100, 80:128].double()
    light = cluster.cielab(image)[0, 0].numpy()
    ours = cluster.gabor(image)[0]
    for index, (wavelength, angle) in enumerate((w, a) for w in (4, 8) for a in range(4)):
        real, imaginary = filters.gabor(
            light - light.mean(),
            1 / wavelength,
            np.pi * angle / 4,
            sigma_x=0.56 * wavelength,
            sigma_y=0.56 * wavelength,
            n_stds=4,
        )
        amplitude = 4 * np.hypot(real, imaginary)
        theirs = ndimage.gaussian_filter(amplitude, wavelength / 2, truncate=3)
        # A convolution window cut off at some deviations against a transform that is not.
        np.testing.assert_allclose(ours[index], theirs, atol=0.02 * theirs.max())


def test_gabor_says_how_strong_a_wave_is_and_which_way_it_goes():
    across = torch.sin(2 * torch.pi * torch.arange(96) / 8).expand(96, 96)
    image = (0.5 + 0.1 * across)[None, None].expand(1, 3, -1, -1)
    light = cluster.cielab(image)[0, 0]
    amplitude = float(light.max() - light.min()) / 2
    middle = cluster.gabor(image)[0, :, 40:56, 40:56].mean((1, 2))
    assert middle[4] == pytest.approx(2 * amplitude, rel=0.03)
    assert (middle[[1, 2, 3, 5, 6, 7]] < 0.1 * amplitude).all()
    assert middle[0] < amplitude  # the other wavelength is an octave away


@few
@given(seeds, sides, sides)
def test_features_turn_with_the_picture(seed, height, width):
    image = random(1, 3, height, width, seed=seed)
    for make, channels in ((cluster.gabor, [2, 1, 0, 3, 6, 5, 4, 7]), (cluster.position, [1, 0])):
        turned = make(image.mT).mT[:, channels]
        torch.testing.assert_close(turned, make(image), rtol=1e-4, atol=1e-4)


def test_places_are_in_hundredths_of_the_longer_side():
    place = cluster.position(torch.zeros(1, 3, 20, 50))
    assert place[0, :, 10, 40].tolist() == [20, 80]


def test_weights_scale_and_leave_out():
    measured = cluster.measure(random(1, 3, 6, 7))
    every = measured.weighted(2, 0.5, 3)
    assert every.shape == (1, 13, 6, 7)
    torch.testing.assert_close(every[:, :3], 2 * measured.colour)
    torch.testing.assert_close(every[:, 3:11], 0.5 * measured.texture)
    torch.testing.assert_close(every[:, 11:], 3 * measured.place)
    assert measured.weighted(0, 0, 1).shape == (1, 2, 6, 7)
    assert measured.weighted(0, 0, 0).eq(0).all()


def test_texture_tells_apart_what_colour_does_not():
    """Stripes along and across of the same two greys."""
    stripes = (torch.arange(64) // 2 % 2).float().expand(64, 64)
    image = torch.cat([stripes[:, :32], stripes.T[:, 32:]], 1)[None, None].expand(1, 3, -1, -1)
    measured = cluster.measure(image)
    truth = (torch.arange(64) >= 32).expand(64, 64)
    by_colour = cluster.kmeans(measured.colour, 2)[0] == 1
    by_texture = cluster.kmeans(measured.texture, 2)[0] == 1
    assert (by_colour == truth).float().mean() == pytest.approx(0.5, abs=0.1)
    right = (by_texture == truth).float().mean()
    assert max(right, 1 - right) > 0.95


# every method


@method
def test_labels_are_whole_dense_and_the_same_each_time(group):
    image = torch.cat([mosaics.make(size=(48, 40)).image, random(1, 3, 48, 40).float()])
    x = cluster.measure(image).weighted(1, 0.5, 0.5)
    labels = group(x)
    assert (labels.dtype, labels.shape) == (torch.int64, (2, 48, 40))
    assert dense(labels)
    assert labels.equal(group(x.clone()))
    assert labels[1:].equal(group(x[1:]))  # pictures of a batch know nothing of each other


@method
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 2), (3, 50)])
def test_thin_pictures_are_pictures(group, size):
    for image in (random(1, 3, *size), torch.full((1, 3, *size), 0.5).double()):
        labels = group(cluster.measure(image).weighted(1, 1, 1))
        assert labels.shape == (1, *size)
        assert dense(labels)


@pytest.mark.parametrize("name", METHODS)
def test_a_picture_of_one_colour(name):
    labels = METHODS[name](cluster.cielab(torch.full((1, 3, 40, 40), 0.3)))
    assert (int(labels.max()) > 0) == (name in sows)


@method
def test_a_clear_edge_is_kept(group):
    labels = group(cluster.cielab(halves()))
    left, right = labels[..., :16].unique(), labels[..., 16:].unique()
    assert not set(left.tolist()) & set(right.tolist())


@method
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_are_taken(group, dtype):
    assert group(cluster.cielab(halves()).to(dtype)).unique().numel() >= 2


@method
@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (torch.zeros(1, 4, 4), ValueError, r"shape \[1, 4, 4\]; give \[B, C, H, W\]"),
        (torch.zeros(1, 3, 0, 4), ValueError, "at least one value"),
        (torch.full((1, 1, 4, 4), torch.nan), ValueError, "nan_to_num"),
        (torch.full((1, 1, 4, 4), torch.inf), ValueError, "nan_to_num"),
        (torch.zeros(1, 3, 4, 4).long(), TypeError, r"use features.float\(\)"),
        (np.zeros((1, 3, 4, 4)), TypeError, "features is a ndarray; give a tensor"),
    ],
)
def test_what_is_no_map_of_features_is_refused(group, bad, error, message):
    with pytest.raises(error, match=message):
        group(bad)


# k-means


@few
@given(seeds, st.integers(5, 60), counts, st.integers(1, 4))
def test_kmeans_from_the_same_start_is_scikit_learns(seed, number, k, dimensions):
    from sklearn.cluster import KMeans

    points = random(number, dimensions, seed=seed)
    start = points[: min(k, number)]
    ours = cluster.kmeans_points(points, len(start), start=start, tolerance=0, steps=300)
    theirs = KMeans(len(start), init=start.numpy(), n_init=1, tol=0, algorithm="lloyd").fit(points)
    assert ours.inertia == pytest.approx(theirs.inertia_, rel=1e-9, abs=1e-12)
    assert ours.labels.tolist() == theirs.labels_.tolist()


@laws
@given(seeds, counts, counts)
def test_kmeans_has_no_more_groups_than_distinct_points(seed, k, distinct):
    points = random(distinct, 3, seed=seed)[maps(5, 7, distinct, seed).flatten()]
    found = cluster.kmeans_points(points, k, seed=seed)
    there = len(points.unique(dim=0))
    assert len(found.centers) == min(k, there)
    assert found.labels.unique().tolist() == list(range(min(k, there)))
    if k >= there:
        assert found.inertia == pytest.approx(0, abs=1e-20)


@few
@given(seeds, st.integers(2, 6))
def test_every_step_of_kmeans_lowers_the_inertia(seed, k):
    points = random(80, 2, seed=seed)
    inertia = [
        cluster.kmeans_points(points, k, seed=seed, steps=n, tolerance=0).inertia
        for n in range(1, 9)
    ]
    assert all(after <= before + 1e-12 for before, after in pairwise(inertia))
    settled = cluster.kmeans_points(points, k, seed=seed, steps=500, tolerance=0)
    assert settled.labels.equal(cluster.nearest_center(points, settled.centers))
    own = torch.stack([points[settled.labels == j].mean(0) for j in range(len(settled.centers))])
    torch.testing.assert_close(own, settled.centers)


def test_a_center_without_points_moves_to_the_loneliest():
    points = torch.tensor([[0.0], [0.1], [0.2], [9.0]])
    found = cluster.kmeans_points(points, 3, start=torch.tensor([[0.0], [500.0], [501.0]]))
    assert len(found.centers) == 3
    assert found.labels[3] not in found.labels[:3]


@few
@given(seeds, st.integers(2, 5), st.permutations(range(4)))
def test_the_order_of_features_does_not_matter(seed, k, order):
    x = random(1, 4, 12, 12, seed=seed)
    order = list(order)
    for group in (lambda x: cluster.kmeans(x, k), lambda x: cluster.mean_shift(x, 0.4, every=1)):
        assert same_groups(group(x), group(x[:, order]))
        assert same_groups(group(x), group(x + 7))


def test_seeds_are_spread_out():
    """Four far corners: uniform draws would miss one in nine cases of ten."""
    corners = torch.tensor([[0.0, 0], [0, 100], [100, 0], [100, 100]]).repeat(50, 1)
    points = corners + random(200, 2).float()
    hits = sum(
        len(cluster.kmeans_points(points, 4, seed=seed, steps=1).labels[:4].unique()) == 4
        for seed in range(50)
    )
    assert hits == 50


def test_more_starts_never_end_at_a_larger_inertia():
    x = torch.rand(1, 3, 12, 12, generator=torch.manual_seed(0))
    points = x[0].flatten(1).T

    def inertia(starts):
        labels = cluster.kmeans(x, 5, every=1, starts=starts)[0].flatten()
        return sum(float((part - part.mean(0)).square().sum()) for part in parts(points, labels))

    tried = [cluster.kmeans_points(points, 5, seed=seed).inertia for seed in range(6)]
    for starts in (1, 3, 6):
        assert inertia(starts) == pytest.approx(min(tried[:starts]), rel=1e-2)
    assert min(tried) < tried[0]


def parts(points, labels):
    return [points[labels == label] for label in labels.unique()]


def test_pieces_are_joined_at_corners_where_asked_for():
    checks = torch.tensor([[[0, 1], [1, 0]]])
    assert cluster.pieces(checks).flatten().tolist() == [0, 1, 2, 3]
    assert cluster.pieces(checks, corners=True).flatten().tolist() == [0, 1, 1, 0]


def test_kmeans_is_accurate_far_from_zero():
    points = torch.cat([random(50, 1), random(50, 1) + 3]).float() + 10000
    labels = cluster.kmeans_points(points, 2).labels
    assert same_groups(labels, torch.arange(100) // 50)


def test_settling_on_some_pixels_first_is_as_good():
    x = cluster.cielab(mosaics.make(size=(96, 96)).image)
    points = x.flatten(2)[0].T
    for k in (3, 7):
        labels = cluster.kmeans(x, k).flatten()
        own = torch.stack([points[labels == j].mean(0) for j in range(k)])
        inertia = float((points - own[labels]).square().sum())
        plain = cluster.kmeans_points(points, k, tolerance=0).inertia
        assert inertia < 1.15 * plain
        assert own[:, 0].equal(own[:, 0].sort().values)


def test_colours_between_the_pixels_looked_at_first_are_not_lost():
    x = torch.zeros(1, 1, 9, 9)
    x[0, 0, 1, 1], x[0, 0, 2, 3] = 5, 9
    assert cluster.kmeans(x, 3).unique().tolist() == [0, 1, 2]


# mean shift


@few
@given(seeds, st.integers(1, 4), st.integers(1, 3))
def test_mean_shift_is_scikit_learns(seed, blobs, dimensions):
    from sklearn.cluster import MeanShift

    middles = 10 * random(blobs, dimensions, seed=seed)
    points = middles.repeat(40, 1) + random(40 * blobs, dimensions, seed=seed + 1)
    starts = points[::3]
    theirs = MeanShift(bandwidth=1.5, seeds=starts.numpy()).fit(points)
    modes = cluster.mean_shift_modes(points, 1.5, seeds=starts)
    assert len(modes) == len(theirs.cluster_centers_)
    away = torch.cdist(modes, torch.from_numpy(theirs.cluster_centers_)).min(1).values
    assert float(away.max()) < 0.01
    assert same_groups(cluster.nearest_center(points, modes), torch.from_numpy(theirs.labels_))


@few
@given(seeds, st.floats(0.05, 2))
def test_modes_are_apart_and_stay_where_they_are(seed, bandwidth):
    points = random(60, 2, seed=seed)
    modes = cluster.mean_shift_modes(points, bandwidth)
    if len(modes) > 1:
        assert float(torch.pdist(modes).min()) > bandwidth * (1 - 1e-6)
    for mode in modes:
        near = points[(points - mode).norm(dim=1) <= bandwidth]
        assert float((near.mean(0) - mode).norm()) <= 0.01 * bandwidth


def test_seeds_far_from_all_points_find_nothing():
    points = torch.tensor([[0.0], [0.1]])
    modes = cluster.mean_shift_modes(points, 1.0, seeds=torch.tensor([[0.0], [50.0]]))
    assert modes.flatten().tolist() == pytest.approx([0.05])


# superpixels


@pytest.mark.parametrize("group", [METHODS["SLIC"], METHODS["watershed"]])
def test_superpixels_are_connected(group):
    labels = group(cluster.cielab(mosaics.make(size=(64, 64)).image))
    assert same_groups(labels, cluster.pieces(labels))
    assert 5 <= int(labels.max()) + 1 <= 32


def test_compactness_is_in_units_of_the_features():
    """scikit-image stretches every picture to 0..1; a fainter one would have other superpixels."""
    x = cluster.cielab(mosaics.make(size=(64, 64)).image)
    assert cluster.slic(x, 16, 10).equal(cluster.slic(x / 5, 16, 2))
    assert cluster.slic(torch.cat([x, 0 * x], 1), 16, 10).equal(cluster.slic(x, 16, 10))
    squares = cluster.slic(x, 16, 1e4).flatten().bincount()
    assert len(squares) == 16
    assert squares.min() > 200


def test_a_larger_scale_makes_fewer_pieces():
    x = cluster.cielab(mosaics.make(size=(64, 64)).image)
    pieces = [int(cluster.felzenszwalb(x, scale).max()) + 1 for scale in (1, 30, 1000)]
    assert pieces == sorted(pieces, reverse=True)
    assert pieces[0] > pieces[-1]
    assert cluster.felzenszwalb(x, 1, smallest=50).flatten().bincount().min() >= 50


def test_the_gradient_of_a_slope():
    x = (3 * torch.arange(7.0)[:, None] + 4 * torch.arange(9.0))[None, None].repeat(1, 2, 1, 1)
    inner = cluster.gradient(x)[0, 0, 1:-1, 1:-1]
    torch.testing.assert_close(inner, torch.full_like(inner, 50**0.5))


# the graph of the segments


@laws
@given(seeds, sides, sides, st.integers(1, 5))
def test_the_region_graph_is_its_definition(seed, height, width, count):
    labels = cluster.numbered(maps(height, width, count, seed))
    plane = labels[0].tolist()
    sizes, inner, borders = {}, {}, {}
    for y in range(height):
        for x in range(width):
            sizes[plane[y][x]] = sizes.get(plane[y][x], 0) + 1
            for ny, nx in ((y + 1, x), (y, x + 1)):
                if ny < height and nx < width:
                    a, b = sorted((plane[y][x], plane[ny][nx]))
                    table, key = (inner, a) if a == b else (borders, (a, b))
                    table[key] = table.get(key, 0) + 1
    graph = cluster.region_graph(labels)
    nodes = range(len(sizes))
    assert graph.sizes.tolist() == [sizes[n] for n in nodes]
    assert graph.inner.tolist() == [inner.get(n, 0) for n in nodes]
    assert [tuple(edge) for edge in graph.edges.T.tolist()] == sorted(borders)
    assert graph.borders.tolist() == [borders[edge] for edge in sorted(borders)]


def test_the_region_graph_has_scikit_images_edges():
    from skimage import graph

    labels = cluster.slic(cluster.cielab(mosaics.make(size=(64, 64)).image), 30)
    theirs = graph.RAG(labels[0].numpy(), connectivity=1).edges
    ours = cluster.region_graph(labels).edges.T.tolist()
    assert {tuple(edge) for edge in ours} == {tuple(sorted(edge)) for edge in theirs}


@laws
@given(sides, sides)
def test_every_pixel_a_node(height, width):
    grid = cluster.region_graph(torch.arange(height * width).view(1, height, width))
    assert len(grid.sizes) == height * width
    assert grid.edges.shape[1] == height * (width - 1) + (height - 1) * width


@laws
@given(seeds, sides, sides, st.integers(1, 5))
def test_means_pieces_and_boundaries_are_their_definitions(seed, height, width, count):
    from scipy import ndimage

    labels = cluster.numbered(maps(height, width, count, seed))
    values = random(1, 2, height, width, seed=seed)
    for label in range(int(labels.max()) + 1):
        own = values[0][:, labels[0] == label].mean(1)
        torch.testing.assert_close(cluster.means(values, labels)[label], own)
    pieces = cluster.pieces(labels)
    assert dense(pieces)
    theirs = sum(ndimage.label(labels[0] == one)[1] for one in range(int(labels.max()) + 1))
    assert int(pieces.max()) + 1 == theirs
    assert int(cluster.region_graph(pieces).inner.sum()) == int(
        cluster.region_graph(labels).inner.sum()
    )
    edge = cluster.boundaries(labels)[0]
    for y in range(height):
        for x in range(width):
            below = y + 1 < height and labels[0, y, x] != labels[0, y + 1, x]
            right = x + 1 < width and labels[0, y, x] != labels[0, y, x + 1]
            assert bool(edge[y, x]) == bool(below or right)


@laws
@given(seeds, sides, sides, st.integers(1, 6))
def test_neighbours_have_different_colours(seed, height, width, count):
    labels = cluster.numbered(maps(height, width, count, seed))
    for segments in (labels, cluster.pieces(labels)):
        graph = cluster.region_graph(segments)
        colours = cluster.colouring(graph)
        assert (colours[graph.edges[0]] != colours[graph.edges[1]]).all()
    assert int(colours.max()) < 6  # pieces lie in a plane


# normalised cuts


def weighted(seed, height=4, width=5, count=6, bandwidth=0.5):
    labels = cluster.numbered(maps(height, width, count, seed))
    graph = cluster.region_graph(labels)
    vectors = cluster.means(random(1, 2, height, width, seed=seed), labels)
    return graph, cluster.similarities(graph, vectors, bandwidth), labels, vectors


def sides_of(count, number):
    return torch.tensor([bool(number >> bit & 1) for bit in range(count)])


@laws
@given(seeds, st.integers(1, 62))
def test_a_cut_is_that_of_the_graph_of_all_pixels(seed, number):
    """Each pixel with the features of its segment: written out over all pairs."""
    graph, weights, labels, vectors = weighted(seed)
    side = sides_of(len(graph.sizes), number)
    flat, own = labels.flatten(), vectors[labels.flatten()]
    at = torch.stack(torch.meshgrid(torch.arange(4), torch.arange(5), indexing="ij")).flatten(1)
    touch = (at[:, :, None] - at[:, None]).abs().sum(0) == 1
    matrix = touch * torch.exp(-torch.cdist(own, own).square() / (2 * 0.5**2))
    a = side[flat].double()
    cut = a @ matrix @ (1 - a)
    whole = [float(a @ matrix.sum(1)), float((1 - a) @ matrix.sum(1))]
    value = cluster.cut_value(graph, weights, side)
    if min(whole) > 0:
        assert value == pytest.approx(float(cut) * sum(1 / w for w in whole), rel=1e-6)
        assert value == pytest.approx(cluster.cut_value(graph, weights, ~side), rel=1e-9)
    else:
        assert value == float("inf")


@laws
@given(seeds)
def test_the_cut_is_among_the_best(seed):
    """The eigenvector is a relaxation: of all splits, few may be cheaper than its own."""
    graph, weights, _, _ = weighted(seed)
    count = len(graph.sizes)
    if count < 2:
        return
    side = cluster.normalized_cut(graph, weights, 2) == 1
    value = cluster.cut_value(graph, weights, side)
    every = sorted(
        cluster.cut_value(graph, weights, sides_of(count, n)) for n in range(1, 2 ** (count - 1))
    )
    assert value <= every[len(every) // 4] + 1e-9


@laws
@given(seeds, st.integers(1, 8))
def test_another_group_divides_one_and_leaves_the_others(seed, k):
    graph, weights, _, _ = weighted(seed, 7, 7, 30)
    few, more = (cluster.normalized_cut(graph, weights, n) for n in (k, k + 1))
    assert few.unique().tolist() == list(range(k))
    pairs = torch.stack([few, more]).unique(dim=1)
    assert pairs.shape[1] == len(more.unique()) == k + 1


def test_two_halves_of_a_graph_of_pixels_come_apart():
    image = torch.zeros(1, 1, 9, 19)
    image[..., 11:] = 30
    labels = cluster.cut_superpixels(image, torch.arange(9 * 19).view(1, 9, 19), 2, 10)
    assert same_groups(labels, (image[0] > 0).long())


def test_no_more_groups_than_nodes():
    graph, weights, _, _ = weighted(0)
    assert len(cluster.normalized_cut(graph, weights, 50).unique()) == len(graph.sizes)


# progress


SLOW = {
    "mean shift": lambda progress: cluster.mean_shift(
        cluster.cielab(mosaics.make(size=(64, 64)).image), 10, every=2, progress=progress
    ),
    "normalised cut": lambda progress: cluster.cut_superpixels(
        cluster.cielab(halves()), torch.arange(32 * 32).view(1, 32, 32) // 8, 4, 5, progress
    ),
}


@pytest.mark.parametrize("work", SLOW.values(), ids=SLOW)
def test_slow_work_says_how_far_it_is(work):
    told = []
    labels = work(lambda done, total: told.append((done, total)))
    assert len(told) > 2
    assert told == sorted(told)
    assert len({total for _, total in told}) == 1
    assert all(0 <= done <= total for done, total in told)
    assert labels.equal(work(None))


@pytest.mark.parametrize("work", SLOW.values(), ids=SLOW)
def test_slow_work_can_be_given_up(work):
    class MovedOn(Exception):
        pass

    def give_up(done, total):
        raise MovedOn

    with pytest.raises(MovedOn):
        work(give_up)


# exception

image, x, plane = torch.zeros(1, 3, 4, 4), torch.zeros(1, 2, 4, 4), torch.zeros(1, 4, 4).long()
one = cluster.region_graph(plane)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cluster.measure(image[0]), ValueError, r"image has shape.*give \[B, 3, H, W\]"),
        (lambda: cluster.cielab(image[:, :1]), ValueError, r"grey picture.*expand"),
        (lambda: cluster.gabor(image[..., :0]), ValueError, "at least one pixel"),
        (lambda: cluster.cielab(image * torch.nan), ValueError, "nan_to_num"),
        (lambda: cluster.position(image.long()), TypeError, r"image.float\(\) / 255"),
        (lambda: cluster.cielab("photo.png"), TypeError, "image is a str; give a float tensor"),
        (lambda: cluster.measure(image).weighted(-1), ValueError, "colour=-1 is no weight"),
        (lambda: cluster.measure(image).weighted(texture="much"), ValueError, "texture='much'"),
        (lambda: cluster.kmeans(x, 0), ValueError, "k=0 is too small; use at least 1"),
        (lambda: cluster.kmeans(x, 2.5), TypeError, "k=2.5 must be a whole number"),
        (lambda: cluster.kmeans(x, 2, every=0), ValueError, "every=0"),
        (
            lambda: cluster.kmeans_points(x[0, 0], 2, start=x[0, 0]),
            ValueError,
            r"start has.*\[2, 4\]",
        ),
        (lambda: cluster.kmeans_points(x, 2), ValueError, r"points is \[1, 2, 4, 4\]; give"),
        (lambda: cluster.kmeans_points(x[0, 0].long(), 2), TypeError, r"use points.float\(\)"),
        (lambda: cluster.mean_shift_modes(x[0, 0] / 0, 1), ValueError, "NaN or infinity"),
        (lambda: cluster.mean_shift(x, 0), ValueError, "bandwidth=0 is no distance"),
        (lambda: cluster.mean_shift(x, 1, every=True), TypeError, "every=True"),
        (lambda: cluster.slic(x, 0), ValueError, "segments=0"),
        (lambda: cluster.slic(x, 4, 0), ValueError, "compactness=0 must be above 0"),
        (lambda: cluster.felzenszwalb(x, -1), ValueError, "scale=-1 must be above 0"),
        (lambda: cluster.felzenszwalb(x, 1, 0), ValueError, "smallest=0"),
        (
            lambda: cluster.gradient_watershed(x, 4, -1),
            ValueError,
            "compactness=-1 must not be negative",
        ),
        (
            lambda: cluster.cut_superpixels(x, plane[:, 1:], 2, 1),
            ValueError,
            "superpixels has shape",
        ),
        (lambda: cluster.cut_superpixels(x, plane, 0, 1), ValueError, "k=0"),
        (lambda: cluster.cut_superpixels(x, plane, 2, -1), ValueError, "bandwidth=-1"),
        (lambda: cluster.similarities(one, x[0, 0], 1), ValueError, "each of the 1 nodes"),
        (lambda: cluster.region_graph(plane.float()), TypeError, r"labels.long\(\)"),
        (lambda: cluster.region_graph(plane - 1), ValueError, "labels holds -1; number"),
        (lambda: cluster.region_graph(plane[None]), ValueError, r"give one map, \[1, H, W\]"),
        (lambda: cluster.means(x[..., 1:], plane), ValueError, "of one size"),
    ],
)
def test_what_cannot_be_says_why(call, error, message):
    with pytest.raises(error, match=message):
        call()


# device


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_cuda_device_gives_what_the_processor_gives():
    image = mosaics.make(size=(64, 64)).image.cpu()
    here, there = cluster.measure(image), cluster.measure(image.cuda())
    for ours, theirs in zip(here, there, strict=True):
        torch.testing.assert_close(theirs.cpu(), ours, rtol=1e-3, atol=1e-3)
    x = here.weighted(1, 0.5, 0.2)
    for name, group in METHODS.items():
        labels = group(x.cuda())
        assert labels.is_cuda, name
        assert labels.equal(group(x.cuda())), name
        # A pixel between two centers may fall to the other side by rounding.
        assert (labels.cpu() == group(x)).float().mean() > 0.98, name
    graph = cluster.region_graph(labels)
    assert cluster.means(x.cuda(), labels).is_cuda
    assert cluster.colouring(graph).is_cuda
    assert cluster.pieces(labels).is_cuda
