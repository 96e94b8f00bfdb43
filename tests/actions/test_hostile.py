"""What someone tried in order to break imports, searches and other people's work; each of these once succeeded."""

import base64
import io
import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.db import connections
from django.utils import timezone

from tests.factories import NetworkFactory, StructureFactory
from tests.sheets import edit
from tests.texts import GARDEN, published
from tisserand.actions.fields import mark
from tisserand.actions.models import Action, Fact, ImportBatch, ImportRow
from tisserand.actions.operations.facts import accept_fact
from tisserand.actions.operations.imports import (
    apply_import,
    cancel_import,
    give_back,
    mark_applying,
    read_import,
    resume_import,
    settle_row,
)
from tisserand.actions.operations.life import archive, publish, rewrite
from tisserand.actions.operations.writing import write_field
from tisserand.actions.privacy import purge_orphans
from tisserand.network.models import Structure
from tisserand.network.operations import ensure_structure, update_structure
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db


def workbook(*cells: tuple[int, int, str]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for row, column, text in cells:
            sheet.write_string(row, column, text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        workbook((0, 0, "titre"), (1_048_575, 16_383, "x")),  # a kilobyte that asks for half a terabyte
        workbook((0, 0, "titre"), (20_000, 16_383, "x")),
        workbook((0, 0, "titre"), (0, 1, "structure"), *((n, 0, "x" * 30_000) for n in range(1, 30_000))),
    ],
)
def test_a_small_workbook_that_unfolds_without_end_is_refused(stage, content):
    batch = stage(content, "bombe.xlsx")
    assert batch.state == "refused"
    assert "trop" in batch.messages[0]["text"]


@pytest.mark.parametrize("field", ["title", "structure", "summary", "keywords", "inconnu", "extras"])
@pytest.mark.parametrize("bad", ["\x00", "\ud800"])
def test_what_no_database_holds_is_rejected_and_shown(stage, staff_client, field, bad):
    sheet = {"title": "T", "structure": "S", field: f"a{bad}b"}
    if field == "extras":
        sheet["extras"] = [{"label": "l", "after": f"a{bad}", "text": "t"}]
    batch = stage(json.dumps([sheet, {"title": "Bon", "structure": "S"}]), "t.json")
    assert (batch.counts["rejected"], batch.counts["created"]) == (1, 1)
    for tab in ("rejected", "created"):
        assert staff_client.get(f"{batch.get_absolute_url()}?voir={tab}").status_code == 200
    assert apply_import(actor=SYSTEM, batch=batch).counts["created"] == 1


def test_a_sheet_too_rich_for_the_index_is_rejected_before(stage):
    words = " ".join(f"mot{n}" for n in range(22_000))
    batch = stage(json.dumps([{"title": "T", "structure": "S", "summary": words, "people": words}]), "t.json")
    assert batch.counts["rejected"] == 1
    whole = stage(json.dumps([{"title": "T", "structure": "S", "summary": words}]), "t.json")
    assert apply_import(actor=SYSTEM, batch=whole).counts["created"] == 1


def test_four_lines_that_are_no_sheet(stage):
    batch = stage("Actions\nActions\n- Structure organisatrice\n- Structure organisatrice\n")
    assert batch.counts["rejected"] == batch.counts["read"] > 0


def test_a_text_that_imitates_the_beginning_of_a_sheet(bring):
    imitation = "Trois temps :\nActions\nLe jeudi\n- Résumé\n- Statut de l'action\nEt puis rien."
    bring(published(GARDEN | {"objectives": imitation, "limits": imitation}, GARDEN | {"title": "B"}))
    first = Action.objects.get(title=GARDEN["title"])
    assert (first.objectives, first.limits, Action.objects.count()) == (imitation, imitation, 2)


@pytest.mark.parametrize(
    "cursor",
    [[-1, 5], [0, -1], [9, 1], ["0001-01-01T00:00:00+23:59", 5], ["9999-12-31T23:59:59-23:59", 5], ["2026-01-01", 5],
     ["\ud800", 5], ["a\x00", 5], [[[[]]]]],
)  # fmt: skip
@pytest.mark.parametrize("query", ["q=jardin", "sort=title", "sort=recent"])
def test_cursors_that_nobody_gave(client, make_action, cursor, query):
    make_action(title="Jardin")
    text = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode()
    for base in ("/actions/", "/api/actions"):
        assert client.get(f"{base}?{query}&cursor={text}").status_code == 200
        assert client.get(f"{base}?{query}&cursor={base64.urlsafe_b64encode(b'[' * 3000).decode()}").status_code == 200


