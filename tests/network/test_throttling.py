"""Tries are counted by account, by device and by place; whoever hammers an account does not keep its owner out."""

import time

import pytest
from django.core import mail
from django.core.cache import caches
from django.core.cache.backends.filebased import FileBasedCache
from django.test import Client, RequestFactory

from tests.network.door import PASSWORD, Passkey, account, code_in, enter, is_in, letter_to, parallel
from tisserand.network.accounts.adapter import AccountAdapter
from tisserand.network.accounts.devices import COOKIE
from tisserand.network.models import CacheEntry

pytestmark = pytest.mark.django_db
SHARED = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}


@pytest.fixture
def nadia():
    return account(email="nadia@exemple.example")


def hammer(email: str, tries: int = 8, address: str = "203.0.113.7") -> str:
    """Someone else, elsewhere, tries passwords; the last page they see."""
    client = Client(REMOTE_ADDR=address)
    return [enter(client, email, f"essai-{n}") for n in range(tries)][-1].content.decode()


def test_an_account_takes_five_wrong_tries_in_five_minutes(nadia):
    assert "ne vont pas ensemble" in hammer(nadia.email, 5)
    assert "Trop d’essais" in hammer(nadia.email, 1, "198.51.100.9")  # from anywhere
    assert "Trop d’essais" in enter(Client(), nadia.email).content.decode()  # even the good one, on an unknown device


def test_an_unknown_address_is_counted_the_same(db):
    assert "Trop d’essais" in hammer("inconnue@exemple.example", 6)


def test_the_owner_still_comes_in_from_their_own_device(nadia):
    usual = Client(REMOTE_ADDR="192.0.2.5")
    enter(usual, nadia.email)
    usual.post("/deconnexion/")
    hammer(nadia.email)
    assert enter(usual, nadia.email)["Location"] == "/compte/"


def test_without_the_cookie_of_the_device_the_owner_is_kept_out(nadia):
    """Negative control of the test above."""
    usual = Client(REMOTE_ADDR="192.0.2.5")
    enter(usual, nadia.email)
    usual.post("/deconnexion/")
    usual.cookies.pop(COOKIE)
    hammer(nadia.email)
    assert "Trop d’essais" in enter(usual, nadia.email).content.decode()


def test_a_device_has_tries_of_its_own_and_no_more(nadia):
    stolen = Client()
    enter(stolen, nadia.email)
    stolen.post("/deconnexion/")
    for n in range(5):
        enter(stolen, nadia.email, f"essai-{n}")
    assert "Trop d’essais" in enter(stolen, nadia.email).content.decode()
    assert enter(Client(REMOTE_ADDR="192.0.2.5"), nadia.email)["Location"] == "/compte/"


def test_the_device_of_one_account_is_no_device_of_another(nadia):
    other = account()
    client = Client()
    enter(client, other.email)
    client.post("/deconnexion/")
    hammer(nadia.email)
    assert "Trop d’essais" in enter(client, nadia.email).content.decode()


@pytest.mark.parametrize("forged", ["x", "eyIxIjoiYSJ9:abc", "[1]", "é"])
def test_a_forged_device_is_no_device(nadia, forged):
    client = Client()
    client.cookies[COOKIE] = forged
    hammer(nadia.email)
    assert "Trop d’essais" in enter(client, nadia.email).content.decode()


def test_the_owner_still_comes_in_by_passkey(nadia):
    usual, passkey = Client(), Passkey()
    enter(usual, nadia.email)
    passkey.register(usual)
    hammer(nadia.email)
    new_device = Client(REMOTE_ADDR="192.0.2.5")
    assert passkey.enter(new_device)["Location"] == "/compte/"
    assert is_in(new_device)


def test_codes_asked_by_others_do_not_keep_the_owner_from_theirs(nadia):
    usual = Client(REMOTE_ADDR="192.0.2.5")
    enter(usual, nadia.email)
    usual.post("/deconnexion/")
    for _n in range(5):
        Client(REMOTE_ADDR="203.0.113.7").post("/connexion/code/", {"email": nadia.email})
    assert sum(sent.to == [nadia.email] for sent in mail.outbox) == 3
    assert "trop d’essais" in Client().post("/connexion/code/", {"email": nadia.email}).content.decode()
    usual.post("/connexion/code/", {"email": nadia.email})
    assert usual.post("/connexion/code/saisie/", {"code": code_in(letter_to(nadia.email))})["Location"] == "/compte/"


