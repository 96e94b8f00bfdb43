"""A backup taken while people write, put back elsewhere: everything that was answered is there."""

import contextlib
import hashlib
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import time

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tests.config.conftest import SERVER, Instance
from tisserand.actions.operations.imports import deposit_import
from tisserand.config.backup import rows
from tisserand.config.backup.taking import take_backup
from tisserand.privacy.journal import SYSTEM

TITLES = "SELECT title FROM actions_action ORDER BY title"
BATCHES = "SELECT token, file FROM actions_importbatch"


def manifest_of(path) -> dict:
    with tarfile.open(path) as tar:
        return json.load(tar.extractfile("manifest.json"))


def test_every_table_is_carried(db):
    """A table that no model tells of would be lost on the way to the other engine."""
    tables = set(connection.introspection.table_names())
    carried = {model._meta.db_table for model in rows.carried_models()}
    left = {t for t in tables - carried - rows.LEFT_OUT if not t.startswith(rows.DERIVED)}
    assert left == {"django_migrations"}
    assert carried <= tables


LIVES = """
from tisserand.actions.search import SPACE
from tisserand.search.backends import backend
from tisserand.search.query import parse
from django.db import DatabaseError, transaction
from tisserand.actions.models import Action
from tisserand.network.models import Network
from tisserand.privacy.models import JournalEntry
from tests.factories import ActionFactory
before = JournalEntry.objects.count()
for change in (lambda: JournalEntry.objects.update(verb="x"), lambda: JournalEntry.objects.all().delete()):
    try:
        with transaction.atomic():
            change()
        print("changed")
    except DatabaseError as error:
        print("append-only" in str(error))
made = ActionFactory(network=Network.objects.get())
print(made.pk == max(Action.objects.values_list("pk", flat=True)), JournalEntry.objects.count() > before)
print(len(backend().match(SPACE.number, parse("jardins").clauses(""))))
"""


def test_it_comes_back_elsewhere_and_lives_on(taken, seeded, elsewhere):
    """Its journal is append-only, numbers go on after the last, what was is found."""
    manifest = manifest_of(taken)
    told = elsewhere.run("restore", taken).stdout
    assert f"{sum(manifest['rows'].values())} lignes, 3 fichiers" in told
    assert elsewhere.query(TITLES) == seeded.query(TITLES)
    assert elsewhere.files() == seeded.files()
    assert (elsewhere.folder / "secret_key").read_text() == (seeded.folder / "secret_key").read_text()
    assert (elsewhere.folder / "secret_key").stat().st_mode & 0o777 == 0o600
    assert not list(elsewhere.folder.glob("avant*"))
    for table, expected in manifest["rows"].items():
        assert elsewhere.query(f'SELECT count(*) FROM "{table}"') == [(expected,)], table
    assert elsewhere.python(LIVES).split() == ["True", "True", "True", "True", "12"]


@pytest.mark.postgresql
@pytest.mark.skipif(not SERVER, reason="moves between the two engines: run with PostgreSQL")
def test_an_instance_moves_from_one_engine_to_the_other_and_back(taken, seeded, elsewhere, tmp_path):
    light = Instance(tmp_path / "light")
    light.run("restore", taken)
    assert light.query(TITLES) == seeded.query(TITLES)
    assert light.python(LIVES).split()[-1] == "12"
    light.run("restore", "--replace", taken)
    light.run("backup", tmp_path / "light.tar.gz")
    elsewhere.run("restore", tmp_path / "light.tar.gz")
    assert manifest_of(tmp_path / "light.tar.gz")["rows"] == manifest_of(taken)["rows"]
    for table in manifest_of(taken)["rows"]:
        if table not in {"search_searchdoc", "search_searchspace"}:  # indexed again: their version grew
            columns = f'SELECT * FROM "{table}" ORDER BY 1'
            assert elsewhere.query(columns) == seeded.query(columns), table


def test_under_eight_writers(instance, elsewhere, tmp_path):
    logs = [instance.folder / f"confirmed-{name}" for name in "ab"]
    code = "from tests.config.writers import write; write(4, '{}')"
    writers = [instance.start("shell", "--no-imports", "-c", code.format(name)) for name in "ab"]
    try:
        wait_for(lambda: all(log.exists() and log.read_text().count("\n") > 5 for log in logs))
        before = confirmed(logs)
        path = tmp_path / "b.tar.gz"
        instance.run("backup", path)
        during = confirmed(logs) - before
    finally:
        (instance.folder / "stop").touch()
        for writer in writers:
            writer.wait(60)
    assert during  # they did write meanwhile
    shutil.rmtree(instance.folder)  # the machine is lost
    elsewhere.run("restore", path)
    batches = dict(elsewhere.query(BATCHES))
    titles = {title for (title,) in elsewhere.query(TITLES)}
    assert before <= set(batches)
    assert before <= titles
    check_files(elsewhere, batches)
    manifest = manifest_of(path)
    assert manifest["missing_files"] == []
    for table, expected in manifest["rows"].items():
        assert elsewhere.query(f'SELECT count(*) FROM "{table}"') == [(expected,)], table
    if not SERVER:
        assert elsewhere.query("PRAGMA integrity_check") == [("ok",)]
        assert elsewhere.query("PRAGMA foreign_key_check") == []


