"""States that an export holds."""

from dataclasses import replace
from math import prod

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_labs import FRAGILE, GRIDS, LAB

from seglab import page
from seglab.draw import paint
from seglab.draw.marks import Box
from seglab.files import unrolled
from seglab.files._forecast import check_bytes, check_states
from seglab.files._plan import BUDGET, Plan, fingerprint
from seglab.lab import Choice, Lab, Model, Photo, Pixel, Try
from seglab.lessons import catalogue, further


def wide(a=1, b=1, c=1, side=4):
    """A lab whose panes differ in what reaches them."""

    def noise(a, b):
        return torch.rand(side, side, generator=torch.Generator().manual_seed(100 * a + b))

    return Lab(
        title="Wide",
        controls={n: Choice(*range(k)) for n, k in (("a", a), ("b", b), ("c", c))},
        stages=(noise,),
        panes={
            "noise": lambda noise: paint.scalar(noise),
            "flat": lambda c: paint.scalar(TONE * c),
        },
        numbers={"c": lambda c: c},
    )


TONE = torch.ones(2, 2)


def test_states_come_in_order_and_the_rest_stands_still():
    plan = Plan(LAB, {"f": [2, 16], "softmax": [True, False]}, {"threshold": 0.5})
    states = list(plan.states())
    assert [(s["f"], s["softmax"]) for s in states] == [
        (2, True),
        (2, False),
        (16, True),
        (16, False),
    ]
    assert len(plan) == 4
    assert plan.fixed == {"photo": "astronaut", "threshold": 0.5, "at": (40, 60)}
    assert plan.start == {**LAB.state(threshold=0.5), "f": 2}  # 8, the default, is not kept
    for state, run in zip(states, plan.runs(), strict=True):
        assert run.state == state


def test_names_alone_vary_over_all_their_values():
    assert Plan(LAB, ["f", "threshold"]).varied == {
        "f": (2, 4, 8, 16),
        "threshold": (0.0, 0.5, 0.7, 0.9),
    }
    assert Plan(LAB, "softmax").varied == {"softmax": (False, True)}
    assert Plan(GRIDS, {"kernel": ["edge", "blur"]}).varied["kernel"] == (
        GRIDS.controls["kernel"].presets["edge"],
        GRIDS.controls["kernel"].presets["blur"],
    )


def test_a_pixel_varies_over_a_grid_that_holds_its_default():
    grid = Plan(LAB, {"at": 3}).varied["at"]
    rows, columns = {y for y, _ in grid}, {x for _, x in grid}
    assert len(grid) == 9
    assert LAB.controls["at"].default in grid
    assert min(rows) == min(columns) == 128 // 6
    assert max(rows) == max(columns) == 5 * 128 // 6
    assert Plan(LAB, {"at": [(1, 2), (3, 4)]}).varied["at"] == ((1, 2), (3, 4))


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_every_output_comes_once_for_each_state_that_it_tells_apart(a, b, c):
    plan = Plan(wide(a, b, c), ["a", "b", "c"])
    seen = [one for _, new in plan.distinct_states(plan.outputs) for one in new]
    assert len(seen) == len(set(seen))
    for output in plan.outputs:
        mine = sorted(index for one, index in seen if one == output)
        assert mine == plan.table(output) == list(range(plan.count(output)))
    counts = {output.name: plan.count(output) for output in plan.outputs}
    assert counts == {"noise": a * b, "flat": c, "c": c}
    # The index tells apart exactly the states that differ in what the output depends on.
    for output in plan.outputs:
        found = {}
        for state in plan.states():
            values = tuple(state[name] for name in output.depends_on)
            assert found.setdefault(plan.index(output, state), values) == values


def idle_lab():
    """A lab in which b matters for a=1 alone."""
    return Lab(
        title="Idle",
        controls={"a": Choice(0, 1, 2), "b": Choice(5, 6, 7, 8, default=6), "c": Choice(0, 1)},
        stages=(),
        panes={
            "sum": lambda a, b: paint.scalar(TONE * (a + b)),
            "c": lambda c: paint.scalar(TONE * c),
        },
        numbers={"b": lambda b: b},
        matters={"b": lambda a: a == 1},
    )


