"""The life of a sheet: who may do what, when; nobody's words are overwritten; what was public is kept."""

import contextlib
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections

from tests.factories import StructureFactory, UserFactory
from tests.sheets import WHOLE, ask, changed_elsewhere, person, write
from tests.texts import GARDEN_VALUES
from tisserand.actions.enums import State
from tisserand.actions.fields import mark
from tisserand.actions.models import Action, Fact
from tisserand.actions.operations import writing
from tisserand.actions.operations.facts import accept_fact
from tisserand.actions.operations.life import (
    ClashingChanges,
    archive,
    begin_sheet,
    discard,
    publish,
    rebase,
    rewrite,
    send_back,
    submit,
    take_back,
)
from tisserand.actions.operations.sheets import EditedMeanwhile
from tisserand.actions.operations.writing import may_write, note_presence, write_field
from tisserand.actions.queries import pending_facts, visible_to
from tisserand.network.operations import ensure_structure
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db


def test_a_form_sent_twice_begins_one_sheet(draft, network, structure, writer):
    again = begin_sheet(actor=writer, network=network, structure=structure, title="Jardin", token="a" * 32)
    assert again == draft
    assert draft.state == State.DRAFT


def test_another_person_s_token_gives_nothing_away(draft, network, structure):
    other = person(network, structure)
    theirs = begin_sheet(actor=other, network=network, structure=structure, title="X", token="a" * 32)
    assert (theirs.title, theirs.created_by) == ("X", other)
    assert theirs != draft


def test_a_sheet_without_a_title_is_not_begun(network, structure, writer):
    with pytest.raises(ValidationError, match="titre"):
        begin_sheet(actor=writer, network=network, structure=structure, title=" ", token="b" * 32)


@pytest.mark.parametrize("kind", ["referent", "professional", "funder_agent"])
def test_only_the_team_of_a_structure_writes(network, structure, kind):
    with pytest.raises(PermissionDenied):
        begin_sheet(actor=person(network, structure, kind), network=network, structure=structure, title="X", token="c")


def test_another_structure_sees_and_does_nothing(network, draft, stranger):
    elsewhere = person(network, StructureFactory(network=network), "director")
    for actor in (elsewhere, stranger):
        assert draft not in visible_to(actor)
        for step in (submit, take_back, discard, rewrite, publish, send_back, archive):
            with pytest.raises(PermissionDenied):
                step(actor=actor, action=draft)
        with pytest.raises(PermissionDenied):
            write_field(actor=actor, action=draft, key="summary", value="X", base=mark(""))
    assert Action.objects.get().summary == ""


def test_colleagues_and_the_network_see_a_draft_and_nobody_else(draft, network, structure, writer, staff):
    for reader in (writer, staff, person(network, structure, "director")):
        assert draft in visible_to(reader)
    assert draft not in visible_to(person(network, structure, "referent"))


def test_a_role_of_another_network_in_the_same_structure_opens_nothing(draft, structure, stranger):
    other = stranger.roles.get().network
    ensure_structure(actor=SYSTEM, network=other, name=structure.name, department=structure.department)
    assert draft not in visible_to(person(other, structure, "director"))


def test_what_is_written_is_kept_and_sent_twice_is_once(draft, writer):
    first = write_field(actor=writer, action=draft, key="summary", value="Un jardin.", base=mark(""))
    again = write_field(actor=writer, action=draft, key="summary", value="Un jardin.", base=mark(""))
    assert first == again
    kept = Action.objects.get()
    assert (kept.summary, kept.revision) == ("Un jardin.", draft.revision + 1)


def test_nobody_s_words_are_overwritten(draft, writer, staff):
    write_field(actor=staff, action=draft, key="summary", value="Le sien.", base=mark(""))
    with pytest.raises(EditedMeanwhile) as met:
        write_field(actor=writer, action=draft, key="summary", value="Le mien.", base=mark(""))
    assert met.value.theirs == "Le sien."
    write_field(actor=writer, action=draft, key="limits", value="Le froid.", base=mark(""))
    sheet = Action.objects.get()
    assert (sheet.summary, sheet.limits) == ("Le sien.", "Le froid.")


@pytest.mark.parametrize(
    ("key", "value"),
    [("title", "  "), ("structure", "X"), ("state", "published"), ("summary", "x\0"), ("keywords", ["Inventé"]),
     ("summary", "x" * 200_001), ("public", ["Adultes", "Tout public"])],
)  # fmt: skip
def test_what_cannot_be_kept_is_told_and_changes_nothing(draft, writer, key, value):
    before = draft.content()
    with pytest.raises(ValidationError):
        write_field(actor=writer, action=draft, key=key, value=value, base=mark(before.get(key, "")))
    assert Action.objects.get().content() == before


def test_numbers_of_a_text_are_found_as_it_is_written(draft, writer):
    write(writer, draft, people="12 habitants")
    assert [fact.text for fact in Fact.objects.all()] == ["12 habitants"]


def test_writing_is_journalled_once_a_sitting_though_the_form_was_open_before(draft, writer):
    note_presence(actor=writer, action=draft)
    write(writer, draft, **WHOLE)
    assert JournalEntry.objects.filter(verb="actions.written").count() == 1


def test_what_is_missing_is_said_by_field(draft, writer):
    with pytest.raises(ValidationError) as met:
        submit(actor=writer, action=draft)
    assert set(met.value.message_dict) == {"summary", "description"}
    assert Action.objects.get().state == State.DRAFT


