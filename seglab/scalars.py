"""Numbers that a lab reads out of tensors: known at once, or open while the lab is compiled.

A page that computes by itself (seglab.web) is made from the lab's own functions, which then run
with tensors that have no values yet. `real(x)`, `whole(x)` and `true(x)` are float(x), int(x) and
bool(x) where x has a value, and an `Open` number or a branch of the page where it has none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, cast

import torch
from torch import Tensor

START, END = "\ufdd0", "\ufdd1"  # around the number of an open number in a text: no character


class Compiler(Protocol):
    """Receiver of what a function reads while it is compiled."""

    def tell(self, value: "Open", form: str) -> int:
        """Number of a place in a text at which a value will stand in this form."""

    def decide(self, condition: Tensor) -> bool:
        """One of the two ways that a function may go on."""


_compiler: ContextVar[Compiler | None] = ContextVar("compiler", default=None)


@contextmanager
def compiled_by(compiler: Compiler) -> Iterator[None]:
    """Let functions read open numbers, of which this compiler hears."""
    token = _compiler.set(compiler)
    try:
        yield
    finally:
        _compiler.reset(token)


def is_open() -> bool:
    """Tell whether tensors have no values now, so that none of them can be checked."""
    return _compiler.get() is not None


def real(x: Tensor) -> float:
    """The float in a tensor of one value."""
    return float(x) if _compiler.get() is None else cast(float, Open(x.double()))


def whole(x: Tensor, below: int | None = None) -> int:
    """The whole number in a tensor of one value.

    below: a small number that it stays below, from 0; a page then goes on apart for each.
    """
    compiler = _compiler.get()
    if compiler is None:
        return int(x)
    if below is None:
        return cast(int, Open(x.long()))
    return next((n for n in range(below - 1) if compiler.decide(x == n)), below - 1)


def reals(x: Tensor) -> list[float]:
    """The floats of a tensor [n]."""
    found: list[float] = x.tolist() if _compiler.get() is None else [real(one) for one in x]
    return found


def operand(x: float) -> float | Tensor:
    """A number that takes part in arithmetic of float32 tensors; an open one as such a tensor."""
    return x.value.float() if isinstance(x, Open) else x


def above(low: float, high: float, steps: int) -> float:
    """The open number `high`; where it is not above `low`, by 1 or a step of low more than that."""
    first, last = (x.value.double() if isinstance(x, Open) else _exactly(x) for x in (low, high))
    moved = first + (first.abs() / steps).clamp(min=1)
    return cast(float, Open(torch.where(last > first, last, moved)))


def _exactly(x: float) -> Tensor:
    """A number as a tensor, float64 of no dimension; made so that it leaves a trace pure."""
    return torch.full((), x, dtype=torch.float64)


def known(x: Any) -> bool:
    """Tell whether something is there: a picture of a reader's own has no truth."""
    return not isinstance(x, Unknown)


def true(x: Tensor) -> bool:
    """The truth value in a tensor of one value."""
    compiler = _compiler.get()
    return bool(x) if compiler is None else compiler.decide(x)


class NotThereError(Exception):
    """A function has asked for something that a picture of a reader's own does not have."""


class Unknown:
    """Something that a picture of a reader's own does not have, such as the truth.

    It may be handed on; whatever else is asked of it raises NotThereError.
    """

    def __init__(self, what: str) -> None:
        self.what = what

    def _refuse(self, *_: Any) -> Any:
        raise NotThereError(f"it needs {self.what}, which a picture of your own does not have")

    __getattr__ = __getitem__ = __iter__ = __len__ = __bool__ = __eq__ = __ne__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __lt__ = __gt__ = __and__ = __rand__ = _refuse
    __hash__ = object.__hash__


def _operator(operation: Any, swapped: bool = False) -> Any:
    """A method of an open number; swapped: the other number stands first."""

    def method(self: "Open", other: Any) -> "Open":
        return self._with(operation, other, swapped)

    return method


class Open:
    """A number that is known when the page computes it; value: float64 or int64, of no dimension.

    It takes part in sums, products, comparisons and formats; what else is asked of it raises
    TypeError.
    """

    def __init__(self, value: Tensor) -> None:
        self.value = value.reshape(())

    def _with(self, operation: Any, other: Any, swapped: bool = False) -> "Open":
        if isinstance(other, Open):
            other = other.value
        elif isinstance(other, bool) or not isinstance(other, int | float):
            return NotImplemented
        pair = (other, self.value) if swapped else (self.value, other)
        exact = [x.double() if isinstance(x, Tensor) else _exactly(x) for x in pair]
        integers = not any(
            x.is_floating_point() if isinstance(x, Tensor) else isinstance(x, float) for x in pair
        )
        found = operation(*exact)
        keeps = integers and operation is not torch.true_divide and found.dtype != torch.bool
        return Open(found.long() if keeps else found)

    __add__, __radd__ = _operator(torch.add), _operator(torch.add, swapped=True)
    __sub__, __rsub__ = _operator(torch.sub), _operator(torch.sub, swapped=True)
    __mul__, __rmul__ = _operator(torch.mul), _operator(torch.mul, swapped=True)
    __truediv__, __rtruediv__ = (
        _operator(torch.true_divide),
        _operator(torch.true_divide, swapped=True),
    )
    __lt__, __le__ = _operator(torch.lt), _operator(torch.le)
    __gt__, __ge__ = _operator(torch.gt), _operator(torch.ge)
    __eq__, __ne__ = _operator(torch.eq), _operator(torch.ne)

    def __neg__(self) -> "Open":
        return self * -1

    def __abs__(self) -> "Open":
        return Open(self.value.abs())

    def __ceil__(self) -> "Open":
        return Open(self.value.ceil().long())

    def __floor__(self) -> "Open":
        return Open(self.value.floor().long())

    __hash__ = None  # type: ignore[assignment] # it has no value to hash

    def __bool__(self) -> bool:
        truth = self.value if self.value.dtype == torch.bool else self.value != 0
        return true(truth)

    def __format__(self, form: str) -> str:
        compiler = _compiler.get()
        if compiler is None:
            raise TypeError("an open number has no text outside of a compiler")
        return f"{START}{compiler.tell(self, form)}{END}"

    def __str__(self) -> str:
        return format(self, "")

    def __repr__(self) -> str:
        return format(self, "")
