"""What a restore refuses: damaged, of a later version, or made again by someone who changed it."""

import contextlib
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.config.conftest import SERVER
from tests.config.test_backup import TITLES
from tisserand.config.backup import archive, schema, switch, verifying
from tisserand.config.backup.archive import ArchiveRefused

JOURNAL = "privacy_journalentry"


@pytest.mark.parametrize("damage", ["byte", "cut", "absent"])
def test_a_damaged_archive_touches_nothing(taken, instance, tmp_path, damage):
    content = bytearray(taken.read_bytes())
    if damage == "byte":
        content[len(content) // 2] ^= 0xFF
    path = tmp_path / "damaged.tar.gz"
    if damage != "absent":
        path.write_bytes(content[: len(content) // (2 if damage == "cut" else 1)])
    before = snapshot(instance)
    refused = instance.run("restore", "--replace", path, status=1).stderr
    assert "été changé" in refused
    assert snapshot(instance) == before


def snapshot(instance) -> list:
    names = sorted(p.name for p in instance.folder.iterdir() if p.name != "instance.lock")
    return [names, instance.query(TITLES), instance.files(), (instance.folder / "secret_key").read_text()]


def rewritten(taken, tmp_path, change) -> Path:
    """The backup changed by hand, and a list of digests that agrees."""
    folder, path = tmp_path / "changed", tmp_path / "changed.tar.gz"
    folder.mkdir()
    manifest = archive.unpack(taken, folder)
    change(folder, manifest)
    with archive.writing(path) as writer:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            with file.open("rb") as stream:
                writer.add(file.relative_to(folder).as_posix(), stream)
        writer.close({key: value for key, value in manifest.items() if key != "members"})
    return path


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(taken, elsewhere, tmp_path, seeded):
    def earlier(folder, manifest):
        with contextlib.closing(sqlite3.connect(folder / archive.DATABASE)) as file:
            file.executescript("DROP TABLE message_queue_refusal; DROP TABLE message_queue_message;")
            file.execute("DELETE FROM django_migrations WHERE app = 'message_queue'")
            file.commit()
        manifest["rows"] = {t: n for t, n in manifest["rows"].items() if not t.startswith("message_queue_")}

    told = elsewhere.run("restore", rewritten(taken, tmp_path, earlier)).stdout
    assert "version antérieure" in told
    assert elsewhere.query(TITLES) == seeded.query(TITLES)
    assert elsewhere.query("SELECT count(*) FROM message_queue_message") == [(0,)]


def test_a_backup_of_a_later_version_is_refused(taken, elsewhere, tmp_path):
    def later(folder, manifest):
        with contextlib.closing(sqlite3.connect(folder / archive.DATABASE)) as file:
            file.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('network', '0999_later', '2030-01-01')"
            )
            file.commit()
        manifest["version"] = "9.1.0"

    refused = elsewhere.run("restore", rewritten(taken, tmp_path, later), status=1).stderr
    assert "plus récente (9.1.0)" in refused


def test_counts_that_disagree_are_refused(taken, elsewhere, tmp_path):
    def fewer(folder, manifest):
        manifest["rows"]["actions_action"] += 1

    refused = elsewhere.run("restore", rewritten(taken, tmp_path, fewer), status=1).stderr
    assert "actions_action" in refused
    assert not (elsewhere.folder / "files").exists()


@pytest.fixture
def unpacked(taken, tmp_path, django_db_blocker):
    """The archive as a restore has unpacked it, and its manifest."""
    folder = tmp_path / "unpacked"
    folder.mkdir()
    manifest = archive.unpack(taken, folder)
    (folder / archive.DATABASE).rename(folder / switch.DATABASE)
    with django_db_blocker.unblock():  # the tables that migrations make, in a file of their own
        yield folder, manifest


def rewrite(table: str, old: str, new: str) -> str:
    """The words of a table changed, its rows left as they are."""
    return f"""PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}') WHERE name = '{table}'"""


FORGED = {
    "table added": ("CREATE TABLE autre (x)", "En trop : table autre."),
    "table left out": ("DROP TABLE privacy_notice", "Absent : table privacy_notice."),
    "column added": ("ALTER TABLE network_user ADD COLUMN autre text", "Changé : table network_user."),
    "column of another type": (rewrite("network_user", '"email" varchar(254)', '"email" blob'), "table network_user"),
    "check left out": (
        rewrite("network_user", 'CHECK ("email" = (LOWER("email")))', "CHECK (1)"),
        "table network_user",
    ),
    "no longer unique": (
        "DROP INDEX invited_once; CREATE INDEX invited_once ON network_invitation (network_id, kind, email)"
        " WHERE (accepted_at IS NULL AND structure_id IS NULL AND withdrawn_at IS NULL)",
        "Changé : index invited_once.",
    ),
    "index left out": ("DROP INDEX one_open_role", "Absent : index one_open_role."),
    "trigger left out": ("DROP TRIGGER journal_no_update", "Absent : déclencheur journal_no_update."),
    "trigger that does nothing": (
        f"DROP TRIGGER journal_no_update; CREATE TRIGGER journal_no_update BEFORE UPDATE ON {JOURNAL}"
        " BEGIN SELECT 1; END",
        "Changé : déclencheur journal_no_update.",
    ),
    "trigger in another case of a word": (
        f"DROP TRIGGER journal_no_update; CREATE TRIGGER journal_no_update BEFORE UPDATE ON {JOURNAL}"
        " BEGIN SELECT RAISE(ABORT, 'The journal is append-only'); END",
        "Changé : déclencheur journal_no_update.",
    ),
    "trigger added": (
        f"CREATE TRIGGER autre AFTER INSERT ON {JOURNAL} BEGIN UPDATE network_user SET is_superuser = 1; END",
        "En trop : déclencheur autre.",
    ),
    "view added": ("CREATE VIEW autre AS SELECT password FROM network_user", "En trop : vue autre."),
    "a name that a terminal would obey": ('CREATE TABLE "a\x1b[2Jb" (x)', "table a[2Jb"),
}


@pytest.mark.parametrize("kind", FORGED)
def test_another_schema_is_refused(unpacked, kind, monkeypatch):
    folder, manifest = unpacked
    sql, named = FORGED[kind]
    with contextlib.closing(sqlite3.connect(folder / switch.DATABASE)) as file:
        file.executescript(sql)
    with pytest.raises(ArchiveRefused) as refused:
        verifying.verify(folder, manifest)
    assert named in str(refused.value)
    # Negative control: nothing else sees it.
    monkeypatch.setattr(verifying, "differences", lambda *_: "")
    if kind != "table left out":
        verifying.verify(folder, manifest)


def change_key(text: bytes):
    def change(folder, manifest):
        (folder / archive.KEY).write_bytes(text)

    return change


def open_session(folder, manifest):
    with contextlib.closing(sqlite3.connect(folder / switch.DATABASE)) as file:
        file.execute("INSERT INTO django_session VALUES ('x', 'x', '2099-01-01')")
        file.commit()


def count_less(folder, manifest):
    del manifest["rows"]["network_role"]


def count_more(folder, manifest):
    manifest["rows"]["sqlite_master"] = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (change_key(b""), "clé secrète"),
        (change_key(b" " * 80), "clé secrète"),
        (change_key(b"k" * 49), "clé secrète"),
        (open_session, "django_session"),
        (count_less, "toutes les tables"),
        (count_more, "toutes les tables"),
    ],
    ids=["no key", "blank key", "short key", "open session", "table not counted", "one counted in excess"],
)
def test_another_content_is_refused(unpacked, change, message):
    folder, manifest = unpacked
    change(folder, manifest)
    with pytest.raises(ArchiveRefused, match=message):
        verifying.verify(folder, manifest)