def test_states_that_differ_only_in_a_control_without_a_say_are_one():
    plan = Plan(idle_lab(), {"a": None, "b": [5, 7, 8], "c": None})
    assert plan.start == {"a": 0, "b": 5, "c": 0}  # the default, 6, is not kept
    states = list(plan.states())
    assert len(plan) == len(states) == (1 + 3 + 1) * 2
    assert [(s["a"], s["b"]) for s in states if s["c"] == 0] == [
        (0, 5), (1, 5), (1, 7), (1, 8), (2, 5),
    ]  # fmt: skip
    counts = {output.name: plan.count(output) for output in plan.of_kind("pane")}
    assert counts == {"sum": 5, "c": 2}
    for output in plan.outputs:
        new = [index for _, due in plan.distinct_states([output]) for _, index in due]
        assert len(new) == len(set(new)) == plan.count(output)
        assert set(plan.table(output)) == set(new)
        # What stands at a state's place is what the lab shows in that state.
        shown = {
            index: plan.lab.at(**state).numbers["b"]
            for state, due in plan.distinct_states([output])
            for _, index in due
        }
        if output.name == "b":
            for a in (0, 1, 2):
                for b in (5, 7, 8):
                    index = plan.index(output, {"a": a, "b": b, "c": 1})
                    assert shown[index] == plan.lab.at(a=a, b=b).numbers["b"]


def test_a_sum_says_so_where_not_every_state_shows_something_else():
    with pytest.raises(ValueError, match="3 a × 4 b × 2 c, which show 12 states, and a page"):
        check_states(Plan(idle_lab(), ["a", "b", "c"]), 11, "a page")


LABS = catalogue() | further()


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_the_default_of_every_lab_is_a_slide(lab):
    plan = Plan(lab)
    assert 2 <= len(plan) <= prod(map(len, plan.varied.values())) <= BUDGET
    assert len(plan) == len(list(plan.states()))
    for name, values in plan.varied.items():
        control = plan.lab.controls[name]
        assert not isinstance(control, Photo | Model)
        assert control.default in values
        assert any(name in plan.lab.reach(pane) for pane in lab.panes)
        if not isinstance(control, Pixel):
            assert [v for v in control.sweep() if v in values] == list(values)


@pytest.mark.parametrize("budget", [1, 5, 20, 100])
def test_a_smaller_budget_is_kept(budget):
    assert all(len(Plan(lab, budget=budget)) <= budget for lab in LABS.values())


def test_what_is_fixed_is_not_varied_by_default():
    plan = Plan(LAB, fix={"f": 4, "photo": "coffee"})
    assert "f" not in plan.varied
    assert plan.start["f"] == 4
    assert plan.start["photo"] == "coffee"


