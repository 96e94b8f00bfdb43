"""Drafts: all of them, those of one file, and publishing these in one gesture."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.texts import GARDEN, published
from tisserand.actions.models import Action
from tisserand.actions.operations.life import archive, publish
from tisserand.actions.operations.sheets import publish_drafts
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def received(bring):
    """A file of three sheets, kept as drafts."""
    sheets = [GARDEN | {"title": f"Reçue {number}"} for number in range(3)]
    return bring(published(*sheets), "reçues.txt", as_draft=True)


def titles(page: str) -> list[str]:
    return re.findall(r'<h2 class="title"><a [^>]*>(.*?)</a>', page)


def test_the_drafts_of_a_file_are_published_in_one_gesture(staff_client, received, make_action):
    make_action(title="Écrite ici", draft=True)
    every = staff_client.get("/equipe/brouillons/").content.decode()
    assert len(titles(every)) == 4
    at = f"/equipe/imports/{received.pk}/brouillons/"
    assert f'<a class="tag" href="{at}">reçues.txt · 3</a>' in every
    page = staff_client.get(at).content.decode()
    assert sorted(titles(page)) == ["Reçue 0", "Reçue 1", "Reçue 2"]
    assert "Publier ces 3 fiches" in page
    assert "Oui, publier les 3 fiches" in page
    for _ in range(2):
        answer = staff_client.post(f"/equipe/imports/{received.pk}/publier/")
        assert answer["Location"] == "/equipe/brouillons/"
    assert set(Action.objects.filter(state="draft").values_list("title", flat=True)) == {"Écrite ici"}
    assert JournalEntry.objects.filter(verb="actions.drafts_published").count() == 1
    assert JournalEntry.objects.get(verb="actions.drafts_published").data["sheets"] == 3
    told = staff_client.get("/equipe/brouillons/").content.decode()
    assert "3 fiches publiées." in told
    assert "étaient déjà publiées" in told
    assert "reçues.txt" not in titles(told)
    assert staff_client.get("/api/actions").json()["count"] == 3


def test_a_draft_published_then_archived_stays_so(received):
    sheet = Action.objects.first()
    for step in (publish, archive):
        step(actor=SYSTEM, action=sheet)
    assert publish_drafts(actor=SYSTEM, batch=received) == 2
    assert Action.objects.get(state="archived") == sheet


def test_only_the_team_of_the_network_publishes(received, stranger):
    with pytest.raises(PermissionDenied):
        publish_drafts(actor=stranger, batch=received)
    assert not Action.objects.filter(state="published").exists()


def test_publishing_many_asks_as_little_as_publishing_few(bring, received):
    def count(batch) -> int:
        with CaptureQueriesContext(connection) as captured:
            publish_drafts(actor=SYSTEM, batch=batch)
        return len(captured)

    few = count(received)
    sheets = [GARDEN | {"title": f"Autre {number}"} for number in range(30)]
    assert count(bring(published(*sheets), as_draft=True)) <= few
