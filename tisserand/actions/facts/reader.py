"""Walk a text line by line and settle what depends on the neighbours of a number."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from tisserand.actions.facts.ellipses import Antecedent, read_elided
from tisserand.actions.facts.lists import read_alone, read_listed
from tisserand.actions.facts.model import Fact
from tisserand.actions.facts.money import read_money
from tisserand.actions.facts.people import read_people
from tisserand.actions.facts.quantities import Quantity, fold_at, may_open, read_quantity
from tisserand.actions.facts.tokens import Token, tokenize

_LINE = re.compile(r"[^\r\n]+")
_PEOPLE_FIELD = "people"
# A line without any of these holds no number worth cutting it into words: most lines are let go at once. Read in lower
# case: told to ignore case, the expression is five times slower.
_PROMISING = re.compile(
    r"\d|€|eur|deux|trois|quatr|cinq|six|sept|huit|neuf|dix|diz|onze|douz|treiz|quinz|seiz|vingt|trent|quarant"
    r"|soixant|cent|mill|seul|dont"
)
_CONNECTORS = frozenset({"et", ",", "+", "&", "plus"})
_AGES = frozenset({"an", "ans", "mois"})


@dataclass(slots=True)
class _Entry:
    """A fact read from `tokens[first:after]`; not `firm` when only its neighbours can prove it."""

    fact: Fact
    first: int
    after: int
    firm: bool = True


def find_facts(text: str, *, field: str = "") -> list[Fact]:
    """Return the counts of people and the sums of money of *text*, in order, never overlapping.

    *field* is the key of the field that the text comes from. In "people" a text that is only a
    number counts people, and so do "un" and "une" before their noun. A fact never spans two lines,
    so the facts of several lines are those of each line. Never raises; linear in the text's length.
    """
    people_field = field == _PEOPLE_FIELD
    lines = [match for match in _LINE.finditer(text) if not match.group().isspace()]
    facts: list[Fact] = []
    for match in lines:
        if not people_field and not _PROMISING.search(match.group().lower()):
            continue
        found = _Line(match.group(), people_field, people_field and len(lines) == 1).read()
        facts.extend(_shift(found, match.start()))
    return facts


def _shift(facts: Iterable[Fact], offset: int) -> list[Fact]:
    return [replace(fact, start=fact.start + offset, end=fact.end + offset) for fact in facts]


class _Line:
    """One line being read: its tokens, what was found so far, and the last people counted."""

    def __init__(self, line: str, people_field: bool, only_line: bool) -> None:
        self.line = line
        self.tokens = tokenize(line)
        self.people_field = people_field
        self.only_line = only_line
        self.entries: list[_Entry] = []
        self.antecedent = Antecedent()

    def read(self) -> list[Fact]:
        """Return the facts of the line, in order."""
        index = self._read_alone()
        while index < len(self.tokens):
            index = self._step(index)
        _firm_up(self.tokens, self.entries)
        return [entry.fact for entry in self.entries if entry.firm]

    def _read_alone(self) -> int:
        found = read_alone(self.tokens) if self.only_line else None
        if found is None:
            return 0
        self._keep(found[0], 0, found[1])
        return found[1]

    def _step(self, index: int) -> int:
        """Read what starts at *index*, and return where to go on."""
        token = self.tokens[index]
        if not may_open(token):
            if _ends_sentence(self.tokens, index):
                self.antecedent = Antecedent()
            return index + 1
        quantity = read_quantity(self.tokens, index)
        money = read_money(self.tokens, index, quantity, self.line)
        if money:
            self.entries.append(_Entry(money[0], index, money[1]))
            self.antecedent = Antecedent(money[0])
            return money[1]
        if quantity is None:
            return index + 1
        return self._read_count(quantity)

    def _read_count(self, quantity: Quantity) -> int:
        floor = self.entries[-1].after if self.entries else 0
        people = read_people(self.tokens, quantity, self.line)
        if people:
            sure = not quantity.article or self.people_field
            only = fold_at(self.tokens, quantity.after) in ("seul", "seule")
            firm = sure or only or fold_at(self.tokens, quantity.first - 1) == "dont"
            self._keep(people[0], quantity.first, people[1], firm=firm)
            return people[1]
        listed = read_listed(self.tokens, quantity, self.line, floor, self.people_field)
        if listed:
            self._keep(listed[0], quantity.first, listed[1])
            return listed[1]
        elided = read_elided(self.tokens, quantity, self.antecedent)
        if elided:
            self._keep(elided[0], quantity.first, elided[1], elided=True)
            return elided[1]
        # Another number came: "dont 3" would now speak of it. Ages and "un" change nothing.
        if not quantity.article and fold_at(self.tokens, quantity.after) not in _AGES:
            self.antecedent = Antecedent()
        return quantity.resume

    def _keep(self, fact: Fact, first: int, after: int, *, firm: bool = True, elided: bool = False) -> None:
        self.entries.append(_Entry(fact, first, after, firm))
        if firm:
            self.antecedent = Antecedent(fact, elided)


def _ends_sentence(tokens: list[Token], index: int) -> bool:
    token = tokens[index]
    if token.fold in ("!", "?"):
        return True
    return token.fold == "." and (index + 1 >= len(tokens) or tokens[index + 1].spaced)


def _firm_up(tokens: list[Token], entries: list[_Entry]) -> None:
    """Accept "un" and "une" next to a real count: "une animatrice et deux bénévoles"."""
    pairs = list(pairwise(entries))
    for before, after in [*pairs, *reversed(pairs)]:
        between = tokens[before.after : after.first]
        if len(between) == 1 and between[0].fold in _CONNECTORS and {before.fact.kind, after.fact.kind} == {"people"}:
            before.firm = after.firm = before.firm or after.firm
