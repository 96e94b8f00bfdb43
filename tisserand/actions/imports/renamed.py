"""New sheets of a file that may be sheets from here under another title: proposed, never decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from tisserand.common.text import fold

NEAR_TITLE, NEAR_CONTENT = 85, 70  # of 100: either is enough to ask
STRANGER = 35  # under it, two contents have nothing in common but the language: a near title is then a coincidence
COMPARED = ("summary", "objectives", "description")
WORDS = 200  # compared of each content
MOST = 40_000  # comparisons for one structure: a file that needs more is not one where titles were touched up


@dataclass(frozen=True, slots=True)
class Described:
    """What a sheet is recognised by: its folded title, and the first words of its content."""

    pk: int
    title: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, pk: int, values: Mapping[str, Any]) -> "Described":
        """Read *values*, by key."""
        content = " ".join(str(values.get(key) or "") for key in COMPARED)
        return cls(pk, fold(str(values.get("title", ""))), tuple(fold(content).split()[:WORDS]))


def pair(news: Iterable[Described], olds: Iterable[Described]) -> dict[int, int]:
    """New sheet → old sheet that it may be; each is used once, the closest first."""
    news, olds = list(news), list(olds)
    if len(news) * len(olds) > MOST:
        return {}
    scores = sorted(((likeness(new, old), new.pk, old.pk) for new in news for old in olds), reverse=True)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for score, new, old in scores:
        if score and new not in pairs and old not in taken:
            pairs[new] = old
            taken.add(old)
    return pairs


def likeness(new: Described, old: Described) -> float:
    """How close two sheets are, 0 when nobody would ask."""
    title = fuzz.ratio(new.title, old.title)
    if not new.words or not old.words:
        return title if title >= NEAR_TITLE else 0
    content = fuzz.ratio(new.words, old.words)
    near = content >= NEAR_CONTENT or (title >= NEAR_TITLE and content >= STRANGER)
    return title + content if near else 0
