"""Read counts of people: a quantity, perhaps adjectives, and a noun of the lexicon."""

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from tisserand.actions.facts import lexicon
from tisserand.actions.facts.model import LABEL_LENGTH, Fact, Period
from tisserand.actions.facts.periods import period_after, period_before
from tisserand.actions.facts.quantities import Quantity, fold_at
from tisserand.actions.facts.tokens import Token

_HEDGES_AFTER = frozenset({"environ", "minimum", "maximum", "max", "mini", "maxi"})
_WORDS = 4  # adjectives and nouns looked at after a number
_RATES = frozenset({10, 100, 1000, 10_000, 100_000})


@dataclass(frozen=True, slots=True)
class Noun:
    """The noun of `tokens[first:after]`."""

    first: int
    after: int


def read_people(tokens: list[Token], quantity: Quantity, line: str) -> tuple[Fact, int] | None:
    """Return the count of people that *quantity* opens and the index after it, None if it is none."""
    if not is_headcount(quantity) or _is_set_aside(tokens, quantity):
        return None
    noun = read_noun(tokens, _skip_partitive(tokens, quantity))
    if noun is None or _is_share(tokens, quantity, noun.after):
        return None
    after, hedged = noun.after, False
    if fold_at(tokens, after) in _HEDGES_AFTER:
        after, hedged = after + 1, True
    period, after = period_after(tokens, after)
    label = line[tokens[noun.first].start : tokens[noun.after - 1].end]
    fact = people_fact(tokens, quantity, after, label, period, hedged)
    return fact, after


def people_fact(
    tokens: list[Token], quantity: Quantity, after: int, label: str, period: Period = "", hedged: bool = False
) -> Fact:
    """Build the fact of *quantity* on `tokens[quantity.first:after]`."""
    return Fact(
        kind="people",
        start=tokens[quantity.first].start,
        end=tokens[after - 1].end,
        low=quantity.low,
        high=quantity.high,
        approximate=quantity.approximate or hedged,
        label=label if len(label) <= LABEL_LENGTH else "",
        period=period or period_before(tokens, quantity.first),
    )


def is_headcount(quantity: Quantity) -> bool:
    """Tell whether the quantity can count people: whole, no year, and a plausible range if slashed."""
    if quantity.low != int(quantity.low) or quantity.high != int(quantity.high) or quantity.bare_year:
        return False
    if quantity.link != "/":
        return True
    # "20/25 jeunes" is a range; "1/2", "2/3", "8/10" and "60/100" are shares.
    return quantity.low > 2 and quantity.high <= 2 * quantity.low and quantity.high not in (10, 100)


def _is_set_aside(tokens: list[Token], quantity: Quantity) -> bool:
    """Tell whether the words before say that the number does not count the people of the action."""
    first = quantity.first
    before = fold_at(tokens, first - 1)
    if before in lexicon.NUMBERED:
        return True
    if before in ("sur", "pour") and int(quantity.low) in _RATES:
        return True
    if before not in ("de", "d", "'"):
        return False
    owner = first - (3 if before == "'" else 2)
    if fold_at(tokens, owner) in lexicon.PARENTS:
        return True
    return quantity.low >= 500 and _near(tokens, owner, lexicon.TERRITORIES)


def _near(tokens: list[Token], index: int, words: frozenset[str]) -> bool:
    return any(fold_at(tokens, i) in words for i in range(max(index - 2, 0), index + 1))


def _skip_partitive(tokens: list[Token], quantity: Quantity) -> int:
    """Step over "de" or "d'" after a dozen; without it the dozen counts nothing here."""
    index = quantity.after
    if not quantity.partitive:
        return index
    if fold_at(tokens, index) == "de":
        return index + 1
    if fold_at(tokens, index) == "d" and fold_at(tokens, index + 1) == "'":
        return index + 2
    return len(tokens)


