"""The lab language: of, names as panes, compare, matters, namespaces, Sweep, tours, verify."""

import pytest
import torch
from test_lab import Shown
from torch import nn

from seglab.draw import paint
from seglab.lab import Choice, Lab, Model, Pixel, Run, Sweep, Try, idle, of


def scaled(x, by=2, *, plus=0):
    return x * by + plus


def base(a):
    return a * 10


def lab(**given):
    given = {
        "title": "Language",
        "controls": {"a": Choice(1, 2, 3), "b": Choice(1, 2, 3, default=3)},
        "stages": (base,),
        "panes": {},
        "numbers": {"base": "base", "b": "b"},
    } | given
    return Lab(**given)


# of


def test_of_wires_positions_by_name_and_keeps_constants():
    run = lab(numbers={"n": of(scaled, "base", "b", plus=1)}).at(a=2, b=3)
    assert run.numbers["n"] == 20 * 3 + 1


def test_of_takes_a_format():
    run = lab(numbers={"n": of("{} of {:.1f}", "base", "b")}).at(a=2, b=3)
    assert run.numbers["n"] == "20 of 3.0"


def test_of_takes_one_wire_twice():
    assert lab(numbers={"n": of(scaled, "b", "b"), "a": "a"}).at(b=3).numbers["n"] == 9


@pytest.mark.parametrize(
    ("wires", "constants"), [((), {}), (("a",), {"nothing": 1}), (("a", "b", "base"), {})]
)
def test_of_refuses_what_the_function_does_not_take(wires, constants):
    with pytest.raises(TypeError, match=r"scaled takes x, by, plus"):
        of(scaled, *wires, **constants)


def test_of_names_a_wire_that_is_nowhere():
    with pytest.raises(ValueError, match="number 'n': argument 'bas' is neither"):
        lab(numbers={"n": of(scaled, "bas")})


def test_of_hands_progress_over():
    def slow(x, progress):
        progress(1, 1)
        return x

    seen = []
    declared = lab(numbers={"n": of(slow, "base"), "b": "b"})
    run = Run(declared, declared.state(), progress=lambda done, total: seen.append((done, total)))
    assert run.numbers["n"] == 10
    assert seen == [(1, 1)]


def test_a_change_of_the_function_behind_of_is_noticed():
    assert of(scaled, "a").__code__ is scaled.__code__


def test_of_may_wrap_a_stream():
    def counting(n):
        yield from range(n)

    namespace = {"counted": of(counting, "a")}
    declared = lab(stages=namespace, numbers={"n": "counted", "b": "b"})
    assert declared.streams == ("counted",)
    assert declared.at(a=3).numbers["n"] == 2


# Names


def test_a_name_alone_is_the_value_of_a_stage_or_a_control():
    run = lab().at(a=3, b=2)
    assert dict(run.numbers) == {"base": 30, "b": 2}


def test_a_name_that_is_nowhere_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"number 'n': 'bas' is neither .* there are a, b, base"):
        lab(numbers={"n": "bas"})


def test_what_is_no_function_is_refused_when_the_lab_is_made():
    with pytest.raises(ValueError, match="pane 'p' is a int; give a function"):
        lab(panes={"p": 3})


# Panes and charts that are none


def test_a_pane_that_is_a_tensor_is_painted():
    picture = lab(panes={"p": lambda base: torch.eye(3) * base}).at().panes["p"]
    assert picture.kind == "scalar"
    assert picture.range == (0, 10)


def test_a_pane_that_is_no_picture_names_lab_pane_and_state():
    run = lab(panes={"p": lambda base: [base]}).at(a=2)
    with pytest.raises(TypeError, match="lab 'Language', pane 'p': value is a list") as caught:
        run.panes["p"]
    assert caught.value.__notes__ == ["in pane 'p' of lab 'Language' with a=2, b=3"]


def test_an_error_in_a_pane_says_where_once():
    run = lab(panes={"p": lambda base: 1 / 0}).at(a=2)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError) as caught:
            run.panes["p"]
        assert caught.value.__notes__ == ["in pane 'p' of lab 'Language' with a=2, b=3"]


