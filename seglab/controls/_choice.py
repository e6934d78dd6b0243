"""One of a finite list of values, and one moment of a stream."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from seglab.controls._base import Control, Widget, buttons_or_select

SLIDER, PLAYED = 3, 8  # the fewest values at which a slider, or one that plays, tells something


class Choice(Control):
    """A control with a finite list of values.

    play: give it a play button (for values worth stepping through).
    show: how a value reads on the screen; str unless given.
    Raises ValueError for no option, an option that cannot be a key, and a list given as one option.

    >>> from seglab.controls import Choice
    >>> factor = Choice(2, 4, 8, default=4, show="{} pixels".format)
    >>> factor.options, factor.default, factor.words(8)
    ((2, 4, 8), 4, '8 pixels')
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
        return Widget(buttons_or_select(texts), texts, self.play)

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
