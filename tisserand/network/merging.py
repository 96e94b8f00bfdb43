"""What becomes of the links of this app, and of the door, when two structures or two accounts become one."""

from itertools import count

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.utils import timezone
from django.utils.translation import ngettext_lazy

from tisserand.common.following import Joined, follows, stays
from tisserand.network.models import (
    AccountMerge,
    Affiliation,
    Agreement,
    Invitation,
    Role,
    StructureAlias,
    StructureMerge,
)

_ROLES = ngettext_lazy("%(n)d rôle", "%(n)d rôles", "n")
LABEL = Agreement._meta.get_field("label").max_length or 0


def _since_the_first(moved: Affiliation | Role, held: Affiliation | Role) -> Joined:
    """Both hold today: one is enough, from the earlier day."""
    return Joined(held={"starts": min(moved.starts, held.starts)})


def _withdrawn(moved: Invitation, held: Invitation) -> Joined:  # noqa: ARG001 - the one that is there waits on
    """The same role was offered twice to the same person: one link is enough."""
    return Joined(held={}, moved={"withdrawn_at": timezone.now()})


def _told_apart(moved: Agreement, held: Agreement) -> Joined:
    """The same agreement kept twice is one; two that differ keep apart, under the name of their structure."""
    same = (moved.signed_on, moved.ends) == (held.signed_on, held.ends)
    if same and moved.renewed_by_id is None and not Agreement.objects.filter(renewed_by=moved).exists():
        return Joined(held={})
    beside = Agreement.objects.filter(network=moved.network_id, starts=moved.starts)
    beside = beside.filter(structure__in=(moved.structure_id, held.structure_id))
    taken = set(beside.values_list("label", flat=True))
    name = moved.structure.name[: LABEL // 2]
    marks = (f" ({name})" if number == 1 else f" ({name}, {number})" for number in count(1))
    labels = (moved.label[: LABEL - len(mark)] + mark for mark in marks)
    return Joined(held={}, moved={"label": next(label for label in labels if label not in taken)})


follows(Affiliation, "structure", told=ngettext_lazy("%(n)d adhésion", "%(n)d adhésions", "n"), join=_since_the_first)
follows(Role, "structure", told=_ROLES, join=_since_the_first)
follows(Invitation, "structure", told=ngettext_lazy("%(n)d invitation", "%(n)d invitations", "n"), join=_withdrawn)
follows(Agreement, "structure", told=ngettext_lazy("%(n)d convention", "%(n)d conventions", "n"), join=_told_apart)
follows(
    StructureAlias,
    "structure",
    told=ngettext_lazy("%(n)d autre façon d'écrire son nom", "%(n)d autres façons d'écrire son nom", "n"),
)
follows(
    StructureMerge,
    "kept",
    told=ngettext_lazy("%(n)d structure qu'on y avait réunie", "%(n)d structures qu'on y avait réunies", "n"),
)

follows(Role, "user", told=_ROLES, join=_since_the_first)
follows(
    Invitation,
    "created_by",
    told=ngettext_lazy("%(n)d invitation envoyée", "%(n)d invitations envoyées", "n"),
)
follows(Invitation, "accepted_by")
follows(StructureMerge, "created_by")
follows(AccountMerge, "created_by")
follows(
    AccountMerge,
    "kept",
    told=ngettext_lazy("%(n)d compte qu'on y avait réuni", "%(n)d comptes qu'on y avait réunis", "n"),
)
# What opens an account is not carried to another; `merge_accounts` settles what becomes of its address.
stays(AccountMerge, "gone")
stays(EmailAddress, "user")
stays(Authenticator, "user")
stays(SocialAccount, "user")
stays(UserSession, "user")
