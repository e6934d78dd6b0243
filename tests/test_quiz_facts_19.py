"""Facts that the questions of lab 19 rest on: the right option, and each of the others."""

import pytest
import torch

from seglab.lessons.losses import LAB
from seglab.nets import loss_trainings
from seglab.ops import losses

BETA = {beta: {"loss": "Tversky", "beta": beta} for beta in (0.1, 0.9)}


def counted(**state):
    """Accuracy, the share of the discs that is found, and of what is found that is disc."""
    run = LAB.at(share=0.01, **state)
    said, true = run.values["labels"] == 1, run.values["given"].labels == 1
    both = float((said & true).sum())
    return float((said == true).float().mean()), both / int(true.sum()), both / int(said.sum())


# 19-accuracy


def test_nothing_found_is_right_at_all_but_the_share_of_the_disc():
    truth = loss_trainings.new(0.01).labels
    right = float((truth == 0).float().mean())
    assert round(right, 2) == 0.99
    accuracy, found, _ = counted()
    assert round(accuracy, 2) == 0.99
    assert found < 0.03


# 19-half


def test_a_lower_threshold_finds_more_than_a_third_and_costs_no_accuracy():
    before, after = counted(), counted(threshold=0.2)
    assert before[1] < 0.03 < 1 / 3 < after[1]
    assert after[0] >= before[0]
    run = LAB.at(share=0.01)
    p, disc = run.values["chances"], run.values["given"].labels == 1
    assert float((p[disc] > 0.5).float().mean()) < 0.03
    assert float(p[disc].median()) > 100 * float(p[~disc].median())


# 19-missed


def test_beta_trades_missed_pixels_for_false_ones():
    plain, low, high = counted(), counted(**BETA[0.1]), counted(**BETA[0.9])
    assert round(plain[1], 2) == 0.02
    assert plain[1] < low[1] < high[1]
    assert high[1] > 0.6
    assert high[2] < low[2] / 2


@pytest.mark.parametrize(("beta", "costs"), [(0.9, 9), (0.1, 1 / 9)])
def test_a_missed_pixel_costs_nine_false_ones(beta, costs):
    sure = 60.0 * torch.tensor([1.0, -1.0])

    def below(missed, false):
        """FP and FN as the denominator of the disc's index weighs them."""
        labels = torch.tensor([[[1] * 10 + [0] * 10]])
        said = torch.tensor([1] * (10 - missed) + [0] * missed + [1] * false + [0] * (10 - false))
        scores = torch.stack([sure[said], -sure[said]])[None, :, None]
        # 1 - loss is the mean of both classes' indices; here all of the second one's is asked for.
        index = 2 * (1 - losses.tversky(scores, labels, alpha=1 - beta, beta=beta, smooth=0))
        hits, rest = 10 - missed, 10 - false
        other = rest / (rest + (1 - beta) * missed + beta * false)
        return hits / (float(index) - other) - hits

    assert below(1, 0) / below(0, 1) == pytest.approx(costs, rel=1e-3)
