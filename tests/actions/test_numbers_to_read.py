"""Reading the numbers of a sheet: one form, one answer for each, then the next sheet."""

import re
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.sheets import edit, write
from tisserand.actions.enums import FactState
from tisserand.actions.models import Fact
from tisserand.actions.operations.facts import Decision, decide_facts
from tisserand.actions.operations.life import discard, rewrite
from tisserand.actions.operations.sheets import create_action
from tisserand.privacy.models import JournalEntry
from tisserand.search.models import SearchDoc, SearchSpace

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(make_action):
    return make_action(title="Le jardin", people="2 animatrices, 14 habitants et 30 enfants")


def address(action) -> str:
    return f"/actions/{action.pk}/nombres/"


def form_of(client, action, **answers: str) -> dict[str, str]:
    """What the browser would send from the page as it is now, with these answers (`n14_low` for the number 14)."""
    asked = client.get(address(action)).context["asked"]
    data = {"opened": asked.opened}
    for form in asked.forms.values():
        data |= {form.add_prefix(name): form[name].value() or "" for name in form.fields}
    facts = {f"n{int(fact.low)}": pk for pk, fact in asked.facts.items()}
    for key, value in answers.items():
        number, _, name = key.partition("_")
        data[f"nombre-{facts[number]}-{name or 'choice'}"] = value
    return data


def states() -> list[tuple[str, str]]:
    return list(Fact.objects.order_by("start").values_list("text", "state"))


def test_each_number_keeps_its_answer(staff_client, action, staff):
    correction = {"n14": "correct", "n14_low": "15", "n14_high": "20", "n14_label": "voisins", "n14_period": "year"}
    sent = form_of(staff_client, action, n2="accept", n30="dismiss", **correction)
    assert staff_client.post(address(action), sent)["Location"] == "/equipe/nombres/"
    one, two, three = Fact.objects.order_by("start")
    assert (one.state, one.corrected, one.decided_by) == ("accepted", False, staff)
    assert (two.state, two.corrected) == ("accepted", True)
    assert (two.low, two.high, two.label, two.period) == (15, 20, "voisins", "year")
    assert three.state == "dismissed"
    checked = re.findall(r'value="(\w+)"[^>]*checked', staff_client.get(address(action)).content.decode())
    assert checked == ["accept", "accept", "dismiss"]
    staff_client.post(address(action), form_of(staff_client, action, n2="later", n15="dismiss"))
    assert [state for _text, state in states()] == ["pending", "dismissed", "dismissed"]
    assert Fact.objects.get(state="pending").decided_by is None


def test_all_at_once_keeps_what_was_corrected_or_set_aside(staff_client, action):
    sent = form_of(staff_client, action, n2="dismiss", n14="correct", n14_low="16")
    staff_client.post(address(action), sent | {"keep": "all"})
    assert list(Fact.objects.order_by("start").values_list("state", "low")) == [
        ("dismissed", 2),
        ("accepted", 16),
        ("accepted", 30),
    ]


def test_a_mistake_loses_nothing_and_writes_nothing(staff_client, action):
    sent = form_of(staff_client, action, n2="accept", n30="dismiss", n14="correct", n14_low="9", n14_high="3")
    answer = staff_client.post(address(action), sent)
    assert answer.status_code == 422
    page = unescape(answer.content.decode())
    assert {state for _text, state in states()} == {"pending"}
    assert re.findall(r'value="(\w+)"[^>]*checked', page) == ["accept", "correct", "dismiss"]
    assert 'value="9"' in page
    assert 'value="3"' in page
    assert "Un nombre est à corriger" in page
    field = re.search(r'<li><a href="#([^"]*high)">«.14 habitants.»', page)[1]
    assert f'id="{field}"' in page
    assert staff_client.post(address(action), sent | {"keep": "all"}).status_code == 422


@pytest.mark.parametrize(("language", "told"), [("fr", "écrivez le nombre."), ("en", "write the number.")])
def test_a_correction_without_its_number_says_what_is_missing(staff_client, action, language, told):
    sent = form_of(staff_client, action, n14="correct", n14_low="")
    staff_client.cookies["django_language"] = language
    answer = staff_client.post(address(action), sent)
    assert answer.status_code == 422
    assert told in unescape(answer.content.decode())


def test_what_is_wrong_in_a_correction_not_chosen_is_no_mistake(staff_client, action):
    sent = form_of(staff_client, action, n2="accept", n2_low="", n14="later", n14_high="x")
    assert staff_client.post(address(action), sent).status_code == 302
    assert Fact.objects.get(low=2).state == "accepted"
    assert Fact.objects.get(low=14).state == "pending"


def test_sent_twice_is_kept_and_journalled_once(staff_client, action):
    sent = form_of(staff_client, action, n2="accept", n30="dismiss")
    for _ in range(2):
        staff_client.post(address(action), sent)
    entry = JournalEntry.objects.get(verb="actions.facts_decided")
    assert {state: len(ids) for state, ids in entry.data.items()} == {"accepted": 1, "dismissed": 1}


