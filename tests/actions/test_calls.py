"""Questions to the network: who asks, who reads, who answers, who is told; and that a draft answers nobody."""

import re
import threading
import zipfile
from contextlib import suppress
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import NetworkFactory, StructureFactory, UserFactory
from tests.sheets import WHOLE, person, write
from tests.texts import GARDEN, published
from tisserand.actions.enums import State
from tisserand.actions.models import Action, CallAnswer, SheetCall
from tisserand.actions.operations.calls import (
    LONGEST,
    answer_call,
    ask_network,
    begin_answer,
    close_call,
    correct_call,
    reopen_call,
    withdraw_answer,
    withdraw_call,
)
from tisserand.actions.operations.digest import send_digests
from tisserand.actions.operations.imports import apply_import, undo_import
from tisserand.actions.operations.letters import CALL_ANSWERED
from tisserand.actions.operations.life import archive, discard, publish, submit
from tisserand.actions.queries.calls import answers_seen_by, calls_seen_by, sheets_for
from tisserand.messages.operations import refuse
from tisserand.network.enums import RoleKind
from tisserand.network.operations import (
    end_role,
    erase_account,
    export_data,
    grant_role,
    merge_accounts,
    merge_structures,
    part_structures,
)
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db
QUESTION = "Qui parle des écrans avec les parents ?"


@pytest.fixture
def there(network):
    return StructureFactory(network=network, name="Le Gué")


@pytest.fixture
def asker(network, there):
    """Who asks, in another structure than `writer`."""
    return person(network, there)


@pytest.fixture
def ask(network, there, asker):
    def run(question=QUESTION, *, actor=asker, structure=there, network=network, token=None, **values):
        return ask_network(
            actor=actor,
            network=network,
            structure=structure,
            question=question,
            token=token or f"{question}-{SheetCall.objects.count()}",
            **values,
        )

    return run


@pytest.fixture
def call(ask):
    return ask()


@pytest.fixture
def begun(call, writer, structure):
    """A draft that answers."""
    return begin_answer(actor=writer, call=call, structure=structure, title="Le xanthe du jeudi", token="b" * 32)


def finish(writer, sheet, staff):
    """Write the sheet, propose it, and have it published."""
    write(writer, sheet, **WHOLE)
    return publish(actor=staff, action=submit(actor=writer, action=sheet))


def text(answer) -> str:
    found = unescape(answer.content.decode())
    return found.replace("\xa0", " ").replace("\u202f", " ").replace("’", "'")


def told() -> dict[str, list[str]]:
    """The subjects of the letters, by person."""
    found: dict[str, list[str]] = {}
    for letter in mail.outbox:
        found.setdefault(letter.to[0], []).append(letter.subject)
    return found


def verbs() -> list[str]:
    return list(JournalEntry.objects.filter(verb__contains="call").order_by("pk").values_list("verb", flat=True))


# Asking


def test_a_form_sent_twice_asks_once(ask):
    assert ask(token="a" * 3000) == ask(token="a" * 3000)
    assert SheetCall.objects.count() == 1
    assert verbs() == ["actions.call_asked"]


def test_the_same_token_is_each_one_s_own(ask, writer, structure):
    assert ask(token="a") != ask(token="a", actor=writer, structure=structure)


def test_who_writes_asks_for_their_structure_and_the_team_for_the_network(
    ask, staff, network, structure, writer, stranger
):
    assert ask(actor=staff, structure=None).asker == network.name
    assert ask(actor=writer, structure=structure).asker == structure.name
    for actor, place in (
        (writer, None),  # the network's name is its team's
        (person(network, structure), StructureFactory(network=network)),
        (person(network, structure, "referent"), structure),
        (person(network, kind="reader"), structure),
        (stranger, structure),
        (stranger, None),
    ):
        with pytest.raises(PermissionDenied):
            ask(actor=actor, structure=place)
    assert SheetCall.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"question": "  "}, "question"),
        ({"question": "x" * (LONGEST["question"] + 1)}, "question"),
        ({"question": "x\0"}, "question"),
        ({"text": "x" * (LONGEST["text"] + 1)}, "text"),
        ({"text": "x\0"}, "text"),
        ({"until": timezone.localdate() - timedelta(days=1)}, "until"),
    ],
)
def test_what_cannot_be_asked_is_told_beside_its_field(ask, values, field):
    with pytest.raises(ValidationError) as refused:
        ask(**values)
    assert list(refused.value.message_dict) == [field]
    assert not SheetCall.objects.exists()


