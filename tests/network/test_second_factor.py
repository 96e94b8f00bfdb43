"""A second factor: set up, asked for, compulsory for who keeps a network; passkeys alone open the door."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.network.door import LOCAL, Passkey, account, add_app, code_of, data_in, enter, is_in, letter_to, say_again
from tisserand.network.operations import create_network, grant_role
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db
SECOND = "/connexion/second-facteur/"


@pytest.fixture
def nadia():
    return account(email="nadia@exemple.example")


@pytest.fixture
def inside(client, nadia):
    enter(client, nadia.email)
    return client


@pytest.fixture
def secret(inside, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return add_app(inside)


def test_an_application_asks_who_one_is_first(inside):
    assert inside.get("/compte/application/")["Location"].startswith("/compte/confirmer/")
    assert "votre mot de passe" in inside.post("/compte/confirmer/", {"password": "autre"}).content.decode()
    say_again(inside)
    page = inside.get("/compte/application/").content.decode()
    assert "data:image/svg+xml" in page
    assert "pas le bon" in inside.post("/compte/application/", {"code": "000000"}).content.decode()


def test_then_its_code_is_asked_for(secret, nadia):
    client = Client()
    assert enter(client, nadia.email)["Location"] == SECOND
    assert not is_in(client)
    assert "pas le bon" in client.post(SECOND, {"code": "000000"}).content.decode()
    assert client.post(SECOND, {"code": code_of(secret, 1)})["Location"] == "/compte/"
    assert is_in(client)
    assert "application de codes protège" in letter_to(nadia.email)


def test_a_code_of_an_application_serves_once(secret, nadia):
    first, second = Client(), Client()
    enter(first, nadia.email)
    enter(second, nadia.email)
    code = code_of(secret, 1)
    first.post(SECOND, {"code": code})
    cache.delete(f"allauth.mfa.totp.used?user={nadia.pk}&code={code}")  # it forgets after thirty seconds, too soon
    assert "pas le bon" in second.post(SECOND, {"code": code[:3] + " " + code[3:]}).content.decode()
    assert not is_in(second)


def test_the_session_key_changes_at_each_step(secret, nadia):
    client = Client()
    client.get("/connexion/")
    session = client.session
    session["planted"] = 1
    session.save()
    keys = [client.cookies["sessionid"].value]
    enter(client, nadia.email)
    keys.append(client.cookies["sessionid"].value)
    client.post(SECOND, {"code": code_of(secret, 1)})
    keys.append(client.cookies["sessionid"].value)
    assert len(set(keys)) == 3
    for key in keys[:2]:
        other = Client()
        other.cookies["sessionid"] = key
        assert not is_in(other)
        assert other.get(SECOND)["Location"] == "/connexion/"  # nor half-way in


def test_recovery_codes_serve_once_each(secret, inside, nadia):
    page = inside.get("/compte/codes-de-secours/").content.decode()
    codes = [part.split("<")[0] for part in page.split("<li><code>")[1:]]
    assert len(codes) == 10
    for expected in (True, False):
        client = Client()
        enter(client, nadia.email)
        client.post(SECOND, {"code": codes[0]})
        assert is_in(client) is expected
    assert "Il en reste 9" in inside.get("/compte/").content.decode()
    inside.post("/compte/codes-de-secours/nouveaux/")
    assert codes[1] not in inside.get("/compte/codes-de-secours/").content.decode()


def test_tries_at_a_second_factor_are_counted(secret, nadia):
    client = Client()
    enter(client, nadia.email)
    for n in range(5):
        client.post(SECOND, {"code": f"00000{n}"})
    assert "trop d’essais" in client.post(SECOND, {"code": code_of(secret, 1)}).content.decode()


def test_an_application_is_removed(secret, inside, nadia):
    assert "Retirer l’application" in inside.get("/compte/application/retirer/").content.decode()
    inside.post("/compte/application/retirer/")
    assert not Authenticator.objects.exists()
    assert "est retirée" in letter_to(nadia.email)
    assert enter(Client(), nadia.email)["Location"] == "/compte/"
    verbs = JournalEntry.objects.filter(actor=f"user:{nadia.pk}").values_list("verb", flat=True)
    assert {"network.totp_activated", "network.totp_deactivated"} <= set(verbs)


def test_a_passkey_opens_the_door_alone(inside, nadia):
    passkey = Passkey()
    assert passkey.register(inside)["Location"] == "/compte/codes-de-secours/"
    assert "Téléphone de Nadia" in inside.get("/compte/").content.decode()
    client = Client()
    assert passkey.enter(client)["Location"] == "/compte/"
    assert is_in(client)


def test_a_passkey_is_a_second_factor_too(inside, nadia):
    passkey = Passkey()
    passkey.register(inside)
    client = Client()
    assert enter(client, nadia.email, **LOCAL)["Location"] == SECOND
    options = data_in(client.get(SECOND, **LOCAL).content.decode())
    answer = client.post(SECOND, {"credential": passkey.answer_request(options)}, **LOCAL)
    assert answer["Location"] == "/compte/"


def test_the_passkey_of_someone_else_opens_nothing(inside, nadia):
    mine, theirs = Passkey(), Passkey()
    mine.register(inside)
    enter(other := Client(), account().email)
    theirs.register(other)
    theirs.user = mine.user  # the answer names nadia, signed by another key
    client = Client()
    assert theirs.enter(client)["Location"] == "/connexion/"
    assert "pas le bon" in client.get("/connexion/").content.decode()
    assert not is_in(client)


def test_an_answer_of_a_passkey_is_not_played_again(inside):
    passkey = Passkey()
    passkey.register(inside)
    client, thief = Client(), Client()
    options = client.get("/connexion/cle/", headers={"accept": "application/json"}, **LOCAL).json()["request_options"]
    answer = {"credential": passkey.answer_request(options)}
    thief.get("/connexion/cle/", headers={"accept": "application/json"}, **LOCAL)
    client.post("/connexion/cle/", answer, **LOCAL)
    assert is_in(client)
    thief.post("/connexion/cle/", answer, **LOCAL)
    assert not is_in(thief)


def test_a_passkey_is_named_and_removed(inside, nadia):
    passkey = Passkey()
    passkey.register(inside)
    found = Authenticator.objects.get(type="webauthn")
    inside.post(f"/compte/cles/{found.pk}/nom/", {"name": "Ordinateur de l'accueil"})
    assert "Ordinateur de l’accueil" in inside.get(f"/compte/cles/{found.pk}/retirer/").content.decode()
    enter(other := Client(), account().email)
    say_again(other)
    assert other.post(f"/compte/cles/{found.pk}/retirer/").status_code == 404
    inside.post(f"/compte/cles/{found.pk}/retirer/")
    assert not Authenticator.objects.exists()
    assert not is_in_by(passkey)


def is_in_by(passkey: Passkey) -> bool:
    client = Client()
    passkey.enter(client)
    return is_in(client)


def test_who_one_is_may_be_said_by_another_way(secret, inside):
    page = inside.get("/compte/confirmer/").content.decode()
    assert "Un code de mon application" in page
    assert "Continuer" in inside.get("/compte/confirmer/code/").content.decode()
    Passkey().register(inside)
    assert "servez-vous de votre clé" in inside.get("/compte/confirmer/cle/", **LOCAL).content.decode()


# Compulsory


@pytest.fixture
def asked(settings):
    """As with an `https` address."""
    settings.SECOND_FACTOR = True


@pytest.fixture
def staffed(nadia, network):
    grant_role(actor=SYSTEM, user=nadia, network=network, kind="mission")
    return nadia


TEAM = ("/equipe/", "/equipe/imports/", "/equipe/personnes/", "/actions/", "/", "/compte/adresse/", "/api/actions")


def test_who_keeps_a_network_sets_one_up_first(asked, client, staffed):
    enter(client, staffed.email)
    for page in TEAM:
        for send in (client.get, client.post):
            assert send(page)["Location"] == "/compte/deuxieme-verification/", page
    assert "tout un réseau" in client.get("/compte/deuxieme-verification/").content.decode()
    assert "vous est demandée" in client.get("/compte/").content.decode()
    add_app(client)
    assert client.get("/equipe/").status_code == 200


def test_then_nothing_more_is_asked_of_the_database(asked, client, staffed, settings):
    enter(client, staffed.email)
    secret = add_app(client)
    client = Client()
    enter(client, staffed.email)
    client.post(SECOND, {"code": code_of(secret, 1)})
    counts = []
    for wanted in (True, False):
        settings.SECOND_FACTOR = wanted
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/equipe/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_removing_it_asks_for_another(asked, client, staffed):
    enter(client, staffed.email)
    add_app(client)
    say_again(client)
    client.post("/compte/application/retirer/")
    assert client.get("/equipe/")["Location"] == "/compte/deuxieme-verification/"


def test_others_may_do_without(asked, client, nadia, network, structure):
    grant_role(actor=SYSTEM, user=nadia, network=network, structure=structure, kind="director")
    enter(client, nadia.email)
    assert client.get("/equipe/").status_code == 200


def test_who_administers_the_instance_too(asked, client, nadia):
    type(nadia).objects.update(is_superuser=True)
    create_network(actor=SYSTEM, slug="un", name="Un")
    enter(client, nadia.email)
    assert client.get("/equipe/")["Location"] == "/compte/deuxieme-verification/"


def test_without_https_nothing_is_asked(client, staffed):
    """Negative control: the demo, and these tests."""
    enter(client, staffed.email)
    assert client.get("/equipe/").status_code == 200


def test_one_may_leave(asked, client, staffed):
    enter(client, staffed.email)
    assert client.post("/deconnexion/")["Location"] == "/"
    assert client.get("/").status_code == 200
