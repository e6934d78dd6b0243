"""Formulas as browsers draw them: variables marked, words upright, and TeX where it has a fault."""

import pytest

from seglab.deck.formulas import formula


def test_a_variable_is_marked_and_the_name_of_a_function_is_not():
    drawn = formula(r"a \le \sin \alpha")
    assert drawn.count('class="variable"') == 2
    assert '<mi class="variable">a</mi>' in drawn
    assert '<mi class="variable">α</mi>' in drawn
    assert "<mi>sin</mi>" in drawn
    assert "<mo>≤</mo>" in drawn


@pytest.mark.parametrize("display", ["inline", "block"])
def test_a_formula_stands_in_its_line_or_alone(display):
    assert f'display="{display}"' in formula("x", display)


def test_a_formula_with_a_fault_is_shown_as_its_tex(capsys):
    assert formula(r"\left( <") == r"<code>\left( &lt;</code>"
    assert r"'\\left( <' is shown as TeX" in capsys.readouterr().err
