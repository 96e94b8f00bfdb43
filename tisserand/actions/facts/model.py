"""What the reader returns."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["people", "money"]
Period = Literal["", "year", "month", "week", "day", "session"]

# What can be stored: below a thousand billion, to the cent, with a label of one line.
LIMIT = Decimal(10) ** 12
CENT = Decimal("0.01")
LABEL_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Fact:
    """A number found in a text, on its span `text[start:end]`.

    `low` equals `high` unless the text gives a range. `approximate` says that the text itself
    hedges ("environ", "une vingtaine", "au moins"). `label` is the noun as written for people
    ("" when the text gives only a number), the payer or the post for money ("" when it has none); it
    has at most `LABEL_LENGTH` characters. Bounds are below `LIMIT` and exact to the cent.
    """

    kind: Kind
    start: int
    end: int
    low: Decimal
    high: Decimal
    approximate: bool
    label: str
    period: Period
