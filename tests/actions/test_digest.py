"""The letter of the week: on Mondays, once, to who has something to read in it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests.factories import StructureFactory
from tests.sheets import WHOLE, ask, person, write
from tisserand.actions.models import Action, Version
from tisserand.actions.operations.digest import DIGEST, send_digests
from tisserand.actions.operations.life import begin_sheet, publish, rewrite, send_back, submit
from tisserand.actions.operations.lineage import take_up
from tisserand.messages.operations import refuse
from tisserand.network.operations import grant_role
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db


def monday(*, first: bool = False):
    """The next Monday at night: the first one of a month, or the one after."""
    at = timezone.localtime().replace(hour=3)
    while not (at.weekday() == 0 and (at.day <= 7) == first):
        at += timedelta(days=1)
    return at


def this_monday():
    """The Monday that ends the week of what the test has just done."""
    at = timezone.localtime().replace(hour=23)
    return at + timedelta(days=7 - at.weekday())


def letters() -> dict[str, str]:
    """What each person reads, whatever the typography."""
    plain = str.maketrans("\xa0\u202f’", "  '")
    return {letter.to[0]: letter.body.translate(plain) for letter in mail.outbox}


@pytest.fixture
def quiet(proposed):
    """Nothing but a sheet to review; the letters sent so far are read."""
    mail.outbox.clear()
    return proposed


def test_once_a_week_on_monday(quiet, staff):
    for day in range(1, 7):
        assert send_digests(monday() + timedelta(days=day)) == 0
    assert send_digests(monday()) == 1
    assert send_digests(monday() + timedelta(hours=5)) == 0
    assert list(letters()) == [staff.email]
    body = letters()[staff.email]
    assert "1 fiche à relire, la première proposée aujourd'hui" in body
    assert "/equipe/relire/?network=" in body
    assert "Ne plus recevoir ces messages" in body
    assert send_digests(monday() + timedelta(days=7)) == 1


def test_nothing_to_say_is_no_letter(staff, writer, network, structure):
    assert send_digests(monday(first=True)) == 0
    assert mail.outbox == []


def test_one_may_refuse_it(quiet, staff):
    refuse(email=staff.email, kind=DIGEST.key)
    send_digests(monday())
    assert mail.outbox == []


def test_the_team_hears_of_what_waits_for_long_and_of_what_is_stale(quiet, staff, writer, make_action, structure):
    ask(staff, quiet)
    send_back(actor=staff, action=quiet)
    old = timezone.now() - timedelta(days=400)
    make_action(structure=structure, title="Le café", published_at=old)
    mail.outbox.clear()
    send_digests(monday())
    told = letters()[staff.email]
    assert "1 fiche que personne n'a confirmée depuis un an" in told
    assert "renvoyée depuis" not in told
    Version.objects.update(until=timezone.now() - timedelta(days=40))
    mail.outbox.clear()
    send_digests(monday() + timedelta(days=14))
    told = letters()[staff.email]
    assert "1 fiche renvoyée depuis plus de deux semaines, et pas encore reprise : « Jardin »" in told


def test_new_members_without_a_sheet_are_told_the_week_they_come(network, staff):
    structure = StructureFactory(network=network, name="Le Gué")
    at = monday()
    structure.affiliations.update(starts=timezone.localdate(at) - timedelta(days=3))
    send_digests(at)
    assert "1 nouvelle structure membre, sans fiche encore : Le Gué" in letters()[staff.email]
    structure.affiliations.update(starts=timezone.localdate(at) - timedelta(days=20))
    mail.outbox.clear()
    send_digests(at + timedelta(days=7))
    assert mail.outbox == []


def test_writers_hear_of_remarks_and_of_what_became_public(proposed, staff, writer, network, structure, stranger):
    elsewhere = person(network, StructureFactory(network=network))
    referent = person(network, structure, "referent")
    other = begin_sheet(actor=writer, network=network, structure=structure, title="La soupe", token="s" * 32)
    write(writer, other, **WHOLE)
    publish(actor=staff, action=submit(actor=writer, action=other))
    for field in ("summary", "people"):
        ask(staff, proposed, field)
    send_back(actor=staff, action=proposed)
    mail.outbox.clear()
    send_digests(this_monday())
    told = letters()[writer.email]
    assert "Jardin : 2 remarques à reprendre" in told
    assert f"/actions/{proposed.pk}/modifier/" in told
    assert "La soupe : publiée" in told
    assert "Dites pour qui" not in told
    assert not {elsewhere.email, referent.email, stranger.email} & set(letters())


@pytest.mark.parametrize("hours", [(-1, 3), (3, -1)])
def test_a_week_is_told_once_however_the_nights_differ(make_action, structure, writer, hours):
    """The work of one night began at three, that of another at eleven: nothing falls between, nothing comes twice."""
    first, middle = monday().replace(hour=0, minute=0), timedelta(days=7)
    make_action(structure=structure, title="Le café", published_at=first + timedelta(hours=hours[0]))
    told = []
    for night, hour in enumerate((3, 11, 3)):
        mail.outbox.clear()
        send_digests(first + night * middle + timedelta(hours=hour))
        told.append("Le café : publiée" in letters().get(writer.email, ""))
    assert told == ([True, False, False] if hours[0] < 0 else [False, True, False])


def test_writers_hear_that_their_sheet_was_taken_up(public, writer, network, staff):
    Action.objects.filter(pk=public.pk).update(published_at=timezone.now() - timedelta(days=90))
    there = StructureFactory(network=network, name="Le Gué")
    taker = person(network, there)
    copy = take_up(actor=taker, action=public, network=network, structure=there, title="Chez nous", token="t" * 32)
    publish(actor=staff, action=copy)
    mail.outbox.clear()
    send_digests(this_monday())
    assert f"{public.title} : reprise par Le Gué" in letters()[writer.email]
    assert "Chez nous : publiée" in letters()[taker.email]


def test_a_rewriting_made_public_is_told_as_such(public, writer, staff):
    Action.objects.filter(pk=public.pk).update(published_at=timezone.now() - timedelta(days=90))
    copy = rewrite(actor=writer, action=public)
    write(writer, copy, limits="Le gel.")
    publish(actor=staff, action=copy)
    mail.outbox.clear()
    send_digests(this_monday())
    assert f"{public.title} : mise à jour" in letters()[writer.email]


def test_writers_are_asked_once_a_month_by_a_link_of_their_own(client, make_action, structure, network, writer):
    sheet = make_action(structure=structure, title="Le café", published_at=timezone.now() - timedelta(days=400))
    director = person(network, structure, "director")
    assert send_digests(monday()) == 0
    assert send_digests(monday(first=True)) == 2
    links = {to: body.split("continue-t-elle ? ")[1].split()[0] for to, body in letters().items()}
    assert set(links) == {writer.email, director.email}
    assert links[writer.email] != links[director.email]
    client.post(links[director.email].partition("8000")[2])
    sheet.refresh_from_db()
    assert sheet.confirmed_at


def test_who_keeps_a_network_and_writes_for_a_structure_has_one_letter(quiet, staff, network, structure, writer):
    grant_role(actor=SYSTEM, user=staff, network=network, structure=structure, kind="member")
    other = begin_sheet(actor=writer, network=network, structure=structure, title="La soupe", token="s" * 32)
    write(writer, other, **WHOLE)
    publish(actor=SYSTEM, action=submit(actor=writer, action=other))
    mail.outbox.clear()
    send_digests(this_monday())
    assert [to for to in (letter.to[0] for letter in mail.outbox) if to == staff.email] == [staff.email]
    body = letters()[staff.email]
    assert network.name in body
    assert f"{structure.name}\n- La soupe : publiée" in body
