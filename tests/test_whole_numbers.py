"""Label maps of every whole-number type, numbers with gaps, and positions in half precision.

The oracle is the same call with int64, with numbers without gaps, or in full precision.
"""

import pytest
import torch

from seglab.images import resize
from seglab.ops import cluster, heatmap, instances, morphology
from seglab.ops.receptive_field import ReceptiveField

TYPES = (torch.uint8, torch.int16, torch.uint16, torch.int32, torch.uint32, torch.uint64)
MAP = torch.tensor([[[0, 1, 1, 0, 2], [0, 1, 3, 3, 2], [4, 4, 3, 0, 2], [4, 4, 0, 5, 5]]])
OTHER = MAP.roll(1, 2)
VALUES = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(0))
FIELD = ReceptiveField((3, 3), (2, 2), (0, 0), (1, 1))

CALLS = {
    "areas": instances.areas,
    "boxes": instances.boxes,
    "center_targets": instances.center_targets,
    "centroids": instances.centroids,
    "components": instances.components,
    "distance": instances.distance,
    "group": lambda m: instances.group(
        [instances.Centers(torch.tensor([[1.0, 1.0], [2.0, 3.0]]), torch.ones(2))],
        torch.zeros(1, 2, 4, 5),
        m,
    ),
    "ids": instances.ids,
    "intersections": lambda m: instances.intersections(m, OTHER.to(m.dtype)),
    "majority_labels": lambda m: instances.majority_labels(m, OTHER.to(m.dtype)),
    "match": lambda m: instances.match(m, OTHER.to(m.dtype)),
    "neighbours": instances.neighbours,
    "number_like": lambda m: instances.number_like(m, OTHER.to(m.dtype)),
    "overlaps": lambda m: instances.overlaps(m, OTHER.to(m.dtype)),
    "per_class": lambda m: instances.per_class(m, instances.components),
    "remove_small": lambda m: instances.remove_small(m, 3),
    "renumber": instances.renumber,
    "segments": lambda m: instances.Segmentation(
        m * 0,
        (m > 0).to(m.dtype) if m.dtype == torch.int64 else (m != 0).to(m.dtype),
        m,
        ("a",),
        ("b",),
    ).segments("panoptic"),
    "spread": lambda m: instances.spread(torch.arange(5).to(m.dtype), m, OTHER),
    "boundaries": cluster.boundaries,
    "explained_variance": lambda m: torch.tensor(cluster.explained_variance(VALUES, m)),
    "flattened": lambda m: cluster.flattened(VALUES, m),
    "cut_superpixels": lambda m: cluster.cut_superpixels(VALUES, m, 2, 0.5),
    "means": lambda m: cluster.means(VALUES, m),
    "numbered": cluster.numbered,
    "pieces": cluster.pieces,
    "region_graph": cluster.region_graph,
    "at_pixels": lambda m: heatmap.at_pixels(m, FIELD, (9, 11)),
    "resize": lambda m: resize.labels(m, (9, 7)),
    "edge": lambda m: morphology.edge(m, 1),
    "compare_edges": lambda m: morphology.compare_edges(m, OTHER.to(m.dtype), 1),
    "erode": lambda m: morphology.erode(m, 1).long(),
    "dilate": lambda m: morphology.dilate(m, 1).long(),
    "shift": lambda m: morphology.shift(m, (1, -1)).long(),
}


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("name", CALLS)
def test_every_whole_number_type_gives_the_same(name, dtype):
    found, right = (CALLS[name](m) for m in (MAP.to(dtype), MAP))
    torch.testing.assert_close(found, right, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("change", [morphology.erode, morphology.dilate], ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_morphology_keeps_the_type(change, dtype):
    assert change(MAP.to(dtype), 1).dtype == dtype


@pytest.mark.parametrize(
    "spread",
    [lambda s: 3 * s, lambda s: s.masked_fill(s == 7, 2**40), lambda s: (3 * s).to(torch.uint8)],
)
def test_a_cut_does_not_ask_how_superpixels_are_numbered(spread):
    features = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    superpixels = torch.arange(64).view(1, 8, 8) // 8
    right = cluster.cut_superpixels(features, superpixels, 3, 0.5)
    assert len(right.unique()) == 3
    assert torch.equal(cluster.cut_superpixels(features, spread(superpixels), 3, 0.5), right)


@pytest.mark.parametrize(
    ("superpixels", "error", "message"),
    [
        (torch.zeros(1, 4, 5), TypeError, r"superpixels is torch\.float32"),
        ([[0]], TypeError, "superpixels is a list"),
        (torch.full((1, 4, 5), -1), ValueError, "superpixels holds -1"),
    ],
)
def test_what_is_no_superpixel_map_is_refused(superpixels, error, message):
    with pytest.raises(error, match=message):
        cluster.cut_superpixels(VALUES, superpixels, 2, 0.5)


def test_a_graph_of_far_too_few_pixels_for_its_numbers_is_refused():
    with pytest.raises(ValueError, match=r"labels holds 1099511627776.*cluster\.numbered"):
        cluster.region_graph(torch.tensor([[0, 2**40]]))


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.uint16, torch.bool], ids=str)
def test_means_of_whole_numbers_are_not_cut_off(dtype):
    values, segment = torch.tensor([[[[0, 1]]]]).to(dtype), torch.zeros(1, 2, dtype=torch.int64)
    assert cluster.means(values, segment).tolist() == [[0.5]]
    assert cluster.flattened(values, segment).tolist() == [[[[0.5, 0.5]]]]
    assert cluster.explained_variance(values, torch.tensor([[0, 1]])) == 1