@pytest.mark.parametrize(
    ("vary", "fix", "words"),
    [
        ({"g": [1]}, {}, "has no control 'g'.*its controls are photo, f"),
        ({"fthreshold": [1]}, {}, "did you mean 'threshold'"),
        ({"f": [3]}, {}, "control 'f': 3 is not one of 2, 4, 8, 16"),
        ({"f": []}, {}, "holds no value"),
        ({"f": 2}, {}, r"is no list of values; give \[2, ...\]"),
        ({"photo": "coffee"}, {}, "is no list of values"),
        ({"at": 0}, {}, "grid of pixels has n from 1 to 128"),
        ({"at": [(200, 0)]}, {}, "lies outside"),
        ({"f": [2, 4]}, {"f": 8}, "'f' is both varied and fixed"),
        (None, {"shade": 1}, "has no control 'shade'"),
        (None, {"threshold": 2}, "2 is not one of"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(vary, fix, words):
    with pytest.raises(ValueError, match=words) as error:
        Plan(LAB, vary, fix)
    assert "\n" not in str(error.value)


def test_too_many_states_are_refused_with_the_sum_and_the_control_to_thin():
    plan = Plan(wide(10, 25, 10), ["a", "b", "c"])
    with pytest.raises(ValueError, match=r"10 a × 25 b × 10 c = 2,500 states") as error:
        check_states(plan, 2000, "a page")
    assert "and a page holds 2,000; thin b to 20 values (about 2,000 states)" in str(error.value)
    thin = Plan(wide(10, 25, 10), {"a": range(10), "b": range(20), "c": range(10)})
    check_states(thin, 2000, "a page")


def test_too_many_bytes_are_refused_with_the_largest_pane(monkeypatch):
    monkeypatch.setattr("seglab.files._forecast.MOST_BYTES", 1_600_000)
    lab = wide(4, 4, 2, side=300)  # noise: as many bytes as pixels, and a third more as text
    plan = Plan(lab, ["a", "b", "c"])
    forecast = page.forecast(plan)
    assert forecast.states == 32
    assert forecast.pictures == 16 + 2
    stored = forecast.bytes - page.frame_bytes(plan)
    assert stored == pytest.approx(16 * 300**2 * 4 / 3, rel=0.03)
    assert stored == round(sum(forecast.sizes.values()))
    thin = Plan(lab, {"a": [0, 1], "b": range(4)})
    check_bytes(thin, page.forecast(thin))
    with pytest.raises(ValueError, match=r"'noise': 4 a × 4 b = 16 pictures") as error:
        check_bytes(plan, forecast)  # whichever plan was judged last
    assert "thin a to 2 values" in str(error.value)
    assert "force=True" in str(error.value)
    small = page.forecast(plan, px=75)
    assert small.bytes - page.frame_bytes(plan) == pytest.approx(stored / 16, rel=0.1)
    check_bytes(plan, small)


def test_a_state_that_the_lab_refuses_does_not_stop_the_forecast():
    forecast = page.forecast(Plan(FRAGILE))
    assert forecast.states == 4
    assert forecast.bytes > 0
    assert str(forecast).startswith("4 states, 4 pictures, about ")


def test_a_plan_that_nobody_chose_holds_the_state_it_starts_at():
    for state in ({"f": 16, "threshold": 0.9, "softmax": True}, {"at": (3, 5)}):
        plan = Plan(LAB, start=state)
        assert plan.start == LAB.state(**state)
        assert plan.start in list(plan.states())
    typed = ((0, 1), (2, 3))
    assert Plan(GRIDS, start={"kernel": typed}).varied["kernel"][0] == typed


def test_what_a_stream_depends_on_stands_still_and_it_runs_once():
    begun = []

    def training(rate):
        begun.append(rate)
        yield 0 * rate
        yield rate

    lab = Lab(
        title="Training",
        controls={"rate": Choice(1, 2, 3), "look": Choice(0, 1, 2)},
        stages=(training,),
        panes={
            "map": lambda training, look: paint.scalar(
                torch.full((1, 2, 2), 1.0 * (training + look))
            )
        },
        numbers={"rate": lambda training: training},
    )
    plan = Plan(lab, start={"rate": 2})
    assert plan.varied == {"look": (0, 1, 2), "moment": (0.0, 0.1, 0.25, 0.5, 1.0)}
    page.forecast(plan)
    page.document(plan)
    assert begun == [2]


@pytest.mark.parametrize("count", [1, 2, 5, 101])
def test_a_stream_is_unrolled_into_a_control_over_its_values(count):
    def training(rate):
        yield from (rate * n for n in range(count))

    def doubled(training):
        return 2 * training

    lab = Lab(
        title="Training",
        controls={"rate": Choice(1, 3), "moment": Choice(0, 1)},
        stages=(training, doubled),
        panes={},
        numbers={"doubled": "doubled", "other": "moment", "rate": "training"},
    )
    flat = unrolled(lab)
    assert not flat.streams
    assert unrolled(flat) is flat
    assert flat.controls["moment_"].label == "training, so far"
    runs = [flat.at(rate=3, moment_=share) for share in flat.controls["moment_"].sweep()]
    last = count - 1
    expected = [6 * round(share * last) for share in (0, 0.1, 0.25, 0.5, 1)]
    assert [run.numbers["doubled"] for run in runs] == expected
    assert flat.at(rate=3).numbers["doubled"] == lab.at(rate=3).numbers["doubled"] == 6 * last


def test_a_lab_without_streams_is_not_unrolled():
    assert unrolled(LAB) is LAB
    assert Plan(LAB).lab is LAB


TOUR = (
    Try("Softmax?", set={"softmax": True}),
    Try("And now?", look="labels"),
    Try("Move f.", set={"f": 16, "softmax": False}),
    Try("Back.", set={"f": 8}),
)


def test_a_tour_is_walked_in_order_from_the_start():
    lab = replace(LAB, tour=TOUR)
    plan = Plan(lab, fix={"threshold": 0.5}, start={"photo": "coffee"}, tour=True)
    base = LAB.state(threshold=0.5, photo="coffee")
    wanted = [
        {**base, "softmax": True},
        {**base, "softmax": True},
        {**base, "f": 16},
        base,
    ]
    assert list(plan.states()) == [run.state for run in plan.runs()] == wanted
    assert [run.state for run in plan.changes()] == wanted  # each has words of its own
    assert (len(plan), plan.start) == (4, wanted[0])
    assert [stop.step.say for stop in plan.stops] == [step.say for step in TOUR]
    assert plan.varied == {"f": (8, 16), "softmax": (True, False)}
    beside = Plan(lab, {"f": [2, 4]}, {"threshold": 0.5}, start={"photo": "coffee"})
    assert [stop.state for stop in beside.stops] == wanted
    assert len(beside) == 2
    assert Plan(LAB).stops == ()


def test_a_tour_is_whole_or_refused():
    with pytest.raises(ValueError, match="colour' has no tour; leave tour out"):
        Plan(LAB, tour=True)
    with pytest.raises(ValueError, match="a tour has states of its own; leave out vary, or tour"):
        Plan(replace(LAB, tour=TOUR), ["f"], tour=True)
    with pytest.raises(ValueError, match="the tour has 4 states, and a film holds 3"):
        check_states(Plan(replace(LAB, tour=TOUR), tour=True), 3, "a film")


def test_a_state_that_shows_what_its_neighbour_shows_is_no_change():
    lab = Lab(
        title="Ends early",
        controls={"size": Choice(2, 3), "done": Choice(1, 2, 3, 4, 5)},
        stages=(),
        panes={"p": lambda size, done: paint.scalar(TONE * min(size, done), low=0, high=9)},
        numbers={"n": lambda size, done: min(size, done)},
    )
    plan = Plan(lab, ["size", "done"])
    assert len(list(plan.runs())) == len(plan) == 10
    changes = [tuple(run.state.values()) for run in plan.changes()]
    assert changes == [(2, 1), (2, 2), (3, 1), (3, 2), (3, 3)]
    same, other = lab.at(size=2, done=2), lab.at(size=2, done=4)
    assert fingerprint(same) == fingerprint(other) != fingerprint(lab.at(size=2, done=1))


def test_two_states_differ_by_a_mark_a_palette_or_a_number_alone():
    def shown(palette, mark, words):
        labels = torch.zeros(1, 2, 2, dtype=torch.int64)
        pictured = paint.labels(labels, names=("a",), colours=[palette])
        return Lab(
            "Alike",
            {},
            (),
            {"p": lambda: pictured.with_marks(Box(0, 0, 1, mark))},
            {"n": lambda: words},
        ).at()

    base = ((1, 2, 3), 1, "3")
    runs = [
        shown(*base),
        shown((4, 5, 6), *base[1:]),
        shown(base[0], 2, "3"),
        shown(*base[:2], "4"),
    ]
    assert len({fingerprint(run) for run in runs}) == 4
    assert fingerprint(shown(*base)) == fingerprint(runs[0])
