"""Sheets out and in again, character for character; no formula."""

import copy
import csv
import io
import json
import tempfile
import tracemalloc
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.factories import NetworkFactory
from tests.texts import GARDEN, published
from tisserand.actions.exports import CONTENT_TYPES, Headings, write
from tisserand.actions.fields import KEYS
from tisserand.actions.imports.apart import by_label
from tisserand.actions.models import Action
from tisserand.actions.queries import with_content
from tisserand.common.tables import join_list, neutral_cell, restore_cell, split_list

pytestmark = pytest.mark.django_db
FORMATS = ("json", "csv", "xlsx", "ods", "txt")
RISKY = (
    "=1+1",
    "+33 1",
    "-2",
    "@SUM(A1)",
    "\tonglet",
    "'=déjà",
    "- une liste\n- deux",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "＠SUM(A1)",
)


def export(format: str, headings: Headings | None = None) -> bytes:
    file = io.BytesIO()
    write(file, format, with_content(Action.objects.order_by("pk")), headings or Headings.codes(), "Réseau")
    return file.getvalue()


@pytest.mark.parametrize("format", FORMATS)
def test_what_goes_out_comes_in_unchanged(bring, make_action, format):
    bring(
        published(GARDEN, GARDEN | {"title": "B", "public": "Personnes en itinérance", "keywords": ["a|b", "Culture"]})
    )
    content = export(format)
    assert bring(content, f"fiches.{format}").counts["unchanged"] == 2


@pytest.mark.parametrize("format", FORMATS)
def test_another_network_receives_every_character(bring, format):
    awkward = '  deux espaces  à la fin  \n\n- tiret\n=formule\n\ttabulation ; virgule, "guillemets" ’ é œ 🌱'
    bring(json.dumps([{**GARDEN, "summary": awkward, "limits": "'=3", "people": "'"}]), "fiches.json")
    other = NetworkFactory()
    bring(export(format), f"fiches.{format}", network=other)
    first, second = with_content(Action.objects.order_by("pk"))
    assert second.network == other
    assert second.values() == first.values()


def test_json_and_csv_hold_the_keys_of_a_sheet(bring):
    bring(published(GARDEN))
    (sheet,) = json.loads(export("json"))
    assert list(sheet) == list(KEYS)
    assert sheet["keywords"] == GARDEN["keywords"]
    assert sheet["public"] == "Tous publics"
    (row,) = csv.DictReader(io.StringIO(export("csv").decode()))
    assert row["partners"] == "Caf|Commune"


def test_extras_come_out(bring):
    bring(b"titre,structure,Notre code\nA,S,42\n", "t.csv")
    (sheet,) = json.loads(export("json"))
    assert sheet["extras"] == [{"label": "Notre code", "after": "", "text": "42"}]
    (row,) = csv.DictReader(io.StringIO(export("csv").decode()))
    assert row["Notre code"] == "42"


@pytest.mark.parametrize("text", RISKY)
def test_no_formula_in_any_table(make_action, text):
    make_action(title=f"Titre {text}", summary=text, limits=text)
    cells = list(csv.reader(io.StringIO(export("csv").decode())))[1]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)
    book = openpyxl.load_workbook(io.BytesIO(export("xlsx")))
    assert not any(cell.data_type == "f" for row in book.active.iter_rows() for cell in row)
    ods = export("ods")
    with zipfile.ZipFile(io.BytesIO(ods)) as archive:
        assert b"formula" not in archive.read("content.xml")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(ods)).get_sheet_by_index(0).to_python()
    assert text in sheet[1]


def test_a_csv_for_people_opens_in_a_french_excel_and_comes_in_again(bring):
    bring(published(GARDEN | {"summary": "=1+1 ; 2, 3\tfin", "limits": 'Un "mot".'}))
    content = export("csv", Headings.labels())
    assert content.startswith("\ufeffTitre;Structure;Département;".encode())
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    assert row["Résumé"] == "'=1+1 ; 2, 3\tfin"
    assert bring(content, "fiches.csv").counts["unchanged"] == 1


def test_what_programs_take_stays_a_plain_csv(bring):
    bring(published(GARDEN))
    assert export("csv").startswith(b"title,structure,department,")


def test_a_workbook_is_offered_first():
    assert next(iter(CONTENT_TYPES)) == "xlsx"


@given(st.text())
def test_neutralising_is_reversible(text):
    assert restore_cell(neutral_cell(text)) == text
    assert not neutral_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda t: t == t.strip() and t)))
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_lists_in_a_cell_are_reversible(values):
    assert split_list(join_list(values)) == values


