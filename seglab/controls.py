"""What a student's hand can set: controls, each with a finite sweep of values.

Standard library only. A value is always hashable, so that a state can be a key.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Choice:
    """A control with a finite list of values.

    play: give it a play button (for values worth stepping through).
    show: how a value reads on the screen; str unless given.
    """

    def __init__(
        self,
        *options: Any,
        default: Any = None,
        label: str | None = None,
        play: bool = False,
        show: Callable[[Any], str] = str,
    ) -> None:
        if not options:
            raise ValueError("Choice() has no options; give it at least one value")
        self.options = options
        self.label = label
        self.play = play
        self.show = show
        self.default = options[0] if default is None else self.accept(default)

    def accept(self, value: Any) -> Any:
        """The option equal to value; ValueError names the options there are."""
        for option in self.options:
            if isinstance(option, bool) == isinstance(value, bool) and option == value:
                return option
        raise ValueError(f"{value!r} is not one of {', '.join(map(repr, self.options))}")

    def sweep(self) -> tuple[Any, ...]:
        """The values that a test or an export goes through."""
        return self.options

    def text(self, value: Any) -> str:
        """How a value reads in a run's one line."""
        return repr(value) if value in self.options else repr(str(value))


class Photo(Choice):
    """A Choice of photographs that also takes the student's own file.

    Its own-file values carry a `name` and the file's bytes as `data` (seglab.images.photos.Own).
    """

    def accept(self, value: Any) -> Any:
        """An option, or a file of the student's own."""
        own = isinstance(getattr(value, "data", None), bytes) and hasattr(value, "name")
        return value if own else super().accept(value)


class Pixel:
    """A (row, column) set by clicking a pane; size is the (height, width) it lies in."""

    play = False

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
            whole = [row, column] == given
        except (TypeError, ValueError, OverflowError):
            whole = False
        if not whole:
            raise ValueError(f"{value!r} is not a (row, column) pair of whole numbers")
        height, width = self.size
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(
                f"({row}, {column}) lies outside; rows go from 0 to {height - 1}, "
                f"columns from 0 to {width - 1}"
            )
        return row, column

    def sweep(self) -> tuple[tuple[int, int], ...]:
        """The values that a test or an export goes through: the default and two corners."""
        height, width = self.size
        return tuple(dict.fromkeys([self.default, (0, 0), (height - 1, width - 1)]))

    def text(self, value: tuple[int, int]) -> str:
        """How a value reads in a run's one line."""
        return repr(value)


class _Preset(ABC):
    """A control whose value is built by hand, starting from named presets."""

    play = False
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
        """The values that a test or an export goes through: the presets."""
        return tuple(self.presets.values())

    def text(self, value: Any) -> str:
        """How a value reads in a run's one line: the preset's name, or the value."""
        named = (name for name, preset in self.presets.items() if preset == value)
        name = next(named, None)
        return repr(value) if name is None else repr(name)


Rows = tuple[tuple[float, ...], ...]


class Matrix(_Preset):
    """A grid of numbers that the student edits, such as a kernel; presets: name -> rows.

    largest: the most rows and the most columns.
    """

    def __init__(
        self,
        presets: Mapping[str, Any],
        default: str | None = None,
        label: str | None = None,
        largest: int = 7,
    ) -> None:
        self.largest = largest
        self._start(presets, default, label)

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
        if not all(math.isfinite(number) for row in rows for number in row):
            raise ValueError(f"{value!r} holds a number that is not finite; use ordinary numbers")
        return rows


class Layer(NamedTuple):
    """One layer of a stack: 'conv' or 'pool', and the numbers that set what it sees."""

    kind: str
    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1


class Layers(_Preset):
    """A stack of layers that the student builds; presets: name -> Layers in order.

    most: the largest number of layers.
    """

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

    def text(self, value: Any) -> str:
        """A preset's name, or the layers in short: conv 3 s2 p1 is a kernel of 3, stride 2."""
        if value in self.presets.values():
            return super().text(value)
        return ", ".join(map(_short, value))


def _short(layer: Layer) -> str:
    usual = {"s": 1, "p": 0, "d": 1}
    numbers = zip("spd", layer[2:], strict=True)
    rest = "".join(f" {letter}{n}" for letter, n in numbers if n != usual[letter])
    return f"{layer.kind} {layer.kernel_size}{rest}"


Control = Choice | Pixel | Matrix | Layers
