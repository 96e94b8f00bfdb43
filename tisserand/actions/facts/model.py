"""What the reader returns."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["people", "money"]
Period = Literal["", "year", "month", "week", "day", "session"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A number found in a text, on its span `text[start:end]`.

    `low` equals `high` unless the text gives a range. `approximate` says that the text itself
    hedges ("environ", "une vingtaine", "au moins"). `label` is the noun as written for people
    ("" when the text gives only a number), the payer or the post for money ("" when it has none).
    """

    kind: Kind
    start: int
    end: int
    low: Decimal
    high: Decimal
    approximate: bool
    label: str
    period: Period
