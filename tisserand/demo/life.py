"""Sheets at every step of their life: proposed, sent back, rewritten, changed twice since they were published."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tisserand.actions.fields import WRITTEN, mark
from tisserand.actions.models import Action, Version
from tisserand.actions.operations.life import begin_sheet, publish, rewrite, send_back, submit
from tisserand.actions.operations.remarks import add_remark, settle_remark
from tisserand.actions.operations.sheets import apply_values, locked
from tisserand.actions.operations.writing import write_fields
from tisserand.actions.search import index_actions
from tisserand.actions.vocabulary import Vocabulary
from tisserand.network.models import Network, Structure, User
from tisserand.network.rules import Actor


def load_life(network: Network, structures: dict[str, Structure], data: dict[str, Any], mission: User) -> None:
    """Let the people of the demo write, and the network read."""
    for one in data["history"]:
        _change(network, one, mission)
    for one in data["drafts"]:
        _begin(network, structures[one["structure"]], one)
    for one in data["sheets"]:
        _propose(network, structures[one["structure"]], one, mission)
    for one in data["rewritings"]:
        _rewrite(network, one, mission)


def _begin(network: Network, structure: Structure, one: dict[str, Any]) -> Action:
    """A sheet as far as its writer has gone."""
    writer, token = _person(one["writer"]), f"demo-{one['title']}"[:40]
    sheet = begin_sheet(actor=writer, network=network, structure=structure, title=one["title"], token=token)
    write(writer, sheet, {key: one[key] for key in WRITTEN if key in one})
    if "written_days_ago" in one:
        at = timezone.now() - timedelta(days=one["written_days_ago"])
        Action.objects.filter(pk=sheet.pk).update(created_at=at, updated_at=at)
        sheet.presences.all().delete()
    return sheet


def _propose(network: Network, structure: Structure, one: dict[str, Any], mission: User) -> None:
    sheet = submit(actor=_person(one["writer"]), action=_begin(network, structure, one))
    _proposed(sheet, one["proposed_days_ago"])
    if "remarks" not in one:
        return
    asked = [
        add_remark(actor=mission, action=sheet, field=remark["field"], text=remark["text"], token="demo")  # noqa: S106
        for remark in one["remarks"]
    ]
    send_back(actor=mission, action=sheet)
    at = timezone.now() - timedelta(days=one["returned_days_ago"])
    sheet.versions.update(until=at)
    sheet.remarks.update(created_at=at)
    for remark, told in zip(asked, one["remarks"], strict=True):
        if "then" in told:
            write(_person(told["settled_by"]), sheet, {told["field"]: told["then"]})
            settle_remark(actor=_person(told["settled_by"]), remark=remark)


def _rewrite(network: Network, one: dict[str, Any], mission: User) -> None:
    """A rewriting that waits for the network; its public sheet may have changed `meanwhile`, as by an import."""
    writer, public = _person(one["writer"]), Action.objects.get(network=network, title=one["title"])
    rewriting = rewrite(actor=writer, action=public)
    write(writer, rewriting, one["changes"])
    if "meanwhile" in one:
        apply_values(locked(public), one["meanwhile"], Vocabulary(network), by=mission)
        index_actions([public.pk])
    _proposed(submit(actor=writer, action=rewriting), one["proposed_days_ago"])


def _change(network: Network, one: dict[str, Any], mission: User) -> None:
    """A public sheet that was rewritten and published again, more than once."""
    sheet = Action.objects.get(network=network, title=one["title"])
    since = sheet.published_at
    for change in one["changes"]:
        writer, at = _person(change["by"]), timezone.now() - timedelta(days=change["days_ago"])
        rewriting = rewrite(actor=writer, action=sheet)
        write(writer, rewriting, change["values"])
        sheet = publish(actor=mission, action=rewriting)
        Version.objects.filter(action=sheet, number=sheet.revision - 1).update(since=since, until=at)
        Action.objects.filter(pk=sheet.pk).update(updated_at=at)
        since = at


def write(writer: Actor, sheet: Action, values: dict[str, Any]) -> None:
    """Write in a sheet under way, as the form does."""
    bases = {key: mark(value) for key, value in Action.objects.get(pk=sheet.pk).content().items()}
    refused = write_fields(actor=writer, action=sheet, values=values, bases=bases)
    assert not refused, refused


def _proposed(sheet: Action, days: int) -> None:
    Action.objects.filter(pk=sheet.pk).update(submitted_at=timezone.now() - timedelta(days=days))
    sheet.refresh_from_db()


def _person(email: str) -> User:
    return User.objects.get(email=email)
