"""The network reads a sheet before it is public, asks, and answers; nothing is published that was not read."""

import re
from html import unescape

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import StructureFactory
from tests.sheets import WHOLE, ask, changed_elsewhere, person, write
from tests.texts import GARDEN_VALUES
from tisserand.actions.enums import State
from tisserand.actions.models import Action, Remark
from tisserand.actions.operations.life import publish, rewrite, send_back, submit, take_back
from tisserand.actions.operations.remarks import settle_remark
from tisserand.messages.operations import refuse

pytestmark = pytest.mark.django_db


def address(sheet) -> str:
    return f"/equipe/fiches/{sheet.pk}/relire/"


def text(answer) -> str:
    found = unescape(answer.content.decode())
    return found.replace("\xa0", " ").replace("\u202f", " ").replace("’", "'")


def form(answer) -> dict[str, str]:
    """What publishing sends back of the page that was read."""
    sent = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.content.decode())
    held = {name: unescape(value) for name, value in sent if name in {"state", "revision", "marks", "public"}}
    assert {"state", "revision", "marks"} <= held.keys()
    return {"do": "publish", **held}


@pytest.fixture
def rewriting(public, writer):
    """A public sheet rewritten by its structure, and proposed."""
    copy = rewrite(actor=writer, action=public)
    write(writer, copy, summary="Un jardin, et maintenant une serre.", partners=["Caf", "Bailleur social"])
    return submit(actor=writer, action=copy)


def test_a_remark_is_one_gesture_and_stays_where_it_was_made(staff_client, proposed):
    page = text(staff_client.get(address(proposed)))
    assert "Un jardin partagé." in page
    assert page.index("Laissé vide") < page.index("Ressources financières")
    sent = {"do": "remark", "field": "summary", "text": "Dites pour qui.", "token": "t" * 32}
    for _click in range(2):
        answer = staff_client.post(address(proposed), sent)
        assert answer["Location"] == f"{address(proposed)}#champ-summary"
    remark = Remark.objects.get()
    page = text(staff_client.get(address(proposed)))
    assert page.index("Résumé</h3>") < page.index("Dites pour qui.") < page.index("Comment ça se passe</h3>")
    assert "Renvoyer avec 1 remarque" in page
    staff_client.post(address(proposed), {"do": "change", "remark": remark.pk, "text": "Dites à qui."})
    staff_client.post(address(proposed), {"do": "settle", "remark": remark.pk})
    page = text(staff_client.get(address(proposed)))
    assert "Dites à qui." in page
    assert "1 remarque reprise" in page
    staff_client.post(address(proposed), {"do": "reopen", "remark": remark.pk})
    staff_client.post(address(proposed), {"do": "withdraw", "remark": remark.pk})
    assert not Remark.objects.exists()


def test_what_cannot_be_asked_is_told_and_nothing_typed_is_lost(staff_client, staff, proposed):
    empty = staff_client.post(address(proposed), {"do": "remark", "field": "summary", "text": " "})
    assert empty.status_code == 422
    assert "quelques mots suffisent" in text(empty)
    long = "x" * 6000
    remark = ask(staff, proposed)
    for sent in ({"do": "remark", "field": "limits"}, {"do": "change", "remark": remark.pk}):
        answer = staff_client.post(address(proposed), sent | {"text": long})
        assert answer.status_code == 422
        assert long in text(answer)
    assert staff_client.post(address(proposed), {"do": "return"}).status_code == 302
    for sent in ({}, {"do": "dance"}, {"do": "settle", "remark": "x"}, {"do": "settle", "remark": remark.pk + 1}):
        assert staff_client.post(address(proposed), sent).status_code == 404


def test_a_sheet_is_not_returned_without_a_word(staff_client, proposed):
    page = text(staff_client.get(address(proposed)))
    assert "Renvoyer" not in page
    answer = staff_client.post(address(proposed), {"do": "return"})
    assert answer.status_code == 422
    assert "au moins une remarque" in text(answer)


