"""Laws that hold in every lab, whatever it teaches."""

from dataclasses import replace

import pytest
from helpers import looks
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from walks import begun, walk

from seglab import lessons
from seglab.draw.shapes import spelled

LABS = lessons.catalogue() | lessons.further()

# Controls that need what a test has not: a training run to its end, weights that are downloaded.
UNSEEN = {"13-train-your-own": {"rate", "steps", "moment"}, "16-every-net": {"rates"}}


# Controls whose values give the same answer where the picture holds nothing that tells them apart:
# no object so small, no second class to name. Only the stages know, so they are not greyed.
BY_CHANCE = {
    # overlap: objects that lie apart anyhow
    "02-semantic-instance-panoptic": {"mistake", "method", "h", "min_size", "overlap", "pixel"},
    "06-heatmap-to-labels": {"level"},
    # Which skip is shifted by 0, or after a gain of 0: greyed, it could not be chosen first.
    "12-skip-connections": {"shifted", "shift"},
    "14-measuring": {"fate", "at", "radius"},
    "15-finding-instances": {"threshold", "nms", "min_size", "pixel"},
    "16-your-photo": {"pixel"},  # where all of the points that are tried are background
    "18-many-resolutions": {"read"},  # a quarter of a scene is background to every side
    "19-losses": {"threshold"},
}
# States that take seconds each; lab 01 has a law of its own.
LONG = {"01-grouping-pixels", "08-shift-and-stitch", "13-train-your-own", "16-every-net"}


def shown_by(run):
    """All that a reader sees of a state but for its controls, worked out as it is asked for."""
    return (shown(group, name) for group in (run.numbers, run.panes) for name in group)


def differs(run, before):
    """Tell whether a state shows anything that another one, list(shown_by(...)), does not."""
    return any(now != then for now, then in zip(shown_by(run), before, strict=True))


def shown(group, name):
    """Show a pane or a number as a reader sees it; its words where the lab refuses the state."""
    try:
        value = group[name]
    except ValueError as error:
        return str(error)
    return looks(value) if hasattr(value, "array") else str(value)


@pytest.mark.parametrize("stem", LABS)
def test_every_control_changes_something_somewhere_where_it_is_not_idle(stem):
    lab, (start, *others) = LABS[stem], walk(LABS[stem])
    values = {name: list(control.sweep()) for name, control in lab.controls.items()}
    waiting = {name for name in values if len(values[name]) > 1} - UNSEEN.get(stem, set())
    idle = lab.idle(start.state)
    for state in others:
        (name,) = (name for name in values if state.state[name] != start.state[name])
        if name in waiting - set(idle) and unlike(start, state):
            waiting.discard(name)
    for state in lab.sweep():
        if not waiting:
            break
        for name in sorted(waiting - set(lab.idle(state))):
            run = begun(lab, **state)
            before = list(shown_by(run))
            if any(differs(run.fork(**{name: value}), before) for value in values[name]):
                waiting.discard(name)
    assert not waiting, f"{waiting} change no pane and no number"


def unlike(one, other):
    """Tell whether two states of a walk show anything that differs."""
    return one.numbers != other.numbers or any(
        looks(one.panes[name]) != looks(other.panes[name]) for name in one.panes
    )


@pytest.mark.parametrize("stem", LABS)
def test_a_pane_that_a_control_does_not_reach_stays(stem):
    lab, (start, *others) = LABS[stem], walk(LABS[stem])
    for state in others:
        (name,) = (name for name in lab.controls if state.state[name] != start.state[name])
        for pane in lab.panes:
            if name not in lab.reach(pane):
                assert looks(state.panes[pane]) == looks(start.panes[pane]), (name, pane)


def handles(picture):
    """The controls that a diagram sets, each with a value and its spelling."""
    for shape in getattr(picture, "shapes", ()):
        if shape.kind == "handle":
            yield from ((shape.control, stop.value) for stop in shape.stops)
        elif shape.sets:
            yield tuple(shape.sets)


@pytest.mark.parametrize("stem", LABS)
def test_what_a_diagram_sets_is_a_value_of_a_control_of_the_lab(stem):
    lab = LABS[stem]
    for state in walk(lab):
        for name, picture in state.panes.items():
            for control, value in handles(picture):
                read = lab.controls[control].parse(spelled(value))
                assert lab.controls[control].accept(value) == read, (name, control, value)


def refused(run):
    """True where the lab says in a sentence that it does not do this."""
    for group in (run.panes, run.numbers):
        for name in group:
            try:
                group[name]
            except ValueError:
                return True
    return False


@pytest.mark.parametrize("stem", sorted(LABS.keys() - LONG))
def test_in_any_state_a_control_that_is_not_greyed_changes_something(stem):
    lab = LABS[stem]
    values = {name: list(control.sweep()) for name, control in lab.controls.items()}
    skipped = UNSEEN.get(stem, set()) | BY_CHANCE.get(stem, set())
    looked_at = [name for name in values if len(values[name]) > 1 and name not in skipped]
    states = st.fixed_dictionaries({name: st.sampled_from(values[name]) for name in values})

    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # the search for a simpler state takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(states, st.randoms(use_true_random=False))
    def law(state, chance):
        run = begun(lab, **state)
        if refused(run):
            return
        before, idle = list(shown_by(run)), lab.idle(state)
        for name in [name for name in looked_at if name not in idle]:
            others = [value for value in values[name] if value != state[name]]
            chance.shuffle(others)  # neighbours are most alike
            changed = any(differs(run.fork(**{name: value}), before) for value in others)
            assert changed, f"{name} changes nothing in {lab.words(state)}"

    law()


QUIET = [  # states in which these controls can change nothing
    ("02-semantic-instance-panoptic", {"objects": 0}, ("mistake", "method", "min_size", "h")),
    ("11-checkerboards", {"kernel": ((2.0,),), "s": 1}, ("depth",)),
    ("14-measuring", {"fate": "all missed"}, ("grow", "shift")),
    ("14-measuring", {"fate": "largest missed", "count": 1}, ("grow", "shift")),
]


def effects(run):
    """All that a state shows, but for knobs, which stand where their controls do."""
    found = [str(run.numbers[name]) for name in run.numbers]
    for name in run.panes:
        pixels, header, inside = looks(run.panes[name])
        header.pop("alt")
        shapes = [one for one in header.get("shapes", ()) if one["kind"] != "handle"]
        found.append((name, pixels, header | {"shapes": shapes}, inside))
    return found


@pytest.mark.parametrize(("stem", "state", "names"), QUIET)
def test_controls_that_can_change_nothing_are_greyed(stem, state, names):
    lab = LABS[stem]
    assert set(names) <= set(lab.idle(lab.state(**state)))
    ungreyed = replace(lab, matters={}, tour=())
    start = effects(ungreyed.at(**state))
    for name in names:
        for value in lab.controls[name].sweep():
            assert effects(ungreyed.at(**{**state, name: value})) == start, (name, value)
