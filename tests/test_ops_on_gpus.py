"""The public operators on a pretended GPU: each gives there what it gives on the CPU."""

import importlib
import inspect
import pkgutil

import pytest
import torch
import torch.nn.functional as F
from pretended_gpu import OnGpu, pretended_gpu
from torch import Tensor, nn

from seglab import ops
from seglab.ops import (
    activations,
    borders,
    class_weights,
    clicks,
    cluster,
    dense,
    effective_field,
    heatmap,
    instances,
    losses,
    metrics,
    morphology,
    pulls,
    receptive_field,
    tiles,
    upsample,
)
from seglab.stroke import Stroke


class Given:
    """Arguments of the operators, on one device."""

    def __init__(self, place):
        self.kind = torch.device(place).type
        draw = torch.Generator().manual_seed(0)
        patches = F.interpolate(torch.rand(1, 3, 6, 8, generator=draw), (24, 32))
        self.image = (0.9 * patches + 0.1 * torch.rand(1, 3, 24, 32, generator=draw)).to(place)
        self.scores = torch.randn(1, 4, 6, 8, generator=draw).to(place)
        # Four classes of a few pieces each.
        coarse = torch.randint(0, 4, (1, 1, 6, 8), generator=draw).float()
        self.labels = F.interpolate(coarse, (24, 32))[:, 0].long().to(place)
        self.truth = self.labels.roll((1, 1), (1, 2))
        self.objects = instances.components(self.labels.where(self.labels > 2, 255))
        self.true_objects = self.objects.roll((1, 1), (1, 2))
        self.mask, self.true_mask = self.objects > 0, self.true_objects > 0
        self.told = torch.full_like(self.labels, 255)
        self.told[:, 8:12, 8:12], self.told[:, 16:18, 20:24] = 1, 0
        self.boxes = instances.boxes(self.objects).float()
        self.crops = torch.rand(len(self.boxes), 7, 7, generator=draw).to(place)
        self.points = torch.rand(40, 3, generator=draw).to(place)
        self.weight = torch.rand(4, 1, 4, 4, generator=draw).to(place)
        torch.manual_seed(0)
        net = nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 2, 2))
        self.net = net.eval().requires_grad_(False).to(place)
        self.colours = cluster.cielab(self.image)
        self.superpixels = cluster.slic(self.colours, 20)
        self.graph = cluster.region_graph(self.superpixels)
        self.means = cluster.means(self.image, self.superpixels)
        self.near = cluster.similarities(self.graph, self.means, 0.2).float().to(place)
        self.overlaps = instances.overlaps(self.objects, self.true_objects)
        self.certainty = torch.linspace(0.9, 0.1, len(self.overlaps)).to(place)
        self.classes = torch.ones(len(self.overlaps), dtype=torch.int64, device=place)
        self.true_classes = torch.ones(self.overlaps.shape[1], dtype=torch.int64, device=place)
        self.tables = ([self.overlaps], [self.certainty], [self.classes], [self.true_classes])
        self.four = (self.labels, self.objects, self.truth, self.true_objects)
        self.counts = metrics.confusion(self.labels, self.truth, 4)
        self.side = torch.arange(len(self.graph.sizes), device=place) < 5
        self.probabilities = upsample.bilinear(self.scores, 4).softmax(1)
        self.pooled, self.indices = F.max_pool2d(self.image, 2, return_indices=True)
        self.targets = instances.center_targets(self.objects, 2.0)


