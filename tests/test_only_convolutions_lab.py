"""Lab 07: what its table and its chart promise."""

import pytest
import torch

from seglab.lessons.only_convolutions import CHART_FIELD, DILATED, LAB, PLAIN, STRIDED
from seglab.nets import five_convolutions
from seglab.ops import receptive_field
from seglab.types import NO_LABEL

EVERY_F = pytest.mark.parametrize("f", [2, 4, 8, 16])


@EVERY_F
def test_the_three_nets_have_equal_parameters_and_the_strided_one_is_the_dilated_one_thinned(f):
    for depth in (1, 3, 5):
        run = LAB.at(f=f, depth=depth)
        rows = {row[0]: row for row in run.panes["resolution, context, cost"].rows}
        assert len({row[1] for row in rows.values()}) == 1
        assert rows[STRIDED][3] == rows[DILATED][3]
        assert rows[DILATED][2] == rows[PLAIN][2] == "1"
        assert int(rows[STRIDED][2]) == min(f, 2**depth)
        assert run.numbers["strided against every f-th of dilated"] == "0.000"


def test_context_helps_inside():
    for seed in range(6):
        for trained in ("patches", "mosaics"):
            shares = LAB.at(seed=seed, trained=trained).values["shares"]
            assert shares[DILATED][0] > shares[PLAIN][0]


@pytest.mark.parametrize(("trained", "best"), [("patches", PLAIN), ("mosaics", DILATED)])
def test_the_training_decides_which_net_is_best_near_borders(trained, best):
    for seed in range(6):
        shares = LAB.at(seed=seed, trained=trained).values["shares"]
        assert max(shares, key=lambda net: shares[net][1]) == best


def test_mistakes_are_told_from_what_is_right_and_from_what_has_no_answer():
    run = LAB.at(view="mistakes")
    truth = run.values["mosaic"].labels[0].cpu().numpy()
    for name in (STRIDED, PLAIN, DILATED):
        picture, labels = run.panes[name], run.values[name].labels[0].cpu().numpy()
        assert picture.names[-1] == "right"
        assert ((picture.array == NO_LABEL) == (labels == NO_LABEL)).all()
        answered = labels != NO_LABEL
        right = picture.array == len(picture.names) - 1
        assert (right == (labels == truth))[answered].all()
        assert (picture.array == labels)[answered & ~right].all()


def test_the_plain_and_the_dilated_net_work_alike_where_the_border_does_not_count():
    plain, dilated = five_convolutions.NETS["plain"], five_convolutions.dilating((1, 2, 4, 8, 8))
    assert plain.work() == dilated.work()
    rows = {row[0]: row for row in LAB.at().panes["resolution, context, cost"].rows}
    assert int(rows[DILATED][4]) < int(rows[PLAIN][4])  # on 256 × 256 pixels without padding


def test_every_label_stands_where_its_fields_center_is():
    values = LAB.at(f=4, depth=3).values
    for answer in (values["strided"], values["plain"]):
        best = answer.scores.argmax(1)
        for u, v in ((0, 0), (5, 9), (best.shape[1] - 1, best.shape[2] - 1)):
            row, column = (int(at) for at in answer.field.center(u, v))
            assert answer.labels[0, row, column] == best[0, u, v]
        cell = answer.field.stride[0] ** 2
        assert int((answer.labels != NO_LABEL).sum()) == best.numel() * cell


def test_a_pane_depends_on_its_own_net_alone():
    assert LAB.reach(STRIDED) == ("seed", "trained", "depth", "f", "view")
    assert LAB.reach(PLAIN) == ("seed", "trained", "depth", "view")
    assert LAB.reach(DILATED) == ("seed", "trained", "depth", "f", "dilations", "view")


def test_a_net_with_equal_dilations_is_another_one_and_sees_a_sixteenth():
    run = LAB.at(dilations="4 everywhere")
    assert run.numbers["strided against every f-th of dilated"] == "another net"
    net, image = run.values["dilated_net"], run.values["mosaic"].image
    seen = receptive_field.measured(net, image, (50, 50)) > 0
    assert seen.nonzero().sub(torch.tensor([50, 50])).remainder(4).max() == 0


def test_the_chart_has_three_lines_of_growing_field():
    said = []
    chart = LAB.steps["chart", "Measure cost against field"].function
    figure = chart(LAB.at().values["mosaic"], f=8, kernel=5, progress=lambda *at: said.append(at))
    assert [line.name for line in figure.data] == [STRIDED, PLAIN, DILATED]
    for line in figure.data:
        assert len(line.x) >= 3
        assert list(line.x) == sorted(set(line.x))
        assert max(line.x) <= CHART_FIELD
        assert min(line.y) > 0
    assert said[-1][0] == said[-1][1]
