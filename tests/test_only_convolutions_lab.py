"""Lab 07: what its table and its chart promise."""

import pytest
import torch

from seglab.lessons.only_convolutions import CHART_FIELD, DILATED, DIRECT, LAB, PLAIN
from seglab.ops import receptive_field
from seglab.types import NO_LABEL

EVERY_F = pytest.mark.parametrize("f", [2, 4, 8, 16])


@EVERY_F
def test_the_three_nets_have_equal_parameters_and_the_direct_one_is_the_dilated_one_thinned(f):
    for depth in (1, 3, 5):
        run = LAB.at(f=f, depth=depth)
        rows = {row[0]: row for row in run.panes["resolution, context, cost"].rows}
        assert len({row[1] for row in rows.values()}) == 1
        assert rows[DIRECT][3] == rows[DILATED][3]
        assert rows[DILATED][2] == rows[PLAIN][2] == "1"
        assert int(rows[DIRECT][2]) == min(f, 2**depth)
        assert run.numbers["direct against every f-th of dilated"] == "0.000"


def test_context_helps_inside_and_hurts_at_borders():
    for seed in range(6):
        shares = LAB.at(seed=seed).values["shares"]
        assert shares[DILATED][0] > shares[PLAIN][0]
        assert shares[DILATED][1] < shares[PLAIN][1]


def test_every_label_stands_where_its_fields_center_is():
    values = LAB.at(f=4, depth=3).values
    for answer in (values["direct"], values["plain"]):
        best = answer.scores.argmax(1)
        for u, v in ((0, 0), (5, 9), (best.shape[1] - 1, best.shape[2] - 1)):
            row, column = (int(at) for at in answer.field.center(u, v))
            assert answer.labels[0, row, column] == best[0, u, v]
        cell = answer.field.stride[0] ** 2
        assert int((answer.labels != NO_LABEL).sum()) == best.numel() * cell


def test_a_pane_depends_on_its_own_net_alone():
    assert LAB.reach(DIRECT) == ("seed", "depth", "f", "view")
    assert LAB.reach(PLAIN) == ("seed", "depth", "view")
    assert LAB.reach(DILATED) == ("seed", "depth", "f", "dilations", "view")


def test_a_net_with_equal_dilations_is_another_one_and_sees_a_sixteenth():
    run = LAB.at(dilations="4 everywhere")
    assert run.numbers["direct against every f-th of dilated"] == "another net"
    net, image = run.values["dilated_net"], run.values["mosaic"].image
    seen = receptive_field.measured(net, image, (50, 50)) > 0
    assert seen.nonzero().sub(torch.tensor([50, 50])).remainder(4).max() == 0


def test_the_chart_has_three_lines_of_growing_field():
    said = []
    chart = LAB.steps["chart", "Measure cost against field on this machine"].function
    figure = chart(LAB.at().values["mosaic"], f=8, kernel=5, progress=lambda *at: said.append(at))
    assert [line.name for line in figure.data] == [DIRECT, PLAIN, DILATED]
    for line in figure.data:
        assert len(line.x) >= 3
        assert list(line.x) == sorted(set(line.x))
        assert max(line.x) <= CHART_FIELD
        assert min(line.y) > 0
    assert said[-1][0] == said[-1][1]
