"""The log tells how requests went, and nothing about people."""

import io
import json
import logging
import sys

import pytest
from django.test import Client

from tests.factories import UserFactory
from tisserand.config.logs import Json, Plain, _tell_crash, place, without_people

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.addresses")]
EMAIL = "zenobie.canari@exemple.example"
CANARIES = ("canari", "exemple.example", "203.0.113.9", "2001:db8", "mot-de-passe", "jeton-de-lien")
FORMS = {"email": EMAIL, "password": "mot-de-passe-canari"}


@pytest.fixture(params=[Json, Plain], ids=["json", "plain"])
def log(request, monkeypatch):
    """What the handler of the settings writes, in either form, requests included."""
    console = next(one for one in logging.getLogger().handlers if one.name == "console")
    written = io.StringIO()
    monkeypatch.setattr(console, "stream", written)
    monkeypatch.setattr(console, "formatter", request.param())
    monkeypatch.setattr(logging.getLogger("tisserand.requests"), "level", logging.INFO)
    logging.getLogger("tisserand.requests").manager._clear_cache()
    yield written
    logging.getLogger("tisserand.requests").manager._clear_cache()


@pytest.fixture
def browser():
    return Client(raise_request_exception=False, REMOTE_ADDR="203.0.113.9")


def ask_all(browser) -> None:
    """Everything that could bring a canary to the log."""
    query = f"?email={EMAIL}&ip=203.0.113.9"
    for path in ("/casse/", "/refuse/", "/dit/", "/actions/", "/connexion/", f"/{EMAIL}", "/absent/jeton-de-lien/"):
        browser.post(f"{path}{query}", FORMS)
        browser.get(f"{path}{query}")
    browser.get(f"/casse/jeton-de-lien-{EMAIL}/")
    browser.get(f"/courrier/refus/jeton-de-lien-{EMAIL}/")
    browser.get("/actions/?q=x", headers={"X-Request-ID": EMAIL, "Referer": f"https://ailleurs.example/?{EMAIL}"})
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.post("/connexion/", FORMS, headers={"Referer": f"https://ailleurs.example/?{EMAIL}"}, secure=True)


def test_no_canary_reaches_the_log(log, browser):
    ask_all(browser)
    told = log.getvalue()
    assert [canary for canary in CANARIES if canary in told] == []
    assert "IntegrityError" in told  # failures are told, with where they happened
    assert "addresses.py" in told
    assert told.count("\n") > 15


def test_without_our_formatter_they_all_would(browser, monkeypatch):
    """Negative control: Django's own way of writing the same lines."""
    console = next(one for one in logging.getLogger().handlers if one.name == "console")
    written = io.StringIO()
    monkeypatch.setattr(console, "stream", written)
    monkeypatch.setattr(console, "formatter", logging.Formatter())
    ask_all(browser)
    for canary in ("canari", "203.0.113.9", "2001:db8", "jeton-de-lien"):
        assert canary in written.getvalue()


@pytest.mark.parametrize("log", [Json], indirect=True)
def test_a_request_is_one_line(log, client, network):
    user = UserFactory()
    client.force_login(user)
    response = client.get("/compte/?secret=1", headers={"X-Request-ID": "0123456789abcdef"})
    client.get("/structures/?q=1")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    account = next(line for line in lines if line["path"].startswith("/compte/"))
    assert response["X-Request-ID"] == account["request"] == "0123456789abcdef"
    assert account["user"] == user.pk
    assert account["status"] == response.status_code
    assert account["duration_ms"] > 0
    assert account.keys() == {
        "time", "level", "logger", "message", "request", "method", "path", "status", "duration_ms", "user",
    }  # fmt: skip
    assert account["path"] == "/compte/"


@pytest.mark.parametrize("given", ["", "x" * 20, "<script>", "é" * 10, "a" * 200, "nadia@exemple.example"])
def test_an_identifier_that_is_none_is_replaced(client, given, db):
    identifier = client.get("/sante/", headers={"X-Request-ID": given})["X-Request-ID"]
    assert len(identifier) == 32
    assert int(identifier, 16)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("à nadia@exemple.example, hier", "à …, hier"),
        ("depuis 192.168.1.12:443", "depuis …:443"),
        ("depuis 2001:db8::1 et fe80::1", "depuis … et …"),
        ("à 12:30:05, 3.53.1 et 1/2", "à 12:30:05, 3.53.1 et 1/2"),
        ("GET /actions/?q=nadia&p=2 fini", "GET /actions/ fini"),
        ("quoi ? rien", "quoi ? rien"),
    ],
)
def test_what_is_left_out(text, told):
    assert without_people(text) == told


def test_a_chain_of_errors_is_told_without_its_words():
    try:
        try:
            raise ValueError(EMAIL)
        except ValueError as error:
            raise KeyError(EMAIL) from error
    except KeyError as error:
        lines = place(error)
    assert [line for line in lines if not line.startswith(" ")] == ["KeyError", "ValueError"]
    assert not any("canari" in line for line in lines)


@pytest.mark.parametrize("log", [Json], indirect=True)
def test_a_command_that_fails_is_a_line_too(log):
    try:
        raise RuntimeError(EMAIL)
    except RuntimeError:
        _tell_crash(*sys.exc_info())
    line = json.loads(log.getvalue())
    assert line["level"] == "CRITICAL"
    assert line["exception"][0] == "RuntimeError"
    assert "canari" not in log.getvalue()
