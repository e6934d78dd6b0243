"""Controls: the settings that a student moves, each with a finite sweep of values.

A control knows itself: which values it takes, how they read, how they are spelled on a command
line, and which widget stands for it. Standard library only. A value is always hashable, so that a
state can be a key.
"""

import math
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from seglab.layer import Layer
from seglab.user_photo import UserPhoto

FEW, SHORT = 4, 36  # so many options, of so many letters in all, fit as buttons side by side
SLIDER, PLAYED = 3, 8  # the fewest values at which a slider, or one that plays, tells something


class Widget(NamedTuple):
    """Looks of a control, in the notebook as on a page.

    kind: 'toggle' (on or off), 'range' (a slider over numbers), 'buttons', 'select' (a drop-down),
        'pixel' (row and column), 'matrix' (number cells) or 'layers' (a stack's editor).
    texts: what stands for each value, in order; of a matrix or layers, for each preset.
    play: with a button that steps through the values.
    """

    kind: str
    texts: tuple[str, ...]
    play: bool


class Control(ABC):
    """Base of all controls.

    label: the words beside the widget; the control's name where it is None.
    default: the value at the start. play: whether there is a play button.
    size: the (height, width) in which a click sets the value; None where no click does.
    takes_file: whether the student's own file may become its value.
    offers_camera: whether a photograph that is taken now may become its value.
    stands_still: whether an export keeps it at one value unless told otherwise.
    """

    label: str | None = None
    default: Any = None
    play = False
    size: tuple[int, int] | None = None
    takes_file = False
    offers_camera = False
    stands_still = False

    @abstractmethod
    def accept(self, value: Any) -> Any:
        """The value in its one form; ValueError when the control does not take it."""

    @abstractmethod
    def sweep(self) -> tuple[Any, ...]:
        """The values that a test goes through."""

    @abstractmethod
    def text(self, value: Any) -> str:
        """A value as Python spells it, for a run's one line."""

    @abstractmethod
    def words(self, value: Any) -> str:
        """A value as a reader sees it."""

    def spelling(self, value: Any) -> str:
        """A value as a command line and an address spell it: what parse() reads."""
        return self.words(value)

    @abstractmethod
    def widget(self, values: Sequence[Any] | None = None) -> Widget:
        """The widget for these values; for all that the control has, unless given."""

    @abstractmethod
    def parse(self, text: str) -> Any:
        """The value that a command line spells; ValueError says which spellings there are."""

    def parse_all(self, text: str) -> Any:
        """The values that a command line lists, with commas between them."""
        known = self._spellings()
        parts = text.split(",")
        values = []
        while parts:  # an option's own commas stay
            lengths = range(len(parts), 1, -1)
            n = next((n for n in lengths if ",".join(parts[:n]).strip() in known), 1)
            values.append(self.parse(",".join(parts[:n]).strip()))
            del parts[:n]
        return values

    def key(self, value: Any, offered: Sequence[Any] | None = None) -> list[Any]:
        """Position of the widget when the control has this value, as JSON.

        offered: the values of a drop-down or slider, where they are more than the control's own.
        """
        return [value]

    def next_values(
        self, before: Any, now: Any, offered: Sequence[Any] | None = None
    ) -> Iterator[Any]:
        """The values that may follow a move from before to now, the likeliest first."""
        return iter(())

    def stored(self, keep: Any = None) -> tuple[Any, ...]:
        """The values that an export goes through where nobody lists them; keep is one of them."""
        values = self.sweep()
        return values if keep is None or keep in values else (keep, *values)

    def expand(self, given: Any) -> tuple[Any, ...]:
        """The values that a list stands for, each accepted; None is for all that are stored.

        Raises ValueError for a value that the control does not take, and for what is no list.
        """
        if given is None:
            return self.stored()
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise ValueError(f"{given!r} is no list of values; give [{given!r}, ...]")
        values = tuple(dict.fromkeys(self.accept(value) for value in given))
        if not values:
            raise ValueError("[] holds no value; give at least one")
        return values

    def fewest(self, count: int) -> int:
        """The fewest of count values that still show what the control does."""
        return count

    def _spellings(self) -> Mapping[str, Any]:
        return {}

    def _spelled(self, text: str) -> Any:
        known = self._spellings()
        if text not in known:
            raise ValueError(f"write one of {', '.join(known)}")
        return known[text]