def test_from_remark_to_publication(staff_client, client, staff, writer, proposed):
    mail.outbox.clear()
    ask(staff, proposed)
    ask(staff, proposed, "people", "Combien ?")
    answer = staff_client.post(address(proposed), {"do": "return"}, follow=True)
    assert "ses auteurs reçoivent un message" in text(answer)
    assert "2 remarques à reprendre, renvoyée aujourd'hui" in text(answer)
    (letter,) = mail.outbox
    assert letter.to == [writer.email]
    assert "- Résumé\n- Personnes mobilisées" in letter.body
    assert "Combien ?" not in letter.body
    write(writer, proposed, summary="Un jardin pour les familles du quartier.", people="12 habitants")
    for remark in proposed.remarks.all():
        settle_remark(actor=writer, remark=remark)
    submit(actor=writer, action=proposed)
    assert mail.outbox[-1].to == [staff.email]
    assert address(proposed) in mail.outbox[-1].body
    page = text(read := staff_client.get(address(proposed)))
    assert "2 rubriques ont changé depuis le renvoi" in page
    assert "<del>" in page
    assert "Relire 1 nombre trouvé" in page
    done = staff_client.post(address(proposed), form(read), follow=True)
    assert "Fiche publiée." in text(done)
    assert Action.objects.get().is_public
    assert mail.outbox[-1].to == [writer.email]
    assert "au catalogue" in mail.outbox[-1].body
    again = staff_client.post(address(proposed), form(read))  # a double click
    assert again["Location"] == proposed.get_absolute_url()
    assert len(mail.outbox) == 3


def test_numbers_lead_back_to_the_review(staff_client, writer, draft):
    write(writer, draft, **WHOLE, people="12 habitants")
    submit(actor=writer, action=draft)
    answer = staff_client.post(f"/actions/{draft.pk}/nombres/", {"keep": "all"})
    assert answer["Location"] == address(draft)


def test_what_changed_while_it_was_read_is_not_published_and_is_told(staff_client, admin, proposed):
    read = form(staff_client.get(address(proposed)))
    write(admin, proposed, limits="Le gel de mars.")
    answer = staff_client.post(address(proposed), read)
    assert answer.status_code == 409
    assert "Rien n'est publié" in text(answer)
    assert "<li>Limites</li>" in text(answer)
    assert Action.objects.get().state == State.SUBMITTED
    assert staff_client.post(address(proposed), form(answer)).status_code == 302
    assert Action.objects.get().is_public


def test_what_its_writers_took_back_is_not_published(staff_client, writer, proposed):
    read = form(staff_client.get(address(proposed)))
    take_back(actor=writer, action=proposed)
    assert staff_client.post(address(proposed), read).status_code == 409
    assert Action.objects.get().state == State.DRAFT


def test_a_sheet_taken_back_meanwhile_is_not_sent_back(staff_client, staff, writer, proposed):
    ask(staff, proposed)
    take_back(actor=writer, action=proposed)
    answer = staff_client.post(address(proposed), {"do": "return"})
    assert answer.status_code == 409
    assert "reçoivent un message" not in text(answer)
    proposed.refresh_from_db()
    assert proposed.state == "draft"


def test_a_rewriting_shows_what_it_changes_and_goes_when_published(staff_client, public, rewriting):
    page = text(read := staff_client.get(address(rewriting)))
    assert "2 rubriques changent dans la fiche publique" in page
    assert "Lire tout le texte" in page
    done = staff_client.post(address(rewriting), form(read))
    assert done["Location"] == public.get_absolute_url()
    again = staff_client.post(address(rewriting), form(read))  # a double click: the rewriting is no more
    assert again["Location"] == public.get_absolute_url()
    assert Action.objects.get().summary == "Un jardin, et maintenant une serre."


