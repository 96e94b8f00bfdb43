"""`tisserand doctor` says what is wrong and what to do; `/sante/` says the quick part of it to a monitor."""

import json
import os
import smtplib
import threading
import time
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.config.conftest import SERVER
from tisserand.config import views
from tisserand.config.backup.taking import LAST
from tisserand.config.health import ERROR, OK, WARN, examine, machine, parts, safety
from tisserand.config.worker import STILL, BeatingWorker, beat_file
from tisserand.messages.enums import Delivery
from tisserand.messages.models import Message
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _well(monkeypatch):
    """An instance where all is well, as the tests' own folder is not; nothing remembered from another test."""
    monkeypatch.setattr(views, "verdict", views._Verdict())
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE")  # of the browser tests
    settings.DATA.chmod(0o700)
    beat_file().touch()
    (settings.DATA / LAST).write_text(json.dumps({"at": timezone.now().isoformat(), "path": "x", "bytes": 1}))
    monkeypatch.setattr(settings, "PUBLIC_URL", "https://actions.exemple.example")
    yield
    beat_file().unlink(missing_ok=True)
    (settings.DATA / LAST).unlink(missing_ok=True)


def of(key: str, found) -> list[str]:
    return [finding.level for finding in found if finding.key == key]


def test_all_is_well(capsys):
    call_command("doctor")
    told = capsys.readouterr().out
    assert "ERREUR" not in told
    assert "avis" not in told
    call_command("doctor", "--report", "json")
    report = json.loads(capsys.readouterr().out)
    assert report["status"] == OK
    keys = {check["key"] for check in report["checks"]}
    assert keys == {
        "python", "disk", "rights", "backup", "worker", "address", "settings", "database", "engine", "migrations", "queue",
        "clock", "mail",
    }  # fmt: skip


def test_an_error_is_the_exit_status_and_comes_first(capsys):
    beat_file().unlink()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert first.startswith("  ERREUR")
    assert "→" in second


def test_every_wrong_thing_says_what_to_do(monkeypatch):
    """Each finding that is not well comes with its remedy."""
    beat_file().unlink()
    (settings.DATA / LAST).unlink()
    monkeypatch.setattr(settings, "PUBLIC_URL", "")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1000))
    found = [finding for finding in examine() if finding.level != OK]
    assert {finding.key for finding in found} >= {"worker", "backup", "address", "disk"}
    assert all(finding.remedy for finding in found)


@pytest.mark.parametrize(("free", "level"), [(10**12, OK), (900_000_000, WARN), (100_000_000, ERROR)])
def test_room_on_the_disk(monkeypatch, free, level):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    assert machine.disk().level == level


def test_rights():
    key = settings.DATA / "secret_key"
    try:
        settings.DATA.chmod(0o755)
        assert of("rights", machine.rights()) == [WARN]
        key.chmod(0o644)
        assert of("rights", machine.rights()) == [WARN, ERROR]
    finally:
        settings.DATA.chmod(0o700)
        key.chmod(0o600)
    assert of("rights", machine.rights()) == [OK]


def test_the_age_of_the_last_backup():
    for age, level in ((timedelta(hours=30), OK), (timedelta(hours=50), WARN)):
        (settings.DATA / LAST).write_text(json.dumps({"at": (timezone.now() - age).isoformat()}))
        assert machine.backup_age().level == level
    for broken in ("", "[]", '{"at": "hier"}'):
        (settings.DATA / LAST).write_text(broken)
        assert machine.backup_age().level == WARN


def test_what_a_restore_put_aside_is_not_forgotten():
    aside = settings.DATA / "avant-20261120-030000"
    aside.mkdir()
    try:
        assert of("leftovers", machine.leftovers()) == [WARN]
    finally:
        aside.rmdir()
    assert machine.leftovers() == []


def test_a_clock_behind_the_journal(monkeypatch):
    JournalEntry.objects.create(actor="system", verb="test.done", subject="x:1")
    assert machine.clock().level == OK
    early = timezone.now() - timedelta(hours=2)
    monkeypatch.setattr(machine.timezone, "now", lambda: early)
    assert machine.clock().level == ERROR


def test_clocks_that_differ(monkeypatch):
    late = time.time() + 60
    monkeypatch.setattr(machine.time, "time", lambda: late)
    assert machine.clock().level == ERROR


@pytest.mark.parametrize(
    ("version", "mode", "level"),
    [((3, 53, 0), "WAL", OK), ((3, 50, 7), "WAL", OK), ((3, 40, 1), "DELETE", WARN), ((3, 40, 1), "WAL", ERROR)],
)
def test_the_library_of_sqlite(monkeypatch, version, mode, level):
    if SERVER:
        assert parts.library().text.startswith("PostgreSQL 1")
        return
    monkeypatch.setattr(settings, "SQLITE_VERSION", version)
    database = MagicMock(vendor="sqlite")
    database.cursor.return_value.__enter__.return_value.fetchone.return_value = (mode.lower(),)
    monkeypatch.setattr(parts, "connection", database)
    assert parts.library().level == level


