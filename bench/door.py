"""The door with 8 clients: its pages, a login by password, a second factor; pages about people with 1,000 of them.

The catalogue page is asked in the same run: it says what the machine was worth at that moment.
"""

import http.client
import json
import re
import threading
import time
from collections.abc import Callable
from urllib.parse import urlencode

from bench.instance import run, serve
from bench.machine import quantile, server, temporary_folder, told

CLIENTS, TURNS = 8, 8
PREPARE = """
import json
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from tisserand.demo.loading import load_demo
from tisserand.network.models import Network, User
from tisserand.network.operations import grant_role, open_account
from tisserand.privacy.journal import SYSTEM
load_demo()
network = Network.objects.get()
structure = network.structure_set.first()
codes = {}
for n in range(8):
    user = open_account(actor=SYSTEM, email=f"banc{n}@exemple.example", password="une-longue-phrase")
    grant_role(actor=SYSTEM, user=user, network=network, kind="mission")
    protected = open_account(actor=SYSTEM, email=f"double{n}@exemple.example", password="une-longue-phrase")
    Authenticator.objects.create(user=protected, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    codes[protected.email] = RecoveryCodes.activate(protected).get_unused_codes()
for n in range(1000):
    user = User.objects.create(email=f"foule{n}@exemple.example", first_name="Personne", last_name=str(n))
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
print(json.dumps(codes))
"""


class Visitor:
    """A browser, as far as the door is concerned; each comes from a place of its own."""

    def __init__(self, port: int, number: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Host": f"localhost:{port}", "X-Forwarded-For": f"192.0.2.{number}"}
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, **form: str) -> tuple[http.client.HTTPResponse, str, float]:
        """The answer, its text, and how long it took."""
        headers = self.headers | {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        self.connection.request(method, path, urlencode(form) if form else None, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        taken = time.perf_counter() - start
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer, text, taken

    def fill(self, path: str, **form: str) -> tuple[str, float]:
        """Send the form of a page; where it leads, and how long that took."""
        text = self.ask("GET", path)[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
        assert token, path
        answer, _text, taken = self.ask("POST", path, csrfmiddlewaretoken=token[1], **form)
        return answer.headers["Location"] or "", taken


def main(port: int = 8034) -> None:
    variables = {"TISSERAND_DATA": str(temporary_folder()), "TISSERAND_PROXIES": "1"}
    codes = json.loads(run(variables, PREPARE).splitlines()[-1])
    with server(serve(port), port, variables):
        for number in range(2 * CLIENTS):
            Visitor(port, number).ask("GET", "/actions/")  # each process reads its code once
        _tell("/actions/, to compare", port, lambda visitor, _n, _turn: visitor.ask("GET", "/actions/")[2])
        _tell("login page", port, lambda visitor, _n, _turn: visitor.ask("GET", "/connexion/")[2])
        _tell("login by password", port, _enter)
        _tell("second factor", port, lambda visitor, n, turn: _second(visitor, n, turn, codes))
        for path in ("/equipe/personnes/", "/equipe/conventions/", "/compte/"):
            _tell(f"{path}, 1,000 people", port, lambda visitor, n, turn, path=path: _page(visitor, n, turn, path))


def _tell(name: str, port: int, act: Callable[[Visitor, int, int], float]) -> None:
    taken: list[float] = []

    def work(number: int) -> None:
        visitor = Visitor(port, number + 1)
        taken.extend(act(visitor, number, turn) for turn in range(TURNS))

    threads = [threading.Thread(target=work, args=[number]) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{name}, {CLIENTS} clients: {told(taken)} (p95 {quantile(taken, 0.95) * 1000:.0f} ms)")


def _enter(visitor: Visitor, number: int, _turn: int, who: str = "banc") -> float:
    visitor.cookies.clear()
    email = f"{who}{number}@exemple.example"
    where, taken = visitor.fill("/connexion/", login=email, password="une-longue-phrase")
    assert where in {"/equipe/", "/connexion/second-facteur/"}, where
    return taken


def _second(visitor: Visitor, number: int, turn: int, codes: dict[str, list[str]]) -> float:
    _enter(visitor, number, turn, "double")
    where, taken = visitor.fill("/connexion/second-facteur/", code=codes[f"double{number}@exemple.example"][turn])
    assert where == "/compte/", where
    return taken


def _page(visitor: Visitor, number: int, turn: int, path: str) -> float:
    if turn == 0:
        _enter(visitor, number, turn)
    answer, _text, taken = visitor.ask("GET", path)
    assert answer.status == 200, (path, answer.status)
    return taken
