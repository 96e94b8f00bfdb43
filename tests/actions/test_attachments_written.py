"""Pictures and documents of a sheet: what is said of them, what becomes of them when the sheet is rewritten."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.actions.attachments import add, stored, tell
from tests.deposits import picture
from tests.factories import StructureFactory
from tests.sheets import write
from tisserand.actions.models import Action, Attachment
from tisserand.actions.operations.attachments import describe, detach, mark_of, put_at
from tisserand.actions.operations.life import discard, publish, rewrite, submit
from tisserand.actions.operations.sheets import EditedMeanwhile
from tisserand.actions.privacy import purge_attachments
from tisserand.privacy.journal import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


def test_a_picture_shows_once_it_has_words_and_consent(client, public, writer):
    sheet = rewrite(actor=SYSTEM, action=public)
    made = add(sheet)
    with pytest.raises(ValidationError) as error:
        tell(made, alt=" ", actor=writer)
    assert set(error.value.message_dict) == {"alt"}
    tell(made, agreed=False, actor=writer)
    publish(actor=SYSTEM, action=sheet)
    shown = public.attachments.get()
    assert not shown.is_shown
    page = client.get(public.get_absolute_url()).content.decode()
    assert shown.key not in page
    assert client.get(f"/pieces/{shown.key}/").status_code == 404
    sheet = rewrite(actor=SYSTEM, action=public)
    told = tell(sheet.attachments.get(), actor=writer)
    assert (told.consent_by, told.consent_at.date()) == (writer, timezone.now().date())
    publish(actor=SYSTEM, action=sheet)
    page = client.get(public.get_absolute_url()).content.decode()
    assert f"/pieces/{shown.key}/petite/" in page
    assert 'alt="Une toile tissée"' in page
    assert "Photo\xa0: Jeanne T." in page


def test_the_database_wants_words_with_a_consent(draft):
    made = add(draft)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=made.pk).update(consent_at=timezone.now())


def test_who_noted_the_consent_stays_when_someone_else_corrects_the_words(draft, writer, staff):
    made = tell(add(draft), actor=writer)
    assert tell(made, actor=staff, credit="Paul").consent_by == writer
    assert tell(Attachment.objects.get(), actor=staff, agreed=False).consent_by is None


def test_nobody_s_words_are_overwritten(client, draft, writer):
    made = add(draft)
    tell(made, alt="Ce que dit une collègue")
    with pytest.raises(EditedMeanwhile):
        describe(actor=writer, attachment=made, title="", alt="Autre", credit="", agreed=True, base=mark_of(made))
    client.force_login(writer)
    address, words = f"/actions/{draft.pk}/pieces/{made.pk}/", {"alt": "Autre", "agreed": "on", "base": mark_of(made)}
    page = client.post(address, words)
    assert page.status_code == 422
    assert "Ce que dit une collègue" in page.content.decode()
    assert 'value="Autre"' in page.content.decode()
    form = page.context["wrong"]
    assert client.post(address, words | {"base": form["base"].value()}).status_code == 302
    assert Attachment.objects.get().alt == "Autre"


def test_an_agreement_taken_back_is_not_given_by_a_page_read_before(client, draft, writer):
    made = tell(add(draft))
    read = {"alt": made.alt, "credit": "Jeanne Thiéry", "agreed": "on", "base": mark_of(made)}
    tell(made, agreed=False)
    client.force_login(writer)
    address = f"/actions/{draft.pk}/pieces/{made.pk}/"
    page = client.post(address, read)
    assert page.status_code == 422
    assert Attachment.objects.get().consent_at is None
    form = page.context["wrong"]
    assert "a retiré l" in str(form.errors["agreed"])
    assert not form["agreed"].value()
    again = read | {"base": form["base"].value()}
    del again["agreed"]
    assert client.post(address, again).status_code == 302
    held = Attachment.objects.get()
    assert (held.credit, held.consent_at) == ("Jeanne Thiéry", None)


def test_the_order_is_theirs_and_a_second_click_changes_nothing(draft):
    rows = [add(draft, picture(width=30 + n, height=20)) for n in range(4)]

    def order():
        return [rows.index(one) for one in draft.attachments.all()]

    for _time in range(2):
        put_at(actor=SYSTEM, attachment=rows[2], position=0)
        assert order() == [2, 0, 1, 3]
    put_at(actor=SYSTEM, attachment=rows[2], position=99)
    assert order() == [0, 1, 3, 2]


def test_removing_deletes_the_files_and_twice_is_once(draft, django_capture_on_commit_callbacks):
    made = add(draft)
    with django_capture_on_commit_callbacks(execute=True):
        detach(actor=SYSTEM, attachment=made)
        detach(actor=SYSTEM, attachment=made)
    assert not stored()


# Beside the public sheet


def test_a_public_sheet_keeps_its_files_until_its_rewriting_is_published(
    client, hung, writer, django_capture_on_commit_callbacks
):
    before = {one.key for one in hung.attachments.all()}
    sheet = rewrite(actor=writer, action=hung)
    assert {one.key for one in sheet.attachments.all()} == before
    with django_capture_on_commit_callbacks(execute=True):
        detach(actor=writer, attachment=sheet.attachments.get(extension="jpg"))
    new = tell(add(sheet, picture(width=99, height=99)), actor=writer)
    assert {one.key for one in hung.attachments.all()} == before
    assert new.key not in client.get(hung.get_absolute_url()).content.decode()
    assert client.get(f"/pieces/{new.key}/").status_code == 404
    assert len(stored()) == 5
    with django_capture_on_commit_callbacks(execute=True):
        publish(actor=SYSTEM, action=sheet)
    assert {one.extension for one in hung.attachments.all()} == {"jpg", "pdf"}
    assert new.key in client.get(hung.get_absolute_url()).content.decode()
    assert len(stored()) == 3  # the picture that went is gone


def test_a_rewriting_that_only_changes_photos_is_a_new_revision_and_is_told(public, writer, structure, network):
    """What its readers see is new: `dateModified`, the year after which it is asked about, the letter."""
    old = timezone.now() - timedelta(days=400)
    Action.objects.filter(pk=public.pk).update(updated_at=old)
    for alt, revision in (("Une toile", 2), ("Une toile", 2), ("Une toile tissée", 3)):
        mail.outbox.clear()
        sheet = rewrite(actor=writer, action=public)
        tell(sheet.attachments.first() or add(sheet), alt=alt)
        publish(actor=SYSTEM, action=submit(actor=writer, action=sheet))
        public.refresh_from_db()
        assert public.revision == revision
        assert public.updated_at > old
        assert [letter.to for letter in mail.outbox] == [[writer.email]]


def test_a_rewriting_thrown_away_leaves_the_public_files(hung, django_capture_on_commit_callbacks):
    sheet = rewrite(actor=SYSTEM, action=hung)
    add(sheet, picture(width=99, height=99))
    with django_capture_on_commit_callbacks(execute=True):
        discard(actor=SYSTEM, action=sheet)
    assert hung.attachments.count() == 2
    assert purge_attachments(timezone.now() + timedelta(days=2), dry_run=False) == 2
    assert len(stored()) == 3
    for one in hung.attachments.all():
        assert default_storage.exists(one.file.name)


def test_who_does_not_agree_any_more_does_not_wait(client, hung, writer, django_capture_on_commit_callbacks):
    sheet = rewrite(actor=SYSTEM, action=hung)
    photo = hung.attachments.get(extension="jpg")
    client.force_login(writer)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/actions/{hung.pk}/pieces/{photo.pk}/", {"do": "remove"})
    assert [one.extension for one in (*hung.attachments.all(), *sheet.attachments.all())] == ["pdf", "pdf"]
    assert len(stored()) == 1
    publish(actor=SYSTEM, action=sheet)
    assert photo.key not in client.get(hung.get_absolute_url()).content.decode()


def test_removed_from_the_page_of_a_sheet_published_meanwhile_it_goes_all_the_same(hung):
    sheet = rewrite(actor=SYSTEM, action=hung)
    photo = hung.attachments.get(extension="jpg")
    publish(actor=SYSTEM, action=sheet)  # its rows took the place of those that were shown
    detach(actor=SYSTEM, attachment=photo)
    assert [one.extension for one in hung.attachments.all()] == ["pdf"]


def test_words_written_beside_a_removal_bring_nothing_back(hung):
    sheet = rewrite(actor=SYSTEM, action=hung)
    mine = sheet.attachments.get(extension="jpg")
    detach(actor=SYSTEM, attachment=hung.attachments.get(extension="jpg"))
    with pytest.raises(Exception, match="No Attachment"):
        tell(mine, credit="Autre")
    assert Attachment.objects.filter(extension="jpg").count() == 0


def test_who_takes_a_sheet_up_does_not_take_its_pictures(hung, network):
    from tisserand.actions.operations.lineage import take_up

    copy = take_up(
        actor=SYSTEM,
        action=hung,
        network=network,
        structure=StructureFactory(network=network),
        title="X",
        token="z" * 32,
    )
    assert not copy.attachments.exists()


def test_with_its_sheet_everything_goes(hung):
    names = stored()
    Action.objects.filter(pk=hung.pk).delete()
    assert stored() == names
    call_command("apply_retention")
    assert stored() == names  # young still
    assert purge_attachments(timezone.now() + timedelta(days=2), dry_run=False) == 3
    assert not stored()


def test_a_public_sheet_that_loses_a_picture_has_changed(client, hung, staff, writer):
    """Feeds and `dateModified` tell it, whoever reads its rewriting reads it again, and nothing there clashes."""
    old = timezone.now() - timedelta(days=400)
    Action.objects.filter(pk=hung.pk).update(updated_at=old)
    hung.refresh_from_db()
    sheet = rewrite(actor=writer, action=hung)
    write(writer, sheet, summary="Des voisins jardinent.")
    read = (submit(actor=writer, action=sheet).state, Action.objects.get(pk=sheet.pk).revision)
    detach(actor=writer, attachment=hung.attachments.get(extension="jpg"))
    changed = Action.objects.get(pk=hung.pk)
    assert changed.revision == hung.revision + 1
    assert changed.updated_at > old
    with pytest.raises(EditedMeanwhile):
        publish(actor=staff, action=sheet, read=read)
    publish(actor=staff, action=sheet)
    assert Action.objects.get(pk=hung.pk).summary == "Des voisins jardinent."


def test_a_picture_that_nobody_saw_goes_unseen(hung):
    """Only its writers saw it: for the readers of the sheet nothing changed."""
    hung.attachments.update(consent_at=None)
    before = Action.objects.values_list("revision", "updated_at").get(pk=hung.pk)
    detach(actor=SYSTEM, attachment=hung.attachments.get(extension="jpg"))
    assert Action.objects.values_list("revision", "updated_at").get(pk=hung.pk) == before