def _is_share(tokens: list[Token], quantity: Quantity, after: int) -> bool:
    """Tell whether "sur trois" follows: "un habitant sur trois" is a share, "12 jeunes sur 15" is not."""
    if fold_at(tokens, after) != "sur" or after + 1 >= len(tokens):
        return False
    base = tokens[after + 1]
    if base.kind == "number":
        return quantity.low < base.value and (base.value <= 10 or base.value in _RATES)
    return base.fold in (
        "deux",
        "trois",
        "quatre",
        "cinq",
        "six",
        "sept",
        "huit",
        "neuf",
        "dix",
        "cent",
        "mille",
    )


def read_noun(tokens: list[Token], index: int) -> Noun | None:
    """Read adjectives and nouns at *index*; the noun starts at the first word of the lexicon."""
    if fold_at(tokens, index) in ("«", '"', "“"):
        index += 1
    for _ in range(_WORDS):
        after = _noun_end(tokens, index)
        if after:
            return Noun(_with_prefix(tokens, index), _skip_nouns(tokens, after))
        if fold_at(tokens, index) not in lexicon.ADJECTIVES:
            return None
        index += 1
        if fold_at(tokens, index) == "-" and not tokens[index].spaced:
            index += 1
    return None


def _with_prefix(tokens: list[Token], index: int) -> int:
    """Take in what a hyphen glues before the noun: "grands-parents", "ex-bénévoles"."""
    glued = index >= 2 and fold_at(tokens, index - 1) == "-" and not tokens[index].spaced
    return index - 2 if glued and tokens[index - 2].fold in lexicon.ADJECTIVES else index


def _skip_nouns(tokens: list[Token], index: int) -> int:
    """Step over the nouns in apposition: "membres bénévoles", "maires adjoints"."""
    for _ in range(_WORDS - 1):
        after = _noun_end(tokens, index) if index < len(tokens) and tokens[index].spaced else 0
        if not after:
            break
        index = after
    return index


def _noun_end(tokens: list[Token], index: int) -> int:
    """Return the index after the noun of people at *index*, with its inclusive endings, else 0."""
    if index >= len(tokens) or tokens[index].kind != "word":
        return 0
    for heads, rest in lexicon.PHRASES:
        if tokens[index].fold in heads:
            matched = all(fold_at(tokens, index + 1 + i) in words for i, words in enumerate(rest))
            tail = 0 if "de" in rest[0] else len(rest)
            return index + 1 + tail if matched else 0
    return _skip_inclusive(tokens, index + 1) if is_noun(tokens[index].fold) else 0


def _skip_inclusive(tokens: list[Token], index: int) -> int:
    """Step over "·e·s", "(e)s", "/trices", and over a whole second form ("animateurs/animatrices")."""
    for _ in range(3):
        if index + 1 >= len(tokens) or tokens[index].spaced or tokens[index + 1].spaced:
            break
        sign, ending = tokens[index].fold, tokens[index + 1]
        if sign not in lexicon.INCLUSIVE_SIGNS or not (
            ending.fold in lexicon.INCLUSIVE_ENDINGS or (sign in "/-" and is_noun(ending.fold))
        ):
            break
        index += 2
        if sign == "(":
            index += fold_at(tokens, index) == ")"
            plural = fold_at(tokens, index) in ("s", "x") and not tokens[index].spaced
            index += plural
    return index


@lru_cache(maxsize=8192)
def is_noun(word: str) -> bool:
    """Tell whether a folded word names a person of the lexicon, one slip allowed where it is safe."""
    if word in lexicon.NOUNS:
        return True
    if len(word) < lexicon.FUZZY_LENGTH or len(word) > 20 or word in lexicon.LOOKALIKES:
        return False
    if word.endswith(lexicon.THING_ENDINGS):
        return False
    return any(_is_slip(word, form) for form in lexicon.FUZZY_FORMS if form[:2] == word[:2])


def _is_slip(word: str, form: str) -> bool:
    """Allow one edit, or two inside a long word whose start and end are right ("prestaire")."""
    distance = OSA.distance(word, form, score_cutoff=2)
    if distance <= 1:
        return word[-1] == form[-1] or distance == 0 or form.startswith(word)
    return distance == 2 and len(form) >= 11 and word[:5] == form[:5] and word[-3:] == form[-3:]
