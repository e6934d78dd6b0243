"""Saving a lab: what is written, and what is refused; tests/browser/test_slides.py opens it."""

import io
import re
import sys
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import silent
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as Pillow
from small_labs import FRAGILE, GRIDS, LAB
from stored_pages import stored, undone

import seglab
from seglab import cli, page
from seglab.draw import paint
from seglab.files import Look, Plan, cli_values
from seglab.lab import Choice, Lab, Try
from seglab.lessons import catalogue
from seglab.page import _planes as planes
from seglab.page._units import in_units
from seglab.paper import charts, still


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        arrays.arrays(
            np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3]))
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_is_stored_comes_back(drawn):
    store = planes.Store()
    numbers = [store.add(plane, "family") for plane in drawn]
    for plane, number in zip(drawn, numbers, strict=True):
        assert undone(store.blobs, number).tobytes() == plane.tobytes()
    assert len(store.blobs) == len({(plane.shape, plane.tobytes()) for plane in drawn})


def test_each_filter_serves_its_kind_of_picture():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (96, 96))
    changed = noise.copy()
    changed[3, 4] += 1
    pictures = {
        planes.SUB: np.cumsum(rng.integers(0, 3, (96, 96)), 1) + rng.integers(0, 256, (96, 1)),
        planes.UP: np.cumsum(rng.integers(0, 3, (96, 96)), 0) + rng.integers(0, 256, (1, 96)),
        planes.CHANGED: changed,
    }
    store = planes.Store()
    store.add(noise.astype(np.uint8), "noise")
    for kind, picture in pictures.items():
        plane = picture.astype(np.uint8)
        number = store.add(plane, "noise" if kind == planes.CHANGED else None)
        assert store.blobs[number].filter == kind
        assert undone(store.blobs, number).tobytes() == plane.tobytes()
    assert len(store.blobs[-1].data) < 200


def test_a_page_holds_what_each_pane_can_show_and_no_more():
    plan = Plan(LAB, {"photo": ["astronaut", "coffee"], "f": [4, 8], "threshold": [0.0, 0.9]})
    lab = stored(page.document(plan))
    assert {pane["name"]: len(pane["shown"]) for pane in lab["panes"]} == {
        "image": 2,
        "first score": 4,
        "labels": 8,
    }
    assert [control["kind"] for control in lab["controls"]] == ["buttons", "range", "range"]
    assert lab["controls"][2]["texts"] == ["0.0", "0.9"]
    assert lab["fixed"] == "softmax: off"
    assert lab["pixel"] == {"at": [40, 60], "size": [128, 128]}
    used = {shown for pane in lab["panes"] for shown in pane["shown"]}
    assert used == set(range(len(lab["pictures"])))


def test_what_a_control_without_a_say_does_not_change_is_stored_once():
    lab = Lab(
        title="Idle",
        controls={"a": Choice(0, 1), "b": Choice(2, 3, 4)},
        stages=(),
        panes={"p": lambda a, b: paint.scalar(torch.full((2, 2), 1.0 * b), low=0, high=9)},
        numbers={"b": lambda b: b},
        charts={"Draw": lambda b: chart("scatter", y=[b])},
        matters={"b": lambda a: a == 1},
    )
    page_of = stored(page.document(Plan(lab, ["a", "b"])))
    (pane,), (number,) = page_of["panes"], page_of["numbers"]
    assert pane["reach"] == [0, 1]
    assert pane["shown"] == [0, 0, 0, 0, 1, 2]
    assert page_of["idle"] == [
        {"name": "b", "control": 1, "reach": [0, 1], "shown": [1, 1, 1, 0, 0, 0]}
    ]
    assert stored(page.document(Plan(lab, ["b"])))["idle"] == [
        {"name": "b", "control": 0, "reach": [0], "shown": [1, 1, 1]}
    ]
    assert stored(page.document(Plan(LAB, ["f"])))["idle"] == []
    assert [text for (text,) in number["shown"]] == ["2", "2", "2", "2", "3", "4"]
    assert page_of["charts"][0]["shown"][0] == page_of["charts"][0]["shown"][2]
    assert page.document(Plan(lab, ["a", "b"])) == page.document(Plan(lab, ["a", "b"]))


