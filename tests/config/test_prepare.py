"""The database is brought to the version of the code by the first command."""

import pytest
from django.db import connection

from tisserand.config import prepare


@pytest.mark.django_db
def test_statistics_follow_the_migrations(monkeypatch):
    asked = []
    answers = iter([True, True])
    monkeypatch.setattr(prepare, "_is_behind", lambda: next(answers))
    monkeypatch.setattr(prepare, "call_command", lambda name, **_options: asked.append(name))

    def listen(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        prepare.prepare_database()
    assert asked == (["migrate", "ANALYZE"] if connection.vendor == "postgresql" else ["migrate"])
