"""The form of a sheet: how its closed lists are asked, and that nothing is lost by the way they are."""

import re

import pytest

from tisserand.actions.models import Action, Term
from tisserand.actions.operations.sheets import update_action

pytestmark = pytest.mark.django_db


def edit(client, action, **answers):
    """Send the form of a sheet as it stands, with these answers."""
    form = client.get(f"/actions/{action.pk}/modifier/").context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    return client.post(f"/actions/{action.pk}/modifier/", data | answers)


def shapes(client, action) -> dict[str, str]:
    """How each closed list is asked."""
    page = client.get(f"/actions/{action.pk}/modifier/").content.decode()
    names = ("status", "dimension", "territory", "keywords", "partners")
    inputs = {
        name: re.findall(rf'<(?:input type="(\w+)" name="{name}"|(select) name="{name}")', page) for name in names
    }
    return {name: "".join(found[0]) for name, found in inputs.items()}


def test_one_of_a_few_is_asked_by_round_buttons(staff_client, make_action):
    action = make_action(title="A", status=["En cours"], keywords=["Culture"])
    boxes = dict.fromkeys(("keywords", "partners"), "checkbox")
    assert shapes(staff_client, action) == dict.fromkeys(("status", "dimension", "territory"), "radio") | boxes
    assert edit(staff_client, action, status="Terminée", dimension="Services").status_code == 302
    sheet = Action.objects.get()
    assert (sheet.labels("status"), sheet.labels("dimension")) == (["Terminée"], ["Services"])
    assert edit(staff_client, action, status="").status_code == 302
    assert Action.objects.get().labels("status") == []
    assert edit(staff_client, action, status="Une autre").status_code == 422


def test_a_long_list_is_a_menu_and_several_values_stay(staff_client, make_action, network):
    action = make_action(title="A", dimension=["Services", "Citoyenneté"])
    for number in range(7):
        Term.objects.create(
            network=network, facet="territory", label=f"Pays {number}", key=f"pays {number}", slug=f"pays-{number}"
        )
    asked = shapes(staff_client, action)
    assert (asked["territory"], asked["dimension"]) == ("select", "checkbox")
    assert edit(staff_client, action, territory="Pays 3").status_code == 302
    sheet = Action.objects.get()
    assert (sheet.labels("territory"), sheet.labels("dimension")) == (["Pays 3"], ["Services", "Citoyenneté"])


def test_two_people_who_choose_differently_are_shown_both(staff_client, make_action, staff):
    action = make_action(title="A", status=["En cours"])
    opened = staff_client.get(f"/actions/{action.pk}/modifier/").context["form"]
    data = {name: opened[name].value() for name in opened.fields if opened[name].value() not in (None, "")}
    update_action(actor=staff, action=action, revision=1, values={"status": ["Terminée"], "dimension": ["Services"]})
    answer = staff_client.post(f"/actions/{action.pk}/modifier/", data | {"status": "", "territory": "Une commune"})
    assert answer.status_code == 409
    form = answer.context["form"]
    assert form.theirs == {"status": ["Terminée"]}
    assert (form["dimension"].value(), form["territory"].value()) == ("Services", "Une commune")
