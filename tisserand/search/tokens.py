"""From French text to index tokens, the same for both databases.

Two stems are indexed for each word: stemming relies on accents, which people leave out when they type.
`A` folds then stems, so that it never depends on accents; `B` stems then folds, which keeps inflections
together better. A query word matches either.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import Stemmer

from tisserand.common.text import fold

WORD = re.compile(r"[^\W_]+")
BAG_LIMIT = 600_000  # characters of tokens of one document: PostgreSQL holds a megabyte of them
TOKEN_LIMIT = 60  # longer tokens are cut: base64 pasted in a sheet must not weigh on the index
BREAK = "_0"  # stands between two texts so that no phrase spans them

STOP_WORDS = frozenset(
    """a ai alors as au aucun aussi autre aux avec c ca car ce cela ces cet cette ceux chaque ci comme contre d dans de
    des donc dont du elle elles en est et eu eux il ils j je l la le les leur leurs lui m ma mais me meme mes
    moi mon n ne nos notre nous on ou par pas pour qu que qui s sa se ses si son sont sous sur t ta te tes toi
    ton tous tout tu un une vos votre vous y chez entre etc plus sans tres""".split()
)


@dataclass(frozen=True, slots=True)
class Stems:
    """The index forms of one word."""

    word: str  # folded
    a: str
    b: str


@lru_cache(maxsize=200_000)
def stems(word: str) -> tuple[Stems, ...]:
    """Index forms of one word of a text; folding may split it (ideograms) or drop it (lone accents)."""
    stemmer = _stemmer()
    b = fold(stemmer.stemWord(word.lower())).replace(" ", "")
    parts = fold(word).split()
    return tuple(
        Stems(part[:TOKEN_LIMIT], stemmer.stemWord(part)[:TOKEN_LIMIT], (b if len(parts) == 1 and b else part)[:60])
        for part in parts
    )


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("french", 0)


def words(text: str) -> Iterator[Stems]:
    """The words of *text*, in order."""
    for match in WORD.finditer(text):
        yield from stems(match.group())


# How letters sound in French, roughly, in this order.
_SOUNDS = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        ("ph", "f"), ("sch|sh", "ch"), ("qu|q|ck", "k"), ("c(?=[eiy])", "s"), ("c(?!h)", "k"), ("ge(?=[aou])", "j"),
        ("g(?=[eiy])", "j"), ("y", "i"), ("z", "s"), ("eau|au", "o"), ("ai|ei", "e"), ("[ae][mn](?![aeiou])", "an"),
        ("(?<!c)h", ""), (r"(.)\1+", r"\1"), ("(?<=..)[estdx]+$", ""),
    )
)  # fmt: skip


def sound(word: str) -> str:
    """What a folded word sounds like, roughly: two spellings of the same sounds give the same letters."""
    for pattern, by in _SOUNDS:
        word = pattern.sub(by, word)
    return word


@dataclass(slots=True)
class Bag:
    """Tokens of a document: `sequence` in reading order for phrases, `extra` without order."""

    sequence: list[str]
    extra: list[str]
    words: set[str]


def bag(title: str, lead: str, body: Iterable[str]) -> Bag:
    """Build the tokens of a document.

    Extra tokens: `_t` + stem for the title, `_l` + stem for title and lead (ranking), `_w` + whole word
    (prefix while typing), and the second stem where it differs.
    """
    sequence: list[str] = []
    extra: set[str] = set()
    known: set[str] = set()
    room = BAG_LIMIT
    for place, text in enumerate((title, lead, *body)):
        found, room = _within(WORD.findall(text), room)
        sequence += [stem.a for word in found for stem in stems(word)]
        sequence.append(BREAK)
        for stem in (stem for word in set(found) for stem in stems(word)):
            known.add(stem.word)
            extra.add("_w" + stem.word)
            if stem.b != stem.a:
                extra.add(stem.b)
            if place == 0:
                extra.update(("_t" + stem.a, "_t" + stem.b))
            if place <= 1:
                extra.update(("_l" + stem.a, "_l" + stem.b))
    return Bag(sequence, sorted(extra), known)


def _within(found: list[str], room: int) -> tuple[list[str], int]:
    """The words that fit in *room*, and the room left: the rest of a text without measure is not searched."""
    costs = list(accumulate(3 * len(word) + 8 for word in found))
    if not costs or costs[-1] <= room:
        return found, room - (costs[-1] if costs else 0)
    return found[: bisect_right(costs, room)], 0
