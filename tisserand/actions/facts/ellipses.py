"""Counts whose noun is understood: "20 personnes dont 5 en insertion et 3 de passage"."""

import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal

from tisserand.actions.facts.lexicon import words
from tisserand.actions.facts.model import Fact
from tisserand.actions.facts.people import is_headcount, people_fact
from tisserand.actions.facts.quantities import Quantity, fold_at
from tisserand.actions.facts.tokens import Token

_VERBS = words("ont sont etaient avaient viennent venaient etait a")
_FOLLOWERS = (
    words("""
        selon par en au aux avec sans qui dans hors sur pour chez depuis non de d issus issues venus venues
        nouveaux nouvelles nouveau nouvelle actifs actives reguliers regulieres regulierement inscrits
        inscrites presents presentes et""")
    | _VERBS
)
_THEM = frozenset({"lesquels", "lesquelles", "eux", "elles"})
_CLOSERS = frozenset(",;.)(!?/")
_THINGS = ("journee", "soiree", "matinee", "annee", "entree", "tournee", "veillee", "idee", "musee", "ite")


# A share of a sum is read without its unit only when it is followed by who or what for.
_SHARE_FOLLOWERS = frozenset({"de", "du", "des", "d", "par", "pour", "en"})
_LEAST_SHARE = 10


@dataclass(slots=True)
class Antecedent:
    """The last fact of the sentence, None once another number came; `elided`: it was a part already."""

    fact: Fact | None = None
    elided: bool = False


def read_elided(tokens: list[Token], quantity: Quantity, antecedent: Antecedent) -> tuple[Fact, int] | None:
    """Return the count or the sum that goes on from *antecedent*, and the index after it."""
    whole = antecedent.fact
    if whole is None or quantity.partitive:
        return None
    goes_on = _share_goes_on if whole.kind == "money" else _count_goes_on
    if not goes_on(tokens, quantity, antecedent):
        return None
    part = people_fact(tokens, quantity, quantity.after, whole.label)
    return (replace(part, kind="money", label="") if whole.kind == "money" else part), quantity.after


def _share_goes_on(tokens: list[Token], quantity: Quantity, antecedent: Antecedent) -> bool:
    """Recognise "12 000 € dont 4 500 de la CAF (et 3 000 de la Ville)"."""
    assert antecedent.fact is not None
    opener = fold_at(tokens, quantity.first - 1)
    if opener != "dont" and not (antecedent.elided and opener in ("et", ",")):
        return False
    if not _LEAST_SHARE <= quantity.low <= quantity.high or quantity.high > _ceiling(antecedent):
        return False
    return fold_at(tokens, quantity.after) in _SHARE_FOLLOWERS


def _ceiling(antecedent: Antecedent) -> Decimal:
    """Bound a part by its whole; the second part of a chain is bounded by nothing known."""
    assert antecedent.fact is not None
    return Decimal("Infinity") if antecedent.elided else antecedent.fact.high


def _count_goes_on(tokens: list[Token], quantity: Quantity, antecedent: Antecedent) -> bool:
    """Recognise "dont 5 en insertion", "et 3 de passage" after it, "deux d'entre eux", "et 69 ont"."""
    if not is_headcount(quantity):
        return False
    if [fold_at(tokens, quantity.after + i) for i in range(3)] == ["d", "'", "entre"]:
        return fold_at(tokens, quantity.after + 3) in ("eux", "elles") and not quantity.article
    opener = fold_at(tokens, quantity.first - 1)
    among = opener in _THEM and fold_at(tokens, quantity.first - 2) == "parmi"
    if opener == "dont" or among:
        return quantity.high <= _ceiling(antecedent) and _stands_alone(tokens, quantity.after)
    if opener not in ("et", ",") or quantity.article:
        return False
    if antecedent.elided:
        return quantity.after < len(tokens) and _stands_alone(tokens, quantity.after)
    return fold_at(tokens, quantity.after) in _VERBS


def _stands_alone(tokens: list[Token], index: int) -> bool:
    """Tell whether the number before *index* has no noun of its own."""
    if index >= len(tokens):
        return True
    token = tokens[index]
    if token.kind == "sign":
        return token.fold in _CLOSERS
    return token.fold in _FOLLOWERS or _is_participle(token)


def _is_participle(token: Token) -> bool:
    """Recognise "concernées", "accompagnés": only the accent tells them from nouns in -es."""
    if token.kind != "word" or token.fold.removesuffix("s").endswith(_THINGS):
        return False
    text = unicodedata.normalize("NFC", token.text.lower())
    return text.endswith(("é", "és", "ée", "ées")) and len(text) > 4