def test_a_rewriting_sent_back_is_read_from_there_or_from_the_public_sheet(staff_client, staff, writer, rewriting):
    ask(staff, rewriting)
    send_back(actor=staff, action=rewriting)
    write(writer, rewriting, limits="Le froid.")
    submit(actor=writer, action=rewriting)
    assert "1 rubrique a changé depuis le renvoi" in text(staff_client.get(address(rewriting)))
    assert "3 rubriques changent dans la fiche publique" in text(
        staff_client.get(address(rewriting), {"depuis": "public"})
    )


def clash(staff, public, rewriting) -> str:
    """The public sheet changes in a field that its rewriting changes too, and in another."""
    changed_elsewhere(public, summary="Un jardin, et un four.", limits="Le vent.")
    return f"/equipe/fiches/{rewriting.pk}/contradictions/"


def test_a_clash_is_settled_then_read_then_published(staff_client, staff, public, rewriting):
    page = clash(staff, public, rewriting)
    reading = staff_client.get(address(rewriting))
    assert page in text(reading)
    assert staff_client.post(address(rewriting), form(reading))["Location"] == page
    shown = text(staff_client.get(page))
    assert "et <strong>un four.</strong>" in shown
    assert "Limites" not in shown
    revisions = {"revision": rewriting.revision, "public_revision": 2}
    missing = staff_client.post(page, revisions)
    assert missing.status_code == 422
    assert "choisissez le texte" in text(missing)
    stale = staff_client.post(page, {"revision": 1, "public_revision": 1, "summary": "public"})
    assert stale.status_code == 409
    assert Action.objects.get(pk=rewriting.pk).summary == "Un jardin, et maintenant une serre."
    for _click in range(2):
        kept = staff_client.post(page, revisions | {"summary": "public"})
        assert kept["Location"] == address(rewriting)
    staff_client.post(address(rewriting), form(staff_client.get(address(rewriting))))
    sheet = Action.objects.get()
    assert (sheet.summary, sheet.limits) == ("Un jardin, et un four.", "Le vent.")
    assert "Bailleur social" in sheet.labels("partner")
    assert staff_client.get(page).status_code == 404


def test_one_may_keep_the_rewriting(staff_client, staff, public, rewriting):
    page = clash(staff, public, rewriting)
    staff_client.post(page, {"revision": rewriting.revision, "public_revision": 2, "summary": "rewriting"})
    publish(actor=staff, action=Action.objects.get(pk=rewriting.pk))
    assert Action.objects.get().summary == "Un jardin, et maintenant une serre."
    assert staff_client.get(page).status_code == 404


def test_nobody_else_reads_it(client, network, writer, proposed, stranger):
    elsewhere = person(network, StructureFactory(network=network), "director")
    reader = person(network, kind="reader")
    for user, status in ((writer, 403), (elsewhere, 403), (reader, 403), (stranger, 404)):
        client.force_login(user)
        for page in (address(proposed), f"/equipe/fiches/{proposed.pk}/contradictions/"):
            assert client.get(page).status_code == status
            assert client.post(page, {"do": "publish"}).status_code == status
    assert "Jardin" not in text(client.get("/equipe/relire/"))
    assert Action.objects.get().state == State.SUBMITTED


def test_one_may_refuse_to_be_told(staff, writer, draft):
    refuse(email=staff.email, kind="actions.proposed")
    refuse(email=writer.email, kind="actions.answered")
    write(writer, draft, **WHOLE)
    sheet = submit(actor=writer, action=draft)
    ask(staff, sheet)
    send_back(actor=staff, action=sheet)
    assert mail.outbox == []


def test_once_its_authors_have_left_its_directors_are_told(network, structure, staff, writer, proposed):
    director = person(network, structure, "director")
    writer.roles.all().delete()
    mail.outbox.clear()
    ask(staff, proposed)
    send_back(actor=staff, action=proposed)
    assert [letter.to for letter in mail.outbox] == [[director.email]]