@pytest.mark.parametrize(
    "address", ["/api/structures?kind=%00", "/chiffres/?network=%00", "/actions/?q=%00", "/structures/?q=%00"]
)
def test_null_characters_in_addresses(client, db, address):
    assert client.get(address).status_code == 400


def test_an_upload_where_none_is_expected(client, db):
    big = SimpleUploadedFile("x", b"x" * (7 * 1024 * 1024))
    assert client.post("/langue/", {"language": "en", "f": big}).status_code == 413
    for length in ("²", "٣", "-1", "9" * 5000):
        assert client.post("/langue/", {"language": "en"}, CONTENT_LENGTH=length).status_code == 413


def test_pages_of_the_team_stay_out_of_caches(staff_client):
    assert staff_client.get("/equipe/")["Cache-Control"] == "private, no-store"


def test_near_names_inside_one_file_are_proposed(stage):
    other = GARDEN | {"title": "B", "structure": "Centre Social La Navete"}
    batch = stage(published(GARDEN, other))
    row = batch.rows.get(number=2)
    assert row.looks_like == GARDEN["structure"]
    settle_row(actor=SYSTEM, row=row, choices={}, same_structure=True)
    apply_import(actor=SYSTEM, batch=batch)
    assert Structure.objects.get().name == GARDEN["structure"]


def test_a_settlement_does_not_outlive_what_it_settled(stage, bring):
    bring(published(GARDEN))
    edit(Action.objects.get(), summary="Un.")
    batch = stage(published(GARDEN | {"summary": "Ailleurs."}))
    settle_row(actor=SYSTEM, row=batch.rows.get(), choices={"summary": "file"})
    edit(Action.objects.get(), summary="Deux, jamais relu.")
    assert apply_import(actor=SYSTEM, batch=batch).counts["conflicts"] == 1
    assert Action.objects.get().summary == "Deux, jamais relu."


def test_reading_never_touches_what_is_settled_or_given_up(stage):
    batch = stage(published(GARDEN))
    settle_row(actor=SYSTEM, row=batch.rows.get(), choices={})
    apply_import(actor=SYSTEM, batch=batch)
    assert read_import(actor=SYSTEM, batch=batch).state == "applied"
    assert ImportRow.objects.count() == 1
    other = stage(published(GARDEN | {"title": "B"}))
    cancel_import(actor=SYSTEM, batch=other)
    assert read_import(actor=SYSTEM, batch=other).state == "cancelled"
    assert apply_import(actor=SYSTEM, batch=other).state == "cancelled"


def test_work_that_fails_is_given_back_and_can_be_given_up(stage):
    batch = stage(published(GARDEN))
    assert mark_applying(actor=SYSTEM, batch=batch)
    assert not mark_applying(actor=SYSTEM, batch=batch)
    give_back(batch=batch)
    batch.refresh_from_db()
    assert batch.state == "waiting"
    assert batch.messages[0]["level"] == "error"
    mark_applying(actor=SYSTEM, batch=batch)
    assert cancel_import(actor=SYSTEM, batch=batch).state == "cancelled"


def test_only_stalled_work_is_resumed(stage):
    batch = stage(published(GARDEN))
    mark_applying(actor=SYSTEM, batch=batch)
    assert resume_import(actor=SYSTEM, batch=batch) is None
    from django.core.cache import caches

    caches["progress"].clear()
    ImportBatch.objects.filter(pk=batch.pk).update(updated_at="2020-01-01T00:00:00Z")
    assert resume_import(actor=SYSTEM, batch=batch) == "applying"
    assert resume_import(actor=SYSTEM, batch=batch) is None  # a second click finds it working


