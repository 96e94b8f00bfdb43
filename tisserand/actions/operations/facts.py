"""Deciding on the numbers found in texts."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.actions.enums import FactState
from tisserand.actions.models import Fact
from tisserand.actions.search import index_actions
from tisserand.common.operations import operation
from tisserand.network.rules import Actor, require_staff
from tisserand.privacy.journal import record


@operation
def accept_fact(
    *,
    actor: Actor,
    fact: Fact,
    low: Decimal | None = None,
    high: Decimal | None = None,
    label: str | None = None,
    period: str | None = None,
) -> Fact:
    """Accept a suggestion, as read or corrected; accepting twice is accepting once.

    Raises:
        ValidationError: the range is upside down, or a count is negative.
    """
    fact = _locked(actor, fact)
    before = (fact.low, fact.high, fact.label, fact.period)
    fact.low = fact.low if low is None else low
    fact.high = fact.low if high is None and low is not None else (fact.high if high is None else high)
    fact.label = fact.label if label is None else label
    fact.period = fact.period if period is None else period
    if fact.low < 0 or fact.high < fact.low:
        raise ValidationError(_("Le plus petit nombre vient d'abord, et aucun n'est négatif."))
    fact.corrected = fact.corrected or before != (fact.low, fact.high, fact.label, fact.period)
    return _decide(actor, fact, FactState.ACCEPTED)


@operation
def dismiss_fact(*, actor: Actor, fact: Fact) -> Fact:
    """Set a suggestion aside: it is not counted, and not proposed again."""
    return _decide(actor, _locked(actor, fact), FactState.DISMISSED)


@operation
def reopen_fact(*, actor: Actor, fact: Fact) -> Fact:
    """Put a decided suggestion back among those to read."""
    return _decide(actor, _locked(actor, fact), FactState.PENDING)


def _locked(actor: Actor, fact: Fact) -> Fact:
    locked = Fact.objects.select_for_update(of=("self",)).select_related("action__network").get(pk=fact.pk)
    require_staff(actor, locked.action.network)
    return locked


def _decide(actor: Actor, fact: Fact, state: FactState) -> Fact:
    fact.state = state
    fact.decided_by_id = None if state == FactState.PENDING else actor.pk
    fact.decided_at = None if state == FactState.PENDING else timezone.now()
    fact.save()
    index_actions([fact.action_id])
    record(actor=actor, verb=f"actions.fact_{state}", subject=fact, action=fact.action_id)
    return fact
