"""Operators on maps far from square, against loops, torch and scipy."""

import numpy as np
import pytest
import scipy.ndimage
import torch
import torch.nn.functional as F

from seglab.ops import cluster, instances, morphology, upsample
from seglab.ops.borders import mirrored
from seglab.ops.windows import Window

SIZES = [(20, 3), (3, 20)]
KERNELS = [(9, 1), (1, 9)]


def random_map(size, dtype=torch.float64):
    """Draw a plane [1, 1, H, W] whose numbers are all different."""
    return torch.rand(1, 1, *size, dtype=dtype, generator=torch.Generator().manual_seed(7))


def numbered(size):
    """Draw a label map [1, H, W] of 0 to 4."""
    return torch.randint(0, 5, (1, *size), generator=torch.Generator().manual_seed(3))


def near(i, j, size, rows, columns):
    """The pixels at most so many rows and columns away, as slices."""
    top, left = max(0, i - rows), max(0, j - columns)
    return slice(top, min(size[0], i + rows + 1)), slice(left, min(size[1], j + columns + 1))


# Upsampling


def taken_apart(kind, x, factor, kernel, positions):
    """The larger map of a type, number by number."""
    height, width = x.shape[2:]
    out = torch.zeros(height * factor, width * factor, dtype=x.dtype)
    for i in range(height):
        for j in range(width):
            value = x[0, 0, i, j]
            if kind == upsample.NEAREST:
                out[i * factor : (i + 1) * factor, j * factor : (j + 1) * factor] = value
            elif kind == upsample.NAILS:
                out[i * factor, j * factor] = value
            elif kind == upsample.UNPOOLING:
                place = int(positions[0, 0, i, j])
                out[place // (width * factor), place % (width * factor)] = value
            else:
                add_around(out, value * kernel, i * factor, j * factor, factor)
    return out


def add_around(out, pattern, top, left, factor):
    """Add a pattern around the middle of a block of factor x factor pixels."""
    before = (len(pattern) - factor + 1) // 2
    for a, b in np.ndindex(*pattern.shape):
        row, column = top + a - before, left + b - before
        if 0 <= row < out.shape[0] and 0 <= column < out.shape[1]:
            out[row, column] += pattern[a, b]


def interpolated(x, factor):
    """The plane between its pixel centers, linear along the rows and then along the columns."""
    for axis in (0, 1):
        length = x.shape[axis]
        at = (np.arange(length * factor) + 0.5) / factor - 0.5
        x = np.apply_along_axis(
            lambda line, at=at: np.interp(at, np.arange(len(line)), line), axis, x
        )
    return torch.from_numpy(x)


def expected_of(kind, x, factor, kernel, positions):
    """The larger map of any type."""
    if kind == upsample.BILINEAR:
        return interpolated(x[0, 0].numpy(), factor)
    if kind == upsample.RESIZE:
        blocks = taken_apart(upsample.NEAREST, x, factor, None, None).numpy()
        return torch.from_numpy(scipy.ndimage.correlate(blocks, kernel.numpy(), mode="constant"))
    return taken_apart(kind, x, factor, kernel, positions)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", upsample.TYPES)
def test_each_type_of_upsampling_keeps_rows_and_columns_apart(kind, size):
    x, factor = random_map(size), 2
    fine = random_map((2 * size[0], 2 * size[1]))
    positions = F.max_pool2d(fine, factor, return_indices=True)[1]
    side = upsample.kernel_side(kind, factor, 3)
    kernel = torch.arange(1.0, side * side + 1, dtype=x.dtype).view(side, side) if side else None
    op = upsample.Upsampler(kind, factor, kernel, positions=positions)
    torch.testing.assert_close(op(x)[0, 0], expected_of(kind, x, factor, kernel, positions))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("factor", [(3, 1), (1, 3)])
def test_a_pair_of_factors_is_height_and_width(factor, size):
    x, (down, across) = random_map(size), factor
    repeated = x.repeat_interleave(down, 2).repeat_interleave(across, 3)
    assert torch.equal(upsample.nearest(x, factor), repeated)
    nails = torch.zeros_like(repeated)
    nails[..., ::down, ::across] = x
    assert torch.equal(upsample.bed_of_nails(x, factor), nails)
    three = torch.cat([x, 2 * x, 3 * x], 1)
    shuffled = upsample.pixel_shuffle(three, factor)
    for n in range(3):
        start = (n, 0) if down == 3 else (0, n)
        assert torch.equal(shuffled[..., start[0] :: down, start[1] :: across], (n + 1) * x)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_long_kernel_is_spread_along_its_axis(kernel, size):
    x = random_map(size)
    weight = torch.arange(1.0, 10, dtype=x.dtype).view(1, 1, *kernel)
    spread = upsample.transposed_conv(x, weight, (2, 1))
    expected = torch.zeros(2 * size[0] - 2 + kernel[0], size[1] - 1 + kernel[1], dtype=x.dtype)
    for i, j in np.ndindex(*size):
        expected[2 * i : 2 * i + kernel[0], j : j + kernel[1]] += x[0, 0, i, j] * weight[0, 0]
    torch.testing.assert_close(spread[0, 0], expected)
    convolved = upsample.resize_conv(x, weight, (2, 1))
    blocks = x[0, 0].repeat_interleave(2, 0).numpy()
    expected = scipy.ndimage.correlate(blocks, weight[0, 0].numpy(), mode="constant")
    torch.testing.assert_close(convolved[0, 0], torch.from_numpy(expected))


@pytest.mark.parametrize("op", [upsample.nearest, upsample.bed_of_nails, upsample.bilinear])
def test_a_matrix_stretches_the_columns_of_a_row(op):
    matrix = upsample.as_matrix(lambda x: op(x, (1, 3)), 20, dtype=torch.float64)
    x = random_map((3, 20))
    torch.testing.assert_close(x @ matrix.T, op(x, (1, 3)))
    assert matrix.shape == (60, 20)


@pytest.mark.parametrize("size", SIZES)
def test_an_impulse_stands_at_its_row_and_column(size):
    at = (17, 2) if size[0] == 20 else (2, 17)
    answer = upsample.impulse_response(lambda x: upsample.nearest(x, (1, 2)), size, at)
    assert answer.shape[2:] == (size[0], 2 * size[1])
    assert answer[0, 0].nonzero().tolist() == [[at[0], 2 * at[1]], [at[0], 2 * at[1] + 1]]


# Windows and borders


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("corner", [(-2, -1), (1, 0), (15, 1), (0, 15), (18, 2), (2, 18)])
def test_a_window_is_cut_pixel_by_pixel(corner, size):
    plane = random_map(size)[0, 0]
    cut = Window(*corner, 5).cut(plane, -1.0)
    for a, b in np.ndindex(5, 5):
        row, column = corner[0] + a, corner[1] + b
        inside = 0 <= row < size[0] and 0 <= column < size[1]
        assert cut[a, b] == (plane[row, column] if inside else -1)


@pytest.mark.parametrize("size", SIZES)
def test_a_mirror_adds_to_each_end_what_it_is_asked_for(size):
    plane = random_map(size)
    ends = [(0, 0), (0, 0), (5, 1), (2, 7)]
    for repeat, mode in ((False, "reflect"), (True, "symmetric")):
        expected = np.pad(plane.numpy(), ends, mode=mode)
        assert np.array_equal(mirrored(plane, (5, 1), (2, 7), repeat).numpy(), expected)


# Morphology


@pytest.mark.parametrize("size", SIZES)
def test_an_edge_is_where_another_label_or_the_border_is_near(size):
    labels = (numbered(size) > 1).long()
    for steps in (1, 2):
        found = morphology.edge(labels, steps)
        for i, j in np.ndindex(*size):
            rows, columns = near(i, j, size, steps, steps)
            reaches = i < steps or j < steps or i >= size[0] - steps or j >= size[1] - steps
            differs = bool((labels[0, rows, columns] != labels[0, i, j]).any())
            if steps == 1:
                assert bool(found[0, i, j]) == (reaches or differs)
            elif reaches:
                assert found[0, i, j]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("steps", [1, 2])
def test_growing_and_shrinking_a_mask_is_scipys(steps, size):
    mask = random_map(size)[0] > 0.6
    square = np.ones((3, 3))
    grown = scipy.ndimage.binary_dilation(mask[0].numpy(), square, iterations=steps)
    shrunk = scipy.ndimage.binary_erosion(mask[0].numpy(), square, iterations=steps)
    assert np.array_equal(morphology.dilate(mask, steps)[0].numpy(), grown)
    assert np.array_equal(morphology.erode(mask, steps)[0].numpy(), shrunk)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("by", [(2, 0), (0, 2), (-1, 1), (5, -1), (-30, 0)])
def test_a_shift_moves_down_and_right(by, size):
    plane = random_map(size)[0, 0]
    moved = morphology.shift(plane, by, -1)
    for i, j in np.ndindex(*size):
        row, column = i - by[0], j - by[1]
        inside = 0 <= row < size[0] and 0 <= column < size[1]
        assert moved[i, j] == (plane[row, column] if inside else -1)


@pytest.mark.parametrize("size", SIZES)
def test_a_disc_lies_around_its_row_and_column(size):
    at = (15, 1) if size[0] == 20 else (1, 15)
    disc = morphology.disc(size, at, 2.3)
    for i, j in np.ndindex(*size):
        assert bool(disc[i, j]) == (np.hypot(i - at[0], j - at[1]) <= 2.3)


# Instances


@pytest.mark.parametrize("size", SIZES)
def test_boxes_and_centroids_have_the_row_first(size):
    found = numbered(size)
    numbers = instances.ids(found)
    masks = found == numbers[:, None, None]
    for number, box, edges, center in zip(
        numbers.tolist(),
        instances.boxes(found).tolist(),
        instances.mask_boxes(masks).tolist(),
        instances.centroids(found).tolist(),
        strict=True,
    ):
        places = [(i, j) for i, j in np.ndindex(*size) if found[0, i, j] == number]
        rows, columns = zip(*places, strict=True)
        assert box == [min(rows), min(columns), max(rows) + 1, max(columns) + 1]
        assert edges == [side - 0.5 for side in box]
        assert center == pytest.approx([np.mean(rows), np.mean(columns)])


def test_the_nearest_box_is_measured_down_and_across():
    boxes = torch.tensor([[0, 0, 2, 20], [10, 0, 20, 2]])
    assert instances.nearest_box(boxes, (1, 15)) == 0
    assert instances.nearest_box(boxes, (15, 1)) == 1
    assert instances.nearest_box(boxes, (9, 0)) == 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("connectivity", [4, 8])
def test_components_are_scipys(connectivity, size):
    mask = random_map(size)[0] > 0.5
    around = np.ones((3, 3)) if connectivity == 8 else None
    expected, _ = scipy.ndimage.label(mask[0].numpy(), around)
    found = instances.renumber(instances.components(mask.long(), connectivity, ignore=0))
    assert np.array_equal(found[0].numpy(), expected)


@pytest.mark.parametrize("size", SIZES)
def test_peaks_and_targets_have_the_row_first(size):
    place = (17, 1) if size[0] == 20 else (1, 17)
    heat = torch.zeros(1, 1, *size)
    heat[0, 0, place[0], place[1]] = 1
    (centers,) = instances.find_centers(heat, kernel_size=3)
    assert centers.place.tolist() == [list(place)]
    found = torch.zeros(1, *size, dtype=torch.long)
    found[0, place[0] - 1 : place[0] + 2, place[1] - 1 : place[1] + 2] = 1
    heatmap, offsets = instances.center_targets(found, sigma=2)
    assert divmod(int(heatmap.flatten().argmax()), size[1]) == place
    for i, j in found[0].nonzero().tolist():
        assert offsets[0, :, i, j].tolist() == [place[0] - i, place[1] - j]


@pytest.mark.parametrize("size", SIZES)
def test_the_distance_goes_to_the_nearest_pixel_outside_also_beyond_the_border(size):
    mask = random_map(size)[0] > 0.3
    expected = scipy.ndimage.distance_transform_edt(np.pad(mask[0].numpy(), 1))[1:-1, 1:-1]
    assert instances.distance(mask)[0].numpy() == pytest.approx(expected)


# Regions


@pytest.mark.parametrize("size", SIZES)
def test_pairs_of_pixels_that_touch_are_counted_in_both_directions(size):
    labels = numbered(size)
    graph = cluster.region_graph(labels)
    pairs = [(i, j, i, j + 1) for i, j in np.ndindex(size[0], size[1] - 1)]
    pairs += [(i, j, i + 1, j) for i, j in np.ndindex(size[0] - 1, size[1])]
    touching = [sorted((int(labels[0, i, j]), int(labels[0, k, m]))) for i, j, k, m in pairs]
    for edge, borders in zip(graph.edges.T.tolist(), graph.borders.tolist(), strict=True):
        assert borders == touching.count(edge)
    assert graph.inner.tolist() == [touching.count([n, n]) for n in range(5)]
    assert sum(graph.borders.tolist()) + sum(graph.inner.tolist()) == len(pairs)


@pytest.mark.parametrize("size", SIZES)
def test_a_place_is_a_row_and_a_column(size):
    place = cluster.measure(torch.zeros(1, 3, *size)).place
    for i, j in np.ndindex(*size):
        assert place[0, :, i, j].tolist() == pytest.approx([5 * i, 5 * j])


def test_orientation_0_of_a_texture_varies_along_a_row():
    wave = torch.sin(torch.arange(40) * 2 * torch.pi / 4) / 4 + 0.5
    along = wave.expand(1, 3, 12, 40)
    answers = cluster.measure(along).texture[0, :4].mean((1, 2))
    assert int(answers.argmax()) == 0
    turned = cluster.measure(along.mT.contiguous()).texture[0, :4].mean((1, 2))
    assert int(turned.argmax()) == 2
    torch.testing.assert_close(turned[[2, 0]], answers[[0, 2]])
