"""One search: which documents, in which order, and how many under each facet."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from pyroaring import BitMap
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from tisserand.common.text import fold
from tisserand.search.bitmaps import Bitmaps, bitmaps
from tisserand.search.index import Space
from tisserand.search.models import SearchWord
from tisserand.search.postings import holding
from tisserand.search.query import EXACT, QUOTES, Query, parse
from tisserand.search.tokens import WORD, sound

# All words in the title first, then in title or lead, then anywhere as typed, then anywhere.
TIERS = ("_t", "_l", EXACT, "")
TITLE = 0


@dataclass(slots=True)
class Found:
    """The answer to a search.

    Attributes:
        ids: records that match.
        counts: for each facet, value → number of documents if that value were (also) ticked; a facet's own
            selection does not hide its other values.
        held: all that could have been found, as it was known then.
    """

    space: Space
    query: Query
    ids: BitMap
    counts: dict[str, dict[str, int]]
    held: Bitmaps
    _tiers: list[BitMap] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def base(self) -> int:
        """How many documents could have been found."""
        return len(self.held.visible)

    def holds(self, object_id: int) -> bool:
        """Whether a record is in the answer."""
        return object_id in self.ids

    def object_ids(self) -> Iterator[int]:
        """All records found, oldest first."""
        return iter(self.ids)

    def ranked(self, limit: int, after: tuple[int, int] | None = None) -> list[tuple[int, int]]:
        """Up to *limit* pairs (tier, record) by relevance, newest first inside a tier; *after* a given pair."""
        page: list[tuple[int, int]] = []
        start, below = after or (0, None)
        for number in range(start, len(TIERS)):
            tier = self._tier(number)
            stop = len(tier) if below is None or number != start else tier.rank(below - 1)
            first = max(0, stop - (limit - len(page)))
            page += [(number, object_id) for object_id in reversed(tier[first:stop])]
            if len(page) == limit:
                break
        return page

    def _tier(self, number: int) -> BitMap:
        """Documents of this tier and of no earlier one; asked of the database only when the page needs it."""
        while len(self._tiers) <= number:
            mark = TIERS[len(self._tiers)]
            taken = BitMap.union(BitMap(), *self._tiers)
            if mark == "" or (mark == EXACT and not self.query.loose):
                matching = self.ids
            else:
                matching = _matching(self.held, self.space, self.query, mark) & self.ids if self.query else BitMap()
            self._tiers.append(matching - taken)
        return self._tiers[number]


def _matching(held: Bitmaps, space: Space, query: Query, mark: str) -> BitMap:
    return holding(space, held.version, query.clauses(mark))


def search(space: Space, text: str = "", filters: Mapping[str, Sequence[str]] | None = None) -> Found:
    """Search what the public may see of *space*.

    Args:
        text: what was typed; empty means everything.
        filters: for each facet, the values ticked: any of them is enough, and all facets must agree.
    """
    held = bitmaps(space)
    query = parse(text)
    matching = held.visible if not text.strip() else BitMap()  # signs without a word find nothing
    if query:
        matching = _matching(held, space, query, "") & held.visible
    chosen = {facet: _union(held, facet, values) for facet, values in (filters or {}).items() if values}
    counts = {facet: _count(held, facet, matching, chosen) for facet in space.facets}
    ids = BitMap(matching)
    for allowed in chosen.values():
        ids &= allowed
    return Found(space, query, ids, counts, held)


def _union(held: Bitmaps, facet: str, values: Sequence[str]) -> BitMap:
    known = held.facets.get(facet, {})
    return BitMap.union(BitMap(), *(known[value] for value in values if value in known))


def _count(held: Bitmaps, facet: str, matching: BitMap, chosen: Mapping[str, BitMap]) -> dict[str, int]:
    ids = matching
    for other, allowed in chosen.items():
        if other != facet:
            ids = ids & allowed
    counted = ((value, ids.intersection_cardinality(of)) for value, of in held.facets.get(facet, {}).items())
    return {value: count for value, count in counted if count}


def did_you_mean(space: Space, query: Query) -> str:
    """The nearest words that do find something, or "": every unknown word is replaced by a known one."""
    known = list(SearchWord.objects.filter(space_id=space.number).values_list("word", flat=True))
    replaced = query.text
    for word in query.words:
        if word.word in known or len(search(space, word.word)):
            continue
        near = _nearest(word.word, known)
        if not near:
            return ""
        replaced = _replace_word(replaced, word.word, near)
    if replaced == query.text or not len(search(space, replaced)):
        return ""
    return replaced


def _nearest(word: str, known: list[str]) -> str:
    """The known word that sounds or is written most like *word*; else the longest that it begins with; else ""."""
    reach = 1 if len(word) < 6 else 2
    heard = sound(word)
    alike = process.extract(
        heard, {one: sound(one) for one in known}, scorer=DamerauLevenshtein.distance, score_cutoff=reach, limit=8
    )
    if alike:
        return min(alike, key=lambda found: found[1] + DamerauLevenshtein.distance(word, found[2]))[2]
    beginnings = (one for one in known if len(one) >= max(5, len(word) // 2) and word.startswith(one))
    return max(beginnings, key=len, default="")


def broader(space: Space, query: Query, filters: Mapping[str, Sequence[str]]) -> list[tuple[str, int]]:
    """The same search without one of its words or without its quotes: what to type, and how many that finds."""
    words = [word.word for word in query.words[:6]]
    asked = [_replace_word(query.text, word, "") for word in words if len(words) > 1 or query.phrases]
    if query.phrases:
        asked.insert(0, QUOTES.sub(" ", query.text))
    texts = dict.fromkeys(" ".join(text.split()) for text in asked)
    counted = ((text, len(search(space, text, filters))) for text in texts if text)
    return [(text, count) for text, count in counted if count]


def _replace_word(text: str, folded: str, by: str) -> str:
    return WORD.sub(lambda match: by if fold(match.group()) == folded else match.group(), text)


@dataclass(frozen=True, slots=True)
class Related:
    """A document close to another, and why: facet values in common, words of the title in common."""

    object_id: int
    values: tuple[tuple[str, str], ...]
    words: tuple[str, ...]


REACH = 1_000  # newest documents looked at for each thing in common


def related(
    space: Space,
    object_id: int,
    title: str,
    values: Sequence[tuple[str, str]],
    *,
    mark: str = "_t",
    filters: Mapping[str, Sequence[str]] | None = None,
    limit: int = 4,
) -> list[Related]:
    """The visible documents that share the rarest things with one; rare words and values weigh more.

    Args:
        mark: where the words of *title* are looked for (see `TIERS`).
        filters: for each facet, values of which a document bears one.
    """
    held = bitmaps(space)
    among = BitMap.intersection(held.visible, *(_union(held, facet, given) for facet, given in (filters or {}).items()))
    size = len(held.visible) + 1
    scores: dict[int, float] = defaultdict(float)
    shared: dict[int, tuple[list[tuple[str, str]], list[str]]] = defaultdict(lambda: ([], []))
    for facet, value in values:
        having = held.facets.get(facet, {}).get(value, BitMap()) & among
        weight = log(size / (len(having) + 1))
        for doc in having[-REACH:]:
            scores[doc] += weight
            shared[doc][0].append((facet, value))
    asked = parse(title)
    for word in asked.words[:5] if asked.tells else ():
        having = _matching(held, space, Query(word.word, (word,), ()), mark) & among
        weight = 1.5 * log(size / (len(having) + 1))
        for doc in having[-REACH:]:
            scores[doc] += weight
            shared[doc][1].append(word.word)
    scores.pop(object_id, None)
    best = sorted(scores, key=lambda doc: (-scores[doc], -doc))[:limit]
    return [Related(doc, tuple(shared[doc][0]), tuple(shared[doc][1])) for doc in best if scores[doc] > 1]
