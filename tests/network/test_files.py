"""The file of a person: who opens it is journalled; given or erased on a written request."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NetworkFactory, StructureFactory, UserFactory
from tisserand.network.models import Role, User
from tisserand.network.operations import end_role, grant_role
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db
TODAY = date.today()
FIND = "/equipe/personnes/dossier/"


@pytest.fixture
def karim(network, structure):
    user = UserFactory(first_name="Karim", last_name="Delattre")
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    return user


@pytest.fixture
def office(client, admin):
    client.force_login(admin)
    return client


def file_of(user) -> str:
    return f"{FIND}{user.pk}/"


def readings(user) -> list:
    return list(JournalEntry.objects.filter(subject=f"network.user:{user.pk}", verb="network.person_read"))


def test_reading_a_file_is_journalled_each_time(office, admin, karim):
    for times in (1, 2):
        assert "Karim" in office.get(file_of(karim)).content.decode()
        assert [line.actor for line in readings(karim)] == [f"user:{admin.pk}"] * times


def test_what_is_not_read_is_not_journalled(office, karim, stranger, client):
    office.get("/equipe/personnes/")
    client.force_login(stranger)
    assert client.get(file_of(karim)).status_code == 404
    assert readings(karim) == []


@pytest.mark.parametrize("kind", ["mission", "director", "member", "reader"])
def test_who_does_not_administer_opens_no_file(client, karim, network, structure, kind):
    user = UserFactory()
    place = None if kind in {"mission", "reader"} else structure
    grant_role(actor=SYSTEM, user=user, network=network, structure=place, kind=kind)
    client.force_login(user)
    for path in (file_of(karim), FIND):
        assert client.post(path, {"asked_on": TODAY, "do": "erase", "find-email": karim.email}).status_code == 403
    assert client.get(file_of(karim)).status_code == 403
    assert "dossier" not in client.get("/equipe/personnes/").content.decode()
    assert User.objects.filter(pk=karim.pk).exists()


def test_the_archive_is_given_on_a_written_request(office, admin, karim):
    assert office.post(file_of(karim), {"do": "export"}).status_code == 422
    answer = office.post(file_of(karim), {"do": "export", "asked_on": TODAY})
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as file:
        assert karim.email in file.read("mes-donnees.html").decode()
    line = JournalEntry.objects.get(verb="network.data_exported")
    assert (line.actor, line.subject) == (f"user:{admin.pk}", f"network.user:{karim.pk}")
    assert line.data == {"asked_on": TODAY.isoformat()}


def test_an_account_is_erased_on_a_written_request(office, karim):
    for wrong in ({}, {"asked_on": TODAY + timedelta(days=1)}, {"asked_on": "hier"}):
        assert office.post(file_of(karim), {"do": "erase", **wrong}).status_code == 422
    answer = office.post(file_of(karim), {"do": "erase", "asked_on": TODAY}, follow=True)
    assert "est effacé" in answer.content.decode()
    assert not User.objects.filter(pk=karim.pk).exists()
    # A second click finds nobody, and does nothing.
    assert office.post(file_of(karim), {"do": "erase", "asked_on": TODAY}).status_code == 404


def test_nothing_is_erased_that_was_not_asked(office, karim):
    for sent in ({}, {"do": ""}, {"do": "exporter"}):
        assert office.post(file_of(karim), {"asked_on": TODAY, **sent}).status_code == 404
    assert User.objects.filter(pk=karim.pk).exists()


def test_who_works_elsewhere_too_is_read_here_and_asks_alone(office, karim):
    elsewhere = NetworkFactory(name="Réseau des Cimes")
    grant_role(actor=SYSTEM, user=karim, network=elsewhere, kind="reader")
    page = office.get(file_of(karim)).content.decode()
    assert "efface son compte elle-même" in page
    assert "Cimes" not in page
    assert "Oui, effacer" not in page
    for do in ("export", "erase"):
        assert office.post(file_of(karim), {"do": do, "asked_on": TODAY}).status_code == 403
    assert User.objects.filter(pk=karim.pk).exists()


def test_the_last_administrator_is_not_erased(office, admin):
    answer = office.post(file_of(admin), {"do": "erase", "asked_on": TODAY})
    assert answer.status_code == 422
    assert "administre" in answer.content.decode()


def test_someone_who_left_is_found_by_their_address(office, karim, network):
    role = karim.roles.get()
    Role.objects.filter(pk=role.pk).update(starts=TODAY - timedelta(days=30))
    role.refresh_from_db()
    end_role(actor=SYSTEM, role=role)
    assert karim.email not in office.get("/equipe/personnes/").content.decode()
    answer = office.post(FIND, {"find-email": f" {karim.email.upper()} "})
    assert answer["Location"] == file_of(karim)


@pytest.mark.parametrize("email", ["", "pas une adresse", "inconnue@exemple.example", "stranger"])
def test_an_unknown_address_says_no_more(office, stranger, email):
    asked = stranger.email if email == "stranger" else email
    answer = office.post(FIND, {"find-email": asked}, follow=True)
    assert "Aucun compte de vos réseaux" in answer.content.decode()


def test_as_many_queries_for_one_role_as_for_thirty(office, karim, network):
    counts = []
    for more in (0, 29):
        for _n in range(more):
            place = StructureFactory(network=network)
            grant_role(actor=SYSTEM, user=karim, network=network, structure=place, kind="member")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert office.get(file_of(karim)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 15
