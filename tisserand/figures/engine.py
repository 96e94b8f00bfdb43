"""Figures: a value, its base, the way it was counted, and the records behind it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils.functional import Promise

RATE_FROM = 20  # under this base a count is printed instead of a rate, unless the network chose otherwise


def percent(numerator: int, denominator: int) -> int:
    """The rate rounded half up to the integer, from the unrounded value.

    >>> percent(1, 8), percent(117, 141)
    (13, 83)

    Raises:
        ValueError: an empty base has no rate.
    """
    if denominator <= 0:
        raise ValueError("a rate needs a base")
    return (200 * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number.

    Attributes:
        key: what it is, stable across versions; with the scope it names the number.
        label: what is counted, as a sentence that follows the number.
        numerator, denominator: the count, and the size of its base.
        base: what the base is made of, plural ("fiches publiées").
        scope: whom it speaks of ("Les Passerelles de la Loude").
        method: how it was counted, in one sentence.
        evidence: the address of the records counted, for those who may see them.
        rate_from: the smallest base for which a rate is shown.
        written: whether people wrote the label, as they do the values of a list: it is then French for every reader.
    """

    key: str
    label: str
    numerator: int
    denominator: int
    base: str
    scope: str = ""
    method: str = ""
    evidence: str = ""
    rate_from: int = RATE_FROM
    written: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(f"{self.key}: {self.numerator} out of {self.denominator}")

    @property
    def rate(self) -> int | None:
        """The percentage, or None when the base is too small to print one."""
        if self.denominator < max(1, self.rate_from):
            return None
        return percent(self.numerator, self.denominator)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for snapshots and exports."""
        return asdict(self) | {"rate": self.rate}


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Figures on one base, one per category; categories may overlap, so they need not sum to the base."""

    key: str
    label: str
    rows: tuple[Figure, ...]
    overlapping: bool


Compute = Callable[[Any], Figure | Breakdown]


@dataclass(frozen=True, slots=True)
class Registered:
    """A figure that the software can compute. `compute` takes a scope of the app that registered it."""

    key: str
    label: str | Promise
    compute: Compute


_figures: dict[str, Registered] = {}


def figure(key: str, label: str | Promise) -> Callable[[Compute], Compute]:
    """Register the function that computes *key*.

    Raises:
        ValueError: the key is taken.
    """

    def register(compute: Compute) -> Compute:
        if key in _figures:
            raise ValueError(f"figure {key} is registered twice")
        _figures[key] = Registered(key, label, compute)
        return compute

    return register


def registered(prefix: str = "") -> list[Registered]:
    """The figures whose key begins with *prefix*, in the order of registration."""
    return [one for key, one in _figures.items() if key.startswith(prefix)]


def name_of(key: str) -> str:
    """What a figure is called, in the language in use."""
    return str(_figures[key].label)


def compute(prefix: str, scope: Any, *, rate_from: int = RATE_FROM) -> dict[str, Figure | Breakdown]:
    """Compute every figure under *prefix* for *scope*, with the network's own threshold for rates."""
    return {one.key: _with_threshold(one.compute(scope), rate_from) for one in registered(prefix)}


def _with_threshold(result: Figure | Breakdown, rate_from: int) -> Figure | Breakdown:
    if isinstance(result, Breakdown):
        return replace(result, rows=tuple(replace(row, rate_from=rate_from) for row in result.rows))
    return replace(result, rate_from=rate_from)
