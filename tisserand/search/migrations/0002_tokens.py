"""The tokens' table: FTS5 or tsvector."""

from django.db import migrations

from tisserand.search.backends import postgresql, sqlite


def create(apps, schema_editor):
    statements = [sqlite.CREATE] if schema_editor.connection.vendor == "sqlite" else postgresql.CREATE
    for statement in statements:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE search_tokens")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
