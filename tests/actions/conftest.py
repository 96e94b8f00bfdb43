"""Fixtures of the tests of sheets."""

import pytest

from tests.actions.attachments import add, tell
from tests.deposits import kept
from tisserand.actions.operations.life import publish, rewrite
from tisserand.privacy.journal import SYSTEM


@pytest.fixture
def own_files(tmp_path, settings):
    """Each test counts its own files."""
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": default}


@pytest.fixture
def hung(public):
    """A public sheet with a picture and a document, as publishing its rewriting leaves it."""
    sheet = rewrite(actor=SYSTEM, action=public)
    tell(add(sheet))
    add(sheet, kept()["affiche.pdf"], "Affiche du jardin.pdf")
    return publish(actor=SYSTEM, action=sheet)
