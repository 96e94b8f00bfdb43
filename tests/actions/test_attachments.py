"""Pictures and documents of a sheet: what is kept, who sees it, what becomes of it when the sheet is rewritten."""

import contextlib
import io
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from tests.actions.test_lineage import person
from tests.actions.test_pages import body
from tests.deposits import CANARIES, drawing, kept, located, picture, refused, rewritten
from tests.factories import StructureFactory
from tests.texts import GARDEN_VALUES
from tisserand.actions.documents import sheet_data
from tisserand.actions.enums import State
from tisserand.actions.models import Action, Attachment
from tisserand.actions.operations import attachments
from tisserand.actions.operations.attachments import MOST, attach, describe, detach, look_into, mark_of, put_at
from tisserand.actions.operations.life import begin_sheet, discard, publish, rewrite, submit, take_back
from tisserand.actions.operations.sheets import EditedMeanwhile
from tisserand.actions.privacy import purge_attachments
from tisserand.actions.queries import with_content
from tisserand.common.files import pictures
from tisserand.common.files.refusal import Unwelcome
from tisserand.documents.registry import render
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    """Each test counts its own files."""
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": default}


def stored() -> set[str]:
    return set(default_storage.listdir("attachments")[1]) if default_storage.exists("attachments") else set()


@pytest.fixture
def writer(network, structure):
    return person(network, structure)


@pytest.fixture
def draft(network, structure, writer):
    return begin_sheet(actor=writer, network=network, structure=structure, title="Jardin", token="a" * 32)


@pytest.fixture
def public(make_action, structure):
    return make_action(structure=structure, **GARDEN_VALUES)


def add(sheet, content=None, name="photo.jpg", actor=SYSTEM) -> Attachment:
    return attach(actor=actor, action=sheet, deposit=look_into(io.BytesIO(content or picture()), name=name))


def tell(attachment, actor=SYSTEM, **words) -> Attachment:
    words = {"title": attachment.title, "alt": "Une toile tissée", "credit": "Jeanne T.", "agreed": True} | words
    return describe(actor=actor, attachment=attachment, base=mark_of(attachment), **words)


@pytest.fixture
def hung(public):
    """A public sheet with a picture and a document, as publishing its rewriting leaves it."""
    sheet = rewrite(actor=SYSTEM, action=public)
    tell(add(sheet))
    add(sheet, kept()["affiche.pdf"], "Affiche du jardin.pdf")
    return publish(actor=SYSTEM, action=sheet)


# What is kept


@pytest.mark.parametrize("name", kept())
def test_what_a_sheet_takes(draft, name):
    made = add(draft, kept()[name], name)
    assert made.extension == ("jpg" if name.startswith("photo") else name.rpartition(".")[2])
    assert made.file.name == f"attachments/{made.key}.{made.extension}"
    assert len(made.key) == 32
    assert default_storage.size(made.file.name) == made.size


@pytest.mark.parametrize("format", ["pdf", "odt", "docx"])
def test_our_own_documents_are_taken(draft, public, format):
    sheet = with_content(Action.objects.filter(pk=public.pk)).prefetch_related("facts").get()
    content = render("actions.sheet", (sheet, "https://exemple.fr"), format).content
    assert add(draft, content, f"x.{format}").extension == format


def test_at_least_sixty_hostile_files_none_of_which_comes_in(client, draft, writer):
    client.force_login(writer)
    hostile = {**refused(), **rewritten()}
    assert len(hostile) >= 60
    accepted = []
    for name, content in hostile.items():
        before = stored()
        answer = client.post(
            f"/actions/{draft.pk}/pieces/", {"deposit": SimpleUploadedFile(name, content, "image/jpeg")}
        )
        if answer.status_code == 302:
            accepted.append(name)
            made = draft.attachments.get()
            assert stored() - before == {f"{made.key}.jpg", f"{made.key}.webp"}
            for file in stored() - before:
                with default_storage.open(f"attachments/{file}") as one:
                    written = one.read()
                assert not [canary for canary in CANARIES if canary in written], name
            detach(actor=writer, attachment=made)
        else:
            assert answer.status_code == 422
            assert stored() == before
        Attachment.objects.all().delete()
    assert set(accepted) == set(rewritten())


def test_negative_control_kept_as_it_comes_a_picture_brings_its_place(draft, monkeypatch):
    """Without the rewriting, what the test above looks for is found."""

    def as_it_comes(file):
        file.seek(0)
        return pictures.Picture(file.read(), b"x", 320, 200)

    monkeypatch.setattr(attachments, "made_safe", as_it_comes)
    made = add(draft, located())
    with made.file.open() as file:
        content = file.read()
    assert [canary for canary in CANARIES if canary in content]


def test_a_photo_is_upright_small_and_says_nothing_of_where_it_was_taken(draft):
    made = add(draft, located(orientation=6))
    assert (made.width, made.height) == (200, 320)
    with made.file.open() as file, Image.open(file) as opened:
        assert opened.size == (200, 320)
        assert not opened.getexif()
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    large = add(draft, picture(width=5_000, height=2_500))
    assert (large.width, large.height) == (2_000, 1_000)
    with large.thumbnail.open() as file, Image.open(file) as opened:
        assert opened.size == large.thumbnail_size == (800, 400)


def test_a_photo_full_of_details_keeps_its_thumbnail_light(draft):
    noise = io.BytesIO()
    Image.effect_noise((1_600, 1_200), 90).convert("RGB").save(noise, "JPEG", quality=90)
    assert len(noise.getvalue()) > 500_000
    assert add(draft, noise.getvalue()).thumbnail.size <= 60_000


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_pictures_of_any_ink(draft, mode):
    made = picture("JPEG" if mode in {"L", "CMYK"} else "PNG", mode=mode)
    assert add(draft, made).width == 320