class Choice(Control):
    """A control with a finite list of values.

    play: give it a play button (for values worth stepping through).
    show: how a value reads on the screen; str unless given.
    Raises ValueError for no option, an option that cannot be a key, and a list given as one option.
    """

    def __init__(
        self,
        *options: Any,
        default: Any = None,
        label: str | None = None,
        play: bool = False,
        show: Callable[[Any], str] = str,
    ) -> None:
        kind = type(self).__name__
        if not options:
            raise ValueError(f"{kind}() has no options; give it at least one value")
        for option in options:
            if isinstance(option, list | range | set | dict) or not _hashable(option):
                raise ValueError(
                    f"{kind}({option!r:.60}) has a {type(option).__name__} as one option; "
                    f"give the values one by one, {kind}(*values)"
                )
        self.options = options
        self.label = label
        self.play = play
        self.show = show
        self.default = options[0] if default is None else self.accept(default)

    @property
    def ordered(self) -> bool:
        """True if all values are numbers, so that a slider goes over them."""
        return _all_of((int, float), self.options) and not any(
            isinstance(option, bool) for option in self.options
        )

    def accept(self, value: Any) -> Any:
        """The option equal to value; ValueError names the options there are."""
        for option in self.options:
            if isinstance(option, bool) == isinstance(value, bool) and option == value:
                return option
        raise ValueError(f"{value!r} is not one of {', '.join(map(repr, self.options))}")

    def sweep(self) -> tuple[Any, ...]:
        """All options."""
        return self.options

    def text(self, value: Any) -> str:
        """The option's repr."""
        return repr(value) if value in self.options else repr(str(value))

    def words(self, value: Any) -> str:
        """The option as `show` says it; on or off for a truth value."""
        if isinstance(value, bool) and self.show is str:
            return "on" if value else "off"
        return self.show(value) if value in self.options else str(value)

    def spelling(self, value: Any) -> str:
        """The option as str() says it."""
        return str(value) if value in self.options else self.words(value)

    def widget(self, values: Sequence[Any] | None = None) -> Widget:
        """A toggle, a slider, buttons or a drop-down, as the values are."""
        shown = self.options if values is None else tuple(values)
        texts = tuple(map(self.words, shown))
        if self._is_toggle(shown):
            return Widget("toggle", texts, self.play)
        if self.ordered:
            return Widget("range", texts, self.play)
        few = len(texts) <= FEW and sum(map(len, texts)) <= SHORT
        return Widget("buttons" if few else "select", texts, self.play)

    def _is_toggle(self, values: Sequence[Any]) -> bool:
        return len(values) == 2 and _all_of(bool, values) and self.show is str

    def parse(self, text: str) -> Any:
        """The option that is shown or spelled so."""
        return self._spelled(text)

    def key(self, value: Any, offered: Sequence[Any] | None = None) -> list[Any]:
        """The value of a toggle, else its place among the options."""
        if offered is None and self._is_toggle(self.options):
            return [value]
        return [_place(self.options if offered is None else offered, value)]

    def next_values(
        self, before: Any, now: Any, offered: Sequence[Any] | None = None
    ) -> Iterator[Any]:
        """The next two options in the direction of the move, then the one on the other side."""
        options = self.options if offered is None else offered
        here = _place(options, now)
        step = 1 if here > _place(options, before) else -1
        for there in (here + step, here + 2 * step, here - step):
            if 0 <= there < len(options):
                yield options[there]

    def fewest(self, count: int) -> int:
        """All of them, but for numbers: some of those can be left out."""
        if not self.ordered:
            return count
        return min(count, PLAYED if self.play else SLIDER)

    def _spellings(self) -> Mapping[str, Any]:
        shown = {self.show(option): option for option in self.options}
        return shown | {str(option): option for option in self.options}


class Moment(Choice):
    """A Choice of how far a stream had come: a share of what it has yielded; 1 for the latest.

    A lab that has one shows the past of its stream by itself, live and in a file.
    """

    def __init__(self, *shares: float, label: str | None = None) -> None:
        super().__init__(
            *shares, default=shares[-1], label=label, play=True, show=lambda share: f"{share:.0%}"
        )