def test_tables_of_another_version():
    assert parts.migrations().level == OK
    recorder = MigrationRecorder(connection)
    recorder.record_applied("network", "0999_later")
    assert parts.migrations().level == ERROR
    recorder.record_unapplied("network", "0999_later")
    last = max(name for app, name in recorder.applied_migrations() if app == "privacy")
    recorder.record_unapplied("privacy", last)
    assert parts.migrations().level == WARN


@pytest.mark.parametrize(("age", "level"), [(0, OK), (20, OK), (60, ERROR)])
def test_a_worker_without_a_sign_of_life(age, level):
    then = time.time() - age
    os.utime(beat_file(), (then, then))
    assert parts.worker().level == level


def test_work_that_nobody_takes():
    assert parts.queue().level == OK
    task = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}}, priority=0, task_path="x.y", queue_name="default", backend_name="default",
        exception_class_path="", traceback="",
    )  # fmt: skip
    assert parts.queue().level == OK
    DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=timezone.now() - timedelta(minutes=11))
    assert parts.queue().level == WARN


def test_mail(monkeypatch):
    assert of("mail", parts.mail()) == [OK]
    assert mail.outbox == []  # opened and closed, nothing sent
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
    assert of("mail", parts.mail()) == [WARN]

    def refused():
        raise smtplib.SMTPAuthenticationError(535, b"zenobie@exemple.example")

    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(parts, "get_connection", lambda: SimpleNamespace(open=refused))
    (found,) = parts.mail()
    assert found.level == ERROR
    assert "zenobie" not in found.text


def test_messages_that_did_not_leave():
    Message.objects.create(key="k", kind="x", to="a@exemple.example", state=Delivery.FAILED)
    assert of("messages", parts.mail()) == [WARN]


@pytest.mark.parametrize(("url", "level"), [("", WARN), ("http://a.example", ERROR), ("https://a.example", OK)])
def test_the_address(monkeypatch, url, level):
    monkeypatch.setattr(settings, "PUBLIC_URL", url)
    assert safety.address().level == level
    monkeypatch.setattr(settings, "DEBUG", True)
    assert safety.address().level == ERROR


def test_settings_that_are_not_safe(monkeypatch):
    assert of("settings", safety.deployment()) == [OK]
    monkeypatch.setattr(settings, "SECRET_KEY", "court")
    assert of("settings", safety.deployment()) == [WARN]


def test_health(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = client.get("/sante/")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "worker": "ok"}
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    with django_assert_num_queries(0):  # within the second
        client.get("/sante/")
    assert client.post("/sante/").status_code == 405


def test_health_reads_no_session(client, staff, django_assert_num_queries):
    client.force_login(staff)
    with django_assert_num_queries(1):
        answer = client.get("/sante/")
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_health_without_a_worker_or_a_database(client, monkeypatch):
    beat_file().unlink()
    assert client.get("/sante/").status_code == 503
    beat_file().touch()
    assert client.get("/sante/").status_code == 503  # for a second
    views.verdict.at = float("-inf")
    assert client.get("/sante/").status_code == 200
    views.verdict.at = float("-inf")

    def gone():
        raise DatabaseError("host=10.0.0.7 user=zenobie")

    monkeypatch.setattr(parts, "connection", SimpleNamespace(cursor=gone))
    answer = client.get("/sante/")
    assert answer.status_code == 503
    assert answer.json() == {"status": "error", "database": "error", "worker": "ok"}


def test_a_slow_database_is_asked_by_one_thread_only(monkeypatch):
    asked, free = [], threading.Event()

    def slow():
        asked.append(1)
        if len(asked) > 1:
            free.wait(5)
        return SimpleNamespace(key="database", level=OK)

    monkeypatch.setattr(views, "database", slow)
    verdict = views._Verdict()
    verdict.now()
    verdict.at = float("-inf")
    first = threading.Thread(target=verdict.now)
    first.start()
    for _ in range(20):
        assert verdict.now()["database"] == OK  # the last answer, at once
    free.set()
    first.join()
    assert len(asked) == 2


def test_a_worker_says_that_it_turns_and_one_that_hangs_does_not():
    options = {"queue_names": ["default"], "interval": 0, "batch": True, "backend_name": "default"}
    worker = BeatingWorker(**options, startup_delay=False, max_tasks=None, worker_id="w", excluded_queue_names=[])
    beat_file().unlink()
    worker.sign()
    assert beat_file().exists()
    beat_file().unlink()
    worker._turned -= STILL + 1
    worker.sign()
    assert not beat_file().exists()
    worker.running_task = True  # long, and at work
    worker.sign()
    assert beat_file().exists()
    worker.running_task = False
    beat_file().unlink()
    assert worker.running  # it asks itself at each turn
    worker.sign()
    assert beat_file().exists()