OPS = {
    activations.class_activation: lambda f, g: f(g.scores, g.weight[:, 0, 0], g.weight[0, 0, 0]),
    activations.contributions: lambda f, g: f(lambda x: upsample.bilinear(x, 2), g.scores),
    activations.listen: lambda f, g: f(g.net, g.image, ("0",)).maps["0"],
    activations.strongest: lambda f, g: tuple(activations.ranked([f(g.scores, 3, 2)], 2)),
    activations.without: lambda f, g: f(g.net, "0", [1])(g.image),
    borders.mirrored: lambda f, g: f(g.image, (2, 3), (1, 4)),
    borders.mirror_indices: lambda f, g: f(9, 2, 3, g.image.device),
    class_weights.frequencies: lambda f, g: f(g.labels, 4),
    class_weights.inverse: lambda f, g: f(class_weights.frequencies(g.labels, 4), 0.5),
    clicks.compete: lambda f, g: f(g.image, g.told),
    clicks.course: lambda f, g: f(lambda told: clicks.min_cut(g.image, told), g.mask, 2).masks,
    clicks.framed: lambda f, g: f(g.told),
    clicks.min_cut: lambda f, g: f(g.image, g.told),
    clicks.neighbour_costs: lambda f, g: f(g.image),
    clicks.next_click: lambda f, g: repr(f(g.mask[:1], g.true_mask[:1])),
    clicks.put: lambda f, g: f(g.told, (3, 4), 1),
    clicks.random_walk: lambda f, g: f(g.image, g.told),
    clicks.seeds: lambda f, g: f(
        [Stroke("box", "object", ((2, 3), (9, 9)))], (24, 32), like=g.image
    ),
    cluster.boundaries: lambda f, g: f(g.labels),
    cluster.cielab: lambda f, g: (f(g.image), f(g.image, exact=True)),
    cluster.colour_distance: lambda f, g: f(g.colours, (3, 4)),
    cluster.colouring: lambda f, g: f(g.graph),
    cluster.cut_value: lambda f, g: f(g.graph, g.near, g.side),
    cluster.explained_variance: lambda f, g: f(g.image, g.labels),
    cluster.felzenszwalb: lambda f, g: f(g.colours, 100.0),
    cluster.flattened: lambda f, g: f(g.image, g.labels),
    cluster.gabor: lambda f, g: f(g.image),
    cluster.gradient: lambda f, g: f(g.colours),
    cluster.gradient_watershed: lambda f, g: f(g.colours, 12),
    cluster.cut_superpixels: lambda f, g: f(g.colours, g.superpixels, 3, 20.0),
    cluster.grow_region: lambda f, g: f(g.image.mean(1), (3, 4), 0.2),
    cluster.joining_tolerance: lambda f, g: f(g.image.mean(1), (3, 4)),
    cluster.largest_leap: lambda f, g: repr(f(g.image.mean(1)[:1])),
    cluster.kmeans: lambda f, g: f(g.colours, 3),
    cluster.kmeans_after: lambda f, g: f(g.colours, cluster.kmeans_path(g.colours, 3), 1),
    cluster.kmeans_path: lambda f, g: f(g.colours, 3).centers,
    cluster.kmeans_points: lambda f, g: tuple(f(g.points, 3)),
    cluster.mean_shift: lambda f, g: f(g.colours, 40.0),
    cluster.mean_shift_modes: lambda f, g: f(g.points, 0.5),
    cluster.means: lambda f, g: f(g.image, g.labels),
    cluster.measure: lambda f, g: tuple(f(g.image)),
    cluster.nearest_center: lambda f, g: f(g.points, g.points[:4]),
    cluster.normalized_cut: lambda f, g: f(g.graph, g.near, 3),
    cluster.numbered: lambda f, g: f(g.labels),
    cluster.pieces: lambda f, g: f(g.labels),
    cluster.position: lambda f, g: f(g.image),
    cluster.region_graph: lambda f, g: tuple(f(g.labels)),
    cluster.similarities: lambda f, g: f(g.graph, g.means, 0.2),
    cluster.slic: lambda f, g: f(g.colours, 20),
    dense.at_size: lambda f, g: f(g.net, (24, 32)).exact(0, (0, 24)),
    dense.analyze: lambda f, g: repr(f(g.net).output()),
    dense.check_image: lambda f, g: f(g.net, g.image),
    dense.check_room: lambda f, g: f(g.net, g.image),
    dense.coarse: lambda f, g: f(g.net, g.image),
    dense.cost: lambda f, g: f(g.net, (24, 32), "atrous"),
    dense.cut: lambda f, g: f(g.net, "0")(g.image),
    dense.dense_size: lambda f, g: f(g.net, (24, 32)),
    dense.dilations: lambda f, g: f(g.net),
    dense.fragments: lambda f, g: f(g.net, g.image),
    dense.interleave: lambda f, g: f([g.scores] * 4, 2, (12, 16)),
    dense.macs_by_layer: lambda f, g: f(g.net, (24, 32), "atrous"),
    dense.predict: lambda f, g: f(g.net, g.image),
    dense.rarefy: lambda f, g: f(g.net)(g.image),
    dense.shift_and_stitch: lambda f, g: f(g.net, g.image),
    dense.shifted: lambda f, g: f(g.net, g.image, 3),
    dense.sliding_window: lambda f, g: f(g.net, g.image),
    effective_field.of: lambda f, g: f([g.net], g.image, (1, 2)).gradient,
    heatmap.at_pixels: lambda f, g: f(
        heatmap.label_map(g.scores), receptive_field.of(g.net), (24, 32)
    ),
    heatmap.decide: lambda f, g: f(g.scores, "argmax"),
    heatmap.label_map: lambda f, g: f(g.scores),
    heatmap.normalized: lambda f, g: f(g.scores),
    heatmap.reject: lambda f, g: f(g.scores.softmax(1), 0.5),
    heatmap.softmax: lambda f, g: f(g.scores, 2.0),
    heatmap.threshold: lambda f, g: f(g.scores, 0.1),
    heatmap.values_at_pixels: lambda f, g: f(
        g.scores, receptive_field.of(g.net), (24, 32)
    ).nan_to_num(-1),
    instances.areas: lambda f, g: f(g.objects),
    instances.boxes: lambda f, g: f(g.objects),
    instances.center_targets: lambda f, g: f(g.objects, 2.0),
    instances.centroids: lambda f, g: f(g.objects).float(),
    instances.components: lambda f, g: f(g.labels),
    instances.distance: lambda f, g: f(g.mask),
    instances.distance_watershed: lambda f, g: f(g.mask),
    instances.find_centers: lambda f, g: [tuple(c) for c in f(g.targets[0])],
    instances.group: lambda f, g: f(instances.find_centers(g.targets[0]), g.targets[1], g.mask),
    instances.ids: lambda f, g: f(g.objects),
    instances.intersections: lambda f, g: f(g.objects, g.true_objects),
    instances.majority_labels: lambda f, g: f(g.objects, g.truth),
    instances.mask_boxes: lambda f, g: f(g.mask),
    instances.match: lambda f, g: tuple(x.float() for x in f(g.objects, g.true_objects)),
    instances.nearest_box: lambda f, g: f(g.boxes, (3, 4)),
    instances.neighbours: lambda f, g: f(g.objects, 2),
    instances.number_like: lambda f, g: f(g.objects, g.true_objects),
    instances.overlaps: lambda f, g: f(g.objects, g.true_objects).float(),
    instances.per_class: lambda f, g: f(g.labels, instances.components),
    instances.remove_small: lambda f, g: f(g.objects, 20),
    instances.renumber: lambda f, g: f(g.objects),
    instances.roi_align: lambda f, g: f(g.image, g.boxes, 5),
    instances.roi_paste: lambda f, g: f(g.crops, g.boxes, (24, 32)),
    instances.spread: lambda f, g: f(instances.areas(g.objects), g.objects, g.labels),
    losses.boundary: lambda f, g: f(upsample.bilinear(g.scores, 4), g.truth),
    losses.cross_entropy: lambda f, g: f(upsample.bilinear(g.scores, 4), g.truth),
    losses.dice: lambda f, g: f(upsample.bilinear(g.scores, 4), g.truth),
    losses.focal: lambda f, g: f(upsample.bilinear(g.scores, 4), g.truth),
    losses.lovasz_softmax: lambda f, g: f(upsample.bilinear(g.scores, 4), g.truth),
    losses.tversky: lambda f, g: f(upsample.bilinear(g.scores, 4), g.truth),
    pulls.as_one_moves: lambda f, g: tuple(
        f(losses.cross_entropy, upsample.bilinear(g.scores, 4), g.truth, (3, 4), (0.2, 0.8))
    ),
    pulls.pull: lambda f, g: f(losses.cross_entropy, upsample.bilinear(g.scores, 4), g.truth),
    pulls.shares: lambda f, g: tuple(f(g.scores[0, 0], g.scores[0].argmax(0), 4)),
    metrics.accuracy_by_coverage: lambda f, g: f(g.probabilities, g.truth, (0.3, 0.5)),
    metrics.achievable_accuracy: lambda f, g: f(g.superpixels, g.truth, 4),
    metrics.average_precision: lambda f, g: f(*g.tables).float(),
    metrics.average_precision_by_class: lambda f, g: f(*g.tables, (1, 2)).float(),
    metrics.boundary_counts: lambda f, g: f(g.labels, g.truth, 4, 2),
    metrics.boundary_iou: lambda f, g: f(g.mask, g.true_mask, 2),
    metrics.calibration_error: lambda f, g: f(metrics.reliability(g.probabilities, g.truth)),
    metrics.confusion: lambda f, g: f(g.labels, g.truth, 4),
    metrics.reliability: lambda f, g: f(g.probabilities, g.truth, 4).nan_to_num(-1),
    metrics.coverage: lambda f, g: f(g.labels, 4),
    metrics.detection_counts: lambda f, g: tuple(f(g.overlaps, g.classes, g.true_classes)),
    metrics.dice: lambda f, g: f(g.counts),
    metrics.errors: lambda f, g: f(g.labels, g.truth),
    metrics.frequency_weighted_iou: lambda f, g: f(g.counts),
    metrics.iou: lambda f, g: f(g.counts),
    metrics.largest_difference: lambda f, g: f(g.image, g.image.flip(2)),
    metrics.mask_overlaps: lambda f, g: f(g.mask, g.true_mask).float(),
    metrics.mean_accuracy: lambda f, g: f(g.counts),
    metrics.mean_boundary_iou: lambda f, g: f(g.labels, g.truth, 4, 2),
    metrics.mean_iou: lambda f, g: f(g.counts),
    metrics.missing_probability: lambda f, g: f(g.probabilities, g.truth),
    metrics.object_mistakes: lambda f, g: tuple(f(g.objects, g.true_objects)),
    metrics.segment_pairs: lambda f, g: tuple(x.float() for x in f(*g.four)),
    metrics.panoptic_quality: lambda f, g: tuple(x.float() for x in f(*g.four, 4)),
    metrics.panoptic_quality_by_class: lambda f, g: tuple(x.float() for x in f(*g.four, 4)),
    metrics.pixel_accuracy: lambda f, g: f(g.counts),
    metrics.root_mean_square: lambda f, g: f(g.image, g.image.flip(2)),
    metrics.selective_accuracy: lambda f, g: f(g.labels, g.truth, 4),
    metrics.verdicts: lambda f, g: f(g.labels, g.truth, 4),
    metrics.winners: lambda f, g: f(g.labels, g.superpixels, g.truth),
    morphology.bright_objects: lambda f, g: f(g.image, 6),
    morphology.compare_edges: lambda f, g: f(g.labels, g.truth, 1),
    morphology.dilate: lambda f, g: f(g.mask, 2),
    morphology.disc: lambda f, g: f((9, 9), (4, 4), 3.0, like=g.image),
    morphology.edge: lambda f, g: f(g.labels, 1),
    morphology.erode: lambda f, g: f(g.mask, 1),
    morphology.shift: lambda f, g: f(g.image, (1, -2)),
    receptive_field.measured: lambda f, g: f(g.net, g.image, (1, 2)),
    receptive_field.of: lambda f, g: f(g.net).size,
    receptive_field.trace: lambda f, g: [field.size for field in f(g.net).values()],
    tiles.plan: lambda f, g: f(g.net, (24, 32), 20).margin,
    tiles.predict: lambda f, g: f(g.net, g.image, 20),
    tiles.stitched: lambda f, g: f(torch.nn.Identity(), g.image, 8, 2),
    upsample.as_matrix: lambda f, g: f(lambda x: upsample.nearest(x, 2), 5, device=g.image.device),
    upsample.bed_of_nails: lambda f, g: f(g.image, 2),
    upsample.bilinear: lambda f, g: (f(g.image, 3), f(g.image, 3, align_corners=True)),
    upsample.bilinear_kernel: lambda f, g: f(2, 3, device=g.image.device),
    upsample.impulse_response: lambda f, g: f(
        lambda x: upsample.nearest(x, 2), device=g.image.device
    ),
    upsample.max_unpool: lambda f, g: f(g.pooled, g.indices, (24, 32)),
    upsample.nearest: lambda f, g: f(g.image, 2),
    upsample.pixel_shuffle: lambda f, g: f(g.scores, 2),
    upsample.resize_conv: lambda f, g: f(g.scores, g.weight[..., :3, :3], 2, groups=4),
    upsample.transposed_conv: lambda f, g: f(g.scores, g.weight, 2, groups=4),
}

