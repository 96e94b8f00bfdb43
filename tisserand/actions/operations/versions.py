"""What a sheet was, kept before it changes."""

from datetime import datetime

from django.utils import timezone

from tisserand.actions.models import Action, Version
from tisserand.network.rules import Actor


def keep_version(*, actor: Actor, sheet: Action, at: datetime | None = None) -> None:
    """Keep a sheet as it stands before something else is written; once for each revision.

    Part of the operation that writes, which holds the row.

    Args:
        at: when it is replaced; now by default.
    """
    before = sheet.versions.first()
    Version.objects.get_or_create(
        action=sheet,
        number=sheet.revision,
        defaults={
            "values": sheet.content(),
            "since": before.until if before else sheet.published_at or sheet.created_at,
            "until": at or timezone.now(),
            "changed_by_id": actor.pk,
        },
    )
