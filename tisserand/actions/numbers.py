"""The numbers of a sheet as they are told: one rule for the list, the page, and the printed sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tisserand.actions.enums import FactKind, FactState, Period
from tisserand.actions.facts.lexicon import LEADERS
from tisserand.actions.facts.parts import Whole, parts
from tisserand.actions.fields import BY_KEY, KEYS
from tisserand.actions.models import Action, Fact
from tisserand.common.text import fold
from tisserand.common.typography import NBSP, thousands

# The sections that tell the whole action, where a number is most likely to be its own.
TELLING = {FactKind.PEOPLE: ("summary", "people", "result_residents"), FactKind.MONEY: ("funding",)}
OTHERS = 4  # numbers told in small beside the heroes


@dataclass(frozen=True, slots=True)
class Number:
    """An accepted number as it is told.

    Attributes:
        value: the number, with the sign of its money.
        unit: what is counted, or what the money is for; often empty for money.
        note: how sure it is, over what time.
        section: the part of the sheet that it comes from.
        whole: what it is a part of, in words.
    """

    value: str
    unit: str
    note: str
    section: str
    whole: str = ""

    @property
    def caption(self) -> str:
        """What stands under a large number: when its text says no more than the number, its section."""
        return ", ".join(part for part in (self.unit or self.section, self.note) if part)

    @property
    def origin(self) -> str:
        """The section, unless the caption says it already."""
        return self.section if self.unit else ""

    @property
    def place(self) -> str:
        """Under what it is told among the others: what it is a part of, or its section."""
        return _("Sur %(whole)s") % {"whole": self.whole} if self.whole else self.section

    @property
    def phrase(self) -> str:
        """The number in running text."""
        unit = f", {self.unit}" if self.unit and "€" in self.value else f" {self.unit}" if self.unit else ""
        return f"{self.value}{unit}{', ' if self.note else ''}{self.note}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The accepted numbers of a sheet: the one it is announced by and at most two beside it, then some others."""

    heroes: tuple[Number, ...]
    others: tuple[Number, ...]


def numbers(action: Action) -> Numbers:
    """The numbers that an editor accepted, told by one rule wherever the sheet is shown (reads `facts`: prefetch it).

    First those whom the action reached, then those who lead it, then its money: for each the largest of the sections
    that tell the whole action, or of the others when these hold none. A part ("dont 3 femmes") is never large: it is
    told with its whole.
    """
    accepted = list(_accepted(action))
    wholes = [fact for fact, part_of in accepted if part_of is None]
    wholes = [fact for fact in wholes if _tells(fact)] or wholes
    kinds = ([fact for fact in wholes if wanted(fact)] for wanted in (_reached, _leads, _pays))
    heroes = [max(facts, key=lambda fact: (fact.high, fact.field == "people")) for facts in kinds if facts]
    seen = {_same(fact) for fact in heroes}
    others = []
    for fact, part_of in sorted(accepted, key=lambda pair: not _tells(pair[0])):
        if _same(fact) not in seen:
            seen.add(_same(fact))
            others.append(_told(fact, part_of or ""))
    return Numbers(tuple(_told(fact) for fact in heroes), tuple(others[:OTHERS]))


def _accepted(action: Action) -> Iterator[tuple[Fact, str | None]]:
    """The accepted facts in the order of the texts; with each part, the words of its whole (maybe none)."""
    by_field: dict[str, list[Fact]] = {}
    for fact in sorted(action.facts.all(), key=lambda fact: (KEYS.index(fact.field), fact.start)):
        by_field.setdefault(fact.field, []).append(fact)
    for field, facts in by_field.items():
        wholes = parts(getattr(action, field), facts)
        for rank, fact in enumerate(facts):
            if fact.state == FactState.ACCEPTED:
                yield fact, _words(wholes[rank], facts) if rank in wholes else None


def _words(whole: Whole, facts: Sequence[Fact]) -> str:
    """A whole in words: as it was accepted, or else as the text says it."""
    if whole.rank is None or facts[whole.rank].state != FactState.ACCEPTED:
        return whole.words
    told = told_fact(facts[whole.rank])
    return told["value"] if "€" in told["value"] else f"{told['value']} {told['unit']}".strip()


def told_fact(fact: Fact) -> dict[str, Any]:
    """A fact in words: value, unit, note."""
    low, high = (_number(value) for value in (fact.low, fact.high))
    value = low if low == high else f"{low}–{high}"
    hedged = _("environ") if fact.approximate else ""
    note = ", ".join(part for part in (hedged, str(Period(fact.period).label) if fact.period else "") if part)
    return {"value": f"{value}{NBSP}€" if fact.kind == FactKind.MONEY else value, "unit": fact.label, "note": note}


def _told(fact: Fact, whole: str = "") -> Number:
    return Number(**told_fact(fact), section=str(BY_KEY[fact.field].label), whole=whole)


def _reached(fact: Fact) -> bool:
    return fact.kind == FactKind.PEOPLE and not _leads(fact)


def _leads(fact: Fact) -> bool:
    """Whether those counted lead the action; the form asks "people mobilised": a bare number there counts them."""
    if fact.kind != FactKind.PEOPLE:
        return False
    return any(word in LEADERS for word in fold(fact.label).split()) or (not fact.label and fact.field == "people")


def _pays(fact: Fact) -> bool:
    return fact.kind == FactKind.MONEY


def _tells(fact: Fact) -> bool:
    return fact.field in TELLING[FactKind(fact.kind)]


def _same(fact: Fact) -> tuple[Any, ...]:
    return fact.kind, fact.low, fact.high, fold(fact.label), fact.period


def _number(value: Any) -> str:
    whole = int(value)
    if whole == value:
        return thousands(whole)
    return f"{thousands(whole)},{str(round(value - whole, 2))[2:].ljust(2, '0')}"
