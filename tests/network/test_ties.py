"""Memberships and agreements: kept by the team of a network, told before they end."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import NetworkFactory, StructureFactory, UserFactory
from tisserand.common import nightly
from tisserand.messages.operations import refuse
from tisserand.network.models import Affiliation, Agreement
from tisserand.network.operations import (
    Terms,
    date_affiliation,
    end_agreement,
    grant_role,
    renew_agreement,
    sign_agreement,
)
from tisserand.network.operations.ties import REMINDER, remind
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db


def today(days: int = 0) -> date:
    return timezone.localdate() + timedelta(days=days)


def night(days: int = 0) -> datetime:
    return timezone.now() + timedelta(days=days)


@pytest.fixture
def sign(network, structure):
    def make(label="Convention d'objectifs", ends=40, starts=-300, where=None, actor=SYSTEM):
        terms = Terms(label, today(starts), today(ends) if ends is not None else None)
        return sign_agreement(actor=actor, network=network, structure=where or structure, terms=terms)

    return make


def test_signing_twice_is_once(sign, staff):
    assert sign(actor=staff) == sign(actor=staff)
    assert Agreement.objects.count() == 1
    assert JournalEntry.objects.filter(verb="network.agreement_signed").count() == 1


def test_only_the_team_of_the_network_writes(sign, network, structure, stranger):
    director = UserFactory()
    grant_role(actor=SYSTEM, user=director, network=network, structure=structure, kind="director")
    agreement, tie = sign(), structure.affiliations.get()
    for actor in (stranger, director):
        for write in (
            lambda actor=actor: sign(actor=actor),
            lambda actor=actor: renew_agreement(actor=actor, agreement=agreement, terms=Terms("x", today(50))),
            lambda actor=actor: end_agreement(actor=actor, agreement=agreement, ends=None),
            lambda actor=actor: date_affiliation(actor=actor, affiliation=tie, starts=today(), ends=today()),
        ):
            with pytest.raises(PermissionDenied):
                write()


def test_dates_in_order(sign, network, structure):
    with pytest.raises(ValidationError, match="après le début"):
        sign(ends=-301)
    with pytest.raises(ValidationError, match="après le début"):
        end_agreement(actor=SYSTEM, agreement=sign(), ends=today(-301))
    tie = structure.affiliations.get()
    with pytest.raises(ValidationError, match="après le début"):
        date_affiliation(actor=SYSTEM, affiliation=tie, starts=today(), ends=today(-1))
    with pytest.raises(ValidationError, match="pas membre"):
        sign(where=StructureFactory())


def test_a_renewal_takes_over_once(sign):
    agreement = sign()
    terms = Terms(agreement.label, today(41), today(400))
    following = renew_agreement(actor=SYSTEM, agreement=agreement, terms=terms)
    assert renew_agreement(actor=SYSTEM, agreement=agreement, terms=Terms("autre", today(60))) == following
    agreement.refresh_from_db()
    assert agreement.renewed_by == following
    with pytest.raises(ValidationError, match="commence après"):
        renew_agreement(actor=SYSTEM, agreement=following, terms=Terms("x", today(41)))


def test_a_membership_is_open_once(network, structure):
    tie = structure.affiliations.get()
    date_affiliation(actor=SYSTEM, affiliation=tie, starts=today(-20), ends=today(-10))
    Affiliation.objects.create(network=network, structure=structure, starts=today(-5))
    with pytest.raises(ValidationError, match="déjà membre"):
        date_affiliation(actor=SYSTEM, affiliation=tie, starts=today(-20), ends=None)


# Reminders


def reminders() -> list:
    return [(sent.to[0], sent.body) for sent in mail.outbox]


def test_the_team_is_told_sixty_then_fifteen_days_before(sign, staff, admin, network):
    sign(ends=61)
    grant_role(actor=SYSTEM, user=UserFactory(), network=network, kind="reader")
    assert remind(night(0)) == 0
    assert remind(night(1)) == 1
    assert {to for to, _text in reminders()} == {staff.email, admin.email}
    assert "Convention d'objectifs" in mail.outbox[0].body
    assert f"/equipe/conventions/?network={network.slug}" in mail.outbox[0].body
    assert [remind(night(n)) for n in (1, 2, 45)] == [0, 0, 0]
    assert remind(night(46)) == 1
    assert [remind(night(n)) for n in (46, 50, 61, 62)] == [0, 0, 0, 0]
    assert len(mail.outbox) == 4


def test_one_letter_tells_all_of_a_night(sign, staff):
    for n in range(3):
        sign(label=f"Convention {n}", ends=30 + n)
    assert remind(night()) == 3
    assert len(mail.outbox) == 1
    assert mail.outbox[0].subject == "3 conventions à renouveler"


def test_a_late_one_is_told_once(sign, staff):
    """Kept when it ends in ten days already: one letter, not one for each limit."""
    sign(ends=10)
    assert remind(night()) == 1
    assert len(mail.outbox) == 1


def test_what_is_renewed_or_without_end_is_not_told(sign, staff):
    renew_agreement(actor=SYSTEM, agreement=sign(), terms=Terms("Suite", today(41), today(400)))
    sign(label="Charte", ends=None)
    sign(label="Finie", ends=-1)
    assert remind(night()) == 0


def test_another_end_is_told_again(sign, staff):
    agreement = sign(ends=50)
    remind(night())
    end_agreement(actor=SYSTEM, agreement=agreement, ends=today(55))
    assert remind(night()) == 1


def test_one_may_refuse_them(sign, staff):
    refuse(email=staff.email, kind=REMINDER.key)
    sign()
    assert remind(night()) == 1
    assert mail.outbox == []


def test_each_network_its_own(sign, staff, stranger):
    sign()
    remind(night())
    assert [to for to, _text in reminders()] == [staff.email]


def test_the_night_does_all_of_it(sign, staff, capsys):
    sign()
    call_command("nightly")
    told = capsys.readouterr().out
    assert "Rappels des conventions à renouveler : 1" in told
    assert "assez longtemps" in told
    call_command("nightly")
    assert len(mail.outbox) == 1


def test_a_job_that_fails_does_not_keep_others_from_running(sign, staff, monkeypatch):
    monkeypatch.setitem(nightly._JOBS, "abc", nightly.Job("abc", "Panne", _break))
    sign()
    with pytest.raises(CommandError, match="abc"):
        call_command("nightly")
    assert len(mail.outbox) == 1


def _break(now):
    raise RuntimeError("panne")


# Pages


def text(answer) -> str:
    return answer.content.decode()


def ties(structure) -> str:
    return f"/structures/{structure.slug}/adhesion/"


def test_the_page_of_a_structure_leads_there(staff_client, structure, client):
    assert ties(structure) in text(staff_client.get(structure.get_absolute_url()))
    staff_client.post("/deconnexion/")
    assert ties(structure) not in text(client.get(structure.get_absolute_url()))


def test_membership_and_agreement_by_the_page(staff_client, structure):
    day = today(-100).isoformat()
    answer = staff_client.post(ties(structure), {"form": "affiliation", "tie-starts": day, "tie-ends": ""})
    assert answer.status_code == 302
    assert structure.affiliations.get().starts == today(-100)
    new = {"form": "agreement", "new-label": "Charte", "new-starts": day, "new-ends": today(20).isoformat()}
    for _click in range(2):
        staff_client.post(ties(structure), new)
    page = text(staff_client.get(ties(structure)))
    assert page.count("Charte") == 1
    wrong = staff_client.post(ties(structure), new | {"new-label": "Autre", "new-ends": today(-200).isoformat()})
    assert wrong.status_code == 422
    assert "après le début" in text(wrong)
    assert staff_client.post(ties(structure), {"form": "affiliation", "tie-starts": "x"}).status_code == 422


def test_what_to_renew_and_renewing(staff_client, sign):
    soon, later = sign(label="Bientôt", ends=40), sign(label="Plus tard", ends=200)
    page = text(staff_client.get("/equipe/conventions/"))
    assert "Plus tard" not in page.split('id="toutes"')[0]
    assert "Bientôt" in page.split('id="toutes"')[0]
    address = f"/equipe/conventions/{soon.pk}/"
    form = text(staff_client.get(address))
    assert f'value="{today(41).isoformat()}"' in form  # from the day after
    new = {"form": "renew", "next-label": "Bientôt", "next-starts": today(41).isoformat(), "next-ends": ""}
    assert staff_client.post(address, new)["Location"] == "/equipe/conventions/"
    assert "Une autre a pris la suite" in text(staff_client.get(address))
    assert "Rien ne se termine" in text(staff_client.get("/equipe/conventions/"))
    end = {"form": "end", "end-ends": today(10).isoformat()}
    staff_client.post(f"/equipe/conventions/{later.pk}/", end)
    assert Agreement.objects.get(pk=later.pk).ends == today(10)


def test_another_network_finds_nothing(client, stranger, sign, structure):
    client.force_login(stranger)
    assert client.get(ties(structure)).status_code == 404
    assert client.post(ties(structure), {"form": "agreement"}).status_code == 404
    assert client.get(f"/equipe/conventions/{sign().pk}/").status_code == 404
    assert "Convention d" not in text(client.get("/equipe/conventions/"))


def test_a_structure_of_two_networks(client, staff, network, structure, sign):
    other = NetworkFactory(slug="voisin")
    grant_role(actor=SYSTEM, user=staff, network=other, kind="mission")
    Affiliation.objects.create(network=other, structure=structure, starts=today(-3))
    sign()
    client.force_login(staff)
    assert "Convention d" in text(client.get(ties(structure), {"network": network.slug}))
    assert "Aucune convention" in text(client.get(ties(structure), {"network": "voisin"}))


def test_queries_do_not_grow(staff_client, sign, structure):
    counts = []
    for rows in (1, 2):
        for n in range(rows):
            sign(label=f"Convention {rows} {n}")
        for page in ("/equipe/conventions/", ties(structure)):
            with CaptureQueriesContext(connection) as queries:
                assert staff_client.get(page).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 15


def test_what_is_to_renew_is_read_page_by_page(staff_client, sign, monkeypatch):
    monkeypatch.setattr("tisserand.network.views.ties.ON_A_PAGE", 2)
    for number in range(3):
        sign(label=f"Convention {number}", ends=20 + number)

    def late(query: str) -> str:
        return text(staff_client.get(f"/equipe/conventions/{query}")).partition("Toutes")[0]

    assert [f"Convention {number}" in late("") for number in range(3)] == [True, True, False]
    assert [f"Convention {number}" in late("?fin=2") for number in range(3)] == [False, False, True]
