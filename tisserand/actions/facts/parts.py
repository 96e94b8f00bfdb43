"""Which numbers of a text are parts of another one: "10 bénévoles dont 3 femmes".

A part told as if it stood alone would mislead. As for the facts themselves, precision goes before recall: a number
is taken for a part only where the text says so ("dont", "parmi eux"), or where parts stand beside their whole, in
parentheses or after a colon, and do not exceed it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from tisserand.actions.facts.sentences import sentence_at

_AMONG = re.compile(r"(?:\bdont|\bparmi\s+(?:eux|elles|lesquel(?:le)?s))\s+$", re.IGNORECASE)
# A number that counts what follows it: not an age, a duration, a distance, a share, nor the start of a range.
_DIGITS = re.compile(
    r"(?<![\d,/])\d+(?:[ \u00a0\u202f]\d{3})*(?:,\d+)?(?![\d,/])"
    r"(?!\s*(?:[%–-]|(?:à|et|ou|h|m)\b|ans?\b|mois\b|jours?\b|semaines?\b|heures?\b|minutes?\b|[ck]?m[²³]?\b|mètres?\b|kg\b))"
)
_BESIDE = re.compile(r"[^\d,;.:!?()]{0,60}")  # between a whole and the parenthesis that tells its parts
_LINK = re.compile(r"[^.;!?()]*")  # between two parts of the same whole
_LONGEST = 60  # characters of a whole told in the words of the text


class Span(Protocol):
    """A fact on its place in the text: one that was just read, or one that is kept."""

    @property
    def kind(self) -> str:
        """`people` or `money`."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def low(self) -> Decimal:
        """The number, or the least of a range."""

    @property
    def high(self) -> Decimal:
        """The number, or the most of a range."""

    @property
    def label(self) -> str:
        """What is counted."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What a part belongs to: its rank among the facts of the text (None when it is no fact), its words, its value."""

    rank: int | None
    words: str
    value: Decimal | None


def parts(text: str, facts: Sequence[Span]) -> dict[int, Whole]:
    """By rank among *facts* (those of one text, in order), the whole of each one that is a part."""
    found: dict[int, Whole] = {}
    for rank in range(len(facts)):
        if rank in found:
            continue
        whole = _announced(text, facts, found, rank) or _following(text, facts, found, rank)
        if whole:
            found[rank] = whole
        else:
            found |= _beside(text, facts, found, rank)
    return found


def _announced(text: str, facts: Sequence[Span], found: dict[int, Whole], rank: int) -> Whole | None:
    """The whole of a fact that comes after "dont"."""
    first, _last = sentence_at(text, facts[rank].start, facts[rank].end)
    among = _AMONG.search(text[first : facts[rank].start])
    if not among:
        return None
    opening = first + among.start()
    before = [one for one in range(rank) if facts[one].start >= first]
    number = max((one.start() for one in _DIGITS.finditer(text, first, opening)), default=-1)
    if before and facts[before[-1]].end > number:
        last = before[-1]
        return found.get(last) or Whole(last, _words(text, facts[last].start, facts[last].end), facts[last].high)
    value = _value(text, number) if number >= 0 else None
    if value is None or value < facts[rank].low:
        return Whole(None, "", None)
    return Whole(None, _words(text, number, opening), value)


def _words(text: str, start: int, end: int) -> str:
    words = " ".join(text[start:end].split()).rstrip(" ,(:–-")
    return words if len(words) <= _LONGEST else ""


def _value(text: str, start: int) -> Decimal | None:
    digits = _DIGITS.match(text, start)
    return Decimal(re.sub(r"[^\d,]", "", digits[0]).replace(",", ".")) if digits else None


def _following(text: str, facts: Sequence[Span], found: dict[int, Whole], rank: int) -> Whole | None:
    """The whole of a fact that goes on after another part of it: "dont 4 500 € de la Caf et 3 000 € de la ville"."""
    whole = found.get(rank - 1)
    if whole is None or whole.value is None or facts[rank].kind != facts[rank - 1].kind:
        return None
    if not _LINK.fullmatch(text, facts[rank - 1].end, facts[rank].start):
        return None
    total = sum((facts[one].low for one in found if found[one] == whole), facts[rank].low)
    same = whole.rank is not None and facts[rank].label == facts[whole.rank].label
    fits = total <= whole.value if facts[rank].kind == "money" or same else total == whole.value
    return whole if fits else None


def _beside(text: str, facts: Sequence[Span], found: dict[int, Whole], rank: int) -> dict[int, Whole]:
    """The parts that come after a whole in parentheses, or after a colon when they add up to it."""
    whole = facts[rank]
    _first, last = sentence_at(text, whole.start, whole.end)
    between = _BESIDE.match(text, whole.end)
    opening = between.end() if between else whole.end
    if text[opening : opening + 1] == "(":
        closing = text.find(")", opening, last)
        inside = _of_kind(facts, rank, opening, closing if closing > 0 else last)
        fits = sum((facts[one].low for one in inside), Decimal(0)) <= whole.high
    else:
        colon = text.find(":", whole.end, last)
        inside = _of_kind(facts, rank, colon, last) if colon > 0 else []
        if any(facts[one].end <= colon for one in range(rank + 1, len(facts))):
            inside = []  # another number stands nearer to the colon
        fits = len(inside) > 1 and sum((facts[one].low for one in inside), Decimal(0)) == whole.low == whole.high
    told = Whole(rank, _words(text, whole.start, whole.end), whole.high)
    return {one: told for one in inside if one not in found} if fits else {}


def _of_kind(facts: Sequence[Span], rank: int, start: int, end: int) -> list[int]:
    after = range(rank + 1, len(facts))
    return [one for one in after if start <= facts[one].start < end and facts[one].kind == facts[rank].kind]
