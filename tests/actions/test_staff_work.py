"""The team at work on its screens: deposit, settle, edit, decide, keep the lists."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.sheets import edit
from tests.texts import GARDEN, GARDEN_VALUES, published
from tisserand.actions.models import Action, Fact, ImportBatch, Term, TermAlias
from tisserand.actions.operations.facts import accept_fact
from tisserand.actions.operations.life import publish
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db


def deposit(client, text: str, token: str = "a" * 32, **data):
    file = SimpleUploadedFile("fiches.txt", text.encode())
    return client.post("/equipe/imports/", {"file": file, "token": token, **data})


def test_deposit_preview_confirm(staff_client):
    response = deposit(staff_client, published(GARDEN))
    batch = ImportBatch.objects.get()
    assert response["Location"] == batch.get_absolute_url()
    assert batch.state == "waiting"
    assert Action.objects.count() == 0
    page = staff_client.get(batch.get_absolute_url()).content.decode()
    assert GARDEN["title"] in page
    staff_client.post(f"/equipe/imports/{batch.pk}/enregistrer/")
    staff_client.post(f"/equipe/imports/{batch.pk}/enregistrer/")
    assert Action.objects.count() == 1
    assert staff_client.get(batch.get_absolute_url()).status_code == 200


def test_a_double_deposit_is_one(staff_client):
    for _ in range(2):
        deposit(staff_client, published(GARDEN))
    assert ImportBatch.objects.count() == 1
    deposit(staff_client, published(GARDEN), token="b" * 32)
    assert ImportBatch.objects.count() == 2


def test_a_bad_file_is_told_with_its_line(staff_client):
    deposit(staff_client, 'titre,structure\n"A,B\n')
    batch = ImportBatch.objects.get()
    assert batch.state == "refused"
    page = staff_client.get(batch.get_absolute_url()).content.decode()
    assert "ligne 2" in page


def test_an_empty_form_says_what_to_do(staff_client):
    response = staff_client.post("/equipe/imports/", {"token": "c" * 32})
    assert response.status_code == 422
    assert ImportBatch.objects.count() == 0


def test_cancelling_keeps_the_catalogue_as_it_was(staff_client, django_capture_on_commit_callbacks):
    deposit(staff_client, published(GARDEN))
    batch = ImportBatch.objects.get()
    name = batch.file.path
    with django_capture_on_commit_callbacks(execute=True):
        staff_client.post(f"/equipe/imports/{batch.pk}/abandonner/")
        assert Path(name).exists()  # until it is sure
    batch.refresh_from_db()
    assert batch.state == "cancelled"
    assert batch.rows.count() == 0
    assert not Path(name).exists()


def test_drafts_of_an_import_are_told_until_they_are_published(staff_client):
    deposit(staff_client, published(GARDEN), as_draft="on")
    batch = ImportBatch.objects.get()
    staff_client.post(f"/equipe/imports/{batch.pk}/enregistrer/")
    told = "Publier la fiche gardée en brouillon"
    assert told in staff_client.get(batch.get_absolute_url()).content.decode()
    staff_client.post(f"/actions/{Action.objects.get().pk}/publication/", {"state": "published"})
    assert told not in staff_client.get(batch.get_absolute_url()).content.decode()


def test_a_sheet_taken_over_keeps_the_day_it_was_published(make_action):
    day = timezone.now() - timedelta(days=40)
    draft = make_action(title="Jardin", draft=True)
    sheet = publish(actor=SYSTEM, action=draft, at=day)
    assert sheet.published_at == sheet.updated_at == day
    publish(actor=SYSTEM, action=sheet, at=timezone.now())
    sheet.refresh_from_db()
    assert sheet.published_at == day


def test_a_decision_stays_while_its_words_are_there(make_action, staff):
    action = make_action(title="A", people="14 habitants")
    accept_fact(actor=staff, fact=Fact.objects.get())
    edit(action, people="2 animatrices, puis 14 habitants")
    kept = Fact.objects.get(text="14 habitants")
    assert (kept.state, kept.start) == ("accepted", 20)
    edit(action, people="2 animatrices")
    assert list(Fact.objects.values_list("text", "state")) == [("2 animatrices", "pending")]


def test_lists_are_kept_by_the_administration(client, admin, bring, network, staff):
    bring(published(GARDEN | {"public": "Personnes agées", "keywords": ["Jardinage"]}))
    unknown = Term.objects.get(label="Personnes agées")
    seniors = Term.objects.get(label="Seniors")
    merge = {"change": "merge", "term": unknown.pk, "into": seniors.pk}
    client.force_login(staff)
    assert client.post("/equipe/listes/changer/", merge).status_code == 403
    client.force_login(admin)
    client.post("/equipe/listes/changer/", merge)
    assert TermAlias.objects.get(text="Personnes agées").term == seniors
    action = Action.objects.get()
    assert action.labels("public") == ["Seniors"]
    assert action.term_links.get(term=seniors).original == "Personnes agées"
    assert client.get("/api/actions?public=seniors").json()["count"] == 1
    garden = Term.objects.get(label="Jardinage")
    client.post("/equipe/listes/changer/", {"change": "verify", "term": garden.pk})
    client.post("/equipe/listes/changer/", {"change": "alias", "term": garden.pk, "text": "Jardinnage"})
    assert Term.objects.get(pk=garden.pk).verified
    assert bring(published(GARDEN | {"public": "Personnes agées", "keywords": ["Jardinnage"]})).counts["unchanged"] == 1
    client.post("/equipe/listes/changer/", {"change": "forget", "alias": TermAlias.objects.get(text="Jardinnage").pk})
    assert not TermAlias.objects.filter(text="Jardinnage").exists()
    assert client.post("/equipe/listes/changer/", {"change": "merge", "term": "x", "into": "9" * 30}).status_code == 404


def test_staff_pages_ask_as_much_for_few_as_for_many(staff_client, make_action, stage):
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff_client.get(address).status_code == 200
        return len(captured)

    pages = ["/equipe/", "/equipe/imports/", "/equipe/nombres/", "/equipe/brouillons/", "/equipe/listes/"]
    make_action(**GARDEN_VALUES)
    make_action(title="Brouillon", draft=True, people="3 habitants")
    first = stage(published(GARDEN))
    few = {page: count(page) for page in pages}
    few_rows = count(first.get_absolute_url())
    for number in range(8):
        make_action(**GARDEN_VALUES | {"title": f"B{number}"})
        make_action(title=f"Brouillon {number}", draft=True, people="3 habitants")
    many = stage(published(*(GARDEN | {"title": f"C{n}"} for n in range(15))))
    assert {page: count(page) for page in pages} == few
    assert count(many.get_absolute_url()) == few_rows
    assert max(few.values()) <= 15


def steps(page: str) -> dict[str, str]:
    """The addresses of the pages before and after this one, by `rel`."""
    found = re.findall(r'<a class="btn" href="([^"]*)" rel="(prev|next)">', page)
    return {rel: unescape(address) for address, rel in found}


def walk(client, start: str, item: str) -> list[int]:
    """How many items each page shows, going on to the last page, then back to the first."""
    counts, at, way = [], start, "next"
    while True:
        page = client.get(at)
        assert page.status_code == 200
        html = page.content.decode()
        counts.append(len(re.findall(item, html)))
        links = steps(html)
        if way == "next" and way not in links:
            way = "prev"
        if way not in links:
            return counts
        at = start.split("?", maxsplit=1)[0] + links[way]


def test_long_lists_are_cut_in_pages(staff_client, make_action, structure):
    for number in range(31):
        make_action(title=f"Brouillon {number}", structure=structure, draft=True, people="3 habitants")
    assert walk(staff_client, "/equipe/brouillons/", '<h2 class="title">') == [30, 1, 30]
    assert walk(staff_client, "/equipe/nombres/", '<h2 class="title">') == [30, 1, 30]
    for odd in ("0", "99", "x"):
        assert staff_client.get("/equipe/brouillons/", {"page": odd}).status_code == 200


def test_the_files_deposited_are_cut_in_pages(staff_client, network):
    for number in range(21):
        ImportBatch.objects.create(network=network, token=f"{number}", filename=f"{number}.txt", state="cancelled")
    assert walk(staff_client, "/equipe/imports/", '<h3 class="title">') == [20, 1, 20]
    assert "Fichiers 1 à 20 sur 21" in staff_client.get("/equipe/imports/").content.decode()


def test_a_short_list_has_no_pages(staff_client, make_action, structure):
    for number in range(30):
        make_action(title=f"Brouillon {number}", structure=structure, draft=True)
    assert steps(staff_client.get("/equipe/brouillons/").content.decode()) == {}


def test_the_records_of_a_file_are_cut_in_pages_and_settled_where_one_is(staff_client, stage, bring):
    sheets = [GARDEN | {"title": f"Fiche {number}"} for number in range(45)]
    bring(published(*sheets))
    more = [GARDEN | {"title": f"Ajout {number}"} for number in range(3)]
    batch = stage(published(*(sheet | {"limits": "Autres."} for sheet in sheets), *more))
    start = f"{batch.get_absolute_url()}?voir=updated"
    assert walk(staff_client, start, r'<li id="fiche-\d+">') == [20, 20, 5, 20, 20]
    second = f"{start}&page=2"
    html = staff_client.get(second).content.decode()
    form = re.search(r'action="(/equipe/imports/\d+/choix/[^"]*)"', html)[1]
    number = re.search(r'name="fiche" value="(\d+)"', html)[1]
    answer = staff_client.post(unescape(form), {"fiche": number, f"{number}.limits": "here", "garder": number})
    assert answer["Location"] == f"{second}#fiche-{number}"
    assert batch.rows.get(number=number).choices["limits"]["kept"] == "here"