def test_means_of_complex_numbers_and_lists_are_refused():
    segment = torch.zeros(1, 2, dtype=torch.int64)
    for values in (torch.zeros(1, 1, 1, 2, dtype=torch.complex64), [[[[0, 1]]]]):
        with pytest.raises(TypeError, match="values is"):
            cluster.means(values, segment)


def test_a_side_of_a_cut_is_bool():
    graph = cluster.region_graph(torch.tensor([[0, 1]]))
    with pytest.raises(TypeError, match=r"side is torch\.int64; use bool"):
        cluster.cut_value(graph, torch.ones(1).double(), torch.tensor([0, 1]))


def test_region_255_among_300_is_not_lost_without_a_word():
    regions = torch.arange(1, 301).view(1, 20, 15)
    for find in (
        instances.components,
        lambda labels, **more: instances.per_class(labels, instances.components, **more),
    ):
        with pytest.raises(ValueError, match=r"labels holds 255.*up to 300; use ignore=None"):
            find(regions)
        assert find(regions, ignore=None).max() == 300
        assert find(regions.masked_fill(regions == 255, 0)).max() == 299
        assert find(regions.clamp(max=255)).max() == 254  # no larger number: 255 is no label


@pytest.mark.parametrize(
    "decide",
    [
        heatmap.label_map,
        lambda scores, **more: heatmap.reject(scores, 0.5, **more),
        lambda scores, **more: heatmap.decide(scores, "threshold", 0.5, **more),
    ],
)
def test_class_255_of_300_is_not_lost_without_a_word(decide):
    scores = torch.zeros(1, 300, 1, 2)
    scores[0, 255, 0, 0] = scores[0, 7, 0, 1] = 1
    with pytest.raises(ValueError, match=r"class 255 of 300 is the best somewhere.*ignore=-1"):
        decide(scores)
    assert decide(scores, ignore=-1).tolist() == [[[255, 7]]]
    assert decide(scores[..., 1:]).tolist() == [[[7]]]  # where it is not the best, nothing is lost


@pytest.mark.parametrize("wrong", [[[[True]]], torch.ones(1, 2, 2), None])
@pytest.mark.parametrize(
    "find", [instances.distance_watershed, instances.mask_boxes], ids=lambda f: f.__name__
)
def test_what_is_no_mask_is_refused_in_words(find, wrong):
    with pytest.raises(TypeError, match=r"masks? is .*; use "):
        find(wrong)


def test_not_a_number_hides_no_peak():
    heat = torch.zeros(1, 1, 9, 9)
    heat[0, 0, 4, 4] = 0.9
    heat[0, 0, 8, 0] = 0.5
    (right,) = instances.find_centers(heat)
    spoiled = heat.clone()
    spoiled[0, 0, 4, 5] = spoiled[0, 0, 0, 0] = torch.nan
    (found,) = instances.find_centers(spoiled)
    assert found.place.tolist() == right.place.tolist() == [[4, 4], [8, 0]]
    assert found.score.tolist() == right.score.tolist()
    assert len(instances.find_centers(torch.full((1, 1, 3, 3), torch.nan))[0].place) == 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_positions_are_whole_pixels_in_half_precision(dtype):
    heat = torch.zeros(1, 1, 310, 410, dtype=dtype)
    heat[0, 0, 301, 403] = 1
    (found,) = instances.find_centers(heat)
    assert found.place.tolist() == [[301, 403]]
    inside = torch.zeros(1, 310, 410) > 0
    inside[0, 301, 401:410] = True
    centers = [instances.Centers(torch.tensor([[301.0, 403.0], [301.0, 406.0]]), torch.ones(2))]
    objects = instances.group(centers, torch.zeros(1, 2, 310, 410, dtype=dtype), inside)
    assert objects[inside].tolist() == [1, 1, 1, 1, 2, 2, 2, 2, 2]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_boxes_are_read_at_their_places_in_half_precision(dtype):
    x = torch.zeros(1, 1, 4, 1024, dtype=dtype)
    x[..., 1001] = 1
    boxes = torch.tensor([[0.5, 999.5, 2.5, 1003.5]])
    read = instances.roi_align(x, boxes, 4)
    assert read.dtype == dtype
    assert read[0, 0, 1].tolist() == [0, 1, 0, 0]
    put = instances.roi_paste(torch.ones(1, 4, 4, dtype=dtype), boxes, (4, 1024))
    assert (put[0, 1] > 0.4).nonzero().flatten().tolist() == [1000, 1001, 1002, 1003]


def test_centroids_are_exact_far_out():
    picture = torch.zeros(1, 3, 5000, dtype=torch.int64)
    picture[0, :, 4000:] = 7
    assert instances.centroids(picture).tolist() == [[1, 4499.5]]