def test_drafts_of_structures_are_not_offered_to_be_published(staff_client, draft, public, writer, make_action):
    rewrite(actor=writer, action=public)
    make_action(title="Venue d'un fichier", draft=True)
    page = text(staff_client.get("/equipe/brouillons/"))
    assert "Venue d'un fichier" in page
    assert f"/actions/{draft.pk}/" not in page
    assert GARDEN_VALUES["title"] not in page


def test_queries_do_not_grow(staff_client, staff, writer, network, structure):
    counts = []
    for rows in (1, 3):
        while Action.objects.filter(state=State.SUBMITTED).count() < rows:
            for step in (0, 1):
                sheet = new(network, structure, writer)
                for field in ("summary", "limits", "")[: rows if step else 1]:
                    ask(staff, sheet, field)
                if step:
                    sheet.refresh_from_db()
                    send_back(actor=staff, action=sheet)
        sheet = Action.objects.filter(state=State.SUBMITTED).last()
        for field in ("people", "funding", "title")[:rows]:
            ask(staff, sheet, field)
        for page in ("/equipe/relire/", address(sheet)):
            with CaptureQueriesContext(connection) as queries:
                assert staff_client.get(page).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 15


def new(network, structure, writer):
    from tisserand.actions.operations.life import begin_sheet

    token = f"new-{Action.objects.count()}"
    sheet = begin_sheet(actor=writer, network=network, structure=structure, title=token, token=token)
    write(writer, sheet, **WHOLE)
    return submit(actor=writer, action=sheet)


# Where a sheet stands, told on its page


def notice(client, user, sheet) -> str:
    client.force_login(user)
    page = text(client.get(sheet.get_absolute_url()))
    return page.partition('<p class="notice wait noprint">')[2].partition("</p>")[0]


def test_its_page_tells_where_a_sheet_stands_and_what_comes_next(client, draft, writer, staff):
    for user, words in ((writer, "quand elle est prête, on la propose"), (staff, "ou vous la publiez")):
        assert words in notice(client, user, draft)
        assert f"/actions/{draft.pk}/modifier/" in notice(client, user, draft)
    write(writer, draft, **WHOLE)
    sheet = submit(actor=writer, action=draft)
    assert f"/equipe/fiches/{sheet.pk}/proposer/" in notice(client, writer, sheet)
    assert address(sheet) in notice(client, staff, sheet)
    ask(staff, sheet)
    send_back(actor=staff, action=sheet)
    assert "Reprendre la fiche" in notice(client, writer, sheet)
    public = publish(actor=staff, action=sheet)
    assert notice(client, writer, public) == notice(client, staff, public) == ""


def test_a_public_sheet_tells_its_writers_that_it_is_being_rewritten_and_nobody_else(client, public, writer, staff):
    copy = rewrite(actor=writer, action=public)
    assert "Une réécriture de cette fiche est en cours" in notice(client, writer, public)
    write(writer, copy, limits="Le froid.")
    submit(actor=writer, action=copy)
    assert address(copy) in notice(client, staff, public)
    client.logout()
    assert "réécriture" not in text(client.get(public.get_absolute_url()))


def test_archiving_asks_once_more_and_is_undone_by_one_click(client, public, writer, staff):
    client.force_login(staff)
    page = text(client.get(public.get_absolute_url()))
    assert page.index("Archiver la fiche") < page.index("Rien n'en est perdu") < page.index("Oui, archiver")
    client.post(f"/actions/{public.pk}/publication/", {"state": "archived"})
    public.refresh_from_db()
    assert "Archivée : elle n'est plus au catalogue" in notice(client, writer, public)
    assert "Remettre au catalogue" not in text(client.get(public.get_absolute_url()))
    client.logout()
    assert client.get(public.get_absolute_url()).status_code == 404
    client.force_login(staff)
    assert "Remettre au catalogue" in text(client.get(public.get_absolute_url()))
    client.post(f"/actions/{public.pk}/publication/", {"state": "published"})
    assert Action.objects.get(pk=public.pk).is_public
