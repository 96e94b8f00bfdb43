"""Records and sheets of one structure and one title: which is which, told by their content and not by their order."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST = 10_000  # comparisons for one title: a file that needs more has no homonyms, it has one title for everything


@dataclass(frozen=True, slots=True)
class Content:
    """What a record or a sheet says, by key, as the lists of the network read it."""

    values: Mapping[str, Any]

    def difference(self, other: "Content") -> tuple[int, int]:
        """How many fields of this one the other says differently, and by how many words."""
        differing = [key for key, value in self.values.items() if value != other.values.get(key)]
        return len(differing), sum(_apart(self.values[key], other.values.get(key)) for key in differing)

    def fingerprint(self) -> str:
        """Two contents that have the same one are the same."""
        return json.dumps(self.values, ensure_ascii=False, sort_keys=True)


def pair(records: Sequence[Content], sheets: Sequence[Content]) -> dict[int, int]:
    """Record → sheet, by their places in the two lists; the least different first, then in order."""
    pairs = _identical(records, sheets)
    taken = set(pairs.values())
    left = [place for place in range(len(records)) if place not in pairs]
    free = [place for place in range(len(sheets)) if place not in taken]
    if len(left) * len(free) > MOST:
        return pairs | dict(zip(left, free, strict=False))
    for _difference, one, other in sorted((records[one].difference(sheets[o]), one, o) for one in left for o in free):
        if one not in pairs and other not in taken:
            pairs[one] = other
            taken.add(other)
    return pairs


def _identical(records: Sequence[Content], sheets: Sequence[Content]) -> dict[int, int]:
    free: dict[str, list[int]] = {}
    for place in reversed(range(len(sheets))):
        free.setdefault(sheets[place].fingerprint(), []).append(place)
    return {place: same.pop() for place, record in enumerate(records) if (same := free.get(record.fingerprint()))}


def _apart(one: Any, other: Any) -> int:
    ours, theirs = (Counter(value.split() if isinstance(value, str) else value or ()) for value in (one, other))
    return ((ours - theirs) + (theirs - ours)).total()
