from functools import partial

import pytest

from seglab.lab import Choice, Lab, Photo, Run
from seglab.user_photo import UserPhoto


class Shown:
    """Stand-in for a picture: any value."""

    header = None

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == getattr(other, "value", other)

    __hash__ = None


class Figure:
    """Stand-in for a Plotly figure: a text."""

    to_plotly_json = None

    def __init__(self, text):
        self.text = text


def counted():
    """A lab that keeps a tally of its calls: base <- a, middle <- base, b; end <- middle."""
    calls = []

    def base(a):
        calls.append("base")
        return [a]

    def middle(base, b):
        calls.append("middle")
        return [*base, b]

    def pane(middle):
        calls.append("pane")
        return Shown(tuple(middle))

    def other(c):
        calls.append("other")
        return Shown(c)

    lab = Lab(
        title="Counted",
        controls={"a": Choice(1, 2, 3), "b": Choice("x", "y"), "c": Choice(False, True)},
        stages=(base, middle),
        panes={"pane": pane, "other": other},
        numbers={"total": lambda base, b: f"{base[0]}{b}"},
        charts={"draw": lambda middle: Figure(f"chart of {middle}")},
    )
    return lab, calls


# Wiring


def wire(*stages, panes=None, controls=None, **more):
    controls = {"photo": Choice("a"), "factor": Choice(2)} if controls is None else controls
    return Lab("Wired", controls, stages, panes or {}, **more)


def test_an_unknown_argument_names_lab_stage_argument_and_what_there_is():
    def image(photo):
        return photo

    def coarse(image, factr):
        return image

    with pytest.raises(ValueError, match="lab 'Wired', stage 'coarse': argument 'factr'") as caught:
        wire(image, coarse)
    assert "there are photo, factor, image" in str(caught.value)


def test_a_stage_used_before_it_is_made_is_told_to_move():
    def coarse(image):
        return image

    def image(photo):
        return photo

    with pytest.raises(ValueError, match=r"'image' is neither.*it comes later: move it up"):
        wire(coarse, image)


@pytest.mark.parametrize("kind", ["pane", "number", "chart"])
def test_panes_numbers_and_charts_are_wired_too(kind):
    with pytest.raises(ValueError, match=f"lab 'Wired', {kind} 'p': argument 'nothing'"):
        wire(**{f"{kind}s": {"p": lambda nothing: nothing}})


def test_a_stage_cannot_take_the_name_of_a_control_a_stage_or_progress():
    def factor(photo):
        return photo

    def image(photo):
        return photo

    def progress(photo):
        return photo

    for stages in [(factor,), (image, image), (progress,)]:
        with pytest.raises(ValueError, match="is taken; rename the stage"):
            wire(*stages)


@pytest.mark.parametrize("stage", [lambda photo: photo, partial(max, 1)])
def test_a_stage_needs_a_name(stage):
    with pytest.raises(ValueError, match="lab 'Wired': a stage needs a name"):
        wire(stage)


def test_variable_arguments_are_no_wires():
    def listed(*photo):
        return photo

    def named(**factor):
        return factor

    for stage, argument in [(listed, "photo"), (named, "factor")]:
        with pytest.raises(ValueError, match=f"argument '{argument}' is neither"):
            wire(stage)


def test_a_default_need_not_be_wired():
    def image(photo, gamma=2):
        return photo, gamma

    assert wire(image).at().values["image"] == ("a", 2)


@pytest.mark.parametrize("name", ["progress", "two words", "", "3d"])
def test_a_control_needs_a_name_that_an_argument_can_have(name):
    with pytest.raises(ValueError, match="cannot be a control's name"):
        wire(controls={name: Choice(1)})


def test_a_control_that_is_none_is_named():
    with pytest.raises(ValueError, match="lab 'Wired', control 'f' is a tuple; give a Choice"):
        wire(controls={"f": (2, 4)})


def test_a_lab_can_be_a_key_and_cannot_be_changed():
    lab = wire()
    assert {lab: 1}[lab] == 1
    with pytest.raises(AttributeError):
        lab.title = "Other"


# States


def test_state_fills_in_defaults_and_keeps_the_order_of_the_controls():
    lab, _ = counted()
    assert lab.state(c=True, a=3) == {"a": 3, "b": "x", "c": True}
    assert list(lab.state(c=True, a=3)) == ["a", "b", "c"]


def test_an_unknown_control_is_refused_with_the_nearest():
    lab = wire()
    with pytest.raises(ValueError, match="'Wired' has no control 'factr'; did you mean 'factor'"):
        lab.at(factr=2)
    with pytest.raises(ValueError, match="no control 'zzz'; its controls are photo, factor"):
        lab.at(zzz=2)


def test_an_unknown_value_names_the_control_and_the_options():
    lab, _ = counted()
    with pytest.raises(ValueError, match="lab 'Counted', control 'a': 9 is not one of 1, 2, 3"):
        lab.at(a=9)


