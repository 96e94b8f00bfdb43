"""The form of a sheet under way: section by section, field by field, nobody's words lost, nothing shown to others."""

import gzip
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import tisserand.actions
import tisserand.common
from tests.factories import StructureFactory
from tests.sheets import WHOLE, ask, person, write
from tests.texts import GARDEN_VALUES
from tisserand.actions.fields import BY_KEY, WRITTEN, mark
from tisserand.actions.guidance import GUIDES, SECTION_OF, SECTIONS
from tisserand.actions.models import Action, Fact, Presence, Term
from tisserand.actions.operations.life import publish, rewrite, send_back, submit
from tisserand.actions.operations.writing import may_write, write_field
from tisserand.actions.queries.life import HERE

pytestmark = pytest.mark.django_db
MAX_QUERIES = 12


@pytest.fixture
def at_work(client, writer):
    client.force_login(writer)
    return client


@pytest.fixture
def colleague(network, structure):
    return person(network, structure)


def way(sheet, step="action") -> str:
    return reverse("sheet-write", args=[sheet.pk, step])


def opened(client, sheet, step="action") -> dict:
    """What the browser would send of a section as it stands."""
    form = client.get(way(sheet, step)).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", [])}
    return data | {f"base-{key}": base for key, base in form.bases.items()}


def opened_by(actor, sheet) -> dict:
    """The same, read by someone else."""
    other = Client()
    other.force_login(actor)
    return opened(other, sheet)


def send(client, sheet, key, value, base=None):
    """Save one field as the script does."""
    sheet.refresh_from_db()
    base = mark(sheet.content()[key]) if base is None else base
    return client.post(reverse("sheet-field", args=[sheet.pk]), {"key": key, "value": value, "base": base})


def test_every_field_is_asked_once_with_its_help():
    assert sorted(SECTION_OF) == sorted(key for section in SECTIONS for key in section.keys) == sorted(WRITTEN)
    assert set(GUIDES) == set(WRITTEN)
    assert {key for key, guide in GUIDES.items() if not guide.example} == {key for key in WRITTEN if BY_KEY[key].facet}


def test_the_button_saves_a_section_and_leads_to_the_next(at_work, draft):
    for rank, section in enumerate(SECTIONS):
        sent = opened(at_work, draft, section.slug) | {section.keys[1]: ""}
        after = SECTIONS[rank + 1].slug if section != SECTIONS[-1] else ""
        answer = at_work.post(way(draft, section.slug), sent)
        assert answer["Location"] == (way(draft, after) if after else f"/equipe/fiches/{draft.pk}/proposer/")
    sent = opened(at_work, draft) | {"summary": "Douze parcelles.\r\nUne table.", "status": "En cours"}
    at_work.post(way(draft), sent | {"keywords": ["Culture", "Santé"]})
    sheet = Action.objects.get()
    assert sheet.summary == "Douze parcelles.\nUne table."
    assert (sheet.labels("status"), sheet.labels("keyword")) == (["En cours"], ["Culture", "Santé"])


def test_a_section_sent_untouched_changes_nothing(at_work, public, writer):
    Action.objects.filter(pk=public.pk).update(summary="Un.\r\nDeux.")  # as a file had it
    copy = rewrite(actor=writer, action=public)
    before = Action.objects.values().get(pk=copy.pk)
    for section in SECTIONS:
        sent = opened(at_work, copy, section.slug)
        sent = {k: v.replace("\r\n", "\n").replace("\n", "\r\n") if isinstance(v, str) else v for k, v in sent.items()}
        assert at_work.post(way(copy, section.slug), sent).status_code == 302
    assert Action.objects.values().get(pk=copy.pk) == before


def test_the_lists_of_a_new_network_are_there_to_tick(at_work, draft):
    page = at_work.get(way(draft)).content.decode()
    assert page.count('name="keywords"') > 10
    assert 'type="radio" name="status"' in page


