import numpy as np
import pytest
from skimage import color

from seglab.draw import palettes, plots

SERIES = {"slow": {2: 30.0, 4: 400.0}, "fast": {2: 3.0, 4: 5.0}}


def drawn(**options):
    return plots.lines(SERIES, title="Cost", x="f", y="ms", ticks=(2, 4), **options)


def test_a_line_for_each_series_in_colours_of_their_own():
    figure = drawn(unit="ms")
    assert [line.name for line in figure.data] == ["slow", "fast"]
    assert [line.line.color for line in figure.data] == list(plots.COLOURS[:2])
    assert list(figure.data[0].x) == [2, 4]
    assert list(figure.data[0].y) == [30.0, 400.0]
    assert "ms" in figure.data[0].hovertemplate
    assert list(figure.layout.xaxis.ticktext) == ["2", "4"]


def rgb(colours):
    return np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colours])


def test_no_line_has_the_colour_of_a_class():
    own, classes = (
        color.rgb2lab(part[None])[0] for part in (rgb(plots.COLOURS), palettes.labels(7) / 255)
    )
    assert np.linalg.norm(own[:, None] - classes, axis=-1).min() > 25  # 2.3 is just seen
    apart = np.linalg.norm(own[:, None] - own, axis=-1) + 100 * np.eye(len(own))
    assert apart.min() > 40


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
def test_every_line_stands_out_on_a_light_page_and_on_a_dark_one(page):
    def luminance(colours):
        c = rgb(colours)
        linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722] + 0.05

    ratios = luminance(plots.COLOURS) / luminance([page])
    assert np.maximum(ratios, 1 / ratios).min() >= 3


def test_a_sixth_line_is_dashed():
    many = {str(k): {0: 1.0} for k in range(6)}
    figure = plots.lines(many, title="", x="", y="", ticks=())
    looks = {(line.line.color, line.line.dash) for line in figure.data}
    assert len(looks) == 6


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