def test_a_chart_of_another_library_is_refused():
    run = lab(charts={"c": lambda base: object()}).at()
    with pytest.raises(TypeError, match=r"chart 'c' gives a object of builtins; give a Plotly"):
        run.charts["c"]


# Namespaces


def test_stages_of_a_namespace_are_what_the_rest_asks_for():
    def low(a):
        return a + 1

    def high(low, b):
        return low * b

    def unused(nothing):
        return nothing

    spaces = {"high": high, "unused": unused, "low": low, "paint": paint, "Choice": Choice}
    declared = lab(stages=spaces, numbers={"n": "high"})
    assert list(declared.stages) == ["low", "high"]
    assert declared.at(a=1, b=2).numbers["n"] == 4


def test_a_stage_of_a_namespace_has_the_name_it_stands_under():
    declared = lab(stages={"tenfold": of(scaled, "a", by=10)}, numbers={"n": "tenfold", "b": "b"})
    assert declared.at(a=3).numbers["n"] == 30


def test_a_circle_is_named():
    spaces = {"x": lambda y: y, "y": lambda x: x}
    with pytest.raises(ValueError, match="lab 'Language': the stages x -> y -> x ask for each"):
        lab(stages=spaces, numbers={"n": "x"})


def test_what_a_namespace_lacks_is_named():
    with pytest.raises(ValueError, match="stage 'x': argument 'missing' is neither"):
        lab(stages={"x": lambda missing: 1}, numbers={"n": "x"})


def test_a_module_of_the_namespace_is_no_stage():
    with pytest.raises(ValueError, match="number 'n': argument 'paint' is neither"):
        lab(stages={"paint": paint}, numbers={"n": lambda paint: 1})


# compare


def compared(**given):
    def doubled(base):
        return base * 2

    def plain(b):
        return b

    def together(a, other_doubled, doubled):
        return other_doubled - doubled

    def both(a, second):
        return a + second

    def after(both):
        return both

    given = {
        "controls": {"a": Choice(1, 2, 3), "second": Choice(1, 2, 3, default=2), "b": Choice(5)},
        "stages": (base, doubled, plain, both, after, together),
        "compare": {"other": ("a", "second")},
        "numbers": {"apart": "together", "b": "plain", "after": "after"},
    } | given
    return lab(**given)


def test_compare_makes_a_twin_of_each_stage_that_the_first_reaches():
    declared = compared()
    twins = [name for name in declared.values if name.startswith("other_")]
    assert twins == ["other_base", "other_doubled"]
    run = declared.at(a=1, second=3)
    assert run.values["doubled"] == 20
    assert run.values["other_doubled"] == 60
    assert run.numbers["apart"] == 40


def test_a_stage_that_brings_both_together_has_no_twin():
    assert compared().at(a=1, second=3).values["after"] == 4


def test_the_second_control_recomputes_the_twins_alone():
    run = compared().at()
    dict(run.numbers)
    first = run.values["doubled"], run.values["other_doubled"]
    moved = run.step(second=3)
    assert (moved.values["doubled"], moved.values["other_doubled"]) == (first[0], 60)
    assert compared().steps["doubled"].reach == ("a",)
    assert compared().steps["other_doubled"].reach == ("second",)


def test_compare_works_in_a_namespace():
    declared = lab(
        stages={"base": base},
        compare={"other": ("a", "b")},
        numbers={"n": lambda base, other_base: (base, other_base)},
    )
    assert declared.at(a=1, b=2).numbers["n"] == (10, 20)


def test_compare_refuses_unknown_controls_and_what_reaches_nothing():
    with pytest.raises(ValueError, match="no control 'x'"):
        lab(compare={"other": ("a", "x")})
    with pytest.raises(ValueError, match="no stage depends on 'b' alone"):
        lab(compare={"other": ("b", "a")})


# matters


def deciding(**given):
    calls = []

    def work(mode, k):
        calls.append((mode, k))
        return k if mode == "uses k" else 0

    given = {
        "controls": {"mode": Choice("uses k", "does not"), "k": Choice(1, 2, 3)},
        "stages": (work,),
        "matters": {"k": lambda mode: mode == "uses k"},
        "numbers": {"work": "work", "without effect here": idle},
    } | given
    return lab(**given), calls


