"""My sheets: begin one, find them again, throw one away, propose one, take it back."""

import re
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.deposits import picture
from tests.factories import StructureFactory
from tests.sheets import WHOLE, ask, changed_elsewhere, person, write
from tisserand.actions.models import Action
from tisserand.actions.operations.attachments import attach, describe, look_into, mark_of
from tisserand.actions.operations.life import begin_sheet, rewrite, send_back, submit
from tisserand.actions.queries import sheets_under_way
from tisserand.network.operations import grant_role
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, writer):
    client.force_login(writer)
    return client


def text_of(answer) -> str:
    return unescape(answer.content.decode()).replace("\u00a0", " ")


def begin(client, **answers):
    form = client.get("/equipe/fiches/ecrire/").context["form"]
    data = {"place": form["place"].value() or "", "token": form["token"].value(), **answers}
    return [client.post("/equipe/fiches/ecrire/", data) for _click in range(2)]


def test_the_way_in_is_on_the_first_page(at_work, draft):
    Action.objects.all().delete()
    home = text_of(at_work.get("/equipe/"))
    assert "/equipe/fiches/ecrire/" in home
    empty = text_of(at_work.get("/equipe/fiches/"))
    assert "Aucune fiche en cours" in empty
    assert "Un quart d’heure suffit" in empty


def test_a_double_click_begins_one_sheet(at_work, structure, writer):
    once, twice = begin(at_work, title="Le jardin")
    sheet = Action.objects.get()
    assert once["Location"] == twice["Location"] == reverse("sheet-write", args=[sheet.pk, "action"])
    assert (sheet.title, sheet.structure, sheet.created_by) == ("Le jardin", structure, writer)
    assert JournalEntry.objects.filter(verb="actions.begun").count() == 1


def test_a_title_is_all_that_is_asked_and_it_is_asked(at_work):
    answers = begin(at_work, title="   ")
    assert [answer.status_code for answer in answers] == [422, 422]
    assert "onnez un titre" in text_of(answers[0])
    assert not Action.objects.exists()


def test_who_writes_for_several_structures_chooses_one(at_work, writer, network):
    other = StructureFactory(network=network, name="Zénith")
    grant_role(actor=SYSTEM, user=writer, network=network, structure=other, kind="director")
    form = at_work.get("/equipe/fiches/ecrire/").context["form"]
    assert len(form.fields["place"].choices) == 2
    assert begin(at_work, title="Sans lieu")[0].status_code == 422
    begin(at_work, title="Le bal", place=f"{network.pk}-{other.pk}")
    assert Action.objects.get().structure == other


def test_nobody_begins_a_sheet_for_a_structure_of_others(at_work, network):
    other = StructureFactory(network=network)
    assert begin(at_work, title="Le bal", place=f"{network.pk}-{other.pk}")[0].status_code == 422
    assert not Action.objects.exists()


@pytest.mark.parametrize("kind", ["reader", "referent", "professional", "funder_agent"])
def test_who_does_not_write_is_told_why(client, network, structure, kind):
    client.force_login(person(network, None if kind == "reader" else structure, kind))
    for address in ("/equipe/fiches/", "/equipe/fiches/ecrire/"):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "permet de lire" in text_of(answer)
    assert "/equipe/fiches/" not in client.get("/equipe/").content.decode()