def test_words_are_kept_as_a_line_and_as_typed(ask):
    call = ask("  Qui  fait\r\nquoi ? ", text="Un.\r\n\r\nDeux. ")
    assert (call.question, call.text) == ("Qui fait quoi ?", "Un.\n\nDeux.")


# Its life


def test_it_closes_by_itself_after_its_last_day(call, asker):
    today = timezone.localdate()
    for until, opened in ((None, True), (today, True), (today - timedelta(days=1), False)):
        SheetCall.objects.update(until=until)
        seen = calls_seen_by(asker).get()
        assert seen.is_open == opened
        assert (calls_seen_by(asker).filter(pk=call.pk).first() == call) is True


def test_it_is_closed_reopened_corrected_each_once(call, asker, staff, writer, stranger):
    for gesture in (close_call, reopen_call):
        for actor in (writer, stranger):
            with pytest.raises(PermissionDenied):
                gesture(actor=actor, call=call)
    for _twice in range(2):
        assert not close_call(actor=asker, call=call).is_open
    for _twice in range(2):
        assert reopen_call(actor=staff, call=call).is_open
    words = {"text": "", "until": None}
    for _twice in range(2):
        assert correct_call(actor=asker, call=call, question="Qui, et où ?", **words).question == "Qui, et où ?"
    with pytest.raises(PermissionDenied):
        correct_call(actor=writer, call=call, question="Pris", **words)
    assert verbs() == [f"actions.call_{verb}" for verb in ("asked", "closed", "reopened", "corrected")]


def test_reopened_after_its_last_day_it_has_none(call, asker):
    past, soon = (timezone.localdate() + timedelta(days=days) for days in (-3, 3))
    SheetCall.objects.update(until=past)
    # A day that is past may stay while one corrects the rest.
    assert correct_call(actor=asker, call=call, question="Et où ?", text="", until=past).until == past
    assert reopen_call(actor=asker, call=call).until is None
    SheetCall.objects.update(until=soon)
    close_call(actor=asker, call=call)
    assert reopen_call(actor=asker, call=call).until == soon


def test_it_is_withdrawn_while_nothing_public_answers(call, begun, asker, writer, staff, public):
    with pytest.raises(PermissionDenied):
        withdraw_call(actor=writer, call=call)
    answer = answer_call(actor=writer, call=call, action=public)
    with pytest.raises(PermissionDenied, match="répond déjà"):
        withdraw_call(actor=asker, call=call)
    withdraw_answer(actor=writer, answer=answer)
    for _twice in range(2):
        withdraw_call(actor=asker, call=call)
    assert not SheetCall.objects.exists()
    assert Action.objects.filter(pk=begun.pk).exists()  # what was begun for it is its writers'


# Answering


def test_any_public_sheet_of_the_network_answers_once(call, writer, public, make_action, draft):
    for _twice in range(2):
        answer = answer_call(actor=writer, call=call, action=public, text=" Voyez-les. ")
    assert answer.text == "Voyez-les."
    assert call.answers.count() == 1
    elsewhere = make_action(network=NetworkFactory())
    for hidden in (draft, elsewhere):
        with pytest.raises(Http404):
            answer_call(actor=writer, call=call, action=hidden)
    assert call.answers.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        CallAnswer.objects.create(call=call, action=public)