def test_an_idle_control_recomputes_nothing():
    declared, calls = deciding()
    run = declared.at(mode="does not")
    dict(run.numbers)
    for k in (2, 3, 1):
        run = run.step(k=k)
        dict(run.numbers)
    assert calls == [("does not", 1)]


def test_what_only_decides_recomputes_nothing():
    """Both modes let k count, and the stage does not ask for the mode."""
    calls = []

    def alone(k):
        calls.append(k)
        return k

    controls = {"mode": Choice("one", "two", "without"), "k": Choice(1, 2, 3)}
    matters = {"k": lambda mode: mode != "without"}
    declared = lab(
        controls=controls, stages=(alone,), matters=matters, numbers={"n": "alone", "mode": "mode"}
    )
    run = declared.at(k=2)
    values = [run.step(mode=mode).numbers["n"] for mode in ("one", "two", "without", "two")]
    assert values == [2, 2, 1, 2]
    assert calls == [2, 1, 2]


def test_an_idle_control_counts_as_at_its_default_whichever_way_it_was_reached():
    declared, calls = deciding()
    run = declared.at(k=3).step(mode="does not")
    assert run.state == {"mode": "does not", "k": 3}
    dict(run.numbers)
    assert calls == [("does not", 1)]
    assert run.step(mode="uses k").values["work"] == 3


def test_idle_lists_the_controls_without_a_say():
    declared, _ = deciding()
    assert declared.at().numbers["without effect here"] == "none"
    assert declared.at(mode="does not").numbers["without effect here"] == "k"
    assert declared.at(mode="does not").idle == ("k",)
    assert declared.steps["number", "without effect here"].reach == ("mode", "k")


def test_what_decides_is_part_of_what_reaches():
    def alone(k):
        return k

    controls = {"mode": Choice(True, False), "k": Choice(1, 2)}
    declared = lab(
        controls=controls,
        stages=(alone,),
        matters={"k": lambda mode: mode},
        numbers={"n": "alone"},
    )
    assert declared.steps["number", "n"].reach == ("mode", "k")
    assert declared.at(mode=False, k=2).numbers["n"] == 1


def test_a_control_may_be_idle_because_another_one_is():
    controls = {"a": Choice(1, 2), "b": Choice(1, 2), "c": Choice(1, 2)}
    declared = lab(
        controls=controls,
        stages=(),
        matters={"b": lambda a: a == 1, "c": lambda b: b == 2},
        numbers={name: name for name in controls},
    )
    assert declared.at(a=1, b=2).idle == ()
    assert declared.at(a=2, b=2).idle == ("b", "c")


@pytest.mark.parametrize(
    ("matters", "message"),
    [
        ({"x": lambda mode: True}, "no control 'x'"),
        ({"k": lambda work: True}, "matters 'k': argument 'work' is no control"),
        ({"k": lambda k: True}, "matters 'k' depends on 'k' itself"),
        ({"k": lambda mode: 1, "mode": lambda k: 1}, "matters 'k' depends on 'k' itself"),
    ],
)
def test_matters_asks_other_controls_only(matters, message):
    with pytest.raises(ValueError, match=message):
        deciding(matters=matters)


def test_an_unused_control_is_refused():
    with pytest.raises(ValueError, match="the control 'b' reaches no pane, number or chart"):
        lab(numbers={"base": "base"})


# Sweep


def points(figure):
    return {line.name: dict(zip(line.x, line.y, strict=True)) for line in figure.data}


def test_a_sweep_moves_one_control_and_draws_a_line_for_each_value_of_another():
    declared = lab(charts={"c": Sweep(lambda base, b: base + b, over="a", lines="b", y="sum")})
    assert points(declared.at(a=2, b=2).charts["c"]) == {
        str(b): {a: 10 * a + b for a in (1, 2, 3)} for b in (1, 2, 3)
    }


