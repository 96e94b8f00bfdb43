"""Coming in, by each way; going out; what each leaves behind."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth import hashers
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import StructureFactory, UserFactory
from tests.network.door import PASSWORD, account, code_in, enter, is_in, letter_to, link_in, say_again
from tisserand.messages.models import Message
from tisserand.network.models import Role
from tisserand.network.operations import grant_role, open_account
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def nadia():
    return account(email="nadia@exemple.example")


def test_by_password(client, nadia):
    assert "ne vont pas ensemble" in enter(client, nadia.email, "autre").content.decode()
    assert enter(client, " Nadia@Exemple.example ")["Location"] == "/compte/"
    assert is_in(client)
    assert client.get("/connexion/")["Location"] == "/compte/"


def test_who_has_a_role_goes_to_work(client, nadia, network, structure):
    grant_role(actor=SYSTEM, user=nadia, network=network, structure=structure, kind="member")
    assert enter(client, nadia.email)["Location"] == "/equipe/"
    assert structure.name in client.get("/equipe/").content.decode()
    Role.objects.all().delete()
    page = client.get("/equipe/").content.decode()
    assert structure.name not in page
    assert "permet de lire" in page


@pytest.mark.parametrize("address", ["https://ailleurs.example/", "//ailleurs.example", "javascript:alert(1)"])
def test_the_way_back_stays_here(client, nadia, address):
    answer = client.post("/connexion/", {"login": nadia.email, "password": PASSWORD, "next": address})
    assert answer["Location"] == "/compte/"


def test_the_way_back(client, nadia):
    answer = client.post("/connexion/", {"login": nadia.email, "password": PASSWORD, "next": "/chiffres/?a=1"})
    assert answer["Location"] == "/chiffres/?a=1"


def ask(client, email):
    return client.post("/connexion/code/", {"email": email})


def test_by_a_code_that_serves_once(client, nadia):
    assert ask(client, nadia.email)["Location"] == "/connexion/code/saisie/"
    code = code_in(letter_to(nadia.email))
    assert client.post("/connexion/code/saisie/", {"code": code.replace("-", " ")})["Location"] == "/compte/"
    client.post("/deconnexion/")
    ask(client, nadia.email)
    assert client.post("/connexion/code/saisie/", {"code": code}).status_code == 200
    assert not is_in(client)


def test_a_code_holds_three_tries(client, nadia):
    ask(client, nadia.email)
    code = code_in(letter_to(nadia.email))
    wrong = "0000-0000" if code != "0000-0000" else "1111-1111"
    for _try in range(2):
        assert client.post("/connexion/code/saisie/", {"code": wrong}).status_code == 200
    assert client.post("/connexion/code/saisie/", {"code": wrong})["Location"] == "/connexion/code/"
    assert client.post("/connexion/code/saisie/", {"code": code})["Location"] == "/connexion/code/"
    assert not is_in(client)


def test_a_code_holds_ten_minutes(client, nadia, monkeypatch):
    ask(client, nadia.email)
    code = code_in(letter_to(nadia.email))
    import time

    now = time.time()
    monkeypatch.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: now + 601)
    assert client.post("/connexion/code/saisie/", {"code": code})["Location"] == "/connexion/code/"
    assert not is_in(client)


def test_a_code_serves_where_it_was_asked(client, nadia):
    ask(client, nadia.email)
    other = Client()
    ask(other, "autre@exemple.example")
    other.post("/connexion/code/saisie/", {"code": code_in(letter_to(nadia.email))})
    assert not is_in(other)


def test_a_code_proves_the_address(client):
    user = open_account(actor=SYSTEM, email="nadia@exemple.example")
    assert not EmailAddress.objects.get(user=user).verified
    ask(client, user.email)
    client.post("/connexion/code/saisie/", {"code": code_in(letter_to(user.email))})
    assert EmailAddress.objects.get(user=user).verified
    assert "En choisir un" in client.get("/compte/").content.decode()
    client.post("/compte/mot-de-passe/premier/", {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_one_may_start_again_another_way(client, nadia):
    ask(client, nadia.email)
    assert client.get("/connexion/")["Location"] == "/connexion/code/saisie/"
    client.post("/deconnexion/", {"next": "/connexion/"})
    assert client.get("/connexion/").status_code == 200


def same_pages(client_of, path: str, field: str, addresses: list[str]) -> set[str]:
    pages = set()
    for email in addresses:
        client = client_of()
        answer = client.post(path, {field: email, "password": "rien"}, follow=True)
        page = answer.content.decode().replace(email, "ADRESSE")
        pages.add(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page))
    return pages


@pytest.mark.parametrize(
    ("path", "field"),
    [("/connexion/", "login"), ("/connexion/code/", "email"), ("/connexion/mot-de-passe-perdu/", "email")],
)
def test_nobody_learns_who_has_an_account(nadia, path, field):
    closed = account(email="partie@exemple.example", is_active=False)
    addresses = [nadia.email, closed.email, "inconnue@exemple.example"]
    assert len(same_pages(Client, path, field, addresses)) == 1
    if field == "email":
        assert Message.objects.count() == len(addresses)  # a letter each: the same work, the same time
        assert "Pas de compte" in next(sent.subject for sent in mail.outbox if sent.to == [addresses[2]])


def test_an_unknown_address_costs_as_many_hashes(nadia, monkeypatch):
    counted = []
    real = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher, "encode", lambda *args, **kwargs: counted.append(1) or real(*args, **kwargs)
    )
    costs = []
    for email in (nadia.email, "inconnue@exemple.example"):
        counted.clear()
        enter(Client(), email, "rien")
        costs.append(len(counted))
    assert costs[0] == costs[1] > 0


def test_nobody_signs_up(client):
    before = Message.objects.count()
    page = client.post("/connexion/sur-invitation/", {"email": "moi@exemple.example", "password1": PASSWORD})
    assert "On entre sur invitation" in page.content.decode()
    assert Message.objects.count() == before


def test_a_closed_account_stays_out(client, nadia):
    enter(client, nadia.email)
    type(nadia).objects.update(is_active=False)
    assert not is_in(client)
    assert enter(client, nadia.email)["Location"] == "/connexion/compte-ferme/"
    assert "Ce compte est fermé" in client.get("/connexion/compte-ferme/").content.decode()
    assert not is_in(client)


def test_a_lost_password(client, nadia):
    enter(elsewhere := Client(), nadia.email)
    assert client.post("/connexion/mot-de-passe-perdu/", {"email": nadia.email})["Location"].endswith("/envoye/")
    link = link_in(letter_to(nadia.email))
    page = client.get(link, follow=True)
    assert "Choisir un nouveau mot de passe" in page.content.decode()
    assert link not in page.content.decode()
    chosen = {"password1": "une-autre-longue-phrase", "password2": "une-autre-longue-phrase"}
    short = client.post(page.request["PATH_INFO"], {"password1": "court", "password2": "court"}).content.decode()
    assert "12" in short
    assert client.post(page.request["PATH_INFO"], chosen)["Location"] == "/compte/"
    assert is_in(client)
    assert not is_in(elsewhere)
    assert not UserSession.objects.filter(session_key=elsewhere.session.session_key).exists()
    assert "plus valable" in Client().get(link, follow=True).content.decode()  # served
    assert "a changé" in letter_to(nadia.email)


def test_a_letter_holds_the_address_of_the_instance(client, nadia, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.PUBLIC_URL = "https://actions.exemple.example"
    client.post("/connexion/mot-de-passe-perdu/", {"email": nadia.email}, headers={"host": "mechant.example"})
    assert "https://actions.exemple.example/connexion/mot-de-passe/" in letter_to(nadia.email)
    assert "mechant" not in letter_to(nadia.email)


def key(client) -> str:
    return client.cookies["sessionid"].value


def with_cookie(value: str) -> Client:
    other = Client()
    other.cookies["sessionid"] = value
    return other


def test_the_session_key_changes_at_login(client, nadia):
    """Whoever planted a cookie before does not come in with it."""
    client.get("/connexion/")
    session = client.session
    session["planted"] = 1
    session.save()
    planted = key(client)
    enter(client, nadia.email)
    assert key(client) != planted
    assert not is_in(with_cookie(planted))
    assert is_in(with_cookie(key(client)))  # negative control: the new one is the good one


def test_the_old_cookie_is_dead_after_logout(client, nadia):
    enter(client, nadia.email)
    old = key(client)
    assert is_in(with_cookie(old))
    client.post("/deconnexion/")
    assert not is_in(with_cookie(old))


def test_other_cookies_are_dead_after_a_password_change(client, nadia):
    enter(client, nadia.email)
    enter(elsewhere := Client(), nadia.email)
    old = key(client)
    new = {"oldpassword": PASSWORD, "password1": "une-autre-longue-phrase", "password2": "une-autre-longue-phrase"}
    assert is_in(elsewhere)
    assert client.post("/compte/mot-de-passe/", new)["Location"] == "/compte/"
    assert is_in(client)
    assert not is_in(elsewhere)
    assert not is_in(with_cookie(old))
    assert UserSession.objects.filter(user=nadia).count() == 1
    assert JournalEntry.objects.filter(verb="network.password_changed", actor=f"user:{nadia.pk}").exists()


def test_one_sees_and_closes_other_devices(client, nadia):
    enter(client, nadia.email, HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Firefox/130")
    others = [Client(), Client()]
    for other in others:
        enter(other, nadia.email, HTTP_USER_AGENT="Mozilla/5.0 (Linux; Android 14) Chrome/130 Safari/537")
    page = client.get("/compte/appareils/").content.decode()
    assert page.count("Chrome, Android") == 4  # each title and its button
    assert "Firefox, Windows" in page
    session = UserSession.objects.get(session_key=key(others[0]))
    client.post("/compte/appareils/", {"session": session.pk})
    assert [is_in(one) for one in (client, *others)] == [True, False, True]
    client.post("/compte/appareils/")
    assert [is_in(one) for one in (client, *others)] == [True, False, False]


def test_nobody_closes_the_session_of_someone_else(client, nadia):
    enter(other := Client(), account().email)
    enter(client, nadia.email)
    session = UserSession.objects.get(session_key=key(other))
    for only in (session.pk, "", "x"):
        client.post("/compte/appareils/", {"session": only})
    assert is_in(other)


def test_one_changes_name(client, nadia):
    enter(client, nadia.email)
    client.post("/compte/nom/", {"first_name": "Nadia", "last_name": "Bertin-Roche"})
    nadia.refresh_from_db()
    assert nadia.last_name == "Bertin-Roche"


def test_one_changes_address_by_the_link_sent_to_the_new_one(client, nadia):
    enter(client, nadia.email)
    client.get("/compte/adresse/")
    client.post("/compte/adresse/", {"action_add": "1", "email": "neuve@exemple.example"})
    assert not mail.outbox  # who one is must be said again first
    say_again(client)
    client.post("/compte/adresse/", {"action_add": "1", "email": "neuve@exemple.example"})
    assert "attend d’être confirmée" in client.get("/compte/adresse/").content.decode()
    link = link_in(letter_to("neuve@exemple.example"))
    nadia.refresh_from_db()
    assert nadia.email == "nadia@exemple.example"
    assert "devient l’adresse" in client.get(link).content.decode()
    client.post(link)
    nadia.refresh_from_db()
    assert nadia.email == "neuve@exemple.example"
    assert EmailAddress.objects.get(user=nadia).email == nadia.email
    assert "neuve@exemple.example" in letter_to("nadia@exemple.example")  # the old one is told
    assert "plus valable" in client.get(link).content.decode()
    assert is_in(client)


def test_an_address_taken_meanwhile_is_refused(client, nadia):
    enter(client, nadia.email)
    say_again(client)
    client.post("/compte/adresse/", {"action_add": "1", "email": "prise@exemple.example"})
    UserFactory(email="prise@exemple.example")
    client.post(link_in(letter_to("prise@exemple.example")))
    nadia.refresh_from_db()
    assert nadia.email == "nadia@exemple.example"


def test_pages_have_one_face(client, nadia):
    for headers in ({"accept": "application/json"}, {"x-requested-with": "XMLHttpRequest"}):
        assert client.get("/connexion/", headers=headers)["Content-Type"].startswith("text/html")


def test_queries_of_the_account_do_not_grow(client, nadia, network):
    counts = []
    for rows in (1, 2):
        for _row in range(rows):
            structure = StructureFactory(network=network)
            grant_role(actor=SYSTEM, user=nadia, network=network, structure=structure, kind="member")
            enter(Client(), nadia.email)
        enter(client, nadia.email)
        for page in ("/compte/", "/compte/appareils/", "/equipe/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            counts.append(len(queries))
    assert counts[:3] == counts[3:]
    account, devices, home = counts[:3]
    assert max(account, devices) <= 10
    assert home <= 15  # with the questions of the network
