"""Pictures and documents of a sheet: what is kept, and who adds it."""

import contextlib
import io
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, connections
from django.db.models import QuerySet
from django.utils import timezone
from PIL import Image

from tests.actions.attachments import add, stored, tell
from tests.deposits import CANARIES, kept, located, picture, refused, rewritten
from tests.factories import StructureFactory
from tests.sheets import person
from tisserand.actions.models import Action, Attachment
from tisserand.actions.operations import attachments
from tisserand.actions.operations.attachments import MOST, attach, detach, look_into, put_at
from tisserand.actions.operations.life import publish, submit, take_back
from tisserand.actions.operations.sheets import EditedMeanwhile
from tisserand.actions.privacy import purge_attachments
from tisserand.actions.queries import with_content
from tisserand.common.files import pictures
from tisserand.documents.registry import render
from tisserand.privacy.journal import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


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
