"""The link or the code of a letter, used twice at the same moment: by two clicks, in two tabs, in two browsers."""

from itertools import count

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from tests.network.door import account, code_in, enter, is_in, letter_to, link_in, parallel, say_again
from tisserand.network.links import invitation_address
from tisserand.network.models import Role, User
from tisserand.network.operations import invite, withdraw_invitation
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db(transaction=True)
NADIA = "nadia@exemple.example"
NEWCOMER = {"first_name": "Nadia", "last_name": "Bertin", "password": "une-longue-phrase-a-elle"}
TIMES = 6


def lines(verb: str) -> int:
    return JournalEntry.objects.filter(verb=verb).count()


@pytest.fixture
def link(network, structure) -> str:
    invitation, _new = invite(actor=SYSTEM, network=network, structure=structure, kind="member", email=NADIA)
    return link_in(invitation_address(invitation))


def test_an_invitation_opens_one_account_whoever_comes_first(link):
    """Each tab chose its own password: one of them opened the account, the others are told that it is taken up."""
    passwords = count()

    def come():
        browser = Client(raise_request_exception=False)
        password = f"une-longue-phrase-{next(passwords)}"
        return browser.post(link, NEWCOMER | {"password": password}).status_code, password, is_in(browser)

    answers = parallel(TIMES, come)
    came = [password for status, password, inside in answers if status == 302 and inside]
    assert len(came) == 1
    assert {status for status, _password, inside in answers if not inside} <= {302, 403, 410, 422}
    assert User.objects.get(email=NADIA).check_password(came[0])
    assert Role.objects.count() == lines("network.invitation_accepted") == lines("network.account_opened") == 1


def test_who_has_an_account_accepts_once(link):
    account(email=NADIA)
    client = Client()
    enter(client, NADIA)

    def accept():
        browser = Client(raise_request_exception=False)
        browser.cookies = client.cookies.copy()
        return browser.post(link)["Location"]

    assert parallel(TIMES, accept) == ["/equipe/"] * TIMES
    assert Role.objects.count() == lines("network.invitation_accepted") == 1


def test_accepted_and_withdrawn_at_once_it_is_one_of_the_two(network, structure):
    account(email=NADIA)
    invitation, _new = invite(actor=SYSTEM, network=network, structure=structure, kind="member", email=NADIA)
    client = Client(raise_request_exception=False)
    enter(client, NADIA)
    link = link_in(invitation_address(invitation))

    def withdraw():
        withdraw_invitation(actor=SYSTEM, invitation=invitation)
        return 0

    acts = iter((lambda: client.post(link).status_code, withdraw))
    accepted = max(parallel(2, lambda: next(acts)()))  # noqa: PLW0108 - each takes the next one
    invitation.refresh_from_db()
    assert (invitation.accepted_at is None) == (invitation.withdrawn_at is not None)
    assert Role.objects.count() == (invitation.accepted_at is not None) == (accepted == 302)


def test_a_code_given_by_several_clicks_lets_in_and_serves_no_more():
    """They are one browser: the session that asked for the code is gone with the first answer, which is no error."""
    account(email=NADIA)
    client = Client()
    client.post("/connexion/code/", {"email": NADIA})
    code = code_in(letter_to(NADIA))

    def give():
        browser = Client(raise_request_exception=False)
        browser.cookies = client.cookies.copy()
        answer = browser.post("/connexion/code/saisie/", {"code": code})
        return answer.status_code, is_in(browser)

    answers = parallel(TIMES, give)
    assert {status for status, _inside in answers} <= {200, 302}
    assert any(inside for _status, inside in answers)
    assert give() == (302, False)  # back to the first page of the door


def test_a_link_that_gives_a_new_password_serves_once():
    nadia = account(email=NADIA)
    client = Client()
    client.post("/connexion/mot-de-passe-perdu/", {"email": NADIA})
    link, chosen = link_in(letter_to(NADIA)), count()
    tabs = []
    for _tab in range(TIMES):
        browser = Client(raise_request_exception=False)
        tabs.append((browser, browser.get(link, follow=True).request["PATH_INFO"]))
    free = iter(tabs)

    def choose():
        (browser, address), password = next(free), f"une-autre-longue-phrase-{next(chosen)}"
        answer = browser.post(address, {"password1": password, "password2": password})
        return answer.status_code, password, is_in(browser)

    answers = parallel(TIMES, choose)
    assert {status for status, _password, _inside in answers} <= {200, 302}
    won = [password for _status, password, inside in answers if inside]
    assert len(won) == 1
    nadia.refresh_from_db()
    assert nadia.check_password(won[0])
    assert "plus valable" in Client().get(link, follow=True).content.decode()


def test_an_address_confirmed_twice_at_once_is_the_address():
    nadia = account(email=NADIA)
    client = Client()
    enter(client, NADIA)
    say_again(client)
    client.post("/compte/adresse/", {"action_add": "1", "email": "neuve@exemple.example"})
    link = link_in(letter_to("neuve@exemple.example"))

    def confirm():
        browser = Client(raise_request_exception=False)
        browser.cookies = client.cookies.copy()
        return browser.post(link).status_code

    assert set(parallel(TIMES, confirm)) <= {200, 302}
    nadia.refresh_from_db()
    assert nadia.email == "neuve@exemple.example"
    assert [row.email for row in EmailAddress.objects.filter(user=nadia)] == [nadia.email]