def test_a_sweep_of_named_numbers_has_a_line_for_each_name():
    sweep = Sweep(lambda base, b: {"base": base, "b": b}, over="a", fix={"b": 2})
    drawn = points(lab(charts={"c": sweep}).at().charts["c"])
    assert drawn == {"base": {1: 10, 2: 20, 3: 30}, "b": {1: 2, 2: 2, 3: 2}}


def test_a_sweep_may_fix_a_control_by_the_value_at_hand():
    sweep = Sweep(lambda base, b: base * b, over="a", fix={"b": lambda b: max(b, 2)}, y="n")
    declared = lab(charts={"c": sweep})
    for b, used in ((1, 2), (3, 3)):
        assert points(declared.at(b=b).charts["c"])["n"] == {a: 10 * a * used for a in (1, 2, 3)}


def test_a_sweep_repeats_and_takes_the_mean_of_what_is_a_number():
    sweep = Sweep(
        lambda base, b: float("nan") if b == 1 else base * b, over="a", repeat=("b", 3), y="mean"
    )
    assert points(lab(charts={"c": sweep}).at().charts["c"])["mean"] == {1: 25, 2: 50, 3: 75}


def test_a_sweep_may_combine_what_it_repeats_in_another_way():
    sweep = Sweep(lambda b: [b], over="a", repeat=("b", 2), combine=lambda x: len(x), y="n")
    assert points(lab(charts={"c": sweep}).at().charts["c"])["n"] == {1: 2, 2: 2, 3: 2}


def test_a_sweep_has_a_title_of_the_state_and_tells_its_progress():
    sweep = Sweep(lambda base: base, over="a", title=lambda b: f"with {b}", y="base")
    declared = lab(charts={"c": sweep})
    seen = []
    run = Run(declared, declared.state(b=2), progress=lambda *at: seen.append(at))
    assert run.charts["c"].layout.title.text == "with 2"
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"over": "x"}, "chart 'c': lab 'Language' has no control 'x'"),
        ({"over": "a", "lines": "x"}, "no control 'x'"),
        ({"over": "a", "fix": {"b": 9}}, "9 is not one of"),
        ({"over": "a", "repeat": ("b", 9)}, "asks for more values than it has"),
    ],
)
def test_a_sweep_of_what_is_not_there_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        lab(charts={"c": Sweep(lambda base: base, **given)})


def test_a_sweep_goes_over_numbers():
    with pytest.raises(ValueError, match="over='a' has values that are no numbers"):
        lab(controls={"a": Choice("x"), "b": Choice(1)}, charts={"c": Sweep(base, over="a")})


# Tours and verify


def test_a_tour_goes_on_from_what_earlier_steps_have_set():
    seen = []

    def watch(before, after):
        seen.append((before.state, after.state))
        return True

    tour = (Try("One.", {"a": 2}, "base", watch), Try("Two.", {"b": 1}, expect=watch))
    lab(tour=tour).verify()
    start, one, two = {"a": 1, "b": 3}, {"a": 2, "b": 3}, {"a": 2, "b": 1}
    assert seen == [(start, one), (one, two)]


def test_a_step_whose_expectation_does_not_hold_is_named():
    tour = (Try("Drag a.", {"a": 2}, expect=lambda before, after: after.numbers["base"] == 10),)
    with pytest.raises(ValueError, match=r"step 1 of the tour \('Drag a.'\): what it expects"):
        lab(tour=tour).verify()


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Try("x", {"c": 1}), "step 1 of the tour: lab 'Language' has no control 'c'"),
        (Try("x", {"a": 9}), "9 is not one of 1, 2, 3"),
        (Try("x", look="nothing"), "looks at 'nothing'; there are base, b"),
    ],
)
def test_a_tour_of_what_is_not_there_is_refused_when_the_lab_is_made(step, message):
    with pytest.raises(ValueError, match=message):
        lab(tour=(step,))


def test_verify_says_what_it_tried():
    assert lab().verify() == "Language: 5 states, 0 panes, 2 numbers, 0 steps of the tour, " + (
        "all as they should be"
    )


