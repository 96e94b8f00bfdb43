"""Read a number, in digits or in words, exact, estimated or given as a range."""

from dataclasses import dataclass
from decimal import Decimal

from tisserand.actions.facts.tokens import Token

_FIRST = (
    *("zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    *("onze", "douze", "treize", "quatorze", "quinze", "seize"),
)
_UNITS = {word: value for value, word in enumerate(_FIRST)} | {"une": 1}
_TENS = {
    "vingt": 20,
    "vingts": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
    "septante": 70,
    "huitante": 80,
    "octante": 80,
    "nonante": 90,
}
_DOZENS = {
    "huitaine": 8,
    "dizaine": 10,
    "douzaine": 12,
    "quinzaine": 15,
    "vingtaine": 20,
    "trentaine": 30,
    "quarantaine": 40,
    "cinquantaine": 50,
    "soixantaine": 60,
    "centaine": 100,
    "millier": 1000,
}
_DOZEN_OPENERS = frozenset({"un", "une", "la", "le", "cette", "ce"})
_DOZEN_SIZES = frozenset({"bonne", "petite", "grosse", "grande", "bon", "petit"})
# Longest first, so that "au moins" is not read as "moins".
_HEDGES: tuple[tuple[str, ...], ...] = (
    ("de", "l", "'", "ordre", "de"),
    ("a", "peu", "pres"),
    ("en", "moyenne", ","),
    ("en", "moyenne"),
    ("au", "minimum"),
    ("au", "maximum"),
    ("au", "moins"),
    ("au", "plus"),
    ("jusqu", "'", "a"),
    ("pres", "de"),
    ("pres", "d", "'"),
    ("plus", "de"),
    ("plus", "d", "'"),
    ("moins", "de"),
    ("moins", "d", "'"),
    ("autour", "de"),
    ("autour", "d", "'"),
    ("+", "de"),
    ("+", "/", "-"),
    ("environ",),
    ("env", "."),
    ("approximativement",),
    ("quelque",),
    ("quelques",),
    ("presque",),
    ("minimum",),
    ("maximum",),
    ("~",),
    ("≈",),
    ("±",),
    (">",),
    ("<",),
)
_HEDGES_BY_FIRST: dict[str, tuple[tuple[str, ...], ...]] = {
    first: tuple(hedge for hedge in _HEDGES if hedge[0] == first) for first in {hedge[0] for hedge in _HEDGES}
}
_LINKS = frozenset({"a", "ou", "-", "/", "voire"})


@dataclass(frozen=True, slots=True)
class Number:
    """One number read from `tokens[first:after]`.

    `article`: it is just "un" or "une", which may be no number at all. `partitive`: it wants "de"
    before its noun ("une vingtaine de"). `digits`: it is written in digits.
    """

    value: Decimal
    after: int
    article: bool = False
    partitive: bool = False
    digits: bool = False
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or a range read from `tokens[first:after]`; `resume` is where to look if it fails."""

    low: Decimal
    high: Decimal
    approximate: bool
    first: int
    after: int
    resume: int
    article: bool
    partitive: bool
    bare_year: bool
    link: str = ""


# What a quantity, or "€ 300", may start with: most tokens are dismissed at a glance.
_OPENERS = frozenset({"entre", "€", *_UNITS, *_TENS, *_DOZENS, *_DOZEN_OPENERS, "cent", "cents", "mille"}) | {
    hedge[0] for hedge in _HEDGES
}


def may_open(token: Token) -> bool:
    """Tell whether a quantity may start at *token*."""
    return token.kind == "number" or token.fold in _OPENERS


def fold_at(tokens: list[Token], index: int) -> str:
    """Return the folded text of a token, "" outside the line."""
    return tokens[index].fold if 0 <= index < len(tokens) else ""


def read_quantity(tokens: list[Token], index: int) -> Quantity | None:
    """Read what counts from *index*: hedges, then "entre A et B", "A à B", or one number."""
    start, hedged = skip_hedges(tokens, index)
    between = fold_at(tokens, start) == "entre"
    low = read_number(tokens, start + between)
    if low is None or _continues_a_range(tokens, start):
        return None
    high = _read_upper(tokens, low, between)
    if between and high is None:
        return None
    link = fold_at(tokens, low.after) if high else ""
    last = high or low
    if last.value < low.value or (high and last.value == low.value):
        return None
    after, plus = _skip_plus(tokens, last.after)
    return Quantity(
        low=low.value,
        high=last.value,
        approximate=hedged or plus or low.partitive or last.partitive,
        first=index,
        after=after,
        resume=low.after,
        article=low.article and high is None,
        partitive=last.partitive,
        bare_year=_is_bare_year(low) or _is_bare_year(last),
        link=link,
    )


def skip_hedges(tokens: list[Token], index: int) -> tuple[int, bool]:
    """Return the index after up to three hedges ("au moins environ"), and whether there was one."""
    start = index
    for _ in range(3):
        length = _hedge_length(tokens, index)
        if not length:
            break
        index += length
    return index, index > start


def _hedge_length(tokens: list[Token], index: int) -> int:
    for hedge in _HEDGES_BY_FIRST.get(fold_at(tokens, index), ()):
        if all(fold_at(tokens, index + i) == part for i, part in enumerate(hedge)):
            return len(hedge)
    return 0


def _read_upper(tokens: list[Token], low: Number, between: bool) -> Number | None:
    """Read the upper bound that a link announces; None when what follows is another matter."""
    link = fold_at(tokens, low.after)
    if link != "et" if between else link not in _LINKS:
        return None
    start, _ = skip_hedges(tokens, low.after + 1)
    high = read_number(tokens, start)
    # "a" without its accent may be the verb ("le groupe 2 a 15 jeunes"): only close bounds pass.
    if high and tokens[low.after].text == "a" and high.value > 2 * low.value:
        return None
    return high


def _continues_a_range(tokens: list[Token], index: int) -> bool:
    """Tell whether the number at *index* is the second half of something glued ("8/10", "3-2")."""
    if index < 2 or index >= len(tokens) or tokens[index].spaced:
        return False
    return tokens[index - 1].fold in "-/:" and tokens[index - 2].kind in ("number", "junk")


def _skip_plus(tokens: list[Token], index: int) -> tuple[int, bool]:
    if fold_at(tokens, index) == "+" and not tokens[index].spaced:
        return index + 1, True
    return index, False


def _is_bare_year(number: Number) -> bool:
    return number.digits and not number.grouped and 1990 <= number.value < 2050 and number.value != 2000


def read_number(tokens: list[Token], index: int) -> Number | None:
    """Read one number at *index*: digits, a dozen ("une vingtaine"), or number words."""
    if index >= len(tokens):
        return None
    token = tokens[index]
    if token.kind == "number":
        return Number(token.value, index + 1, digits=True, grouped=token.grouped)
    if token.kind != "word":
        return None
    dozen = _read_dozen(tokens, index)
    if dozen:
        return dozen
    words = _below_million(tokens, index)
    if words is None:
        return None
    value, after = words
    article = token.fold in ("un", "une") and after == index + 1
    if article:
        after = _skip_inclusive_article(tokens, after)
    return Number(Decimal(value), _skip_repeat(tokens, after, value), article=article)


def _read_dozen(tokens: list[Token], index: int) -> Number | None:
    """Read "une bonne vingtaine"; the bare word too ("dizaine de personnes")."""
    if fold_at(tokens, index) in _DOZEN_OPENERS:
        index += 1
        if fold_at(tokens, index) in _DOZEN_SIZES:
            index += 1
    value = _DOZENS.get(fold_at(tokens, index))
    return None if value is None else Number(Decimal(value), index + 1, partitive=True)


def _skip_inclusive_article(tokens: list[Token], index: int) -> int:
    """Step over the end of "un(e)" and "un·e"."""
    folds = [fold_at(tokens, index + i) for i in range(3)]
    if folds == ["(", "e", ")"]:
        return index + 3
    return index + 2 if folds[0] in ("·", ".", "-", "/") and folds[1] in ("e", "une") else index


def _skip_repeat(tokens: list[Token], index: int, value: int) -> int:
    """Step over the digits that repeat words: "deux (2) animateurs"."""
    if fold_at(tokens, index) == "(" and fold_at(tokens, index + 2) == ")":
        repeat = tokens[index + 1]
        if repeat.kind == "number" and repeat.value == value:
            return index + 3
    return index


def _below_million(tokens: list[Token], index: int) -> tuple[int, int] | None:
    """Read number words up to 999 999; return the value and the index after."""
    thousands = 1
    start = index
    if fold_at(tokens, index) != "mille":
        hundreds = _below_thousand(tokens, index)
        if hundreds is None:
            return None
        thousands, index = hundreds
        if fold_at(tokens, _joined(tokens, index)) != "mille" or thousands == 0:
            return hundreds
        index = _joined(tokens, index)
    index += 1
    rest = _below_thousand(tokens, _joined(tokens, index))
    if rest is None or rest[0] == 0 or (index - start > 8):
        return thousands * 1000, index
    return thousands * 1000 + rest[0], rest[1]


def _below_thousand(tokens: list[Token], index: int) -> tuple[int, int] | None:
    value, hundreds = 0, 1
    if fold_at(tokens, index) not in ("cent", "cents"):
        small = _below_hundred(tokens, index)
        if small is None:
            return None
        hundreds, after = small
        if not 2 <= hundreds <= 9 or fold_at(tokens, _joined(tokens, after)) not in ("cent", "cents"):
            return small
        index = _joined(tokens, after)
    value, index = hundreds * 100, index + 1
    rest = _below_hundred(tokens, _joined(tokens, index))
    if rest is None or rest[0] == 0:
        return value, index
    return value + rest[0], rest[1]


def _below_hundred(tokens: list[Token], index: int) -> tuple[int, int] | None:
    word = fold_at(tokens, index)
    unit = _UNITS.get(word)
    if unit is not None:
        following = _joined(tokens, index + 1)
        if unit == 4 and fold_at(tokens, following) in ("vingt", "vingts"):
            return _with_unit(tokens, following + 1, 80)
        if unit == 10 and _UNITS.get(fold_at(tokens, following), 0) in (7, 8, 9):
            return 10 + _UNITS[fold_at(tokens, following)], following + 1
        return unit, index + 1
    tens = _TENS.get(word)
    return None if tens is None else _with_unit(tokens, index + 1, tens)


def _with_unit(tokens: list[Token], index: int, tens: int) -> tuple[int, int]:
    """Add to *tens* the unit that may follow: "vingt et un", "soixante-dix-sept"."""
    following = _joined(tokens, index)
    # "et" joins "un", "une" and "onze" only: "vingt et deux enfants" are two counts.
    joined_by_and = fold_at(tokens, following) == "et"
    if joined_by_and:
        following = _joined(tokens, following + 1)
    unit = _UNITS.get(fold_at(tokens, following), 0)
    if joined_by_and and unit not in (1, 11):
        return tens, index
    if unit == 0 or (unit >= 10 and tens not in (60, 80)):
        return tens, index
    if unit == 10 and _UNITS.get(fold_at(tokens, _joined(tokens, following + 1)), 0) in (7, 8, 9):
        following = _joined(tokens, following + 1)
        unit = 10 + _UNITS[fold_at(tokens, following)]
    return tens + unit, following + 1


def _joined(tokens: list[Token], index: int) -> int:
    """Step over the hyphen that joins two number words, when both sides are glued to it."""
    if fold_at(tokens, index) == "-" and not tokens[index].spaced and index + 1 < len(tokens):
        return index + 1 if not tokens[index + 1].spaced else index
    return index
