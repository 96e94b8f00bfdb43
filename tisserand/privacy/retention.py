"""Delete what has been kept long enough."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tisserand.common.nightly import nightly
from tisserand.privacy.erasures import keep_list
from tisserand.privacy.models import Erasure, JournalEntry, PurgePermit
from tisserand.privacy.privacy import ERASURE_DAYS
from tisserand.privacy.registry import retain, retentions

JOURNAL_DAYS = 365  # CNIL: logs from 6 to 12 months, apart


@retain(key="journal", label=_("Journal des gestes, 12 mois"))
def purge_journal(now: datetime, dry_run: bool) -> int:
    """Delete the entries older than a year, with the permit that the triggers ask for."""
    before = now - timedelta(days=JOURNAL_DAYS)
    old = JournalEntry.objects.filter(at__lt=before)
    if dry_run:
        return old.count()
    with transaction.atomic():
        permit = PurgePermit.objects.create(before=before)
        deleted, _by_model = old.delete()
        permit.delete()
    return deleted


@retain(key="erasures", label=_("Liste des comptes effacés, 3 ans"))
def purge_erasures(now: datetime, dry_run: bool) -> int:
    """Forget the erasures that no backup is old enough to undo, and bring their file up to date."""
    old = Erasure.objects.filter(at__lt=now - timedelta(days=ERASURE_DAYS))
    if dry_run:
        return old.count()
    deleted = old.delete()[0]
    keep_list()
    return deleted


@nightly(key="retention", label=_("Ce qui a été gardé assez longtemps, effacé"))
def _retain(now: datetime) -> int:
    return sum(apply_retention(now=now, dry_run=False).values())


def apply_retention(*, now: datetime, dry_run: bool) -> dict[str, int]:
    """Run every registered job; returns rows deleted (or to delete) by job key. Running it twice is the same."""
    return {job.key: job.purge(now, dry_run) for job in retentions()}
