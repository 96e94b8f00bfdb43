"""The numbers a sheet is announced by: whom it reached, who leads it, its money; a part never stands alone."""

import pytest
from django.utils import translation

from tests.factories import ActionFactory, NetworkFactory
from tisserand.actions.enums import FactState
from tisserand.actions.facts import find_facts
from tisserand.actions.facts.parts import parts
from tisserand.actions.models import Action, Fact
from tisserand.actions.numbers import numbers


def wholes(text: str, field: str = "people") -> list[tuple[str, str]]:
    """The parts of a text, each with the words of its whole."""
    facts = find_facts(text, field=field)
    return [(text[facts[rank].start : facts[rank].end], whole.words) for rank, whole in parts(text, facts).items()]


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("10 bénévoles dont 3 femmes", "people", [("3 femmes", "10 bénévoles")]),
        (
            "40 habitants (25 femmes et 15 hommes)",
            "people",
            [("25 femmes", "40 habitants"), ("15 hommes", "40 habitants")],
        ),
        (
            "12 000 € dont 4 500 € de la Caf et 3 000 € de la ville",
            "funding",
            [("4 500 €", "12 000 €"), ("3 000 €", "12 000 €")],
        ),
        ("20 adhérents. Dont 4 jeunes.", "people", [("4 jeunes", "")]),
        ("10 bénévoles et 3 femmes", "people", []),
        ("6 professionnels (rejoints par 20 habitants)", "people", []),
        ("3 ateliers dont un avec 12 familles", "people", []),
        ("8 salariés, 30 jeunes dont 10 filles", "people", [("10 filles", "30 jeunes")]),
    ],
)
def test_a_part_is_told_with_its_whole(text, field, expected):
    assert wholes(text, field) == expected


def sheet(accept: str = "", **texts: str) -> Action:
    """A sheet whose numbers are all accepted, or only those that hold *accept*."""
    action = ActionFactory(network=NetworkFactory(), **texts)
    Fact.objects.filter(action=action, text__contains=accept).update(state=FactState.ACCEPTED)
    return Action.objects.prefetch_related("facts").get(pk=action.pk)


@pytest.mark.django_db
def test_those_whom_an_action_reached_come_first():
    told = numbers(sheet(people="6 professionnels et 65 habitants", funding="Caf : 3 000 €"))
    assert [number.value.replace("\u202f", " ").replace("\u00a0", " ") for number in told.heroes] == [
        "65",
        "6",
        "3 000 €",
    ]


@pytest.mark.django_db
def test_a_part_is_never_large_even_when_its_whole_was_not_accepted():
    told = numbers(sheet(accept="femmes", people="10 bénévoles dont 3 femmes"))
    assert told.heroes == ()
    (other,) = told.others
    assert (other.phrase, other.whole) == ("3 femmes", "10 bénévoles")


@pytest.mark.django_db
def test_the_sections_that_tell_the_whole_action_go_before_a_larger_number_elsewhere():
    told = numbers(sheet(people="12 habitants", description="On a écrit à 300 jeunes."))
    assert [number.value for number in told.heroes] == ["12"]
    assert [number.phrase for number in told.others] == ["300 jeunes"]


@pytest.mark.django_db
def test_the_same_number_is_told_once():
    told = numbers(sheet(people="12 habitants", summary="Avec 12 habitants du quartier."))
    assert [number.value for number in (*told.heroes, *told.others)] == ["12"]


@pytest.mark.django_db
def test_nothing_is_told_before_it_is_accepted():
    assert numbers(sheet(accept="rien", people="12 habitants")).heroes == ()


@pytest.mark.django_db
def test_a_number_that_is_not_exact_says_so():
    action = sheet(people="environ 40 habitants par semaine")
    with translation.override("fr"):
        (number,) = numbers(action).heroes
    assert "environ" in number.note


@pytest.mark.django_db
def test_one_rule_for_the_list_the_page_and_the_printed_sheet(client):
    from tisserand.actions.documents import sheet_data

    action = sheet(people="10 bénévoles dont 3 femmes et 45 habitants")
    first = numbers(action).heroes[0]
    assert first.value == "45"
    page = client.get(action.get_absolute_url()).content.decode()
    listed = client.get("/actions/").content.decode()
    assert '<p class="num">45</p>' in page
    assert "<b>45</b>" in listed
    assert sheet_data((action, "https://exemple.example"))["figures"][0]["value"] == "45"
