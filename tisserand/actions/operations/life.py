"""The life of a sheet: begun, proposed to the network, sent back or published, rewritten, archived."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from tisserand.actions.comparing import same
from tisserand.actions.enums import UNDER_WAY, FactState, State
from tisserand.actions.fields import BY_KEY, Field
from tisserand.actions.models import Action, Fact
from tisserand.actions.operations.attachments import carry_attachments, copy_attachments
from tisserand.actions.operations.letters import (
    tell_answered,
    tell_proposed,
    tell_published,
    tell_returned,
    tell_taken_up,
)
from tisserand.actions.operations.sheets import EditedMeanwhile, apply_values, fill, locked
from tisserand.actions.operations.versions import keep_version
from tisserand.actions.queries import authors_of, changes_of, rewriting_of
from tisserand.actions.search import index_actions
from tisserand.actions.vocabulary import Vocabulary, ensure_vocabulary
from tisserand.common.operations import once, operation, require
from tisserand.common.text import one_line
from tisserand.network.models import Network, Structure
from tisserand.network.operations import standing
from tisserand.network.rules import Actor, is_staff_of, require_staff, writes_for
from tisserand.privacy.journal import record

NO_TITLE = _l("Donnez un titre à la fiche : quelques mots suffisent, vous pourrez le changer.")
NEEDED = ("title", "summary", "description")  # what a sheet must say before the network reads it


def missing(action: Action) -> list[Field]:
    """What a sheet must still say before it is proposed."""
    return [BY_KEY[key] for key in NEEDED if not str(getattr(action, key)).strip()]


def _require_writer(actor: Actor, network: Network, structure: Structure) -> None:
    require(writes_for(actor, network, structure), _("Vous n'écrivez pas les fiches de cette structure."))


@operation
def begin_sheet(*, actor: Actor, network: Network, structure: Structure, title: str, token: str) -> Action:
    """Begin a draft.

    Args:
        token: of the form; sent twice, it begins one sheet.

    Raises:
        ValidationError: without a title, nobody finds it again.
    """
    sheet, _new = begun(Action(network=network, structure=structure), {"title": title}, actor=actor, token=token)
    return sheet


def begun(sheet: Action, values: Mapping[str, Any], *, actor: Actor, token: str, to: str = "") -> tuple[Action, bool]:
    """Begin *sheet*, not saved yet, with *values*; or the one that the same form began, which is left as it is.

    Part of the operation that begins it. Returns the sheet, and whether it is new.

    Args:
        token: of the form.
        to: what else the form does: another gesture with the same token begins another sheet.

    Raises:
        ValidationError: without a title, nobody finds it again.
    """
    # The same form sent twice at once waits here for the first one.
    sheet.structure = standing(sheet.structure_id)
    _require_writer(actor, sheet.network, sheet.structure)
    if not one_line(str(values["title"])).strip():
        raise ValidationError(str(NO_TITLE))
    sheet.token = once(token, actor.pk, sheet.network_id, sheet.structure_id, to)
    known = Action.objects.filter(token=sheet.token).first()
    if known:
        return known, False
    sheet.created_by_id = actor.pk
    fill(sheet, values, ensure_vocabulary(sheet.network))
    record(actor=actor, verb="actions.begun", subject=sheet, network=sheet.network_id)
    return sheet, True


@operation
def rewrite(*, actor: Actor, action: Action) -> Action:
    """The sheet under way that will replace a public one: the one begun already, or a copy. The public one stays."""
    sheet = locked(action)
    _require_writer(actor, sheet.network, sheet.structure)
    if sheet.state not in {State.PUBLISHED, State.ARCHIVED}:
        return sheet
    known = rewriting_of(sheet)
    if known:
        return known
    copy = Action(network=sheet.network, structure=sheet.structure, revises=sheet, based_on=sheet.revision)
    copy.created_by_id = actor.pk
    fill(copy, sheet.content(), Vocabulary(sheet.network))
    _copy_facts(sheet, copy)
    copy_attachments(sheet, copy)
    record(actor=actor, verb="actions.rewriting", subject=sheet, copy=copy.pk)
    return copy


def _copy_facts(sheet: Action, copy: Action) -> None:
    facts = list(sheet.facts.all())
    for fact in facts:
        fact.pk = None
        fact.action = copy
    Fact.objects.bulk_create(facts)


@operation
def submit(*, actor: Actor, action: Action) -> Action:
    """Propose a sheet to the network. Twice is once.

    Raises:
        ValidationError: by field, what it must still say.
    """
    sheet = locked(action)
    _require_writer(actor, sheet.network, sheet.structure)
    if sheet.state == State.SUBMITTED:
        return sheet
    require(sheet.is_under_way, _("Cette fiche est déjà publique."))
    lacks = missing(sheet)
    if lacks:
        raise ValidationError({field.key: _("À remplir avant de proposer la fiche.") for field in lacks})
    sheet.state = State.SUBMITTED
    sheet.submitted_at = timezone.now()
    sheet.submitted_by_id = actor.pk
    sheet.save(update_fields=["state", "submitted_at", "submitted_by"])
    record(actor=actor, verb="actions.submitted", subject=sheet, revision=sheet.revision)
    tell_proposed(actor, sheet)
    return sheet


@operation
def take_back(*, actor: Actor, action: Action) -> Action:
    """Take a proposed sheet back to write in it again, before the network has answered. Twice is once."""
    sheet = locked(action)
    _require_writer(actor, sheet.network, sheet.structure)
    if sheet.state == State.SUBMITTED:
        _move(actor, sheet, State.DRAFT, "actions.taken_back")
    return sheet


@operation
def send_back(*, actor: Actor, action: Action) -> Action:
    """Give a proposed sheet back to its writers, with what is asked of it. Twice is once.

    Raises:
        EditedMeanwhile: its writers took it back, or it was published.
        ValidationError: nothing is asked; its writers would not know what to do.
    """
    sheet = locked(action)
    require_staff(actor, sheet.network)
    if sheet.state == State.RETURNED:
        return sheet
    if sheet.state != State.SUBMITTED:
        raise EditedMeanwhile
    if not sheet.remarks.filter(settled_at=None).exists():
        raise ValidationError(_("Écrivez au moins une remarque : sans cela, personne ne saurait quoi reprendre."))
    keep_version(actor=actor, sheet=sheet)
    _move(actor, sheet, State.RETURNED, "actions.sent_back")
    tell_returned(actor, sheet)
    return sheet


def _move(actor: Actor, sheet: Action, state: State, verb: str) -> None:
    sheet.state = state
    sheet.save(update_fields=["state"])
    record(actor=actor, verb=verb, subject=sheet, revision=sheet.revision)


@operation
def publish(*, actor: Actor, action: Action, read: tuple[str, int] | None = None, at: datetime | None = None) -> Action:
    """Make a sheet public, or bring its rewriting into the public one; returns the public sheet. Twice is once.

    Args:
        read: the state and the revision that the person was reading; None publishes whatever is there.
        at: since when, for a catalogue that was public elsewhere; now by default.

    Raises:
        EditedMeanwhile: someone wrote in it since it was read, or its writers took it back.
        ClashingChanges: the public sheet changed in the same fields since its rewriting began.
    """
    sheet = locked(action)
    require_staff(actor, sheet.network)
    if read and sheet.is_under_way and read != (sheet.state, sheet.revision):
        raise EditedMeanwhile
    if sheet.revises:
        return _replace(actor, sheet)
    if sheet.state == State.PUBLISHED:
        return sheet
    new = sheet.is_under_way
    sheet.state = State.PUBLISHED
    sheet.published_at = sheet.published_at or at or timezone.now()
    sheet.updated_at = at or timezone.now()
    sheet.save(update_fields=["state", "published_at", "updated_at"])
    _settle_all(actor, sheet)
    _index(sheet)
    record(actor=actor, verb="actions.published", subject=sheet, revision=sheet.revision)
    if new:
        tell_taken_up(sheet)
        tell_published(actor, sheet, authors_of(sheet), written=sheet.pk)
        for answer in sheet.call_answers.select_related("call__network", "call__structure"):
            tell_answered(actor, answer)
    return sheet


def _index(sheet: Action) -> None:
    """Bring the search up to date, for the sheet that it took up too: how many took it up is counted."""
    index_actions([pk for pk in (sheet.pk, sheet.inspired_by_id) if pk])


class ClashingChanges(Exception):
    """A public sheet changed in the same `fields` as its rewriting; nothing was written."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(fields)
        self.fields = fields