def test_what_a_backup_wrote_is_accepted(unpacked):
    verifying.verify(*unpacked)


def test_the_same_table_written_otherwise_is_no_difference():
    """Another version of Django may add a column at the end, where this one makes the table again."""
    made = []
    for sql in (
        'CREATE TABLE "t" ("id" integer NOT NULL PRIMARY KEY, "a" text NOT NULL, CONSTRAINT "c" CHECK ("a" > \'x\'))',
        "create table t (id integer NOT NULL  PRIMARY KEY, CONSTRAINT c CHECK (a > 'x'),\n a text NOT NULL)",
        'CREATE TABLE "t" ("id" integer NOT NULL PRIMARY KEY, "a" text NOT NULL, CONSTRAINT "c" CHECK ("a" > \'X\'))',
    ):
        file = SimpleNamespace(execute=lambda _sql, sql=sql: [("table", "t", sql)])
        made.append(schema.read_schema(file))
    assert made[0] == made[1] != made[2]


def test_a_forged_archive_touches_nothing(taken, instance, tmp_path):
    """All the way: the archive is made again with digests that agree."""

    def forge(folder, manifest):
        with contextlib.closing(sqlite3.connect(folder / archive.DATABASE)) as file:
            file.executescript("DROP TRIGGER journal_no_delete")

    before = snapshot(instance)
    refused = instance.run("restore", "--replace", rewritten(taken, tmp_path, forge), status=1).stderr
    assert "déclencheur journal_no_delete" in refused
    assert "Rien n’a été changé" in refused
    assert snapshot(instance) == before


@pytest.mark.skipif(bool(SERVER), reason="on PostgreSQL the copy is made by our migrations")
def test_a_backup_tells_that_its_restore_would_be_refused(instance, tmp_path):
    instance.execute("CREATE INDEX a_la_main ON actions_action (title)")
    told = instance.run("backup", tmp_path / "b.tar.gz").stderr
    assert "index a_la_main" in told