class Photo(Choice):
    """A Choice of photographs that also takes the student's own file, as a path or a UserPhoto.

    camera: a button takes a photograph, where the browser has a camera and the student allows it.
    """

    takes_file = True
    stands_still = True

    def __init__(self, *options: Any, camera: bool = False, **settings: Any) -> None:
        super().__init__(*options, **settings)
        self.offers_camera = camera

    def accept(self, value: Any) -> Any:
        """An option, a UserPhoto, or the path of a file, which is read but not yet decoded."""
        if isinstance(value, UserPhoto) and isinstance(value.data, bytes):
            return value
        if isinstance(value, str | os.PathLike) and value not in self.options and _is_file(value):
            return UserPhoto.read(value)
        try:
            return super().accept(value)
        except ValueError:
            raise ValueError(
                f"{value!r:.60} is not one of {', '.join(map(repr, self.options))}, and no file; "
                f"give one of them, or the path of a picture"
            ) from None

    def parse(self, text: str) -> Any:
        """The option that is shown or spelled so, or the picture at that path."""
        known = self._spellings()
        if text not in known and _is_file(text):
            return UserPhoto.read(text)
        if text not in known:
            raise ValueError(f"write one of {', '.join(known)}, or the path of a picture")
        return known[text]

    def widget(self, values: Sequence[Any] | None = None) -> Widget:
        """A drop-down, which has room for own files; as a Choice's for a fixed list of values."""
        return _with_room(super().widget(values), values)


class Model(Choice):
    """A Choice of nets by name that also takes the student's own, any torch.nn.Module.

    A stage makes the net from the name; a module reaches it as it is. A module is itself only:
    two modules are never equal, so another one is another value.
    """

    stands_still = True

    def accept(self, value: Any) -> Any:
        """An option, or a module: what can be called and has parameters and a forward."""
        own = callable(value) and all(hasattr(value, n) for n in ("forward", "parameters"))
        if isinstance(value, type) and own:
            raise ValueError(f"{value.__name__} is a class of nets; give a net, {value.__name__}()")
        if own:
            return value
        try:
            return super().accept(value)
        except ValueError as error:
            raise ValueError(f"{error}, and no torch.nn.Module either") from None

    def text(self, value: Any) -> str:
        """A name's repr, or the class of the student's net."""
        return super().text(value) if value in self.options else self.words(value)

    def words(self, value: Any) -> str:
        """A name, or the class of the student's net."""
        return super().words(value) if value in self.options else f"own {type(value).__name__}"

    def widget(self, values: Sequence[Any] | None = None) -> Widget:
        """A drop-down, which has room for own nets."""
        return _with_room(super().widget(values), values)


