"""The invented network: what a newcomer judges first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tisserand.actions.models import Action, Fact, ImportBatch, Term
from tisserand.demo.loading import load_demo
from tisserand.network.models import Structure, User

pytestmark = pytest.mark.django_db


def test_the_demo_loads_once_and_is_complete():
    load_demo()
    load_demo()
    assert Structure.objects.count() == 14
    assert Action.objects.count() == 60
    assert not Term.objects.filter(verified=False).exists()
    assert not Action.objects.filter(state="draft").exists()
    assert Action.objects.filter(published_at__lt=timezone.now() - timedelta(days=1)).count() > 50
    waiting = ImportBatch.objects.get(state="waiting")
    assert waiting.counts["created"] >= 4
    assert waiting.counts["updated"] >= 1
    assert waiting.counts["conflicts"] >= 1
    assert waiting.counts["unchanged"] >= 1
    assert waiting.rows.filter(near__isnull=False).exists()
    assert set(Fact.objects.values_list("state", flat=True)) == {"pending", "accepted", "dismissed"}
    assert User.objects.count() == 4
