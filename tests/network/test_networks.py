"""How a network presents itself: changed by who administers it, field by field."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import UserFactory
from tisserand.network.operations import grant_role, update_network
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db
PAGE = "/equipe/reseau/"


@pytest.fixture
def office(client, admin):
    client.force_login(admin)
    return client


def form(client, **typed) -> dict[str, object]:
    """What the browser sends from the page as it is now."""
    asked = client.get(PAGE).context["form"]
    shown = {name: asked[name].value() for name in asked.fields}
    return shown | {f"initial-{name}": value for name, value in shown.items()} | typed


def test_the_administration_changes_what_is_public(office, network, admin):
    sent = form(office, name="Réseau de la Thirbe", accent="garance", rate_from=30)
    for _twice in range(2):
        assert office.post(PAGE, sent)["Location"] == "/equipe/"
    network.refresh_from_db()
    assert (network.name, network.accent, network.rate_from) == ("Réseau de la Thirbe", "garance", 30)
    entry = JournalEntry.objects.get(verb="network.updated")
    assert (entry.actor, entry.data["fields"]) == (f"user:{admin.pk}", ["accent", "name", "rate_from"])
    page = office.get("/").content.decode()
    assert "Réseau de la Thirbe" in page
    assert 'data-accent="garance"' in page


def test_two_people_at_once_keep_what_each_changed(office, network):
    mine, theirs = form(office, territory="La Thirbe"), form(office, intro="Quatorze structures.")
    for sent in (theirs, mine):
        office.post(PAGE, sent)
    network.refresh_from_db()
    assert (network.territory, network.intro) == ("La Thirbe", "Quatorze structures.")


def test_what_is_wrong_is_told_and_keeps_what_was_typed(office, network):
    before = network.name
    answer = office.post(PAGE, form(office, name="", intro="Gardé."))
    assert answer.status_code == 422
    assert "Gardé." in answer.content.decode()
    network.refresh_from_db()
    assert network.name == before
    with pytest.raises(ValidationError):
        update_network(actor=SYSTEM, network=network, changes={"accent": "rose"})


def test_only_the_administration_of_this_network(client, staff, stranger, network):
    for actor in (staff, stranger):
        with pytest.raises(PermissionDenied):
            update_network(actor=actor, network=network, changes={"name": "Pris"})
    client.force_login(staff)
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/equipe/").content.decode()


def test_the_link_is_on_the_first_page(office):
    assert PAGE in office.get("/equipe/").content.decode()


def test_a_constant_number_of_queries(office, network):
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert office.get(PAGE).status_code == 200
        return len(captured)

    few = count()
    for _one in range(3):
        grant_role(actor=SYSTEM, user=UserFactory(), network=network, kind="network_admin")
    assert count() == few <= 15