def test_a_long_list_is_a_menu_and_several_values_stay(at_work, network, make_action, structure, writer):
    sheet = make_action(title="A", structure=structure, dimension=["Services", "Citoyenneté"], draft=True)
    for number in range(7):
        Term.objects.create(
            network=network, facet="territory", label=f"Pays {number}", key=f"pays {number}", slug=f"pays-{number}"
        )
    assert '<select name="territory"' in at_work.get(way(sheet, "avec-qui")).content.decode()
    sent = opened(at_work, sheet, "avec-qui") | {"territory": "Pays 3"}
    assert at_work.post(way(sheet, "avec-qui"), sent).status_code == 302
    assert at_work.post(way(sheet), opened(at_work, sheet)).status_code == 302
    sheet = Action.objects.get()
    assert (sheet.labels("territory"), sheet.labels("dimension")) == (["Pays 3"], ["Services", "Citoyenneté"])


def test_what_cannot_be_kept_is_told_beside_its_field_and_the_rest_is_saved(at_work, draft):
    sent = opened(at_work, draft) | {"title": "  ", "summary": "Un jardin.", "status": "Une autre"}
    answer = at_work.post(way(draft), sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"title", "status"}
    assert answer.context["form"]["title"].value() == "  "
    sheet = Action.objects.get()
    assert (sheet.title, sheet.summary) == ("Jardin", "Un jardin.")


def test_two_people_are_shown_both_texts_and_nothing_is_overwritten(at_work, draft, colleague):
    sent = opened(at_work, draft)
    write(colleague, draft, summary="Le sien.", ended_reason="La pluie.")
    answer = at_work.post(way(draft), sent | {"summary": "Le mien.", "title": "Jardin clos"})
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert answer.context["form"].clashes == {"summary": "Le sien."}
    assert "Le sien." in page
    assert f"{colleague} a écrit ici en même temps que vous" in page
    form = answer.context["form"]
    assert (form["summary"].value(), form["ended_reason"].value()) == ("Le mien.", "La pluie.")
    sheet = Action.objects.get()
    assert (sheet.title, sheet.summary, sheet.ended_reason) == ("Jardin clos", "Le sien.", "La pluie.")
    # Sent again without a choice, it is asked again.
    again = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", [])}
    again |= {f"base-{key}": base for key, base in form.bases.items()}
    assert at_work.post(way(draft), again).status_code == 409
    assert Action.objects.get().summary == "Le sien."


@pytest.mark.parametrize(
    ("which", "kept"), [("mine", "Le mien."), ("theirs", "Le sien."), ("both", "Le sien.\n\nLe mien.")]
)
def test_the_three_choices_between_two_texts(at_work, draft, colleague, which, kept):
    sent = opened(at_work, draft) | {"summary": "Le mien."}
    write(colleague, draft, summary="Le sien.")
    choice = f"summary:{which}:{mark('Le sien.')}"
    assert choice in at_work.post(way(draft), sent).content.decode()
    answer = at_work.post(way(draft), sent | {"keep": choice})
    assert answer["Location"] == f"{way(draft)}#rubrique-summary"
    assert Action.objects.get().summary == kept


@pytest.mark.parametrize("which", ["mine", "both"])
def test_a_choice_made_too_late_is_asked_again(at_work, draft, colleague, which):
    sent = opened(at_work, draft) | {"summary": "Le mien."}
    choice = f"summary:{which}:{mark('Le sien.')}"
    write(colleague, draft, summary="Le sien.")
    write(colleague, draft, summary="Le sien, repris.")
    assert at_work.post(way(draft), sent | {"keep": choice}).status_code == 409
    assert Action.objects.get().summary == "Le sien, repris."


@pytest.mark.parametrize("choice", ["", "x", "summary", "summary:x:y", "state:mine:z", "summary:mine:"])
def test_an_odd_choice_overwrites_nothing(at_work, draft, colleague, choice):
    sent = opened(at_work, draft) | {"summary": "Le mien."}
    write(colleague, draft, summary="Le sien.")
    assert at_work.post(way(draft), sent | {"keep": choice}).status_code == 409
    assert Action.objects.get().summary == "Le sien."


