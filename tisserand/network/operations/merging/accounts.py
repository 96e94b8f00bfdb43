"""Two accounts that are of one person."""

from collections.abc import Collection, Iterator

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from tisserand.common.dates import hour, long_day
from tisserand.common.following import surrounded
from tisserand.common.operations import operation, require
from tisserand.messages.operations import queue
from tisserand.network.accounts.letters import ACCOUNT
from tisserand.network.models import AccountMerge, Network, User
from tisserand.network.operations.accounts import end_sessions
from tisserand.network.operations.merging.moving import Change, change_row, move, move_back
from tisserand.network.queries.merging import in_the_way
from tisserand.network.rules import Actor, joins_accounts, parts_accounts
from tisserand.privacy.journal import SYSTEM, moment_code, record

# What one chooses between two accounts; the address, and what opens the door, are those of the one that stays.
FIELDS = ("first_name", "last_name")


@operation
def merge_accounts(
    *, actor: Actor, network: Network, kept: User, gone: User, taken: Collection[str] = ()
) -> AccountMerge:
    """Make two accounts one: the roles and the work of *gone* are those of *kept*, *gone* is closed. Twice is once.

    The password and the second factor of *kept* hold, those of *gone* open nothing. Both addresses are told of it.

    Args:
        actor: who administers *network*, where both are known, and every network where one of them has a role.
        network: on whose page it is done.
        kept: the account that stays.
        gone: the one that goes. If both addresses were proven, this one leads to *kept* from now on.
        taken: among `FIELDS`, what is better said by *gone*; what *kept* leaves blank is filled in any case.

    Raises:
        PermissionDenied: *actor* does not administer all of it, or one of the two administers the instance.
        ValidationError: one of them is closed, or *actor* would close their own account.
    """
    held = _hold(kept, gone)
    kept, gone = held[kept.pk], held[gone.pk]
    known = AccountMerge.objects.filter(gone=gone, kept=kept).first()
    allowed = parts_accounts(actor, known) if known else joins_accounts(actor, network, kept, gone)
    require(allowed, _("Vous n'administrez pas tous les réseaux où ces deux comptes ont un rôle."))
    if known:
        return known
    _refuse(actor, kept, gone)
    with surrounded(User, kept.pk, gone.pk):
        moved = list(_merge(kept, gone, taken))
    end_sessions(actor, gone, UserSession.objects.filter(user=gone))
    if actor != kept:
        end_sessions(actor, kept, UserSession.objects.filter(user=kept))
    merge = AccountMerge.objects.create(network=network, kept=kept, gone=gone, created_by_id=actor.pk, moved=moved)
    record(actor=actor, verb="network.accounts_merged", subject=kept, merged=gone.pk, network=network.pk)
    _tell_merged(merge)
    return merge


def _hold(*users: User) -> dict[int, User]:
    """Hold two accounts, in one order whatever the direction, after the networks that their roles are held by."""
    networks = Network.objects.filter(roles__user__in=users).values("pk")
    list(Network.objects.select_for_update(no_key=True).filter(pk__in=networks).order_by("pk"))
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=[user.pk for user in users]).order_by("pk")
    return {user.pk: user for user in rows}


def _refuse(actor: Actor, kept: User, gone: User) -> None:
    if kept == gone or not (kept.is_active and gone.is_active):
        raise ValidationError(_("L'un de ces comptes est fermé : relisez la page."))
    if actor == gone:
        raise ValidationError(_("Ce compte est le vôtre : gardez-le, ou demandez à quelqu'un d'autre de le fermer."))
    if gone.is_superuser and not kept.is_superuser:
        raise ValidationError(_("Ce compte administre l'instance : gardez celui-là."))


def _merge(kept: User, gone: User, taken: Collection[str]) -> Iterator[Change]:
    yield from move(User, gone.pk, kept.pk)
    yield from _carry_address(kept, gone)
    better = {name: getattr(gone, name) for name in FIELDS if name in taken or not getattr(kept, name)}
    # Even unchanged: what was done later to the one that stays must be undone first.
    yield next(change_row(kept, better), {"model": User._meta.label_lower, "row": kept.pk, "was": {}, "now": {}})
    yield from change_row(gone, {"is_active": False})


