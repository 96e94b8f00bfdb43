"""What keeps two people from confirming the same sheets twice, and that without it they would."""

import contextlib
import io
import json
import threading
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.models import QuerySet

from tests.texts import GARDEN, published
from tisserand.actions.imports.plan import Planner
from tisserand.actions.models import Action
from tisserand.actions.operations.imports import apply_import
from tisserand.actions.vocabulary import ensure_vocabulary
from tisserand.network.models import Network
from tisserand.network.operations import create_network
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


def import_together(monkeypatch, path, *second) -> list[dict]:
    """The reports of two commands on one network: the second begins once the first has decided, before it writes."""
    decided, reports, failures = threading.Event(), {}, []
    decide, told = Planner.decide, threading.local()

    def slowly(self, *args):
        decisions = decide(self, *args)
        if told.first and not decided.is_set():
            decided.set()
            other.join(timeout=2)  # where there is a lock, it cannot end before this one
        return decisions

    def run(name, *arguments):
        told.first = name == "first"
        if name == "second":
            decided.wait(10)
        out = io.StringIO()
        try:
            call_command("import_actions", path, *arguments, "--report", "json", stdout=out)
            reports[name] = json.loads(out.getvalue())
        except Exception as error:
            failures.append(error)
        finally:
            decided.set()
            connections.close_all()

    monkeypatch.setattr(Planner, "decide", slowly)
    network = ("--network", "essai", "--create-network", "Essai")
    threads = [
        threading.Thread(target=run, args=("first", *network)),
        other := threading.Thread(target=run, args=("second", *network, *second)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    return [reports["first"], reports["second"]]


@pytest.mark.parametrize("second", [(), ("--dry-run",)], ids=["write", "dry run"])
def test_two_commands_on_one_network_come_one_after_the_other(monkeypatch, tmp_path, second):
    path = tmp_path / "fiches.txt"
    path.write_text(published(*(GARDEN | {"title": f"Fiche {n}"} for n in range(SHEETS))))
    ensure_vocabulary(
        create_network(actor=SYSTEM, slug="essai", name="Essai")
    )  # or its first values would make it wait
    first, other = import_together(monkeypatch, path, *second)
    assert (first["created"], other["created"], other["unchanged"]) == (SHEETS, 0, SHEETS)
    assert Action.objects.count() == SHEETS


def test_two_commands_that_create_the_network_create_one(monkeypatch, tmp_path):
    path = tmp_path / "fiches.txt"
    path.write_text(published(GARDEN))
    first, other = import_together(monkeypatch, path)
    assert (first["created"], other["unchanged"]) == (1, 1)
    assert Network.objects.count() == 1