def test_a_sheet_proposed_meanwhile_keeps_the_words_on_the_page(at_work, draft, colleague):
    sent = opened(at_work, draft) | {"summary": "Encore une phrase."}
    write(colleague, draft, **WHOLE)
    submit(actor=colleague, action=draft)
    answer = at_work.post(way(draft), sent)
    assert answer.status_code == 409
    page = unescape(answer.content.decode())
    assert "Rien n’est enregistré" in page
    assert answer.context["form"]["summary"].value() == "Encore une phrase."
    assert at_work.get(way(draft))["Location"] == f"/equipe/fiches/{draft.pk}/proposer/"
    assert (
        at_work.post(way(draft), sent | {"take_back": "1", "base-summary": mark(WHOLE["summary"])}).status_code == 302
    )
    assert Action.objects.get().summary == "Encore une phrase."


def test_a_field_is_saved_as_it_is_typed(at_work, draft):
    answer = send(at_work, draft, "summary", "Un jardin.\r\nUne table.")
    told = answer.json()
    assert told["mark"] == mark("Un jardin.\nUne table.")
    assert told["told"].startswith("Enregistré à ")
    assert Action.objects.get().summary == "Un jardin.\nUne table."
    send(at_work, draft, "keywords", ["Culture", "Santé"])
    send(at_work, draft, "status", [""])
    sheet = Action.objects.get()
    assert (sheet.labels("keyword"), sheet.labels("status")) == (["Culture", "Santé"], [])


def test_words_sent_twice_without_an_answer_meet_themselves(at_work, draft):
    """The first answer was lost: the browser was reading either the old text or what it had sent."""
    base = mark("")
    send(at_work, draft, "summary", "Un", base)
    assert send(at_work, draft, "summary", "Un jardin", base).status_code == 409  # without it, one meets oneself
    assert send(at_work, draft, "summary", "Un jardin", f"{base} {mark('Un')} {mark('Un j')}").status_code == 200
    assert send(at_work, draft, "summary", "Un", f"{base} {mark('Un')}").status_code == 409
    assert Action.objects.get().summary == "Un jardin"


def test_a_clash_is_answered_with_both_and_a_refusal_in_words(at_work, draft, colleague):
    write(colleague, draft, summary="Le sien.", keywords=["Culture"])
    told = send(at_work, draft, "summary", "Le mien.", mark(""))
    assert told.status_code == 409
    assert told.json()["mark"] == mark("Le sien.")
    assert (told.json()["theirs"], told.json()["both"]) == ("Le sien.", "Le sien.\n\nLe mien.")
    assert str(colleague) in unescape(told.json()["html"])
    lists = send(at_work, draft, "keywords", ["Santé"], mark([])).json()
    assert (lists["theirs"], lists["both"]) == (["Culture"], ["Culture", "Santé"])
    assert "both" not in send(at_work, draft, "status", ["En cours"], "x").json().get("html", "")
    refused = send(at_work, draft, "title", " ")
    assert (refused.status_code, refused.json()["errors"]) == (422, ["Écrivez quelques mots."])
    assert send(at_work, draft, "state", "published", "").status_code == 404


def test_numbers_are_offered_where_they_are_written_and_counted_in_one_gesture(at_work, draft):
    told = unescape(send(at_work, draft, "people", "12 habitants et 3 bénévoles").json()["numbers"])
    assert told.count("compter") == 2
    assert send(at_work, draft, "summary", "14 familles").json()["numbers"].strip() == ""
    residents, volunteers = Fact.objects.filter(field="people").order_by("start")
    page = opened(at_work, draft, "deroulement") | {"funding": "300 € par an"}
    answer = at_work.post(way(draft, "deroulement"), page | {"number": f"{residents.pk}:accepted"})
    assert answer["Location"] == f"{way(draft, 'deroulement')}#rubrique-people"
    page = opened(at_work, draft, "deroulement")
    at_work.post(way(draft, "deroulement"), page | {"number": f"{volunteers.pk}:dismissed"})
    assert Action.objects.get().funding == "300 € par an"  # what was typed beside is saved with the gesture
    states = Fact.objects.filter(field="people").order_by("start").values_list("state", flat=True)
    assert list(states) == ["accepted", "dismissed"]