def written(format: str, actions) -> tuple[bytes, list[str]]:
    file = io.BytesIO()
    warnings = write(file, format, actions, Headings.codes(), "R")
    return file.getvalue(), warnings


def test_a_cell_too_long_for_excel_is_told_and_does_not_come_back_as_a_change(bring, make_action):
    bring(json.dumps([GARDEN | {"summary": "x" * 40_000, "limits": "🌱" * 20_000}]), "f.json")
    content, warnings = written("xlsx", with_content(Action.objects.all()))
    assert [warning.split()[2] for warning in warnings] == ["H2", "U2"]
    batch = bring(content, "f.xlsx")
    assert batch.counts["unchanged"] == 1
    assert Action.objects.get().source["summary"] == "x" * 40_000
    other = bring(content, "f.xlsx", network=NetworkFactory())
    assert Action.objects.last().summary.endswith("(texte coupé : limite du format XLSX)")
    assert {message["field"] for message in other.messages if message["level"] == "warning"} == {"summary", "limits"}


def test_a_text_cut_by_excel_then_changed_is_a_change(bring):
    bring(json.dumps([GARDEN | {"summary": "x" * 40_000}]), "f.json")
    cut = written("xlsx", with_content(Action.objects.all()))[0]
    bring(json.dumps([GARDEN | {"summary": "Autre."}]), "f.json")
    assert bring(cut, "f.xlsx").counts["updated"] == 1


@pytest.mark.parametrize(("format", "cells"), [("ods", ["H2", "I2"]), ("xlsx", ["I2"]), ("csv", [])])
def test_a_character_that_a_format_does_not_hold_is_told(bring, format, cells):
    bring(json.dumps([GARDEN | {"summary": "a\x0bb", "initiators": ["b\ufffe"]}]), "f.json")
    warnings = written(format, with_content(Action.objects.all()))[1]
    assert [warning.split()[2] for warning in warnings] == cells


def test_any_name_of_a_network_names_the_sheet_of_a_workbook(make_action):
    make_action(title="A")
    for kind in ("xlsx", "ods"):
        write(
            io.BytesIO(), kind, with_content(Action.objects.all()), Headings.codes(), "Réseau [A/B] : \x01" + "x" * 40
        )


def test_a_published_text_gives_back_every_label_that_its_file_had(bring):
    text = published(GARDEN | {"ended_reason": ""})
    structure = "- Centre social La Navette - Ardennes\n"
    text = text.replace(structure, structure + "12 rue du Lavoir\n- Budget prévu\n1 200 €\n\\- en deux fois\n- Label\n")
    text = text.replace("- Fichier(s) associé(s)\n", "- Fichier(s) associé(s)\n- affiche.pdf\n")
    text = text.replace("- Services\n", "- Services\n- Axe du projet\nLe deuxième\n")
    bring(text)
    action = Action.objects.get()
    assert [(extra["label"], extra["text"]) for extra in action.extras] == [
        ("", "12 rue du Lavoir"),
        ("Budget prévu", "1 200 €\n- en deux fois"),
        ("Label", ""),
        ("Fichier(s) associé(s)", "- affiche.pdf"),
        ("Dimension", "- Axe du projet\nLe deuxième"),
    ]
    assert "- Raisons pour lesquelles l'action est terminée\n- Dimension" in text
    assert export("txt").decode() == text


@pytest.mark.parametrize("format", FORMATS)
def test_a_published_text_gains_no_label_from_a_table_that_says_the_same(bring, format):
    text = published(GARDEN | {"ended_reason": ""}).replace("- Raisons pour lesquelles l'action est terminée\n", "")
    bring(text)
    bring(export(format), f"fiches.{format}")
    assert export("txt").decode() == text


@pytest.mark.parametrize("format", FORMATS)
def test_what_a_file_kept_apart_reaches_another_network(bring, format):
    bring("titre,structure,Notre code,Public,Public,\nA,S,42,Adultes,les voisins,sans nom\nB,S,,,,\n", "t.csv")
    other = NetworkFactory()
    bring(export(format), f"f.{format}", network=other)
    first, second = Action.objects.filter(title="A").order_by("pk")
    assert {one["label"]: one["text"] for one in second.extras} == {
        "Notre code": "42", "Public": "les voisins", "": "sans nom"
    }  # fmt: skip
    assert second.values() == first.values()


def test_two_values_where_the_form_has_one_come_back_from_the_text(bring):
    bring(json.dumps([GARDEN | {"public": "Adultes|Les voisins"}]), "f.json")
    content, warnings = written("txt", with_content(Action.objects.all()))
    assert warnings == []
    assert bring(content).counts["unchanged"] == 1
    assert Action.objects.get().labels("public") == ["Adultes", "Les voisins"]


