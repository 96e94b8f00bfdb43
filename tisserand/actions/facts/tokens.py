"""Cut a line into words, numbers and signs, in linear time.

Numbers are read here once and for all: thousands ("23 611", "1.500"), decimals ("1 850,50"). Digits
that count nothing become *junk* tokens: dates, phone numbers, section numbers, ordinals, times,
anything glued to a letter, anything longer than 12 digits.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from tisserand.common.text import fold

TokenKind = Literal["word", "number", "sign", "junk"]

MAX_DIGITS = 12
MAX_WORD = 60
# Every branch takes a run of its own class of characters: the scan never goes back.
_PIECE = re.compile(r"([0-9]+)|((?:[^\W\d_][\u0300-\u036f]*)+)|(\s+)|.", re.DOTALL)
_THOUSANDS_SPACES = frozenset(" \u00a0\u2009\u202f")
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014")
_TAIL_SIGNS = frozenset(".,")
_CHAIN_SIGNS = _DASHES | {"/", ":"}
# The only letters that may touch a number: units of money ("2000euros", "3k€").
_UNITS = frozenset({"k", "m", "e", "euro", "euros", "eur", "keuros"})
_NUMBER_SIGNS = frozenset({"°", "#", "º", "_", "\\"})
_YEARS = range(1900, 2100)
_PHONE_GROUPS = 5


@dataclass(slots=True)
class Token:
    """A piece of a line. `fold` is its text without accents or capitals ("" for signs' own text)."""

    kind: TokenKind
    start: int
    end: int
    text: str
    fold: str
    spaced: bool
    value: Decimal = Decimal(0)
    grouped: bool = False


@dataclass(slots=True)
class _Piece:
    """What one match of the scanner gives: "d" digits, "w" word, " " spaces, "." one other sign."""

    kind: str
    start: int
    text: str


@dataclass(slots=True)
class _Numeral:
    """One written number: pieces `first` to `after`, its value, None when it has no single reading."""

    first: int
    after: int
    value: Decimal | None
    digits: int
    grouped: bool


def _fold_word(word: str) -> str:
    # No word of ours is longer; the bound keeps the cache small whatever the text.
    return _fold_short(word) if len(word) <= MAX_WORD else ""


@lru_cache(maxsize=4096)
def _fold_short(word: str) -> str:
    return fold(word).replace(" ", "")


def tokenize(line: str) -> list[Token]:
    """Return the tokens of one line, in order; spaces only set `spaced` on the token they precede."""
    pieces = [_piece(match) for match in _PIECE.finditer(line)]
    tokens: list[Token] = []
    index, spaced = 0, True
    while index < len(pieces):
        piece = pieces[index]
        if piece.kind == "d":
            chain = _read_chain(pieces, index)
            tokens.extend(_number_tokens(pieces, chain, line, spaced))
            index, spaced = chain[-1].after, False
            continue
        if piece.kind != " ":
            tokens.append(_plain_token(piece, spaced))
        spaced = piece.kind == " "
        index += 1
    return tokens


def _piece(match: re.Match[str]) -> _Piece:
    kind = {1: "d", 2: "w", 3: " ", None: "."}[match.lastindex]
    return _Piece(kind, match.start(), match.group())


def _plain_token(piece: _Piece, spaced: bool) -> Token:
    end = piece.start + len(piece.text)
    if piece.kind == "w":
        return Token("word", piece.start, end, piece.text, _fold_word(piece.text), spaced)
    sign = "-" if piece.text in _DASHES else "'" if piece.text in "'’‘`´" else piece.text
    return Token("sign", piece.start, end, piece.text, sign, spaced)


def _read_chain(pieces: list[_Piece], index: int) -> list[_Numeral]:
    """Read the numerals glued together by dashes, slashes or colons: ranges, dates, times, phones."""
    chain = [_read_numeral(pieces, index)]
    while _is_digits(pieces, chain[-1].after + 1) and pieces[chain[-1].after].text in _CHAIN_SIGNS:
        chain.append(_read_numeral(pieces, chain[-1].after + 1))
    return chain


def _read_numeral(pieces: list[_Piece], index: int) -> _Numeral:
    phone = _phone_end(pieces, index)
    if phone:
        return _Numeral(index, phone, None, MAX_DIGITS, False)
    whole, after = pieces[index].text, index + 1
    head = len(whole)
    while head <= 3 and _is_digits(pieces, after + 1, 3) and pieces[after].text in _THOUSANDS_SPACES:
        whole += pieces[after + 1].text
        after += 2
    grouped = len(whole) > head
    tail: list[tuple[str, str]] = []
    while _is_digits(pieces, after + 1) and pieces[after].text in _TAIL_SIGNS:
        tail.append((pieces[after].text, pieces[after + 1].text))
        after += 2
    digits = len(whole) + sum(len(part) for _, part in tail)
    value = _value(whole, tail, grouped) if digits <= MAX_DIGITS else None
    return _Numeral(index, after, value, digits, grouped or bool(tail))


def _is_digits(pieces: list[_Piece], index: int, length: int = 0) -> bool:
    if index >= len(pieces) or pieces[index].kind != "d":
        return False
    return not length or len(pieces[index].text) == length


def _phone_end(pieces: list[_Piece], index: int) -> int:
    """Return the piece after a French phone number ("01 64 00 12 34"), 0 when there is none."""
    groups = pieces[index : index + 2 * _PHONE_GROUPS : 2]
    if len(groups) < _PHONE_GROUPS or any(g.kind != "d" or len(g.text) != 2 for g in groups):
        return 0
    between = pieces[index + 1 : index + 2 * _PHONE_GROUPS - 1 : 2]
    if groups[0].text[0] != "0" or any(len(p.text) != 1 or p.kind == "w" for p in between):
        return 0
    return index + 2 * _PHONE_GROUPS - 1


def _value(whole: str, tail: list[tuple[str, str]], grouped: bool) -> Decimal | None:
    """Give the value of digits and what follows them, None when they may be read in two ways."""
    if len(whole) > 2 and whole[0] == "0":
        return None
    if len(tail) > 1 and not grouped and len(whole) <= 3:
        # "1.234.567,50": dots before groups of three are thousands.
        dots = tail[:-1] if tail[-1][0] == "," else tail
        if all(sign == "." and len(part) == 3 for sign, part in dots):
            whole, tail = whole + "".join(part for _, part in dots), tail[len(dots) :]
    if not tail:
        return Decimal(whole)
    sign, part = tail[0]
    if len(tail) > 1:
        # "1.500,50" once its thousands are joined has one tail left; more is a list or a section.
        return None
    if len(part) <= 2:
        return Decimal(f"{whole}.{part}")
    if sign == "." and len(part) == 3 and len(whole) <= 3 and not grouped and whole[0] != "0":
        return Decimal(whole + part)
    return None


def _number_tokens(pieces: list[_Piece], chain: list[_Numeral], line: str, spaced: bool) -> Iterator[Token]:
    """Yield the tokens of a chain: numbers and the sign between them, or junk for all of it."""
    start, last = pieces[chain[0].first].start, pieces[chain[-1].after - 1]
    end = last.start + len(last.text)
    touched = _touches_letters(pieces, chain)
    if touched or len(chain) > 2 or any(n.value is None for n in chain) or _is_date(pieces, chain):
        yield Token("junk", start, end, line[start:end], "", spaced)
        return
    for before, numeral in pairwise([None, *chain]):
        assert numeral is not None
        if before is not None:
            yield _plain_token(pieces[before.after], False)
        first, final = pieces[numeral.first], pieces[numeral.after - 1]
        stop = final.start + len(final.text)
        text = line[first.start : stop]
        glued = before is None and spaced
        yield Token("number", first.start, stop, text, "", glued, numeral.value or Decimal(0), numeral.grouped)


def _touches_letters(pieces: list[_Piece], chain: list[_Numeral]) -> bool:
    """Tell whether a letter, or a sign that makes an ordinal or a reference, touches the digits."""
    first, after = chain[0].first, chain[-1].after
    if first and _is_letter(pieces[first - 1]):
        return True
    before = first - 2 if first and pieces[first - 1].kind == " " else first - 1
    if before >= 0 and pieces[before].text in _NUMBER_SIGNS:
        return True
    if after >= len(pieces):
        return False
    follower = pieces[after]
    if follower.kind == "w":
        return _fold_word(follower.text) not in _UNITS
    return _is_letter(follower) or follower.text in _NUMBER_SIGNS


def _is_letter(piece: _Piece) -> bool:
    return piece.kind == "w" or piece.text == "_" or piece.text.isalnum()


def _is_date(pieces: list[_Piece], chain: list[_Numeral]) -> bool:
    """Tell whether two glued numerals are a time, a month and year or a school year."""
    if len(chain) < 2:
        return False
    low = chain[0]
    sign = pieces[low.after].text
    if sign == ":":
        return True
    years = [not n.grouped and n.value in _YEARS for n in chain]
    if all(years):
        return True
    return sign == "/" and years[1] and low.value is not None and low.value <= 12
