"""Gestures at the door: log in, read a letter, hold an application of codes and a passkey."""

import base64
import hashlib
import json
import re
import secrets
import threading
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.db import connection
from django.test import Client
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from tests.factories import UserFactory
from tisserand.network.models import User
from tisserand.network.operations.accounts import keep_address

PASSWORD = "une-longue-phrase-a-elle"


def parallel(count: int, act) -> list:
    """What *act* gives when so many do it at the same moment."""
    start, found = threading.Barrier(count), []

    def work():
        start.wait()
        try:
            found.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def account(password: str = PASSWORD, **values) -> User:
    """Someone who logs in."""
    user = UserFactory(**values)
    user.set_password(password)
    user.save()
    keep_address(user, proven=True)
    return user


def enter(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post("/connexion/", {"login": email, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return client.get("/compte/").status_code == 200


def letter_to(email: str) -> str:
    """The text of the last letter to this address."""
    return next(sent.body for sent in reversed(mail.outbox) if sent.to == [email])


def code_in(text: str) -> str:
    return re.search(r"\d{4}-\d{4}", text)[0]


def link_in(text: str) -> str:
    """The path of the address that a letter holds."""
    return "/" + re.search(r"https?://\S+", text)[0].split("/", 3)[3]


def say_again(client: Client, password: str = PASSWORD) -> None:
    client.post("/compte/confirmer/", {"password": password})


def code_of(secret: str, step: int = 0) -> str:
    """What an application shows, now or *step* half-minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def add_app(client: Client, password: str = PASSWORD) -> str:
    """Register an application; returns its secret."""
    say_again(client, password)
    page = client.get("/compte/application/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)[1]
    done = client.post("/compte/application/", {"code": code_of(secret)})
    assert done["Location"] == "/compte/codes-de-secours/", done.content.decode()
    return secret


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Passkey:
    """A passkey in software, on http://localhost."""

    origin, domain = "http://localhost", "localhost"

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.user = b""

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, credential: AttestedCredentialData | None = None) -> AuthenticatorData:
        flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
        if credential:
            flags |= AuthenticatorData.FLAG.AT
        digest = hashlib.sha256(self.domain.encode()).digest()
        return AuthenticatorData.create(digest, flags, 0, credential or b"")

    def answer_creation(self, options: dict) -> str:
        public = options["publicKey"]
        self.user = base64.urlsafe_b64decode(public["user"]["id"] + "==")
        credential = AttestedCredentialData.create(
            b"\0" * 16, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        attestation = AttestationObject.create("none", self._data(credential), {})
        return json.dumps(
            {
                "id": _b64(self.id),
                "rawId": _b64(self.id),
                "type": "public-key",
                "response": {
                    "clientDataJSON": _b64(self._client("webauthn.create", public["challenge"])),
                    "attestationObject": _b64(bytes(attestation)),
                },
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        )

    def answer_request(self, options: dict) -> str:
        client, data = self._client("webauthn.get", options["publicKey"]["challenge"]), self._data()
        signature = self.key.sign(bytes(data) + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return json.dumps(
            {
                "id": _b64(self.id),
                "rawId": _b64(self.id),
                "type": "public-key",
                "response": {
                    "clientDataJSON": _b64(client),
                    "authenticatorData": _b64(bytes(data)),
                    "signature": _b64(signature),
                    "userHandle": _b64(self.user),
                },
                "clientExtensionResults": {},
            }
        )

    def register(self, client: Client, name: str = "Téléphone de Nadia"):
        say_again(client)
        page = client.get("/compte/cles/ajouter/", **LOCAL).content.decode()
        answer = self.answer_creation(data_in(page))
        return client.post("/compte/cles/ajouter/", {"name": name, "credential": answer, "passwordless": "on"}, **LOCAL)

    def enter(self, client: Client):
        options = client.get("/connexion/cle/", headers={"accept": "application/json"}, **LOCAL).json()
        return client.post("/connexion/cle/", {"credential": self.answer_request(options["request_options"])}, **LOCAL)


LOCAL = {"SERVER_NAME": "localhost"}


def data_in(page: str) -> dict:
    """What the page gives to the script of passkeys."""
    data = json.loads(re.search(r'<script id="cle-donnees" type="application/json">(.*?)</script>', page)[1])
    return data.get("creation_options") or data["request_options"]
