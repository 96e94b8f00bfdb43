"""Writing one sheet."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone

from tisserand.actions.enums import State
from tisserand.actions.fields import BY_KEY, TEXT_KEYS
from tisserand.actions.models import Action, Fact, ImportBatch
from tisserand.actions.operations.content import facts_of, links, refresh_facts, replace_links
from tisserand.actions.operations.versions import keep_version
from tisserand.actions.queries import drafts_of
from tisserand.actions.search import index_actions
from tisserand.actions.vocabulary import Vocabulary, ensure_vocabulary, title_key
from tisserand.common.batches import groups
from tisserand.common.operations import operation
from tisserand.common.text import one_line
from tisserand.network.models import Network, Structure
from tisserand.network.operations import standing
from tisserand.network.rules import Actor, require_staff
from tisserand.privacy.journal import record


class EditedMeanwhile(Exception):
    """Someone else saved the sheet since it was opened; nothing was written. `theirs` is what they wrote, if asked."""

    def __init__(self, theirs: Any = None) -> None:
        super().__init__(theirs)
        self.theirs = theirs


def locked(action: Action) -> Action:
    """The sheet as it is now, held until the transaction ends.

    Raises:
        Http404: it is a page that is no more: its import was undone, or it was thrown away, since it was opened.
    """
    held = Action.objects.select_for_update(of=("self",)).select_related("structure", "network", "revises")
    return get_object_or_404(held, pk=action.pk)


@operation
def create_action(
    *,
    actor: Actor,
    network: Network,
    structure: Structure,
    values: Mapping[str, Any],
    published_at: datetime | None = None,
) -> Action:
    """Create a sheet that is public elsewhere, or a draft of the network's team.

    Args:
        values: by key: text as `str`, closed values as lists of labels.
        published_at: since when it is public; None makes a draft.
    """
    require_staff(actor, network)
    action = Action(network=network, structure=standing(structure.pk), published_at=published_at)
    action.state = State.PUBLISHED if published_at else State.DRAFT
    fill(action, values, ensure_vocabulary(network))
    Fact.objects.bulk_create(facts_of(action))
    if action.is_public:
        index_actions([action.pk])
    record(actor=actor, verb="actions.created", subject=action, network=network.pk)
    return action


def fill(sheet: Action, values: Mapping[str, Any], vocabulary: Vocabulary) -> None:
    """Write a new sheet whole; the numbers in its texts are read apart."""
    assert sheet._state.adding  # words that someone reads are never written over here
    sheet.title = one_line(values["title"])
    sheet.title_key = title_key(sheet.title)
    for key in TEXT_KEYS:
        setattr(sheet, key, values.get(key, ""))
    sheet.updated_at = sheet.published_at or timezone.now()
    sheet.save()
    sheet.term_links.bulk_create(links(sheet, values, vocabulary))


def apply_values(
    sheet: Action, changed: Mapping[str, Any], vocabulary: Vocabulary, *, by: Actor, at: datetime | None = None
) -> int:
    """Write the fields of *changed* and read their texts again; returns how many suggestions are new.

    What was public is kept as a version first. An import gives its own moment, by which its history knows it.
    """
    if not sheet.is_under_way:
        keep_version(actor=by, sheet=sheet, at=at)
    for key, value in changed.items():
        if not BY_KEY[key].facet:
            setattr(sheet, key, value)
    sheet.title_key = title_key(sheet.title)
    sheet.revision += 1
    sheet.updated_at = at or timezone.now()
    sheet.save()
    replace_links(sheet, changed, vocabulary)
    return refresh_facts(sheet, changed)


@operation
def publish_drafts(*, actor: Actor, batch: ImportBatch) -> int:
    """Publish every draft that an import brought; returns how many there were. A second call finds none."""
    require_staff(actor, batch.network)
    ids = list(drafts_of(batch).select_related(None).select_for_update().values_list("pk", flat=True))
    if ids:
        now = timezone.now()
        for part in groups(ids, 500):
            sheets = Action.objects.filter(pk__in=part)
            sheets.update(state=State.PUBLISHED, published_at=now, updated_at=now)
        index_actions(ids)
        record(actor=actor, verb="actions.drafts_published", subject=batch, network=batch.network_id, sheets=len(ids))
    return len(ids)
