"""What a process keeps of the words asked last tells what the database tells, whatever changed meanwhile."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.search.test_engine import ids, put
from tisserand.search import postings
from tisserand.search.bitmaps import forget

pytestmark = pytest.mark.django_db
WORDS = ["jardin", "cuisine", "vélo", "numérique", "chanson"]
ASKED = [
    *WORDS,
    "jardin cuisine ",
    '"jardin partagé"',
    "num",
    "vélo chanson numérique ",
    *(f"{word} " for word in WORDS),
]


def fill(chance: random.Random, object_id: int) -> None:
    title = " ".join(chance.sample(WORDS, 2))
    body = " ".join(chance.sample([*WORDS, "jardin partagé"], 3))
    put(object_id, title, body, visible=chance.random() < 0.8)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_kept_follows_every_change(seed):
    chance = random.Random(seed)
    for object_id in range(1, 30):
        fill(chance, object_id)
    for _ in range(10):
        for _ in range(chance.randrange(3)):
            fill(chance, chance.randrange(1, 35))
        kept = [ids(asked) for asked in ASKED]
        forget()
        assert kept == [ids(asked) for asked in ASKED]


def test_without_its_changes_a_kept_word_would_lie(monkeypatch):
    """Negative control."""
    monkeypatch.setattr(postings, "_changed", lambda *_: postings.BitMap())
    put(1, "jardin")
    assert ids("jardin ") == [1]
    put(2, "jardin")
    assert ids("jardin ") == [1]


def test_a_word_asked_again_asks_the_database_for_the_version_only():
    put(1, "jardin partagé")
    ids("jardin partagé ")
    with CaptureQueriesContext(connection) as captured:
        assert ids("partagé jardin ") == [1]
    assert len(captured) == 1


def test_many_changes_at_once_are_read_again(monkeypatch):
    monkeypatch.setattr(postings, "RENEWED", 2)
    put(1, "jardin")
    assert ids("jardin ") == [1]
    for object_id in range(2, 7):
        put(object_id, "jardin")
    assert ids("jardin ") == [6, 5, 4, 3, 2, 1]


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(postings, "KEPT", 3)
    put(1, "jardin")
    for asked in WORDS * 2:
        ids(f"{asked} ")
    assert len(postings._held) == 3


def test_a_page_pasted_by_mistake_keeps_nothing():
    put(1, " ".join(WORDS))
    assert ids(f"{' '.join(WORDS)} ") == [1]
    assert ids(f"{' '.join(WORDS)} absent ") == []
    assert not any("absent" in clause.tokens for _space, clause in postings._held)
