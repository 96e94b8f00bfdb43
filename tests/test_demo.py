"""The invented network: what a newcomer judges first."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.test_command import free_port
from tisserand.actions.models import Action, Fact, ImportBatch, Term
from tisserand.actions.operations.life import missing
from tisserand.actions.queries.lineage import lineage
from tisserand.demo.loading import accounts, load_demo
from tisserand.network.enums import RoleKind
from tisserand.network.models import Agreement, Invitation, Network, Role, Structure, User
from tisserand.network.queries import to_renew
from tisserand.network.queries.merging import look_alikes, same_names

pytestmark = pytest.mark.django_db


def test_the_demo_loads_once_and_is_complete(client):
    load_demo()
    load_demo()
    assert Structure.objects.count() == 17
    pictures = Action.objects.get(title="Les carrés de la rue des Fileuses", revises=None).attachments.all()
    assert [one.is_shown for one in pictures] == [True, True]
    taken_up = lineage(Action.objects.get(title="Le café de 8 h 35"))
    assert [kin.generation for kin in taken_up.descendants] == [1, 2, 1, 1]
    assert len(taken_up.structures) == 4
    assert (
        "Répare-café" in client.get("/actions/", {"q": "imprimante 3D occasion"}).content.decode()
    )  # as it changed since
    assert Action.objects.filter(state="published").count() == 65
    assert Action.objects.filter(state="submitted", revises=None).count() >= 2
    assert Action.objects.filter(state="submitted").exclude(revises=None).count() == 2
    returned = Action.objects.get(state="returned")
    assert returned.remarks.filter(settled_at=None).count() == returned.remarks.exclude(settled_at=None).count() == 1
    assert Action.objects.filter(state="published", versions__isnull=False).exists()
    assert not Term.objects.filter(verified=False).exists()
    drafts = Action.objects.filter(state="draft")
    assert drafts.values("structure").distinct().count() == 2
    assert sorted(len(missing(draft)) for draft in drafts) == [0, 1, 2]
    assert Action.objects.filter(published_at__lt=timezone.now() - timedelta(days=1)).count() > 50
    waiting = ImportBatch.objects.get(state="waiting")
    assert waiting.counts["created"] >= 4
    assert waiting.counts["updated"] >= 1
    assert waiting.counts["conflicts"] >= 1
    assert waiting.counts["unchanged"] >= 1
    assert waiting.rows.filter(near__isnull=False).exists()
    assert set(Fact.objects.values_list("state", flat=True)) == {"pending", "accepted", "dismissed"}
    assert User.objects.count() == 11
    kept = Structure.objects.get(name="Centre socioculturel Les Oseraies")
    admin = User.objects.get(email=accounts()[0]["email"])
    assert [one.name for one in look_alikes(admin, kept)] == ["Les Oseraies"]
    paulo = User.objects.get(email="paulo.ferreira@oseraies.example")
    assert len(same_names(admin, Network.objects.get(), paulo)) == 1
    assert set(Role.objects.values_list("kind", flat=True)) == set(RoleKind)
    assert Invitation.objects.get().is_open
    assert to_renew(Agreement.objects.all()).count() == 2
    assert Agreement.objects.filter(renewed_by__isnull=False).exists()


@pytest.fixture
def demo(monkeypatch, settings, tmp_path):
    """Run the demo on a port, without serving it; its letters go to a folder."""
    settings.EMAIL_FILE_PATH = tmp_path
    settings.LOCAL_URL = settings.LOCAL_URL  # put back after the test, as is the environment
    monkeypatch.setenv("TISSERAND_PORT", "8000")
    monkeypatch.setattr("tisserand.demo.management.commands.demo.call_command", lambda *_args, **_options: None)
    return lambda port: call_command("demo", port=port)


def test_it_tells_how_to_come_in_and_its_letters_lead_there(demo, capsys, tmp_path, mailoutbox):
    port = free_port()
    demo(port)
    texts = [one.body for one in mailoutbox]
    assert sum(f"http://localhost:{port}/" in text for text in texts) > 5
    assert not any("localhost:8000" in text for text in texts)
    told = capsys.readouterr().out
    assert told.count(str(tmp_path)) == 1
    for account in accounts():
        assert told.count(account["email"]) == 1
    assert told.count("Chargée ou chargé de mission") == 2