ON_THE_CPU = {cluster.similarities}  # in 64 bits

# They take no tensor and no net: what they make lies on the CPU.
WITHOUT = {"interpolating_kernel", "random_kernel", "overlap_count"}


def public():
    """The functions of `ops` that take or give tensors."""
    for module in pkgutil.iter_modules(ops.__path__, f"{ops.__name__}."):
        if "._" in module.name:
            continue
        for name, function in vars(importlib.import_module(module.name)).items():
            own = getattr(function, "__module__", "").startswith(module.name)
            if own and inspect.isfunction(function) and not name.startswith("_"):
                words = str(inspect.signature(function))
                if ("Tensor" in words or "Module" in words) and name not in WITHOUT:
                    yield function


def test_every_public_operator_is_tried():
    names = {f"{f.__module__}.{f.__name__}" for f in public()}
    assert names == {f"{f.__module__}.{f.__name__}" for f in OPS}


def test_the_peaks_of_a_picture_too_large_for_32_bits(monkeypatch, here):
    heatmap = here.targets[0]
    (right,) = instances.find_centers(heatmap)
    monkeypatch.setattr("seglab.ops.instances._centers._EXACT", 4)
    for kind in ("mps", "cuda"):
        with pretended_gpu(kind) as place:
            (found,) = instances.find_centers(heatmap.to(place))
            assert found.place.device == place
            assert torch.equal(found.place.cpu(), right.place)


