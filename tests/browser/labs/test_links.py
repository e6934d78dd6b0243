"""Panes hang together by what they mean: point at one, and read what lights up in the others."""

import numpy as np
import pytest

pytestmark = pytest.mark.browser

STEMS = [
    "08-shift-and-stitch",
    "02-semantic-instance-panoptic",
    "12-skip-connections",
    "04-receptive-fields",
    "15-finding-instances",
]
STARTS = {"08-shift-and-stitch": {"shifts": 64}, "12-skip-connections": {"shifted": 8}}
SHEET, MAP = "the passes, side by side", "the passes, interleaved"


def work_on(labs, stem):
    """The lab in its start for these tests; what it computes there."""
    start = STARTS.get(stem, {})
    labs.work_on(stem)
    labs.set(**start)
    return labs.shown.at(**start)


def line(labs, pane, name):
    """The path of a line over a pane."""
    return labs.pane(pane).locator(f"path.seglab-ink.seglab-{name}").get_attribute("d") or ""


def area(labs, pane):
    return labs.pane(pane).locator("path.seglab-area-light").get_attribute("d") or ""


def place(labs):
    return labs.root().locator(".seglab-place").inner_text()


def test_a_pixel_of_the_map_lights_its_pass_its_crop_and_its_field(labs):
    run = work_on(labs, STEMS[0])
    labs.point(MAP, 131, 133)  # 110 and 112 from the first center: pass (6, 0), score (13, 14)
    assert place(labs) == "row 131, column 133 · pass (6, 0), score (13, 14)"
    assert labs.readout(SHEET).endswith("· pass 6, 0 → 131, 133")
    assert labs.readout(SHEET).split(" · ")[0] == labs.readout(MAP)
    assert line(labs, SHEET, "light") == "M0 162h27v27h-27z"  # tile (6, 0)
    assert line(labs, SHEET, "cross").startswith("M0 175.5H")  # row 6 * 27 + 13
    field = "M112 110h43v43h-43z"  # 43 x 43 around (131, 133)
    assert line(labs, "photograph", "field") == field
    assert area(labs, "photograph") == "M0 0H256V6H0V256H0z"  # what pass (6, 0) does not see
    assert area(labs, MAP) == ""
    assert run.values["interleaving"].answer((110, 112)) == ((6, 0), (13, 14))
    labs.page.mouse.move(2, 2)
    assert [line(labs, SHEET, "light"), line(labs, "photograph", "field"), place(labs)] == [""] * 3


def test_a_tile_lights_the_pixels_that_it_answers_for(labs):
    work_on(labs, STEMS[0])
    labs.point(SHEET, 3 * 27 + 14, 4 * 27 + 7)  # pass (3, 4), score (14, 7)
    assert place(labs) == "pass (3, 4), score (14, 7) · row 136, column 81"
    squares = area(labs, MAP).split("M")[1:]
    assert len(squares) == 27 * 27
    assert squares[0] == "25 24h1v1h-1z"
    assert line(labs, MAP, "cross").startswith("M0 136.5H")
    assert line(labs, "photograph", "field") == "M60 115h43v43h-43z"


def test_the_keys_walk_over_the_sheet_and_set_the_point(labs):
    work_on(labs, STEMS[0])
    stage = labs.pane(SHEET).locator(".seglab-stage")
    labs.page.mouse.move(2, 2)
    stage.focus()
    stage.press("ArrowRight")
    before = place(labs)
    assert before == "pass (4, 4), score (0, 1) · row 25, column 33"
    stage.press("ArrowLeft")
    stage.press("ArrowLeft")  # into the tile before
    assert place(labs) == "pass (4, 3), score (0, 26) · row 25, column 232"
    stage.press("Enter")
    labs.until(
        lambda: labs.numbers()["your pixel"] == "pass (4, 3), score (0, 26)", "no point is set"
    )
    stage.press("Escape")
    assert labs.state()["pixel"] == (25, 232)


def test_an_object_lights_its_match_in_the_other_map(labs):
    run = work_on(labs, STEMS[1])
    true, found = run.panes["true segments"], run.panes["found segments"]
    matched = set(true.group.ids) & set(found.group.ids) - {None}
    number = min(matched)
    lone = min(set(true.group.ids) - set(found.group.ids) - {None})
    for thing, words in ((number, "has a match"), (lone, "no match")):
        row, column = _inside(true, thing)
        labs.point("true segments", row, column)
        assert place(labs).endswith(words)
        assert line(labs, "true segments", "light")
        assert bool(line(labs, "found segments", "light")) == (thing == number)


def _inside(picture, number):
    """A pixel of the object."""
    rows, columns = np.nonzero(picture.array == picture.group.ids.index(number))
    return int(rows[len(rows) // 2]), int(columns[len(rows) // 2])


def test_a_score_map_lights_its_skip_and_the_skip_its_pictures(labs):
    work_on(labs, STEMS[2])
    change = labs.pane("what skips add")
    row = labs.root().locator(".seglab-control-gain8")
    lit = "(e) => e.classList.contains('seglab-lit-here')"
    lines = labs.pane("the net").locator("path.seglab-lit-here")
    assert not lines.count()
    labs.point("what skips add", 40, 40)
    assert lines.count() == 1
    assert row.evaluate(lit)
    assert not labs.root().locator(".seglab-control-gain16").evaluate(lit)
    labs.page.mouse.move(2, 2)
    assert not change.evaluate(lit)
    row.locator(".widget-label").first.hover()
    assert change.evaluate(lit)


def test_a_layer_lights_its_row_and_its_field(labs):
    run = work_on(labs, STEMS[3])
    photograph, side = "your unit's field", labs.pane("side view")
    marks = run.panes[photograph].group.marks
    labs.root().locator('[data-seglab-thing="layer 15"]').first.hover()
    wide = marks[14].bottom - marks[14].top
    assert f"h{wide:g}v{wide:g}" in line(labs, photograph, "light")
    assert side.locator(".seglab-lit-here").count() > 0
    labs.page.mouse.move(2, 2)
    assert line(labs, photograph, "light") == ""
    assert side.locator(".seglab-lit-here").count() == 0


def test_a_box_lights_its_object(labs):
    run = work_on(labs, STEMS[4])
    objects = run.panes["objects"]
    number = next(n for n in objects.group.ids if n is not None)
    labs.point("objects", *_inside(objects, number))
    assert line(labs, "objects", "light")
    assert line(labs, "boxes and scores", "light")
    box = run.panes["boxes and scores"].marks[run.panes["boxes and scores"].group.ids.index(number)]
    labs.point("boxes and scores", round(box.top) + 1, round(box.left) + 1)
    assert line(labs, "objects", "light")