def test_the_list_says_where_each_sheet_is_the_pressing_ones_first(at_work, writer, network, structure, staff, public):
    def sheet(title: str, **values) -> Action:
        made = begin_sheet(actor=writer, network=network, structure=structure, title=title, token=title)
        write(writer, made, **values)
        return made

    half, whole = sheet("Commencée", summary="Un."), sheet("Entière", **WHOLE)
    read, returned = sheet("Lue", **WHOLE), sheet("Rendue", **WHOLE)
    for one in (read, returned):
        submit(actor=writer, action=one)
    ask(staff, returned)
    send_back(actor=staff, action=returned)
    copy = rewrite(actor=writer, action=public)
    order = [one.title for one in sheets_under_way(writer)]
    assert order == [returned.title, copy.title, whole.title, half.title, read.title]
    page = text_of(at_work.get("/equipe/fiches/"))
    for told in ("Il manque : comment ça se passe.", "Prête à proposer.", "le réseau la relit", "demande 1 reprise",
                 "réécriture d’une fiche publique"):  # fmt: skip
        assert told in page, told
    assert page.count("Oui, jeter ce brouillon") == 4  # not the one that the network reads


def test_one_sees_the_sheets_of_one_s_structures_and_those_one_began(draft, network, structure, staff, admin, writer):
    colleague = person(network, structure, "director")
    assert list(sheets_under_way(colleague)) == [draft]
    assert list(sheets_under_way(staff)) == list(sheets_under_way(person(network, structure, "referent"))) == []
    mine = begin_sheet(actor=staff, network=network, structure=structure, title="Du réseau", token="n" * 32)
    assert list(sheets_under_way(staff)) == [mine]
    assert list(sheets_under_way(admin)) == []
    assert set(sheets_under_way(writer)) == {draft, mine}
    writer.roles.all().delete()
    assert list(sheets_under_way(writer)) == []  # began it, and left


def test_a_draft_is_thrown_away_once(at_work, draft, public, writer):
    copy = rewrite(actor=writer, action=public)
    for sheet in (draft, copy):
        for _click in range(2):
            assert at_work.post(f"/equipe/fiches/{sheet.pk}/jeter/")["Location"] == "/equipe/fiches/"
    assert list(Action.objects.all()) == [public]
    assert at_work.post(f"/equipe/fiches/{public.pk}/jeter/").status_code == 403
    assert public.network.actions.get() == public


def test_a_sheet_is_proposed_once_it_says_enough(at_work, draft, writer):
    last = f"/equipe/fiches/{draft.pk}/proposer/"
    answer = at_work.post(last)
    assert answer.status_code == 422
    for key, step in (("summary", "action"), ("description", "deroulement")):
        assert f"{reverse('sheet-write', args=[draft.pk, step])}#rubrique-{key}" in answer.content.decode()
    write(writer, draft, **WHOLE)
    for _click in range(2):
        assert at_work.post(last)["Location"] == last
    draft.refresh_from_db()
    assert draft.state == "submitted"
    assert "Le réseau relit votre fiche" in text_of(at_work.get(last))
    for _click in range(2):
        assert at_work.post(f"/equipe/fiches/{draft.pk}/reprendre/")["Location"] == last
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert JournalEntry.objects.filter(verb__in=["actions.submitted", "actions.taken_back"]).count() == 2


def test_what_the_catalogue_sorts_by_is_named_and_not_asked(at_work, draft, writer):
    write(writer, draft, **WHOLE, dimension=["Services"], keywords=["Santé"])
    last = f"/equipe/fiches/{draft.pk}/proposer/"
    page = text_of(at_work.get(last))
    told = page.partition("le catalogue trie par là")[2].partition("</p>")[0]
    assert ("Statut" in told, "Public" in told, "Dimension" in told, "Mots-clés" in told) == (True, True, False, False)
    write(writer, draft, status=["En cours"], public=["familles"])
    assert "le catalogue trie par là" not in text_of(at_work.get(last))


def test_a_published_sheet_has_no_last_step(at_work, public):
    assert at_work.get(f"/equipe/fiches/{public.pk}/proposer/")["Location"] == public.get_absolute_url()
    answer = at_work.post(f"/equipe/fiches/{public.pk}/reprendre/", follow=True)
    assert answer.redirect_chain[0][0] == public.get_absolute_url()
    assert "Le réseau vient de publier cette fiche" in text_of(answer)
    public.refresh_from_db()
    assert public.is_public