def test_equal_pictures_are_stored_once():
    lab = Lab(
        title="Same",
        controls={"k": Choice(1, 2, 3, 4)},
        stages=(),
        panes={n: lambda k: LAB.at(f=8 if k > 1 else 16).panes["labels"] for n in ("one", "two")},
    )
    found = stored(page.document(Plan(lab)))
    assert len(found["pictures"]) == 4  # two names, two pictures
    assert len(found["blobs"]) == 3  # two planes and one palette


def test_px_keeps_exact_values_where_they_lie():
    small = stored(page.document(Plan(LAB, {"f": [2]}), px=32))["pictures"]
    image, score, _ = small
    assert image["size"] == [32, 32]
    assert image["frame"] == [128, 128]
    assert score["size"] == [32, 32]  # 63 of them, every second
    assert score["field"]["stride"] == [4, 4]
    assert score["field"]["origin"] == [1.5, 1.5]


def test_a_page_loads_nothing_and_allows_no_script_but_its_own():
    text = page.document(Plan(GRIDS))
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag, directive in (("style", "style-src"), ('script type="module" async', "script-src")):
        (own,) = re.findall(f"<{tag}>(.*?)</{tag.split()[0]}>", text, re.DOTALL)
        digest = b64encode(sha256(own.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    for word in ("innerHTML", "insertAdjacentHTML", "eval(", "import(", "https://", "fetch("):
        assert word not in text, word


def test_a_page_is_light_or_dark_or_as_its_reader_is():
    plan = Plan(LAB, {"f": [4]})
    for theme, says in [("auto", '"en">'), ("light", 'data-theme="light">'), ("dark", '="dark">')]:
        assert f"{says}\n" in page.document(plan, look=Look(theme)).partition("<head>")[0]


def test_names_that_are_markup_are_escaped():
    bad = '"></title></script><script>alert(1)</script>'
    lab = Lab(
        title=bad,
        summary=bad,
        controls={"c": Choice(bad, "b", label=bad)},
        stages=(),
        panes={bad: lambda c: LAB.at().panes["labels"]},
        numbers={bad: lambda c: c},
    )
    text = page.document(Plan(lab))
    assert "alert(1)</script>" not in text
    assert text.count("<script") == 3
    assert "alert" not in charts.svg(chart("scatter", name=bad, y=[1, 2]), bad).split("&lt;")[0]


def test_a_state_that_fails_says_so_and_stops_nothing(capsys):
    lab = stored(page.document(Plan(GRIDS, {"i": [5, 3], "kernel": ["edge", "large"]}, {"p": 0})))
    (problem,) = lab["problems"]
    assert problem.startswith("RuntimeError in pane 'input': ")
    assert problem in capsys.readouterr().err
    output = next(pane for pane in lab["panes"] if pane["name"] == "output")
    assert [shown < 0 for shown in output["shown"]] == [False, False, False, True]


def test_the_poster_is_a_still_of_the_start_that_says_every_pane_and_number():
    text = page.document(Plan(GRIDS, fix={"i": 6}))
    poster = text.partition('<section class="seglab-poster">')[2].partition("</section>")[0]
    run = GRIDS.at(i=6)
    (words,) = re.findall(r'alt="([^"]*)"', poster)
    said = [f"{name}: {picture.alt()}" for name, picture in run.panes.items()]
    for part in (*said, f"sum {run.numbers['sum']}"):
        assert part in unescape(words)
    assert "input size 6, kernel edge, stride 2, padding 1" in unescape(poster)
    (png,) = re.findall(r'src="data:image/png;base64,([^"]*)"', poster)
    shown = Pillow.open(io.BytesIO(b64decode(png)))
    exact = still(run, heading=False, grow=False, width=1000, height=900, scale=2).astype(int)
    assert shown.size == exact.shape[1::-1]
    assert np.abs(np.asarray(shown.convert("RGB")) - exact).mean() < 3
    assert f'width="{shown.width // 2}" height="{round(shown.height / 2)}"' in poster


def chart(kind, **trace):
    from plotly.graph_objects import Figure

    return Figure([{"type": kind, **trace}])


def circles(text):
    return [tuple(map(float, place)) for place in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', text)]


def test_a_line_lies_where_its_numbers_are():
    figure = chart("scatter", x=[1, 10, 100], y=[5, 1, 3], mode="lines+markers")
    figure.update_xaxes(type="log", title="size", tickvals=[1, 10, 100])
    figure.update_layout(title="a < b")
    text = charts.svg(figure, "name")
    (x1, y1), (x2, y2), (x3, y3) = circles(text)
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)  # powers of ten
    assert (y3 - y2) / (y1 - y2) == pytest.approx(0.5, abs=0.01)
    assert y1 < y3 < y2
    assert "a &lt; b" in text
    assert ">size<" in text
    assert "<title>10, 1</title>" in text
    assert text.count("<polyline") == 1


def test_bars_stand_on_nought():
    text = charts.svg(chart("bar", x=["a", "b"], y=[1, 2]), "bars")
    heights = [float(h) for h in re.findall(r'<rect[^>]*height="([\d.]+)"', text)]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert 'aria-label="bars"' in text


def test_a_cloud_keeps_its_colours_and_what_cannot_be_drawn_is_left_out():
    cloud = chart(
        "scatter3d", x=[0, 1], y=[0, 1], z=[0, 1], marker={"color": ["#ff0000", "#00ff00"]}
    )
    text = charts.svg(cloud, "cloud")
    assert {"#ff0000", "#00ff00"} <= set(re.findall(r'fill="(#\w+)"', text))
    assert charts.svg(chart("heatmap", z=[[1]]), "map") == ""


def test_a_chart_that_one_state_refuses_is_kept_for_the_others():
    def maybe(k):
        if k == 3:
            raise ValueError("k=3 does not fit")
        return chart("scatter", y=[1, k])

    lab = Lab(
        title="Maybe",
        controls={"k": Choice(2, 3, 4)},
        stages=(),
        panes={"p": lambda k: LAB.at().panes["labels"]},
        charts={"Draw": maybe, "Map": lambda k: chart("heatmap", z=[[k]])},
    )
    (kept,) = stored(page.document(Plan(lab)))["charts"]
    assert kept["name"] == "Draw"
    assert [shown[:4] for shown in kept["shown"]] == ["<svg", "", "<svg"]


def test_a_chart_of_times_says_where_they_were_measured():
    def figure(k, words):
        return chart("scatter", y=[1, k]).update_yaxes(title=words)

    lab = Lab(
        title="Times",
        controls={"k": Choice(2, 3)},
        stages=(),
        panes={"p": lambda k: LAB.at().panes["labels"]},
        charts={"Cost": lambda k: figure(k, "milliseconds"), "Rows": lambda k: figure(k, "rows")},
    )
    kept = stored(page.document(Plan(lab)))["charts"]
    assert [c["at"] for c in kept] == ["measured where this page was made", ""]


@pytest.mark.parametrize("name", catalogue())
def test_no_lab_speaks_of_this_machine_since_its_page_is_read_on_another(name):
    lab = catalogue()[name]
    words = [lab.summary, *lab.charts, *lab.panes, *lab.numbers]
    words += [text for step in lab.tour for text in (step.say, step.then)]
    assert not [text for text in words if "this machine" in text]


def test_save_writes_whole_or_nothing(tmp_path, monkeypatch):
    told = []
    path = tmp_path / "slide.html"
    done = seglab.save(
        FRAGILE, path, fix={"k": 4}, progress=lambda now, total: told.append((now, total))
    )
    assert done == path
    assert told[-1][0] == told[-1][1]
    before = path.read_bytes()

    def broken(plan, path, px, progress, look):
        path.write_text("half")
        raise OSError("the disk is full")

    monkeypatch.setattr(page, "write", broken)
    with pytest.raises(OSError, match="the disk is full"):
        seglab.save(FRAGILE, path, progress=silent)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_cost_is_said_before_the_work(tmp_path, capsys):
    seglab.save(LAB, tmp_path / "a.html", {"f": [2, 4]}, {"photo": "coffee"}, progress=silent)
    said = capsys.readouterr().err
    assert said.startswith("a.html: 2 states, 5 pictures, about ")
    assert "photo = 'coffee'" in said


def test_what_is_left_out_is_said_where_nobody_chose(tmp_path, capsys):
    seglab.save(LAB, tmp_path / "a.html", fix={"threshold": 0.5}, progress=silent)
    said = capsys.readouterr().err
    assert "Left out: photo = 'coffee'; 8 of 9 values of at. To choose, say what varies." in said
    seglab.save(LAB, tmp_path / "a.html", vary=["f"], progress=silent)
    seglab.save(FRAGILE, tmp_path / "a.html", progress=silent)
    assert "Left out" not in capsys.readouterr().err


def test_too_much_is_refused_before_the_work_unless_forced(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(page, "write", lambda plan, path, *rest: (asked.append(plan), path.touch()))
    many = Lab(
        title="Many",
        controls={"a": Choice(*range(50)), "b": Choice(*range(50))},
        stages=(),
        panes={"p": lambda a, b: LAB.at().panes["labels"]},
    )
    with pytest.raises(ValueError, match=r"2,500 states, and a \.html file"):
        seglab.save(many, tmp_path / "a.html", ["a", "b"], progress=silent)
    assert not asked
    seglab.save(many, tmp_path / "a.html", ["a", "b"], force=True, progress=silent)
    assert len(asked[0]) == 2500


def test_a_choice_left_to_us_stays_small(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("seglab.files._saving.DEFAULT_MAX_BYTES", 25_000)
    path = seglab.save(LAB, tmp_path / "a.html", progress=silent)
    lab = stored(path.read_text(encoding="utf-8"))
    count = np.prod([len(control["texts"]) for control in lab["controls"]])
    assert 2 <= count < len(Plan(LAB))
    assert "px = 256" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"path": "slide.doc"}, ValueError, "ends in '.doc'; a lab is saved as .html"),
        ({"path": "slide"}, ValueError, "ends in ''"),
        ({"path": "no/such/a.html"}, ValueError, "there is no folder"),
        ({"px": 3}, ValueError, "px=3"),
        ({"px": True}, ValueError, "px=True"),
        ({"vary": {"g": [1]}}, ValueError, "no control 'g'"),
        ({"lab": 3}, TypeError, "save.. takes a Lab, not int"),
        ({"theme": "blue"}, ValueError, "theme='blue'; give one of auto, light, dark"),
        ({"theme": "dark", "path": "a.gif"}, ValueError, "a .gif file is light; leave theme out"),
        ({"tour": True}, ValueError, "has no tour; leave tour out"),
        ({"tour": True, "path": "a.gif"}, ValueError, "has no tour; leave tour out"),
    ],
)
def test_bad_arguments_are_said_in_one_sentence(arguments, kind, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind, match=words) as error:
        seglab.save(**{"lab": LAB, "path": "a.html", "progress": silent, **arguments})
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_live_lab_is_saved_as_it_stands(tmp_path):
    live = seglab.show(LAB, threshold=0.7)
    live.controls["f"].value = 4
    text = seglab.save(live, tmp_path / "a.html", {"softmax": [False, True]}, progress=silent)
    lab = stored(text.read_text(encoding="utf-8"))
    assert lab["fixed"] == "photo: astronaut · window step f: 4 · threshold: 0.7"


