"""Erasing an account, and erasing it again in a database that was put back."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.common.operations import operation, require
from tisserand.messages import kinds
from tisserand.messages.operations import queue
from tisserand.network.models import Network, Role, User
from tisserand.network.queries import accounts_of, networks_kept_alone, site_network, subject_of
from tisserand.network.queries.merging import forgotten
from tisserand.network.rules import Actor, answers_for
from tisserand.privacy.erasure import addresses_of, erase_rows, remember
from tisserand.privacy.erasures import keep_list
from tisserand.privacy.journal import SystemActor, record
from tisserand.privacy.models import Erasure
from tisserand.privacy.registry import Subject

FAREWELL = kinds.register("network.farewell", _l("Effacement du compte"), farewell=True)


@operation
def erase_account(*, actor: Actor, user: User, asked_on: date | None = None) -> None:
    """Erase an account and what speaks of its owner; what they did for the network stays, without them. Twice is once.

    The accounts that were merged into it are theirs too; those deleted since are remembered with it, for a backup may
    hold them.

    Args:
        actor: the person, or who answers for all that they do.
        user: whose account it is; one that was merged into another stands for that one.
        asked_on: the day of the person's written request, when someone else erases.

    Raises:
        PermissionDenied: *actor* is not the person, and does not answer for all that they do.
        ValidationError: something must be done first, told in words.
    """
    # In the order of `end_role`: of two administrators who leave at once, one stays.
    user = User.objects.filter(merges__gone=user.pk).first() or user
    places = Role.objects.filter(user=user.pk).values("network")
    list(Network.objects.select_for_update(no_key=True).filter(pk__in=places).order_by("pk"))
    held = User.objects.select_for_update().filter(pk=user.pk).first()
    if held is None:
        return
    require_answering(actor, held, asked_on)
    obstacles = obstacles_to_erasure(actor, held)
    if obstacles:
        raise ValidationError(obstacles)
    accounts = accounts_of(held)
    subjects = [subject_of(account) for account in accounts]
    touched = 0
    for account, subject in zip(accounts, subjects, strict=True):
        touched += erase_rows(subject)
        remember(account=account.pk, opened_at=account.created_at, emails=subject.emails)
        for number, opened_at in forgotten(account).items():
            remember(account=number, opened_at=opened_at, emails=subject.emails)
    asked = {"asked_on": asked_on.isoformat()} if asked_on else {}
    record(actor=actor, verb="network.account_erased", subject=held, rows=touched, **asked)
    _say_farewell(held)
    transaction.on_commit(keep_list, robust=True)


def require_answering(actor: Actor, user: User, asked_on: date | None) -> None:
    """Refuse who is neither the person, nor answers for all that they do with their written request in hand.

    Raises:
        PermissionDenied, ValidationError: told in words.
    """
    if actor == user or isinstance(actor, SystemActor):
        return
    require(
        answers_for(actor, user),
        _("Cette personne a aussi un rôle dans un réseau que vous n'administrez pas : elle seule peut le demander."),
    )
    if asked_on is None or asked_on > timezone.localdate():
        raise ValidationError({"asked_on": _("Écrivez le jour de sa demande : aujourd'hui ou avant.")})


def obstacles_to_erasure(actor: Actor, user: User) -> list[str]:
    """What must be done before *user* can be erased, in sentences."""
    found = []
    if user.is_superuser and not isinstance(actor, SystemActor):
        found.append(_("Ce compte administre le serveur : il ne s'efface que depuis la machine, par une commande."))
    found += [
        _(
            "Personne d'autre n'administre %(network)s. Donnez d'abord ce rôle à quelqu'un, dans « Personnes et "
            "invitations »."
        )
        % {"network": network.name}
        for network in networks_kept_alone(user)
    ]
    return found


def _say_farewell(user: User) -> None:
    network = site_network()
    name = network.name if network else "Tisserand"
    paragraphs = [
        _("Bonjour,"),
        _("Votre compte est effacé, avec ce qui parlait de vous : nom, adresse, rôles, invitations, connexions."),
        _("Ce que vous avez écrit pour le réseau reste, sans votre nom. Le journal garde un numéro douze mois."),
        _("Si vous n'avez rien demandé, prévenez l'équipe du réseau."),
        name,
    ]
    subject = _("Votre compte est effacé")
    queue(key=f"farewell:{user.pk}", kind=FAREWELL, to=user.email, subject=subject, text="\n\n".join(paragraphs))


def replay(*, actor: Actor, known: Iterable[Erasure]) -> int:
    """Erase again, in a database that was put back, the accounts of *known* that it does not know as erased.

    One transaction for each: cut half-way, the rest is done the next time. Returns of how many something was there.
    """
    again = sum(_replay_one(actor=actor, erasure=one) for one in sorted(known, key=lambda one: one.at))
    keep_list()
    return again


@operation
def _replay_one(*, actor: Actor, erasure: Erasure) -> bool:
    if Erasure.objects.filter(pk=erasure.pk).exists():
        return False
    # Its number may be someone else's here: the moment when it was opened is not.
    user = User.objects.filter(pk=erasure.account, created_at=erasure.opened_at).first()
    theirs = subject_of(user) if user else Subject(None, frozenset())
    emails = theirs.emails | addresses_of(erasure.addresses)
    touched = erase_rows(Subject(theirs.number, emails, theirs.names))
    erasure.save(force_insert=True)
    record(actor=actor, verb="network.erasure_replayed", subject=erasure, account=erasure.account, rows=touched)
    return touched > 0
