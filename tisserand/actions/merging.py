"""What becomes of sheets and of their imports when two structures or two accounts become one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import ngettext_lazy

from tisserand.actions.imports.progress import GROUP
from tisserand.actions.imports.traces import digest
from tisserand.actions.models import Action, Attachment, Fact, ImportBatch, ImportRow, Presence, Remark, Version
from tisserand.actions.search import index_actions
from tisserand.common.batches import groups
from tisserand.common.following import Joined, around, follows
from tisserand.network.models import Structure


def _one_of_the_two(moved: Presence, held: Presence) -> Joined:
    """The same person has the form of a sheet open twice."""
    return Joined(held={"seen_at": max(moved.seen_at, held.seen_at)})


follows(Action, "structure", told=ngettext_lazy("%(n)d fiche", "%(n)d fiches", "n"))
follows(ImportRow, "near", told=ngettext_lazy("%(n)d ligne d'import", "%(n)d lignes d'imports", "n"))

follows(Action, "created_by", told=ngettext_lazy("%(n)d fiche commencée", "%(n)d fiches commencées", "n"))
follows(Action, "submitted_by", told=ngettext_lazy("%(n)d fiche proposée", "%(n)d fiches proposées", "n"))
follows(Attachment, "created_by", told=ngettext_lazy("%(n)d photo ou document", "%(n)d photos ou documents", "n"))
follows(Attachment, "consent_by")
follows(Version, "changed_by", told=ngettext_lazy("%(n)d version de fiche", "%(n)d versions de fiches", "n"))
follows(Remark, "created_by", told=ngettext_lazy("%(n)d remarque", "%(n)d remarques", "n"))
follows(Remark, "settled_by")
follows(Presence, "user", join=_one_of_the_two)
follows(Fact, "decided_by", told=ngettext_lazy("%(n)d nombre relu", "%(n)d nombres relus", "n"))
follows(ImportBatch, "created_by", told=ngettext_lazy("%(n)d import", "%(n)d imports", "n"))


@around(Structure)
@contextmanager
def sheets_carried(kept: int, gone: int) -> Iterator[None]:
    """Bring the index up to date; a sheet that nobody edited since its import is still one afterwards."""
    sheets = list(Action.objects.filter(structure__in=(kept, gone)).order_by("pk").values_list("pk", flat=True))
    fitting = [row.pk for row, now in _as_left(sheets) if row.left_as == now]
    yield
    for part in groups(fitting, GROUP):
        changed = [(row, now) for row, now in _rows_now(part) if row.left_as != now]
        for row, now in changed:
            row.left_as = now
        ImportRow.objects.bulk_update([row for row, _now in changed], ["left_as"])
    index_actions(sheets)


def _as_left(sheets: list[int]) -> Iterator[tuple[ImportRow, str]]:
    """The rows of imports that wrote these sheets, each with the digest of its sheet as it is now."""
    for part in groups(sheets, GROUP):
        rows = ImportRow.objects.filter(action__in=part).exclude(left_as="")
        yield from _rows_now(list(rows.values_list("pk", flat=True)))


def _rows_now(ids: list[int]) -> Iterator[tuple[ImportRow, str]]:
    rows = ImportRow.objects.filter(pk__in=ids).prefetch_related("action__term_links__term")
    for row in rows:
        if row.action:
            yield row, digest(row.action, [link.original or link.term.label for link in row.action.term_links.all()])
