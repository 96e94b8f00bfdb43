"""The network's desk: sheets that nobody confirmed for a year, and what the catalogue lacks, each on its base."""

from datetime import timedelta
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import NetworkFactory, StructureFactory, UserFactory
from tests.sheets import person, write
from tisserand.actions.links import running_address
from tisserand.actions.models import Action
from tisserand.actions.operations.life import archive, publish, rewrite, submit
from tisserand.actions.operations.running import confirm_running, say_over
from tisserand.actions.queries import gaps, is_stale, stale, stale_in, stale_written_by
from tisserand.actions.views.desk import GAPS_ON_A_PAGE
from tisserand.network.operations import grant_role
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    found = unescape(answer.content.decode())
    return found.replace("\xa0", " ").replace("\u202f", " ").replace("’", "'")


def days_ago(days: int):
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def old(make_action, structure):
    """A sheet that nobody touched for more than a year."""
    return make_action(structure=structure, title="Le café", status=["En cours"], published_at=days_ago(366))


# Stale sheets


def test_a_sheet_is_stale_after_a_year_to_the_day(make_action, structure, network, old):
    make_action(structure=structure, published_at=days_ago(364))
    make_action(structure=structure, status=["Terminée"], published_at=days_ago(800))
    make_action(structure=structure, draft=True)
    archive(actor=SYSTEM, action=make_action(structure=structure, published_at=days_ago(800)))
    make_action(network=NetworkFactory(), published_at=days_ago(800))
    assert list(stale_in(network)) == [old]
    assert [sheet for sheet in Action.objects.filter(network=network) if is_stale(sheet)] == [old]
    confirm_running(actor=SYSTEM, action=old)
    assert not stale_in(network)
    assert not is_stale(Action.objects.get(pk=old.pk))
    Action.objects.filter(pk=old.pk).update(confirmed_at=days_ago(366))
    assert list(stale_in(network)) == [old]
    Action.objects.filter(pk=old.pk).update(updated_at=days_ago(3))
    assert not stale_in(network)


def test_what_waits_for_the_network_is_asked_no_more(old, writer, network, staff):
    copy = rewrite(actor=writer, action=old)
    write(writer, copy, summary="Le café, encore.", description="Chaque matin.")
    assert list(stale_in(network)) == [old]
    submit(actor=writer, action=copy)
    assert not stale_in(network)
    publish(actor=staff, action=copy)
    assert not stale_in(network)


def test_each_writer_is_asked_about_their_own(old, writer, network, structure, staff):
    other = StructureFactory(network=network)
    assert list(stale_written_by(writer)) == [old]
    for user in (person(network, other), person(network, structure, "referent"), UserFactory(), staff):
        assert not stale_written_by(user)


def test_confirming_twice_in_a_day_is_once(old, writer, stranger, draft):
    for _click in range(2):
        confirm_running(actor=writer, action=old)
    assert JournalEntry.objects.filter(verb="actions.confirmed").count() == 1
    with pytest.raises(PermissionDenied):
        confirm_running(actor=stranger, action=old)
    with pytest.raises(PermissionDenied):
        confirm_running(actor=writer, action=draft)


def test_saying_that_it_is_over_begins_a_rewriting(old, writer, stranger):
    for _click in range(2):
        copy = say_over(actor=writer, action=old)
    assert copy.labels("status") == ["Terminée"]
    assert Action.objects.get(pk=old.pk).labels("status") == ["En cours"]
    assert Action.objects.count() == 2
    with pytest.raises(PermissionDenied):
        say_over(actor=stranger, action=old)


def test_what_comes_next_is_said_by_the_rights_of_the_reader(client, old, staff, writer):
    page, words = f"/actions/{old.pk}/continue/", {}
    for user, verb, other in ((writer, "propos", "publi"), (staff, "publi", "propos")):
        client.force_login(user)
        copy = client.post(page, {"answer": "over"})["Location"].split("/")[2]
        words[verb] = text(client.get(f"/equipe/fiches/{copy}/ecrire/action/"))
        assert f"{verb}ez-la" in words[verb]
        assert f"Relire et {verb}er" in words[verb]
        assert f"{other}ez-la" not in words[verb]
        assert f"Relire et {other}er" not in words[verb]
        write(writer, Action.objects.get(pk=copy), summary="Le café.", description="Chaque matin.")
        mine = text(client.get("/equipe/fiches/"))
        assert f"Prête à {verb}er" in mine if user == writer else f"Relire et {other}er" not in mine