def test_a_label_that_a_file_does_not_have_erases_nothing_of_what_is_kept_apart(bring):
    bring("titre,structure,Notre code,Lundi\nA,S,42,oui\n", "t.csv")
    assert bring("titre,structure,Lundi\nA,S,non\n", "t.csv").counts["updated"] == 1
    assert {one["label"]: one["text"] for one in Action.objects.get().extras} == {"Notre code": "42", "Lundi": "non"}


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
def test_the_model_to_fill_in_is_read_without_a_word(staff_client, stage, format):
    content = b"".join(staff_client.get(f"/equipe/imports/modele.{format}").streaming_content)
    batch = stage(content, f"modele.{format}")
    assert (batch.counts["created"], batch.messages) == (1, [])
    assert batch.rows.get().fields["keywords"] == ["éducation / scolarité", "Parentalité"]
    assert set(batch.rows.get().fields) == set(KEYS)


# What people write, and what imitates the form.
lines = st.one_of(
    st.sampled_from(
        [
            "- Public", "- Dimension", "- Structure organisatrice", "Actions", "-", "- ", "", " ", "\\", "\\- Public",
            "\\\\Actions", "- une liste", "=1+1", "+33", "@a", '"', "'", ";", "a|b", "\\|", "- Territoire concerné",
            "Partenaires d'action:", "- Suite de l'action : Perspectives", "_x000B_", "Texte sans étiquette",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30),
)  # fmt: skip
texts = st.lists(lines, max_size=4).map("\n".join)
labels = st.one_of(st.sampled_from(["Notre code", "Public", "Titre", "Dimension (à vérifier)", "", "=x"]), lines)
sheets = st.fixed_dictionaries(
    {
        "title": lines.filter(lambda text: text.strip()),
        "summary": texts,
        "description": texts,
        "perspectives": texts,
        "keywords": st.lists(st.sampled_from(["Culture", "Santé", "a|b", "- tiret", "=x", "Inconnu"]), unique=True),
        "public": st.sampled_from(["", "Adultes", "Adultes|Seniors", "Les voisins", "Adultes|Les voisins"]),
        "extras": st.lists(
            st.fixed_dictionaries(
                {"label": labels, "after": st.sampled_from(["", "files", "dimension", "rien"]), "text": texts}
            ),
            max_size=3,
        ),
    }
)


NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # each example is two imports


@pytest.mark.parametrize("format", FORMATS)
@given(st.lists(sheets, min_size=1, max_size=3))
@settings(max_examples=8, deadline=None, phases=NO_SHRINKING, suppress_health_check=list(HealthCheck))
def test_whatever_people_wrote_goes_out_and_comes_in_unchanged(bring, format, found):
    Action.objects.all().delete()
    found = [{**GARDEN, **sheet} for sheet in found]
    batch = bring(json.dumps(found), "f.json")
    assert batch.counts["created"] == len(found)
    content, warnings = written(format, with_content(Action.objects.order_by("pk")))
    assert warnings == []
    again = bring(content, f"f.{format}")
    assert again.counts["unchanged"] == len(found), [row.changes for row in again.rows.all()]
    assert Action.objects.count() == len(found)
    other = NetworkFactory()
    bring(content, f"f.{format}", network=other)
    pairs = zip(
        with_content(Action.objects.exclude(network=other).order_by("pk")),
        with_content(Action.objects.filter(network=other).order_by("pk")),
        strict=True,
    )
    for first, second in pairs:
        assert second.values() == first.values()
        assert by_label(second.extras) == by_label(first.extras)


@pytest.mark.parametrize("format", FORMATS)
def test_memory_does_not_grow_with_the_number_of_sheets(make_action, format):
    one = with_content(Action.objects.filter(pk=make_action(title="A", summary="mot " * 500).pk)).get()
    one.extras = [{"label": "Code", "after": "", "text": "42"}]

    def copies(count: int):
        """Sheets as a queryset gives them: each is forgotten once the next one is asked for."""
        for number in range(count):
            again = copy.copy(one)
            again.title, again.summary = f"Fiche {number}", f"{one.summary} {number}"
            yield again

    peaks = []
    written(format, copies(1))  # what is loaded once
    for count in (100, 1_000):
        tracemalloc.start()
        with tempfile.TemporaryFile() as file:
            write(file, format, copies(count), Headings.labels(), "R")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] + 300_000
