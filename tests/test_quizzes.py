from html.parser import HTMLParser

import pytest

from seglab import quiz
from seglab.course import catalogue
from seglab.course.declarations import Option, Question

QUESTIONS = catalogue.questions()


class Page(HTMLParser):
    """Collects the tags that are open, the tags that there were, and the text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_text_holds_the_question_and_the_options_but_no_feedback(name):
    text = repr(quiz(name))
    assert text.startswith(f"{QUESTIONS[name].heading}: {QUESTIONS[name].text}\n  a) ")
    for option in QUESTIONS[name].options:
        assert option.text in text
        assert option.feedback not in text


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_page_opens_without_a_script(name):
    page = Page(quiz(name)._repr_html_())
    assert page.open == []
    assert set(page.tags) == {"section", "p", "strong", "details", "summary"}
    assert page.tags.count("details") == len(QUESTIONS[name].options)
    assert page.text.count("Yes.") == 1
    for option in QUESTIONS[name].options:
        assert option.feedback in page.text


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_option_says_something_of_its_own(name):
    options = QUESTIONS[name].options
    assert len({option.text for option in options}) == len(options) >= 3
    assert len({option.feedback for option in options}) == len(options)


def test_an_unknown_question_is_refused_with_near_names():
    with pytest.raises(ValueError, match="no question '08-how-many'; did you mean '08-how-many-pa"):
        quiz("08-how-many")


def test_a_question_of_ones_own_needs_no_catalogue():
    own = Question("x", "Which?", (Option("this", "Yes it is.", right=True), Option("that", "No.")))
    assert repr(quiz(own)) == "Predict: Which?\n  a) this\n  b) that"


def test_a_question_after_the_explanation_is_headed_check_yourself():
    options = (Option("this", "Yes it is.", right=True), Option("that", "No."))
    own = quiz(Question("x", "Which?", options, after=True))
    assert repr(own) == "Check yourself: Which?\n  a) this\n  b) that"
    assert "<strong>Check yourself.</strong> Which?" in own._repr_html_()
    assert "Predict" not in own._repr_html_()


def test_what_is_neither_a_name_nor_a_question_is_refused():
    with pytest.raises(ValueError, match="is a dict; give the name of the question, or the Quest"):
        quiz({"name": "x"})


def test_a_question_has_exactly_one_right_option():
    with pytest.raises(ValueError, match="'x' has 2 right options"):
        Question("x", "?", (Option("a", "b", right=True), Option("c", "d", right=True)))