class Pixel(Control):
    """A (row, column) set by clicking a pane; size is the (height, width) it lies in."""

    size: tuple[int, int]

    def __init__(
        self,
        size: tuple[int, int],
        default: tuple[int, int] | None = None,
        label: str | None = None,
    ) -> None:
        self.size = size
        self.label = label
        self.default = self.accept((size[0] // 2, size[1] // 2) if default is None else default)

    def accept(self, value: Any) -> tuple[int, int]:
        """Value as a (row, column) inside the picture; ValueError when it is not."""
        try:
            given = list(value)
            row, column = map(int, given)
            is_whole = [row, column] == given
        except (TypeError, ValueError, OverflowError):
            is_whole = False
        if not is_whole:
            raise ValueError(f"{value!r} is not a (row, column) pair of whole numbers")
        height, width = self.size
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(
                f"({row}, {column}) lies outside; rows go from 0 to {height - 1}, "
                f"columns from 0 to {width - 1}"
            )
        return row, column

    def sweep(self) -> tuple[tuple[int, int], ...]:
        """The default and two corners."""
        height, width = self.size
        return tuple(dict.fromkeys([self.default, (0, 0), (height - 1, width - 1)]))

    def text(self, value: Any) -> str:
        """The pair."""
        return repr(value)

    def words(self, value: Any) -> str:
        """Row and column."""
        return f"row {value[0]}, column {value[1]}"

    def spelling(self, value: Any) -> str:
        """Row and column with a colon."""
        return f"{value[0]}:{value[1]}"

    def widget(self, values: Sequence[Any] | None = None) -> Widget:
        """Two number boxes, and clicks on the panes."""
        return Widget("pixel", tuple(self.words(value) for value in values or ()), self.play)

    def parse(self, text: str) -> tuple[int, int]:
        """A position, row:column."""
        row, colon, column = text.partition(":")
        if not (colon and row.strip().isdigit() and column.strip().isdigit()):
            raise ValueError("write a pixel as row:column, such as 96:150")
        return self.accept((int(row), int(column)))

    def parse_all(self, text: str) -> Any:
        """Positions, or one whole number n for an n × n grid of them."""
        return int(text) if text.isdigit() else super().parse_all(text)

    def key(self, value: Any, offered: Sequence[Any] | None = None) -> list[Any]:
        """Row and column."""
        return list(value)

    def stored(self, keep: Any = None) -> tuple[tuple[int, int], ...]:
        """A 3 × 3 grid in which keep, or else the default, has a place."""
        return self.grid(3, keep)

    def expand(self, given: Any) -> tuple[tuple[int, int], ...]:
        """Positions, or for a whole number n an n × n grid of them."""
        if not isinstance(given, int) or isinstance(given, bool):
            return super().expand(given)
        if not 1 <= given <= min(self.size):
            raise ValueError(
                f"{given} is no grid; an n × n grid of pixels has n from 1 to {min(self.size)}"
            )
        return self.grid(given)

    def grid(self, side: int, keep: tuple[int, int] | None = None) -> tuple[tuple[int, int], ...]:
        """The middles of side × side equal tiles; keep takes the place of the nearest one."""
        height, width = self.size
        keep = keep or self.default
        points = [
            (int((row + 0.5) * height / side), int((column + 0.5) * width / side))
            for row in range(side)
            for column in range(side)
        ]
        away = [sum((a - b) ** 2 for a, b in zip(p, keep, strict=True)) for p in points]
        points[away.index(min(away))] = keep
        return tuple(dict.fromkeys(points))


class _Preset(Control):
    """A control whose value the student builds, starting from named presets."""

    kind: str
    presets: Mapping[str, Any]

    def _start(self, presets: Mapping[str, Any], default: str | None, label: str | None) -> None:
        if not presets:
            raise ValueError(f"{type(self).__name__}() has no presets; give it at least one")
        self.presets = {name: self.accept(value) for name, value in presets.items()}
        self.label = label
        self.default = self.accept(next(iter(presets)) if default is None else default)

    def accept(self, value: Any) -> Any:
        """A preset's value by its name, or the value itself, checked."""
        if isinstance(value, str):
            if value not in self.presets:
                raise ValueError(f"{value!r} is no preset; there are {', '.join(self.presets)}")
            return self.presets[value]
        return self._checked(value)

    @abstractmethod
    def _checked(self, value: Any) -> Any:
        """The value in its one form; ValueError when it is none."""

    def sweep(self) -> tuple[Any, ...]:
        """The presets."""
        return tuple(self.presets.values())

    def text(self, value: Any) -> str:
        """The preset's name, or the value."""
        name = self._named(value)
        return self._spell(value) if name is None else repr(name)

    def words(self, value: Any) -> str:
        """The preset's name, or the value."""
        name = self._named(value)
        return self._spell(value) if name is None else name

    def widget(self, values: Sequence[Any] | None = None) -> Widget:
        """An editor with the presets; for a fixed list of values, buttons or a drop-down."""
        if values is None:
            return Widget(self.kind, tuple(self.presets), self.play)
        texts = tuple(map(self.words, values))
        few = len(texts) <= FEW and sum(map(len, texts)) <= SHORT
        return Widget("buttons" if few else "select", texts, self.play)

    def parse(self, text: str) -> Any:
        """A preset by its name."""
        return self._spelled(text)

    def key(self, value: Any, offered: Sequence[Any] | None = None) -> list[Any]:
        """The rows."""
        return [[list(row) for row in value]]

    def _spell(self, value: Any) -> str:
        return repr(value)

    def _named(self, value: Any) -> str | None:
        return next((name for name, preset in self.presets.items() if preset == value), None)

    def _spellings(self) -> Mapping[str, Any]:
        return self.presets


Rows = tuple[tuple[float, ...], ...]


class Matrix(_Preset):
    """A grid of numbers that the student edits, such as a kernel; presets: name -> rows.

    largest: the most rows and the most columns. rows: how many it has, if always so many.
    """

    kind = "matrix"

    def __init__(
        self,
        presets: Mapping[str, Any],
        default: str | None = None,
        label: str | None = None,
        largest: int = 7,
        rows: int | None = None,
    ) -> None:
        self.largest = largest
        self.rows = rows
        self._start(presets, default, label)

    def words(self, value: Any) -> str:
        """The preset's name, or the numbers: 1 2 / 3 4."""
        rows = (" ".join(f"{number:.3g}" for number in row) for row in value)
        return self._named(value) or " / ".join(rows)

    def spelling(self, value: Any) -> str:
        """The preset's name, or the rows: (1, 2):(3, 4)."""
        name = self._named(value)
        return ":".join(map(str, value)) if name is None else name

    def parse(self, text: str) -> Any:
        """A preset by its name, or rows as spelling() writes them."""
        if text in self.presets:
            return self.presets[text]
        rows = re.findall(r"\(([^()]*)\)", text)
        if not rows or ":".join(f"({row})" for row in rows) != text:
            raise ValueError(f"write one of {', '.join(self.presets)}, or rows: (1, 2):(3, 4)")
        return self.accept([[part for part in row.split(",") if part.strip()] for row in rows])

    def _checked(self, value: Any) -> Rows:
        try:
            rows = tuple(tuple(float(number) for number in row) for row in value)
        except (TypeError, ValueError):
            raise ValueError(f"{value!r} is no grid of numbers; give a list of rows") from None
        sides = {len(row) for row in rows}
        if len(sides) != 1 or not 1 <= len(rows) <= self.largest >= max(sides) >= 1:
            raise ValueError(
                f"{value!r} is no grid of 1 to {self.largest} rows of equal length, "
                f"1 to {self.largest}"
            )
        if self.rows not in (None, len(rows)):
            raise ValueError(f"{value!r} has {len(rows)} rows; give {self.rows}")
        if not all(math.isfinite(number) for row in rows for number in row):
            raise ValueError(f"{value!r} holds a number that is not finite; use ordinary numbers")
        return rows


class Layers(_Preset):
    """A stack of layers that the student builds; presets: name -> Layers in order.

    most: the largest number of layers.
    """

    kind = "layers"
    kinds = ("conv", "pool")

    def __init__(
        self,
        presets: Mapping[str, Any],
        default: str | None = None,
        label: str | None = None,
        most: int = 24,
    ) -> None:
        self.most = most
        self._start(presets, default, label)

    def _checked(self, value: Any) -> tuple[Layer, ...]:
        try:
            layers = tuple(Layer(*layer) for layer in value)
        except TypeError:
            raise ValueError(
                f"{value!r} is no list of layers (kind, kernel_size, stride, padding, dilation)"
            ) from None
        if not 1 <= len(layers) <= self.most:
            raise ValueError(f"a stack of {len(layers)} layers; build 1 to {self.most}")
        for number, layer in enumerate(layers, 1):
            least = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1}
            if layer.kind not in self.kinds:
                raise ValueError(f"layer {number} is a {layer.kind!r}; use 'conv' or 'pool'")
            for name, low in least.items():
                given = getattr(layer, name)
                if not isinstance(given, int) or isinstance(given, bool) or given < low:
                    raise ValueError(
                        f"layer {number} has {name}={given!r}; use a whole number from {low}"
                    )
        return layers

    def _spell(self, value: Any) -> str:
        """The layers in short: conv 3 s2 p1 is a kernel of 3, stride 2, padding 1."""
        return ", ".join(map(_short, value))


def spread(values: Sequence[Any], count: int, keep: Any = None) -> tuple[Any, ...]:
    """Evenly chosen values of the list, so many, ends included; keep is one of them."""
    if count >= len(values):
        return tuple(values)
    step = (len(values) - 1) / max(1, count - 1)
    places = sorted({math.ceil(i * step - 0.5) for i in range(count)})
    if keep in values:
        place = list(values).index(keep)
        inner = places[1:-1] or places
        nearest = min(inner, key=lambda other: abs(other - place))
        if place not in places:
            places[places.index(nearest)] = place
    return tuple(values[place] for place in sorted(places))


def _short(layer: Layer) -> str:
    usual = {"s": 1, "p": 0, "d": 1}
    numbers = zip("spd", layer[2:], strict=True)
    rest = "".join(f" {letter}{n}" for letter, n in numbers if n != usual[letter])
    return f"{layer.kind} {layer.kernel_size}{rest}"


def _is_file(path: str | os.PathLike[str]) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # a text that cannot be a path
        return False


def _with_room(widget: Widget, values: Sequence[Any] | None) -> Widget:
    return widget._replace(kind="select") if values is None else widget


def _all_of(kind: type | tuple[type, ...], options: Sequence[Any]) -> bool:
    return all(isinstance(option, kind) for option in options)


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _place(options: Sequence[Any], value: Any) -> int:
    same = next((i for i, option in enumerate(options) if option is value), None)
    return list(options).index(value) if same is None else same  # True and 1 are equal
