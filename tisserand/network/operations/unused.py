"""Accounts that nobody uses any more: their owner is told, then they are erased; whoever comes in keeps theirs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.common.dates import long_day
from tisserand.common.nightly import nightly
from tisserand.common.operations import operation
from tisserand.messages import kinds
from tisserand.messages.links import public_address
from tisserand.messages.operations import queue
from tisserand.network.models import User
from tisserand.network.operations.erasure import erase_account, obstacles_to_erasure
from tisserand.network.queries import site_network
from tisserand.privacy.journal import SYSTEM, record
from tisserand.privacy.models import Notice
from tisserand.privacy.registry import retain

IDLE = timedelta(days=730)  # 24 months, as the CNIL advises for accounts that do not serve
WARNED = timedelta(days=30)
UNUSED = kinds.register("network.unused", _l("Comptes qui ne servent plus"))


def unused_since(moment: datetime) -> QuerySet[User]:
    """The accounts that nobody used since *moment* (`used_at`); not those of the instance, nor those merged away."""
    rows = User.objects.annotate(used_at=Coalesce("last_login", "created_at"))
    return rows.filter(used_at__lt=moment, is_superuser=False, merged=None).order_by("pk")


def _told_at(user: User) -> datetime | None:
    """When the owner was told, since they last came."""
    notice = Notice.objects.filter(account=user.pk, at__gt=user.used_at).first()  # type: ignore[attr-defined]
    return notice.at if notice else None


@nightly(key="accounts-unused", label=_l("Comptes qui ne servent plus, prévenus"))
def warn_unused(now: datetime) -> int:
    """Tell the owners of accounts that will be erased in thirty days; returns how many. Twice is once."""
    told = 0
    for user in unused_since(now - IDLE + WARNED):
        if _told_at(user) is None and not obstacles_to_erasure(SYSTEM, user):
            _warn(user=user, now=now)
            told += 1
    return told


@operation
def _warn(*, user: User, now: datetime) -> None:
    Notice.objects.update_or_create(account=user.pk, defaults={"at": now})
    record(actor=SYSTEM, verb="network.account_warned", subject=user)
    words = {
        "last": long_day(timezone.localtime(user.used_at)),  # type: ignore[attr-defined]
        "day": long_day(timezone.localtime(now + WARNED)),
        "login": public_address(reverse("login")),
    }
    network = site_network()
    paragraphs = [
        _("Bonjour,"),
        _("Votre compte n'a pas servi depuis le %(last)s. À partir du %(day)s, il sera effacé.") % words,
        _("Pour le garder, entrez une fois : %(login)s") % words,
        _("Il ne vous sert plus ? Ne faites rien."),
        network.name if network else "Tisserand",
    ]
    subject = _("Votre compte va être effacé")
    queue(
        key=f"unused:{user.pk}:{now.date()}", kind=UNUSED, to=user.email, subject=subject, text="\n\n".join(paragraphs)
    )


@retain(key="accounts", label=_l("Comptes sans connexion depuis 24 mois, prévenus 30 jours avant"))
def purge_unused(now: datetime, dry_run: bool) -> int:
    """Erase the accounts whose owner was told thirty days ago and did not come; each in its own transaction."""
    erased = 0
    for user in _due(now):
        if not dry_run:
            erase_account(actor=SYSTEM, user=user)
        erased += 1
    return erased


def _due(now: datetime) -> Iterator[User]:
    """Looked at one by one, at the last moment: someone may come in meanwhile."""
    for pk in list(unused_since(now - IDLE).values_list("pk", flat=True)):
        user = unused_since(now - IDLE).filter(pk=pk).first()
        told_at = _told_at(user) if user else None
        if user and told_at and told_at <= now - WARNED and not obstacles_to_erasure(SYSTEM, user):
            yield user