def test_a_number_keeps_its_row_while_the_text_goes_on(at_work, draft):
    """Negative control of the gesture: the button of a number must not speak of a row that the next letter removed."""
    send(at_work, draft, "people", "12 habitants")
    first = Fact.objects.get()
    send(at_work, draft, "people", "Avec 12 habitants, 3 bénévoles")
    kept = Fact.objects.get(text="12 habitants")
    assert (kept.pk, kept.start, kept.state) == (first.pk, 5, "pending")


@pytest.mark.parametrize("number", ["x", "1:published", "999999:accepted", ":accepted", "1:", f"{'9' * 30}:accepted"])
def test_an_odd_number_decides_nothing(at_work, draft, number):
    send(at_work, draft, "people", "12 habitants")
    at_work.post(way(draft, "deroulement"), opened(at_work, draft, "deroulement") | {"number": number})
    assert Fact.objects.get().state == "pending"


def test_a_number_of_another_sheet_is_not_decided_here(at_work, draft, public):
    fact = public.facts.first()
    at_work.post(way(draft), opened(at_work, draft) | {"number": f"{fact.pk}:accepted"})
    fact.refresh_from_db()
    assert fact.state == "pending"


def test_who_else_writes_is_told_while_they_do(at_work, draft, colleague, writer):
    write(colleague, draft, summary="Un jardin.")
    told = f"{colleague} écrit aussi dans cette fiche, rubrique « Résumé »."
    assert told in unescape(at_work.get(way(draft)).content.decode()).replace("\u00a0", " ")
    answer = at_work.post(reverse("sheet-presence", args=[draft.pk]), {"key": "title"})
    assert [one.replace("\u00a0", " ") for one in answer.json()["others"]] == [told]
    assert Presence.objects.get(user=writer).field == "title"
    Presence.objects.update(seen_at=timezone.now() - HERE)
    assert at_work.post(reverse("sheet-presence", args=[draft.pk])).json()["others"] == []


def test_opening_a_section_writes_nothing(at_work, draft):
    at_work.get(way(draft))
    assert not Presence.objects.exists()


def test_what_the_network_asks_stands_beside_its_field_until_it_is_taken_up(at_work, proposed, writer, staff):
    ask(staff, proposed, text="Pour quels âges ?")
    ask(staff, proposed, field="", text="Une photo, peut-être ?")
    assert "Pour quels âges" not in at_work.get(f"/equipe/fiches/{proposed.pk}/proposer/").content.decode()
    send_back(actor=staff, action=proposed)
    page = unescape(at_work.get(way(proposed)).content.decode())
    assert "Pour quels âges" in page
    assert "Une photo" in page
    last = at_work.get(f"/equipe/fiches/{proposed.pk}/proposer/").content.decode()
    assert f"{way(proposed)}#rubrique-summary" in last
    remark = proposed.remarks.get(field="summary")
    answer = at_work.post(way(proposed), opened(at_work, proposed) | {"summary": "Pour tous.", "remark": remark.pk})
    assert answer["Location"] == f"{way(proposed)}#rubrique-summary"
    remark.refresh_from_db()
    assert remark.settled_by == writer
    assert Action.objects.get().summary == "Pour tous."
    assert "Pour quels âges" not in at_work.get(way(proposed)).content.decode()


def test_a_public_sheet_is_rewritten_beside_itself_and_it_is_said(at_work, public, staff, client):
    page = unescape(at_work.get(f"/actions/{public.pk}/modifier/").content.decode())
    assert "ne change pas tant que le réseau n’a pas relu" in page
    for _click in range(2):
        answer = at_work.post(f"/actions/{public.pk}/modifier/")
    copy = Action.objects.get(revises=public)
    assert answer["Location"] == way(copy)
    assert at_work.get(f"/actions/{public.pk}/modifier/")["Location"] == way(copy)
    assert "ne change pas tant que le réseau n’a pas relu" in unescape(at_work.get(way(copy)).content.decode())
    client.force_login(staff)
    assert "tant que vous n’avez pas publié" in unescape(client.get(way(copy)).content.decode())