def test_states_is_the_product_and_sweep_changes_one_control_at_a_time():
    lab, _ = counted()
    states, sweep = list(lab.states()), list(lab.sweep())
    assert len(states) == 3 * 2 * 2
    assert len(sweep) == 1 + 2 + 1 + 1
    start = lab.state()
    assert sweep[0] == start
    assert all(sum(s[c] != start[c] for c in start) == 1 for s in sweep[1:])
    assert all(s in states for s in sweep)
    for name, control in lab.controls.items():
        assert {s[name] for s in sweep} == set(control.options)


# Runs


def test_nothing_is_computed_until_asked_and_nothing_twice():
    lab, calls = counted()
    run = lab.at()
    assert (len(run.panes), list(run.values)) == (2, ["base", "middle"])
    assert not calls
    assert run.panes["pane"] == (1, "x")
    assert calls == ["base", "middle", "pane"]
    assert (run.panes["pane"], run.values["middle"]) == ((1, "x"), [1, "x"])
    assert calls == ["base", "middle", "pane"]


@pytest.mark.parametrize(
    ("change", "recomputed"),
    [
        ({"a": 2}, ["base", "middle", "pane"]),
        ({"b": "y"}, ["middle", "pane"]),
        ({"c": True}, ["other"]),
        ({}, []),
    ],
)
def test_a_step_recomputes_only_what_the_control_reaches(change, recomputed):
    lab, calls = counted()
    run = lab.at()
    dict(run.panes)
    calls.clear()
    stepped = run.step(**change)
    dict(stepped.panes)
    assert calls == recomputed
    assert dict(stepped.panes) == dict(lab.at(**stepped.state).panes)


def test_a_chain_of_steps_equals_a_fresh_run_in_every_state():
    lab, _ = counted()
    run = lab.at()
    for state in [*lab.states(), *lab.sweep()]:
        run = run.step(**state)
        fresh = lab.at(**state)
        assert dict(run.panes) == dict(fresh.panes)
        assert dict(run.numbers) == dict(fresh.numbers)
        assert repr(run) == repr(fresh)


def test_an_earlier_run_still_tells_its_own_state():
    lab, _ = counted()
    first = lab.at(a=1)
    second = first.step(a=2)
    assert (second.panes["pane"], first.panes["pane"]) == ((2, "x"), (1, "x"))


def test_two_runs_of_a_lab_share_nothing():
    lab, calls = counted()
    assert lab.at().values["base"] is not lab.at().values["base"]
    assert calls == ["base", "base"]


def test_reach_follows_the_wires():
    lab, _ = counted()
    assert lab.reach("pane") == ("a", "b")
    assert lab.reach("other") == ("c",)


