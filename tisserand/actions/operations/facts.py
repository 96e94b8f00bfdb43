"""Deciding on the numbers found in texts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.enums import FactState
from tisserand.actions.models import Action, Fact
from tisserand.actions.operations.sheets import locked
from tisserand.actions.operations.writing import may_write
from tisserand.actions.search import index_actions
from tisserand.common.operations import operation, require
from tisserand.network.rules import Actor, is_staff_of
from tisserand.privacy.journal import record


@dataclass(frozen=True, slots=True)
class Decision:
    """What someone says of a number: its state and, when they correct it, what it should read."""

    state: FactState
    low: Decimal | None = None
    high: Decimal | None = None
    label: str | None = None
    period: str | None = None


@operation
def decide_facts(*, actor: Actor, action: Action, decisions: Mapping[int, Decision]) -> int:
    """Decide on numbers of one sheet, all or none; returns how many changed.

    The network's team decides on those of any sheet, writers on those of a sheet that they may write now.

    What is not counted is not proposed again, unless its state goes back to pending. Deciding twice is deciding once;
    a number that left with its text is passed over.

    Raises:
        Http404: the sheet is no more.
        ValidationError: a range is upside down, or a count is negative.
    """
    sheet = locked(action)
    allowed = is_staff_of(actor, sheet.network) or may_write(actor, sheet)
    require(allowed, _("Les nombres de cette fiche ne se relisent pas maintenant."))
    facts = Fact.objects.select_for_update().filter(action=sheet, pk__in=list(decisions)).order_by("pk")
    changed = [fact for fact in facts if _decide(actor, fact, decisions[fact.pk])]
    if changed:
        Fact.objects.bulk_update(changed, Fact.DECIDED)
        if not sheet.is_under_way:
            index_actions([sheet.pk])
        record(actor=actor, verb="actions.facts_decided", subject=sheet, **_by_state(changed))
    return len(changed)


@operation
def accept_fact(*, actor: Actor, fact: Fact) -> None:
    """Accept one suggestion as it was read."""
    decide_facts(actor=actor, action=fact.action, decisions={fact.pk: Decision(FactState.ACCEPTED)})


@operation
def dismiss_fact(*, actor: Actor, fact: Fact) -> None:
    """Set one suggestion aside."""
    decide_facts(actor=actor, action=fact.action, decisions={fact.pk: Decision(FactState.DISMISSED)})


def _decide(actor: Actor, fact: Fact, decision: Decision) -> bool:
    """Write a decision on a number; whether it says something new."""
    before = _said(fact)
    if decision.low is not None:
        fact.low, fact.high = decision.low, decision.low if decision.high is None else decision.high
    fact.label = fact.label if decision.label is None else decision.label
    fact.period = fact.period if decision.period is None else decision.period
    if fact.low < 0 or fact.high < fact.low:
        raise ValidationError(_("Le plus petit nombre vient d'abord, et aucun n'est négatif."))
    corrected = before != _said(fact)
    if not corrected and fact.state == decision.state:
        return False
    fact.corrected = fact.corrected or corrected
    fact.state = decision.state
    pending = fact.state == FactState.PENDING
    fact.decided_by_id = None if pending else actor.pk
    fact.decided_at = None if pending else timezone.now()
    return True


def _said(fact: Fact) -> tuple[Decimal, Decimal, str, str]:
    return fact.low, fact.high, fact.label, fact.period


def _by_state(facts: Iterable[Fact]) -> dict[str, list[int]]:
    """The identifiers of the numbers, by the state that they were given."""
    found: dict[str, list[int]] = {}
    for fact in facts:
        found.setdefault(str(fact.state), []).append(fact.pk)
    return found