def test_words_of_the_command_line():
    assert cli_values.vary(LAB, ["f=2,4", "softmax", "at=5"]) == {
        "f": [2, 4],
        "softmax": None,
        "at": 5,
    }
    assert cli_values.vary(LAB, ["at=1:2,3:4", "softmax=True,False"]) == {
        "at": [(1, 2), (3, 4)],
        "softmax": [True, False],
    }
    assert cli_values.fix(LAB, ["threshold=0.5", "photo=coffee"]) == {
        "threshold": 0.5,
        "photo": "coffee",
    }
    commas = Lab("Commas", {"c": Choice("a, b", "c", "d")}, (), {"p": lambda c: paint})
    assert cli_values.vary(commas, ["c=a, b,d"]) == {"c": ["a, b", "d"]}


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("g=1", "no control 'g'"),
        ("f", "gives no value"),
        ("f=3", "f=3: write one of 2, 4, 8, 16"),
        ("at=1", "write a pixel as row:column"),
        ("at=1:999", "lies outside"),
    ],
)
def test_wrong_words_are_said_in_one_sentence(option, said):
    with pytest.raises(ValueError, match=said):
        cli_values.fix(LAB, [option])


OWN = """from beside import SHOWN
from seglab.draw import paint
from seglab.lab import Choice, Lab
LAB = Lab("Mine", {"k": Choice(2, 3)}, (), {"p": lambda k: SHOWN}, {"k": lambda k: k})
OTHER = Lab("Other", {"k": Choice(2, 3)}, (), {"p": lambda k: SHOWN}, {"k": lambda k: k})
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A file with two labs, which imports the file beside it; the folder at hand is another one."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "own_labs.py").write_text(OWN)
    (folder / "broken_lab.py").write_text("import nowhere_at_all")
    (folder / "beside.py").write_text("from small_labs import LAB\nSHOWN = LAB.at().panes['image']")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    yield folder
    for name in ("own_labs", "beside", "broken_lab"):
        sys.modules.pop(name, None)


def test_a_lab_of_ones_own_goes_by_its_file_or_its_module(own, monkeypatch):
    assert cli_values.find("8").title == cli_values.find("shift-and-stitch").title
    assert cli_values.find(str(own / "own_labs.py")).title == "Mine"
    assert cli_values.find("mine/own_labs.py:OTHER").title == "Other"
    assert cli_values.find("small_labs:GRIDS") is GRIDS
    assert cli_values.find("small_labs:") is LAB
    monkeypatch.chdir(own)
    assert cli_values.find("own_labs:OTHER").title == "Other"
    assert cli_values.find("own_labs.py").title == "Mine"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mine/own_labs.py:OTER", "has no lab 'OTER'; did you mean 'OTHER'. its labs are LAB, OTH"),
        ("mine/beside.py:SHOWN", "has no lab 'SHOWN'; its labs are LAB"),
        ("mine/my_lab.py", "there is no file 'mine/my_lab.py'"),
        ("mine/broken_lab.py", "broken_lab.py imports what is not there: .*nowhere_at_all"),
        ("nowhere.at.all:LAB", "'nowhere.at.all' cannot be imported"),
        ("shift-and-stich", "there is no lab 'shift-and-stich'; did you mean"),
    ],
)
def test_a_lab_that_is_not_there_is_said_in_one_sentence(own, text, said):
    with pytest.raises(ValueError, match=said) as error:
        cli_values.find(text)
    assert "\n" not in str(error.value)


def test_the_students_own_photograph_in_every_place(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Pillow.fromarray(np.full((64, 64, 3), 200, np.uint8)).save("me.png")
    brightness = LAB.at(photo="me.png").numbers["brightness"]
    assert brightness == f"{200 / 255:.3f}"
    assert seglab.show(LAB, photo=Path("me.png")).run.numbers["brightness"] == brightness
    command = ["seglab", "save", "small_labs:LAB", "a.html", "--vary", "f", "--fix", "photo=me.png"]
    monkeypatch.setattr("sys.argv", command)
    assert cli.main() == 0
    page_of = stored(Path("a.html").read_text(encoding="utf-8"))
    assert page_of["fixed"].startswith("photo: me.png · ")
    (number,) = (one for one in page_of["numbers"] if one["name"] == "brightness")
    assert number["shown"] == [[brightness]]
    Path("notes.png").write_text("dear diary")
    with pytest.raises(ValueError, match=r"'notes.png' is no picture that can be read: use a PNG"):
        _ = LAB.at(photo="notes.png").panes["image"]


def test_seglab_save_in_the_terminal(tmp_path, monkeypatch, capsys):
    path = tmp_path / "grid.html"
    command = ["seglab", "save", "03", str(path), "--vary", "i=5,8", "--fix", "kernel=box blur"]
    monkeypatch.setattr("sys.argv", command)
    assert cli.main() in (0, 2)
    monkeypatch.setattr("sys.argv", [*command[:4], "--vary", "i=5,8"])
    assert cli.main() == 0
    assert capsys.readouterr().out.startswith(f"{path}: ")
    assert stored(path.read_text(encoding="utf-8"))["controls"][0]["texts"] == ["5", "8"]
    monkeypatch.setattr("sys.argv", ["seglab", "save", "03", str(path), "--vary", "j=5"])
    assert cli.main() == 2
    assert "no control 'j'" in capsys.readouterr().err


def test_lengths_follow_the_text_and_lines_stay_thin():
    css = (
        "@media (min-width: 640px) {\n  .a {\n    margin: 0 -4px 1.5px;\n"
        "    border: 1px solid;\n    border-radius: 3px;\n    box-shadow: 0 0 0\n      2px red;\n"
        "    width: calc(100% - 8px);\n    font: 600 var(--x, 17px) / 1.4 sans-serif;\n  }\n}\n"
    )
    unit = "var(--seglab-unit, 1px)"
    assert in_units(css) == (
        f"@media (min-width: 640px) {{\n  .a {{\n    margin: 0 calc(-4 * {unit}) "
        f"calc(1.5 * {unit});\n    border: 1px solid;\n    border-radius: calc(3 * {unit});\n"
        "    box-shadow: 0 0 0\n      2px red;\n"
        f"    width: calc(100% - calc(8 * {unit}));\n"
        f"    font: 600 var(--x, calc(17 * {unit})) / 1.4 sans-serif;\n  }}\n}}\n"
    )


TOUR = (
    Try("Move `f` to **16**.", set={"f": 16}, look="labels", then="Fewer windows."),
    Try("Which <photograph>?", set={"photo": "coffee"}, look="image", then="Coffee."),
    Try("And the threshold?", set={"threshold": 0.5}),
    Try("Back.", set={"photo": "astronaut", "threshold": 0.0}),
)


def test_a_page_holds_the_states_of_the_tour_beside_those_that_vary():
    plan = Plan(replace(LAB, tour=TOUR), {"f": [8, 16], "threshold": [0.0, 0.9]})
    lab = stored(page.document(plan))
    first, second, third, fourth = lab["tour"]["steps"]
    assert first["say"] == [
        [["", "Move "], ["code", "f"], ["", " to "], ["b", "16"], ["", "."]],
        [["", "Look at "], ["b", "labels"], ["", "."]],
    ]
    assert (first["then"], first["look"], first["sets"]) == (
        [[["", "Fewer windows."]]],
        "labels",
        ["f"],
    )
    assert [step["extra"] for step in (first, second, third, fourth)] == [-1, 0, 1, -1]
    assert [step["at"] for step in (first, fourth)] == [[1, 0], [1, 0]]
    assert lab["told"] == [{"name": "photo", "label": "photo", "texts": ["astronaut", "coffee"]}]
    assert lab["fixed"] == "softmax: off"
    coffee, half = lab["extras"]
    assert (coffee["told"], coffee["off"], half["told"]) == ([1], [], [1])
    assert (half["at"][0], half["off"]) == (1, [[1, "0.5"]])  # no value of the page is 0.5
    numbers = LAB.at(f=16, photo="coffee", threshold=0.5).numbers
    assert [one["name"] for one in lab["numbers"]] == list(numbers)
    assert half["numbers"] == [[str(value)] for value in numbers.values()]
    assert len(coffee["panes"]) == len(lab["panes"])
    assert coffee["panes"][0] == half["panes"][0] != lab["panes"][0]["shown"][0]
    assert page.document(plan) == page.document(plan)
    assert stored(page.document(Plan(LAB, ["f"])))["tour"] == {"steps": [], "clicker": False}
    assert stored(page.document(plan, look=Look(tour=True)))["tour"]["clicker"]


def test_an_address_spells_what_the_command_line_reads():
    for lab in [LAB, *catalogue().values()]:
        for name, control in lab.controls.items():
            for value in control.sweep():
                again = control.parse(control.spelling(value))
                assert again == control.accept(value), (lab.title, name, value)
