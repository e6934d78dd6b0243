"""Side view of a stack: layers as rows, the unit on top, and what it reads down to the pixels."""

from itertools import accumulate

from seglab._text import plural
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.shapes import Area, Bar, Handle, Label, Line, Shape
from seglab.lessons.pictures.taps import Row, dots, fan, runs
from seglab.nets.layered import Layered

LETTER = 5.6  # pixels of a small letter
NAMED = 11  # layers that have room for a name each
SPOTS = 90  # dots across the picture that can be told apart
MOST = 300  # units that are drawn one by one


def side_view(layers: Layered, number: int, unit: int, pixel: int) -> Diagram:
    """The layers up to `number` from the side, along one row of the picture.

    unit: its column in the map of that layer. pixel: the column that was clicked. All layers have
    a row, so that the scale stays when another one is looked at.
    """
    count, connected, view = len(layers.kinds), layers.units(number, unit), _view(layers, pixel)
    drawn: list[Shape] = [
        *_outside(layers.side, view, count),
        _funnel(layers, number, unit),
        *(_guide(layers, n, view) for n in range(1, count + 1)),
    ]
    if connected is not None:
        drawn += _reads(layers, connected, view[1] - view[0])
    names = [f"{n}  {name}" for n, name in enumerate(layers.names, 1)]
    drawn += [
        *_names(names, number, view[0]),
        Label(f"{layers.fields[number - 1].size[1]:.0f} px", view[1], 0, "start", (6, 0), True),
        _unit(layers, number, pixel),
    ]
    return diagram(
        drawn,
        says=_says(layers, number, connected),
        x=view,
        y=(count + 0.5, -0.6),
        margin=(6, 54, 4, LETTER * max(map(len, names)) + 12),
        wide=True,
        tall=True,
        group="layer",
    )


def _view(layers: Layered, pixel: int) -> tuple[float, float]:
    """The columns that the widest field takes, around the last layer's unit."""
    half = max(field.size[1] for field in layers.fields) * 0.52 + 0.5
    middle = _middle(layers, len(layers.kinds), pixel)
    return middle - half, middle + half


def _middle(layers: Layered, number: int, pixel: int) -> float:
    unit = layers.nearest_unit(number, (pixel, pixel))
    return layers.fields[number - 1].center(*unit)[1]


def _outside(side: int, view: tuple[float, float], count: int) -> list[Shape]:
    """Shades over what lies outside the picture, where it is seen."""
    edges = ((view[0], -0.5), (side - 0.5, view[1]))
    return [
        Bar(left, count + 0.5, right, -0.6, "faint", opacity=0.3, says="outside the picture")
        for left, right in edges
        if left < right
    ]


def _funnel(layers: Layered, number: int, unit: int) -> Area:
    """The room between the first and the last unit that is read, layer by layer."""
    top = layers.fields[number - 1]
    middle = top.center(unit, unit)[1]
    sizes = [1, *(field.size[1] for field in layers.fields[:number])]
    halves = [(y, (top.size[1] - size) / 2) for y, size in enumerate(sizes)]
    left = [(middle - half, y) for y, half in halves]
    right = [(middle + half, y) for y, half in halves]
    return Area((*left, *right[::-1]), opacity=0.15)


def _guide(layers: Layered, n: int, view: tuple[float, float]) -> Line:
    """A thin line along the row of a layer; a click on it looks after that layer."""
    ends = ((view[0], n), (view[1], n))
    return Line(ends, "faint", 0.5, says=_told(layers, n), sets=("layer", n), thing=n)


def _reads(layers: Layered, connected: list[list[int]], width: float) -> list[Shape]:
    """Taps and units where they can be told apart, and a thick line over a row where not."""
    places = [(0.0, 1), *((field.origin[1], field.stride[1]) for field in layers.fields)]
    rows = [Row(y, units, *places[y]) for y, units in enumerate(connected)]
    counted = accumulate(len(units) for units in connected[::-1])
    few = [
        row.step * SPOTS >= width and above <= MOST
        for row, above in zip(rows, list(counted)[::-1], strict=True)
    ]
    lines: list[Shape] = []
    units: list[Shape] = []
    for upper, lower in zip(rows[1:], rows, strict=False):
        for unit in upper.units if few[int(upper.y)] else ():
            read = [tap for tap in layers.taps(int(upper.y), unit) if tap in lower.units]
            lines += fan(upper, unit, lower, read, "accent")
    for row, seen in zip(rows, few, strict=True):
        every = row._replace(units=range(row.units[0], row.units[-1] + 1))
        units += dots(every, set(row.units), radius=2.5) if seen else runs(row)
    return lines + units


def _names(names: list[str], number: int, left: float) -> list[Shape]:
    """Names of as many layers as have room, the chosen one first."""
    step = -(-len(names) // NAMED)
    numbers = range(1, len(names) + 1)
    shown = [n for n in numbers if n == number or (n % step == 0 and abs(n - number) >= step)]
    return [
        Label("pixels", left, 0, "end", (-6, 0), small=True),
        *(Label(names[n - 1], left, n, "end", (-6, 0), n == number, small=True) for n in shown),
    ]


def _told(layers: Layered, n: int) -> str:
    field, units = layers.fields[n - 1], layers.sizes[n]
    return (
        f"after layer {n}: a field of {field.size[1]:.0f}, padding {field.padding[1]:.0f}, "
        f"{units} × {units} units, one every {field.stride[1]} px"
    )


def _unit(layers: Layered, number: int, pixel: int) -> Handle:
    """The unit as a knob: dragged up or down, it becomes the unit of another layer."""
    numbers = range(1, len(layers.kinds) + 1)
    stops = tuple((_middle(layers, n, pixel), n, n) for n in numbers)
    return Handle("layer", stops, number, says="your unit: drag it to another layer")


def _says(layers: Layered, number: int, connected: list[list[int]] | None) -> str:
    said = f"a unit after layer {number} has a field of {layers.fields[number - 1].size[1]:.0f}"
    if connected is None:
        return said
    between = [
        f"{plural(len(connected[n]), 'unit')} of layer {n}" for n in range(number - 1, 0, -1)
    ]
    return f"{said} and reads {', '.join([*between, plural(len(connected[0]), 'pixel')])} in a row"