def test_only_writers_are_offered_to_modify(client, public, writer, network, structure):
    for user, offered in ((writer, True), (person(network, structure, "referent"), False), (None, False)):
        client.logout()
        if user:
            client.force_login(user)
        assert ("Modifier</button>" in client.get(public.get_absolute_url()).content.decode()) is offered


def addresses(sheet) -> list[str]:
    named = ("sheet-field", "sheet-presence", "sheet-propose", "sheet-take-back", "sheet-discard")
    return [way(sheet, section.slug) for section in SECTIONS] + [reverse(name, args=[sheet.pk]) for name in named]


@pytest.mark.parametrize("kind", ["director", "reader", "referent"])
def test_a_stranger_finds_nothing_at_any_address(client, draft, public, network, stranger, kind):
    elsewhere = None if kind == "reader" else StructureFactory(network=network)
    before = list(Action.objects.values())
    for user in (person(network, elsewhere, kind), stranger):
        client.force_login(user)
        for address in (*addresses(draft), *addresses(public), f"/actions/{public.pk}/modifier/"):
            sent = {"key": "summary", "value": "X", "base": mark(""), "summary": "X", "state": "published"}
            for answer in (client.post(address, sent), client.get(address)):
                assert answer.status_code in {404, 405}, address
    assert list(Action.objects.values()) == before


def test_someone_who_has_no_role_any_more_writes_no_more(at_work, draft, writer):
    writer.roles.all().delete()
    assert send(at_work, draft, "summary", "X").status_code == 403  # no role left at all
    assert Action.objects.get().summary == ""


def test_a_form_asks_for_its_token_and_a_visitor_for_a_login(draft, writer):
    careful = Client(enforce_csrf_checks=True)
    for address in addresses(draft):
        assert careful.get(address).status_code in {302, 405}
    careful.force_login(writer)
    for address in addresses(draft):
        assert careful.post(address, {"key": "summary", "value": "X", "base": mark("")}).status_code == 403
    assert Action.objects.get().summary == ""


def test_a_section_stays_light(at_work, draft):
    static = Path(tisserand.common.__file__).parent / "static/tisserand"
    styles = sum(len(gzip.compress((static / name).read_bytes())) for name in ("tisserand.css", "team.css"))
    heaviest = max(len(gzip.compress(at_work.get(way(draft, section.slug)).content)) for section in SECTIONS)
    assert heaviest + styles <= 14_000
    script = Path(tisserand.actions.__file__).parent / "static/actions/write.js"
    assert len(gzip.compress(script.read_bytes())) <= 6_000


def test_an_unknown_section_is_not_found(at_work, draft):
    assert at_work.get(way(draft, "autre")).status_code == 404


def test_while_the_network_reads_only_its_team_writes(at_work, proposed, writer, staff, client):
    assert send(at_work, proposed, "summary", "X").status_code == 403
    client.force_login(staff)
    assert client.get(way(proposed)).status_code == 200
    assert send(client, proposed, "summary", "Une coquille ôtée.").status_code == 200
    assert not may_write(writer, proposed)


