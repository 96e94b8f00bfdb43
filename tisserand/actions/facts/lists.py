"""Counts written as in a form: "Bénévoles : 12", "bénévoles (12)", or the number alone."""

from tisserand.actions.facts.model import Fact
from tisserand.actions.facts.people import is_headcount, is_noun, people_fact, read_noun
from tisserand.actions.facts.periods import period_after
from tisserand.actions.facts.quantities import Quantity, fold_at, read_quantity
from tisserand.actions.facts.tokens import Token

_REACH = 12  # tokens of a label, at most
_BOUNDARIES = frozenset(",;.!?•*+()→>:=€")
_COUNTERS = frozenset({"nombre", "nb", "nbre", "effectif", "effectifs", "total"})
_COUNTER_FILLERS = frozenset({"de", "d", "'", "des", ".", "moyen", "total", "estime", "du", "la", "les"})
_TOTALS = frozenset({("au", "total"), ("en", "tout")})
_FOLLOWERS = frozenset(",;.)(/+-•") | {"dont", "et", "soit"}


def read_listed(
    tokens: list[Token], quantity: Quantity, line: str, floor: int, people_field: bool
) -> tuple[Fact, int] | None:
    """Return the count that a noun before *quantity* names, looking back no further than *floor*."""
    if not is_headcount(quantity) or quantity.article:
        return None
    if people_field and _is_total(tokens, quantity):
        return people_fact(tokens, quantity, quantity.after + 2, ""), quantity.after + 2
    opener = fold_at(tokens, quantity.first - 1)
    if opener in (":", "="):
        return _after_colon(tokens, quantity, line, floor, people_field)
    if opener == "(" and people_field:
        return _in_parentheses(tokens, quantity, line, floor)
    return None


def _is_total(tokens: list[Token], quantity: Quantity) -> bool:
    """Recognise "7 au total" and "12 en tout"."""
    return (fold_at(tokens, quantity.after), fold_at(tokens, quantity.after + 1)) in _TOTALS


def _after_colon(
    tokens: list[Token], quantity: Quantity, line: str, floor: int, people_field: bool
) -> tuple[Fact, int] | None:
    colon = quantity.first - 1
    period, after = period_after(tokens, quantity.after)
    if after < len(tokens) and fold_at(tokens, after) not in _FOLLOWERS:
        return None
    start = _label_start(tokens, colon, floor)
    first = _skip_counter(tokens, start)
    if people_field and start < first == colon:
        return _from(tokens, people_fact(tokens, quantity, after, "", period), start), after
    noun = read_noun(tokens, first)
    if noun is None or noun.after > colon:
        return None
    period = period or period_after(tokens, noun.after)[0]
    label = line[tokens[noun.first].start : tokens[noun.after - 1].end]
    return _from(tokens, people_fact(tokens, quantity, after, label, period), noun.first), after


def _label_start(tokens: list[Token], colon: int, floor: int) -> int:
    """Return where the label that ends before *colon* starts; a parenthesis that closes it is skipped."""
    start = colon
    lowest = max(floor, colon - _REACH)
    if fold_at(tokens, start - 1) == ")":
        while start > lowest and fold_at(tokens, start) != "(":
            start -= 1
    while start > lowest and fold_at(tokens, start - 1) not in _BOUNDARIES:
        if fold_at(tokens, start - 1) in ("-", "/") and tokens[start - 1].spaced:
            break
        start -= 1
    return start + 1 if fold_at(tokens, start) == "et" else start


def _skip_counter(tokens: list[Token], index: int) -> int:
    """Step over "nombre de", "nb d'", "effectif moyen des"."""
    if fold_at(tokens, index) not in _COUNTERS:
        return index
    for i in range(index + 1, index + 5):
        if fold_at(tokens, i) not in _COUNTER_FILLERS:
            return i
    return index


def _in_parentheses(tokens: list[Token], quantity: Quantity, line: str, floor: int) -> tuple[Fact, int] | None:
    noun = quantity.first - 2
    if noun < floor or fold_at(tokens, quantity.after) != ")" or not is_noun(tokens[noun].fold):
        return None
    label = line[tokens[noun].start : tokens[noun].end]
    fact = people_fact(tokens, quantity, quantity.after + 1, label)
    return _from(tokens, fact, noun), quantity.after + 1


def _from(tokens: list[Token], fact: Fact, first: int) -> Fact:
    """Return *fact* with its span opened at the noun that comes before the number."""
    return Fact(
        fact.kind,
        tokens[first].start,
        fact.end,
        fact.low,
        fact.high,
        fact.approximate,
        fact.label,
        fact.period,
    )


def read_alone(tokens: list[Token]) -> tuple[Fact, int] | None:
    """Return the count of a text that is only a number ("8", "environ 40.", "8 (dont 3 bénévoles)")."""
    quantity = read_quantity(tokens, 0)
    if quantity is None or quantity.article or not is_headcount(quantity):
        return None
    after, hedged = quantity.after, False
    if fold_at(tokens, after) == "environ":
        after, hedged = after + 1, True
    period, after = period_after(tokens, after)
    rest = [token.fold for token in tokens[after : after + 2]]
    opens_detail = rest and rest[0] in ("(", "dont", "par", "selon") and rest[1:] not in (["s"], ["€"])
    if rest in ([], ["."], ["!"]) or opens_detail:
        return people_fact(tokens, quantity, after, "", period, hedged), after
    return None
