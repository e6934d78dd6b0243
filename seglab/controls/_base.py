"""Basis of every control, and the widget that stands for one."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

FEW, SHORT = 4, 36  # so many options, of so many letters in all, fit as buttons side by side


class Widget(NamedTuple):
    """Looks of a control, in the notebook as on a page.

    kind: 'toggle' (on or off), 'range' (a slider over numbers), 'buttons', 'select' (a drop-down),
        'pixel' (row and column), 'matrix' (number cells), 'layers' (a stack's editor) or 'brush'
        (strokes on a pane).
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
    canvas: the (height, width) of the picture that the value is drawn on; None where none is.
    labels: what a stroke on it may say.
    takes_file: whether the student's own file may become its value.
    offers_camera: whether a photograph that is taken now may become its value.
    stands_still: whether an export keeps it at one value unless told otherwise.
    """

    label: str | None = None
    default: Any = None
    play = False
    size: tuple[int, int] | None = None
    canvas: tuple[int, int] | None = None
    labels: tuple[str, ...] = ()
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


def buttons_or_select(texts: Sequence[str]) -> str:
    """The kind of widget that so many words fit into."""
    return "buttons" if len(texts) <= FEW and sum(map(len, texts)) <= SHORT else "select"