def test_from_draft_to_public_with_one_remark(proposed, writer, staff):
    assert not may_write(writer, proposed)
    assert may_write(staff, proposed)
    with pytest.raises(ValidationError, match="remarque"):
        send_back(actor=staff, action=proposed)
    ask(staff, proposed)
    returned = send_back(actor=staff, action=proposed)
    assert returned.state == State.RETURNED
    assert returned.versions.get().values["summary"] == WHOLE["summary"]
    write(writer, returned, summary="Un jardin partagé, pour tous.")
    submit(actor=writer, action=returned)
    sheet = publish(actor=staff, action=returned)
    assert sheet.is_public
    assert sheet.published_at
    assert not sheet.remarks.filter(settled_at=None).exists()
    assert sheet in visible_to(UserFactory())


def test_a_writer_does_not_publish(proposed, writer):
    for step in (publish, send_back):
        with pytest.raises(PermissionDenied):
            step(actor=writer, action=proposed)


def test_a_sheet_is_taken_back_until_it_is_answered(proposed, writer):
    assert take_back(actor=writer, action=proposed).state == State.DRAFT
    assert take_back(actor=writer, action=proposed).state == State.DRAFT


def test_what_changed_since_it_was_read_is_not_published(proposed, staff):
    read = (proposed.state, proposed.revision)
    write(staff, proposed, limits="Écrit pendant la lecture.")
    with pytest.raises(EditedMeanwhile):
        publish(actor=staff, action=proposed, read=read)
    assert Action.objects.get().state == State.SUBMITTED


def test_a_public_sheet_does_not_change_while_it_is_rewritten(public, writer, staff, client):
    copy = rewrite(actor=writer, action=public)
    assert rewrite(actor=writer, action=public) == copy
    write(writer, copy, summary="Tout autre.")
    public.refresh_from_db()
    assert public.summary == GARDEN_VALUES["summary"]
    assert client.get(copy.get_absolute_url()).status_code == 404
    submit(actor=writer, action=copy)
    sheet = publish(actor=staff, action=copy)
    assert sheet == public
    assert sheet.summary == "Tout autre."
    assert Action.objects.count() == 1
    assert [version.values["summary"] for version in sheet.versions.all()] == [GARDEN_VALUES["summary"]]


def test_a_rewriting_does_not_count_its_numbers_twice(public, writer, network):
    before = pending_facts(network).count()
    assert before
    rewrite(actor=writer, action=public)
    assert pending_facts(network).count() == before


def test_decisions_on_numbers_come_with_the_rewriting(public, writer, staff):
    kept = public.facts.first()
    copy = rewrite(actor=writer, action=public)
    accept_fact(actor=staff, fact=copy.facts.get(field=kept.field, start=kept.start))
    publish(actor=staff, action=copy)
    kept.refresh_from_db()
    assert (kept.action, kept.state) == (public, "accepted")


def test_a_change_elsewhere_is_kept_and_a_clash_is_told(public, writer, staff):
    copy = rewrite(actor=writer, action=public)
    write(writer, copy, summary="Le leur.")
    changed_elsewhere(public, limits="Venu entre-temps.")
    publish(actor=staff, action=copy)
    public.refresh_from_db()
    assert (public.summary, public.limits) == ("Le leur.", "Venu entre-temps.")
    copy = rewrite(actor=writer, action=public)
    write(writer, copy, summary="Encore le leur.")
    changed_elsewhere(public, summary="Le nôtre.")
    with pytest.raises(ClashingChanges) as met:
        publish(actor=staff, action=copy)
    assert met.value.fields == ["summary"]
    rebase(actor=writer, action=copy)
    assert publish(actor=staff, action=copy).summary == "Encore le leur."


def test_an_archived_sheet_leaves_the_catalogue_and_comes_back(public, staff, client):
    archive(actor=staff, action=public)
    assert archive(actor=staff, action=public).state == State.ARCHIVED
    assert client.get(public.get_absolute_url()).status_code == 404
    assert client.get("/api/actions").json()["count"] == 0
    published_at = public.published_at
    assert publish(actor=staff, action=public).published_at == published_at
    assert client.get("/api/actions").json()["count"] == 1


def test_only_what_was_never_public_is_thrown_away(public, draft, writer, staff):
    with pytest.raises(PermissionDenied):
        discard(actor=staff, action=public)
    copy = rewrite(actor=writer, action=public)
    for sheet in (draft, copy):
        discard(actor=writer, action=sheet)
    discard(actor=writer, action=draft)
    assert list(Action.objects.all()) == [public]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("held", [True, False])
def test_two_people_in_one_field_never_both_win(network, structure, monkeypatch, held):
    """Negative control: without the lock of the row, the second erases the first.

    On SQLite the transaction itself is the lock: it begins by asking to write.
    """
    people = [person(network, structure), person(network, structure)]
    sheet = begin_sheet(actor=people[0], network=network, structure=structure, title="Jardin", token="d" * 32)
    both = threading.Barrier(2)
    check = writing._check

    def wait(*args):
        check(*args)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)

    monkeypatch.setattr(writing, "_check", wait)
    if not held:
        monkeypatch.setattr(writing, "locked", lambda action: Action.objects.get(pk=action.pk))
    refused = []

    def type_in(user):
        try:
            write_field(actor=user, action=sheet, key="summary", value=f"De {user.pk}", base=mark(""))
        except EditedMeanwhile:
            refused.append(user)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=type_in, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == (1 if held or connection.vendor == "sqlite" else 0)
