"""Controls whose value the student builds, starting from a named one."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from seglab.controls._base import Control, Widget, buttons_or_select


class Preset(Control):
    """Base of controls whose value the student builds, starting from named presets."""

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
        name = self.named(value)
        return self._spell(value) if name is None else repr(name)

    def words(self, value: Any) -> str:
        """The preset's name, or the value."""
        name = self.named(value)
        return self._spell(value) if name is None else name

    def widget(self, values: Sequence[Any] | None = None) -> Widget:
        """An editor with the presets; for a fixed list of values, buttons or a drop-down."""
        if values is None:
            return Widget(self.kind, tuple(self.presets), self.play)
        texts = tuple(map(self.words, values))
        return Widget(buttons_or_select(texts), texts, self.play)

    def parse(self, text: str) -> Any:
        """A preset by its name."""
        return self._spelled(text)

    def key(self, value: Any, offered: Sequence[Any] | None = None) -> list[Any]:
        """The rows."""
        return [[list(row) for row in value]]

    def _spell(self, value: Any) -> str:
        return repr(value)

    def named(self, value: Any) -> str | None:
        """The name of the preset that is this value; None where there is none."""
        return next((name for name, preset in self.presets.items() if preset == value), None)

    def _spellings(self) -> Mapping[str, Any]:
        return self.presets