def test_only_who_writes_in_the_network_answers(call, public, network, structure, stranger):
    elsewhere = NetworkFactory()
    writes_elsewhere = person(elsewhere, StructureFactory(network=elsewhere))
    for actor in (
        stranger,
        writes_elsewhere,
        *(person(network, structure, kind) for kind in (RoleKind.REFERENT, RoleKind.PROFESSIONAL)),
        person(network, kind="reader"),
    ):
        with pytest.raises(PermissionDenied):
            answer_call(actor=actor, call=call, action=public)
        with pytest.raises(PermissionDenied):
            begin_answer(actor=actor, call=call, structure=structure, title="X", token="x")
    assert not Action.objects.filter(state=State.DRAFT).exists()


def test_a_closed_question_takes_no_answer(call, asker, writer, public, structure):
    close_call(actor=asker, call=call)
    with pytest.raises(ValidationError, match="close"):
        answer_call(actor=writer, call=call, action=public)
    with pytest.raises(ValidationError, match="close"):
        begin_answer(actor=writer, call=call, structure=structure, title="X", token="x")
    assert not Action.objects.filter(state=State.DRAFT).exists()  # nothing half done


def test_words_that_cannot_be_kept_are_refused(call, writer, public):
    for words in ("x" * (LONGEST["text"] + 1), "x\0"):
        with pytest.raises(ValidationError):
            answer_call(actor=writer, call=call, action=public, text=words)


def test_a_draft_begun_twice_by_one_form_is_one(call, writer, structure):
    sheets = {
        begin_answer(actor=writer, call=call, structure=structure, title="X", token="x" * 32).pk for _twice in range(2)
    }
    assert len(sheets) == call.answers.count() == 1


def test_who_gave_an_answer_takes_it_away_and_so_does_the_team(call, writer, asker, staff, public, structure, network):
    for actor in (writer, staff):
        answer = answer_call(actor=writer, call=call, action=public)
        for other in (asker, person(network, structure)):
            with pytest.raises(PermissionDenied):
                withdraw_answer(actor=other, answer=answer)
        for _twice in range(2):
            withdraw_answer(actor=actor, answer=answer)
    assert not call.answers.exists()
    assert verbs().count("actions.call_answer_withdrawn") == 2
    given = answer_call(actor=writer, call=call, action=public)
    end_role(actor=SYSTEM, role=writer.roles.get())
    with pytest.raises(PermissionDenied):
        withdraw_answer(actor=writer, answer=given)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gesture", ["ask", "answer", "begin", "close"])