def test_what_was_not_touched_is_left_to_who_decided_it_meanwhile(staff_client, action, staff):
    sent = form_of(staff_client, action, n2="accept")
    other = Fact.objects.get(low=30)
    decide_facts(actor=staff, action=action, decisions={other.pk: Decision(FactState.DISMISSED)})
    staff_client.post(address(action), sent)
    assert [state for _text, state in states()] == ["accepted", "pending", "dismissed"]


def test_a_number_that_nobody_saw_is_not_retained(staff_client, action):
    sent = form_of(staff_client, action)
    edit(action, people="2 animatrices, 14 habitants et 99 élèves")
    answer = staff_client.post(address(action), sent | {"keep": "all"}, follow=True)
    assert ("99 élèves", "pending") in states()
    assert "a changé pendant que vous lisiez" in unescape(answer.content.decode())


def test_sheets_follow_one_another_and_come_round(staff_client, action, make_action):
    few, least = (
        make_action(title="Peu", people="5 habitants, 6 parents"),
        make_action(title="Moins", people="7 élèves"),
    )
    order, here = [], action
    for _ in range(3):
        page = staff_client.get(address(here)).content.decode()
        following = staff_client.get(address(here)).context["following"]
        assert f'href="{address(following)}">Passer cette fiche' in page
        order.append(following.title)
        here = following
    assert order == ["Peu", "Moins", "Le jardin"]
    answer = staff_client.post(address(few), form_of(staff_client, few) | {"keep": "all"}, follow=True)
    assert answer.redirect_chain == [(address(least), 302)]
    told = unescape(answer.content.decode())
    assert f'2 choix gardés pour <a href="{address(few)}">Peu</a>.' in told
    assert staff_client.get(address(few)).context["following"] == action


def test_a_title_is_no_markup(staff_client, make_action):
    odd = make_action(title="Un <b>titre</b> {0} %(n)s", people="7 élèves")
    answer = staff_client.post(address(odd), form_of(staff_client, odd, n7="accept"), follow=True)
    assert "&lt;b&gt;titre&lt;/b&gt; {0} %(n)s</a>." in answer.content.decode()


def test_a_decision_is_refused_whole(action, staff, stranger):
    one, two, _three = Fact.objects.order_by("start")
    wrong = {one.pk: Decision(FactState.ACCEPTED), two.pk: Decision(FactState.ACCEPTED, low=9, high=3)}
    with pytest.raises(ValidationError):
        decide_facts(actor=staff, action=action, decisions=wrong)
    with pytest.raises(PermissionDenied):
        decide_facts(actor=stranger, action=action, decisions={one.pk: Decision(FactState.ACCEPTED)})
    assert {state for _text, state in states()} == {"pending"}


def test_numbers_of_another_sheet_stay_as_they_are(action, make_action, staff):
    make_action(title="Une autre", people="8 jardiniers")
    other = Fact.objects.get(low=8)
    assert decide_facts(actor=staff, action=action, decisions={other.pk: Decision(FactState.ACCEPTED)}) == 0
    other.refresh_from_db()
    assert other.state == "pending"


def test_many_numbers_ask_as_little_as_few(make_action, staff):
    def count(number: int) -> int:
        text = ", ".join(f"{n} habitants" for n in range(2, number + 2))
        sheet = make_action(title=f"{number}", people=text)
        decisions = {pk: Decision(FactState.ACCEPTED) for pk in sheet.facts.values_list("pk", flat=True)}
        assert len(decisions) == number
        with CaptureQueriesContext(connection) as captured:
            decide_facts(actor=staff, action=sheet, decisions=decisions)
        return len(captured)

    assert count(2) == count(20)


def test_the_search_hears_of_what_readers_see_and_of_nothing_else(network, structure, public, draft, writer, staff):
    def version() -> int:
        return SearchSpace.objects.get().version

    write(writer, draft, people="12 habitants")
    fact, before = draft.facts.get(), version()
    decide_facts(actor=writer, action=draft, decisions={fact.pk: Decision(FactState.ACCEPTED)})
    copy = rewrite(actor=writer, action=public)
    amount = copy.facts.filter(kind="money").first()
    decide_facts(actor=writer, action=copy, decisions={amount.pk: Decision(FactState.ACCEPTED)})
    discard(actor=writer, action=copy)
    create_action(actor=staff, network=network, structure=structure, values={"title": "Brouillon"})
    discard(actor=writer, action=draft)
    assert version() == before
    amount = public.facts.filter(kind="money").first()
    decide_facts(actor=staff, action=public, decisions={amount.pk: Decision(FactState.ACCEPTED)})
    assert version() == before + 1
    assert "stated=budget" in SearchDoc.objects.get().facets
