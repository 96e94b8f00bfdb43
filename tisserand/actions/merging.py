"""What becomes of sheets and of their imports when two structures or two accounts become one."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.utils.translation import ngettext_lazy

from tisserand.actions.imports.progress import GROUP
from tisserand.actions.imports.traces import digest
from tisserand.actions.models import (
    Action,
    Attachment,
    CallAnswer,
    Fact,
    ImportBatch,
    ImportRow,
    Presence,
    Remark,
    SheetCall,
    Version,
)
from tisserand.actions.search import index_actions
from tisserand.common.batches import groups
from tisserand.common.following import Joined, around, follows
from tisserand.network.models import Structure


def _one_of_the_two(moved: Presence, held: Presence) -> Joined:
    """The same person has the form of a sheet open twice."""
    return Joined(held={"seen_at": max(moved.seen_at, held.seen_at)})


follows(Action, "structure", told=ngettext_lazy("%(n)d fiche", "%(n)d fiches", "n"))
follows(SheetCall, "structure", told=ngettext_lazy("%(n)d question au réseau", "%(n)d questions au réseau", "n"))
follows(ImportRow, "near", told=ngettext_lazy("%(n)d ligne d'import", "%(n)d lignes d'imports", "n"))

follows(Action, "created_by", told=ngettext_lazy("%(n)d fiche commencée", "%(n)d fiches commencées", "n"))
follows(Action, "submitted_by", told=ngettext_lazy("%(n)d fiche proposée", "%(n)d fiches proposées", "n"))
follows(Attachment, "created_by", told=ngettext_lazy("%(n)d photo ou document", "%(n)d photos ou documents", "n"))
follows(Attachment, "consent_by")
follows(Version, "changed_by", told=ngettext_lazy("%(n)d version de fiche", "%(n)d versions de fiches", "n"))
follows(Remark, "created_by", told=ngettext_lazy("%(n)d remarque", "%(n)d remarques", "n"))
follows(Remark, "settled_by")
follows(SheetCall, "created_by", told=ngettext_lazy("%(n)d question au réseau", "%(n)d questions au réseau", "n"))
follows(
    CallAnswer, "created_by", told=ngettext_lazy("%(n)d réponse à une question", "%(n)d réponses à une question", "n")
)
follows(Presence, "user", join=_one_of_the_two)
follows(Fact, "decided_by", told=ngettext_lazy("%(n)d nombre relu", "%(n)d nombres relus", "n"))
follows(ImportBatch, "created_by", told=ngettext_lazy("%(n)d import", "%(n)d imports", "n"))


@around(Structure)
@contextmanager
def sheets_carried(kept: int, gone: int) -> Iterator[None]:
    """Bring the index up to date; a sheet that nobody edited since its import is still one afterwards."""
    sheets = Action.objects.filter(structure__in=(kept, gone)).order_by("pk")
    places = dict(sheets.values_list("pk", "structure"))
    fitting = list(_as_left(places))
    words = _words(kept)
    yield
    now = dict(Action.objects.filter(pk__in=places).values_list("pk", "structure"))
    for part in groups((pair for pair in fitting if now[pair[1].pk] != places[pair[1].pk]), GROUP):
        for row, sheet in part:
            sheet.structure_id = now[sheet.pk]
            row.left_as = _digest(sheet)
        ImportRow.objects.bulk_update([row for row, _sheet in part], ["left_as"])
    renamed = _words(kept) != words
    index_actions(pk for pk in places if renamed or now[pk] != places[pk])


def _words(structure: int) -> tuple[str, ...] | None:
    """What the index knows of a structure."""
    return Structure.objects.filter(pk=structure).values_list("name", "department", "commune", "slug").first()


def _as_left(sheets: Iterable[int]) -> Iterator[tuple[ImportRow, Action]]:
    """The rows of imports whose sheet, among these, is as they left it."""
    for part in groups(list(sheets), GROUP):
        rows = ImportRow.objects.filter(action__in=part).exclude(left_as="").only("left_as", "action")
        for row in rows.prefetch_related("action__term_links__term"):
            if row.action and row.left_as == _digest(row.action):
                yield row, row.action


def _digest(sheet: Action) -> str:
    return digest(sheet, [link.original or link.term.label for link in sheet.term_links.all()])
