"""Pictures and documents of a sheet: who sees them, where, and the page that adds them."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.actions.attachments import add, tell
from tests.actions.test_pages import body
from tests.deposits import drawing, kept, picture, refused
from tests.factories import StructureFactory
from tests.sheets import person
from tisserand.actions.documents import sheet_data
from tisserand.actions.enums import State
from tisserand.actions.models import Action
from tisserand.actions.operations.attachments import detach, look_into, mark_of
from tisserand.actions.operations.life import publish, rewrite, submit
from tisserand.actions.queries import with_content
from tisserand.common.files import pictures
from tisserand.common.files.refusal import Unwelcome
from tisserand.documents.registry import render
from tisserand.privacy.journal import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


def test_files_are_sent_so_that_nothing_runs(client, hung):
    photo, document = hung.attachments.get(extension="jpg"), hung.attachments.get(extension="pdf")
    for address, content_type, disposition in (
        (f"/pieces/{photo.key}/", "image/jpeg", "inline; filename="),
        (f"/pieces/{photo.key}/petite/", "image/webp", "inline; filename="),
        (f"/pieces/{document.key}/", "application/pdf", 'attachment; filename="affiche-du-jardin.pdf"'),
    ):
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert body(answer)
        assert answer["Content-Type"] == content_type
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("sandbox; script-src 'none'")
        assert answer["Content-Disposition"].startswith(disposition)
        assert "Content-Encoding" not in answer
        assert answer["Cache-Control"] == "max-age=600"
        again = client.get(address, headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"/pieces/{document.key}/petite/").status_code == 404


@pytest.mark.parametrize("kind", list(kept()))
def test_every_document_is_a_download(client, public, kind):
    sheet = rewrite(actor=SYSTEM, action=public)
    made = add(sheet, kept()[kind], kind)
    if made.kind.is_picture:
        tell(made)
    publish(actor=SYSTEM, action=sheet)
    answer = client.get(f"/pieces/{made.key}/")
    body(answer)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline" if made.kind.is_picture else "attachment")


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.RETURNED])
def test_files_of_a_draft_are_for_those_who_write_it(client, draft, writer, staff, stranger, network, state):
    photo = tell(add(draft))
    document = add(draft, kept()["affiche.pdf"], "secret.pdf")
    Action.objects.filter(pk=draft.pk).update(state=state, submitted_at=timezone.now())
    elsewhere = person(network, StructureFactory(network=network), "director")
    own = [
        f"/actions/{draft.pk}/pieces/",
        f"/pieces/{photo.key}/",
        f"/pieces/{photo.key}/petite/",
        f"/pieces/{document.key}/",
    ]
    for user in (None, stranger, elsewhere):
        if user:
            client.force_login(user)
        assert {client.get(address).status_code for address in own[1:]} == {404}
        assert client.get(own[0]).status_code == (404 if user else 302)
        assert client.post(f"{own[0]}{photo.pk}/", {"do": "remove"}).status_code == (404 if user else 302)
    for user in (writer, staff):
        client.force_login(user)
        for address in own:
            answer = client.get(address)
            body(answer)
            assert answer.status_code == 200
            assert answer["Cache-Control"] == "private, no-store"


def test_an_archived_sheet_shows_its_files_no_more(client, hung):
    Action.objects.filter(pk=hung.pk).update(state=State.ARCHIVED)
    assert {client.get(f"/pieces/{one.key}/").status_code for one in hung.attachments.all()} == {404}


@pytest.mark.parametrize("key", ["x", "0" * 32, "..", "%2e%2e%2fsecret_key", "..%2f..%2fsecret_key", "a/b", "%00", "é"])
def test_no_name_leads_elsewhere(client, hung, key):
    assert client.get(f"/pieces/{key}/").status_code in {400, 404}


def test_a_file_that_is_not_there_is_a_404(client, hung):
    photo = hung.attachments.get(extension="jpg")
    default_storage.delete(photo.file.name)
    assert client.get(f"/pieces/{photo.key}/").status_code == 404
    assert client.get(f"/actions/{hung.pk}/fiche.pdf").status_code == 200


def test_the_page_of_a_sheet_shows_the_first_picture_then_the_others_when_one_scrolls(client, public):
    sheet = rewrite(actor=SYSTEM, action=public)
    for number in range(3):
        tell(add(sheet, picture(width=300 + number, height=200)), alt=f"Image {number}")
    publish(actor=SYSTEM, action=sheet)
    page = client.get(public.get_absolute_url()).content.decode()
    images = page.split("<img ")[1:]
    assert ["loading=" in one.partition(">")[0] for one in images] == [False, True, True]
    assert all("width=" in one and "height=" in one for one in images)
    assert page.count("/petite/") == 3
    assert '"image": [' in page


def test_pages_that_have_no_picture_do_not_read_their_style(client, public):
    assert "pictures.css" not in client.get(public.get_absolute_url()).content.decode()


# On paper and elsewhere


def test_the_first_picture_prints_with_its_credit(hung):
    sheet = with_content(Action.objects.filter(pk=hung.pk)).prefetch_related("facts").get()
    data = sheet_data((sheet, "https://exemple.fr"))
    assert data["picture"]["alt"] == "Une toile tissée"
    assert data["picture"]["credit"] == "Photo\xa0: Jeanne T."
    with_it = render("actions.sheet", (sheet, "https://exemple.fr"), "pdf").content
    assert b"/Subtype/Image" in with_it.replace(b" ", b"")
    for other in ("odt", "docx"):
        assert render("actions.sheet", (sheet, "https://exemple.fr"), other).content
    hung.attachments.filter(extension="jpg").update(consent_at=None)
    assert sheet_data((sheet, "https://exemple.fr"))["picture"] is None


def test_the_reviewer_sees_what_comes_and_what_goes(client, hung, writer, staff):
    sheet = rewrite(actor=writer, action=hung)
    detach(actor=writer, attachment=sheet.attachments.get(extension="pdf"))
    tell(add(sheet, picture(width=77, height=77)), actor=writer, alt="Une nouvelle image")
    submit(actor=writer, action=sheet)
    client.force_login(staff)
    page = client.get(f"/equipe/fiches/{sheet.pk}/relire/").content.decode()
    assert "Une nouvelle image" in page
    assert "retiré de la fiche publique" in page
    assert page.count("Nouveau") == 1


def test_several_files_at_once_are_told_one_by_one(client, draft, writer):
    client.force_login(writer)
    files = [SimpleUploadedFile("a.jpg", picture()), SimpleUploadedFile("b.svg", refused()["dessin.svg"])]
    answer = client.post(f"/actions/{draft.pk}/pieces/", {"deposit": files})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "b.svg" in page
    assert "1 fichier est gardé" in page
    assert draft.attachments.count() == 1
    assert client.post(f"/actions/{draft.pk}/pieces/", {}).status_code == 422


def test_larger_forms_are_read_where_files_come(client, draft, writer):
    client.force_login(writer)
    for address, status in (
        (f"/actions/{draft.pk}/pieces/", 422),
        (f"/actions/{draft.pk}/s-en-inspirer/", 413),
        ("/x/", 413),
    ):
        big = SimpleUploadedFile("x.bin", bytes(7 * 1024 * 1024))
        assert client.post(address, {"deposit": big}).status_code == status


def test_queries_are_the_same_for_one_and_three(client, hung, writer):
    client.force_login(writer)
    sheet = rewrite(actor=SYSTEM, action=hung)
    photo = hung.attachments.get(extension="jpg")
    addresses = (
        f"/actions/{sheet.pk}/pieces/",
        hung.get_absolute_url(),
        f"/pieces/{photo.key}/",
        f"/actions/{hung.pk}/fiche.pdf",
    )

    def counted():
        found = []
        for address in addresses:
            body(client.get(address))
            with CaptureQueriesContext(connection) as captured:
                assert body(client.get(address))
            found.append(len(captured))
        return found

    one = counted()
    for number in range(3):
        tell(add(sheet, picture(width=60 + number, height=60)), actor=writer)
    publish(actor=SYSTEM, action=sheet)
    sheet = rewrite(actor=SYSTEM, action=hung)
    addresses = (f"/actions/{sheet.pk}/pieces/", *addresses[1:])
    assert counted() == one
    assert max(one) <= 15


def test_a_decoder_that_fails_in_an_unknown_way_is_a_refusal(monkeypatch):
    monkeypatch.setattr(pictures, "_rewritten", lambda _file: (_ for _ in ()).throw(ZeroDivisionError))
    with pytest.raises(Unwelcome, match="abîmée"):
        look_into(io.BytesIO(picture()), name="x")


def test_drawings_of_the_tests_are_pictures():
    assert drawing().size == (320, 200)


def test_the_form_asks_of_a_picture_and_of_a_document_what_it_needs(client, draft, writer):
    client.force_login(writer)
    photo, document = add(draft), add(draft, kept()["affiche.pdf"], "x.pdf")
    page = client.get(f"/actions/{draft.pk}/pieces/")
    assert [list(form.fields) for form in page.context["forms"]] == [
        ["alt", "credit", "agreed", "base"], ["title", "credit", "base"],
    ]  # fmt: skip
    for one, words, wrong in ((photo, {"agreed": "on"}, "alt"), (document, {"credit": "Paul"}, "title")):
        answer = client.post(f"/actions/{draft.pk}/pieces/{one.pk}/", words | {"base": mark_of(one)})
        assert (answer.status_code, list(answer.context["wrong"].errors)) == (422, [wrong])
    words = {"title": "Règlement", "credit": "Paul", "base": mark_of(document)}
    assert client.post(f"/actions/{draft.pk}/pieces/{document.pk}/", words).status_code == 302
    document.refresh_from_db()
    assert (document.title, document.credit, document.consent_at) == ("Règlement", "Paul", None)
    assert client.post(f"/actions/{draft.pk}/pieces/{document.pk}/", {"do": "at-0"}).status_code == 302
    assert list(draft.attachments.all()) == [document, photo]
