"""Sheets out and in again, character for character; no formula."""

import csv
import io
import json
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.texts import GARDEN, published
from tisserand.actions.exports import CONTENT_TYPES, Headings, write
from tisserand.actions.fields import KEYS
from tisserand.actions.models import Action
from tisserand.actions.queries import with_content
from tisserand.common.tables import join_list, neutral_cell, restore_cell, split_list

pytestmark = pytest.mark.django_db
FORMATS = ("json", "csv", "xlsx", "ods", "txt")
RISKY = ("=1+1", "+33 1", "-2", "@SUM(A1)", "\tonglet", "'=déjà", "- une liste\n- deux", "=cmd|' /C calc'!A0")


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
    from tests.factories import NetworkFactory

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


def test_a_cell_too_long_for_excel_is_told(make_action):
    make_action(title="Long", summary="x" * 40_000)
    file = io.BytesIO()
    warnings = write(file, "xlsx", with_content(Action.objects.all()), Headings.codes(), "R")
    assert "H2" in warnings[0]