def _carry_address(kept: User, gone: User) -> Iterator[Change]:
    """The address of *gone* leads to *kept* if both were proven: an unproven one would be a way into an account."""
    proven = {
        one.user_id: one
        for one in EmailAddress.objects.filter(user__in=(kept, gone), verified=True, primary=True)
        if one.email == (kept if one.user_id == kept.pk else gone).email
    }
    if len(proven) == 2:
        EmailAddress.objects.filter(user=kept, email=gone.email).delete()  # she was about to change for it
        yield from change_row(proven[gone.pk], {"user_id": kept.pk, "primary": False})


@operation
def part_accounts(*, actor: Actor, merge: AccountMerge) -> User | None:
    """Make two accounts of one again; None when they are already (a second click).

    What moved and did not change since goes back; the account opens again with its own password and second factor.

    Raises:
        PermissionDenied: *actor* does not administer the networks of the roles that go back.
        ValidationError: it is too late, or another merge must be undone first.
    """
    _hold(merge.kept, merge.gone)
    known = AccountMerge.objects.select_related("kept", "gone", "network").filter(pk=merge.pk).first()
    if known is None:
        return None
    obstacle = in_the_way(known)
    if obstacle:
        raise ValidationError(obstacle)
    require(parts_accounts(actor, known), _("Vous n'administrez pas tous les réseaux où ces deux comptes ont un rôle."))
    with surrounded(User, known.kept_id, known.gone_id):
        counts = move_back(known.moved, known.gone_id, known.kept_id)
    record(actor=actor, verb="network.accounts_parted", subject=known.kept, merged=known.gone_id, **counts)
    _tell_parted(actor, known)
    AccountMerge.objects.filter(pk=known.pk).delete()
    return User.objects.get(pk=known.gone_id)


@operation
def forget_account(*, merge: AccountMerge) -> None:
    """Delete an account that was merged too long ago to come back; what was added to it since follows first."""
    _hold(merge.kept, merge.gone)
    for merged in AccountMerge.objects.filter(pk=merge.pk).select_related("gone", "kept"):
        with surrounded(User, merged.kept_id, merged.gone_id):
            move(User, merged.gone_id, merged.kept_id)
        # A backup from before the merge holds both: who erases the one that stays erases this one again (`forgotten`).
        opened_at = moment_code(merged.gone.created_at)
        told = {"merged": merged.gone_id, "opened_at": opened_at}
        record(actor=SYSTEM, verb="network.account_forgotten", subject=merged.kept, **told)
        merged.gone.delete()


def _tell_merged(merge: AccountMerge) -> None:
    lines = [
        _(
            "Entrez désormais avec %(address)s : son mot de passe et sa deuxième vérification n'ont pas changé. "
            "L'autre compte est fermé ; ses rôles, et ce qui y a été fait, ont suivi."
        ),
        _("Ce n'est pas la même personne ? Prévenez l'équipe du réseau : cela se défait pendant trente jours."),
    ]
    _tell(merge, merge.created_by, _("Vos deux comptes n'en font plus qu'un"), lines)


def _tell_parted(actor: Actor, merge: AccountMerge) -> None:
    lines = [_("Chacun a retrouvé son mot de passe, sa deuxième vérification et ses rôles.")]
    _tell(merge, actor, _("Vos deux comptes sont de nouveau séparés"), lines)


def _tell(merge: AccountMerge, actor: Actor, subject: str, lines: list[str]) -> None:
    """Write to both addresses; to the one that goes, enough of the other to recognise it if it is one's own."""
    now = timezone.localtime()
    who = actor.get_full_name() if isinstance(actor, User) else _("L'administration")
    words = {"who": who, "day": long_day(now), "hour": hour(now), "what": subject}
    for user, address in ((merge.kept, merge.kept.email), (merge.gone, _masked(merge.kept.email))):
        paragraphs = [
            _("Bonjour,"),
            _("%(what)s, le %(day)s à %(hour)s, par %(who)s.") % words,
            *(line % {"address": address} for line in lines),
            merge.network.name if merge.network else "Tisserand",
        ]
        key = f"merge:{merge.pk}:{user.pk}:{now.isoformat()}"
        queue(key=key, kind=ACCOUNT, to=user.email, subject=subject, text="\n\n".join(paragraphs))


def _masked(email: str) -> str:
    name, _at, host = email.partition("@")
    return f"{name[:1]}…@{host}"