def test_an_accepted_number_leaves_with_its_words(make_action, staff):
    action = make_action(title="A", people="5 habitants", funding="12 habitants et 12 habitants")
    for fact in Fact.objects.all():
        accept_fact(actor=staff, fact=fact)
    edit(action, people="65 habitants", funding="Toujours 12 habitants et 12 habitants")
    told = Fact.objects.order_by("field", "start").values_list("text", "state", "low")
    assert list(told) == [
        ("12 habitants", "accepted", 12),
        ("12 habitants", "accepted", 12),
        ("65 habitants", "pending", 65),
    ]


def test_another_network_does_not_rename_a_structure(network, staff, stranger):
    structure = StructureFactory(network=network, name="La Navette")
    other = NetworkFactory()
    assert ensure_structure(actor=SYSTEM, network=other, name="LA NAVETTE", department="Ardennes") == structure
    with pytest.raises(PermissionDenied):
        update_structure(actor=SYSTEM, network=other, structure=structure, changes={"name": "Prise"})
    assert update_structure(actor=staff, network=network, structure=structure, changes={"name": "La Filature"})


@pytest.mark.django_db(transaction=True)
def test_two_networks_name_a_structure_at_once():
    networks, failures = [NetworkFactory() for _ in range(4)], []

    def name(network):
        try:
            ensure_structure(actor=SYSTEM, network=network, name="La Navette", department="Ardennes")
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=name, args=(network,)) for network in networks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Structure.objects.get().networks.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_sheet_edited_and_unpublished_while_a_file_comes_in(stage, bring, staff):
    bring(published(*(GARDEN | {"title": f"Fiche {n}"} for n in range(20))))
    batch = stage(published(*(GARDEN | {"title": f"Fiche {n}", "limits": "Autres."} for n in range(20))))
    action = Action.objects.get(title="Fiche 12")
    copy, base, failures = rewrite(actor=staff, action=action), mark(action.summary), []

    def work(step):
        try:
            step()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    steps = [
        lambda: apply_import(actor=SYSTEM, batch=batch),
        lambda: write_field(actor=staff, action=copy, key="summary", value="Écrit pendant ce temps.", base=base),
        lambda: archive(actor=staff, action=action),
    ]
    threads = [threading.Thread(target=work, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    action.refresh_from_db()
    assert failures == []
    assert action.state == "archived"
    publish(actor=staff, action=copy)
    action.refresh_from_db()
    assert (action.summary, action.limits) == ("Écrit pendant ce temps.", "Autres.")


@pytest.fixture
def kept_files(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    return lambda: sorted(path.name for path in tmp_path.rglob("*") if path.is_file())


def fill_the_disk(monkeypatch):
    chunks = ContentFile.chunks

    def full(self, chunk_size=None):
        yield next(iter(chunks(self, 4)))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ContentFile, "chunks", full)
    monkeypatch.setattr(InMemoryUploadedFile, "chunks", full)


def test_a_disk_that_fills_leaves_no_half_of_a_file(kept_files, monkeypatch, stage):
    stage(published(GARDEN))
    (whole,) = kept_files()
    with monkeypatch.context() as patch:
        fill_the_disk(patch)
        with pytest.raises(OSError, match="No space"):
            stage(published(GARDEN))
    assert kept_files() == [whole]
    assert ImportBatch.objects.count() == 1


def test_a_disk_that_fills_is_told_on_the_page(kept_files, monkeypatch, staff_client):
    fill_the_disk(monkeypatch)
    file = SimpleUploadedFile("fiches.txt", published(GARDEN).encode())
    response = staff_client.post("/equipe/imports/", {"file": file, "token": "une-fois"})
    assert response.status_code == 422
    assert "pas pu garder ce fichier" in response.content.decode()
    assert kept_files() == []


def test_what_a_killed_deposit_left_goes_after_a_day(kept_files, stage, tmp_path):
    batch = stage(published(GARDEN))
    orphan = tmp_path / "imports" / "abc-fiches.txt"
    orphan.write_text("Actions")
    now = timezone.now()
    assert purge_orphans(now, dry_run=False) == 0  # it may still be coming in
    later = now + timedelta(days=1, minutes=1)
    assert purge_orphans(later, dry_run=True) == 1
    assert orphan.exists()
    assert purge_orphans(later, dry_run=False) == 1
    assert kept_files() == [Path(batch.file.name).name]
    assert purge_orphans(later, dry_run=False) == 0
