"""What is typed or brought as a name or a title is kept on one line, whichever way it comes."""

import csv
import io
import json

import pytest

from tests.factories import NetworkFactory, UserFactory
from tests.sheets import write
from tests.texts import GARDEN
from tisserand.actions.fields import mark
from tisserand.actions.models import Action, Term
from tisserand.actions.operations.life import begin_sheet
from tisserand.actions.operations.writing import write_field
from tisserand.common.tables import join_list
from tisserand.common.text import one_line
from tisserand.network.models import Controller, Structure, User
from tisserand.network.operations import ensure_structure, say_controller, update_structure
from tisserand.network.operations.accounts import change_name
from tisserand.privacy.journal import SYSTEM

TYPED = "La\r\n maison\x07\u2028d'ici\n"
KEPT = "La maison d'ici"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (TYPED, KEPT),
        ("", ""),
        ("\n", ""),
        (" déjà  sur une\xa0ligne\u202f! ", " déjà  sur une\xa0ligne\u202f! "),
        ("un\tdeux", "un\tdeux"),  # one line already
        ("👩\u200d🌾 et l\u00adongs", "👩\u200d🌾 et l\u00adongs"),
        ("nul\x00", "nul\x00"),  # refused elsewhere, and told
    ],
)
def test_on_one_line(typed, kept):
    assert one_line(typed) == one_line(one_line(typed)) == kept


def test_names_are_kept_on_one_line(db, network):
    structure = ensure_structure(actor=SYSTEM, network=network, name=TYPED, department="Ar\ndennes", phone="03\n04")
    assert (structure.name, structure.department, structure.phone) == (KEPT, "Ar dennes", "03 04")
    update_structure(actor=SYSTEM, network=network, structure=structure, changes={"name": "A\nB", "about": "a\nb"})
    found = Structure.objects.get(pk=structure.pk)
    assert (found.name, found.about) == ("A B", "a\nb")  # what is told at length keeps its lines
    person = UserFactory()
    change_name(actor=person, first_name="Na\ndia", last_name=TYPED)
    assert User.objects.filter(pk=person.pk, first_name="Na dia", last_name=KEPT).exists()
    values = {"name": TYPED, "address": "1 rue\nici", "contact": "x\ny", "officer": ""}
    for _time in range(2):
        say_controller(actor=SYSTEM, network=network, values=values)
    assert Controller.objects.values_list("name", "address", "contact").get() == (KEPT, "1 rue\nici", "x y")
    assert NetworkFactory(name="x\ny").name == "x y"


def test_a_title_is_kept_on_one_line_and_its_mark_is_of_what_is_kept(network, structure, writer):
    sheet = begin_sheet(actor=writer, network=network, structure=structure, title=TYPED, token="t")
    assert Action.objects.get().title == KEPT
    again = write_field(actor=writer, action=sheet, key="title", value="x\ny", base=mark(KEPT))
    assert Action.objects.get().title == "x y"
    write_field(actor=writer, action=sheet, key="title", value="z", base=again)
    write(writer, sheet, summary="a\nb")
    assert Action.objects.get().summary == "a\nb"


@pytest.mark.parametrize("between", ["\n", "\x0b", "\x1f", "\x85", "\u2028"])
@pytest.mark.parametrize("format", ["json", "csv"])
def test_a_file_whose_names_are_broken_comes_in_whole_and_twice_is_once(bring, between, format):
    sheet = GARDEN | {"title": f"Le{between}jardin", "structure": f"La{between}Navette", "department": "Ardennes"}
    sheet["keywords"] = [f"Jardin{between}partagé"]
    content = json.dumps([sheet]) if format == "json" else table(sheet)
    batch = bring(content, f"fiches.{format}")
    assert {one["field"] for one in batch.rows.get().messages} >= {"title", "structure"}
    made = Action.objects.get()
    assert (made.title, made.structure.name) == ("Le jardin", "La Navette")
    assert Term.objects.filter(label="Jardin partagé").exists()
    assert bring(content, f"fiches.{format}").counts["unchanged"] == 1


def table(sheet: dict) -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows(
        [sheet.keys(), [join_list(v) if isinstance(v, list) else v for v in sheet.values()]]
    )
    return file.getvalue()
