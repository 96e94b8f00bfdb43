"""An operation holds whole or not at all, alone or as a part of another."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tisserand.common.operations import operation
from tisserand.network.models import Network

pytestmark = pytest.mark.django_db


@operation
def named(*, slug: str) -> Network:
    network = Network.objects.create(slug=slug, name=slug)
    if slug == "non":
        raise ValueError(slug)
    return network


@operation
def two(*, first: str, second: str) -> None:
    named(slug=first)
    named(slug=second)


@operation
def whatever_happens(*, first: str, second: str, guarded: bool) -> None:
    named(slug=first)
    try:
        if guarded:
            with transaction.atomic():
                named(slug=second)
        else:
            named(slug=second)
    except ValueError:
        pass
    Network.objects.count()


def slugs() -> list[str]:
    return list(Network.objects.values_list("slug", flat=True))


def test_one_inside_another_opens_no_savepoint():
    with CaptureQueriesContext(connection) as alone:
        named(slug="a")
    with CaptureQueriesContext(connection) as both:
        two(first="b", second="c")
    assert len(both) == len(alone) + 1


def test_what_one_raises_undoes_the_whole():
    with pytest.raises(ValueError, match="non"):
        two(first="a", second="non")
    assert slugs() == []
    named(slug="b")  # and the next one holds
    assert slugs() == ["b"]


def test_what_is_caught_without_a_savepoint_is_never_half_kept():
    with pytest.raises(transaction.TransactionManagementError):
        whatever_happens(first="a", second="non", guarded=False)
    assert slugs() == []
    whatever_happens(first="a", second="non", guarded=True)
    assert slugs() == ["a"]