def test_a_sheet_being_rewritten_is_asked_about_no_more_but_stays_in_sight(staff_client, client, old, writer):
    assert "Elle est terminée" in text(staff_client.get("/equipe/a-confirmer/"))
    copy = say_over(actor=writer, action=old)
    for user, page in ((None, "/equipe/a-confirmer/"), (writer, "/equipe/")):
        if user:
            client.force_login(user)
        shown = text(client.get(page))
        assert "En cours de réécriture" in shown
        assert f"/actions/{copy.pk}/modifier/" in shown
        assert "Elle est terminée" not in shown


def test_the_question_is_answered_by_one_click(client, old, writer, staff):
    client.force_login(writer)
    page = f"/actions/{old.pk}/continue/"
    assert "Cette action continue-t-elle ?" in text(client.get(page))
    assert list(stale()) == [old]
    assert client.post(page, {"answer": "yes"})["Location"] == "/equipe/"
    assert not stale()
    Action.objects.update(confirmed_at=None)
    client.force_login(staff)
    shown = text(client.get("/equipe/a-confirmer/"))
    assert "Le café" in shown
    assert "il y a 12 mois" in shown
    assert client.post(page, {"answer": "yes"})["Location"] == "/equipe/a-confirmer/"
    assert "Toutes les fiches ont été changées ou confirmées" in text(client.get("/equipe/a-confirmer/"))
    answer = client.post(page, {"answer": "over"})
    assert answer["Location"] == f"/actions/{Action.objects.get(revises=old).pk}/modifier/"


def test_a_link_shows_the_question_and_changes_nothing_until_one_answers(client, old, writer):
    link = running_address(old, writer).partition("8000")[2]
    for _program in range(2):
        page = client.get(link)
        assert "Oui, elle continue" in text(page)
        assert "no-store" in page["Cache-Control"]
    assert list(stale()) == [old]
    for _click in range(2):
        assert "C'est noté" in text(client.post(link))
    assert not stale()
    assert JournalEntry.objects.get(verb="actions.confirmed").actor == f"user:{writer.pk}"


def test_a_link_dies_with_the_role_and_is_not_forged(client, old, writer, network, stranger):
    link = running_address(old, writer).partition("8000")[2]
    forged = running_address(old, stranger).partition("8000")[2]
    for address in (forged, link[:-3] + "xx/", "/fiches/continue/x/"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    for change in (
        lambda: type(writer).objects.filter(pk=writer.pk).update(is_active=False),
        lambda: (type(writer).objects.filter(pk=writer.pk).update(is_active=True), writer.roles.all().delete()),
    ):
        change()
        assert client.post(link).status_code == 404
    assert list(stale()) == [old]


def test_a_link_holds_three_months(client, old, writer, monkeypatch):
    from django.core import signing

    link = running_address(old, writer).partition("8000")[2]
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 60 * 60 * 24 * 89)
    assert client.get(link).status_code == 200
    monkeypatch.setattr(signing.time, "time", lambda: now + 60 * 60 * 24 * 91)
    assert client.get(link).status_code == 404


# Gaps


@pytest.fixture
def members(network, make_action):
    """Two members in one commune, one of which tells something; a third elsewhere; a structure of another network."""
    told, silent = (StructureFactory(network=network, name=name, commune="Brévy") for name in ("Le Gué", "La Clé"))
    alone = StructureFactory(network=network, name="Les Remparts", commune="Essivry")
    StructureFactory(network=NetworkFactory(), name="Ailleurs", commune="Loin")
    StructureFactory(network=network, name="La ville", commune="Port", kind="funder")
    make_action(structure=told, keywords=["Santé"], dimension=["Services"])
    make_action(structure=alone, keywords=["Jeunesse"], draft=True)
    return told, silent, alone