def confirmed(logs) -> set[str]:
    """The tokens of what was answered: a deposit, and a sheet of that title."""
    return {line for log in logs for line in log.read_text().split("\n")[:-1]}


def check_files(instance, batches) -> None:
    """Each file that a row names is there, with what was deposited."""
    files = instance.files()
    for token, name in batches.items():
        expected = token.encode() * 500 if len(token) == 32 else f"texte {token[-1]}".encode() * 1000
        assert hashlib.sha256(files[name]).digest() == hashlib.sha256(expected).digest()


def wait_for(condition, seconds=300) -> None:  # patience, not a bound: the machine may be busy
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.002)


@pytest.mark.skipif(bool(SERVER), reason="a database of PostgreSQL is no file")
def test_a_copy_of_the_file_would_not_do(instance, tmp_path):
    """Negative control: what was confirmed is in the log beside the database, not yet in it."""
    writer = sqlite3.connect(instance.folder / "tisserand.sqlite3", isolation_level=None)
    with contextlib.closing(writer):
        writer.execute("UPDATE network_network SET territory = 'Confirmé'")
        shutil.copy(instance.folder / "tisserand.sqlite3", tmp_path / "copy.sqlite3")
        instance.run("backup", tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as tar:
        tar.extract("database.sqlite3", tmp_path, filter="data")
    read = {}
    for name in ("copy", "database"):
        with contextlib.closing(sqlite3.connect(tmp_path / f"{name}.sqlite3")) as file:
            read[name] = file.execute("SELECT territory FROM network_network").fetchall()
    assert read == {"copy": [("",)], "database": [("Confirmé",)]}


def test_what_was_erased_is_in_no_file(instance, tmp_path):
    """Nor in the archive, nor in free pages of SQLite's file, which are overwritten."""
    canary = "Zénobie-Canari-" * 400
    write = (
        "from django.db import connection; from tisserand.network.models import Network; n = Network.objects.get();"
        f"connection.ensure_connection(); n.intro = {canary!r}; n.save(); n.intro = ''; n.save()"
    )
    instance.python(write)
    path = tmp_path / "b.tar.gz"
    instance.run("backup", path)
    with tarfile.open(path) as tar:
        assert b"Canari" not in tar.extractfile("database.sqlite3").read()
    if not SERVER:
        assert b"Canari" not in on_disk(instance)
        # Negative control: without it, they are there.
        instance.python(write.replace("n.intro", "connection.cursor().execute('PRAGMA secure_delete=OFF'); n.intro", 1))
        assert b"Canari" in on_disk(instance)


def on_disk(instance) -> bytes:
    return b"".join(path.read_bytes() for path in instance.folder.glob("tisserand.sqlite3*"))


def test_sessions_and_waiting_messages_do_not_come_back(instance, elsewhere, tmp_path):
    """A session closed since would open again; a letter sent since would be sent twice."""
    instance.python(
        "from django.contrib.sessions.backends.db import SessionStore; s = SessionStore(); s['a'] = 1; s.save();"
        "from tisserand.messages.models import Message;"
        "Message.objects.create(key='k', kind='x', to='a@exemple.example', text='bonjour')"
    )
    instance.run("backup", tmp_path / "b.tar.gz")
    told = elsewhere.run("restore", tmp_path / "b.tar.gz").stdout
    assert "1. Peut-être partis" in told
    assert elsewhere.query("SELECT count(*) FROM django_session") == [(0,)]
    assert elsewhere.query("SELECT state FROM message_queue_message") == [("sending",)]
    assert instance.query("SELECT count(*) FROM django_session") == [(1,)]


def test_only_an_empty_instance_is_filled_unless_told_to_replace(taken, instance):
    instance.execute(
        "INSERT INTO network_network (slug, name, territory, intro, accent, rate_from, created_at) "
        "VALUES ('depuis', 'Depuis', '', '', 'guede', 20, CURRENT_TIMESTAMP)"
    )
    refused = instance.run("restore", taken, status=1).stderr
    assert "--replace" in refused
    assert len(instance.query("SELECT * FROM network_network")) == 2
    told = instance.run("restore", "--replace", taken).stdout
    assert len(instance.query("SELECT * FROM network_network")) == 1
    (aside,) = instance.folder.glob("avant-*")
    assert str(aside) in told
    assert sorted(p.name for p in (aside / "files/imports").iterdir()) == sorted(
        p.name for p in (instance.folder / "files/imports").iterdir()
    )
    if SERVER:
        schema = re.search(r"avant_\d+_\d+", told)[0]
        assert instance.query(f"SELECT count(*) FROM {schema}.network_network") == [(2,)]
    else:
        with contextlib.closing(sqlite3.connect(aside / "tisserand.sqlite3")) as old:
            assert old.execute("SELECT count(*) FROM network_network").fetchone() == (2,)


def test_an_instance_that_a_first_command_prepared_is_empty(taken, elsewhere, seeded):
    elsewhere.run("shell", "--no-imports", "-c", "")
    elsewhere.run("restore", taken)
    assert elsewhere.query(TITLES) == seeded.query(TITLES)
    assert not list(elsewhere.folder.glob("avant*"))


def test_not_while_someone_is_at_work(taken, instance):
    """A server, a worker, a shell: what they would write meanwhile would be lost."""
    busy = instance.start("shell", "--no-imports", "-c", "print(1, flush=True); input()", stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE)  # fmt: skip
    try:
        assert busy.stdout.read(1) == b"1"
        assert "arrêtez le serveur" in instance.run("restore", "--replace", taken, status=1).stderr
    finally:
        busy.communicate(b"\n", timeout=20)
    instance.run("restore", "--replace", taken)


@pytest.fixture
def heavy(instance):
    """Long enough to be killed on the way."""
    folder = instance.folder / "files/imports"
    for number in range(8):
        (folder / f"lourd-{number}.bin").write_bytes(number.to_bytes(2, "big") * 4_000_000)
    return instance


@pytest.mark.parametrize("moment", ["copy", "late"])
def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(heavy, elsewhere, tmp_path, moment):
    path = tmp_path / "b.tar.gz"
    partial = tmp_path / ".b.tar.gz.partial"
    copy = heavy.folder / ".backup/tisserand.sqlite3"
    reached = {"copy": copy.exists, "late": lambda: partial.exists() and partial.stat().st_size > 200_000}[moment]
    process = heavy.start("backup", path)
    wait_for(lambda: reached() or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL  # it was killed before its end
    assert not path.exists()
    if moment == "late":
        assert partial.stat().st_mode & 0o777 == 0o600
        assert "abîmée" in elsewhere.run("restore", partial, status=1).stderr
    heavy.run("backup", path)
    assert not partial.exists()
    assert not (heavy.folder / ".backup").exists()
    manifest_of(path)


@pytest.mark.parametrize("moment", ["files", "decided"])
def test_a_restore_that_is_killed_leaves_the_old_or_the_new(heavy, tmp_path, moment):
    path = tmp_path / "b.tar.gz"
    heavy.run("backup", path)
    heavy.execute("UPDATE network_network SET territory = 'depuis'")
    (heavy.folder / "files/imports/depuis.txt").write_text("depuis")
    staging, note = heavy.folder / ".restoring", heavy.folder / "restore.json"
    reached = {"files": (staging / "files/imports").exists, "decided": note.exists}[moment]
    process = heavy.start("restore", "--replace", path)
    wait_for(lambda: reached() or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    heavy.run("check")  # any command finishes what was decided
    ((territory,),) = heavy.query("SELECT territory FROM network_network")
    assert (territory, (heavy.folder / "files/imports/depuis.txt").exists()) in {("depuis", True), ("", False)}
    if moment == "files":
        assert territory == "depuis"
    assert not note.exists()
    heavy.run("restore", "--replace", path)
    assert heavy.query("SELECT territory FROM network_network") == [("",)]
    assert not staging.exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_vanished_is_told(network, tmp_path, capsys):
    batches = [
        deposit_import(actor=SYSTEM, network=network, filename=f"{n}.txt", token=f"t{n}", file=ContentFile(b"x"))
        for n in range(2)
    ]
    settings.DATA.joinpath("files", batches[0].file.name).unlink()
    call_command("backup", tmp_path / "b.tar.gz")
    assert manifest_of(tmp_path / "b.tar.gz")["missing_files"] == [batches[0].file.name]
    assert batches[0].file.name in capsys.readouterr().err
    batches[1].file.delete(save=False)


@pytest.mark.django_db(transaction=True)
def test_where_a_backup_cannot_go(tmp_path):
    (tmp_path / "taken").touch()
    (settings.DATA / "files").mkdir(exist_ok=True)
    for path, message in (
        (tmp_path / "taken", "existe déjà"),
        (tmp_path / "absent/b", "existe pas"),
        (settings.DATA / "files/b", "parmi les fichiers"),
    ):
        with pytest.raises(CommandError, match=message):
            call_command("backup", path)


@pytest.mark.django_db(transaction=True)
def test_one_backup_at_a_time(tmp_path, monkeypatch):
    inside = []

    def nested(path):
        monkeypatch.undo()
        with pytest.raises(CommandError, match="en cours"):
            call_command("backup", tmp_path / "second")
        inside.append(path)
        return original(path)

    original = rows.opened
    monkeypatch.setattr(rows, "opened", nested)
    take_backup(path=tmp_path / "first")
    assert inside
    assert "second" not in {p.name for p in tmp_path.iterdir()}


def test_every_model_with_files_is_known():
    """`FileField` is how files are named: a path kept otherwise would not be looked for."""
    for name in ("actions.ImportBatch", "actions.Attachment"):
        assert apps.get_model(name) in rows.carried_models()
