"""Coming in by a directory: a small one, here in the test, that speaks OpenID Connect."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from jwt.algorithms import RSAAlgorithm

from tests.network.door import account, add_app, enter, is_in
from tisserand.network.models import Invitation, Role, User
from tisserand.network.operations import grant_role, invite, merge_accounts, part_accounts, withdraw_invitation
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

NADIA = "nadia@exemple.example"
LEAVE, BACK = "/connexion/annuaire/", "/connexion/annuaire/retour/"
pytestmark = pytest.mark.django_db


class TownDirectory:
    """What a directory answers; `person` is who logs in over there."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person = {
            "sub": "a-1",
            "email": NADIA,
            "email_verified": True,
            "given_name": "Nadia",
            "usual_name": "Bertin",
        }
        self.signed = self.broken = False
        self.challenge = ""
        self.issuer = ""

    def answer(self, path: str, form: dict) -> tuple[int, str, str]:
        if self.broken:
            return 500, "text/plain", "panne"
        if path == "/.well-known/openid-configuration":
            return self._json(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "userinfo_endpoint": f"{self.issuer}/userinfo",
                    "jwks_uri": f"{self.issuer}/jwks",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        if path == "/jwks":
            public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return self._json({"keys": [{**public, "kid": "1", "alg": "RS256"}]})
        if path == "/token":
            return self._token(form)
        if self.signed:
            return 200, "application/jwt", self._sign(self.person)
        return self._json(self.person)

    def _token(self, form: dict) -> tuple[int, str, str]:
        digest = hashlib.sha256(form.get("code_verifier", [""])[0].encode()).digest()
        fits = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge
        if not fits or form["code"] != ["le-bon"] or form["client_secret"] != ["secret"]:
            return 400, "application/json", json.dumps({"error": "invalid_grant"})
        return self._json(
            {"access_token": "x", "token_type": "Bearer", "id_token": self._sign({"sub": self.person["sub"]})}
        )

    def _sign(self, claims: dict) -> str:
        told = {**claims, "iss": self.issuer, "aud": "tisserand", "exp": 4_000_000_000}
        return jwt.encode(told, self.key, algorithm="RS256", headers={"kid": "1"})

    @staticmethod
    def _json(data: dict) -> tuple[int, str, str]:
        return 200, "application/json", json.dumps(data)


@pytest.fixture
def town(settings):
    town = TownDirectory()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            status, kind, body = town.answer(self.path, parse_qs(self.rfile.read(length).decode()))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    town.issuer = settings.OIDC_URL = f"http://127.0.0.1:{server.server_port}"
    settings.OIDC_LABEL = "l'annuaire de la ville"
    providers = json.loads(json.dumps(settings.SOCIALACCOUNT_PROVIDERS))
    app = providers["openid_connect"]["APPS"][0]
    app |= {"client_id": "tisserand", "secret": "secret", "settings": {"server_url": town.issuer}}
    settings.SOCIALACCOUNT_PROVIDERS = providers
    yield town
    server.shutdown()
    server.server_close()


def go(client: Client, town: TownDirectory, code: str = "le-bon", **form):
    """There and back."""
    left = client.post(LEAVE, form)
    assert left["Location"].startswith(f"{town.issuer}/authorize?"), left.content.decode()
    asked = parse_qs(urlsplit(left["Location"]).query)
    assert asked["redirect_uri"] == [f"http://testserver{BACK}"]
    assert asked["code_challenge_method"] == ["S256"]
    town.challenge = asked["code_challenge"][0]
    return client.get(BACK, {"code": code, "state": asked["state"][0]})


def test_the_account_of_a_proven_address(client, town):
    nadia = account(email=NADIA)
    assert "Entrer par l’annuaire de la ville" in client.get("/connexion/").content.decode()
    assert go(client, town)["Location"] == "/compte/"
    assert is_in(client)
    link = SocialAccount.objects.get()
    assert (link.user, link.uid, link.extra_data) == (nadia, "a-1", {})
    assert not SocialToken.objects.exists()
    assert JournalEntry.objects.filter(verb="network.identity_linked", actor=f"user:{nadia.pk}").exists()
    town.person |= {"email": "nouvelle@ville.example"}  # known by number from now on
    assert go(again := Client(), town)["Location"] == "/compte/"
    assert is_in(again)
    assert SocialAccount.objects.get().extra_data == {}
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [NADIA]


def test_what_the_directory_signed(client, town):
    account(email=NADIA)
    town.signed = True
    assert go(client, town)["Location"] == "/compte/"
    other = TownDirectory()
    town._sign = lambda claims: TownDirectory._sign(other, {**claims, "iss": town.issuer})
    other.issuer = town.issuer
    assert go(stranger := Client(), town).status_code == 502  # signed by another key
    assert not is_in(stranger)


def test_an_invitation_that_waits(client, town, network, structure):
    invite(actor=SYSTEM, network=network, structure=structure, kind="member", email=NADIA)
    assert go(client, town)["Location"] == "/equipe/"
    user = User.objects.get(email=NADIA)
    assert (user.first_name, user.last_name) == ("Nadia", "Bertin")
    assert not user.has_usable_password()
    assert Role.objects.get(user=user).structure == structure
    assert EmailAddress.objects.get(user=user).verified


def nobody_came_in(client, answer, status: int = 403) -> str:
    assert answer.status_code == status
    assert not is_in(client)
    assert not SocialAccount.objects.exists()
    return answer.content.decode()


def test_it_opens_no_account_alone(client, town):
    page = nobody_came_in(client, go(client, town))
    assert NADIA in page
    assert not User.objects.exists()


def test_an_invitation_withdrawn_opens_nothing(client, town, network):
    invitation, _new = invite(actor=SYSTEM, network=network, kind="reader", email=NADIA)
    withdraw_invitation(actor=SYSTEM, invitation=invitation)
    nobody_came_in(client, go(client, town))
    assert not User.objects.exists()
    assert not Invitation.objects.exclude(accepted_at=None).exists()


def test_an_address_that_the_directory_does_not_prove(client, town, settings):
    account(email=NADIA)
    town.person["email_verified"] = False
    nobody_came_in(client, go(client, town))
    settings.OIDC_PROVES = True  # the instance says that it proves them all
    assert go(client, town)["Location"] == "/compte/"


def test_an_address_that_nobody_proved_here(client, town):
    account(email=NADIA)
    EmailAddress.objects.update(verified=False)
    assert "recevoir" in nobody_came_in(client, go(client, town)).lower()


def test_a_closed_account_stays_closed(client, town):
    account(email=NADIA, is_active=False)
    nobody_came_in(client, go(client, town))


def test_nobody_ties_an_identity_to_the_account_of_another(client, town):
    """`process=connect` is for sites where one ties identities by hand: here it leads nowhere."""
    nadia, other = account(email=NADIA), account(email="autre@exemple.example")
    enter(client, other.email)
    for _known in (False, True):
        assert go(client, town, process="connect").status_code == 403
        assert not SocialAccount.objects.filter(user=other).exists()
        go(Client(), town)
    assert SocialAccount.objects.get().user == nadia


def test_the_second_factor_is_asked_for_still(client, town):
    nadia = account(email=NADIA)
    enter(client, nadia.email)
    add_app(client)
    assert go(other := Client(), town)["Location"] == "/connexion/second-facteur/"
    assert not is_in(other)


def test_who_keeps_a_network_needs_one_of_ours(client, town, network, settings):
    settings.SECOND_FACTOR = True
    grant_role(actor=SYSTEM, user=account(email=NADIA), network=network, kind="mission")
    go(client, town)
    assert client.get("/equipe/")["Location"] == "/compte/deuxieme-verification/"


def test_the_way_back_stays_here(client, town):
    account(email=NADIA)
    assert go(client, town, next="/chiffres/")["Location"] == "/chiffres/"
    assert go(Client(), town, next="https://ailleurs.example/")["Location"] == "/compte/"


def test_a_return_that_nobody_asked_for(client, town):
    account(email=NADIA)
    for query in ({"code": "le-bon", "state": "x"}, {"code": "le-bon"}, {}, {"error": "access_denied"}):
        assert client.get(BACK, query).status_code == 502
    assert go(client, town, code="autre").status_code == 502
    assert not is_in(client)


def test_a_directory_that_does_not_answer(client, town):
    town.broken = True
    page = client.post(LEAVE)
    assert page.status_code == 502
    assert "n’a pas abouti" in page.content.decode()


def test_without_a_directory_there_is_no_such_door(client):
    assert client.post(LEAVE).status_code == client.get(BACK).status_code == 404
    assert "annuaire" not in client.get("/connexion/").content.decode()
    assert client.get(LEAVE).status_code == 405


def test_an_account_that_became_another_is_not_entered_by_its_tie(client, town, network):
    """Nor is the one that it became: whoever merges accounts gains no way into one."""
    nadia, other = account(email=NADIA), account(email="n.bertin@exemple.example")
    go(client, town)
    merge = merge_accounts(actor=SYSTEM, network=network, kept=other, gone=nadia)
    assert go(again := Client(), town)["Location"] == "/connexion/compte-ferme/"
    assert not is_in(again)
    town.person |= {"sub": "a-2"}  # another tie, at the address that leads to the account now
    assert go(again := Client(), town).status_code == 403
    assert not is_in(again)
    part_accounts(actor=SYSTEM, merge=merge)
    town.person |= {"sub": "a-1"}
    go(again := Client(), town)
    assert is_in(again)