def test_what_one_sees_through_is_white(draft):
    clear = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(clear, "PNG")
    with add(draft, clear.getvalue()).file.open() as file, Image.open(file) as opened:
        assert opened.getpixel((5, 5)) == (255, 255, 255)


def test_a_long_strip_is_not_decoded_whole():
    strip = picture(width=40_000, height=300)
    made = pictures.made_safe(io.BytesIO(strip))
    assert (made.width, made.height) == (2_000, 15)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Affiche d'été.pdf", "Affiche d'été"), ("C:\\Users\\moi\\Bilan.pdf", "Bilan"), ("../../../etc/passwd.pdf", "passwd"),
        ("a\x00\u202eb.pdf", "a b"), (".pdf", "Document"), ("sans-fin", "sans-fin"), ("x" * 300 + ".pdf", "x" * 120),
    ],
)  # fmt: skip
def test_a_document_is_called_by_the_last_part_of_its_name(draft, name, title):
    made = add(draft, kept()["affiche.pdf"], name)
    assert made.title == title
    assert made.file.name == f"attachments/{made.key}.pdf"


def test_the_name_of_a_photo_is_not_kept(draft):
    made = add(draft, name="Madame Untel devant chez elle.jpg")
    assert "Untel" not in str(Attachment.objects.filter(pk=made.pk).values().get())


def test_the_same_file_sent_twice_is_kept_once(draft):
    assert add(draft) == add(draft)
    assert draft.attachments.count() == 1
    assert len(stored()) == 2


def test_what_was_refused_while_it_was_kept_leaves_no_row(draft, monkeypatch):
    monkeypatch.setattr(Attachment, "save", lambda *_args, **_more: (_ for _ in ()).throw(IntegrityError))
    with pytest.raises(IntegrityError):
        add(draft)
    assert len(stored()) == 2  # killed between the files and the row
    now = timezone.now()
    assert purge_attachments(now, dry_run=False) == 0  # they may still be coming in
    assert purge_attachments(now + timedelta(days=2), dry_run=True) == 2
    assert len(stored()) == 2
    assert purge_attachments(now + timedelta(days=2), dry_run=False) == 2
    assert not stored()


# Who does what


def test_only_who_writes_the_sheet_adds_and_only_while_it_is_written(draft, network, stranger, writer, public):
    elsewhere = person(network, StructureFactory(network=network), "director")
    for actor in (stranger, elsewhere, person(network, draft.structure, "referent")):
        with pytest.raises(PermissionDenied):
            add(draft, actor=actor)
    made = add(draft, actor=writer)
    for actor in (stranger, elsewhere):
        for gesture in (
            lambda actor: tell(made, actor=actor),
            lambda actor: put_at(actor=actor, attachment=made, position=0),
            lambda actor: detach(actor=actor, attachment=made),
        ):
            with pytest.raises(PermissionDenied):
                gesture(actor)
    with pytest.raises(PermissionDenied):
        add(public, actor=writer)
    assert Attachment.objects.get() == made


def test_while_the_network_reads_only_its_team_changes_them(draft, writer, staff):
    Action.objects.filter(pk=draft.pk).update(summary="x", description="y")
    made = add(draft, actor=writer)
    submit(actor=writer, action=draft)
    with pytest.raises(PermissionDenied):
        tell(made, actor=writer)
    assert tell(made, actor=staff).consent_by == staff


def test_a_picture_added_after_the_reading_is_not_published_unseen(draft, writer, staff):
    Action.objects.filter(pk=draft.pk).update(summary="x", description="y")
    read = submit(actor=writer, action=draft)
    take_back(actor=writer, action=draft)
    add(draft, actor=writer)
    submit(actor=writer, action=draft)
    with pytest.raises(EditedMeanwhile):
        publish(actor=staff, action=draft, read=(read.state, read.revision))


def test_a_sheet_holds_twenty(draft, client, writer):
    for number in range(MOST):
        add(draft, picture(width=20 + number, height=20))
    with pytest.raises(ValidationError, match="20 fichiers"):
        add(draft)
    client.force_login(writer)
    page = client.get(f"/actions/{draft.pk}/pieces/").content.decode()
    assert "20 fichiers sur 20" in page
    assert 'type="file"' not in page
    assert (
        client.post(f"/actions/{draft.pk}/pieces/", {"deposit": SimpleUploadedFile("x.jpg", picture())}).status_code
        == 422
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_two_at_once_do_not_pass_the_limit(draft, monkeypatch, locked):
    for number in range(MOST - 1):
        add(draft, picture(width=20 + number, height=20))
    if not locked:  # negative control
        if connection.vendor == "sqlite":
            pytest.skip("SQLite writes one transaction after the other")
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self)
    deposits = [look_into(io.BytesIO(picture(width=90 + n, height=20)), name="x") for n in range(2)]
    both, count = threading.Barrier(2), QuerySet.count

    def counted_together(self):
        found = count(self)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)
        return found

    monkeypatch.setattr(QuerySet, "count", counted_together)
    failures = []

    def run(deposit):
        try:
            attach(actor=SYSTEM, action=draft, deposit=deposit)
        except ValidationError as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(one,)) for one in deposits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monkeypatch.undo()
    assert Attachment.objects.count() == (MOST if locked else MOST + 1)
    assert len(failures) == (1 if locked else 0)


# What is said of them


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


# Who sees what


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
