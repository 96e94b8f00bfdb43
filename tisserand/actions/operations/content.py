"""Writing the content of sheets: texts, closed values, and the facts found in the texts.

Shared by the operations of this folder; each of them has checked the right and opened the transaction.
"""

from collections.abc import Iterable, Mapping

from tisserand.actions.enums import FactState
from tisserand.actions.facts import Fact as FoundFact
from tisserand.actions.facts import find_facts
from tisserand.actions.fields import BY_KEY, CLOSED, TEXT_KEYS
from tisserand.actions.models import Action, ActionTerm, Fact
from tisserand.actions.vocabulary import Vocabulary

MAX_SPAN = 200
PLACED = ("start", "end")  # what a text that changes says anew of a number that someone decided on
SUGGESTED = (*PLACED, "low", "high", "approximate", "label", "period")  # and of one that nobody has read


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
    if not spoken:
        return
    old = ActionTerm.objects.filter(action=action, term__facet__in=spoken)
    originals = dict(old.values_list("term_id", "original"))
    old.delete()
    made = links(action, values, vocabulary)
    for link in made:
        # A value that stays keeps what its file said.
        link.original = link.original or originals.get(link.term_id, "")
    ActionTerm.objects.bulk_create(made)


def facts_of(action: Action, fields: Iterable[str] = TEXT_KEYS) -> list[Fact]:
    """The facts found in the texts of *action*, as suggestions."""
    return [
        _suggestion(action, key, text, fact)
        for key in fields
        if (text := getattr(action, key))
        for fact in find_facts(text, field=key)
    ]


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
    known = Fact.objects.filter(action=action, field__in=fields)
    held: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in sorted(known, key=lambda fact: (fact.state == FactState.PENDING, fact.start)):
        held.setdefault((fact.field, fact.kind, fact.text), []).append(fact)
    new, other = [], []
    for found in facts_of(action, fields):
        # What is still read in the text, one for one and in order, keeps its decision; a suggestion keeps its row,
        # which someone may be deciding on while the rest of the text is written.
        same = held.get((found.field, found.kind, found.text))
        if not same:
            new.append(found)
            continue
        fact = same.pop(0)
        names = SUGGESTED if fact.state == FactState.PENDING else PLACED
        moved = [name for name in names if getattr(fact, name) != getattr(found, name)]
        for name in moved:
            setattr(fact, name, getattr(found, name))
        if moved:
            other.append(fact)
    known.filter(pk__in=[fact.pk for facts in held.values() for fact in facts]).delete()
    Fact.objects.bulk_update(other, SUGGESTED)
    Fact.objects.bulk_create(new)
    return len(new)
