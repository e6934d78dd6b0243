"""Taps of a layer along one axis, and what they add up to: what the units of a map see.

Most layers treat all units alike. Behind a finer grid the units take turns: behind a transposed
convolution of stride 2 the even ones see other pixels than the odd ones. A phase is a unit's place
in such a turn; after a turn all repeats, some pixels further.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

Exact = tuple[float, float]  # the first exact unit, and the first behind them that is not


@dataclass(frozen=True)
class Taps:
    """Units that a layer's units read, along one axis.

    Unit turn * n + phase reads step * n + each of taps[phase]; `turn` is the number of phases.
    A phase without taps is a hole.
    """

    step: int
    taps: tuple[tuple[int, ...], ...]

    @property
    def turn(self) -> int:
        """Units after which all repeats, `step` units of the input further."""
        return len(self.taps)

    def read(self, unit: int) -> tuple[int, ...]:
        """The units of the input that a unit reads."""
        n, phase = divmod(unit, self.turn)
        return tuple(self.step * n + tap for tap in self.taps[phase])

    def exact(self, before: Exact) -> Exact:
        """The units that read nothing but exact ones."""
        first, end = before
        low, high = -math.inf, math.inf
        for phase, taps in enumerate(self.taps):
            if taps and first > -math.inf:  # behind the last unit of this phase that reads less
                n = math.ceil((first - min(taps)) / self.step) - 1
                low = max(low, n * self.turn + phase + 1)
            if taps and end < math.inf:
                n = math.ceil((end - max(taps)) / self.step)
                high = min(high, n * self.turn + phase)
        return low, high


SAME = Taps(1, ((0,),))


@dataclass(frozen=True)
class Sight:
    """Pixels that a map's units see along one axis, those beyond the image's border included.

    Unit turn * n + phase sees pixels step * n + first[phase] to step * n + last[phase]; a unit that
    sees nothing has first = inf and last = -inf.
    """

    step: int
    first: tuple[float, ...]
    last: tuple[float, ...]

    @property
    def turn(self) -> int:
        """Units after which all repeats, `step` pixels further."""
        return len(self.first)

    @property
    def stride(self) -> Fraction:
        """Pixels from one unit to the next, on average."""
        return Fraction(self.step, self.turn)

    def of(self, unit: int) -> tuple[float, float]:
        """First and last pixel that a unit sees."""
        n, phase = divmod(unit, self.turn)
        return self.step * n + self.first[phase], self.step * n + self.last[phase]

    def behind(self, layer: Taps) -> "Sight":
        """Sight of the units of a layer that reads these."""
        turns = math.lcm(layer.step, self.turn) // layer.step
        seen = []
        for unit in range(layer.turn * turns):
            read = [self.of(tap) for tap in layer.read(unit)]
            ends = [first for first, _ in read], [last for _, last in read]
            seen.append((min(ends[0], default=math.inf), max(ends[1], default=-math.inf)))
        step = layer.step * turns // self.turn * self.step
        return Sight(step, tuple(s[0] for s in seen), tuple(s[1] for s in seen))

    def joined(self, other: "Sight") -> "Sight":
        """Sight of units where two maps of equal stride meet."""
        turn = math.lcm(self.turn, other.turn)
        both = [(self.of(unit), other.of(unit)) for unit in range(turn)]
        return Sight(
            self.step * turn // self.turn,
            tuple(min(a[0], b[0]) for a, b in both),
            tuple(max(a[1], b[1]) for a, b in both),
        )

    def everywhere(self) -> "Sight":
        """Sight of the same units if each of them sees the whole image."""
        return Sight(self.step, (-math.inf,) * self.turn, (math.inf,) * self.turn)

    def shortest(self) -> "Sight":
        """Return the same with the fewest phases."""
        for turn in range(1, self.turn):
            if self.turn % turn == 0 and self.step * turn % self.turn == 0:
                step = self.step * turn // self.turn
                short = Sight(step, self.first[:turn], self.last[:turn])
                if all(short.of(unit) == self.of(unit) for unit in range(self.turn)):
                    return short
        return self


IMAGE = Sight(1, (0,), (0,))


def window(stride: int, kernel_size: int, dilation: int, before: int) -> Taps:
    """Taps of a convolution or a pool with so much padding before the first unit."""
    return Taps(stride, (tuple(dilation * tap - before for tap in range(kernel_size)),))


def moved(by: int) -> Taps:
    """Taps of a crop of so many units before the first, or of padding where negative."""
    return Taps(1, ((by,),))


def transposed(stride: int, kernel_size: int, dilation: int, padding: int) -> Taps:
    """Taps of a transposed convolution: o reads i wherever o = i stride - padding + dilation t.

    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), chapter 4.
    """
    spread = [padding - dilation * tap for tap in range(kernel_size)]
    return Taps(
        1,
        tuple(
            tuple(sorted((phase + at) // stride for at in spread if (phase + at) % stride == 0))
            for phase in range(stride)
        ),
    )


def interpolated(scale: Fraction, mode: str) -> Taps:
    """Taps of torch's interpolation, from so many units to one; corners are not aligned.

    Unit o lies at (o + 1/2) scale - 1/2 of its input.
    """
    return Taps(
        scale.numerator, tuple(_neighbours(o, scale, mode) for o in range(scale.denominator))
    )


def _neighbours(unit: int, scale: Fraction, mode: str) -> tuple[int, ...]:
    if mode == "nearest":
        return (math.floor(unit * scale),)
    if mode == "nearest-exact":
        return (math.floor((unit + Fraction(1, 2)) * scale),)
    if mode == "area":
        return tuple(range(math.floor(unit * scale), math.ceil((unit + 1) * scale)))
    at = (unit + Fraction(1, 2)) * scale - Fraction(1, 2)
    first = math.floor(at)
    if at == first:
        return (first,)
    return tuple(range(first - 1, first + 3)) if mode == "bicubic" else (first, first + 1)
