"""Triggers that make the journal append-only, on both databases; not even a permit opens the last year."""

from django.db import migrations

TABLE = "privacy_journalentry"

# REPLACE INTO deletes without firing delete triggers on SQLite: hence the guard on insertion.
SQLITE = [
    f"""CREATE TRIGGER journal_no_update BEFORE UPDATE ON {TABLE}
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    f"""CREATE TRIGGER journal_no_delete BEFORE DELETE ON {TABLE}
        WHEN OLD.at > datetime('now', '-364 days')
        OR NOT EXISTS (SELECT 1 FROM privacy_purgepermit WHERE OLD.at < before)
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    f"""CREATE TRIGGER journal_no_replace BEFORE INSERT ON {TABLE}
        WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
]
SQLITE_UNDO = [f"DROP TRIGGER {name}" for name in ("journal_no_update", "journal_no_delete", "journal_no_replace")]

POSTGRESQL = [
    """CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF TG_OP = 'DELETE' AND OLD.at < now() - interval '364 days'
            AND EXISTS (SELECT 1 FROM privacy_purgepermit WHERE OLD.at < before) THEN
           RETURN OLD;
         END IF;
         RAISE EXCEPTION 'the journal is append-only';
       END $$""",
    f"""CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION journal_refuse()""",
    f"""CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()""",
]
POSTGRESQL_UNDO = [
    f"DROP TRIGGER journal_no_truncate ON {TABLE}",
    f"DROP TRIGGER journal_no_change ON {TABLE}",
    "DROP FUNCTION journal_refuse()",
]


def add(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in SQLITE_UNDO if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_UNDO:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
