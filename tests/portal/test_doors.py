"""Every address, asked by everyone: an address that is not in the table fails."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.factories import UserFactory
from tests.texts import GARDEN, GARDEN_VALUES, published
from tisserand.actions.models import Action, Fact, ImportBatch
from tisserand.actions.operations.figures import freeze_catalogue
from tisserand.figures.models import Snapshot
from tisserand.network.models import Structure
from tisserand.network.operations import grant_role
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db

PUBLIC = {
    "home", "cloth", "structures", "structure", "figures", "figures-export", "snapshot", "accessibility", "data",
    "login", "catalogue", "feed", "export", "action-short", "action", "action-document", "api-page", "openapi-json",
    "list_actions", "read_action", "list_structures",
}  # fmt: skip
TEAM_READS = {
    "staff-home", "gallery", "imports", "import", "import-progress", "import-report", "action-edit", "sheet-facts",
    "facts", "drafts", "import-cancel", "import-undo", "import-drafts", "import-model",
    "lists", "structure-edit", "figures-freeze",
}  # fmt: skip
ACCOUNT = {"staff-home"}  # for whoever is logged in
TEAM_WRITES = {
    "figures-freeze", "import-settle", "import-confirm", "import-resume", "import-cancel", "import-undo", "action-state",
    "list-change", "import-publish",
}  # fmt: skip
OTHERS = {"set_language", "logout", "api-root"}
# Things of one network: staff of another network is told that they do not exist.
OWNED = {
    "import", "import-progress", "import-report", "action-edit", "sheet-facts", "structure-edit", "import-settle",
    "import-confirm", "import-resume", "import-cancel", "import-undo", "action-state",
    "import-drafts", "import-publish",
}  # fmt: skip


def names(patterns=None):
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.name


def test_every_address_is_in_the_table():
    assert set(names()) == PUBLIC | TEAM_READS | TEAM_WRITES | OTHERS


@pytest.fixture
def addresses(make_action, stage, staff, client):
    structure = Structure.objects.first()
    action = make_action(**GARDEN_VALUES)
    structure = action.structure
    batch = stage(published(GARDEN | {"title": "Autre"}), actor=staff)
    snapshot = freeze_catalogue(actor=staff, network=action.network)
    arguments = {
        "structure": [structure.slug], "structure-edit": [structure.slug], "figures-export": ["csv"],
        "snapshot": [snapshot.pk], "export": ["csv"], "action-short": [action.pk], "action": [action.pk, "le-jardin-des-remparts"],
        "action-document": [action.pk, "pdf"], "import": [batch.pk], "import-progress": [batch.pk], "import-report": [batch.pk],
        "action-edit": [action.pk], "sheet-facts": [action.pk], "import-settle": [batch.pk], "import-confirm": [batch.pk],
        "import-resume": [batch.pk], "import-cancel": [batch.pk], "import-undo": [batch.pk],
        "import-drafts": [batch.pk], "import-model": ["xlsx"], "import-publish": [batch.pk], "action-state": [action.pk],
        "read_action": [action.pk],
    }  # fmt: skip

    def address(name: str) -> str:
        space = "api:" if name in {"openapi-json", "list_actions", "read_action", "list_structures"} else ""
        return reverse(space + name, args=arguments.get(name, []))

    return address


def read(client, address: str) -> int:
    response = client.get(address)
    if response.streaming:
        b"".join(response)
    return response.status_code


def counts() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (Action, Fact, ImportBatch, Snapshot)) + tuple(
        Action.objects.order_by("pk").values_list("state", "revision")
    )


def test_anyone_reads_what_is_public(client, addresses):
    for name in sorted(PUBLIC):
        assert read(client, addresses(name)) in {200, 301}, name


def test_the_team_reads_its_pages(client, addresses, staff):
    client.force_login(staff)
    for name in sorted(TEAM_READS):
        assert read(client, addresses(name)) in {200, 204}, name


def test_visitors_are_asked_to_log_in(client, addresses):
    before = counts()
    for name in sorted(TEAM_READS | TEAM_WRITES):
        for method in (client.get, client.post):
            response = method(addresses(name))
            assert (response.status_code, response["Location"].split("?")[0]) == (302, "/connexion/"), name
    assert counts() == before


def test_readers_are_refused_and_told_why(client, addresses, network):
    reader = UserFactory()
    grant_role(actor=SYSTEM, user=reader, network=network, kind="reader")
    client.force_login(reader)
    before = counts()
    for name in sorted((TEAM_READS | TEAM_WRITES) - ACCOUNT):
        response = client.post(addresses(name))
        assert response.status_code == 403, name
    assert "permet de lire" in response.content.decode()
    assert counts() == before


def test_the_team_of_another_network_finds_nothing(client, addresses, stranger):
    client.force_login(stranger)
    before = counts()
    for name in sorted(OWNED):
        for method in (client.get, client.post):
            assert method(addresses(name)).status_code in {404, 405}, name
    assert counts() == before


def test_reading_never_writes(client, addresses, staff):
    client.force_login(staff)
    before = counts()
    for name in sorted(TEAM_WRITES - TEAM_READS):
        assert client.get(addresses(name)).status_code == 405, name
    for name in sorted(PUBLIC | TEAM_READS):
        read(client, addresses(name))
    assert counts() == before


def test_forms_ask_for_their_token(addresses, staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    for name in sorted(TEAM_WRITES):
        assert client.post(addresses(name)).status_code == 403, name


def test_every_page_carries_its_policy(client, addresses, staff):
    client.force_login(staff)
    for name in sorted(PUBLIC | TEAM_READS):
        response = client.get(addresses(name))
        if response.streaming:
            b"".join(response)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
