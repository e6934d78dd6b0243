"""Quizzes of labs 05 to 10: the right option, and what each other one claims, are computed."""

import pytest
import torch
import torch.nn.functional as F

from seglab.course import catalogue
from seglab.lessons import a_trous, only_convolutions, shift_and_stitch
from seglab.nets import classifiers, textures
from seglab.nets import five_convolutions as five
from seglab.ops import dense, heatmap, receptive_field, upsample


def right(name):
    """Text of the right option."""
    (option,) = (o for o in catalogue.question(name).options if o.right)
    return option.text


def test_05_how_many_scores():
    net = classifiers.convolutional(classifiers.pretrained())
    scores = net(torch.rand(1, 3, 256, 256, device=next(net.parameters()).device))
    assert right("05-how-many-scores") == "57 × 57"
    assert scores.shape == (1, 7, 57, 57)
    assert receptive_field.of(net).stride == (4, 4)  # not 32 apart, and not 1
    assert (256 // 32, 256 - 32 + 1) == (8, 225)  # what the other options count


def test_05_temperature():
    scores = torch.randn(1, 7, 30, 30, generator=torch.Generator().manual_seed(0)) * 5
    low, high = heatmap.softmax(scores, 1), heatmap.softmax(scores, 8)
    assert right("05-temperature") == "nothing"
    assert low.argmax(1).equal(high.argmax(1))
    assert high.max() < low.max()  # only the probabilities come closer together


def test_06_half():
    assert right("06-half") == "one or none"
    shares = torch.tensor([[0.5, 0.5, 0, 0, 0, 0, 0], [1 / 7] * 7, [0.7, 0.3, 0, 0, 0, 0, 0]])
    reached = (shares >= 0.6).sum(1)
    assert reached.tolist() == [0, 0, 1]  # so not exactly one
    grid = torch.rand(1000, 7, generator=torch.Generator().manual_seed(0)).pow(9)
    drawn = grid / grid.sum(1, keepdim=True)
    assert (drawn >= 0.6).sum(1).unique().tolist() == [0, 1]
    assert (drawn >= 0.3).sum(1).max() > 1  # several, with a level below 0.5
    assert (shares[0] >= 0.5).sum() == 2  # and with 0.5 itself
    assert (torch.tensor([3.0, 5.0]) >= 0.6).sum() == 2  # and with scores


def test_06_loud():
    assert right("06-loud") == "closer to the cell that says brick"
    t = torch.linspace(0, 1, 6001, dtype=torch.float64)
    grass, brick = 10 * (1 - t), 2 * t
    boundary = float(t[(brick > grass).int().argmax()])
    assert boundary == pytest.approx(5 / 6, abs=1e-3)
    assert (float(grass[3000]), float(brick[3000])) == (5, 1)  # in the middle


def test_07_equal_parameters():
    assert right("07-equal-parameters") == "the plain and the dilated one, by far"
    reaches = [five.NETS["f8"], five.NETS["plain"], five.dilating((1, 2, 4, 8, 8))]
    weights = {sum(p.numel() for p in five.untrained(reach).parameters()) for reach in reaches}
    strided, plain, dilated = (reach.work() for reach in reaches)
    assert len(weights) == 1
    assert reaches[0].strides == (2, 2, 2, 1, 1)  # behind them, one place for 64 pixels
    assert strided < plain / 20
    assert plain == dilated
    costs = [dense.cost(five.untrained(reach), (256, 256), "coarse") for reach in reaches]
    assert costs[0] < costs[2] < costs[1]  # without padding the dilated net's maps lose more


def test_07_at_the_borders():
    assert right("07-at-the-borders") == "the plain one"
    for trained, best in (("patches", "plain"), ("mosaics", "dilated")):
        shares = only_convolutions.LAB.at(trained=trained).values["shares"]
        assert max(shares, key=lambda net: shares[net][1]) == best
    fields = [net.field.size for net in only_convolutions.LAB.at().values["answers"].values()]
    assert fields == [(47, 47), (11, 11), (47, 47)]


def test_07_equal_dilations():
    assert right("07-equal-dilations") == "speckled, like 16 interleaved nets"
    net = five.untrained(five.NETS["d4"]).double().cpu()
    image = torch.rand(1, 3, 60, 60, dtype=torch.float64)
    assert receptive_field.of(net).size == (41, 41)
    assert receptive_field.of(net).stride == (1, 1)  # so no cells of 4 × 4
    ordinary = five.untrained(five.stepping(1)).double().cpu()
    ordinary.load_state_dict(net.state_dict())
    scores = net(image)  # of 16 coarse pictures, each on its own
    for y in range(4):
        for x in range(4):
            alone = ordinary(image[..., y::4, x::4])
            assert torch.allclose(scores[..., y::4, x::4], alone)


def test_08_how_many_passes():
    assert right("08-how-many-passes") == "64"
    passes = shift_and_stitch.LAB.at(f=8).values["passes"]
    assert passes.count == 64
    filled = ~passes.stitched(64).isnan().any(1)
    assert filled.all()
    assert not (~passes.stitched(63).isnan().any(1)).all()
    row = ~passes.stitched(8).isnan().any(1)[0]
    assert row[0].all()  # eight shifts fill a row
    assert not row[1].any()  # and leave the next ones empty
    assert shift_and_stitch.LAB.at(f=16).values["passes"].count == 4 * 64


def test_08_which_pixel():
    assert right("08-which-pixel") == "rows 1, 5, 9, ... and columns 2, 6, 10, ..."
    net = textures.pretrained(4)
    image = torch.rand(1, 3, 60, 60, device=next(net.parameters()).device)
    whole, part = dense.shift_and_stitch(net, image), dense.coarse(net, image[..., 1:, 2:])
    assert torch.allclose(whole[..., 1::4, 2::4], part, atol=1e-4)
    for rows, columns in ((2, 1), (3, 2)):  # swapped, and moved the other way
        other = whole[..., rows::4, columns::4]
        same = [slice(0, min(a, b)) for a, b in zip(other.shape[2:], part.shape[2:], strict=True)]
        assert not torch.allclose(other[(..., *same)], part[(..., *same)], atol=1e-2)


def test_09_one_pool_forgotten():
    wanted = "the scores are wrong, even at the pixels that the coarse map has"
    assert right("09-one-pool-forgotten") == wanted
    for dilations in ((1, 1, 4, 4, 8, 8), (1, 2, 4, 1, 8, 8)):  # pool1, pool2 forgotten
        run = a_trous.LAB.at(dilations=[dilations])
        apart = run.values["difference"][0]
        assert run.values["both"][1].shape == run.values["both"][0].shape  # as fine as before
        assert apart[::8, ::8].max() > 1
        assert (apart[60:-60, 60:-60] > 0.1).float().mean() > 0.9  # not at the border only
        assert run.values["changed_labels"] < 0.3


def test_09_what_it_costs():
    assert right("09-what-it-costs") == "more than a coarse pass, less than f × f of them"
    for f in (2, 4, 8, 16):
        net = textures.pretrained(f)
        coarse, dilated = (dense.cost(net, (256, 256), way) for way in ("coarse", "atrous"))
        assert coarse < dilated < f * f * coarse
        by_layer = [dense.macs_by_layer(net, (256, 256), w) for w in ("atrous", "shift_and_stitch")]
        last = "scores"  # after the last stride, both ways do the same work
        assert by_layer[0][last] == by_layer[1][last]
        assert by_layer[0]["conv1"] < by_layer[1]["conv1"]


LINEAR = [kind for kind in upsample.TYPES if kind != upsample.UNPOOLING]


@pytest.mark.parametrize("name", LINEAR)
def test_10_how_many_operators(name):
    assert right("10-how-many-operators") == "all six"
    assert len(LINEAR) == 6
    f, x = 4, torch.randn(1, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    kernel = upsample.random_kernel(name, f, 2 * f) if name in upsample.WEIGHTED else None
    type_ = upsample.Upsampler(name, f, kernel)
    one = torch.zeros_like(x)
    one[..., 4, 4] = 1
    response = type_(one)[0, 0]
    top = 4 * f  # its middle as a kernel: one transposed convolution does what the type does
    whole = F.conv_transpose2d(x, response[None, None], stride=f)
    whole = whole[..., top : top + 9 * f, top : top + 9 * f]
    inside = slice(2 * f, -2 * f)
    assert torch.allclose(whole[..., inside, inside], type_(x)[..., inside, inside], atol=1e-5)


def test_10_inverse():
    assert right("10-inverse") == "a map of the large one's size with other values"
    x = torch.rand(1, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    for seed in range(20):
        weight = torch.randn(1, 1, 3, 3, generator=torch.Generator().manual_seed(seed))
        small = F.conv2d(x, weight, stride=2)
        back = upsample.transposed_conv(small, weight, stride=2)
        assert back.shape == x.shape
        assert small.numel() < x.numel() / 4
        assert (back - x).abs().max() > 0.5