def _replace(actor: Actor, rewriting: Action) -> Action:
    """Bring the changes of a rewriting into its public sheet, decisions on numbers included; the rewriting goes."""
    assert rewriting.revises is not None
    public = locked(rewriting.revises)
    rewriting.revises = public
    changed, clashing = changes_of(rewriting)
    if clashing:
        raise ClashingChanges(clashing)
    if changed:
        writer = rewriting.submitted_by or rewriting.created_by or actor
        apply_values(public, changed, Vocabulary(public.network), by=writer)
        public.facts.filter(field__in=changed).delete()
        rewriting.facts.filter(field__in=changed).update(action=public)
    decided = rewriting.facts.exclude(state=FactState.PENDING).exclude(field__in=changed)
    for fact in decided:
        there = public.facts.filter(field=fact.field, start=fact.start, kind=fact.kind, state=FactState.PENDING)
        there.update(**{name: getattr(fact, name) for name in Fact.DECIDED})
    if carry_attachments(rewriting, public) and not changed:
        public.revision += 1
        public.updated_at = timezone.now()
    _settle_all(actor, rewriting)
    rewriting.remarks.update(action=public)
    public.state = State.PUBLISHED
    public.save(update_fields=["state", "revision", "updated_at"])
    authors, written = authors_of(rewriting), rewriting.pk
    rewriting.delete()
    _index(public)
    record(actor=actor, verb="actions.rewritten", subject=public, fields=sorted(changed), revision=public.revision)
    tell_published(actor, public, authors, written=written)
    return public


