"""The screens of an import: what is told before saving, what is asked, what lacks, what was done."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.sheets import edit as rewrite_and_publish
from tests.texts import GARDEN, published
from tisserand.actions.enums import BatchState
from tisserand.actions.imports.progress import TOLD_EVERY, Abandoned, ask_to_stop, tell_progress
from tisserand.actions.models import Action, ImportBatch
from tisserand.actions.operations.imports import apply_import, cancel_import, mark_applying
from tisserand.actions.tasks import apply_waiting
from tisserand.network.models import Structure
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db
CENTRE = GARDEN | {"structure": "Centre social Les Margotins"}
SHORT = GARDEN | {"structure": "CS Margotins"}


def read(client, address: str) -> str:
    """A page as it is read: no tag, plain spaces and apostrophes."""
    response = client.get(address, follow=True)
    assert response.status_code == 200, address
    return words(response.content.decode())


def words(html: str) -> str:
    main = re.search(r"<main.*?</main>", html, re.DOTALL)[0]
    text = unescape(re.sub(r"<[^>]+>", " ", main)).replace("’", "'")
    text = re.sub(r"[\s\u00a0\u202f]+", " ", text)
    return re.sub(r" ([,.»)])", r"\1", text).replace("»", " »").replace("  ", " ")


def edit(title: str, **values) -> None:
    rewrite_and_publish(Action.objects.get(title=title), **values)


def confirm(client, batch: ImportBatch, **data):
    fiches = [str(number) for number in batch.rows.values_list("number", flat=True)]
    return client.post(f"{batch.get_absolute_url()}enregistrer/", {"fiche": fiches, **data})


def test_a_look_alike_structure_is_asked_and_nothing_is_ticked(staff_client, bring, stage):
    bring(published(CENTRE))
    batch = stage(published(SHORT))
    html = staff_client.get(batch.get_absolute_url()).content.decode()
    assert html.count('name="1.structure"') == 2
    assert not re.search(r'name="1\.structure"[^>]* checked', html)
    assert "« CS Margotins » et « Centre social Les Margotins » : à vous de dire si c'est la même" in words(html)


def test_saving_without_the_answer_is_refused_and_the_rest_is_kept(staff_client, bring, stage):
    bring(published(CENTRE))
    edit(GARDEN["title"], summary="Écrit ici.")
    batch = stage(published(CENTRE | {"summary": "Écrit ailleurs."}, SHORT | {"title": "Le bal"}))
    answer = confirm(staff_client, batch, **{"1.summary": "file"})
    assert Action.objects.count() == 1
    assert answer["Location"].endswith("#erreurs")
    html = staff_client.get(answer["Location"]).content.decode()
    assert re.search(r'id="erreurs" tabindex="-1" autofocus', html)
    assert 'href="#choix-2-structure"' in html
    assert 'aria-describedby="choix-2-structure-erreur"' in html
    assert "Erreur : répondez avant d'enregistrer." in words(html)
    assert re.search(r'name="1\.summary" value="file" checked', html)
    confirm(staff_client, batch, **{"2.structure": "yes"})
    assert Structure.objects.count() == 1
    assert Action.objects.get(title=GARDEN["title"]).summary == "Écrit ailleurs."


@pytest.mark.parametrize(
    ("said", "told", "structures"), [("yes", "la même structure", 1), ("no", "une autre, nouvelle", 2)]
)
def test_the_answer_is_told_before_saving(staff_client, bring, stage, said, told, structures):
    bring(published(CENTRE))
    batch = stage(published(SHORT | {"title": "Le bal"}))
    settle = f"{batch.get_absolute_url()}choix/"
    staff_client.post(settle, {"fiche": "1", "1.structure": said, "garder": "1"})
    assert f"« Centre social Les Margotins » : {told}" in read(staff_client, batch.get_absolute_url())
    confirm(staff_client, batch)
    assert Structure.objects.count() == structures


def test_a_contradiction_without_a_choice_is_an_error_beside_it(staff_client, bring, stage):
    bring(published(GARDEN))
    edit(GARDEN["title"], summary="Écrit ici.")
    batch = stage(published(GARDEN | {"summary": "Écrit ailleurs."}))
    html = staff_client.get(confirm(staff_client, batch)["Location"]).content.decode()
    assert 'href="#choix-1-summary"' in html
    assert 'id="choix-1-summary"' in html
    assert 'aria-describedby="choix-1-summary-erreur"' in html
    assert batch.rows.get().choices == {}
    batch.refresh_from_db()
    assert batch.state == "waiting"


def test_contradictions_can_be_left_on_purpose(staff_client, bring, stage):
    bring(published(GARDEN))
    edit(GARDEN["title"], summary="Écrit ici.")
    batch = stage(published(GARDEN | {"summary": "Écrit ailleurs."}, GARDEN | {"title": "Le bal", "summary": "Dansé."}))
    confirm(staff_client, batch, leave="1")
    batch.refresh_from_db()
    assert batch.state == "applied"
    assert Action.objects.get(title=GARDEN["title"]).summary == "Écrit ici."


def test_leaving_contradictions_does_not_answer_for_a_structure(staff_client, bring, stage):
    bring(published(CENTRE))
    batch = stage(published(SHORT | {"title": "Le bal"}))
    confirm(staff_client, batch, leave="1")
    assert Structure.objects.count() == 1
    assert Action.objects.count() == 1


def test_a_choice_lacking_on_another_page_is_one_link_away(staff_client, bring, stage):
    sheets = [GARDEN | {"title": f"Fiche {number}"} for number in range(45)]
    bring(published(*sheets))
    for sheet in sheets:
        edit(sheet["title"], summary="Écrit ici.")
    batch = stage(published(*(sheet | {"summary": "Écrit ailleurs."} for sheet in sheets)))
    batch.rows.filter(number__lte=30).update(choices={"summary": {"kept": "here", "here": "Écrit ici."}})
    html = staff_client.get(confirm(staff_client, batch)["Location"]).content.decode()
    link = unescape(re.search(r'<div[^>]*id="erreurs".*?href="([^"]+)"', html, re.DOTALL)[1])
    assert link == "?fiche=31&manque=1#choix-31-summary"
    there = staff_client.get(f"{batch.get_absolute_url()}{link.partition('#')[0]}", follow=True)
    assert 'id="choix-31-summary"' in there.content.decode()
    assert "il manque 15 choix" in words(html)


def test_a_sheet_under_another_title_does_not_hold_the_import_back(staff_client, bring, stage):
    bring(published(GARDEN))
    batch = stage(published(GARDEN | {"title": "Le jardin des remparts nord"}))
    html = staff_client.get(batch.get_absolute_url()).content.decode()
    assert not re.search(r'name="1\.sheet"[^>]* checked', html)
    assert "ajoutée comme nouvelle, sauf si vous dites que c'est la même" in words(html)
    confirm(staff_client, batch)
    assert Action.objects.count() == 2


def test_a_sheet_said_to_be_the_same_shows_its_changes(staff_client, bring, stage):
    bring(published(GARDEN))
    batch = stage(published(GARDEN | {"title": "Le jardin des remparts nord"}))
    answer = staff_client.post(f"{batch.get_absolute_url()}choix/", {"fiche": "1", "1.sheet": "yes", "garder": "1"})
    assert answer["Location"].endswith("#fiche-1")
    html = staff_client.get(answer["Location"]).content.decode()
    assert re.search(r"<ins><span[^>]*>[^<]*</span>nord</ins>", html)
    assert "la même fiche, qui change de titre" in words(html)
    confirm(staff_client, batch)
    assert Action.objects.get().title == "Le jardin des remparts nord"


def test_what_to_know_is_told_in_words_with_the_way_to_each_place(staff_client, bring, stage):
    bring(published(GARDEN, GARDEN | {"title": "Le four", "summary": "Du pain.", "description": "On cuit."}))
    batch = stage(
        published(
            GARDEN,
            GARDEN | {"title": "Le four", "summary": "Du pain.", "description": "On cuit le samedi."},
            GARDEN
            | {"title": "Le bal", "structure": "Le Rouet bleu", "summary": "On danse.", "description": "Au parquet."}
            | {"keywords": ["Viellissement"], "public": "Gens du fleuve"},
        )
    )
    text = read(staff_client, batch.get_absolute_url())
    for sentence in (
        "Nouvelles 1 fiche, publiée aussitôt",
        "Modifiées 1 fiche",
        "Inchangées 1 fiche, rien à faire",
        "Structure à créer Le Rouet bleu, Ardennes",
        "« Viellissement » devient « Vieillissement »",
        "« Gens du fleuve » Public, 1 fiche",
        "3 dans les textes, à relire après l'enregistrement : fiche 3 (3)",
    ):
        assert sentence in text, sentence
    html = staff_client.get(batch.get_absolute_url()).content.decode()
    for link in set(re.findall(r'href="(\?fiche=\d+#[^"]+)"', html)):
        address, _sharp, place = link.partition("#")
        there = staff_client.get(f"{batch.get_absolute_url()}{address}", follow=True).content.decode()
        assert f'id="{place}"' in there, link


def test_each_record_unfolds_what_will_be_saved(staff_client, bring, stage):
    bring(published(GARDEN))
    edit(GARDEN["title"], summary="Écrit ici.")
    batch = stage(
        published(
            GARDEN | {"limits": "Le puits.", "summary": "Écrit ailleurs."},
            GARDEN | {"title": "Le bal", "summary": "On danse sur le parquet.", "keywords": ["Viellissement"]},
        )
    )

    def unfolded(number: int) -> str:
        page = staff_client.get(batch.get_absolute_url(), {"fiche": number}, follow=True).content.decode()
        return re.search(rf'<dl class="facts" id="contenu-{number}">.*?</dl>', page, re.DOTALL)[0]

    assert "On danse sur le parquet." in unfolded(2)
    assert "Vieillissement" in unfolded(2)
    assert "Viellissement" in unfolded(2)  # what the file said
    assert "Le puits." in unfolded(1)
    assert "Écrit ici." in unfolded(1)  # until someone chooses the file
    batch.rows.filter(number=1).update(choices={"summary": {"kept": "file", "here": "Écrit ici."}})
    assert "Écrit ailleurs." in unfolded(1)


def test_queries_of_the_preview_do_not_grow_with_the_records(staff_client, bring, stage):
    taken = []
    for count in (2, 18):
        sheets = [CENTRE | {"title": f"Fiche {count} {number}", "summary": f"{number}"} for number in range(count)]
        bring(published(*sheets))
        batch = stage(published(*(sheet | {"limits": "Autre.", "public": "Inconnu"} for sheet in sheets)))
        with CaptureQueriesContext(connection) as captured:
            staff_client.get(batch.get_absolute_url())
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_odd_answers_break_nothing(staff_client, bring, stage):
    bring(published(CENTRE))
    batch = stage(published(SHORT))
    odd = {"fiche": ["x", "99", "9" * 30, "1"], "1.structure": "peut-être", "1.rien": "file", "garder": "<b>"}
    answer = staff_client.post(f"{batch.get_absolute_url()}choix/", odd)
    assert answer.status_code == 302
    assert batch.rows.get().same_structure is None
    for odd_query in ("?fiche=999", "?fiche=x", "?voir=rien", "?page=99"):
        assert staff_client.get(batch.get_absolute_url() + odd_query, follow=True).status_code == 200


def test_a_stranger_settles_nothing(client, stranger, bring, stage):
    bring(published(CENTRE))
    batch = stage(published(SHORT))
    client.force_login(stranger)
    for place in ("choix", "enregistrer", "abandonner"):
        assert client.post(f"{batch.get_absolute_url()}{place}/", {"fiche": "1"}).status_code == 404
    assert client.get(f"{batch.get_absolute_url()}abandonner/").status_code == 404


def test_giving_up_is_asked_once_more_with_what_is_lost(staff_client, bring, stage):
    bring(published(GARDEN))
    edit(GARDEN["title"], summary="Écrit ici.")
    batch = stage(published(GARDEN | {"summary": "Écrit ailleurs."}))
    staff_client.post(f"{batch.get_absolute_url()}choix/", {"fiche": "1", "1.summary": "here"})
    text = read(staff_client, f"{batch.get_absolute_url()}abandonner/")
    assert "Rien n'en a été enregistré" in text
    assert "la lecture de 1 fiche" in text
    assert "les choix faits pour 1 fiche" in text
    batch.refresh_from_db()
    assert batch.state == "waiting"
    staff_client.post(f"{batch.get_absolute_url()}abandonner/")
    batch.refresh_from_db()
    assert batch.state == "cancelled"
    assert staff_client.get(f"{batch.get_absolute_url()}abandonner/").status_code == 302
    assert cancel_import(actor=SYSTEM, batch=batch).state == "cancelled"


def test_the_counter_does_not_go_back_between_reading_and_saving(staff_client, staff, stage):
    batch = stage(published(GARDEN, GARDEN | {"title": "Le bal"}))
    tell_progress(batch.pk, 2, step=BatchState.READING)
    mark_applying(actor=staff, batch=batch)
    assert "2 fiches lues L'enregistrement commence." in read(staff_client, batch.get_absolute_url())
    tell_progress(batch.pk, 1, step=BatchState.APPLYING)
    assert "2 fiches lues 1 est prête." in read(staff_client, batch.get_absolute_url())


def test_giving_up_while_it_is_written_leaves_everything_as_before(staff_client, staff, stage):
    batch = stage(published(GARDEN))
    mark_applying(actor=staff, batch=batch)
    page = f"{batch.get_absolute_url()}abandonner/"
    assert "aucune fiche n'est encore au catalogue" in read(staff_client, page)
    assert staff_client.post(page)["Location"] == batch.get_absolute_url()
    assert "Abandon demandé" in read(staff_client, batch.get_absolute_url())
    apply_waiting.func(batch.pk, staff.pk)
    batch.refresh_from_db()
    assert batch.state == "cancelled"
    assert Action.objects.count() == 0
    assert JournalEntry.objects.get(verb="actions.import_cancelled").actor == f"user:{staff.pk}"


def test_work_under_way_hears_that_someone_gives_up(staff, stage, monkeypatch):
    """Asked once the first records are written: the transaction takes them back."""
    batch = stage(published(*(GARDEN | {"title": f"Fiche {number}"} for number in range(TOLD_EVERY + 1))))
    mark_applying(actor=staff, batch=batch)
    monkeypatch.setattr(
        "tisserand.actions.operations.imports.applying.index_actions", lambda _ids: ask_to_stop(batch.pk, staff.pk)
    )
    with pytest.raises(Abandoned):
        apply_import(actor=SYSTEM, batch=batch)
    assert Action.objects.count() == 0


def test_what_was_asked_of_an_earlier_try_is_forgotten(staff, stage):
    batch = stage(published(GARDEN))
    ask_to_stop(batch.pk, staff.pk)
    mark_applying(actor=staff, batch=batch)
    assert apply_import(actor=SYSTEM, batch=batch).state == "applied"


def test_work_that_nobody_does_is_given_up_at_once(staff_client, staff, stage):
    batch = stage(published(GARDEN))
    mark_applying(actor=staff, batch=batch)
    ImportBatch.objects.filter(pk=batch.pk).update(updated_at=timezone.now() - timedelta(minutes=5))
    assert "Le travail s'est arrêté" in read(staff_client, batch.get_absolute_url())
    staff_client.post(f"{batch.get_absolute_url()}abandonner/")
    batch.refresh_from_db()
    assert batch.state == "cancelled"


def test_the_report_is_one_sentence_and_the_next_gestures_in_order(staff_client, bring, stage):
    bring(published(GARDEN, GARDEN | {"title": "Le four", "summary": "Du pain.", "description": "On cuit."}))
    new = [
        GARDEN | {"title": f"Atelier {name}", "summary": name, "objectives": name, "description": name}
        for name in ("du bois", "de la laine")
    ]
    four = GARDEN | {"title": "Le four", "summary": "Du pain.", "description": "On cuit le samedi."}
    batch = stage(published(GARDEN, four, *(sheet | {"public": "Gens du fleuve"} for sheet in new)))
    confirm(staff_client, batch)
    text = read(staff_client, batch.get_absolute_url())
    assert "C'est enregistré" in text
    assert "2 fiches ajoutées au catalogue, 1 mise à jour, 1 inchangée." in text
    gestures = ["Voir ces fiches", "Relire les 6 nombres trouvés", "Vérifier la valeur inconnue"]
    places = [text.index(gesture) for gesture in gestures]
    assert places == sorted(places)
    html = staff_client.get(batch.get_absolute_url()).content.decode()
    sheets = re.search(r'href="([^"]+\?voir=created)#fiches"', html)[1]
    assert "Atelier de la laine" in read(staff_client, sheets)


def test_a_file_that_changes_nothing_says_so(staff_client, bring, stage):
    done = bring(published(GARDEN))
    again = bring(published(GARDEN))
    waits = stage(published(GARDEN))
    assert "1 fiche ajoutée au catalogue." in read(staff_client, done.get_absolute_url())
    text = read(staff_client, again.get_absolute_url())
    assert "Rien n'a changé : ce fichier est déjà dans le catalogue." in text
    assert "C'est enregistré" not in text
    text = read(staff_client, waits.get_absolute_url())
    assert "Rien n'a changé : ce fichier est déjà dans le catalogue" in text
    assert "Enregistrer les" not in text


def test_a_file_that_only_changes_sheets_says_which_count_is_which(staff_client, bring):
    bring(published(GARDEN))
    batch = bring(published(GARDEN | {"limits": "Le vent."}))
    assert "1 fiche mise à jour." in read(staff_client, batch.get_absolute_url())


def test_giving_up_too_late_is_told(staff_client, staff, bring):
    batch = bring(published(GARDEN))
    ask_to_stop(batch.pk, staff.pk)
    assert "ces fiches sont enregistrées" in read(staff_client, batch.get_absolute_url())


REFUSED = {
    "a PDF": (b"%PDF-1.7", "C'est un PDF", "Que faire Copiez son texte dans un fichier"),
    "an empty file": (b"", "Le fichier est vide", "Que faire Vérifiez que c'est le bon"),
    "a broken workbook": (b"PK\x03\x04 non", "Ce classeur est abîmé ou coupé", "Que faire Ouvrez-le et enregistrez-le"),
    "no sheet": (b"Bonjour\n", "Aucune fiche dans ce texte", "C'est à la ligne 1."),
    "a quote": (b'titre,structure\n"A,B\n', "Le tableau ne se lit plus dès la ligne 2", "Que faire"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_file_is_told_by_the_title_then_what_to_do(staff_client, stage, name):
    content, happened, advice = REFUSED[name]
    page = staff_client.get(stage(content).get_absolute_url()).content.decode()
    title = re.search(r"<h1>(.*?)</h1>", page)[1].replace("’", "'")
    assert unescape(title).startswith(happened)
    assert not title.endswith(".")
    assert advice in words(page)
    assert "<title>Erreur" in page
    assert 'href="/equipe/imports/modele.xlsx"' in page
    assert 'name="file"' in page


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
def test_the_model_is_read_again_as_a_table_of_one_example(staff_client, stage, format):
    answer = staff_client.get(f"/equipe/imports/modele.{format}")
    batch = stage(b"".join(answer), f"modele.{format}")
    assert (batch.state, batch.format, batch.counts["read"]) == ("waiting", format, 1)
    assert batch.messages == []
    assert "Ce fichier ne contient aucune fiche." in read(staff_client, stage(b"[]").get_absolute_url())
    assert staff_client.get("/equipe/imports/modele.pdf").status_code == 404


def test_a_double_click_on_save_is_one(staff_client, stage):
    batch = stage(published(GARDEN))
    for _ in range(2):
        assert confirm(staff_client, batch)["Location"] == batch.get_absolute_url()
    assert Action.objects.count() == 1


def deposit(client, content: bytes, name: str = "fiches.txt") -> ImportBatch:
    client.post("/equipe/imports/", {"file": SimpleUploadedFile(name, content), "token": name})
    return ImportBatch.objects.get(token=name)