def test_an_error_is_raised_each_time_and_the_next_valid_step_clears_it():
    def fragile(f):
        if f == 0:
            raise ZeroDivisionError("f is 0")
        return 1 / f

    lab = Lab(
        "Fragile", {"f": Choice(1, 0, 2)}, (fragile,), {"pane": lambda fragile: Shown(fragile)}
    )
    run = lab.at(f=1)
    assert run.panes["pane"] == 1
    broken = run.step(f=0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            broken.panes["pane"]
    assert broken.step(f=2).panes["pane"] == 0.5


def test_progress_is_handed_over_and_is_no_wire():
    def slow(n, progress):
        for done in range(n):
            progress(done + 1, n)
        return n

    lab = Lab("Slow", {"n": Choice(2, 3)}, (slow,), {"pane": lambda slow, progress: Shown(slow)})
    assert lab.reach("pane") == ("n",)
    run = lab.at()
    assert run.panes["pane"] == 2  # nobody watches
    seen = []
    run.progress = lambda done, total: seen.append((done, total))
    assert run.step(n=3).panes["pane"] == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_the_students_own_file_is_a_state():
    lab = Lab("Own", {"photo": Photo("a")}, (), {"size": lambda photo: Shown(len(photo.data))})
    run = lab.at(photo=UserPhoto("me.jpg", b"12345"))
    assert run.panes["size"] == 5
    assert repr(run) == "Own(photo='me.jpg')"
    assert run.step(photo=UserPhoto("me.jpg", b"123")).panes["size"] == 3


def test_repr_is_the_state_and_the_numbers():
    lab, _ = counted()
    assert repr(lab.at(a=2)) == "Counted(a=2, b='x', c=False | total 2x)"
    assert repr(wire().at()) == "Wired(photo='a', factor=2)"


@pytest.mark.parametrize("part", ["values", "panes", "numbers", "charts"])
def test_an_unknown_part_is_refused_with_those_there_are(part):
    lab, _ = counted()
    mapping = getattr(lab.at(), part)
    with pytest.raises(KeyError, match="there is no 'nothing'; there are"):
        mapping["nothing"]
    assert "nothing" not in mapping


def test_charts_are_drawn_on_request():
    lab, _ = counted()
    assert lab.at().charts["draw"].text == "chart of [1, 'x']"


def test_asking_whether_a_part_is_there_computes_nothing():
    lab, calls = counted()
    assert "pane" in lab.at().panes
    assert not calls


# Streams: a stage that yields one whole value after another


def counting(n):
    """1 to n, one after the other."""
    yield from range(1, n + 1)


def streams(stage=counting):
    return Lab(
        title="Streams",
        controls={"n": Choice(3, 5), "m": Choice(10, 20)},
        stages=(stage,),
        panes={},
        numbers={"product": lambda counting, m: counting * m, "m": lambda m: m},
    )


def test_the_last_value_of_a_stream_counts():
    lab = streams()
    assert lab.streams == ("counting",)
    run = lab.at(n=5)
    assert (run.values["counting"], run.numbers["product"]) == (5, 50)
    assert run.step(m=20).numbers["product"] == 100
    assert run.step(n=3).values["counting"] == 3


def test_a_stream_is_advanced_value_by_value_and_keeps_its_place():
    lab = streams()
    run = Run(lab, lab.state(), finish_streams=False)
    seen = [run.numbers["product"]]
    assert not run.started
    while run.advance():
        seen.append(run.numbers["product"])
        assert run.started
        assert run.step(m=20).numbers["product"] == 2 * seen[-1]
    assert seen == [10, 20, 30]
    assert run.finished
    run.restart()
    assert (run.numbers["product"], run.started, run.finished) == (10, False, False)
    run.advance()
    assert run.step(n=5).numbers["product"] == 10  # what the stream depends on has changed


def ghosts(counting, earlier):
    return [*earlier, counting]


def test_what_a_live_stream_gave_last_stays_when_it_begins_anew():
    lab = Lab("t", {"n": Choice(1, 2, 3)}, [counting], {}, {"past": ghosts})
    run = Run(lab, lab.state(n=2), finish_streams=False)
    run.advance()
    assert run.numbers["past"] == [2]
    run = run.step(n=3)
    assert run.numbers["past"] == [2, 1]
    assert lab.at(n=2).step(n=3).numbers["past"] == [lab.at(n=3).values["counting"]]


def test_work_that_is_given_up_leaves_no_second_copy_of_what_was_before():
    lab = Lab("t", {"n": Choice(1, 2, 3)}, [counting], {}, {"past": ghosts})
    refusals = [0]

    def pause():
        if refusals[0]:
            refusals[0] -= 1
            raise InterruptedError

    run = Run(lab, lab.state(n=2), pause=pause, finish_streams=False)
    run.advance()
    run, refusals[0] = run.step(n=3), 2
    for _ in range(2):
        with pytest.raises(InterruptedError):
            _ = run.numbers["past"]
    assert run.numbers["past"] == [2, 1]


def test_a_twin_of_a_stage_gets_what_was_earlier_too():
    lab = Lab(
        "t",
        {"n": Choice(1, 2), "m": Choice(1, 2)},
        [counting, ghosts],
        {},
        {"one": "ghosts", "other": "other_ghosts"},
        compare={"other": ("n", "m")},
    )
    run = lab.at(n=1, m=2)
    assert run.values["other_ghosts"] == [run.values["other_counting"]]


def test_a_stream_that_fails_or_is_empty_leaves_nothing():
    failing = iter([True, False])

    def counting(n):
        yield 1
        if next(failing):
            raise RuntimeError("once")
        yield n

    run = streams(counting).at()
    with pytest.raises(RuntimeError, match="once"):
        _ = run.values["counting"]
    assert run.values["counting"] == 3

    def nothing(n):
        yield from ()

    nothing.__name__ = "counting"
    with pytest.raises(ValueError, match="stage 'counting' ended without a value"):
        _ = streams(nothing).at().values["counting"]


def test_a_pause_before_each_function_may_give_up_and_leaves_what_is_done():
    calls = []

    def first(n):
        calls.append("first")
        return n

    def second(first):
        calls.append("second")
        return first

    stop = iter([False, True, False, False])

    def pause():
        if next(stop):
            raise KeyboardInterrupt

    lab = Lab(title="t", controls={"n": Choice(1, 2)}, stages=(first, second), panes={})
    run = Run(lab, lab.state(), pause=pause)
    with pytest.raises(KeyboardInterrupt):
        _ = run.values["second"]
    assert calls == ["first"]
    assert run.values["second"] == 1
    assert calls == ["first", "second"]


def test_a_fork_leaves_what_the_run_remembers():
    calls = []

    def stage(n):
        calls.append(n)
        return n

    lab = Lab(title="t", controls={"n": Choice(1, 2)}, stages=(stage,), panes={})
    run = lab.at()
    assert run.values["stage"] == 1
    other = run.fork(n=2)
    assert (other.values["stage"], run.values["stage"]) == (2, 1)
    assert calls == [1, 2]
    assert run.step(n=2).values["stage"] == 2  # a step pushes it out
    assert run.values["stage"] == 1
    assert calls == [1, 2, 2, 1]
