"""What an import leaves behind it, so that it can be undone: what it replaced, and how it left each sheet."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from tisserand.actions.fields import BY_KEY, TEXT_KEYS
from tisserand.actions.models import Action, Fact
from tisserand.actions.vocabulary import term_key

_FACT = ("field", "start", "end", "text", "kind", "label", "approximate", "period", "state", "corrected")


def digest(sheet: Action, values: Iterable[str]) -> str:
    """The content of a sheet in forty characters: an edit changes them, publishing does not.

    Args:
        values: its closed values, in the words of their file: two values that the team joins are no edit of a sheet.
    """
    texts = [sheet.title, *(getattr(sheet, key) for key in TEXT_KEYS)]
    content = [
        texts,
        sheet.structure_id,
        sorted(term_key(value) for value in values),
        sheet.extras,
        sheet.source,
        sheet.settled,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:40]


def before(sheet: Action, fields: Iterable[str]) -> dict[str, Any]:
    """What *sheet* is before an import changes *fields* of it (its `term_links` are prefetched)."""
    fields = list(fields)
    texts = [key for key in fields if BY_KEY[key].kind == "text"]
    return {
        "values": {key: _raw(sheet, key) for key in fields},
        "extras": sheet.extras,
        "source": dict(sheet.source),
        "settled": dict(sheet.settled),
        "identity": sheet.source_identity,
        "key": sheet.source_key,
        "facts": [_plain(fact) for fact in Fact.objects.filter(action=sheet, field__in=texts)] if texts else [],
    }


def _raw(sheet: Action, key: str) -> Any:
    """A value as it was written: closed ones with the word of their file."""
    facet = BY_KEY[key].facet
    if not facet:
        return getattr(sheet, key)
    return [link.original or link.term.label for link in sheet.term_links.all() if link.term.facet == facet]


def _plain(fact: Fact) -> dict[str, Any]:
    data = {name: getattr(fact, name) for name in _FACT}
    data |= {"low": str(fact.low), "high": str(fact.high), "decided_by": fact.decided_by_id}
    return data | {"decided_at": fact.decided_at.isoformat() if fact.decided_at else None}