def test_a_section_asks_as_much_for_few_as_for_many(at_work, draft, network, structure, writer, staff):
    def count(step: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert at_work.get(way(draft, step)).status_code == 200
        return len(captured)

    write(writer, draft, **WHOLE, people="12 habitants", keywords=["Culture"])
    submit(actor=writer, action=draft)
    ask(staff, draft, field="people")
    send_back(actor=staff, action=draft)
    write_field(actor=person(network, structure), action=draft, key="limits", value="Le froid.", base=mark(""))
    steps = [section.slug for section in SECTIONS]
    few = [count(step) for step in steps]
    write(writer, draft, people="12 habitants, 3 bénévoles, 2 animatrices", keywords=["Culture", "Santé", "Insertion"])
    submit(actor=writer, action=draft)
    for number in range(3):
        ask(staff, draft, field="people", text=f"Quoi {number} ?")
        person_here = person(network, structure)
        Presence.objects.create(action=draft, user=person_here, field="title", seen_at=timezone.now())
    send_back(actor=staff, action=draft)
    assert [count(step) for step in steps] == few
    assert max(few) <= MAX_QUERIES


@pytest.mark.parametrize("rewriting", [False, True], ids=["first", "rewriting"])
def test_words_sent_once_it_is_public_go_on_in_a_rewriting(at_work, writer, staff, proposed, public, rewriting):
    sheet = submit(actor=writer, action=rewrite(actor=writer, action=public)) if rewriting else proposed
    page = opened_by(staff, sheet)
    page |= {"summary": "Et une serre.", "public": sheet.revises_id or ""}
    published = publish(actor=staff, action=sheet)
    answer = at_work.post(way(sheet), page)
    assert answer.status_code == 409
    told = unescape(answer.content.decode())
    assert "a été publiée pendant que vous écriviez" in told
    assert "Et une serre." in told
    done = at_work.post(way(published), page | {"rewrite": "1"})
    copy = Action.objects.get(revises=published)
    assert done["Location"] == way(copy, "avec-qui")
    assert copy.summary == "Et une serre."
    published.refresh_from_db()
    assert published.summary != copy.summary


def test_saving_a_field_asks_a_constant_number_of_questions(at_work, draft, writer):
    def count(value: str) -> int:
        sent = {"key": "people", "value": value, "base": mark(Action.objects.get().people)}
        with CaptureQueriesContext(connection) as captured:
            assert at_work.post(reverse("sheet-field", args=[draft.pk]), sent).status_code == 200
        return len(captured)

    send(at_work, draft, "people", "1 habitant")
    few = count("2 habitants, 4 bénévoles")
    assert count("3 habitants, 5 bénévoles, 6 élèves, 7 parents, 8 voisins") == few
    assert few <= 15


def test_a_section_that_is_saved_writes_its_sheet_once_whatever_changed(at_work, draft):
    def count(sent: dict) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert at_work.post(way(draft), sent).status_code == 302
        return len(captured)

    texts = {"title": "Jardin clos", "summary": "Douze parcelles.", "ended_reason": "La pluie."}
    lists = {"status": "En cours", "dimension": "Services", "keywords": ["Culture", "Santé"]}
    at_work.post(way(draft), opened(at_work, draft) | {"summary": "Un jardin.", "status": "Terminée"})
    few = count(opened(at_work, draft) | {"summary": "Deux jardins.", "status": "En cours"})
    revision = Action.objects.get().revision
    assert count(opened(at_work, draft) | texts | lists) == few
    assert Action.objects.get().revision == revision + 1
    assert few <= 22


def test_a_sheet_goes_from_its_title_to_the_catalogue_without_a_script(at_work, network, structure, staff, client):
    begin = at_work.get("/equipe/fiches/ecrire/").context["form"]
    sent = {"title": "Le jardin", "place": begin["place"].value(), "token": begin["token"].value()}
    at_work.post("/equipe/fiches/ecrire/", sent)
    sheet = Action.objects.get()
    at_work.post(way(sheet), opened(at_work, sheet) | {"summary": GARDEN_VALUES["summary"]})
    step = way(sheet, "deroulement")
    at_work.post(step, opened(at_work, sheet, "deroulement") | {"description": "Le mercredi."})
    assert at_work.post(f"/equipe/fiches/{sheet.pk}/proposer/").status_code == 302
    client.force_login(staff)
    client.post(f"/equipe/fiches/{sheet.pk}/relire/", {"do": "publish", "state": "submitted", "revision": 3})
    sheet.refresh_from_db()
    assert sheet.is_public
