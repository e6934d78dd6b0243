"""Labs 11 to 21: the option that counts as right is the one that the facts of the lab say.

The facts are tested in test_quiz_facts_11_16.py, 18 and 19 and with labs 17, 20 and 21; for labs
00 to 10 the right option stands beside them.
"""

import pytest

from seglab.course import catalogue

RIGHT = {
    "11-flat": "three values",
    "11-kernel-four": "different weights",
    "12-shift-by-one": "by eight pixels",
    "12-what-is-added": "class scores in FCN",
    "13-four-scenes": "by heart",
    "13-nan": "last good weights",
    "14-all-background": "just under 50 %",
    "14-which-metric": "boundary IoU",
    "15-what-comes-first": "a heatmap",
    "15-lost-center": "the center of the other disc",
    "15-two-scores": "a threshold of its own",
    "16-a-cup-of-coffee": "a person",
    "16-a-thing-unknown": "background, or a class",
    "16-stride-by-dilation": "the same weights",
    "17-without-the-face": "almost nothing",
    "17-brown-patches": "change the colour, and look",
    "17-one-pixel-of-a-heatmap": "its receptive field",
    "18-no-loss-of-its-own": "at the finest both are about equal",
    "18-deep-supervision": "hidden layers of one network",
    "18-cut-at-four": "nearly half of the multiply-adds",
    "19-accuracy": "perhaps nothing",
    "19-half": "a lower threshold",
    "19-missed": "beta = 0.9",
    "20-without-margin": "less than 20 pixels",
    "20-two-conditions": "multiples of 16",
    "20-no-margin": "mean over the whole picture",
    "21-one-click": "little more than the pixels of the click",
    "21-one-more-click": "the decoder only",
    "21-what-a-box-says": "those outside",
}


def test_every_question_of_these_labs_has_its_answer_here():
    assert list(RIGHT) == [name for name in catalogue.questions() if name >= "11"]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_option_is_the_right_one(name):
    options = catalogue.question(name).options
    assert [RIGHT[name] in option.text for option in options].count(True) == 1
    (right,) = (option.text for option in options if option.right)
    assert RIGHT[name] in right
