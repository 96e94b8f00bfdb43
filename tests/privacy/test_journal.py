"""The journal can only grow, whatever one tries; old entries leave by the retention job alone."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tisserand.privacy.gestures import gesture
from tisserand.privacy.journal import SYSTEM, record
from tisserand.privacy.models import JournalEntry, PurgePermit
from tisserand.privacy.retention import apply_retention

pytestmark = pytest.mark.django_db
TABLE = "privacy_journalentry"


@pytest.fixture
def entry(network) -> JournalEntry:
    record(actor=SYSTEM, verb="test.done", subject=network, count=3)
    return JournalEntry.objects.get(verb="test.done")


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def attempts(entry):
    def save():
        entry.verb = "other"
        entry.save()

    def upsert():
        JournalEntry.objects.bulk_create(
            [JournalEntry(pk=entry.pk, actor="x", verb="x", subject="x")],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["verb"],
        )

    yield save
    yield entry.delete
    yield lambda: JournalEntry.objects.update(verb="other")
    yield lambda: JournalEntry.objects.bulk_update([entry], ["verb"])
    yield lambda: JournalEntry.objects.all().delete()
    yield upsert
    yield lambda: execute(f"UPDATE {TABLE} SET verb = 'other'")
    yield lambda: execute(f"DELETE FROM {TABLE}")
    if connection.vendor == "sqlite":
        columns = "id, at, actor, verb, subject, data"
        yield lambda: execute(f"REPLACE INTO {TABLE} ({columns}) SELECT id, at, actor, 'x', subject, data FROM {TABLE}")
    else:
        yield lambda: execute(f"TRUNCATE {TABLE}")


def test_nothing_changes_an_entry(entry):
    before = list(JournalEntry.objects.values())
    for attempt in attempts(entry):
        entry.verb = "test.done"
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
        assert list(JournalEntry.objects.values()) == before


def test_without_the_triggers_the_attempts_succeed(entry):
    """Negative control: it is the triggers that refuse."""
    names = ["journal_no_update", "journal_no_delete", "journal_no_replace"]
    if connection.vendor == "sqlite":
        for name in names:
            execute(f"DROP TRIGGER {name}")
    else:
        execute(f"DROP TRIGGER journal_no_change ON {TABLE}")
        execute(f"DROP TRIGGER journal_no_truncate ON {TABLE}")
    assert JournalEntry.objects.update(verb="other") > 0
    JournalEntry.objects.all().delete()
    assert not JournalEntry.objects.exists()


def aged(days: float) -> JournalEntry:
    entry = JournalEntry(actor="system", verb="old", subject="x:1", data={"days": days})
    field = JournalEntry._meta.get_field("at")
    field.auto_now_add = False
    try:
        entry.at = timezone.now() - timedelta(days=days)
        entry.save()
    finally:
        field.auto_now_add = True
    return entry


def left() -> list[float]:
    return list(JournalEntry.objects.filter(verb="old").order_by("pk").values_list("data__days", flat=True))


def test_old_entries_leave_by_the_retention_job_only(db):
    for days in (0, 364, 364.9, 365.1, 366, 900):
        aged(days)
    assert apply_retention(now=timezone.now(), dry_run=True)["journal"] == 3
    assert len(left()) == 6
    assert apply_retention(now=timezone.now(), dry_run=False)["journal"] == 3
    assert left() == [0, 364, 364.9]
    assert apply_retention(now=timezone.now(), dry_run=False)["journal"] == 0  # twice is once
    assert not PurgePermit.objects.exists()


def test_no_permit_opens_the_last_year(db):
    entry = aged(300)
    PurgePermit.objects.create(before=timezone.now() + timedelta(days=9999))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.delete()


def test_a_permit_opens_only_what_is_older(entry):
    PurgePermit.objects.create(before=entry.at - timedelta(seconds=1))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JournalEntry.objects.all().delete()


def test_the_command_tells(capsys, db):
    call_command("apply_retention", "--dry-run")
    assert "à effacer" in capsys.readouterr().out


def verbs() -> set[str]:
    """The gestures that the code records by name."""
    sources = "".join(path.read_text() for path in (Path(__file__).parents[2] / "tisserand").rglob("*.py"))
    return set(re.findall(r'verb="([a-z]+\.[a-z_]+)"', sources))


def test_every_gesture_is_said_in_words():
    assert len(verbs()) > 40
    assert {verb for verb in verbs() if gesture(verb) == verb} == set()


def test_a_gesture_that_nobody_says_is_told_by_its_code():
    """Negative control of the test above."""
    assert gesture("test.done") == "test.done"


@pytest.mark.parametrize("data", [{"who": "Nadia Bertin"}, {"to": "n@exemple.example"}, {"a": {"b": "Centre social"}}])
def test_no_words_enter_the_journal(network, data):
    with pytest.raises(ValueError, match="numbers and codes"):
        record(actor=SYSTEM, verb="test.done", subject=network, **data)