def test_a_public_sheet_that_changed_meanwhile_is_told_and_the_network_chooses(client, public, writer, staff):
    client.force_login(writer)
    copy = rewrite(actor=writer, action=public)
    write(writer, copy, summary="Notre texte.", limits="La pluie.")
    changed_elsewhere(public, summary="Leur texte.", perspectives="Une serre.")
    last = f"/equipe/fiches/{copy.pk}/proposer/"
    page = text_of(client.get(last))
    assert "Vous changez : Résumé, Limites." in page
    assert "La fiche publique a changé aussi depuis : Résumé." in page
    client.force_login(staff)
    answer = client.post(f"/actions/{copy.pk}/publication/", {"state": "published"})
    assert answer["Location"] == f"/equipe/fiches/{copy.pk}/contradictions/"
    public.refresh_from_db()
    assert public.summary == "Leur texte."


def test_the_team_publishes_what_it_has_read(client, draft, writer, staff):
    write(writer, draft, **WHOLE)
    client.force_login(staff)
    page = client.get(f"/equipe/fiches/{draft.pk}/proposer/").content.decode()
    sent = {"do": "publish"} | dict(re.findall(r'type="hidden" name="(state|revision|marks)" value="([^"]*)"', page))
    assert len(sent) == 4
    write(writer, draft, limits="Le froid.")
    answer = client.post(f"/equipe/fiches/{draft.pk}/relire/", sent)
    assert answer.status_code == 409
    assert answer.context["moved"] == ["Limites"]
    draft.refresh_from_db()
    assert draft.state == "draft"
    sent["revision"] = draft.revision
    assert client.post(f"/equipe/fiches/{draft.pk}/relire/", sent).status_code == 302
    draft.refresh_from_db()
    assert draft.is_public


def test_a_photo_keeps_its_shape_where_one_proposes(at_work, draft, writer):
    address = f"/equipe/fiches/{draft.pk}/proposer/"
    assert "pictures.css" not in at_work.get(address).content.decode()
    photo = attach(actor=writer, action=draft, deposit=look_into(BytesIO(picture()), name="x.jpg"))
    assert str(photo) == "Photo"  # heard beside its buttons
    describe(actor=writer, attachment=photo, title="", alt="Une toile", credit="", agreed=True, base=mark_of(photo))
    assert "pictures.css" in at_work.get(address).content.decode()


def test_the_pages_ask_as_much_for_one_as_for_three(at_work, draft, writer, network, structure, public):
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert at_work.get(address).status_code == 200
        return len(captured)

    last = f"/equipe/fiches/{rewrite(actor=writer, action=public).pk}/proposer/"
    pages = ["/equipe/", "/equipe/fiches/", "/equipe/fiches/ecrire/", last]
    few = [count(page) for page in pages]
    for number in range(3):
        sheet = begin_sheet(actor=writer, network=network, structure=structure, title=f"{number}", token=f"{number}")
        write(writer, sheet, people="12 habitants")
    other = StructureFactory(network=network)
    grant_role(actor=SYSTEM, user=writer, network=network, structure=other, kind="member")
    assert [count(page) for page in pages] == few
    assert max(few) <= 15


def test_the_way_out_forgets_what_this_device_kept(at_work, writer):
    for address in ("/equipe/", "/deconnexion/", "/compte/"):
        assert f'data-leaves="{writer.pk}"' in at_work.get(address).content.decode(), address


def test_every_form_that_leaves_says_so():
    """Those that come before the account is in have kept nothing yet."""
    before = {"_start_again.html"}
    forms = [
        (path.name, form)
        for path in Path("tisserand").rglob("*.html")
        for form in re.findall(r"<form[^>]*>", path.read_text())
        if "logout'" in form or path.name == "erase.html"
    ]
    assert len(forms) >= 5
    assert [name for name, form in forms if "leaves.html" not in form and name not in before] == []
