"""Charts that are measured when somebody asks for them."""

from threading import Thread

import plotly.graph_objects as go
import pytest
from live_view import hear, receive, until
from small_labs import GROWING, LAB

from seglab import show
from seglab.draw import plots
from seglab.lab import Choice, Lab
from seglab.live import chart as chart_module
from seglab.live.figure import figure_widget


def test_a_chart_is_measured_when_asked_and_again():
    live = show(LAB)
    chart = live.charts["Measure the means"]
    assert chart.figure is None
    chart.button.click()
    chart.wait()
    first = chart.figure
    live.controls["f"].value = 16
    chart.button.click()
    chart.wait()
    assert chart.figure is first
    assert chart.figure.data[0].y == pytest.approx(
        LAB.at(f=16).values["scores"].mean((0, 2, 3)).tolist()
    )
    assert not chart.button.disabled


def test_a_bar_fills_up_to_the_last_step():
    seen = []

    def measured(progress):
        for done in range(1, 31):
            progress(done, 30)
        return plots.lines({"a": {1: 1}}, title="", x="", y="", ticks=())

    (only,) = show(Lab("t", {}, (), {}, charts={"Chart": measured})).charts.values()
    (bar,) = (part for part in only.children if hasattr(part, "max"))
    bar.observe(lambda change: seen.append(change.new), "value")
    only.measure()
    only.wait()
    assert (bar.value, bar.max) == (30, 30)
    assert bar.layout.display == "none"
    assert len(seen) < 10, "each step goes to the browser"


def test_a_chart_says_its_state_in_words_and_when_it_is_old():
    def chart(which, depth):
        return plots.lines({"a": {1: depth}}, title="", x="", y="", ticks=())

    lab = Lab(
        title="t",
        controls={
            "which": Choice("every skip", "none", label="shift"),
            "depth": Choice(1, 2, label="by, px"),
            "other": Choice(1, 2),
        },
        matters={"depth": lambda which: which != "none"},
        stages=(),
        panes={},
        numbers={"other": lambda other: other},
        charts={"Chart": chart},
    )
    live = show(lab)
    (only,) = live.charts.values()
    only.measure()
    only.wait()
    assert only.says == "shift: every skip · by, px: 1"
    live.controls["other"].value = 2  # not of the chart
    assert only.says == "shift: every skip · by, px: 1"
    live.controls["which"].value = "none"
    old = "Of an earlier state; press the button again. shift: every skip · by, px: 1"
    assert only.says == old
    live.reset()
    assert only.says == "shift: every skip · by, px: 1"
    live.set(which="none")
    only.measure()
    only.wait()
    assert only.says == "shift: none"  # px has no effect


def test_one_chart_stands_beside_the_panes_at_a_time():
    def chart(depth):
        return plots.lines({"a": {1: depth}}, title="", x="", y="", ticks=())

    controls = {"depth": Choice(1, 2)}
    lab = Lab(title="t", controls=controls, stages=(), panes={}, charts={"A": chart, "B": chart})
    live = show(lab)
    a, b = live.charts.values()
    bench = a.panel.layout, b.panel.layout
    assert [layout.display for layout in bench] == ["none", "none"]
    for which in (a, b):
        which.measure()
        which.wait()
    assert [(a.is_open, b.is_open), [layout.display for layout in bench]] == [
        (False, True),
        ["none", ""],
    ]
    b.close_panel()
    assert not b.is_open
    assert a.figure.layout.width == b.figure.layout.width == 400


def test_a_chart_that_fails_says_so():
    def chart(f):
        raise RuntimeError("no clock\nat all")

    lab = Lab(title="t", controls={"f": Choice(1)}, stages=(), panes={}, charts={"Time": chart})
    live = show(lab)
    live.charts["Time"].measure()
    live.charts["Time"].wait()
    assert live.charts["Time"].says == "RuntimeError in chart 'Time': no clock"
    assert not live.charts["Time"].button.disabled


def test_a_chart_of_a_stream_grows_with_it(ui, monkeypatch):
    monkeypatch.setattr(chart_module, "REDRAW", 0.05)
    live = show(GROWING)
    growing, single = (live.charts[name] for name in ("Way", "Rate"))
    live.start()
    assert growing.figure is None  # nobody has asked for it
    ui()
    live.controls["rate"].value = 0.2
    live.buttons["Start"].click()
    until(lambda: growing.figure is not None and growing.figure.data)
    live.settled()
    (line,) = growing.figure.data
    live.buttons["Start again"].click()
    until(lambda: 10 < len(line.y) < 100)
    until(lambda: len(line.y) == 100)
    live.settled()
    growing.wait()
    assert growing.says == "rate: 0.2"
    assert growing.figure.data[0] is line
    assert not growing.button.disabled
    assert single.figure is None
    live.controls["rate"].value = 0.4
    live.settled()
    assert (len(line.y), growing.says) == (1, "rate: 0.4")


with_script = pytest.mark.skipif(
    not hasattr(go.FigureWidget, "_esm"),
    reason="Plotly 5 has an extension in the place of a script",
)


@with_script
def test_the_browser_asks_for_a_figures_script_and_for_what_is_drawn_now(monkeypatch):
    figure = figure_widget(go.Figure(go.Scatter(y=[1, 2])))
    said = []
    hear(figure, monkeypatch, lambda message, buffers: said.append((message, buffers)))
    receive(figure, {"kind": "script"})
    ((message, (script,)),) = said
    assert message["content"] == {"kind": "script"}
    assert b"export" in script
    assert len(script) > 1e6
    assert len(figure.get_state()["_esm"]) < 1e4
    assert figure.get_state()["own_id"] == figure.model_id

    with figure.batch_update():
        figure.data[0].y = [3, 4]
        figure.layout.title.text = "newer"
    said.clear()
    receive(figure, {"kind": "state"})
    *_, (state, _), (done, _) = said
    assert done["content"] == {"kind": "state"}
    assert state["state"]["_widget_layout"]["title"]["text"] == "newer"
    assert state["state"]["_widget_data"][0]["y"] == pytest.approx([3, 4])


@with_script
def test_a_figure_is_told_of_whole_or_not_at_all(monkeypatch):
    figure = figure_widget()
    said = []
    hear(figure, monkeypatch, lambda message, buffers: said.append(message))
    asking = Thread(target=receive, args=(figure, {"kind": "state"}))
    with figure.drawing:
        asking.start()
        asking.join(0.2)
        assert asking.is_alive()
        assert not said
    asking.join()
    assert said
