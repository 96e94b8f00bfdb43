"""What keeps two people from confirming the same sheets twice, and that without it they would."""

import contextlib
import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.models import QuerySet

from tests.texts import GARDEN, published
from tisserand.actions.imports.plan import Planner
from tisserand.actions.models import Action
from tisserand.actions.operations.imports import apply_import
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
SHEETS = 3


@pytest.fixture
def confirm_together(stage, monkeypatch) -> Callable[[], list[Exception]]:
    """Confirm two deposits of the same new sheets at once; what failed."""
    text = published(*(GARDEN | {"title": f"Fiche {n}"} for n in range(SHEETS)))
    batches = [stage(text), stage(text)]
    both_decided = threading.Barrier(2)
    decide = Planner.decide

    def decided_together(self, *args):
        decisions = decide(self, *args)
        # The worst moment: nobody writes before both have seen that the sheets are new. Where there is a lock,
        # the other one cannot come here, and the wait ends alone.
        with contextlib.suppress(threading.BrokenBarrierError):
            both_decided.wait(timeout=2)
        return decisions

    monkeypatch.setattr(Planner, "decide", decided_together)

    def run() -> list[Exception]:
        failures: list[Exception] = []

        def confirm(batch):
            try:
                apply_import(actor=SYSTEM, batch=batch)
            except Exception as error:
                failures.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=confirm, args=(batch,)) for batch in batches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failures

    return run


def test_the_same_sheets_confirmed_twice_at_once_come_in_once(confirm_together):
    assert confirm_together() == []
    assert Action.objects.count() == SHEETS


def test_negative_control_without_locks_they_would_not(confirm_together, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self)
    if connection.vendor == "sqlite":

        def begin_without_lock(self):
            self.cursor().execute("BEGIN DEFERRED")

        monkeypatch.setattr(DatabaseWrapper, "_start_transaction_under_autocommit", begin_without_lock)
    failures = confirm_together()
    assert failures or Action.objects.count() > SHEETS
