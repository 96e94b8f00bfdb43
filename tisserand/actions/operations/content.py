"""Writing the content of sheets: texts, closed values, and the facts found in the texts.

Shared by the operations of this folder; each of them has checked the right and opened the transaction.
"""

import re
from collections.abc import Iterable, Mapping

from tisserand.actions.enums import FactState
from tisserand.actions.facts import Fact as FoundFact
from tisserand.actions.facts import find_facts
from tisserand.actions.fields import BY_KEY, CLOSED, TEXT_KEYS
from tisserand.actions.models import Action, ActionTerm, Fact
from tisserand.actions.vocabulary import Vocabulary

MAX_SPAN = 200


def links(action: Action, values: Mapping[str, object], vocabulary: Vocabulary) -> list[ActionTerm]:
    """The closed values of a new sheet, each once, in their order; unknown ones become unverified terms."""
    made: list[ActionTerm] = []
    for field in CLOSED:
        raws = values.get(field.key) or []
        seen: set[int] = set()
        for raw in [raws] if isinstance(raws, str) else raws:  # type: ignore[attr-defined]
            term = vocabulary.term(str(field.facet), raw)
            if term.pk not in seen:
                seen.add(term.pk)
                original = "" if raw == term.label else raw
                made.append(ActionTerm(action=action, term=term, position=len(made), original=original))
    return made


def replace_links(action: Action, values: Mapping[str, object], vocabulary: Vocabulary) -> None:
    """Set the closed values that *values* speaks of, and keep the others."""
    spoken = [str(field.facet) for field in CLOSED if field.key in values]
    if spoken:
        ActionTerm.objects.filter(action=action, term__facet__in=spoken).delete()
        ActionTerm.objects.bulk_create(links(action, values, vocabulary))


def facts_of(action: Action, fields: Iterable[str] = TEXT_KEYS) -> list[Fact]:
    """The facts found in the texts of *action*, as suggestions."""
    return [
        _suggestion(action, key, text, fact)
        for key in fields
        if (text := getattr(action, key))
        for fact in find_facts(text, field=key)
    ]


def _nearest(text: str, words: str, place: int) -> int:
    """Where *words* now stand, the closest to where they were; -1 if they are gone."""
    starts = [match.start() for match in re.finditer(re.escape(words), text)]
    return min(starts, key=lambda start: abs(start - place), default=-1)


def _suggestion(action: Action, key: str, text: str, fact: FoundFact) -> Fact:
    return Fact(
        action=action,
        field=key,
        start=fact.start,
        end=fact.end,
        text=text[fact.start : fact.end][:MAX_SPAN],
        kind=fact.kind,
        low=fact.low,
        high=fact.high,
        approximate=fact.approximate,
        label=fact.label[:100],
        period=fact.period,
    )


def refresh_facts(action: Action, fields: Iterable[str]) -> int:
    """Read again the texts that changed; returns how many suggestions are new.

    What someone decided stays as long as its words are in the text; a fact whose words are gone goes too,
    since nothing shows it any more.
    """
    fields = [key for key in fields if BY_KEY.get(key) and BY_KEY[key].kind == "text"]
    decided: dict[tuple[str, str], Fact] = {}
    for fact in Fact.objects.filter(action=action, field__in=fields):
        start = _nearest(getattr(action, fact.field), fact.text, fact.start)
        if fact.state == FactState.PENDING or start < 0:
            fact.delete()
            continue
        fact.start, fact.end = start, start + len(fact.text)
        fact.save(update_fields=["start", "end"])
        decided[fact.field, fact.text] = fact
    new = [fact for fact in facts_of(action, fields) if (fact.field, fact.text) not in decided]
    Fact.objects.bulk_create(new)
    return len(new)
