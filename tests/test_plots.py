import pytest

from seglab.draw import plots
from seglab.draw.palettes import colour

SERIES = {"slow": {2: 30.0, 4: 400.0}, "fast": {2: 3.0, 4: 5.0}}


def drawn(**options):
    return plots.lines(SERIES, title="Cost", x="f", y="ms", ticks=(2, 4), **options)


def test_a_line_for_each_series_in_the_colours_of_the_labels():
    figure = drawn(unit="ms")
    assert [line.name for line in figure.data] == ["slow", "fast"]
    assert [line.line.color for line in figure.data] == [colour(0), colour(1)]
    assert list(figure.data[0].x) == [2, 4]
    assert list(figure.data[0].y) == [30.0, 400.0]
    assert "ms" in figure.data[0].hovertemplate
    assert list(figure.layout.xaxis.ticktext) == ["2", "4"]


def test_each_axis_has_a_scale_of_its_own():
    figure = drawn(y_scale="log")
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("linear", "log")
    figure = drawn(x_scale="log")
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "linear")


def test_the_page_shows_through():
    layout = drawn().layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("series", [{}, {"nothing": {}}])
def test_nothing_to_draw_is_refused(series):
    with pytest.raises(ValueError, match="holds no point"):
        plots.lines(series, title="", x="", y="", ticks=())


def test_curves_stand_in_panels_that_share_an_axis():
    figure = plots.curves(
        {"loss": {"loss": {5: 2.0, 10: 0.5}}, "IoU": {"seen": {0: 0.1}, "new": {}}},
        title="A training",
        x="step",
        ends=(0, 20),
        ranges={"IoU": (0, 1)},
    )
    assert [(c.name, list(c.x), list(c.y), c.yaxis) for c in figure.data] == [
        ("loss", [5, 10], [2.0, 0.5], "y"),
        ("seen", [0], [0.1], "y2"),
        ("new", [], [], "y2"),
    ]
    assert len({c.line.color for c in figure.data}) == 3
    assert (figure.layout.yaxis.range, figure.layout.yaxis2.range) == (None, (0, 1))
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == ("loss", "IoU")
    for axis in (figure.layout.xaxis, figure.layout.xaxis2):
        assert (axis.title.text, axis.range) == ("step", (0, 20))


@pytest.mark.parametrize(("panels", "ranges"), [({}, {}), ({"loss": {}}, {"los": (0, 1)})])
def test_panels_that_do_not_fit_are_refused(panels, ranges):
    with pytest.raises(ValueError, match=r"panels has .* give at least one panel"):
        plots.curves(panels, title="", x="", ends=(0, 1), ranges=ranges)