def test_middles_of_a_large_picture_are_exact_without_64_bit_floats():
    objects = torch.zeros(1, 4096, 4096, dtype=torch.int64)
    objects[0, 2000:, 3001:] = 1
    with pretended_gpu("mps") as place:
        middle = instances.centroids(objects.to(place)).tolist()
    assert middle == [[3047.5, 3548.0]]


def flat(value):
    if isinstance(value, list | tuple):
        return [y for x in value for y in flat(x)]
    return flat(list(value.values())) if isinstance(value, dict) else [value]


@pytest.fixture(scope="module")
def here():
    return Given("cpu")


@pytest.fixture(scope="module", params=["mps", "cuda"])
def there(request):
    with pretended_gpu(request.param) as place:
        return Given(place)


@pytest.mark.parametrize("op", OPS, ids=lambda op: f"{op.__module__.split('.')[2]}.{op.__name__}")
def test_an_operator_gives_on_a_gpu_what_it_gives_on_the_cpu(op, here, there):
    right = flat(OPS[op](op, here))
    with pretended_gpu(there.kind):
        found = flat(OPS[op](op, there))
        assert len(found) == len(right)
        for given, expected in zip(found, right, strict=True):
            if isinstance(expected, Tensor):
                where = "the answer is not where the question was"
                assert isinstance(given, OnGpu) == (op not in ON_THE_CPU), where
                torch.testing.assert_close(given.cpu(), expected, equal_nan=True)
            elif isinstance(expected, str | None):
                assert given == expected
            else:
                assert given == pytest.approx(expected, rel=1e-6, nan_ok=True)