@operation
def rebase(*, actor: Actor, action: Action) -> Action:
    """Bring into a rewriting what its public sheet became meanwhile; where both changed, the rewriting stands."""
    sheet = locked(action)
    _require_writer(actor, sheet.network, sheet.structure)
    if sheet.revises is None or sheet.based_on == sheet.revises.revision:
        return sheet
    changed, _clashing = changes_of(sheet)
    there = sheet.content()
    news = {k: v for k, v in sheet.revises.content().items() if k not in changed and not same(v, there[k])}
    apply_values(sheet, news, Vocabulary(sheet.network), by=actor)
    sheet.based_on = sheet.revises.revision
    sheet.save(update_fields=["based_on"])
    record(actor=actor, verb="actions.rebased", subject=sheet, fields=sorted(news))
    return sheet


@operation
def settle_clashes(*, actor: Actor, action: Action, read: tuple[int, int], kept: Mapping[str, str]) -> Action:
    """Choose what a rewriting says where its public sheet changed too, then bring into it the rest. Twice is once.

    Args:
        read: the revisions of the rewriting and of the public sheet that the person was reading.
        kept: by field, `public` or `rewriting`.

    Raises:
        EditedMeanwhile: one of them has moved on.
        ValidationError: by field, where nothing was chosen.
    """
    sheet = locked(action)
    require_staff(actor, sheet.network)
    clashing = changes_of(sheet)[1] if sheet.revises else []
    if sheet.revises is None or not clashing:
        return sheet
    if read != (sheet.revision, sheet.revises.revision):
        raise EditedMeanwhile
    lacks = [key for key in clashing if kept.get(key) not in {"public", "rewriting"}]
    if lacks:
        raise ValidationError({key: _("Choisissez ce qu'il faut garder.") for key in lacks})
    public = sheet.revises.content()
    taken = {key: public[key] for key in clashing if kept[key] == "public"}
    if taken:
        apply_values(sheet, taken, Vocabulary(sheet.network), by=actor)
    record(actor=actor, verb="actions.clashes_settled", subject=sheet, fields=clashing)
    return rebase(actor=actor, action=sheet)


def _settle_all(actor: Actor, sheet: Action) -> None:
    """Publishing answers what was still asked."""
    sheet.remarks.filter(settled_at=None).update(settled_at=timezone.now(), settled_by=actor.pk)


@operation
def archive(*, actor: Actor, action: Action) -> Action:
    """Take a public sheet out of the catalogue; nothing of it is lost. Twice is once."""
    sheet = locked(action)
    require_staff(actor, sheet.network)
    require(sheet.state not in UNDER_WAY, _("Cette fiche n'a pas encore été publiée."))
    if sheet.state == State.PUBLISHED:
        _move(actor, sheet, State.ARCHIVED, "actions.archived")
        _index(sheet)
    return sheet


@operation
def discard(*, actor: Actor, action: Action) -> None:
    """Throw away a draft that was never public, or the rewriting of a public sheet, which stays. Twice is once."""
    sheet = Action.objects.select_for_update(of=("self",)).filter(pk=action.pk).first()
    if sheet is None:
        return
    _require_writer(actor, sheet.network, sheet.structure)
    require(sheet.is_under_way, _("Cette fiche est publique : elle ne se jette pas, le réseau peut l'archiver."))
    unread = sheet.state in {State.DRAFT, State.RETURNED} or is_staff_of(actor, sheet.network)
    require(unread, _("Reprenez d'abord cette fiche : le réseau est en train de la lire."))
    record(actor=actor, verb="actions.discarded", subject=sheet, network=sheet.network_id)
    sheet.delete()