def test_each_gap_is_counted_on_its_base(network, members):
    _told, silent, alone = members
    found = gaps(network)
    assert (found.structures, found.members) == ([silent, alone], 3)
    assert ([place.commune for place in found.communes], found.places) == (["Essivry"], 2)
    by_label = {term.label: term.sheets for term in found.terms}
    assert (by_label["Santé"], by_label["Jeunesse"]) == (1, 0)
    assert found.values == 18
    assert "Terminée" not in by_label


def test_a_commune_is_one_however_it_is_written_and_two_in_two_departements(network, make_action):
    told, _other = (
        StructureFactory(network=network, commune=name, department="Somme") for name in ("Amiens", "AMIENS")
    )
    make_action(structure=told)
    for department in ("Seine-Saint-Denis", "La Réunion"):
        StructureFactory(network=network, commune="Saint-Denis", department=department)
    found = gaps(network)
    assert [(one.commune, one.department) for one in found.communes] == [
        ("Saint-Denis", "Seine-Saint-Denis"),
        ("Saint-Denis", "La Réunion"),
    ]
    assert found.places == 3


def test_who_has_left_is_no_gap(network, members):
    _told, silent, alone = members
    yesterday = timezone.localdate() - timedelta(days=1)
    alone.affiliations.update(starts=yesterday, ends=yesterday)
    silent.affiliations.update(ends=timezone.localdate())  # until tonight
    found = gaps(network)
    assert (found.structures, found.members) == ([silent], 2)


def test_the_page_tells_the_base_and_whom_to_invite(staff_client, network, members):
    _told, _silent, alone = members
    grant_role(actor=SYSTEM, user=UserFactory(), network=network, structure=alone, kind="member")
    page = text(staff_client.get("/equipe/manques/"))
    assert "2 <small>sur 3</small>" in page
    assert page.index("La Clé") < page.index("personne n'y écrit : inviter")
    assert page.count("personne n'y écrit") == 1
    assert "Ailleurs" not in page
    assert "une seule fiche" in page
    network.rate_from = 3
    network.save()
    assert '<p class="num">67<small>' in unescape(staff_client.get("/equipe/manques/").content.decode())


def test_the_desk_is_the_team_s(client, network, old, writer, stranger):
    for user in (writer, person(network, kind="reader")):
        client.force_login(user)
        for page in ("/equipe/a-confirmer/", "/equipe/manques/"):
            assert client.get(page).status_code == 403
    client.force_login(stranger)
    for page in ("/equipe/a-confirmer/", "/equipe/manques/"):
        assert "Le café" not in text(client.get(page))
    assert client.post(f"/actions/{old.pk}/continue/").status_code == 404
    assert list(stale()) == [old]


def test_queries_do_not_grow(staff_client, make_action, network):
    counts = []
    for rows in (1, 3):
        while Action.objects.count() < rows:
            structure = StructureFactory(network=network, commune=f"Commune {rows} {Action.objects.count()}")
            StructureFactory(network=network, commune=f"Vide {rows} {Action.objects.count()}")
            make_action(structure=structure, published_at=days_ago(400))
        for page in ("/equipe/a-confirmer/", "/equipe/manques/"):
            with CaptureQueriesContext(connection) as queries:
                assert staff_client.get(page).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 15


def test_long_lists_of_gaps_are_read_page_by_page(staff_client, network):
    for number in range(GAPS_ON_A_PAGE + 1):
        StructureFactory(network=network, name=f"Centre {number:02}", commune=f"Ville {number:02}")
    first, last = (text(staff_client.get(f"/equipe/manques/{query}")) for query in ("", "?structures=2&communes=1"))
    assert "1 à 20 sur 21" in first
    assert ("Centre 19" in first, first.count("Centre 20")) == (True, 0)
    assert "21 à 21 sur 21" in last
    assert last.count("Ville 20") == 1  # among structures; communes are still at their first page
    assert (
        "?structures=1&amp;communes=1#structures"
        in staff_client.get("/equipe/manques/?structures=2&communes=1").content.decode()
    )


def test_what_lacks_nothing_is_told_with_its_base_and_no_zero(staff_client, network, structure, make_action):
    make_action(structure=structure)
    page = text(staff_client.get("/equipe/manques/"))
    assert "Aucune : la structure membre a une fiche." in page
    assert "0 <small>" not in page
