"""Ties between structures and networks: affiliations, agreements, and what reminds of their end."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from tisserand.common.dates import long_day
from tisserand.common.nightly import nightly
from tisserand.common.operations import operation
from tisserand.messages import kinds
from tisserand.messages.links import public_address
from tisserand.messages.operations import queue
from tisserand.network.models import Affiliation, Agreement, Network, Structure
from tisserand.network.operations.structures import standing
from tisserand.network.queries import team_of
from tisserand.network.rules import Actor, require_staff
from tisserand.privacy.journal import record

REMINDER = kinds.register("network.agreements", _l("Rappels des conventions à renouveler"), optional=True)
# Days before its end when an agreement is told, once each.
WARNINGS = (15, 60)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says of itself."""

    label: str
    starts: date
    ends: date | None = None
    signed_on: date | None = None


@operation
def date_affiliation(*, actor: Actor, affiliation: Affiliation, starts: date, ends: date | None) -> Affiliation:
    """Say since when a structure is a member of a network, and until when. Roles held there stay as they are.

    Raises:
        PermissionDenied: *actor* does not keep this network.
        ValidationError: it would end before it starts, or be open twice.
    """
    require_staff(actor, affiliation.network)
    _in_order(starts, ends)
    others = Affiliation.objects.filter(network=affiliation.network_id, structure=affiliation.structure_id, ends=None)
    if ends is None and others.exclude(pk=affiliation.pk).exists():
        raise ValidationError(_("Cette structure est déjà membre : une seule adhésion reste ouverte."))
    changed = Affiliation.objects.filter(pk=affiliation.pk).exclude(starts=starts, ends=ends)
    if changed.update(starts=starts, ends=ends):
        record(actor=actor, verb="network.affiliation_dated", subject=affiliation, network=affiliation.network_id)
    affiliation.starts, affiliation.ends = starts, ends
    return affiliation


@operation
def sign_agreement(*, actor: Actor, network: Network, structure: Structure, terms: Terms) -> Agreement:
    """Keep an agreement. The same one twice is once.

    Raises:
        PermissionDenied: *actor* does not keep this network.
        ValidationError: it would end before it starts, or the structure was never a member.
    """
    require_staff(actor, network)
    _in_order(terms.starts, terms.ends)
    structure = standing(structure.pk)
    if not structure.affiliations.filter(network=network).exists():
        raise ValidationError(_("Cette structure n'est pas membre de ce réseau."))
    agreement, created = Agreement.objects.get_or_create(
        network=network,
        structure=structure,
        label=terms.label,
        starts=terms.starts,
        defaults={"ends": terms.ends, "signed_on": terms.signed_on},
    )
    if created:
        record(actor=actor, verb="network.agreement_signed", subject=agreement, network=network.pk)
    return agreement


@operation
def renew_agreement(*, actor: Actor, agreement: Agreement, terms: Terms) -> Agreement:
    """Keep the agreement that takes over from *agreement*. Twice is once.

    Raises:
        PermissionDenied: *actor* does not keep this network.
        ValidationError: it would start before the first one, or end before it starts.
    """
    require_staff(actor, agreement.network)
    agreement = (
        Agreement.objects.select_for_update(of=("self",)).select_related("network", "structure").get(pk=agreement.pk)
    )
    if agreement.renewed_by:
        return agreement.renewed_by
    if terms.starts <= agreement.starts:
        raise ValidationError({"starts": _("La suite commence après la convention qu'elle renouvelle.")})
    following = sign_agreement(actor=actor, network=agreement.network, structure=agreement.structure, terms=terms)
    agreement.renewed_by = following
    agreement.save(update_fields=["renewed_by"])
    record(actor=actor, verb="network.agreement_renewed", subject=agreement, by=following.pk)
    return following


@operation
def end_agreement(*, actor: Actor, agreement: Agreement, ends: date | None) -> Agreement:
    """Say when an agreement ends; None when it has no end. Twice is once.

    Raises:
        PermissionDenied: *actor* does not keep this network.
        ValidationError: it would end before it starts.
    """
    require_staff(actor, agreement.network)
    _in_order(agreement.starts, ends)
    changed = Agreement.objects.filter(pk=agreement.pk).exclude(ends=ends)
    if changed.update(ends=ends, told_days=None):
        record(actor=actor, verb="network.agreement_ended", subject=agreement, network=agreement.network_id)
    agreement.ends = ends
    return agreement


@nightly(key="agreements", label=_l("Rappels des conventions à renouveler"))
def remind(now: datetime) -> int:
    """Tell the team of each network which agreements end soon; returns how many were told. Twice is once."""
    return sum(remind_before(today=timezone.localdate(now), days=days) for days in WARNINGS)


@operation
def remind_before(*, today: date, days: int) -> int:
    """Tell of the agreements that end within *days* and were not told so close to their end."""
    ending = Agreement.objects.select_for_update(of=("self",)).filter(
        ends__gte=today, ends__lte=today + timedelta(days=days), renewed_by=None
    )
    rows = list(
        ending.exclude(told_days__lte=days).select_related("network", "structure").order_by("network", "ends", "pk")
    )
    for network, found in groupby(rows, key=lambda one: one.network):
        _write(network, list(found), today, days)
    Agreement.objects.filter(pk__in=[one.pk for one in rows]).update(told_days=days)
    return len(rows)


def _write(network: Network, agreements: list[Agreement], today: date, days: int) -> None:
    lines = [f"- {one.structure.name} : {one.label}, {long_day(one.ends)}" for one in agreements if one.ends]
    subject = ngettext("%(n)d convention à renouveler", "%(n)d conventions à renouveler", len(lines)) % {
        "n": len(lines)
    }
    text = "\n\n".join(
        [
            _("Bonjour,"),
            _("Elles se terminent bientôt :"),
            "\n".join(lines),
            _("Pour les renouveler, ou dire qu'elles s'arrêtent : %(address)s")
            % {"address": f"{public_address(reverse('agreements'))}?network={network.slug}"},
            network.name,
        ]
    )
    for person in team_of(network):
        key = f"agreements:{days}:{today}:{agreements[0].pk}:{person.pk}"
        queue(key=key, kind=REMINDER, to=person.email, subject=subject, text=text)


def _in_order(starts: date, ends: date | None) -> None:
    if ends and ends < starts:
        raise ValidationError({"ends": _("La fin vient après le début.")})