def test_verify_finds_a_stage_that_writes_to_its_input():
    def first(a):
        return torch.ones(2, 2) * a

    def second(first):
        return first.mul_(2)

    with pytest.raises(ValueError, match="stage 'second' changes the value of stage 'first'"):
        lab(stages=(first, second), panes={"p": "second"}, numbers={"b": "b"}).verify()


def test_verify_finds_numbers_that_depend_on_the_way():
    calls = []

    def count(a):
        calls.append(a)
        return len(calls)

    with pytest.raises(ValueError, match="the numbers depend on the way here"):
        lab(stages=(count,), numbers={"n": "count", "b": "b"}).verify()


@pytest.mark.parametrize(
    ("value", "message"),
    [(None, "number 'n' is a NoneType"), (float("nan"), "number 'n' is NaN")],
)
def test_verify_finds_numbers_that_are_none(value, message):
    with pytest.raises(ValueError, match=message):
        lab(numbers={"n": lambda base, b: value}).verify()


# Model


class Net(nn.Conv2d):
    pass


def test_a_model_is_a_name_or_a_net():
    control, net = Model("small", "large"), Net(3, 2, 1)
    assert control.default == "small"
    assert control.accept(net) is net
    assert control.sweep() == ("small", "large")
    assert control.text(net) == control.words(net) == "own Net"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("tiny", "'tiny' is not one of 'small', and no torch.nn.Module either"),
        (Net, r"Net is a class of nets; give a net, Net\(\)"),
        (3, "3 is not one of"),
    ],
)
def test_a_model_refuses_what_is_neither(value, message):
    with pytest.raises(ValueError, match=message):
        Model("small").accept(value)


def test_an_own_net_reaches_the_stages_and_another_one_recomputes():
    def layers(net):
        return 0 if net == "small" else net.out_channels

    declared = lab(controls={"net": Model("small")}, stages=(layers,), numbers={"k": "layers"})
    run = declared.at(net=Net(3, 2, 1))
    assert repr(run) == "Language(net=own Net | k 2)"
    assert run.step(net=Net(3, 5, 1)).numbers["k"] == 5
    assert run.step(net="small").numbers["k"] == 0


# Controls


@pytest.mark.parametrize("option", [[1, 2, 3], range(3), {1, 2}, {"a": 1}])
def test_a_list_given_as_one_option_is_refused(option):
    with pytest.raises(ValueError, match=r"as one option; give the values one by one, Choice\(\*"):
        Choice(option)


def test_a_pane_may_be_a_stand_in_for_a_picture():
    assert lab(panes={"p": lambda base: Shown(base)}).at().panes["p"] == 10


def test_a_pixel_is_parsed_and_spread():
    pixel = Pixel((9, 9))
    assert pixel.parse("3:4") == (3, 4)
    assert pixel.parse_all("3:4,0:1") == [(3, 4), (0, 1)]
    assert pixel.parse_all("3") == 3
    assert len(pixel.expand(3)) == 9
    with pytest.raises(ValueError, match="write a pixel as row:column"):
        pixel.parse("3,4")


# Attributes


class Pair:
    def __init__(self, first, second):
        self.first, self.second = first, second


def test_a_wire_may_go_on_to_an_attribute():
    def pair(a, b):
        return Pair(a, Pair(b, a))

    declared = lab(
        stages={"pair": pair},
        numbers={
            "sum": of(lambda x, y: 10 * x + y, "pair.first", "pair.second.first"),
            "alone": "pair.second.first",
        },
    )
    assert dict(declared.at(a=1, b=2).numbers) == {"sum": 12, "alone": 2}


def test_an_attribute_that_is_not_there_says_where():
    declared = lab(numbers={"n": "base.nothing", "b": "b"})
    with pytest.raises(AttributeError, match="nothing") as caught:
        declared.at().numbers["n"]
    assert caught.value.__notes__ == ["in number 'n' of lab 'Language' with a=1, b=3"]


def test_a_wire_of_an_unknown_stage_is_refused():
    with pytest.raises(ValueError, match=r"'bas.x' is neither a control nor a stage"):
        lab(numbers={"n": "bas.x"})
