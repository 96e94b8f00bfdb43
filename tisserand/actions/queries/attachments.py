"""Pictures and documents, for who may see them."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from tisserand.actions.models import Action, Attachment
from tisserand.actions.queries.catalogue import published, written_by
from tisserand.network.rules import Actor

# A picture shows once someone noted that those who can be recognised agree.
SHOWN = ~Q(extension="jpg") | Q(consent_at__isnull=False)


def attachments_seen_by(viewer: Actor) -> QuerySet[Attachment]:
    """What public sheets show, and all that hangs on the sheets that *viewer* writes."""
    seen = Q(SHOWN, action__in=published())
    if viewer.is_authenticated:
        seen |= Q(action__in=Action.objects.filter(written_by(viewer)))
    return Attachment.objects.filter(seen).select_related("action")


def attachments_of(action: Action) -> list[Attachment]:
    """All that hangs on a sheet, in order, with who noted an agreement (one query)."""
    return list(action.attachments.select_related("consent_by").order_by("position", "pk"))


def shown(action: Action) -> list[Attachment]:
    """What the page of a sheet shows, in order (one query)."""
    return list(action.attachments.filter(SHOWN))


@dataclass(frozen=True, slots=True)
class Brought:
    """What publishing a sheet shows: each file and whether it is new there, and those that go from the public one."""

    files: list[tuple[Attachment, bool]]
    gone: list[Attachment]

    def __bool__(self) -> bool:
        return bool(self.files or self.gone)


def brought(sheet: Action) -> Brought:
    """The files that come with a sheet under way, beside those of its public one (one query)."""
    rows = list(Attachment.objects.filter(action__in=[pk for pk in (sheet.pk, sheet.revises_id) if pk]))
    public = {row.digest: row for row in rows if row.action_id == sheet.revises_id}
    mine = {row.digest: row for row in rows if row.action_id == sheet.pk}
    new = [(row, sheet.revises_id is not None and row.digest not in public) for row in mine.values()]
    return Brought(new, [row for digest, row in public.items() if digest not in mine])