def test_a_double_click_is_one_click(gesture, ask, call, asker, writer, public, structure, network):
    together, failures = threading.Barrier(6), []

    def click():
        try:
            together.wait()
            if gesture == "ask":
                ask_network(actor=asker, network=network, structure=call.structure, question="Où ?", token="d" * 32)
            elif gesture == "answer":
                answer_call(actor=writer, call=call, action=public)
            elif gesture == "begin":
                begin_answer(actor=writer, call=call, structure=structure, title="X", token="d" * 32)
            else:
                close_call(actor=asker, call=call)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    clicks = [threading.Thread(target=click) for _click in range(6)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert failures == []
    assert SheetCall.objects.count() == 1 + (gesture == "ask")
    assert CallAnswer.objects.count() == (gesture in {"answer", "begin"})
    assert Action.objects.count() == 1 + (gesture == "begin")
    verb = {"ask": "call_asked", "answer": "call_answered", "begin": "call_answered", "close": "call_closed"}[gesture]
    assert verbs().count(f"actions.{verb}") == 1 + (gesture == "ask")


# What nobody else knows


def test_a_draft_answers_nobody_before_it_is_public(client, call, begun, asker, writer, staff, network, structure):
    reader, colleague = person(network, kind="reader"), person(network, structure)
    for actor, seen in ((asker, 0), (reader, 0), (writer, 1), (colleague, 1), (staff, 1)):
        assert answers_seen_by(actor, call).count() == seen
        client.force_login(actor)
        assert "Pas encore de réponse" in text(client.get("/appels/"))
        shown = text(client.get(f"/appels/{call.pk}/"))
        assert '<h2 id="reponses">Pas encore de réponse</h2>' in shown
        assert ("Le xanthe du jeudi" in shown) == ("Une fiche répond tant qu" in shown) == bool(seen)
        assert "fiche y répond" not in text(client.get("/equipe/"))
    assert calls_seen_by(asker).get().answered == 0
    finish(writer, begun, staff)
    assert calls_seen_by(asker).get().answered == 1
    for actor in (asker, reader):
        client.force_login(actor)
        assert "Le xanthe du jeudi" in text(client.get(f"/appels/{call.pk}/"))
        assert "1 fiche y répond" in text(client.get("/appels/"))


def test_each_reader_is_told_as_many_answers_as_they_see(client, call, begun, public, asker, writer):
    answer_call(actor=writer, call=call, action=public)
    for actor, unseen in ((asker, 0), (writer, 1)):
        client.force_login(actor)
        shown = text(client.get(f"/appels/{call.pk}/"))
        listed = shown.partition('id="reponses">Une fiche y répond<')[2].partition('id="hors"')[0]
        assert listed.count('<article class="result">') == 1
        assert shown.count('<article class="result">') == 1 + unseen
        assert ("Une réponse n'est pas publique" in shown) == bool(unseen)


def test_an_archived_sheet_answers_no_more(call, public, writer, asker, staff):
    answer_call(actor=writer, call=call, action=public)
    archive(actor=staff, action=public)
    assert not answers_seen_by(asker, call).exists()
    assert answers_seen_by(writer, call).count() == 1  # of whose structure it is
    withdraw_call(actor=asker, call=call)


def test_a_question_is_read_in_its_network_only(client, call, stranger, network, structure, public, writer):
    answer_call(actor=writer, call=call, action=public)
    pages = ["", "corriger/", "ecrire/"]
    for kind in RoleKind:
        place = None if kind in {RoleKind.NETWORK_ADMIN, RoleKind.MISSION, RoleKind.READER} else structure
        client.force_login(person(network, place, kind))
        assert QUESTION in text(client.get("/appels/"))
        assert QUESTION in text(client.get(f"/appels/{call.pk}/"))
    elsewhere = NetworkFactory()
    for outside in (stranger, person(elsewhere, StructureFactory(network=elsewhere))):
        client.force_login(outside)
        for method in (client.get, client.post):
            assert {method(f"/appels/{call.pk}/{page}").status_code for page in pages} == {404}
        assert QUESTION not in text(client.get("/appels/"))
        assert QUESTION not in text(client.get("/appels/", {"network": network.slug}))
        assert QUESTION not in text(client.get("/equipe/"))
    client.force_login(UserFactory())
    assert client.get("/appels/").status_code == 403
    client.logout()
    for page in ("/appels/", "/appels/demander/", *(f"/appels/{call.pk}/{page}" for page in pages)):
        assert client.get(page)["Location"].startswith("/connexion/")
    assert QUESTION not in text(client.get(public.get_absolute_url()))


def test_who_works_in_two_networks_reads_both_and_each_says_which(client, call, asker, network, ask):
    other = NetworkFactory(name="Le réseau voisin")
    here = StructureFactory(network=other)
    grant_role(actor=SYSTEM, user=asker, network=other, structure=here, kind="member")
    ask("Et chez vous ?", actor=asker, structure=here, network=other)
    client.force_login(asker)
    shown = text(client.get("/appels/"))
    assert all(words in shown for words in (QUESTION, "Et chez vous ?", "Tous mes réseaux", "Le réseau voisin"))
    shown = text(client.get("/appels/", {"network": other.slug}))
    assert "Et chez vous ?" in shown
    assert QUESTION not in shown


# Who is told


def test_who_asked_and_the_team_hear_of_an_answer_once(call, asker, staff, admin, writer, public, network, there):
    colleague = person(network, there)
    mail.outbox.clear()
    for _twice in range(2):
        answer_call(actor=writer, call=call, action=public)
    subject = f"Une réponse : {QUESTION}"
    plain = {to: [one.replace("\xa0", " ").replace("\u202f", " ") for one in found] for to, found in told().items()}
    assert plain == {one.email: [subject] for one in (asker, staff, admin)}
    body = mail.outbox[0].body
    assert public.title in body
    assert f"/appels/{call.pk}/" in body
    assert colleague.email not in plain


def test_one_may_refuse_these_letters(call, asker, writer, public):
    refuse(email=asker.email, kind=CALL_ANSWERED.key)
    mail.outbox.clear()
    answer_call(actor=writer, call=call, action=public)
    assert asker.email not in told()


def test_a_draft_tells_once_it_is_published(call, begun, asker, staff, writer):
    mail.outbox.clear()
    write(writer, begun, **WHOLE)
    submit(actor=writer, action=begun)
    assert asker.email not in told()
    publish(actor=staff, action=begun)
    assert [one[:11] for one in told()[asker.email]] == ["Une réponse"]
    assert staff.email in told()  # asked to review it
    assert not [one for one in told()[staff.email] if one.startswith("Une réponse")]  # who published it knows
    archive(actor=staff, action=begun)
    publish(actor=staff, action=begun)
    assert len(told()[asker.email]) == 1


def test_once_the_asker_has_left_the_direction_hears(call, asker, writer, public, network, there):
    director = person(network, there, "director")
    end_role(actor=SYSTEM, role=asker.roles.get())
    mail.outbox.clear()
    answer_call(actor=writer, call=call, action=public)
    assert list(told()) == [director.email]


def test_closing_thanks_those_who_answered_once(call, begun, asker, staff, writer, public, network, structure):
    other = person(network, structure)
    answer_call(actor=other, call=call, action=public)
    mail.outbox.clear()
    for _twice in range(2):
        close_call(actor=asker, call=call)
        reopen_call(actor=asker, call=call)
    assert [(to, subjects[0][:5], len(subjects)) for to, subjects in told().items()] == [(other.email, "Merci", 1)]


def monday():
    at = timezone.localtime().replace(hour=23)
    return at + timedelta(days=7 - at.weekday())


def test_the_letter_of_the_week_names_new_questions_to_who_may_answer(
    ask, call, asker, writer, staff, network, structure, stranger
):
    reader = person(network, kind="reader")
    ask("Vieille question ?")
    SheetCall.objects.filter(question="Vieille question ?").update(created_at=timezone.now() - timedelta(days=20))
    close_call(actor=asker, call=ask("Question close ?"))
    mail.outbox.clear()
    send_digests(monday())
    letters = {letter.to[0]: letter.body for letter in mail.outbox}
    assert set(letters) == {writer.email, staff.email}
    plain = letters[writer.email].replace("\xa0", " ").replace("\u202f", " ")
    assert f"Question posée par Le Gué : {QUESTION}" in plain
    assert f"/appels/{call.pk}/" in plain
    assert "Vieille" not in plain
    assert "close" not in plain
    assert reader.email not in letters


# Sheets proposed


def test_sheets_that_speak_of_the_same_things_are_proposed_first(ask, make_action, network):
    make_action(title="Soirée écrans", summary="Des parents parlent des écrans.")
    make_action(title="Le café", summary="Des parents au café.")
    for number in range(8):
        make_action(title=f"Jardin {number}", summary="On sème, on arrose.")
    elsewhere = make_action(network=NetworkFactory(), title="Écrans et parents", summary="Ailleurs.")
    call = ask()
    assert [sheet.title for sheet in sheets_for(call)] == ["Soirée écrans"]
    assert [sheet.title for sheet in sheets_for(call, "cafe")] == ["Le café"]
    assert elsewhere not in sheets_for(call, "écrans")
    answer_call(actor=SYSTEM, call=call, action=Action.objects.get(title="Soirée écrans"))
    assert [sheet.title for sheet in sheets_for(call, "écrans")] == []


def test_a_question_made_of_common_words_proposes_nothing(ask, public):
    assert sheets_for(ask("Qui fait quelque chose ?")) == []


def test_a_conjunction_is_no_answer(client, ask, call, make_action, writer):
    make_action(title="Le café", summary="On y vient car il est chaud.")
    trip = make_action(title="En car à la mer", summary="Une journée.")
    for number in range(8):
        make_action(title=f"Jardin {number}", summary="On sème, on arrose.")
    assert sheets_for(ask("Et vous, en car ?")) == []
    assert sheets_for(call, "car") == [trip]
    assert [sheet.title for sheet in sheets_for(call, "café car")] == ["Le café"]
    client.force_login(writer)
    assert "Celle-ci y répond peut-être" in text(client.get(f"/appels/{ask('Qui tient un café ?').pk}/"))


# Pages


def test_one_asks_answers_and_closes_on_the_pages(client, asker, writer, there, structure, public):
    client.force_login(asker)
    assert "Posez la première" in text(client.get("/appels/"))
    page = text(client.get("/appels/demander/?question=Qui jardine ?"))
    token = re.search(r'name="token" value="(\w+)"', page)[1]
    place = re.search(r'name="place" value="([\d-]+)"', page)[1]
    assert 'value="Qui jardine ?"' in page
    form = {"question": "Qui jardine ?", "text": "", "until": "", "place": place, "token": token}
    assert client.post("/appels/demander/", form | {"question": ""}).status_code == 422
    address = client.post("/appels/demander/", form)["Location"]
    assert client.post("/appels/demander/", form)["Location"] == address
    client.force_login(writer)
    page = text(client.get(address))
    assert "Qui jardine ?" in page
    assert "Remercier" not in page
    assert "Retirer la question" not in page
    assert public.title in text(client.get(address, {"q": "jardin"}))
    assert "ne parle de « zzz »" in text(client.get(address, {"q": "zzz"}))
    given = {"do": "answer", "sheet": public.pk, "text": "Allez-y."}
    assert client.post(address, given | {"text": "x" * 3000}).status_code == 422
    assert client.post(address, {"do": "answer", "sheet": "x"}).status_code == 404
    assert client.post(address, {"do": "?"}).status_code == 400
    for _twice in range(2):
        assert client.post(address, given)["Location"] == address
    answer = CallAnswer.objects.get()
    client.force_login(asker)
    assert "Une chose vous attend" in text(client.get("/equipe/"))
    page = text(client.get(address))
    assert "Une fiche y répond" in page
    assert "Allez-y." in page
    assert "Retirer cette réponse" not in page
    assert client.post(address, {"do": "take-away", "answer": answer.pk}).status_code == 403
    client.post(address, {"do": "close"})
    page = text(client.get(address))
    assert "Question close le" in page
    assert "Répondre avec" not in page
    assert "Questions closes" in text(client.get("/appels/"))
    client.post(address, {"do": "reopen"})
    client.force_login(writer)
    for _twice in range(2):
        assert client.post(address, {"do": "take-away", "answer": answer.pk})["Location"] == address
    client.force_login(asker)
    corrected = {"question": "Qui jardine, et où ?", "text": "", "until": "2020-01-01"}
    assert client.post(f"{address}corriger/", corrected).status_code == 422
    assert client.post(f"{address}corriger/", corrected | {"until": ""})["Location"] == address
    for _twice in range(2):
        assert client.post(address, {"do": "withdraw"})["Location"] == "/appels/"


def test_a_sheet_is_begun_for_a_question(client, call, writer, asker):
    client.force_login(writer)
    address = f"/appels/{call.pk}/ecrire/"
    page = text(client.get(address))
    hidden = dict(re.findall(r'name="(token|place)" value="([\w-]+)"', page))
    assert QUESTION in page
    assert client.post(address, hidden | {"title": ""}).status_code == 422
    for _twice in range(2):
        where = client.post(address, hidden | {"title": "Le xanthe"})["Location"]
    sheet = Action.objects.get(title="Le xanthe")
    assert where == f"/equipe/fiches/{sheet.pk}/ecrire/action/"
    assert QUESTION in text(client.get(f"/equipe/fiches/{sheet.pk}/proposer/"))
    close_call(actor=asker, call=call)
    page = client.post(address, hidden | {"title": "Trop tard", "token": "z" * 32})
    assert page.status_code == 422
    assert "close" in text(page)


def test_who_only_reads_is_offered_nothing_to_write(client, call, network, make_action):
    make_action(title="Soirée écrans", summary="Des parents parlent des écrans.")
    client.force_login(person(network, kind="reader"))
    shown = text(client.get(f"/appels/{call.pk}/"))
    assert "Répondre avec" not in shown
    assert "Soirée écrans" not in shown
    assert "Demander au réseau" not in text(client.get("/appels/"))
    assert client.get("/appels/demander/").status_code == 403
    assert client.get(f"/appels/{call.pk}/ecrire/").status_code == 403
    assert client.get(f"/appels/{call.pk}/corriger/").status_code == 403


def test_a_gap_leads_to_the_question(client, staff, network):
    structure = StructureFactory(network=network, name="L'Écluse", commune="L'Isle & Loue")
    client.force_login(staff)
    link = next(one for one in re.findall(r'href="([^"]+)"', client.get("/equipe/manques/").content.decode())
                if "demander/?question" in one and "Isle" in one)  # fmt: skip
    shown = text(client.get(unescape(link)))
    assert "Qui mène une action à L'Isle & Loue ?" in shown
    assert structure.commune


def test_the_list_begins_with_what_waits(client, ask, public, asker, writer):
    for question in ("Une ?", "Deux ?", "Trois ?", "Quatre ?"):
        ask(question)
    of = {call.question: call for call in SheetCall.objects.all()}
    answer_call(actor=writer, call=of["Quatre ?"], action=public)
    close_call(actor=asker, call=of["Trois ?"])
    SheetCall.objects.filter(question="Deux ?").update(created_at=timezone.now() - timedelta(days=2))
    assert [call.question for call in calls_seen_by(asker)] == ["Une ?", "Deux ?", "Quatre ?", "Trois ?"]


def test_many_questions_come_by_pages(client, ask, asker):
    for number in range(31):
        ask(f"Question {number} ?")
    client.force_login(asker)
    assert "La suite" in text(client.get("/appels/"))
    assert "31 à 31 sur 31" in text(client.get("/appels/?page=2"))


def test_the_pages_in_english(client, call, writer, asker, public):
    answer_call(actor=writer, call=call, action=public)
    client.force_login(asker)
    client.cookies["django_language"] = "en"
    assert "Questions to the network" in text(client.get("/appels/"))
    assert "1 sheet answers" in text(client.get("/appels/"))
    assert "Ask the question" in text(client.get("/appels/demander/"))
    shown = text(client.get(f"/appels/{call.pk}/"))
    for words in ("One sheet answers", "Answer", "Thank and close", f'<span lang="fr">{QUESTION}</span>'):
        assert words in shown
    assert "To answer a question" in text(client.get(f"/appels/{call.pk}/ecrire/"))
    assert "Correct the question" in text(client.get(f"/appels/{call.pk}/corriger/"))
    assert not re.search("réponse|répond|question close", shown.replace(QUESTION, "").lower().partition("<main")[2])


def test_queries_do_not_grow(client, ask, asker, writer, staff, admin, make_action, structure):
    counts = []
    for number in range(4):
        make_action(structure=structure, title=f"Arroser aussi {number}")
    for number in range(30):
        make_action(structure=structure, title=f"Marcher {number}")
    for rows in (1, 3):
        for number in range(rows):
            waiting = ask(f"Qui sème {rows} {number} ?")
            call = ask(f"Qui arrose {rows} {number} ?")
            for _answer in range(rows):
                sheet = make_action(structure=structure, title=f"Arroser {rows} {number}")
                answer_call(actor=writer, call=call, action=sheet)
            begin_answer(
                actor=writer, call=call, structure=structure, title=f"X{rows}{number}", token=f"{rows}{number}"
            )
        for user in (asker, writer, staff, admin):
            client.force_login(user)
            pages = ["/appels/", f"/appels/{call.pk}/", f"/appels/{waiting.pk}/?q=arroser", "/equipe/"]
            pages += ["/appels/demander/", f"/appels/{call.pk}/ecrire/"]
            for page in pages:
                client.get(page)  # what the process keeps of the catalogue
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(page).status_code == 200
                counts.append(len(queries))
    assert counts[:24] == counts[24:]
    assert max(counts) <= 15


def test_the_first_time_too(client, ask, writer, make_action):
    """A process that has met none of these words asks the index of each, and no more."""
    make_action(title="Arroser")
    call = ask("Qui emmène des aînés à la mer ou au lac pour la journée, sans minibus ?")
    client.force_login(writer)
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/appels/{call.pk}/")
    assert len(queries) <= 15


# With everything else


def test_a_sheet_that_goes_takes_its_answer_away(client, call, begun, writer, stage, asker):
    discard(actor=writer, action=begun)
    assert not CallAnswer.objects.exists()
    batch = apply_import(actor=SYSTEM, batch=stage(published(GARDEN)))
    sheet = Action.objects.get(title=GARDEN["title"])
    answer_call(actor=writer, call=call, action=sheet)
    undo_import(actor=SYSTEM, batch=batch)
    assert not CallAnswer.objects.exists()
    client.force_login(asker)
    assert client.get(f"/appels/{call.pk}/").status_code == 200


def test_a_structure_that_asked_outlives_its_import(stage, network, ask):
    batch = apply_import(actor=SYSTEM, batch=stage(published(GARDEN)))
    structure = Action.objects.get(title=GARDEN["title"]).structure
    ask(actor=SYSTEM, structure=structure)
    undo_import(actor=SYSTEM, batch=batch)
    assert SheetCall.objects.get().structure == structure


def test_a_question_follows_its_structure_and_comes_back(call, there, network):
    kept = StructureFactory(network=network)
    merge = merge_structures(actor=SYSTEM, kept=kept, gone=there)
    call.refresh_from_db()
    assert call.structure == kept
    part_structures(actor=SYSTEM, merge=merge)
    call.refresh_from_db()
    assert call.structure.name == "Le Gué"


def test_the_work_of_two_accounts_becomes_one_s(call, asker, writer, public, network, admin):
    answer = answer_call(actor=asker, call=call, action=public)
    merge_accounts(actor=SYSTEM, network=network, kept=writer, gone=asker)
    for row in (call, answer):
        row.refresh_from_db()
        assert row.created_by == writer


def test_erased_its_author_leaves_the_question_and_the_answers(client, call, asker, public, writer, staff):
    answer = answer_call(actor=asker, call=call, action=public, text="La nôtre.")
    with export_data(actor=asker, user=asker) as made, zipfile.ZipFile(made) as file:
        given = file.read("mes-donnees.json").decode()
    assert all(words in given for words in (QUESTION, "La nôtre."))
    erase_account(actor=asker, user=asker)
    for row in (call, answer):
        row.refresh_from_db()
        assert row.created_by is None
    client.force_login(writer)
    shown = text(client.get(f"/appels/{call.pk}/"))
    assert QUESTION in shown
    assert "La nôtre." in shown
    assert asker.last_name not in shown
    with suppress(PermissionDenied):
        withdraw_answer(actor=writer, answer=answer)
    assert CallAnswer.objects.exists()  # nobody's: the team alone removes it
    withdraw_answer(actor=staff, answer=answer)


def test_the_journal_holds_no_word_of_it(call, asker, writer, public):
    answer = answer_call(actor=writer, call=call, action=public, text="Nos mots")
    correct_call(actor=asker, call=call, question="Autrement ?", text="Plus", until=None)
    withdraw_answer(actor=writer, answer=answer)
    close_call(actor=asker, call=call)
    lines = str(list(JournalEntry.objects.filter(verb__contains="call").values_list("data", flat=True)))
    assert not [word for word in ("écrans", "mots", "Autrement", "Plus") if word in lines]
