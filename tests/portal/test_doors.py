"""Every address, asked by everyone in every way, answers as its row in `matrix.py` says; one without a row fails."""

import re
from http.cookies import SimpleCookie
from itertools import product

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from tests.portal.matrix import ROWS, SIGNS, VIEWERS, Viewer, open_to
from tests.portal.world import World, furnish, names
from tisserand.actions.models import Action, Fact, ImportBatch, SheetCall
from tisserand.figures.models import Snapshot
from tisserand.network.enums import RoleKind
from tisserand.network.models import Invitation, Role, Structure, User
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db
TEAM = Viewer(RoleKind.MISSION, "network")
DIRECTOR = Viewer(RoleKind.DIRECTOR, "here")
ADMIN = Viewer(RoleKind.NETWORK_ADMIN, "network")
NEVER = ("PUT", "PATCH", "DELETE", "TRACE")
# What anyone may ask for anyone: under the signed address of a letter, the language of a page, what the API says.
WITHOUT_TOKEN = {"message-refusal", "set_language", "api:openapi-json"}
HUNG = {"attachment", "attachment-small"}  # files that people sent: shown in a box of their own


def counts() -> tuple[object, ...]:
    """What reading must leave as it was."""
    return (
        *(model.objects.count() for model in (Fact, ImportBatch, SheetCall, Snapshot)),
        *Action.objects.order_by("pk").values_list("state", "revision"),
        *Role.objects.order_by("pk").values_list("pk", "ends"),
        *Structure.objects.order_by("pk").values_list("pk", "name"),
        *User.objects.order_by("pk").values_list("pk", "is_active"),
        *Invitation.objects.order_by("pk").values_list("nonce", "withdrawn_at", "accepted_at"),
    )


@pytest.fixture
def world(db) -> World:
    return furnish()


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """Two thousand refusals, each told in the logs."""
    caplog.set_level("CRITICAL", "django.request")


def sign(response) -> str:
    """What was answered, in one sign."""
    if response.streaming:
        b"".join(response)
    if response.status_code == 302 and response["Location"].split("?")[0] == "/connexion/":
        return ">"
    refused = {403: "!", 404: ".", 405: "x"}.get(response.status_code)
    # Health is told by 503 where no worker runs, as in tests.
    answered = response.status_code < 500 or response.wsgi_request.path == "/sante/"
    return refused or ("+" if answered and response.status_code != 429 else f"[{response.status_code}]")


class Browser:
    """The browser of one viewer; whatever is answered, the next request finds the world as it was, and them logged in."""

    def __init__(self, world: World, viewer: Viewer, **options) -> None:
        self.world, self.viewer, self.client = world, viewer, Client(raise_request_exception=False, **options)
        user = world.viewer(viewer)
        if user:
            self.client.force_login(user)
        self.lines = JournalEntry.objects.count()
        self.session = self.client.cookies.output(header="")

    def ask(self, method: str, name: str):
        """One request; `sign` is what was answered. What it wrote is undone: nothing, when it was refused."""
        self.client.cookies = SimpleCookie(self.session)
        data = self.world.sent.get(name, {}) if method == "POST" else {}
        with transaction.atomic():
            response = getattr(self.client, method.lower())(self.world.address(name), data)
            response.sign = sign(response)
            if method == "POST" and response.sign != "+":
                assert JournalEntry.objects.count() == self.lines, f"{name} refused, and wrote"
            transaction.set_rollback(method == "POST")
        return response


def test_every_address_has_its_row():
    assert set(ROWS) == set(names())


def test_every_kind_of_role_has_its_column():
    assert {viewer.kind for viewer in VIEWERS} == {None, *RoleKind}


def wrong(browser: Browser, method: str, asked: str) -> list[str]:
    """Where what is answered is not what the row says, among the cells that say one of *asked*."""
    cache.clear()  # the tries of one are not those of the next
    rank, found = VIEWERS.index(browser.viewer), []
    for name, signs in ROWS.items():
        said = signs[method == "POST"][rank]
        if said in asked and (got := browser.ask(method, name).sign) != said:
            found.append(f"{method} {name}, {browser.viewer}: answered {got}, the row says {said}")
    return found


def test_reading_as_the_table_says_and_nothing_is_written(world):
    browsers = [Browser(world, viewer) for viewer in VIEWERS]
    before = counts()
    assert [line for browser in browsers for line in wrong(browser, "GET", SIGNS)] == []
    assert counts() == before


def test_writing_as_the_table_says(world):
    assert [line for viewer in VIEWERS for line in wrong(Browser(world, viewer), "POST", SIGNS)] == []


def test_a_head_opens_nothing_that_reading_does_not(world):
    assert [line for viewer in VIEWERS for line in wrong(Browser(world, viewer), "HEAD", "!.>")] == []


def test_no_other_method_is_answered(world):
    """Refused at the gate, whoever asks: nobody is logged in yet."""
    for viewer in VIEWERS:
        browser = Browser(world, viewer)
        for name, method in product(ROWS, NEVER):
            assert browser.client.generic(method, world.address(name)).status_code == 405, (method, name)


def test_forms_ask_for_their_token(world):
    browser = Browser(world, ADMIN, enforce_csrf_checks=True)
    for name in {*open_to(TEAM, writing=True), *open_to(ADMIN, writing=True)} - WITHOUT_TOKEN:
        assert browser.ask("POST", name).sign == "!", name


def test_every_form_holds_its_token(world):
    """A form in a part included apart from the page would lose it, and be refused."""
    found = 0
    for name, response in pages(world):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', response.content.decode(), re.DOTALL):
            found += 1
            assert "csrfmiddlewaretoken" in form or "/langue/" in form, (name, form[:200])
    assert found > 100


def pages(world: World):
    """Every page of HTML that the team or a writer reads."""
    for viewer, names_ in ((TEAM, open_to(TEAM)), (DIRECTOR, set(open_to(DIRECTOR)) - set(open_to(TEAM)))):
        browser = Browser(world, viewer)
        for name in names_:
            response = browser.ask("GET", name)
            if not response.streaming and response["Content-Type"].startswith("text/html"):
                yield name, response


def test_every_page_carries_its_policy(world):
    browser = Browser(world, TEAM)
    for name in set(open_to(TEAM)) - {"health"}:  # which answers before anything else
        policy = browser.ask("GET", name)["Content-Security-Policy"]
        assert ("sandbox" if name in HUNG else "default-src 'none'") in policy, name
        assert "unsafe" not in policy, name