def test_a_place_takes_twenty_wrong_tries_in_a_minute(db):
    client = Client(REMOTE_ADDR="203.0.113.7")
    pages = [enter(client, f"personne{n}@exemple.example").content.decode() for n in range(21)]
    assert "Trop d’essais" not in pages[19]
    assert "Trop d’essais" in pages[20]


def test_a_flood_is_answered_429_in_words(settings, db):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "2/m/ip"}
    answers = [enter(Client(), "x@exemple.example") for _n in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert "Revenez dans quelques minutes" in answers[2].content.decode()


def seen_from(settings, proxies: int, remote: str, forwarded: str) -> str:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return AccountAdapter().get_client_ip(RequestFactory(REMOTE_ADDR=remote).get("/", headers=headers))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "", "10.0.0.1"),
        (0, "203.0.113.7", "10.0.0.1"),  # no proxy of ours: the header is whatever the visitor wrote
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "1.2.3.4, 203.0.113.7", "203.0.113.7"),  # the first was written by the visitor
        (2, "1.2.3.4, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
    ],
)
def test_where_a_visitor_comes_from(settings, proxies, forwarded, seen):
    assert seen_from(settings, proxies, "10.0.0.1", forwarded) == seen


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_forged_address_buys_no_tries(settings, db, proxies):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for n in range(21):
        forged = f"198.51.100.{n}, 203.0.113.7" if proxies else f"198.51.100.{n}"
        page = enter(
            Client(REMOTE_ADDR="203.0.113.7"), f"p{n}@exemple.example", headers={"x-forwarded-for": forged}
        ).content.decode()
    assert "Trop d’essais" in page


@pytest.fixture
def shared_cache(settings):
    """The cache of an instance, which the processes of a server share."""
    settings.CACHES = settings.CACHES | {"default": SHARED}
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "1000/m/ip", "login_failed": "5/5m/key"}


@pytest.mark.django_db(transaction=True)
def test_tries_sent_all_at_once_are_counted_one_by_one(shared_cache, nadia, monkeypatch):
    checked = []
    monkeypatch.setattr(
        "django.contrib.auth.base_user.AbstractBaseUser.check_password",
        lambda _user, password: bool(checked.append(password)),
    )
    parallel(30, lambda: enter(Client(), nadia.email, "essai"))
    assert 1 <= len(checked) <= 5
    assert CacheEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_folder_of_files_would_let_more_through(settings, tmp_path, monkeypatch):
    """Why the cache is a table: adding a key to a folder is two steps, and two may add the same."""
    looked = FileBasedCache.has_key

    def look_then_wait(*args, **kwargs):
        found = looked(*args, **kwargs)
        time.sleep(0.05)  # a busy machine
        return found

    monkeypatch.setattr(FileBasedCache, "has_key", look_then_wait)
    folder = {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": tmp_path}
    won = {}
    for name, cache in (("folder", folder), ("table", SHARED)):
        settings.CACHES = settings.CACHES | {"default": cache}
        won[name] = [sum(parallel(16, lambda n=n: caches["default"].add(f"{n}", 1, 60))) for n in range(4)]
    assert max(won["folder"]) > 1
    assert won["table"] == [1] * 4


@pytest.mark.django_db(transaction=True)
def test_three_tries_at_a_code_even_all_at_once(shared_cache, nadia):
    client = Client()
    client.post("/connexion/code/", {"email": nadia.email})
    session = client.cookies["sessionid"].value

    def guess():
        other = Client()
        other.cookies["sessionid"] = session
        return other.post("/connexion/code/saisie/", {"code": "0000-0000"}).content.decode()

    pages = parallel(12, guess)
    assert sum("n’est pas le bon" in page for page in pages) <= 3


def test_the_right_password_is_no_try(nadia):
    for _n in range(8):
        assert enter(Client(), nadia.email, PASSWORD)["Location"] == "/compte/"
