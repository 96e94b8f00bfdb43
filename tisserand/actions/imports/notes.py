"""What a file writes otherwise than the lists of the network, gathered value by value while it is read."""

from typing import Any

from tisserand.actions.fields import CLOSED
from tisserand.actions.imports.records import Record, storable
from tisserand.actions.vocabulary import Vocabulary, term_key

MAX_VALUES = 100  # kept of each kind; a file that holds more is not a matter of spelling


class Notes:
    """Values that a list reads under another spelling (`corrected`), and values that it does not have (`unknown`)."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._corrected: dict[tuple[str, str], dict[str, Any]] = {}
        self._unknown: dict[tuple[str, str], dict[str, Any]] = {}

    def see(self, record: Record) -> None:
        """Note the values of one record; each is told once, with the first record that holds it."""
        if record.rejected:
            return
        for field in CLOSED:
            for raw in record.fields.get(field.key, []):
                read = self._vocabulary.resolve(str(field.facet), raw)
                if not read.verified:
                    _note(self._unknown, field.key, raw, read.label, record)
                elif term_key(raw) != term_key(read.label):
                    _note(self._corrected, field.key, raw, read.label, record)

    def as_dict(self) -> dict[str, Any]:
        """Plain data: two lists of `{"field", "raw", "label", "row", "count"}`."""
        return {"corrected": list(self._corrected.values()), "unknown": list(self._unknown.values())}


def _note(kept: dict[tuple[str, str], dict[str, Any]], field: str, raw: str, label: str, record: Record) -> None:
    key = (field, term_key(raw))
    if key in kept:
        kept[key]["count"] += 1
    elif len(kept) < MAX_VALUES:
        kept[key] = {"field": field, "raw": storable(raw), "label": storable(label), "row": record.number, "count": 1}
